/* Addresses of Unix sockets, and the one that the variable NOTIFY_SOCKET names (sd_notify(3)). */
#ifndef NOTIFY_H
#define NOTIFY_H

#include "calls.h"

enum { FAMILY_UNIX = 1, DATAGRAM = 2, PATH = 108 };

struct unix_address {
    unsigned short family;
    char path[PATH];
};

static struct unix_address unix_address;

static long require(long result)
{
    if (result < 0)
        leave((int)-result);
    return result;
}

/* The length of the address of a path; a first `@` stands for the NUL of an abstract one. */
static long set_path(const char *path)
{
    long length = 0;
    unix_address.family = FAMILY_UNIX;
    for (; path[length]; length++) {
        if (length == PATH - 1)
            leave(100);
        unix_address.path[length] = path[length];
    }
    if (path[0] == '@')
        unix_address.path[0] = '\0';
    return length + 2;
}

static const char *notify_socket(char **environment)
{
    static const char name[] = "NOTIFY_SOCKET=";
    for (; *environment; environment++) {
        unsigned long length = 0;
        while (name[length] && (*environment)[length] == name[length])
            length++;
        if (!name[length])
            return *environment + length;
    }
    leave(101);
}

#endif
