/* The least that can be done: starts the sidecar, waits for its first message, and becomes the runtime. The socket is that
   of the variable NOTIFY_SOCKET, the arguments are the sidecar and the runtime. */
#include "notify.h"

enum { SIGCHLD_NUMBER = 17, MESSAGE = 64 };

static char message[MESSAGE];

void run(long *stack)
{
    char **argv = arguments(stack), **envp = environment(stack);
    char *sidecar[] = {argv[1], "notify", "", "later", 0}, *runtime[] = {argv[2], 0};

    long length = set_path(notify_socket(envp));
    long descriptor = require(call(SYS_SOCKET, FAMILY_UNIX, DATAGRAM, 0, 0));
    require(call(SYS_BIND, descriptor, (long)&unix_address, length, 0));
    if (require(call(SYS_CLONE, SIGCHLD_NUMBER, 0, 0, 0)) == 0) {
        call(SYS_EXECVE, (long)sidecar[0], (long)sidecar, (long)envp, 0);
        leave(127);
    }
    require(call(SYS_READ, descriptor, (long)message, sizeof message, 0));
    call(SYS_EXECVE, (long)runtime[0], (long)runtime, (long)envp, 0);
    leave(127);
}
