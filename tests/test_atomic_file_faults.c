/* Files written all or nothing, on a system that interrupts, writes short and fails.
 *
 * The linker leads the library's system calls through the functions below (--wrap). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/atomic_file.h"
#include "scratch_dir.h"

#define LENGTH(array) (sizeof(array) / sizeof *(array))

/* What the next calls answer: an errno, or 0 for what the system says. */
static struct faults {
    int write_file;
    int sync_file;
    int sync_folder;
    int close_file;
    int change_mode;
} faults;

static bool is_interrupting; /* every other call is answered with EINTR */
static unsigned n_calls;
static size_t longest_write = SIZE_MAX;

ssize_t __real_write(int fd, const void *bytes, size_t length);
int __real_fsync(int fd);
int __real_close(int fd);
int __real_fchmod(int fd, mode_t mode);
ssize_t __wrap_write(int fd, const void *bytes, size_t length);
int __wrap_fsync(int fd);
int __wrap_close(int fd);
int __wrap_fchmod(int fd, mode_t mode);

static int fail_with(int error) {
    errno = error;
    return -1;
}

static bool is_interrupted(void) {
    return is_interrupting && n_calls++ % 2 == 0;
}

ssize_t __wrap_write(int fd, const void *bytes, size_t length) {
    if (is_interrupted()) {
        return fail_with(EINTR);
    }
    if (faults.write_file != 0) {
        return fail_with(faults.write_file);
    }
    return __real_write(fd, bytes, length < longest_write ? length : longest_write);
}

int __wrap_fsync(int fd) {
    struct stat info;
    if (is_interrupted()) {
        return fail_with(EINTR);
    }
    assert_int_equal(fstat(fd, &info), 0);
    int error = S_ISDIR(info.st_mode) ? faults.sync_folder : faults.sync_file;
    return error != 0 ? fail_with(error) : __real_fsync(fd);
}

int __wrap_close(int fd) {
    int result = __real_close(fd);
    return faults.close_file != 0 ? fail_with(faults.close_file) : result;
}

int __wrap_fchmod(int fd, mode_t mode) {
    return faults.change_mode != 0 ? fail_with(faults.change_mode) : __real_fchmod(fd, mode);
}

static dsc_status write_new(const char *path, dsc_error *err) {
    dsc_atomic_file *file;
    dsc_status status = dsc_atomic_file_open(&file, path, err);
    if (status != DSC_OK) {
        return status;
    }
    status = dsc_atomic_file_write(file, "new", 3, err);
    if (status != DSC_OK) {
        dsc_atomic_file_discard(file);
        return status;
    }
    return dsc_atomic_file_commit(file, err);
}

static void every_failing_call_is_reported(void **state) {
    const struct {
        struct faults faults;
        dsc_status status;
        const char *message, *content;
    } cases[] = {
        {{0}, DSC_OK, "", "new"},
        {{.change_mode = EPERM},
         DSC_E_IO,
         "cannot set the permissions of its temporary file: Operation not permitted",
         "old"},
        {{.write_file = ENOSPC}, DSC_E_IO, "cannot write: No space left on device", "old"},
        {{.sync_file = EIO}, DSC_E_IO, "cannot flush to the disk: Input/output error", "old"},
        {{.sync_file = EINVAL}, DSC_E_IO, "cannot flush to the disk: Invalid argument", "old"},
        {{.close_file = EDQUOT}, DSC_E_IO, "cannot close: Disk quota exceeded", "old"},
        {{.close_file = EINTR}, DSC_OK, "", "new"},
        {{.sync_folder = EIO},
         DSC_E_IO,
         "written, but its directory cannot be flushed to the disk: Input/output error",
         "new"},
        {{.sync_folder = EINVAL}, DSC_OK, "", "new"}, /* there is nothing to flush */
    };
    for (size_t i = 0; i < LENGTH(cases); i++) {
        dsc_error err = {0};
        char *path = scratch_write(*state, "model", "old", 3);
        faults = cases[i].faults;
        dsc_status status = write_new(path, &err);
        faults = (struct faults){0};
        assert_int_equal(status, cases[i].status);
        assert_int_equal(err.code, cases[i].status);
        assert_string_equal(err.message, cases[i].message);
        assert_string_equal(err.where, status == DSC_OK ? "" : path);
        assert_true(scratch_holds(path, cases[i].content));
        assert_int_equal(scratch_count(*state), 1);
        free(path);
    }
}

static void interruptions_and_short_writes_do_not_show(void **state) {
    char *path = scratch_path(*state, "model");
    is_interrupting = true;
    longest_write = 1;
    n_calls = 0;
    dsc_status status = write_new(path, NULL);
    is_interrupting = false;
    longest_write = SIZE_MAX;
    assert_int_equal(status, DSC_OK);
    assert_int_equal(n_calls, 2 * (3 + 2)); /* 3 writes and 2 flushes, each after an interruption */
    assert_true(scratch_holds(path, "new"));
    free(path);
}

static void a_write_that_gets_nowhere_is_an_error(void **state) {
    char *path = scratch_path(*state, "model");
    dsc_error err = {0};
    longest_write = 0;
    dsc_status status = write_new(path, &err);
    longest_write = SIZE_MAX;
    assert_int_equal(status, DSC_E_IO);
    assert_string_equal(err.message, "cannot write: Input/output error");
    assert_int_equal(scratch_count(*state), 0);
    free(path);
}

#define IN_SCRATCH(test) cmocka_unit_test_setup_teardown(test, scratch_begin, scratch_end)

int main(void) {
    const struct CMUnitTest tests[] = {
        IN_SCRATCH(every_failing_call_is_reported),
        IN_SCRATCH(interruptions_and_short_writes_do_not_show),
        IN_SCRATCH(a_write_that_gets_nowhere_is_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
