/* Tables from IDX and NPY: every element type, both byte orders, both orders of NPY, and files
 * whose header and data do not agree. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "descent/table.h"
#include "scratch_dir.h"

/* A literal with zero bytes in it, and its length. */
#define BYTES(literal) literal, sizeof(literal) - 1

static dsc_status read_bytes(dsc_table **out, const char *bytes, size_t n,
                             const dsc_table_format *format, dsc_error *err) {
    dsc_table_report report;
    dsc_status status = dsc_table_read_memory(out, bytes, n, "f", format, &report, err);
    if (status == DSC_OK) {
        assert_int_equal(report.n_bytes, n);
        assert_int_equal(report.n_lines, 0);
        assert_string_equal(report.delimiter, "none");
    }
    return status;
}

/* The values of a table row by row, as " %g". */
static void write_values(const dsc_table *table, char *out, size_t room) {
    size_t n = 0;
    out[0] = '\0';
    for (size_t r = 0; r < dsc_table_n_rows(table); r++) {
        for (size_t c = 0; c < dsc_table_n_columns(table); c++) {
            double value = dsc_table_number(table, r, c);
            n += (size_t)snprintf(out + n, room - n, isnan(value) ? " -" : " %.17g", value);
        }
        n += (size_t)snprintf(out + n, room - n, ",");
    }
    assert_true(n < room);
}

typedef struct idx_case {
    const char *bytes;
    size_t n;
    const char *values;
} idx_case;

static const idx_case idx_cases[] = {
    {BYTES("\0\0\x08\x01\0\0\0\x03\x07\x00\xff"), " 7, 0, 255,"},
    {BYTES("\0\0\x09\x01\0\0\0\x02\x7f\x80"), " 127, -128,"},
    {BYTES("\0\0\x0b\x01\0\0\0\x02\x01\x02\xff\xfe"), " 258, -2,"},
    {BYTES("\0\0\x0c\x01\0\0\0\x02\0\x01\0\0\xff\xff\xff\xff"), " 65536, -1,"},
    {BYTES("\0\0\x0d\x01\0\0\0\x01\xbf\xc0\0\0"), " -1.5,"},
    {BYTES("\0\0\x0e\x01\0\0\0\x01\x3f\xf8\0\0\0\0\0\0"), " 1.5,"},
    {BYTES("\0\0\x08\x02\0\0\0\x02\0\0\0\x03\x01\x02\x03\x04\x05\x06"), " 1 2 3, 4 5 6,"},
    {BYTES("\0\0\x08\x03\0\0\0\x02\0\0\0\x02\0\0\0\x02\x01\x02\x03\x04\x05\x06\x07\x08"),
     " 1 2 3 4, 5 6 7 8,"},
};

static void idx_of_every_type(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof idx_cases / sizeof idx_cases[0]; i++) {
        dsc_table *table;
        dsc_error err = {DSC_OK, "", ""};
        dsc_status status = read_bytes(&table, idx_cases[i].bytes, idx_cases[i].n, NULL, &err);
        assert_string_equal(err.message, "");
        assert_int_equal(status, DSC_OK);
        char found[200];
        write_values(table, found, sizeof found);
        assert_string_equal(found, idx_cases[i].values);
        assert_false(dsc_table_has_names(table));
        assert_int_equal(dsc_table_line(table, 0), 0);
        dsc_table_destroy(table);
    }
}

typedef struct bad_file {
    const char *bytes;
    size_t n;
    const char *message;
} bad_file;

static const bad_file bad_idx[] = {
    {BYTES("\0\0"), "the IDX header is cut: found 2 bytes, expected 4"},
    {BYTES("\0\0\x08"), "the IDX header is cut: found 3 bytes, expected 4"},
    {BYTES("\0\0\x08\x03\0\0\0\x02\0\0"), "the IDX header is cut: found 10 bytes, expected 16"},
    {BYTES("\0\0\x07\x01\0\0\0\x01\x01"), "found the first bytes 00 00 07 01, expected text, NPY"},
    {BYTES("\0\0\x08\x00\x01"), "found an IDX file of 0 dimensions, expected 1 to 32"},
    {BYTES("\0\0\x08\xff\x01"), "found an IDX file of 255 dimensions, expected 1 to 32"},
    {BYTES("\0\0\x08\x01\0\0\0\0"), "the header declares 0 values; expected at least one row"},
    {BYTES("\0\0\x08\x02\0\0\0\x02\0\0\0\0"), "the header declares 2 x 0 values"},
    {BYTES("\0\0\x08\x01\0\0\0\x03\x01\x02"), "found 2 bytes behind the header, expected 3"},
    {BYTES("\0\0\x0b\x01\0\0\0\x03\x01\x02\x03"),
     "found 3 bytes behind the header, expected 6: the header declares 3 values of 2 bytes"},
    {BYTES("\0\0\x08\x02\x7f\xff\xff\xff\0\0\0\x1c\x01"),
     "found 1 byte behind the header, expected 60129542116: the header declares 2147483647 x 28"},
    {BYTES("\0\0\x08\x01\0\0\0\x01\x01\x02\x03"), "found 3 bytes behind the header, expected 1"},
    {BYTES("\0\0\x08\x01\0\0\0\x01"
           "0123456789012345678901234567890123456789012345678901234567890"
           "1234567890"),
     "found at least 65 bytes behind the header, expected 1"},
    {BYTES("\0\0\x0e\x03\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"),
     "the header declares 4294967295 x 4294967295 x 4294967295 values, more than any file holds"},
    {BYTES("\0\0\x0d\x01\0\0\0\x02\x3f\x80\0\0\x7f\x80\0\0"),
     "row 2: column \"1\": found an infinite value, expected a finite number"},
    {BYTES("\0\0\x0d\x01\0\0\0\x02\x3f\x80\0\0\x7f\xc0\0\0"),
     "row 2: column \"1\": found NaN, a missing value, expected a number; fill"},
};

static void check_bad(const bad_file *file) {
    dsc_table *table = (dsc_table *)(uintptr_t)1;
    dsc_error err = {DSC_OK, "", ""};
    dsc_status status = read_bytes(&table, file->bytes, file->n, NULL, &err);
    print_message("    %s: %s\n", err.where, err.message);
    assert_int_equal(status, DSC_E_DATA);
    assert_null(table);
    assert_string_equal(err.where, "f");
    assert_non_null(strstr(err.message, file->message));
    assert_int_equal(read_bytes(&table, file->bytes, file->n, NULL, NULL), DSC_E_DATA);
}

static void bad_idx_files(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof bad_idx / sizeof bad_idx[0]; i++) {
        check_bad(&bad_idx[i]);
    }
}

/* --- NPY ----------------------------------------------------------------------------------- */

/* Writes an NPY file of `version` into `out`; returns its length. */
static size_t make_npy(int version, const char *header, const char *data, size_t n_data,
                       char out[400]) {
    size_t length = strlen(header);
    size_t n = 0;
    memcpy(out, "\x93NUMPY", 6);
    out[6] = (char)version;
    out[7] = 0;
    n = 8;
    for (int i = 0; i < (version == 1 ? 2 : 4); i++) {
        out[n++] = (char)(length >> (8 * i));
    }
    memcpy(out + n, header, length);
    memcpy(out + n + length, data, n_data);
    return n + length + n_data;
}

#define HEADER(descr, order, shape)                                                                \
    "{'descr': '" descr "', 'fortran_order': " order ", 'shape': " shape ", }        \n"

typedef struct npy_case {
    int version;
    const char *header;
    const char *data;
    size_t n_data;
    const char *values;
} npy_case;

static const npy_case npy_cases[] = {
    {1, HEADER("<f8", "False", "(1,)"), BYTES("\0\0\0\0\0\0\xf8\x3f"), " 1.5,"},
    {1, HEADER(">f8", "False", "(1,)"), BYTES("\x3f\xf8\0\0\0\0\0\0"), " 1.5,"},
    {1, HEADER("<f4", "False", "(1, 2)"), BYTES("\0\0\xc0\xbf\0\0\0\x40"), " -1.5 2,"},
    {2, HEADER(">f4", "False", "(2,)"), BYTES("\xbf\xc0\0\0\x40\0\0\0"), " -1.5, 2,"},
    {3, HEADER("|i1", "False", "(2,)"), BYTES("\x7f\x80"), " 127, -128,"},
    {1, HEADER("|u1", "False", "(2,)"), BYTES("\x7f\x80"), " 127, 128,"},
    {1, HEADER("|b1", "False", "(2,)"), BYTES("\x01\x00"), " 1, 0,"},
    {1, HEADER("<i2", "False", "(2,)"), BYTES("\x02\x01\xfe\xff"), " 258, -2,"},
    {1, HEADER(">u2", "False", "(2,)"), BYTES("\x01\x02\xff\xfe"), " 258, 65534,"},
    {1, HEADER("<i4", "False", "(1,)"), BYTES("\xff\xff\xff\xff"), " -1,"},
    {1, HEADER("<u4", "False", "(1,)"), BYTES("\xff\xff\xff\xff"), " 4294967295,"},
    {1, HEADER("<i8", "False", "(1,)"), BYTES("\xfe\xff\xff\xff\xff\xff\xff\xff"), " -2,"},
    {1, HEADER(">u8", "False", "(1,)"), BYTES("\0\0\0\x01\0\0\0\0"), " 4294967296,"},
    {1, HEADER("<u1", "False", "(2, 3)"), BYTES("\1\2\3\4\5\6"), " 1 2 3, 4 5 6,"},
    {1, HEADER("<u1", "True", "(2, 3)"), BYTES("\1\2\3\4\5\6"), " 1 3 5, 2 4 6,"},
    {1, HEADER("<u1", "True", "(2,)"), BYTES("\1\2"), " 1, 2,"},
    {1, HEADER("<i2", "True", "(2, 2)"), BYTES("\1\0\2\0\3\0\4\0"), " 1 3, 2 4,"},
    {1, HEADER("<u1", "False", "(2, 2, 2)"), BYTES("\1\2\3\4\5\6\7\x08"), " 1 2 3 4, 5 6 7 8,"},
    {1, "{\"shape\":(2L,),\"descr\":\"|u1\",\"fortran_order\":False}", BYTES("\1\2"), " 1, 2,"},
};

static void npy_of_every_type(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof npy_cases / sizeof npy_cases[0]; i++) {
        const npy_case *c = &npy_cases[i];
        char bytes[400];
        size_t n = make_npy(c->version, c->header, c->data, c->n_data, bytes);
        dsc_table *table;
        dsc_error err = {DSC_OK, "", ""};
        dsc_status status = read_bytes(&table, bytes, n, NULL, &err);
        assert_string_equal(err.message, "");
        assert_int_equal(status, DSC_OK);
        char found[200];
        write_values(table, found, sizeof found);
        assert_string_equal(found, c->values);
        dsc_table_destroy(table);
        /* every cut of the file is an error */
        for (size_t cut = 6; cut < n; cut++) {
            assert_int_equal(read_bytes(&table, bytes, cut, NULL, &err), DSC_E_DATA);
            assert_null(table);
        }
    }
}

typedef struct bad_npy {
    int version;
    const char *header;
    const char *message;
} bad_npy;

static const bad_npy bad_npys[] = {
    {4, HEADER("<f8", "False", "(1,)"), "found NPY version 4.0, expected 1.0, 2.0 or 3.0"},
    {0, HEADER("<f8", "False", "(1,)"), "found NPY version 0.0"},
    {1, HEADER("|O", "False", "(1,)"),
     "the NPY header: found \"'|O', 'fortran_order': False, 'shape': (...\", expected elements of "
     "type f4, f8,"},
    {1, HEADER("<f2", "False", "(1,)"), "objects, text and records are not read"},
    {1, HEADER("<U5", "False", "(1,)"), "objects, text and records are not read"},
    {1, HEADER("<c8", "False", "(1,)"), "objects, text and records are not read"},
    {1, "{'descr': [('a', '<f8')], 'fortran_order': False, 'shape': (1,)}", "records are not read"},
    {1, HEADER("<f8", "Maybe", "(1,)"), "expected True or False"},
    {1, HEADER("<f8", "False", "()"), "one number without a dimension, expected rows"},
    {1, HEADER("<f8", "False", "(-1,)"), "expected a shape such as (3,) or (3, 4)"},
    {1, HEADER("<f8", "False", "3"), "expected a shape such as"},
    {1, HEADER("<f8", "False", "(1 2)"), "expected a shape such as"},
    {1, HEADER("<f8", "False", "(1"), "expected a shape such as"},
    {1, HEADER("<f8", "False", "(0,)"), "the header declares 0 values"},
    {1, HEADER("<f8", "False", "(3, 0)"), "the header declares 3 x 0 values"},
    {1, HEADER("<f8", "False", "(2, 4611686018427387904)"),
     "the header declares 2 x 4611686018427387904 values, more than any file holds"},
    {1, HEADER("<u1", "False", "(99999999999999999999999,)"), "more than any file holds"},
    {1, HEADER("<u1", "False", "(4294967296,)"), "more than any file holds"},
    {1, HEADER("<u1", "False", "(1000000, 1000000)"),
     "found 1 byte behind the header, expected 1000000000000"},
    {1, HEADER("<u1", "True", "(1, 1, 1)"), "found 3 dimensions in Fortran order"},
    {1, "", "found \"\", expected \"{\""},
    {1, "print('hello')", "expected \"{\""},
    {1, "{'descr': '<f8', 'shape': (1,)}", "expected 'descr', 'fortran_order' and 'shape' before"},
    {1, "{'descr': '<f8', 'descr': '<f8'}", "each once"},
    {1, "{'descr': '<f8' 'shape': (1,)}", "expected \",\" or \"}\""},
    {1, "{'other': 1}", "found \"'other': 1}\", expected 'descr', 'fortran_order' and 'shape'"},
    {1, "{'descr': '<f8", "expected elements"},
    {1, "{'descr", "each once"},
};

static void bad_npy_files(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof bad_npys / sizeof bad_npys[0]; i++) {
        char bytes[400];
        size_t n = make_npy(bad_npys[i].version, bad_npys[i].header, "\1", 1, bytes);
        check_bad(&(bad_file){bytes, n, bad_npys[i].message});
    }
    static const char huge_header[] = "\x93NUMPY\2\0\xff\xff\xff\xff{";
    check_bad(&(bad_file){huge_header, sizeof huge_header - 1,
                          "found an NPY header of 4294967295 bytes, expected at most 1048576"});
}

static void kinds_of_binary_columns(void **state) {
    (void)state;
    const dsc_table_format format = {.missing = DSC_MISSING_KEEP,
                                     .choices =
                                         (const dsc_column_choice[]){{"1", DSC_COLUMN_CATEGORICAL},
                                                                     {"2", DSC_COLUMN_IGNORED},
                                                                     {"3", DSC_COLUMN_DETECT}},
                                     .n_choices = 3};
    char bytes[400];
    /* (2, 3): 1.5, infinity, 2 and NaN, 0, NaN */
    size_t n = make_npy(1, HEADER("<f4", "False", "(2, 3)"),
                        BYTES("\0\0\xc0\x3f\0\0\x80\x7f\0\0\0\x40"
                              "\0\0\xc0\x7f\0\0\0\0\0\0\xc0\x7f"),
                        bytes);
    dsc_table *table;
    dsc_error err;
    assert_int_equal(read_bytes(&table, bytes, n, &format, &err), DSC_OK);
    assert_int_equal(dsc_table_column_kind(table, 0), DSC_COLUMN_CATEGORICAL);
    assert_int_equal(dsc_table_column_kind(table, 1), DSC_COLUMN_IGNORED);
    assert_int_equal(dsc_table_column_kind(table, 2), DSC_COLUMN_NUMERIC);
    assert_int_equal(dsc_table_n_categories(table, 0), 1);
    dsc_id text = dsc_table_category_text(table, 0, dsc_table_category(table, 0, 0));
    assert_int_equal(text.length, 3);
    assert_memory_equal(text.bytes, "1.5", 3);
    assert_int_equal(dsc_table_category(table, 1, 0), DSC_NO_INDEX);
    assert_true(isnan(dsc_table_number(table, 1, 2)));
    assert_int_equal(dsc_table_n_missing(table, 0), 1);
    assert_int_equal(dsc_table_n_missing(table, 2), 1);
    dsc_table_destroy(table);
}

/* --- labels -------------------------------------------------------------------------------- */

static void labels_become_the_last_column(void **state) {
    char *images =
        scratch_write(*state, "images", BYTES("\0\0\x08\x02\0\0\0\x02\0\0\0\x02\x01\x02\x03\x04"));
    char *labels = scratch_write(*state, "labels", BYTES("\0\0\x08\x01\0\0\0\x02\x07\x09"));
    char *words = scratch_write(*state, "words", BYTES("cat\ndog\n"));
    char *three = scratch_write(*state, "three", BYTES("1\n2\n3\n"));
    char *rows = scratch_write(*state, "rows.csv", BYTES("a,label\n1,2\n3,4\n"));
    dsc_table *table;
    dsc_error err = {DSC_OK, "", ""};
    dsc_table_format format = {.labels_path = labels};
    assert_int_equal(dsc_table_read(&table, images, &format, NULL, &err), DSC_OK);
    char found[100];
    write_values(table, found, sizeof found);
    assert_string_equal(found, " 1 2 7, 3 4 9,");
    assert_string_equal(dsc_table_column_name(table, 2), "label");
    dsc_table_destroy(table);

    const dsc_column_choice categorical = {"label", DSC_COLUMN_CATEGORICAL};
    format.choices = &categorical;
    format.n_choices = 1;
    assert_int_equal(dsc_table_read(&table, images, &format, NULL, &err), DSC_OK);
    assert_int_equal(dsc_table_n_categories(table, 2), 2);
    dsc_table_destroy(table);

    format.labels_path = words;
    assert_int_equal(dsc_table_read(&table, images, &format, NULL, &err), DSC_OK);
    assert_int_equal(dsc_table_category(table, 1, 2), 1);
    dsc_table_destroy(table);
    const dsc_column_choice numeric = {"-1", DSC_COLUMN_NUMERIC};
    format.choices = &numeric;
    assert_int_equal(dsc_table_read(&table, images, &format, NULL, &err), DSC_E_DATA);
    assert_non_null(strstr(err.message, "column \"label\" holds text, such as \"cat\""));
    format.n_choices = 0;

    format.labels_path = three;
    assert_int_equal(dsc_table_read(&table, images, &format, NULL, &err), DSC_E_DATA);
    assert_non_null(strstr(err.message, "found 3 labels, expected 2: one for each row of"));
    assert_string_equal(err.where, three);
    format.labels_path = images;
    assert_int_equal(dsc_table_read(&table, images, &format, NULL, &err), DSC_E_DATA);
    assert_non_null(strstr(err.message, "found 2 columns, expected one"));
    format.labels_path = labels;
    assert_int_equal(dsc_table_read(&table, rows, &format, NULL, &err), DSC_E_DATA);
    assert_non_null(strstr(err.message, "column 2 is named \"label\" like"));
    format.labels_path = "-";
    assert_int_equal(dsc_table_read(&table, "-", &format, NULL, &err), DSC_E_ARGUMENT);
    format.labels_path = "/nowhere/labels";
    assert_int_equal(dsc_table_read(&table, images, &format, NULL, &err), DSC_E_IO);
    assert_int_equal(dsc_table_read(&table, "/nowhere/images", NULL, NULL, &err), DSC_E_IO);
    assert_null(table);
    free(images);
    free(labels);
    free(words);
    free(three);
    free(rows);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(idx_of_every_type),
        cmocka_unit_test(bad_idx_files),
        cmocka_unit_test(npy_of_every_type),
        cmocka_unit_test(bad_npy_files),
        cmocka_unit_test(kinds_of_binary_columns),
        cmocka_unit_test_setup_teardown(labels_become_the_last_column, scratch_begin, scratch_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
