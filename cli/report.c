/* Messages on stderr, and the exit status that belongs to each kind of failure. */
#include "report.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "text.h"

cli_status cli_status_of(dsc_status status) {
    switch (status) {
    case DSC_OK:
        return CLI_DONE;
    case DSC_E_ARGUMENT:
        return CLI_USAGE;
    case DSC_E_DATA:
        return CLI_BAD_DATA;
    case DSC_E_MODEL:
        return CLI_BAD_MODEL;
    case DSC_E_IO:
        return CLI_IO;
    case DSC_E_CANCELLED:
        return CLI_INTERRUPTED;
    case DSC_E_MEMORY:
    case DSC_E_SHAPE:
    case DSC_E_STATE:
    case DSC_E_NONFINITE:
        return CLI_FAILED;
    }
    return CLI_FAILED;
}

int cli_fail(const dsc_error *err) {
    return cli_fail_at(cli_status_of(err->code), err->where[0] != '\0' ? err->where : NULL, "%s",
                       err->message);
}

/* Arguments and file names may hold control characters, which must not reach the terminal. */
CLI_PRINTF(2, 0)
static void print_message(const char *where, const char *format, va_list arguments) {
    char message[1024];
    vsnprintf(message, sizeof message, format, arguments);
    fflush(stdout);
    fputs("descent: ", stderr);
    if (where != NULL) {
        cli_write_clean(where, stderr);
        fputs(": ", stderr);
    }
    cli_write_clean(message, stderr);
    fputc('\n', stderr);
}

int cli_fail_at(cli_status status, const char *where, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    print_message(where, format, arguments);
    va_end(arguments);
    return (int)status;
}

void cli_note(const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    print_message(NULL, format, arguments);
    va_end(arguments);
}

const char *cli_input_name(const char *path) {
    return strcmp(path, "-") == 0 ? "standard input" : path;
}

void cli_guard_streams(void) {
    signal(SIGXFSZ, SIG_IGN);
    /* The wrong mode on purpose: reading or writing a closed stream stays an error. */
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
        if (fcntl(fd, F_GETFD) == -1 && errno == EBADF) {
            (void)!open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY);
        }
    }
}

/* By errno, which is 0 when the reason is not known any more. */
static int fail_stdout(void) {
    if (errno == EPIPE) { /* the reader has seen enough: nothing to complain about */
        return CLI_IO;
    }
    return cli_fail_at(CLI_IO, "standard output", "could not be written whole%s%s",
                       errno != 0 ? ": " : "", errno != 0 ? strerror(errno) : "");
}

int cli_flush_stdout(void) {
    return fflush(stdout) == 0 ? CLI_DONE : fail_stdout();
}

int cli_close_stdout(int status) {
    errno = 0;
    int failed = ferror(stdout);
    failed |= fclose(stdout) != 0;
    return failed && status == CLI_DONE ? fail_stdout() : status;
}
