// Starts a program again and again, each time as the leader of a group that is killed a little later than the time
// before, and waits until nothing of it is left: `storm COUNT STEP_US LIMIT_MS -- PROGRAM ARGUMENT...`.
//
// What stays longer than LIMIT_MS is told, and ends it with status 1. Nothing else may run /opt/wrapper or /opt/sidecar.
#define _GNU_SOURCE
#include <ctype.h>
#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static long now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * 1000000 + time.tv_nsec / 1000;
}

/// Processes that are not zombies, told of when `tell` is set.
static int left(int tell) {
    int count = 0;
    DIR *proc = opendir("/proc");
    for (struct dirent *entry; (entry = readdir(proc));) {
        char path[300], line[512];
        if (!isdigit(entry->d_name[0])) {
            continue;
        }
        snprintf(path, sizeof path, "/proc/%s/cmdline", entry->d_name);
        int file = open(path, O_RDONLY | O_CLOEXEC);
        long length = file < 0 ? 0 : read(file, line, sizeof line - 1);
        close(file);
        line[length < 0 ? 0 : length] = 0;
        if (strcmp(line, "/opt/wrapper") == 0 || strcmp(line, "/opt/sidecar") == 0) {
            count++;
            if (tell) {
                printf("storm: left: %s %s\n", entry->d_name, line);
            }
        }
    }
    closedir(proc);
    return count;
}

int main(int argc, char **argv) {
    if (argc < 6) {
        return 91;
    }
    int count = atoi(argv[1]), bad = 0;
    long step = atol(argv[2]), limit = atol(argv[3]) * 1000;
    for (int number = 0; number < count; number++) {
        pid_t child = fork();
        if (child == 0) {
            setpgid(0, 0);
            execv(argv[5], argv + 5);
            _exit(92);
        }
        setpgid(child, child);
        for (long begun = now(); now() - begun < number * step;) {
        }
        kill(-child, SIGKILL);
        waitpid(child, NULL, 0);
        long begun = now();
        while (left(0) && now() - begun < limit) {
            usleep(500);
        }
        if (left(0)) {
            bad = 1;
            printf("storm: after a kill at %ld us:\n", number * step);
            left(1);
            while (left(0) && now() - begun < 10 * limit) {
                usleep(500);
            }
            printf("storm: gone after %ld us\n", now() - begun);
            if (left(0)) {
                break;
            }
        }
    }
    printf("storm: %s\n", bad ? "not all went" : "all went");
    fflush(stdout);
    return bad;
}
