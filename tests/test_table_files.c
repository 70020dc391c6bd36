/* The same table from a plain, a gzip and a zstd file and from standard input, in every form. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <zlib.h>
#include <zstd.h>

#include "descent/table.h"
#include "scratch_dir.h"

/* Each is the table of the rows 1 2 and 3 4. */
static const char text[] = "1,2\n3,4\n";
static const char idx[] = "\0\0\x08\x02\0\0\0\x02\0\0\0\x02\x01\x02\x03\x04";
static const char npy[] = "\x93NUMPY\1\0\x40\0{'descr': '|u1', 'fortran_order': False, "
                          "'shape': (2, 2), }     \1\2\3\4";

typedef struct file_form {
    const char *name;
    const char *bytes;
    size_t n;
} file_form;
static const file_form forms[] = {
    {"text", text, sizeof text - 1}, {"IDX", idx, sizeof idx - 1}, {"NPY", npy, sizeof npy - 1}};

static void check(const char *path, const file_form *form, const char *compression) {
    dsc_table *table;
    dsc_table_report report;
    dsc_error err = {DSC_OK, "", ""};
    dsc_status status = dsc_table_read(&table, path, NULL, &report, &err);
    assert_string_equal(err.message, "");
    assert_int_equal(status, DSC_OK);
    assert_string_equal(report.form, form->name);
    assert_string_equal(report.compression, compression);
    assert_int_equal(report.n_bytes, form->n);
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(dsc_table_number(table, i / 2, i % 2), i + 1);
    }
    dsc_table_destroy(table);
}

static void a_file_in_every_form(void **state) {
    for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++) {
        char *path = scratch_write(*state, "plain", forms[i].bytes, forms[i].n);
        check(path, &forms[i], "none");
        free(path);

        path = scratch_path(*state, "packed.gz");
        gzFile gz = gzopen(path, "wb");
        assert_int_equal(gzwrite(gz, forms[i].bytes, (unsigned)forms[i].n), forms[i].n);
        assert_int_equal(gzclose(gz), Z_OK);
        check(path, &forms[i], "gzip");
        free(path);

        char packed[400];
        size_t n = ZSTD_compress(packed, sizeof packed, forms[i].bytes, forms[i].n, 1);
        assert_false(ZSTD_isError(n));
        path = scratch_write(*state, "packed.zst", packed, n);
        check(path, &forms[i], "zstd");
        /* a damaged and a truncated one */
        dsc_table *table;
        char *cut = scratch_write(*state, "cut.zst", packed, n - 1);
        assert_int_equal(dsc_table_read(&table, cut, NULL, NULL, NULL), DSC_E_DATA);
        free(cut);
        free(path);
    }
}

static void standard_input_in_every_form(void **state) {
    int kept = dup(STDIN_FILENO);
    for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++) {
        char *path = scratch_write(*state, "plain", forms[i].bytes, forms[i].n);
        int fd = open(path, O_RDONLY | O_CLOEXEC);
        assert_int_equal(dup2(fd, STDIN_FILENO), STDIN_FILENO);
        check("-", &forms[i], "none");
        close(fd);
        free(path);
    }
    char *path = scratch_write(*state, "bad", "1,x\n2,3\n", 8);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    assert_int_equal(dup2(fd, STDIN_FILENO), STDIN_FILENO);
    dsc_table *table;
    dsc_error err;
    assert_int_equal(dsc_table_read(&table, "-", NULL, NULL, &err), DSC_E_DATA);
    assert_string_equal(err.where, "standard input:1:3");
    close(fd);
    free(path);
    dup2(kept, STDIN_FILENO);
    close(kept);
}

static void files_that_are_none(void **state) {
    dsc_table *table;
    dsc_error err;
    char *missing = scratch_path(*state, "missing.csv");
    assert_int_equal(dsc_table_read(&table, missing, NULL, NULL, &err), DSC_E_IO);
    assert_string_equal(err.where, missing);
    assert_null(table);
    assert_int_equal(dsc_table_read(&table, *state, NULL, NULL, &err), DSC_E_IO);
    char *zip = scratch_write(*state, "a.npz", "PK\3\4 and more", 13);
    assert_int_equal(dsc_table_read(&table, zip, NULL, NULL, &err), DSC_E_DATA);
    assert_non_null(strstr(err.message, "zip archive"));
    char *empty = scratch_write(*state, "empty.csv", "", 0);
    assert_int_equal(dsc_table_read(&table, empty, NULL, NULL, &err), DSC_E_DATA);
    assert_non_null(strstr(err.message, "the file is empty"));
    free(missing);
    free(zip);
    free(empty);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_file_in_every_form, scratch_begin, scratch_end),
        cmocka_unit_test_setup_teardown(standard_input_in_every_form, scratch_begin, scratch_end),
        cmocka_unit_test_setup_teardown(files_that_are_none, scratch_begin, scratch_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
