/* Writing a file whole or not at all: into a temporary one beside it, which then takes its name. */
#include "whole_file.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "options.h"
#include "output.h"

static int fail(const char *path, const char *what, int error) {
    return cli_fail_at(CLI_IO, path, "%s: %s", what, strerror(error));
}

/* Permissions of the file: those it has, or those of a new one. */
static mode_t mode_for(const char *path) {
    struct stat found;
    if (stat(path, &found) == 0) {
        return found.st_mode & 0777;
    }
    const mode_t mask = umask(0);
    umask(mask);
    return 0666 & ~mask;
}

static int check_path(const char *path) {
    struct stat found;
    const size_t length = strlen(path);
    const bool is_there = stat(path, &found) == 0;
    if (length == 0) {
        return cli_fail_at(CLI_IO, NULL, "the name of the file to write is empty");
    }
    if (path[length - 1] == '/' || (is_there && S_ISDIR(found.st_mode))) {
        return cli_fail_at(CLI_IO, path, "is a directory; expected the name of a file to write");
    }
    if (is_there && !S_ISREG(found.st_mode)) {
        return cli_fail_at(CLI_IO, path,
                           "is not a regular file; expected the name of a file to write");
    }
    if (is_there && access(path, W_OK) != 0) {
        return fail(path, "cannot be written to", errno);
    }
    return CLI_GO_ON;
}

int cli_whole_file_open(cli_whole_file *file, const char *path) {
    *file = (cli_whole_file){.path = path};
    const int status = check_path(path);
    if (status != CLI_GO_ON) {
        return status;
    }
    if (asprintf(&file->temporary, "%s.XXXXXX", path) < 0) {
        file->temporary = NULL;
        return cli_no_memory();
    }
    const int fd = mkstemp(file->temporary);
    if (fd < 0) {
        const int error = errno;
        free(file->temporary);
        file->temporary = NULL;
        return fail(path, "cannot be created", error);
    }
    file->out = fdopen(fd, "w");
    if (file->out == NULL) {
        close(fd);
        cli_whole_file_discard(file);
        return cli_no_memory();
    }
    return CLI_GO_ON;
}

int cli_whole_file_commit(cli_whole_file *file) {
    errno = 0;
    bool is_good = fflush(file->out) == 0 && !ferror(file->out) &&
                   fchmod(fileno(file->out), mode_for(file->path)) == 0 &&
                   fsync(fileno(file->out)) == 0;
    int error = errno;
    if (fclose(file->out) != 0 && is_good) {
        is_good = false;
        error = errno;
    }
    file->out = NULL;
    if (is_good && rename(file->temporary, file->path) != 0) {
        is_good = false;
        error = errno;
    }
    if (!is_good) {
        const int status = fail(file->path, "could not be written", error);
        cli_whole_file_discard(file);
        return status;
    }
    free(file->temporary);
    file->temporary = NULL;
    return CLI_DONE;
}

void cli_whole_file_discard(cli_whole_file *file) {
    if (file->out != NULL) {
        fclose(file->out);
        file->out = NULL;
    }
    if (file->temporary != NULL) {
        unlink(file->temporary);
        free(file->temporary);
        file->temporary = NULL;
    }
}
