/* A folder of a test's own: see scratch_dir.h. */
#include "scratch_dir.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>
#include <dirent.h>
#include <ftw.h>
#include <grp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define NOBODY 65534

int scratch_begin(void **state) {
    const char *base = getenv("TMPDIR");
    char *made = NULL;
    if (asprintf(&made, "%s/descent-test.XXXXXX", base != NULL ? base : "/tmp") < 0 ||
        mkdtemp(made) == NULL) {
        return -1;
    }
    *state = realpath(made, NULL);
    free(made);
    return *state == NULL ? -1 : 0;
}

static int remove_entry(const char *path, const struct stat *info, int kind, struct FTW *where) {
    (void)info;
    (void)kind;
    (void)where;
    return remove(path);
}

int scratch_end(void **state) {
    int result = nftw(*state, remove_entry, 8, FTW_DEPTH | FTW_PHYS);
    free(*state);
    return result;
}

char *scratch_path(const char *dir, const char *name) {
    char *path = NULL;
    assert_true(asprintf(&path, "%s/%s", dir, name) > 0);
    return path;
}

char *scratch_write(const char *dir, const char *name, const void *bytes, size_t n_bytes) {
    char *path = scratch_path(dir, name);
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, n_bytes, file), n_bytes);
    assert_int_equal(fclose(file), 0);
    return path;
}

char *scratch_read(const char *path, size_t *n_bytes) {
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    assert_int_equal(fseek(file, 0, SEEK_END), 0);
    long size = ftell(file);
    assert_true(size >= 0);
    rewind(file);
    char *bytes = calloc((size_t)size + 1, 1);
    assert_non_null(bytes);
    assert_int_equal(fread(bytes, 1, (size_t)size, file), size);
    fclose(file);
    if (n_bytes != NULL) {
        *n_bytes = (size_t)size;
    }
    return bytes;
}

bool scratch_holds(const char *path, const char *text) {
    char *bytes = scratch_read(path, NULL);
    bool is_equal = strcmp(bytes, text) == 0;
    free(bytes);
    return is_equal;
}

size_t scratch_count(const char *dir) {
    size_t n = 0;
    DIR *stream = opendir(dir);
    assert_non_null(stream);
    for (struct dirent *entry = readdir(stream); entry != NULL; entry = readdir(stream)) {
        n += strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
    }
    closedir(stream);
    return n;
}

int scratch_in_child(int (*body)(const char *dir), const char *dir, bool is_unprivileged) {
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        if (is_unprivileged && geteuid() == 0 &&
            (setgroups(0, NULL) != 0 || setresgid(NOBODY, NOBODY, NOBODY) != 0 ||
             setresuid(NOBODY, NOBODY, NOBODY) != 0)) {
            _exit(255);
        }
        _exit(body(dir));
    }
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}
