/* Tables, encodings and splits with too little memory: every allocation fails once, and once with
 * all that follow; each time a clean DSC_E_MEMORY, and (under AddressSanitizer) nothing leaks. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "descent/encoding.h"
#include "descent/split.h"
#include "fail_alloc.h"
#include "scratch_dir.h"

enum { N_ROWS = 300 };

static const dsc_column_choice choices[] = {{"color", DSC_COLUMN_CATEGORICAL},
                                            {"class", DSC_COLUMN_DETECT}};
static const dsc_table_format text_format = {
    .missing = DSC_MISSING_KEEP, .choices = choices, .n_choices = 2};

/* Rows enough for every array to grow; a quoted name, missing values. */
static char *make_text(size_t *length) {
    char *text = malloc((size_t)N_ROWS * 64);
    assert_non_null(text);
    *length = (size_t)sprintf(text, "color,\"a \"\"size\"\"\",weight,class\n");
    for (int i = 0; i < N_ROWS; i++) {
        *length += (size_t)sprintf(text + *length, "color %d,%s,%d,%s\n", i % 70,
                                   i % 9 == 0 ? "NA" : "2.5", i % 5, i % 3 == 0 ? "x" : "y");
    }
    return text;
}

typedef struct text_context {
    const char *text;
    size_t length;
} text_context;

static dsc_status read_body(void *context, dsc_error *err) {
    const text_context *c = context;
    dsc_table *table;
    dsc_status status =
        dsc_table_read_memory(&table, c->text, c->length, "t", &text_format, NULL, err);
    assert_int_equal(table == NULL, status != DSC_OK);
    dsc_table_destroy(table);
    return status;
}

static void each_allocation_of_text(void **state) {
    (void)state;
    text_context c;
    char *text = make_text(&c.length);
    c.text = text;
    fail_alloc_each(read_body, &c, 25);
    free(text);
}

typedef struct file_context {
    const char *path;
    dsc_table_format format;
} file_context;

static dsc_status file_body(void *context, dsc_error *err) {
    const file_context *c = context;
    dsc_table *table;
    dsc_status status = dsc_table_read(&table, c->path, &c->format, NULL, err);
    assert_int_equal(table == NULL, status != DSC_OK);
    dsc_table_destroy(table);
    return status;
}

static void each_allocation_of_binary_files(void **state) {
    static const char idx[] = "\0\0\x08\x02\0\0\0\x02\0\0\0\x02\x01\x02\x03\x04";
    static const char header[] = "{'descr': '<u1', 'fortran_order': True, 'shape': (2,)}";
    char npy[200] = "\x93NUMPY\1\0";
    npy[8] = (char)(sizeof header - 1);
    memcpy(npy + 10, header, sizeof header - 1);
    memcpy(npy + 10 + sizeof header - 1, "\5\6", 2);
    char *rows = scratch_write(*state, "rows", idx, sizeof idx - 1);
    char *labels = scratch_write(*state, "labels", npy, 10 + sizeof header - 1 + 2);
    static const dsc_column_choice categorical[] = {{"1", DSC_COLUMN_CATEGORICAL},
                                                    {"-1", DSC_COLUMN_CATEGORICAL}};
    file_context c = {rows, {.labels_path = labels, .choices = categorical, .n_choices = 2}};
    fail_alloc_each(file_body, &c, 15);
    free(rows);
    free(labels);
}

typedef struct fit_context {
    const dsc_table *table;
    dsc_encoding_config config;
} fit_context;

static dsc_status fit_body(void *context, dsc_error *err) {
    const fit_context *c = context;
    dsc_encoding *e;
    dsc_samples samples = {0};
    uint32_t stratum[N_ROWS];
    size_t n;
    dsc_status status = dsc_encoding_fit(&e, c->table, NULL, 0, &c->config, err);
    assert_int_equal(e == NULL, status != DSC_OK);
    if (status == DSC_OK) {
        status = dsc_encoding_apply(e, c->table, NULL, 0, true, &samples, err);
        assert_int_equal(samples.input == NULL, status != DSC_OK);
    }
    status = status == DSC_OK ? dsc_table_strata(c->table, 1, stratum, &n, err) : status;
    dsc_samples_clear(&samples);
    dsc_encoding_destroy(e);
    return status;
}

static void each_allocation_of_encodings(void **state) {
    (void)state;
    static const dsc_encoding_config configs[] = {
        {.fill = DSC_FILL_MEDIAN},
        {.fill = DSC_FILL_MOST_FREQUENT, .target = "weight"},
        {.fill = DSC_FILL_CONSTANT, .target = "weight", .task = DSC_TASK_CLASSIFICATION},
    };
    size_t length;
    char *text = make_text(&length);
    fit_context c;
    dsc_table *table;
    assert_int_equal(dsc_table_read_memory(&table, text, length, "t", &text_format, NULL, NULL),
                     DSC_OK);
    c.table = table;
    for (size_t i = 0; i < sizeof configs / sizeof configs[0]; i++) {
        c.config = configs[i];
        fail_alloc_each(fit_body, &c, 30);
    }
    dsc_table_destroy(table);
    free(text);
}

typedef struct encoded_context {
    const dsc_encoding *encoding;
    const text_context *text;
} encoded_context;

static dsc_status encoded_body(void *context, dsc_error *err) {
    const encoded_context *c = context;
    dsc_table *table;
    dsc_status status = dsc_encoding_read_memory(c->encoding, &table, c->text->text,
                                                 c->text->length, "t", true, NULL, NULL, err);
    assert_int_equal(table == NULL, status != DSC_OK);
    dsc_table_destroy(table);
    return status;
}

static void each_allocation_of_reading_for_an_encoding(void **state) {
    (void)state;
    text_context text;
    char *bytes = make_text(&text.length);
    text.text = bytes;
    dsc_table *table;
    dsc_encoding *e;
    const dsc_encoding_config config = {.fill = DSC_FILL_MEAN};
    assert_int_equal(
        dsc_table_read_memory(&table, text.text, text.length, "t", &text_format, NULL, NULL),
        DSC_OK);
    assert_int_equal(dsc_encoding_fit(&e, table, NULL, 0, &config, NULL), DSC_OK);
    encoded_context c = {e, &text};
    fail_alloc_each(encoded_body, &c, 20);
    dsc_encoding_destroy(e);
    dsc_table_destroy(table);
    free(bytes);
}

static dsc_status split_body(void *context, dsc_error *err) {
    uint32_t fold[50], stratum[50];
    dsc_rows kept = {0}, held = {0}, in = {0}, rest = {0}, read = {0};
    for (uint32_t i = 0; i < 50; i++) {
        stratum[i] = i % 3;
    }
    dsc_status status = dsc_split_holdout(NULL, 50, 0.2, stratum, 1, &kept, &held, err);
    assert_int_equal(held.row == NULL, status != DSC_OK);
    status = status == DSC_OK ? dsc_split_folds(50, 5, stratum, 1, fold, err) : status;
    status = status == DSC_OK ? dsc_split_fold(fold, 50, 2, &in, &rest, err) : status;
    status = status == DSC_OK ? dsc_rows_read(&read, context, 50, err) : status;
    dsc_rows_clear(&kept);
    dsc_rows_clear(&held);
    dsc_rows_clear(&in);
    dsc_rows_clear(&rest);
    dsc_rows_clear(&read);
    return status;
}

static void each_allocation_of_splits(void **state) {
    char *path = scratch_write(*state, "rows.txt", "1\n2\n3\n", 6);
    fail_alloc_each(split_body, path, 12);
    free(path);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_allocation_of_text),
        cmocka_unit_test_setup_teardown(each_allocation_of_binary_files, scratch_begin,
                                        scratch_end),
        cmocka_unit_test(each_allocation_of_encodings),
        cmocka_unit_test(each_allocation_of_reading_for_an_encoding),
        cmocka_unit_test_setup_teardown(each_allocation_of_splits, scratch_begin, scratch_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
