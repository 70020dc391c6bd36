/* The public sets of numbers, where they are there: counts, ranges, published splits, and that an
 * encoding standardises them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "descent/encoding.h"
#include "descent/split.h"

enum { PATH_BYTES = 4096 };

/* False, and says so, when the file is not there. */
static bool find_file(char path[PATH_BYTES], const char *folder, const char *name) {
    const char *data = getenv("DESCENT_DATA");
    snprintf(path, PATH_BYTES, "%s/%s/%s", data != NULL ? data : "../shared/datasets", folder,
             name);
    bool is_there = access(path, R_OK) == 0;
    if (!is_there) {
        print_message("skipped: %s is not there (DESCENT_DATA names the folder)\n", path);
    }
    return is_there;
}

static dsc_table *read_table(const char *path, const dsc_table_format *format) {
    dsc_table *table;
    dsc_error err = {DSC_OK, "", ""};
    dsc_status status = dsc_table_read(&table, path, format, NULL, &err);
    assert_string_equal(err.message, "");
    assert_int_equal(status, DSC_OK);
    return table;
}

static dsc_rows read_rows(const char *path, size_t n_rows) {
    dsc_rows rows;
    dsc_error err = {DSC_OK, "", ""};
    dsc_status status = dsc_rows_read(&rows, path, n_rows, &err);
    assert_string_equal(err.message, "");
    assert_int_equal(status, DSC_OK);
    return rows;
}

/* Every input column of the rows has mean 0 and deviation 1, or is constant. */
static void assert_standard(const dsc_samples *s) {
    for (size_t k = 0; k < s->n_inputs; k++) {
        double sum = 0, squares = 0;
        for (size_t i = 0; i < s->n_rows; i++) {
            double x = (double)s->input[i * s->n_inputs + k];
            sum += x;
            squares += x * x;
        }
        double n = (double)s->n_rows;
        double variance = squares / n - sum / n * (sum / n);
        assert_true(fabs(sum / n) < 1e-4);
        assert_true(fabs(variance - 1) < 1e-3 || squares <= 0);
    }
}

typedef struct regression_set {
    const char *name;
    size_t n_rows;
    size_t n_columns;
} regression_set;

static const regression_set sets[] = {
    {"uci-regression/concrete", 1030, 9},
    {"uci-regression/energy", 768, 9},
    {"uci-regression/kin8nm", 8192, 9},
    {"uci-regression/power-plant", 9568, 5},
    {"uci-regression/wine-quality-red", 1599, 12},
    {"uci-regression/yacht", 308, 7},
};

static void check_set(const regression_set *set, const dsc_table *table) {
    char path[PATH_BYTES];
    assert_int_equal(dsc_table_n_rows(table), set->n_rows);
    assert_int_equal(dsc_table_n_columns(table), set->n_columns);
    assert_false(dsc_table_has_names(table));
    assert_true(find_file(path, set->name, "index_target.txt"));
    dsc_rows target = read_rows(path, set->n_columns);
    assert_true(find_file(path, set->name, "index_features.txt"));
    dsc_rows features = read_rows(path, set->n_columns);
    assert_int_equal(target.row[0], set->n_columns - 1);
    assert_int_equal(features.n, set->n_columns - 1);
    for (int split = 0; split < 20; split++) {
        char name[64];
        snprintf(name, sizeof name, "index_train_%d.txt", split);
        assert_true(find_file(path, set->name, name));
        dsc_rows train = read_rows(path, set->n_rows);
        snprintf(name, sizeof name, "index_test_%d.txt", split);
        assert_true(find_file(path, set->name, name));
        dsc_rows test = read_rows(path, set->n_rows);
        assert_int_equal(train.n + test.n, set->n_rows);
        char *is_test = calloc(set->n_rows, 1);
        assert_non_null(is_test);
        for (size_t i = 0; i < test.n; i++) {
            is_test[test.row[i]] = 1;
        }
        for (size_t i = 0; i < train.n; i++) {
            assert_int_equal(is_test[train.row[i]], 0);
        }
        dsc_encoding *e;
        dsc_samples s;
        assert_int_equal(dsc_encoding_fit(&e, table, train.row, train.n, NULL, NULL), DSC_OK);
        assert_int_equal(dsc_encoding_n_inputs(e), features.n);
        assert_int_equal(dsc_encoding_apply(e, table, train.row, train.n, true, &s, NULL), DSC_OK);
        assert_standard(&s);
        dsc_samples_clear(&s);
        assert_int_equal(dsc_encoding_apply(e, table, test.row, test.n, true, &s, NULL), DSC_OK);
        dsc_samples_clear(&s);
        dsc_encoding_destroy(e);
        free(is_test);
        dsc_rows_clear(&train);
        dsc_rows_clear(&test);
    }
    dsc_rows_clear(&target);
    dsc_rows_clear(&features);
}

static void regression_sets(void **state) {
    (void)state;
    size_t n_read = 0;
    for (size_t i = 0; i < sizeof sets / sizeof sets[0]; i++) {
        char path[PATH_BYTES];
        if (find_file(path, sets[i].name, "data.txt")) {
            dsc_table *table = read_table(path, NULL);
            check_set(&sets[i], table);
            dsc_table_destroy(table);
            n_read++;
        }
    }
    if (n_read == 0) {
        skip();
    }
}

static void optical_digits(void **state) {
    (void)state;
    char train_path[PATH_BYTES], test_path[PATH_BYTES];
    if (!find_file(train_path, "optdigits", "optdigits.tra") ||
        !find_file(test_path, "optdigits", "optdigits.tes")) {
        skip();
    }
    dsc_table *train = read_table(train_path, NULL);
    assert_int_equal(dsc_table_n_rows(train), 3823);
    assert_int_equal(dsc_table_n_columns(train), 65);
    assert_string_equal(dsc_table_column_name(train, 0), "Block 1");
    assert_string_equal(dsc_table_column_name(train, 64), "Class");
    dsc_encoding *e;
    const dsc_encoding_config config = {.task = DSC_TASK_CLASSIFICATION, .target = "Class"};
    assert_int_equal(dsc_encoding_fit(&e, train, NULL, 0, &config, NULL), DSC_OK);
    assert_int_equal(dsc_encoding_n_inputs(e), 64);
    assert_int_equal(dsc_encoding_n_outputs(e), 10);
    dsc_table *test;
    assert_int_equal(dsc_encoding_read(e, &test, test_path, true, NULL, NULL, NULL), DSC_OK);
    assert_int_equal(dsc_table_n_rows(test), 1797);
    dsc_samples s;
    assert_int_equal(dsc_encoding_apply(e, train, NULL, 0, true, &s, NULL), DSC_OK);
    assert_standard(&s);
    dsc_samples_clear(&s);
    assert_int_equal(dsc_encoding_apply(e, test, NULL, 0, true, &s, NULL), DSC_OK);
    dsc_samples_clear(&s);
    dsc_encoding_destroy(e);
    dsc_table_destroy(train);
    dsc_table_destroy(test);
}

static void handwritten_digits(void **state) {
    (void)state;
    static const struct {
        const char *images;
        const char *labels;
        size_t n;
    } parts[] = {{"train-images-idx3-ubyte.gz", "train-labels-idx1-ubyte.gz", 60000},
                 {"t10k-images-idx3-ubyte.gz", "t10k-labels-idx1-ubyte.gz", 10000}};
    for (size_t i = 0; i < 2; i++) {
        char images[PATH_BYTES], labels[PATH_BYTES];
        if (!find_file(images, "mnist", parts[i].images) ||
            !find_file(labels, "mnist", parts[i].labels)) {
            skip();
        }
        dsc_table *table = read_table(images, &(dsc_table_format){.labels_path = labels});
        assert_int_equal(dsc_table_n_rows(table), parts[i].n);
        assert_int_equal(dsc_table_n_columns(table), 28 * 28 + 1);
        double largest = 0;
        size_t n_of[10] = {0};
        for (size_t r = 0; r < parts[i].n; r++) {
            largest = fmax(largest, dsc_table_number(table, r, 28 * 14 + 14));
            n_of[(size_t)dsc_table_number(table, r, 784)]++;
        }
        assert_true(largest >= 255 && largest <= 255);
        for (size_t k = 0; k < 10; k++) {
            assert_in_range(n_of[k], parts[i].n / 12, parts[i].n / 8);
        }
        dsc_encoding *e;
        dsc_samples s;
        const dsc_encoding_config config = {.task = DSC_TASK_CLASSIFICATION,
                                            .scaling = DSC_SCALING_RANGE};
        static const uint32_t some[] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16};
        assert_int_equal(dsc_encoding_fit(&e, table, NULL, 0, &config, NULL), DSC_OK);
        assert_int_equal(dsc_encoding_n_outputs(e), 10);
        assert_int_equal(dsc_encoding_apply(e, table, some, 17, true, &s, NULL), DSC_OK);
        for (size_t j = 0; j < 17 * 784; j++) {
            assert_true(s.input[j] >= 0 && s.input[j] <= 1);
        }
        dsc_samples_clear(&s);
        dsc_encoding_destroy(e);
        dsc_table_destroy(table);
    }
    char images[PATH_BYTES], labels[PATH_BYTES];
    find_file(images, "mnist", parts[0].images);
    find_file(labels, "mnist", parts[1].labels);
    dsc_table *table;
    dsc_error err;
    assert_int_equal(
        dsc_table_read(&table, images, &(dsc_table_format){.labels_path = labels}, NULL, &err),
        DSC_E_DATA);
    assert_non_null(strstr(err.message, "found 10000 labels, expected 60000"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(regression_sets),
        cmocka_unit_test(optical_digits),
        cmocka_unit_test(handwritten_digits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
