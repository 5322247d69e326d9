/* Entry point and system calls for programs without a libc: no start-up code of anybody else's is measured. */
#ifndef BARE_H
#define BARE_H

#if defined(__x86_64__)
enum { SYS_WRITE = 1, SYS_CLONE = 56, SYS_EXECVE = 59, SYS_EXIT_GROUP = 231, SYS_WAIT4 = 61 };

__asm__(".globl _start\n_start:\n\txor %ebp, %ebp\n\tmov %rsp, %rdi\n\tand $-16, %rsp\n\tcall run\n\thlt\n");

static inline long call(long number, long a, long b, long c, long d)
{
    long result;
    register long r10 __asm__("r10") = d;
    register long r8 __asm__("r8") = 0;
    __asm__ volatile("syscall"
                     : "=a"(result)
                     : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8)
                     : "rcx", "r11", "memory");
    return result;
}
#elif defined(__aarch64__)
enum { SYS_WRITE = 64, SYS_EXIT_GROUP = 94, SYS_CLONE = 220, SYS_EXECVE = 221, SYS_WAIT4 = 260 };

__asm__(".globl _start\n_start:\n\tmov x29, #0\n\tmov x0, sp\n\tbl run\n\tbrk #0\n");

static inline long call(long number, long a, long b, long c, long d)
{
    register long x8 __asm__("x8") = number;
    register long x0 __asm__("x0") = a;
    register long x1 __asm__("x1") = b;
    register long x2 __asm__("x2") = c;
    register long x3 __asm__("x3") = d;
    register long x4 __asm__("x4") = 0;
    __asm__ volatile("svc #0" : "+r"(x0) : "r"(x8), "r"(x1), "r"(x2), "r"(x3), "r"(x4) : "memory");
    return x0;
}
#else
#error "no entry point for this architecture"
#endif

static inline _Noreturn void leave(long status)
{
    for (;;)
        call(SYS_EXIT_GROUP, status, 0, 0, 0);
}

/* `stack` is what the kernel leaves at the entry point: argc, argv, NULL, envp, NULL. */
_Noreturn void run(long *stack);

static inline char **arguments(long *stack) { return (char **)(stack + 1); }
static inline char **environment(long *stack) { return (char **)(stack + 1 + stack[0] + 1); }

#endif
