/* Where something is to be written: checked before the work, and not after it. */
#include "destination.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "options.h"
#include "output.h"

/* The directory of `path`, freed with free(); NULL: no memory. */
static char *directory_of(const char *path) {
    const char *slash = strrchr(path, '/');
    if (slash == NULL) {
        return strdup(".");
    }
    return slash == path ? strdup("/") : strndup(path, (size_t)(slash - path));
}

int cli_check_destination(const cli_destination *to, const char *input, const char *kind) {
    const char *path = to->path;
    struct stat found;
    struct stat other;
    size_t length = strlen(path);
    bool is_there = stat(path, &found) == 0;
    if (strcmp(path, "-") == 0) {
        return cli_usage_error(to->command, to->option,
                               "a %s cannot be written to standard output; expected the name of "
                               "a file (./- is one called -)",
                               to->what);
    }
    if (is_there && !S_ISDIR(found.st_mode) && !S_ISREG(found.st_mode)) {
        return cli_fail_at(CLI_IO, path,
                           "is not a regular file; expected the name of a file to write");
    }
    if (is_there && input != NULL && stat(input, &other) == 0 && found.st_dev == other.st_dev &&
        found.st_ino == other.st_ino) {
        return cli_fail_at(CLI_USAGE, path, "is %s; the %s needs one of its own", kind, to->what);
    }
    if (is_there && (found.st_mode & 0222) == 0) { /* root may write to it all the same */
        return cli_fail_at(CLI_IO, path, "is write-protected");
    }
    if (is_there && !S_ISDIR(found.st_mode) && access(path, W_OK) != 0) {
        return cli_fail_at(CLI_IO, path, "cannot be written to: %s", strerror(errno));
    }
    if (!is_there && errno == ENOENT && lstat(path, &found) == 0) {
        return cli_fail_at(CLI_IO, path, "is a link to a file that does not exist");
    }
    if (length == 0 || path[length - 1] == '/' || (is_there && S_ISDIR(found.st_mode))) {
        return cli_fail_at(CLI_IO, path, "is a directory; expected the name of a file to write");
    }
    char *directory = directory_of(path);
    if (directory == NULL) {
        return cli_no_memory();
    }
    int status = CLI_GO_ON;
    if (stat(directory, &found) != 0) {
        status = cli_fail_at(CLI_IO, path, "its directory %s cannot be used: %s", directory,
                             strerror(errno));
    } else if (!S_ISDIR(found.st_mode)) {
        status = cli_fail_at(CLI_IO, path, "%s is not a directory", directory);
    } else if (access(directory, W_OK | X_OK) != 0) {
        status = cli_fail_at(CLI_IO, path, "its directory %s cannot be written to: %s", directory,
                             strerror(errno));
    }
    free(directory);
    return status;
}
