/* Runs its arguments and prints the largest resident set, in KB, that the child had under any of its programs.
   The kernel counts the memory that a child leaves at execve, and before the first one that is its parent's:
   so the parent must be smaller than everything it measures. */
#include "bare.h"

enum { SIGCHLD_NUMBER = 17, RUSAGE_LONGS = 18, MAXRSS = 4 };

static void print(unsigned long number)
{
    char text[24];
    char *at = text + sizeof text;
    *--at = '\n';
    do {
        *--at = (char)('0' + number % 10);
        number /= 10;
    } while (number != 0);
    call(SYS_WRITE, 1, (long)at, text + sizeof text - at, 0);
}

void run(long *stack)
{
    char **argv = arguments(stack);
    long usage[RUSAGE_LONGS] = {0};
    int status = 0;

    if (stack[0] < 2)
        leave(100);
    long child = call(SYS_CLONE, SIGCHLD_NUMBER, 0, 0, 0);
    if (child == 0) {
        call(SYS_EXECVE, (long)argv[1], (long)(argv + 1), (long)environment(stack), 0);
        leave(127);
    }
    if (call(SYS_WAIT4, child, (long)&status, 0, (long)usage) != child || status != 0)
        leave(1);
    print((unsigned long)usage[MAXRSS]);
    leave(0);
}
