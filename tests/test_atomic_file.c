/* Files written all or nothing: what is there after success, after failure, and in between. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/atomic_file.h"
#include "descent/file.h"
#include "scratch_dir.h"

static dsc_status write_text(const char *path, const char *text, dsc_error *err) {
    return dsc_file_write(path, text, strlen(text), err);
}

static mode_t mode_of(const char *path) {
    struct stat info;
    assert_int_equal(stat(path, &info), 0);
    return info.st_mode & 07777;
}

static void a_new_file_obeys_the_umask(void **state) {
    const struct {
        mode_t umask, expected;
    } cases[] = {{0022, 0644}, {0027, 0640}, {0077, 0600}, {0000, 0666}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char *path = scratch_path(*state, "new");
        mode_t before = umask(cases[i].umask);
        dsc_status status = write_text(path, "content", NULL);
        umask(before);
        assert_int_equal(status, DSC_OK);
        assert_int_equal(mode_of(path), cases[i].expected);
        assert_true(scratch_holds(path, "content"));
        assert_int_equal(scratch_count(*state), 1);
        unlink(path);
        free(path);
    }
}

static void an_old_file_is_replaced_and_keeps_its_permissions(void **state) {
    const mode_t modes[] = {0600, 0640, 0666, 0755};
    for (size_t i = 0; i < sizeof modes / sizeof modes[0]; i++) {
        char *path = scratch_write(*state, "old", "old and longer", 14);
        assert_int_equal(chmod(path, modes[i]), 0);
        assert_int_equal(write_text(path, "new", NULL), DSC_OK);
        assert_int_equal(mode_of(path), modes[i]);
        assert_true(scratch_holds(path, "new"));
        assert_int_equal(scratch_count(*state), 1);
        free(path);
    }
}

static void until_the_commit_the_old_file_stands(void **state) {
    char *path = scratch_write(*state, "model", "old", 3);
    dsc_atomic_file *file;
    assert_int_equal(dsc_atomic_file_open(&file, path, NULL), DSC_OK);
    assert_int_equal(dsc_atomic_file_write(file, "ne", 2, NULL), DSC_OK);
    assert_int_equal(dsc_atomic_file_write(file, "", 0, NULL), DSC_OK);
    assert_int_equal(dsc_atomic_file_write(file, "w", 1, NULL), DSC_OK);
    assert_true(scratch_holds(path, "old"));
    assert_int_equal(scratch_count(*state), 2); /* the temporary file is in the same folder */
    assert_int_equal(dsc_atomic_file_commit(file, NULL), DSC_OK);
    assert_true(scratch_holds(path, "new"));
    assert_int_equal(scratch_count(*state), 1);
    free(path);
}

static void a_discarded_file_leaves_nothing(void **state) {
    char *path = scratch_write(*state, "model", "old", 3);
    dsc_atomic_file *file;
    assert_int_equal(dsc_atomic_file_open(&file, path, NULL), DSC_OK);
    assert_int_equal(dsc_atomic_file_write(file, "new", 3, NULL), DSC_OK);
    dsc_atomic_file_discard(file);
    dsc_atomic_file_discard(NULL);
    assert_true(scratch_holds(path, "old"));
    assert_int_equal(scratch_count(*state), 1);
    free(path);
}

static void a_link_is_followed_and_kept(void **state) {
    const struct {
        const char *link, *leads_to, *file;
    } cases[] = {
        {"link", "model", "model"},        /* a file that is there */
        {"sub/link", "../model", "model"}, /* relative to the link's folder */
        {"second", "link", "model"},       /* a link to a link */
        {"dangling", "later", "later"},    /* a file that is not there yet */
        {"chain", "sub/hop", "sub/later"}, /* a link to a link to such a file */
    };
    char *path = scratch_write(*state, "model", "old", 3);
    free(path);
    char *sub = scratch_path(*state, "sub");
    assert_int_equal(mkdir(sub, 0700), 0);
    char *hop = scratch_path(*state, "sub/hop");
    assert_int_equal(symlink("later", hop), 0);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char *link = scratch_path(*state, cases[i].link);
        char *file = scratch_path(*state, cases[i].file);
        char found[64] = "";
        assert_int_equal(symlink(cases[i].leads_to, link), 0);
        assert_int_equal(write_text(link, cases[i].link, NULL), DSC_OK);
        assert_true(readlink(link, found, sizeof found - 1) > 0);
        assert_string_equal(found, cases[i].leads_to);
        assert_true(scratch_holds(file, cases[i].link));
        free(link);
        free(file);
    }
    free(hop);
    free(sub);
}

/* An absolute link whose file is not there yet is followed too. */
static void an_absolute_dangling_link_is_followed(void **state) {
    char *link = scratch_path(*state, "link");
    char *file = scratch_path(*state, "later");
    assert_int_equal(symlink(file, link), 0);
    assert_int_equal(write_text(link, "content", NULL), DSC_OK);
    assert_true(scratch_holds(file, "content"));
    free(link);
    free(file);
}

static void what_is_no_file_is_refused(void **state) {
    char long_name[300];
    memset(long_name, 'x', sizeof long_name - 1);
    long_name[sizeof long_name - 1] = '\0';
    const struct {
        const char *path, *message;
    } cases[] = {
        {"folder", "found a directory"},
        {"folder/", "the name of a directory"},
        {"missing/", "the name of a directory"},
        {"missing/model", "No such file or directory"},
        {"file/model", "Not a directory"},
        {"loop", "Too many levels of symbolic links"},
        {"to-missing", "No such file or directory"},
        {"pipe", "found a device, pipe or socket"},
        {"/dev/null", "found a device, pipe or socket"},
        {"/dev/full", "found a device, pipe or socket"},
        {"", "an empty name"},
        {long_name, "File name too long"},
    };
    int before = open(".", O_RDONLY | O_DIRECTORY);
    assert_true(before >= 0);
    assert_int_equal(chdir(*state), 0);
    assert_int_equal(mkdir("folder", 0700), 0);
    assert_int_equal(symlink("loop", "loop"), 0);
    assert_int_equal(symlink("missing/model", "to-missing"), 0);
    assert_int_equal(mkfifo("pipe", 0600), 0);
    free(scratch_write(*state, "file", "", 0));
    size_t n_entries = scratch_count(*state);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        dsc_error err = {0};
        dsc_atomic_file *file = (dsc_atomic_file *)&err;
        assert_int_equal(dsc_atomic_file_open(&file, cases[i].path, &err), DSC_E_IO);
        assert_null(file);
        assert_int_equal(err.code, DSC_E_IO);
        assert_memory_equal(err.where, cases[i].path, strnlen(cases[i].path, sizeof err.where - 1));
        if (strstr(err.message, cases[i].message) == NULL) {
            fail_msg("\"%s\": %s", cases[i].path, err.message);
        }
        assert_int_equal(scratch_count(*state), n_entries);
    }
    assert_int_equal(fchdir(before), 0);
    close(before);
}

/* The standard output of a pipeline, by the name that a shell user would give. */
static void a_pipe_by_its_number_is_refused(void **state) {
    (void)state;
    int ends[2];
    char path[32];
    dsc_error err = {0};
    assert_int_equal(pipe(ends), 0);
    snprintf(path, sizeof path, "/dev/fd/%d", ends[1]);
    assert_int_equal(write_text(path, "content", &err), DSC_E_IO);
    assert_non_null(strstr(err.message, "found a device, pipe or socket"));
    close(ends[0]);
    close(ends[1]);
}

static void the_longest_name_fits(void **state) {
    char name[256];
    memset(name, 'x', 255);
    name[255] = '\0';
    char *path = scratch_path(*state, name);
    assert_int_equal(write_text(path, "content", NULL), DSC_OK);
    assert_true(scratch_holds(path, "content"));
    free(path);
}

/* A name without a folder, and a process that walks away before the commit. */
static int write_relative(const char *dir) {
    dsc_atomic_file *file;
    if (chdir(dir) != 0 || dsc_atomic_file_open(&file, "model", NULL) != DSC_OK ||
        chdir("/") != 0 || dsc_atomic_file_write(file, "content", 7, NULL) != DSC_OK) {
        return 1;
    }
    return dsc_atomic_file_commit(file, NULL) == DSC_OK ? 0 : 2;
}

static void a_relative_name_stays_in_its_folder(void **state) {
    assert_int_equal(scratch_in_child(write_relative, *state, false), 0);
    char *path = scratch_path(*state, "model");
    assert_true(scratch_holds(path, "content"));
    free(path);
}

/* A disk that is full after 4096 bytes, as far as the process can see: a short write, then an
 * error. */
static int write_beyond_the_limit(const char *dir) {
    static char block[10000];
    const struct rlimit limit = {4096, 4096};
    dsc_error err = {0};
    dsc_atomic_file *file;
    char path[4096];
    snprintf(path, sizeof path, "%s/model", dir);
    signal(SIGXFSZ, SIG_IGN);
    if (setrlimit(RLIMIT_FSIZE, &limit) != 0 || dsc_atomic_file_open(&file, path, &err) != DSC_OK) {
        return 1;
    }
    dsc_status status = dsc_atomic_file_write(file, block, sizeof block, &err);
    dsc_atomic_file_discard(file);
    if (status != DSC_E_IO || strcmp(err.where, path) != 0) {
        return 2;
    }
    return strcmp(err.message, "cannot write: File too large") == 0 ? 0 : 3;
}

static void a_full_disk_leaves_the_old_file(void **state) {
    char *path = scratch_write(*state, "model", "old", 3);
    assert_int_equal(scratch_in_child(write_beyond_the_limit, *state, false), 0);
    assert_true(scratch_holds(path, "old"));
    assert_int_equal(scratch_count(*state), 1);
    free(path);
}

/* dir/model is write-protected, dir/locked a folder that must not be written to, dir/drop one that
 * must not be read. */
static int write_without_permission(const char *dir) {
    dsc_error err = {0};
    char path[4096];
    snprintf(path, sizeof path, "%s/model", dir);
    if (write_text(path, "new", &err) != DSC_E_IO || strcmp(err.where, path) != 0 ||
        strcmp(err.message, "cannot replace this file: Permission denied") != 0) {
        return 1;
    }
    snprintf(path, sizeof path, "%s/locked/model", dir);
    if (write_text(path, "new", &err) != DSC_E_IO || strcmp(err.where, path) != 0 ||
        strstr(err.message, "cannot create a temporary file beside it: ") != err.message) {
        return 2;
    }
    snprintf(path, sizeof path, "%s/drop/model", dir);
    if (write_text(path, "new", &err) != DSC_E_IO ||
        strstr(err.message, "written, but its directory") != err.message) {
        return 3;
    }
    return 0;
}

static void permissions_are_respected(void **state) {
    char *path = scratch_write(*state, "model", "old", 3);
    char *locked = scratch_path(*state, "locked");
    char *drop = scratch_path(*state, "drop");
    char *dropped = scratch_path(*state, "drop/model");
    assert_int_equal(mkdir(locked, 0700), 0);
    assert_int_equal(mkdir(drop, 0700), 0);
    assert_int_equal(chmod(path, 0444), 0);
    assert_int_equal(chmod(locked, 0555), 0);
    assert_int_equal(chmod(drop, 0333), 0);
    assert_int_equal(chmod(*state, 0777), 0);
    int result = scratch_in_child(write_without_permission, *state, true);
    assert_int_equal(chmod(locked, 0700), 0);
    assert_int_equal(chmod(drop, 0700), 0);
    assert_int_equal(result, 0);
    assert_true(scratch_holds(path, "old"));
    assert_true(scratch_holds(dropped, "new"));
    assert_int_equal(scratch_count(locked), 0);
    assert_int_equal(scratch_count(drop), 1);
    assert_int_equal(scratch_count(*state), 3);
    free(path);
    free(locked);
    free(drop);
    free(dropped);
}

static void a_rename_that_fails_leaves_no_temporary_file(void **state) {
    char *path = scratch_path(*state, "model");
    dsc_atomic_file *file;
    dsc_error err = {0};
    assert_int_equal(dsc_atomic_file_open(&file, path, NULL), DSC_OK);
    assert_int_equal(mkdir(path, 0700), 0); /* somebody else was here in the meantime */
    assert_int_equal(dsc_atomic_file_commit(file, &err), DSC_E_IO);
    assert_string_equal(err.where, path);
    assert_string_equal(err.message,
                        "cannot rename the temporary file to this name: Is a directory");
    assert_int_equal(scratch_count(*state), 1);
    free(path);
}

#define IN_SCRATCH(test) cmocka_unit_test_setup_teardown(test, scratch_begin, scratch_end)

int main(void) {
    const struct CMUnitTest tests[] = {
        IN_SCRATCH(a_new_file_obeys_the_umask),
        IN_SCRATCH(an_old_file_is_replaced_and_keeps_its_permissions),
        IN_SCRATCH(until_the_commit_the_old_file_stands),
        IN_SCRATCH(a_discarded_file_leaves_nothing),
        IN_SCRATCH(a_link_is_followed_and_kept),
        IN_SCRATCH(an_absolute_dangling_link_is_followed),
        IN_SCRATCH(what_is_no_file_is_refused),
        cmocka_unit_test(a_pipe_by_its_number_is_refused),
        IN_SCRATCH(the_longest_name_fits),
        IN_SCRATCH(a_relative_name_stays_in_its_folder),
        IN_SCRATCH(a_full_disk_leaves_the_old_file),
        IN_SCRATCH(permissions_are_respected),
        IN_SCRATCH(a_rename_that_fails_leaves_no_temporary_file),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
