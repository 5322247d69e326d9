/* The sidecar: becomes ready in the way that its first argument says, and prints its process id and two times: of its first
   instruction, and before the system call that made it ready. The second argument is the place: a path or a port. With a
   third one it first waits for 5 to 15 ms: as long as a timer would come round at the same phase in every round. */
#include "notify.h"

enum { FAMILY_INTERNET = 2, STREAM = 1 };
enum { FOR_WRITING = 01, CREATE = 0100, HERE = -100 };

struct internet_address {
    unsigned short family;
    unsigned char port[2];
    unsigned char host[4];
    unsigned char nothing[8];
};

static struct internet_address internet_address;
static char request[4096];

static int equal(const char *one, const char *other)
{
    while (*one && *one == *other)
        one++, other++;
    return *one == *other;
}

static void set_port(const char *text)
{
    unsigned port = 0;
    for (; *text; text++)
        port = port * 10 + (unsigned)(*text - '0');
    internet_address.family = FAMILY_INTERNET;
    internet_address.port[0] = (unsigned char)(port >> 8);
    internet_address.port[1] = (unsigned char)port;
    internet_address.host[0] = 127;
    internet_address.host[3] = 1;
}

static void pause_for_a_while(long seed)
{
    unsigned long mixed = (unsigned long)seed * 0x9e3779b97f4a7c15UL;
    long time[2] = {0, 5000000 + (long)((mixed >> 32) % 10000000)};
    call(SYS_NANOSLEEP, (long)time, 0, 0, 0);
}

static _Noreturn void answer(long listener)
{
    static const char ok[] = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
    for (;;) {
        /* It is left open: who closes first keeps the port from being bound again. */
        long stream = require(call(SYS_ACCEPT, listener, 0, 0, 0));
        call(SYS_READ, stream, (long)request, sizeof request, 0);
        call(SYS_WRITE, stream, (long)ok, sizeof ok - 1, 0);
    }
}

void run(long *stack)
{
    long first = now();
    char **argv = arguments(stack), line[LINE], *at = line;
    const char *kind = stack[0] > 1 ? argv[1] : "alone", *place = stack[0] > 2 ? argv[2] : "";
    long ready, descriptor = -1;
    if (stack[0] > 3)
        pause_for_a_while(first);

    if (equal(kind, "notify")) {
        long length = set_path(notify_socket(environment(stack)));
        descriptor = require(call(SYS_SOCKET, FAMILY_UNIX, DATAGRAM, 0, 0));
        require(call(SYS_CONNECT, descriptor, (long)&unix_address, length, 0));
        ready = now();
        require(call(SYS_WRITE, descriptor, (long)"READY=1", 7, 0));
    } else if (equal(kind, "file")) {
        ready = now();
        require(call(SYS_OPENAT, HERE, (long)place, FOR_WRITING | CREATE, 0600));
    } else if (equal(kind, "unix")) {
        long length = set_path(place);
        descriptor = require(call(SYS_SOCKET, FAMILY_UNIX, STREAM, 0, 0));
        require(call(SYS_BIND, descriptor, (long)&unix_address, length, 0));
        ready = now();
        require(call(SYS_LISTEN, descriptor, 16, 0, 0));
    } else if (equal(kind, "tcp") || equal(kind, "http")) {
        set_port(place);
        descriptor = require(call(SYS_SOCKET, FAMILY_INTERNET, STREAM, 0, 0));
        require(call(SYS_BIND, descriptor, (long)&internet_address, sizeof internet_address, 0));
        ready = now();
        require(call(SYS_LISTEN, descriptor, 16, 0, 0));
    } else {
        ready = now();
    }

    at = put_text(at, "sidecar ");
    at = put_number(at, (unsigned long)call(SYS_GETPID, 0, 0, 0, 0));
    at = put_text(at, " ");
    at = put_number(at, (unsigned long)first);
    at = put_text(at, " ");
    at = put_number(at, (unsigned long)ready);
    at = put_text(at, "\n");
    call(SYS_WRITE, STDOUT, (long)line, at - line, 0);
    if (equal(kind, "http"))
        answer(descriptor);
    if (equal(kind, "alone"))
        leave(0);
    stay();
}
