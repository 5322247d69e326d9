/* Executes CPUID a thousand times: a hypervisor may take microseconds for each, and every glibc program pays. */
#include "bare.h"

void run(long *stack)
{
    (void)stack;
#if defined(__x86_64__)
    for (int i = 0; i < 1000; i++) {
        unsigned eax = 0, ebx, ecx = 0, edx;
        __asm__ volatile("cpuid" : "+a"(eax), "=b"(ebx), "+c"(ecx), "=d"(edx));
    }
#endif
    leave(0);
}
