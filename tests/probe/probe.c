// Stands for the runtime: writes down all that it can see of how it was started, one fact per line, and ends.
//
// The report goes into a file beside the program, so that no variable, argument or descriptor has to carry its name.
// `exit=N` as the first argument: ends with that status. `signal=N`: ends by that signal.
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

static FILE *report;

/// Bytes as they are, but for what would break a line.
static void bytes(const char *kind, const char *text, long length) {
    fprintf(report, "%s ", kind);
    for (long at = 0; at < length; at++) {
        unsigned char byte = (unsigned char)text[at];
        if (byte < 0x20 || byte > 0x7e || byte == '\\') {
            fprintf(report, "\\x%02x", byte);
        } else {
            fputc(byte, report);
        }
    }
    fputc('\n', report);
}

static void link_target(const char *kind, const char *path) {
    char target[4096];
    long length = readlink(path, target, sizeof target);
    if (length >= 0) {
        bytes(kind, target, length);
    } else {
        fprintf(report, "%s errno %d\n", kind, errno);
    }
}

/// The lines of a file of /proc that begin with one of these words.
static void lines(const char *kind, const char *path, const char *const *words) {
    FILE *file = fopen(path, "re");
    if (!file) {
        return;
    }
    char line[4096];
    while (fgets(line, sizeof line, file)) {
        for (const char *const *word = words; *word; word++) {
            if (strncmp(line, *word, strlen(*word)) == 0) {
                bytes(kind, line, (long)strcspn(line, "\n"));
            }
        }
    }
    fclose(file);
}

static void descriptors(void) {
    // The report itself is the only one that is ours; it stands far above what a test hands on.
    for (int descriptor = 0; descriptor < 900; descriptor++) {
        int flags = fcntl(descriptor, F_GETFD);
        if (flags < 0) {
            continue;
        }
        char path[64], kind[64];
        snprintf(path, sizeof path, "/proc/self/fd/%d", descriptor);
        snprintf(kind, sizeof kind, "fd %d flags %d status %o at %ld", descriptor, flags,
                 (unsigned)fcntl(descriptor, F_GETFL), (long)lseek(descriptor, 0, SEEK_CUR));
        link_target(kind, path);
    }
}

/// Children, the dead ones that nobody waited for included.
static void children(void) {
    DIR *proc = opendir("/proc");
    struct dirent *entry;
    while (proc && (entry = readdir(proc))) {
        char path[300], text[512];
        if (entry->d_name[0] < '0' || entry->d_name[0] > '9') {
            continue;
        }
        snprintf(path, sizeof path, "/proc/%s/stat", entry->d_name);
        FILE *file = fopen(path, "re");
        if (!file) {
            continue;
        }
        size_t length = fread(text, 1, sizeof text - 1, file);
        fclose(file);
        text[length] = 0;
        char *behind_name = strrchr(text, ')');
        char state;
        int parent;
        if (behind_name && sscanf(behind_name + 1, " %c %d", &state, &parent) == 2 && parent == getpid()) {
            fprintf(report, "child %c\n", state);
        }
    }
    if (proc) {
        closedir(proc);
    }
    siginfo_t info;
    int waited = waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT);
    fprintf(report, "wait %d %d\n", waited, waited < 0 ? errno : 0);
}

int main(int argc, char **argv) {
    char path[4096];
    long length = readlink("/proc/self/exe", path, sizeof path - 16);
    if (length < 0) {
        return 99;
    }
    strcpy(path + length, ".report");
    // Limits may be tight: the report takes a low number for a moment and then the highest that is allowed.
    struct rlimit files;
    getrlimit(RLIMIT_NOFILE, &files);
    int low = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    long high = files.rlim_cur > 1000 ? 1000 : (long)files.rlim_cur - 1;
    int descriptor = fcntl(low, F_DUPFD_CLOEXEC, (int)high);
    close(low);
    report = fdopen(descriptor, "w");
    if (!report) {
        return 98;
    }
    char *memory = malloc(1 << 16);
    setvbuf(report, memory, _IOFBF, 1 << 16);

    fprintf(report, "pid %d\n", getpid());
    fprintf(report, "parent %d\n", getppid());
    fprintf(report, "group %s\n", getpgrp() == getpid() ? "own" : "inherited");
    fprintf(report, "session %s\n", getsid(0) == getpid() ? "own" : "inherited");
    fprintf(report, "argc %d\n", argc);
    for (int at = 0; at < argc; at++) {
        bytes("argument", argv[at], (long)strlen(argv[at]));
    }
    for (char **entry = environ; *entry; entry++) {
        bytes("variable", *entry, (long)strlen(*entry));
    }
    const char *executed = (const char *)getauxval(AT_EXECFN);
    bytes("executed", executed, (long)strlen(executed));
    link_target("program", "/proc/self/exe");
    link_target("folder", "/proc/self/cwd");
    link_target("root", "/proc/self/root");
    const char *const status[] = {"Name:",   "Umask:",  "TracerPid:", "Uid:",       "Gid:",         "Groups:",
                                  "SigPnd:", "ShdPnd:", "SigBlk:",    "SigIgn:",    "SigCgt:",      "CapInh:",
                                  "CapPrm:", "CapEff:", "CapBnd:",    "CapAmb:",    "NoNewPrivs:",  "Seccomp:",
                                  "Threads:", "Cpus_allowed:", "Mems_allowed:", NULL};
    lines("status", "/proc/self/status", status);
    const char *const all[] = {"", NULL};
    lines("comm", "/proc/self/comm", all);
    lines("limit", "/proc/self/limits", all);
    lines("oom", "/proc/self/oom_score_adj", all);
    fprintf(report, "nice %d scheduler %d personality %d\n", getpriority(PRIO_PROCESS, 0), sched_getscheduler(0),
            personality(0xffffffff));
    int death = 0, subreaper = 0;
    prctl(PR_GET_PDEATHSIG, &death);
    prctl(PR_GET_CHILD_SUBREAPER, &subreaper);
    fprintf(report, "death %d subreaper %d dumpable %d keepcaps %d slack %d securebits %d\n", death, subreaper,
            prctl(PR_GET_DUMPABLE), prctl(PR_GET_KEEPCAPS), prctl(PR_GET_TIMERSLACK), prctl(PR_GET_SECUREBITS));
    struct itimerval timer;
    getitimer(ITIMER_REAL, &timer);
    fprintf(report, "alarm %s\n", timer.it_value.tv_sec || timer.it_value.tv_usec ? "set" : "none");
    descriptors();
    children();
    fclose(report);

    if (argc > 1 && strncmp(argv[1], "exit=", 5) == 0) {
        return atoi(argv[1] + 5);
    }
    if (argc > 1 && strncmp(argv[1], "signal=", 7) == 0) {
        int number = atoi(argv[1] + 7);
        sigset_t none;
        sigemptyset(&none);
        sigprocmask(SIG_SETMASK, &none, NULL);
        signal(number, SIG_DFL);
        raise(number);
    }
    return 0;
}
