/* Splits: disjoint, complete, of the right sizes, fixed by the seed, fair to strata; row files. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "descent/split.h"
#include "scratch_dir.h"

enum { MAX_ROWS = 1000 };

static void mark(const dsc_rows *rows, int *times) {
    for (size_t i = 0; i < rows->n; i++) {
        assert_true(i == 0 || rows->row[i] > rows->row[i - 1]);
        times[rows->row[i]]++;
    }
}

static void holdouts_are_disjoint_and_complete(void **state) {
    (void)state;
    static const struct {
        size_t n;
        double share;
        size_t n_held;
    } cases[] = {{2, 0.5, 1},   {2, 0.01, 1},     {2, 0.99, 1},
                 {10, 0.25, 3}, {1000, 0.1, 100}, {7, 0.999, 6}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        dsc_rows kept, held;
        int times[MAX_ROWS] = {0};
        size_t n = cases[i].n;
        assert_int_equal(dsc_split_holdout(NULL, n, cases[i].share, NULL, 5, &kept, &held, NULL),
                         DSC_OK);
        assert_int_equal(held.n, cases[i].n_held);
        assert_int_equal(kept.n, n - held.n);
        mark(&kept, times);
        mark(&held, times);
        for (size_t r = 0; r < n; r++) {
            assert_int_equal(times[r], 1);
        }
        dsc_rows_clear(&kept);
        dsc_rows_clear(&held);
    }
}

static void a_holdout_of_given_rows(void **state) {
    (void)state;
    static const uint32_t rows[] = {90, 10, 70, 30, 50};
    dsc_rows kept, held;
    assert_int_equal(dsc_split_holdout(rows, 5, 0.4, NULL, 1, &kept, &held, NULL), DSC_OK);
    int times[MAX_ROWS] = {0};
    mark(&kept, times);
    mark(&held, times);
    assert_int_equal(held.n, 2);
    for (size_t i = 0; i < 5; i++) {
        assert_int_equal(times[rows[i]], 1);
    }
    dsc_rows_clear(&kept);
    dsc_rows_clear(&held);
}

static void the_seed_decides(void **state) {
    (void)state;
    dsc_rows kept, a, b, c;
    assert_int_equal(dsc_split_holdout(NULL, 500, 0.2, NULL, 7, &kept, &a, NULL), DSC_OK);
    dsc_rows_clear(&kept);
    assert_int_equal(dsc_split_holdout(NULL, 500, 0.2, NULL, 7, &kept, &b, NULL), DSC_OK);
    dsc_rows_clear(&kept);
    assert_int_equal(dsc_split_holdout(NULL, 500, 0.2, NULL, 8, &kept, &c, NULL), DSC_OK);
    dsc_rows_clear(&kept);
    assert_memory_equal(a.row, b.row, a.n * sizeof *a.row);
    assert_memory_not_equal(a.row, c.row, a.n * sizeof *a.row);
    dsc_rows_clear(&a);
    dsc_rows_clear(&b);
    dsc_rows_clear(&c);
    uint32_t x[100], y[100], z[100];
    assert_int_equal(dsc_split_folds(100, 5, NULL, 7, x, NULL), DSC_OK);
    assert_int_equal(dsc_split_folds(100, 5, NULL, 7, y, NULL), DSC_OK);
    assert_int_equal(dsc_split_folds(100, 5, NULL, 8, z, NULL), DSC_OK);
    assert_memory_equal(x, y, sizeof x);
    assert_memory_not_equal(x, z, sizeof x);
}

/* Every row is held out about as often as any other: 2000 holdouts of 2 of 10, expected 400 each,
 * with a deviation of sqrt(2000 * 0.2 * 0.8) = 18. */
static void holdouts_are_uniform(void **state) {
    (void)state;
    int times[10] = {0};
    for (uint64_t seed = 0; seed < 2000; seed++) {
        dsc_rows kept, held;
        assert_int_equal(dsc_split_holdout(NULL, 10, 0.2, NULL, seed, &kept, &held, NULL), DSC_OK);
        mark(&held, times);
        dsc_rows_clear(&kept);
        dsc_rows_clear(&held);
    }
    for (size_t r = 0; r < 10; r++) {
        assert_in_range(times[r], 400 - 5 * 18, 400 + 5 * 18);
    }
}

/* 600 of stratum 0, 300 of 7, 100 of 2. */
static void make_strata(uint32_t stratum[MAX_ROWS]) {
    for (size_t i = 0; i < MAX_ROWS; i++) {
        stratum[i] = i % 10 < 6 ? 0 : i % 10 < 9 ? 7 : 2;
    }
}

static void strata_get_their_share(void **state) {
    (void)state;
    uint32_t stratum[MAX_ROWS];
    uint32_t fold[MAX_ROWS];
    make_strata(stratum);
    dsc_rows kept, held;
    assert_int_equal(dsc_split_holdout(NULL, MAX_ROWS, 0.33, stratum, 3, &kept, &held, NULL),
                     DSC_OK);
    size_t n_held[8] = {0};
    for (size_t i = 0; i < held.n; i++) {
        n_held[stratum[held.row[i]]]++;
    }
    assert_int_equal(held.n, 330);
    assert_in_range(n_held[0], 197, 199);
    assert_in_range(n_held[7], 98, 100);
    assert_in_range(n_held[2], 32, 34);
    dsc_rows_clear(&kept);
    dsc_rows_clear(&held);
    enum { N_FOLDS = 7 };
    assert_int_equal(dsc_split_folds(MAX_ROWS, N_FOLDS, stratum, 3, fold, NULL), DSC_OK);
    size_t n_in[N_FOLDS][8] = {{0}};
    for (size_t i = 0; i < MAX_ROWS; i++) {
        n_in[fold[i]][stratum[i]]++;
    }
    for (size_t k = 0; k < N_FOLDS; k++) {
        assert_in_range(n_in[k][0], 600 / N_FOLDS, 600 / N_FOLDS + 1);
        assert_in_range(n_in[k][7], 300 / N_FOLDS, 300 / N_FOLDS + 1);
        assert_in_range(n_in[k][2], 100 / N_FOLDS, 100 / N_FOLDS + 1);
    }
}

/* Whatever the seed, each of ten strata of one row and of five of two keeps a row. */
static void every_stratum_keeps_a_row(void **state) {
    (void)state;
    enum { N = 20, N_STRATA = 15 };
    uint32_t stratum[N];
    size_t most_held = 0;
    for (uint32_t i = 0; i < N; i++) {
        stratum[i] = i % N_STRATA;
    }
    for (uint64_t seed = 0; seed < 50; seed++) {
        dsc_rows kept, held;
        int times[MAX_ROWS] = {0};
        bool has_kept[N_STRATA] = {false};
        assert_int_equal(dsc_split_holdout(NULL, N, 0.5, stratum, seed, &kept, &held, NULL),
                         DSC_OK);
        mark(&kept, times);
        mark(&held, times);
        for (size_t i = 0; i < N; i++) {
            assert_int_equal(times[i], 1);
        }
        for (size_t i = 0; i < kept.n; i++) {
            has_kept[stratum[kept.row[i]]] = true;
        }
        for (size_t s = 0; s < N_STRATA; s++) {
            assert_true(has_kept[s]);
        }
        most_held = held.n > most_held ? held.n : most_held;
        dsc_rows_clear(&kept);
        dsc_rows_clear(&held);
    }
    assert_int_equal(most_held, 5);
}

static void folds_are_disjoint_and_complete(void **state) {
    (void)state;
    static const struct {
        size_t n;
        uint32_t n_folds;
    } cases[] = {{2, 2}, {10, 3}, {1000, 10}, {1000, 1000}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        uint32_t fold[MAX_ROWS];
        int times[MAX_ROWS] = {0};
        size_t n = cases[i].n;
        uint32_t n_folds = cases[i].n_folds;
        assert_int_equal(dsc_split_folds(n, n_folds, NULL, 1, fold, NULL), DSC_OK);
        for (uint32_t k = 0; k < n_folds; k++) {
            dsc_rows in, rest;
            int own[MAX_ROWS] = {0};
            assert_int_equal(dsc_split_fold(fold, n, k, &in, &rest, NULL), DSC_OK);
            assert_in_range(in.n, n / n_folds, n / n_folds + 1);
            mark(&in, times);
            mark(&in, own);
            mark(&rest, own);
            for (size_t r = 0; r < n; r++) {
                assert_int_equal(own[r], 1);
            }
            dsc_rows_clear(&in);
            dsc_rows_clear(&rest);
        }
        for (size_t r = 0; r < n; r++) {
            assert_int_equal(times[r], 1);
        }
    }
}

static void bad_arguments_are_refused(void **state) {
    (void)state;
    dsc_rows kept, held;
    uint32_t fold[4];
    static const double shares[] = {0, 1, -0.5, 2, (double)NAN};
    for (size_t i = 0; i < sizeof shares / sizeof shares[0]; i++) {
        assert_int_equal(dsc_split_holdout(NULL, 4, shares[i], NULL, 1, &kept, &held, NULL),
                         DSC_E_ARGUMENT);
        assert_null(kept.row);
    }
    dsc_error err;
    assert_int_equal(dsc_split_holdout(NULL, 1, 0.5, NULL, 1, &kept, &held, &err), DSC_E_ARGUMENT);
    assert_non_null(strstr(err.message, "found 1 row, expected 2 to"));
    assert_int_equal(dsc_split_holdout(NULL, SIZE_MAX, 0.5, NULL, 1, &kept, &held, &err),
                     DSC_E_ARGUMENT);
    assert_int_equal(dsc_split_folds(4, 1, NULL, 1, fold, &err), DSC_E_ARGUMENT);
    assert_int_equal(dsc_split_folds(4, 5, NULL, 1, fold, &err), DSC_E_ARGUMENT);
    assert_non_null(strstr(err.message, "5 folds of 4 rows; expected"));
}

typedef struct row_case {
    const char *text;
    const char *place; /* behind the path; NULL: good, the rows are 3, 0, 2 */
    const char *message;
} row_case;

static void row_files(void **state) {
    static const row_case cases[] = {
        {"3\n0\n2\n", NULL, NULL},
        {"3.000000000000000000e+00\r\n\n 0e0 \n2", NULL, NULL},
        {"", "", "the file is empty; expected row numbers, one a line"},
        {"\n\n", "", "the file is empty"},
        {"3\nx\n", ":2:1", "\"x\" is not a number; expected a row number, counted from 0"},
        {"3\n1.5\n", ":2:1",
         "found 1.5, expected a row number, counted from 0: a whole number from"},
        {"3\n-1\n", ":2:1", "found -1, expected"},
        {"3\n4\n", ":2:1", "a whole number from 0 to 3"},
        {"3\n1e300\n", ":2:1", "a whole number from 0 to 3"},
        {"nan\n", ":1:1", "\"nan\" is not a finite number"},
        {"3\n 1 2\n", ":2:4", "found \"2\" behind a row number, expected one number a line"},
        {"3\n\n3\n", ":3:1", "row 3 stands on line 1 already; expected each row once"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char *path = scratch_write(*state, "rows.txt", cases[i].text, strlen(cases[i].text));
        dsc_rows rows;
        dsc_error err = {DSC_OK, "", ""};
        dsc_status status = dsc_rows_read(&rows, path, 4, &err);
        print_message("    %s: %s\n", err.where, err.message);
        if (cases[i].place == NULL) {
            static const uint32_t expected[] = {3, 0, 2};
            assert_int_equal(status, DSC_OK);
            assert_int_equal(rows.n, 3);
            assert_memory_equal(rows.row, expected, sizeof expected);
        } else {
            assert_int_equal(status, DSC_E_DATA);
            assert_null(rows.row);
            assert_non_null(strstr(err.message, cases[i].message));
            assert_string_equal(err.where + strlen(path), cases[i].place);
        }
        dsc_rows_clear(&rows);
        free(path);
    }
    dsc_rows rows;
    assert_int_equal(dsc_rows_read(&rows, "/nowhere", 4, NULL), DSC_E_IO);
    assert_int_equal(dsc_rows_read(&rows, "/nowhere", 0, NULL), DSC_E_ARGUMENT);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(holdouts_are_disjoint_and_complete),
        cmocka_unit_test(a_holdout_of_given_rows),
        cmocka_unit_test(the_seed_decides),
        cmocka_unit_test(holdouts_are_uniform),
        cmocka_unit_test(strata_get_their_share),
        cmocka_unit_test(every_stratum_keeps_a_row),
        cmocka_unit_test(folds_are_disjoint_and_complete),
        cmocka_unit_test(bad_arguments_are_refused),
        cmocka_unit_test_setup_teardown(row_files, scratch_begin, scratch_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
