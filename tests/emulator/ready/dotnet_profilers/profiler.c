/* A native profiler as CoreCLR looks for it: says which class it is asked for, and has none. */
#include <stdio.h>
#include <stdint.h>

struct guid {
    uint32_t first;
    uint16_t second, third;
    uint8_t rest[8];
};

int DllGetClassObject(const struct guid *class, const void *interface, void **out)
{
    (void)interface;
    *out = NULL;
    fprintf(stderr, "profiler asked for %08X-%04X-%04X\n", class->first, class->second, class->third);
    return (int)0x80040111; /* CLASS_E_CLASSNOTAVAILABLE */
}
