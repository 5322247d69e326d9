/* The unit of the comparison: what one would write by hand in C, with the values compiled in. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { TEXT = 1024 };

static const char *value(const char *name)
{
    const char *found = getenv(name);
    return found ? found : "";
}

static void set_default(const char *name, const char *text)
{
    if (*value(name) == '\0')
        setenv(name, text, 1);
}

/* Is `item` one of the elements of `list`? With `pairs` only what stands before the `=` counts. */
static int contains(const char *list, char separator, const char *item, size_t length, int pairs)
{
    const char *at = list;
    for (;;) {
        size_t size = strcspn(at, (char[]){separator, '\0'});
        size_t key = pairs ? strcspn(at, "=") : size;
        if (key <= size && key == length && memcmp(at, item, length) == 0)
            return 1;
        if (at[size] == '\0')
            return 0;
        at += size + 1;
    }
}

/* Buffers are short, since each page that is touched is a page fault; what does not fit stops the start. */
static void add(char *text, char separator, const char *item)
{
    size_t used = strlen(text);
    if (used + 1 + strlen(item) >= TEXT)
        exit(111);
    if (used != 0)
        text[used++] = separator;
    strcpy(text + used, item);
}

static void default_pairs(const char *name, char pairs[][TEXT], size_t count)
{
    const char *old = value(name);
    char text[TEXT];
    text[0] = '\0';
    for (size_t i = 0; i < count; i++)
        if (!contains(old, ',', pairs[i], strcspn(pairs[i], "="), 1))
            add(text, ',', pairs[i]);
    if (*old)
        add(text, ',', old);
    setenv(name, text, 1);
}

static void prepend(const char *name, const char *const *items, size_t count)
{
    char *old = strdup(value(name));
    char text[TEXT];
    char front[TEXT];
    char *rest = NULL;
    text[0] = '\0';
    for (size_t i = 0; i < count; i++)
        add(text, ':', items[i]);
    strcpy(front, text);
    for (char *item = strtok_r(old, ":", &rest); item; item = strtok_r(NULL, ":", &rest))
        if (!contains(front, ':', item, strlen(item), 0))
            add(text, ':', item);
    setenv(name, text, 1);
    free(old);
}

int main(int argc, char **argv)
{
    static char attributes[4][TEXT];

    if (argc < 2)
        return 100;
    set_default("OTEL_SERVICE_NAME", value("AWS_LAMBDA_FUNCTION_NAME"));
    set_default("OTEL_PROPAGATORS", "tracecontext,baggage,xray");
    set_default("OTEL_EXPORTER_OTLP_ENDPOINT", "http://localhost:4318");
    set_default("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf");
    setenv("OTEL_TRACES_EXPORTER", "otlp", 1);
    unsetenv("OTEL_METRICS_EXPORTER");

    snprintf(attributes[0], TEXT, "cloud.provider=aws");
    snprintf(attributes[1], TEXT, "cloud.region=%s", value("AWS_REGION"));
    snprintf(attributes[2], TEXT, "faas.name=%s", value("AWS_LAMBDA_FUNCTION_NAME"));
    snprintf(attributes[3], TEXT, "faas.version=%s", value("AWS_LAMBDA_FUNCTION_VERSION"));
    default_pairs("OTEL_RESOURCE_ATTRIBUTES", attributes, 4);

    prepend("PYTHONPATH", (const char *const[]){"/opt/python", value("LAMBDA_RUNTIME_DIR")}, 2);
    setenv("ORIG_HANDLER", value("_HANDLER"), 1);
    setenv("_HANDLER", "otel_wrapper.lambda_handler", 1);

    execv(argv[1], argv + 1);
    perror(argv[1]);
    return 127;
}
