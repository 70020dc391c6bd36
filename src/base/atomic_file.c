/* Writing a file all or nothing.
 *
 * The steps and why each is there: the temporary file lies in the destination's directory, because
 * a rename cannot cross devices; its bytes are flushed before the rename, because a file system may
 * carry out the rename first and lose the bytes in a power loss; the directory is flushed after the
 * rename, because until then the name may still lead to the old file. */
#include "base/atomic_file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "base/memory.h"

/* The temporary name keeps this much of the destination's, so that with its dots and its six random
 * characters it fits every file system that takes the destination's name (255 bytes). */
#define MAX_KEPT_NAME 200

#define PERMISSIONS     07777
#define DEFAULT_MODE    0644
#define MAX_CHAIN_LINKS 40 /* what Linux follows */

struct dsc_atomic_file {
    int fd;          /* of the temporary file, -1 when it is closed */
    char *path;      /* as the caller gave it, for messages */
    char *target;    /* the file to be replaced: absolute, no link */
    char *temporary; /* NULL when there is none to be removed */
};

/* Reports the last system call's failure. */
static dsc_status fail_io(dsc_error *err, const char *path, const char *what) {
    dsc_status code = errno == ENOMEM ? DSC_E_MEMORY : DSC_E_IO;
    return dsc_fail(err, code, path, "%s: %s", what, strerror(errno));
}

/* Length of the directory part of `path`, up to and with the last slash; 0 when it has none. */
static size_t directory_length(const char *path) {
    const char *slash = strrchr(path, '/');
    return slash == NULL ? 0 : (size_t)(slash - path) + 1;
}

/* `directory_of`'s directory part followed by `name`; NULL: no memory. */
static char *beside(const char *directory_of, const char *name) {
    char *joined = NULL;
    int length = name[0] == '/' ? 0 : (int)directory_length(directory_of);
    return asprintf(&joined, "%.*s%s", length, directory_of, name) < 0 ? NULL : joined;
}

/* The absolute name of a file that does not exist yet; its directory must. NULL: see errno. */
static char *absolute_new_name(const char *path) {
    char *directory = beside(path, directory_length(path) == 0 ? "." : "");
    char *absolute = directory == NULL ? NULL : realpath(directory, NULL);
    char *name = NULL;
    if (absolute != NULL && asprintf(&name, "%s/%s", absolute, path + directory_length(path)) < 0) {
        name = NULL;
        errno = ENOMEM;
    }
    free(absolute);
    free(directory);
    return name;
}

/* The absolute name of the file that writing to `path` would create, although nothing is there yet:
 * a chain of links whose last one leads nowhere is followed to its end. NULL: see errno. */
static char *resolve_new(const char *path) {
    char *current = strdup(path);
    char link[PATH_MAX];
    for (int i = 0; i < MAX_CHAIN_LINKS && current != NULL; i++) {
        ssize_t length = readlink(current, link, sizeof link - 1);
        if (length < 0) {
            break;
        }
        link[length] = '\0';
        char *next = beside(current, link);
        free(current);
        current = next;
    }
    if (current == NULL) {
        errno = ENOMEM;
        return NULL;
    }
    char *target = absolute_new_name(current);
    free(current);
    return target;
}

/* 0666 without the bits of the process' umask. umask() can only be read by setting it, which other
 * threads would see, so it is read from where Linux shows it. */
static mode_t mode_of_new_file(void) {
    FILE *status = fopen("/proc/self/status", "re");
    if (status == NULL) {
        return DEFAULT_MODE;
    }
    mode_t mode = DEFAULT_MODE;
    char line[256];
    while (fgets(line, sizeof line, status) != NULL) {
        if (strncmp(line, "Umask:", 6) == 0) {
            mode = 0666 & ~(mode_t)strtoul(line + 6, NULL, 8);
            break;
        }
    }
    fclose(status);
    return mode;
}

/* Finds the file to be replaced and the permissions of the new one. */
static dsc_status find_target(dsc_atomic_file *file, mode_t *mode, dsc_error *err) {
    struct stat old;
    if (directory_length(file->path) == strlen(file->path)) {
        return dsc_fail(err, DSC_E_IO, file->path,
                        "cannot write here: expected the name of a file, found %s",
                        file->path[0] == '\0' ? "an empty name" : "the name of a directory");
    }
    if (stat(file->path, &old) != 0) {
        file->target = errno == ENOENT ? resolve_new(file->path) : NULL;
        if (file->target == NULL) {
            return fail_io(err, file->path, "cannot write here");
        }
        *mode = mode_of_new_file();
        return DSC_OK;
    }
    if (!S_ISREG(old.st_mode)) {
        return dsc_fail(err, DSC_E_IO, file->path,
                        "cannot write here: expected the name of a file, found a %s",
                        S_ISDIR(old.st_mode) ? "directory" : "device, pipe or socket");
    }
    *mode = old.st_mode & PERMISSIONS;
    /* A rename asks the directory for permission and would replace a write-protected file too. */
    if (faccessat(AT_FDCWD, file->path, W_OK, AT_EACCESS) != 0) {
        return fail_io(err, file->path, "cannot replace this file");
    }
    file->target = realpath(file->path, NULL);
    return file->target != NULL ? DSC_OK : fail_io(err, file->path, "cannot write here");
}

/* Creates the temporary file ".NAME.XXXXXX". */
static dsc_status create_temporary(dsc_atomic_file *file, mode_t mode, dsc_error *err) {
    size_t length = directory_length(file->target);
    if (asprintf(&file->temporary, "%.*s.%.*s.XXXXXX", (int)length, file->target, MAX_KEPT_NAME,
                 file->target + length) < 0) {
        file->temporary = NULL;
        return dsc_fail_memory(err, "the name of a temporary file");
    }
    file->fd = mkostemp(file->temporary, O_CLOEXEC);
    if (file->fd < 0) {
        dsc_status status = fail_io(err, file->path, "cannot create a temporary file beside it");
        free(file->temporary);
        file->temporary = NULL;
        return status;
    }
    if (fchmod(file->fd, mode) != 0) {
        return fail_io(err, file->path, "cannot set the permissions of its temporary file");
    }
    return DSC_OK;
}

dsc_status dsc_atomic_file_open(dsc_atomic_file **out, const char *path, dsc_error *err) {
    *out = NULL;
    dsc_atomic_file *file = calloc(1, sizeof *file);
    if (file == NULL) {
        return dsc_fail_memory(err, "a file's name");
    }
    file->fd = -1;
    file->path = strdup(path);
    if (file->path == NULL) {
        dsc_atomic_file_discard(file);
        return dsc_fail_memory(err, "a file's name");
    }
    mode_t mode;
    dsc_status status = find_target(file, &mode, err);
    if (status == DSC_OK) {
        status = create_temporary(file, mode, err);
    }
    if (status != DSC_OK) {
        dsc_atomic_file_discard(file);
        return status;
    }
    *out = file;
    return DSC_OK;
}

dsc_status dsc_atomic_file_write(dsc_atomic_file *file, const void *bytes, size_t length,
                                 dsc_error *err) {
    const char *rest = bytes;
    while (length > 0) {
        ssize_t n = write(file->fd, rest, length);
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n <= 0) {
            errno = n == 0 ? EIO : errno;
            return fail_io(err, file->path, "cannot write");
        }
        rest += n;
        length -= (size_t)n;
    }
    return DSC_OK;
}

/* fsync that an interrupting signal does not end. */
static int flush(int fd) {
    int result;
    do {
        result = fsync(fd);
    } while (result != 0 && errno == EINTR);
    return result;
}

/* Makes the rename of `file` survive a power loss. */
static dsc_status flush_directory(const dsc_atomic_file *file, dsc_error *err) {
    static const char what[] = "written, but its directory cannot be flushed to the disk";
    char *directory = beside(file->target, "");
    int fd = directory == NULL ? -1 : open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    free(directory);
    if (fd < 0) {
        return fail_io(err, file->path, what);
    }
    /* EINVAL: a file system that has no such thing to flush. */
    dsc_status status = DSC_OK;
    if (flush(fd) != 0 && errno != EINVAL) {
        status = fail_io(err, file->path, what);
    }
    close(fd);
    return status;
}

dsc_status dsc_atomic_file_commit(dsc_atomic_file *file, dsc_error *err) {
    dsc_status status = DSC_OK;
    if (flush(file->fd) != 0) {
        status = fail_io(err, file->path, "cannot flush to the disk");
        goto done;
    }
    int closed = close(file->fd);
    file->fd = -1;
    if (closed != 0 && errno != EINTR) { /* EINTR: closed all the same, and flushed before */
        status = fail_io(err, file->path, "cannot close");
        goto done;
    }
    if (rename(file->temporary, file->target) != 0) {
        status = fail_io(err, file->path, "cannot rename the temporary file to this name");
        goto done;
    }
    free(file->temporary);
    file->temporary = NULL;
    status = flush_directory(file, err);
done:
    dsc_atomic_file_discard(file);
    return status;
}

void dsc_atomic_file_discard(dsc_atomic_file *file) {
    if (file == NULL) {
        return;
    }
    if (file->fd >= 0) {
        close(file->fd);
    }
    if (file->temporary != NULL) {
        unlink(file->temporary);
    }
    free(file->temporary);
    free(file->target);
    free(file->path);
    free(file);
}
