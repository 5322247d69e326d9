// A sidecar that does what its arguments say, in their order, and then waits for SIGTERM.
//
// `sidecar NAME WORD...`. It keeps a diary in /tmp: NAME.starts and NAME.terms get a line at each start and each SIGTERM,
// NAME.flushed one at each orderly end, each with the pid, the sender or parent, and the time. NAME-PID.report says how
// this process was started.
// The words:
//   tcp=PORT        listens
//   unix=PATH       listens
//   http=PORT       listens and answers 200 to everything
//   file=PATH       makes the file
//   notify          tells NOTIFY_SOCKET that it is ready
//   notify-closed   connects to NOTIFY_SOCKET and closes without a word
//   ignore-term     ignores SIGTERM
//   flush=N         at SIGTERM works for N times one millisecond before it ends
//   worker          a child that ignores SIGTERM and keeps all that is open
//   daemon          the same in a session of its own, without a parent
//   setuid=UID      becomes another user
//   touch=MB        uses that much memory
//   sleep=MS        waits
//   exit=STATUS     ends
//   extension       registers as an extension and asks for the next event for ever
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <netinet/in.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

static const char *name;
static int flush_steps;
static volatile sig_atomic_t asked;

static void fail(const char *what) {
    fprintf(stderr, "sidecar %s: %s: %s\n", name, what, strerror(errno));
    _exit(90);
}

static void milliseconds(long count) {
    struct timespec rest = {count / 1000, count % 1000 * 1000000};
    while (nanosleep(&rest, &rest) < 0 && errno == EINTR) {
    }
}

/// A line `PID SENDER MILLISECONDS` in /tmp/NAME.KIND.
static void note(const char *kind, int sender) {
    char path[256], line[96];
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    snprintf(path, sizeof path, "/tmp/%s.%s", name, kind);
    int file = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
    int length = snprintf(line, sizeof line, "%d %d %ld\n", getpid(), sender,
                          now.tv_sec * 1000 + now.tv_nsec / 1000000);
    if (file < 0 || write(file, line, (size_t)length) != length) {
        fail(path);
    }
    close(file);
}

static void on_term(int number, siginfo_t *info, void *context) {
    (void)number, (void)context;
    note("terms", info->si_pid);
    asked = 1;
}

static void report(void) {
    char path[256], draft[300], cwd[256] = "?";
    snprintf(path, sizeof path, "/tmp/%s-%d.report", name, getpid());
    snprintf(draft, sizeof draft, "%s.draft", path);
    // Looked at before the report is open.
    char descriptors[4096] = "";
    for (int descriptor = 0; descriptor < 1024; descriptor++) {
        if (fcntl(descriptor, F_GETFD) >= 0) {
            snprintf(descriptors + strlen(descriptors), 16, " %d", descriptor);
        }
    }
    FILE *file = fopen(draft, "we");
    if (!file) {
        fail(draft);
    }
    fprintf(file, "descriptors%s\n", descriptors);
    struct stat in, null;
    fprintf(file, "stdin %s\n",
            fstat(0, &in) == 0 && stat("/dev/null", &null) == 0 && in.st_rdev == null.st_rdev ? "null" : "other");
    sigset_t blocked;
    sigprocmask(SIG_SETMASK, NULL, &blocked);
    for (int number = 1; number < 32; number++) {
        struct sigaction action;
        if (sigismember(&blocked, number)) {
            fprintf(file, "blocked %d\n", number);
        }
        if (sigaction(number, NULL, &action) == 0 && action.sa_handler == SIG_IGN) {
            fprintf(file, "ignored %d\n", number);
        }
    }
    mode_t mask = umask(0);
    umask(mask);
    struct rlimit files;
    getrlimit(RLIMIT_NOFILE, &files);
    fprintf(file, "umask %o\nfiles %lu\ncwd %s\n", (unsigned)mask, (unsigned long)files.rlim_cur,
            getcwd(cwd, sizeof cwd) ? cwd : "?");
    fprintf(file, "session %s\ngroup %s\n", getsid(0) == getpid() ? "own" : "other",
            getpgrp() == getpid() ? "own" : "other");
    for (char **entry = environ; *entry; entry++) {
        fprintf(file, "variable %s\n", *entry);
    }
    if (fclose(file) || rename(draft, path)) {
        fail(path);
    }
}

static int listen_tcp(int port) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int listener = socket(AF_INET, SOCK_STREAM, 0), yes = 1;
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    if (bind(listener, (struct sockaddr *)&address, sizeof address) || listen(listener, 64)) {
        fail("tcp");
    }
    return listener;
}

static void listen_unix(const char *path) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    strncpy(address.sun_path, path, sizeof address.sun_path - 1);
    int listener = socket(AF_UNIX, SOCK_STREAM, 0);
    if (bind(listener, (struct sockaddr *)&address, sizeof address) || listen(listener, 64)) {
        fail("unix");
    }
}

static void serve_http(int listener) {
    static const char answer[] = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
    char request[4096];
    if (fork()) {
        return;
    }
    signal(SIGTERM, SIG_DFL);
    for (;;) {
        int connection = accept(listener, NULL, NULL);
        if (connection >= 0 && read(connection, request, sizeof request) > 0) {
            send(connection, answer, sizeof answer - 1, MSG_NOSIGNAL);
        }
        close(connection);
    }
}

static void notify(const char *text) {
    const char *to = getenv("NOTIFY_SOCKET");
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    if (!to || strlen(to) >= sizeof address.sun_path) {
        errno = EINVAL;
        fail("NOTIFY_SOCKET");
    }
    strcpy(address.sun_path, to);
    if (to[0] == '@') {
        address.sun_path[0] = 0;
    }
    socklen_t length = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(to));
    int datagrams = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (connect(datagrams, (struct sockaddr *)&address, length)) {
        fail("NOTIFY_SOCKET");
    }
    if (text && send(datagrams, text, strlen(text), MSG_NOSIGNAL) < 0) {
        fail("READY=1");
    }
    close(datagrams);
}

static void touch(long megabytes) {
    char *memory = malloc((size_t)megabytes << 20);
    for (long at = 0; memory && at < megabytes << 20; at += 4096) {
        memory[at] = 1;
    }
}

static void stay(void) {
    signal(SIGTERM, SIG_IGN);
    for (;;) {
        pause();
    }
}

/// Sends a request to the Runtime API and waits for its answer, whose head is in `answer` then.
static void call(int api, const char *request, char *answer, size_t size) {
    if (send(api, request, strlen(request), MSG_NOSIGNAL) < 0) {
        fail("request");
    }
    long length = recv(api, answer, size - 1, 0);
    answer[length < 0 ? 0 : length] = 0;
}

static void extension(const char *file) {
    const char *to = getenv("AWS_LAMBDA_RUNTIME_API"), *colon = to ? strchr(to, ':') : NULL;
    struct sockaddr_in address = {.sin_family = AF_INET};
    address.sin_port = htons((uint16_t)(colon ? atoi(colon + 1) : 0));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int api = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    char request[1024], answer[4096];
    if (connect(api, (struct sockaddr *)&address, sizeof address)) {
        fail("Runtime API");
    }
    const char *base = strrchr(file, '/'), events[] = "{\"events\":[\"SHUTDOWN\"]}";
    snprintf(request, sizeof request,
             "POST /2020-01-01/extension/register HTTP/1.1\r\nHost: %s\r\nLambda-Extension-Name: %s\r\n"
             "Content-Type: application/json\r\nContent-Length: %zu\r\n\r\n%s",
             to, base ? base + 1 : file, strlen(events), events);
    call(api, request, answer, sizeof answer);
    char *identifier = strcasestr(answer, "Lambda-Extension-Identifier:");
    if (!identifier) {
        fail(answer);
    }
    identifier += strlen("Lambda-Extension-Identifier:");
    identifier += strspn(identifier, " ");
    identifier[strcspn(identifier, "\r\n")] = 0;
    snprintf(request, sizeof request,
             "GET /2020-01-01/extension/event/next HTTP/1.1\r\nHost: %s\r\nLambda-Extension-Identifier: %s\r\n\r\n", to,
             identifier);
    // The one event there is says that all is over.
    call(api, request, answer, sizeof answer);
    _exit(0);
}

static void obey(const char *word) {
    const char *value = strchr(word, '=');
    size_t length = value ? (size_t)(value - word) : strlen(word);
    value = value ? value + 1 : "";
#define IS(text) (length == sizeof text - 1 && memcmp(word, text, length) == 0)
    if (IS("tcp")) {
        listen_tcp(atoi(value));
    } else if (IS("unix")) {
        listen_unix(value);
    } else if (IS("http")) {
        serve_http(listen_tcp(atoi(value)));
    } else if (IS("file")) {
        close(open(value, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666));
    } else if (IS("notify")) {
        notify("READY=1");
    } else if (IS("notify-closed")) {
        notify(NULL);
    } else if (IS("ignore-term")) {
        signal(SIGTERM, SIG_IGN);
    } else if (IS("flush")) {
        flush_steps = atoi(value);
    } else if (IS("worker")) {
        if (fork() == 0) {
            stay();
        }
    } else if (IS("daemon")) {
        if (fork() == 0) {
            setsid();
            if (fork() == 0) {
                stay();
            }
            _exit(0);
        }
    } else if (IS("setuid")) {
        uid_t user = (uid_t)atoi(value);
        if (setgroups(0, NULL) || setgid(user) || setuid(user)) {
            fail("setuid");
        }
    } else if (IS("touch")) {
        touch(atol(value));
    } else if (IS("sleep")) {
        milliseconds(atol(value));
    } else if (IS("exit")) {
        _exit(atoi(value));
    } else {
        errno = EINVAL;
        fail(word);
    }
}

int main(int argc, char **argv) {
    if (strstr(argv[0], "/extensions/")) {
        name = "extension";
        extension(argv[0]);
    }
    if (argc < 2) {
        return 90;
    }
    name = argv[1];
    report();
    note("starts", getppid());
    struct sigaction term = {.sa_sigaction = on_term, .sa_flags = SA_SIGINFO};
    // The mask stays as it was given.
    sigset_t blocked, waiting;
    sigaction(SIGTERM, &term, NULL);
    for (int at = 2; at < argc; at++) {
        obey(argv[at]);
    }
    // Between the question and the pause no signal may be lost, and what came blocked stays so.
    sigset_t one;
    sigemptyset(&one);
    sigaddset(&one, SIGTERM);
    sigprocmask(SIG_BLOCK, &one, &blocked);
    waiting = blocked;
    while (!asked) {
        sigsuspend(&waiting);
    }
    for (int step = 0; step < flush_steps; step++) {
        milliseconds(1);
    }
    note("flushed", 0);
    return 0;
}
