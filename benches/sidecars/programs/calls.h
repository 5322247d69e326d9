/* What the two programs here do beyond those of the launcher's benchmark. */
#ifndef CALLS_H
#define CALLS_H

#include "../../launch/rivals/bare.h"

#if defined(__x86_64__)
enum {
    SYS_READ = 0,
    SYS_NANOSLEEP = 35,
    SYS_GETPID = 39,
    SYS_SOCKET = 41,
    SYS_CONNECT = 42,
    SYS_ACCEPT = 43,
    SYS_BIND = 49,
    SYS_LISTEN = 50,
    SYS_CLOCK_GETTIME = 228,
    SYS_OPENAT = 257,
    SYS_PPOLL = 271
};
#else
enum {
    SYS_OPENAT = 56,
    SYS_READ = 63,
    SYS_PPOLL = 73,
    SYS_NANOSLEEP = 101,
    SYS_CLOCK_GETTIME = 113,
    SYS_GETPID = 172,
    SYS_SOCKET = 198,
    SYS_BIND = 200,
    SYS_LISTEN = 201,
    SYS_ACCEPT = 202,
    SYS_CONNECT = 203
};
#endif

enum { MONOTONIC = 1, STDOUT = 1, LINE = 128 };

/* CLOCK_MONOTONIC in nanoseconds. */
static long now(void)
{
    long time[2];
    call(SYS_CLOCK_GETTIME, MONOTONIC, (long)time, 0, 0);
    return time[0] * 1000000000 + time[1];
}

static char *put_text(char *at, const char *text)
{
    while (*text)
        *at++ = *text++;
    return at;
}

static char *put_number(char *at, unsigned long number)
{
    char digits[24];
    int count = 0;
    do {
        digits[count++] = (char)('0' + number % 10);
        number /= 10;
    } while (number != 0);
    while (count > 0)
        *at++ = digits[--count];
    return at;
}

/* Until a signal ends the program. */
static _Noreturn void stay(void)
{
    for (;;)
        call(SYS_PPOLL, 0, 0, 0, 0);
}

#endif
