/* The runtime: prints its process id and when its first instruction was executed, and goes on until it is killed. */
#include "calls.h"

void run(long *stack)
{
    long first = now();
    char line[LINE], *at = line;
    (void)stack;
    at = put_text(at, "runtime ");
    at = put_number(at, (unsigned long)call(SYS_GETPID, 0, 0, 0, 0));
    at = put_text(at, " ");
    at = put_number(at, (unsigned long)first);
    at = put_text(at, "\n");
    call(SYS_WRITE, STDOUT, (long)line, at - line, 0);
    stay();
}
