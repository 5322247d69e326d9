// Stands between the bootstrap and the program: changes what a process hands on by exec, then becomes the program.
//
// `before WORD... -- PROGRAM ARGUMENT...`, or `before probe` to see which system calls are refused. The words:
//   refuse-prctl      prctl answers EPERM from here on
//   refuse-pidfd      pidfd_open and close_range too
//   ignore-chld       SIGCHLD is ignored
//   block-term        SIGTERM is blocked
//   close-stderr      there is no descriptor 2
//   hide-proc         there is nothing in /proc
//   more-descriptors  3 and 60 are open too, 3 as the runtime's log
//   api=ADDRESS       the Runtime API is there
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef __NR_close_range
#define __NR_close_range 436
#endif
#ifndef __NR_pidfd_open
#define __NR_pidfd_open 434
#endif

static void fail(const char *what) {
    perror(what);
    exit(91);
}

/// Every call of these numbers answers EPERM, in this process and in all that come of it.
static void refuse(const int *calls, unsigned char count) {
    struct sock_filter code[16];
    unsigned short length = 0;
    code[length++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr));
    for (unsigned char at = 0; at < count; at++) {
        // Over the other numbers and the permission.
        code[length++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (unsigned)calls[at],
                                                      (unsigned char)(count - at), 0);
    }
    code[length++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
    code[length++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM);
    struct sock_fprog filter = {length, code};
    if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &filter)) {
        fail("seccomp");
    }
}

static const char *answer(long result) {
    return result >= 0 ? "works" : errno == EPERM ? "refused" : "fails";
}

static int probe(void) {
    printf("prctl %s\n", answer(prctl(PR_GET_DUMPABLE)));
    printf("pidfd_open %s\n", answer(syscall(__NR_pidfd_open, getpid(), 0)));
    printf("close_range %s\n", answer(syscall(__NR_close_range, 900, 901, 0)));
    return 0;
}

int main(int argc, char **argv) {
    int at = 1;
    for (; at < argc && strcmp(argv[at], "--"); at++) {
        const char *word = argv[at];
        const int calls[] = {__NR_prctl, __NR_pidfd_open, __NR_close_range};
        sigset_t term;
        if (strcmp(word, "probe") == 0) {
            return probe();
        } else if (strcmp(word, "refuse-prctl") == 0) {
            refuse(calls, 1);
        } else if (strcmp(word, "refuse-pidfd") == 0) {
            refuse(calls, 3);
        } else if (strcmp(word, "ignore-chld") == 0) {
            signal(SIGCHLD, SIG_IGN);
        } else if (strcmp(word, "block-term") == 0) {
            sigemptyset(&term);
            sigaddset(&term, SIGTERM);
            sigprocmask(SIG_BLOCK, &term, NULL);
        } else if (strcmp(word, "close-stderr") == 0) {
            close(2);
        } else if (strcmp(word, "hide-proc") == 0) {
            if (unshare(CLONE_NEWNS) || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) ||
                mount("none", "/proc", "tmpfs", MS_RDONLY, NULL)) {
                fail("/proc");
            }
        } else if (strcmp(word, "more-descriptors") == 0) {
            int log = open("/dev/zero", O_WRONLY);
            if (log < 0 || dup2(log, 60) < 0 || dup2(log, 3) < 0) {
                fail("/dev/zero");
            }
            if (log != 3) {
                close(log);
            }
            setenv("_LAMBDA_TELEMETRY_LOG_FD", "3", 1);
        } else if (strncmp(word, "api=", 4) == 0) {
            setenv("AWS_LAMBDA_RUNTIME_API", word + 4, 1);
        } else {
            fprintf(stderr, "before: %s is not known\n", word);
            return 91;
        }
    }
    if (at + 1 >= argc) {
        return 91;
    }
    execv(argv[at + 1], argv + at + 1);
    fail(argv[at + 1]);
}
