/* Sparse matrices: both orders against a dense table, duplicates, empty rows, sizes too large. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/pool.h"
#include "descent/random.h"
#include "ratings/sparse_parts.h"

static void *copy_of(const void *bytes, size_t n_bytes) {
    void *copy = malloc(n_bytes + 1);
    assert_non_null(copy);
    return memcpy(copy, bytes, n_bytes);
}

static dsc_triplets triplets_of(size_t n, const uint32_t *row, const uint32_t *column,
                                const float *value, const int64_t *time) {
    return (dsc_triplets){n, copy_of(row, n * sizeof *row), copy_of(column, n * sizeof *column),
                          copy_of(value, n * sizeof *value),
                          time != NULL ? copy_of(time, n * sizeof *time) : NULL};
}

/* The same of rows that ascend, told by where each begins, up to the last that has an entry. */
static dsc_triplets grouped(dsc_triplets t) {
    t.n_starts = t.n > 0 ? (size_t)t.row[t.n - 1] + 1 : 0;
    t.start = malloc((t.n_starts + 1) * sizeof *t.start);
    assert_non_null(t.start);
    size_t row = 0;
    for (size_t i = 0; i < t.n; i++) {
        while (row <= t.row[i]) {
            t.start[row++] = i;
        }
    }
    free(t.row);
    t.row = NULL;
    return t;
}

static dsc_sparse_matrix transpose_of(const dsc_sparse_matrix *m, dsc_pool *pool) {
    dsc_sparse_matrix out;
    assert_int_equal(dsc_sparse_transpose(&out, dsc_sparse_view(m), pool, NULL), DSC_OK);
    return out;
}

static void a_small_matrix(void **state) {
    (void)state;
    /* rows 0 .. 3, columns 0 .. 2; row 1 is empty */
    const uint32_t row[] = {2, 0, 3, 0};
    const uint32_t column[] = {1, 2, 0, 0};
    const float value[] = {21, 2, 30, 1};
    const int64_t time[] = {-21, -2, -30, -1};
    dsc_triplets triplets = triplets_of(4, row, column, value, time);
    dsc_sparse_matrix by_row;
    dsc_duplicates duplicates = {9, 9};
    assert_int_equal(dsc_sparse_build(&by_row, &triplets, 4, 3, &duplicates, NULL), DSC_OK);
    assert_int_equal(duplicates.n, 0);
    assert_null(triplets.row); /* taken over */
    assert_int_equal(triplets.n, 0);
    dsc_sparse m = dsc_sparse_view(&by_row);
    assert_int_equal(m.n_rows, 4);
    assert_int_equal(m.n_cols, 3);
    assert_int_equal(m.n_entries, 4);
    assert_memory_equal(m.start, ((const uint64_t[]){0, 2, 2, 3, 4}), 5 * sizeof(uint64_t));
    assert_memory_equal(m.column, ((const uint32_t[]){0, 2, 1, 0}), 4 * sizeof(uint32_t));
    assert_memory_equal(m.value, ((const float[]){1, 2, 21, 30}), 4 * sizeof(float));
    assert_memory_equal(m.time, ((const int64_t[]){-1, -2, -21, -30}), 4 * sizeof(int64_t));
    dsc_sparse_matrix by_column = transpose_of(&by_row, NULL);
    m = dsc_sparse_view(&by_column);
    assert_int_equal(m.n_rows, 3);
    assert_int_equal(m.n_cols, 4);
    assert_memory_equal(m.start, ((const uint64_t[]){0, 2, 3, 4}), 4 * sizeof(uint64_t));
    assert_memory_equal(m.column, ((const uint32_t[]){0, 3, 2, 0}), 4 * sizeof(uint32_t));
    assert_memory_equal(m.value, ((const float[]){1, 30, 21, 2}), 4 * sizeof(float));
    assert_null(m.time);
    dsc_sparse_matrix_clear(&by_row);
    dsc_sparse_matrix_clear(&by_column);
    assert_null(by_row.start);
}

/* The last of equal places wins; the first that replaced one is named. */
static void duplicates_are_counted(void **state) {
    (void)state;
    const struct {
        size_t n;
        bool is_grouped;
        uint32_t row[6], column[6];
        size_t n_duplicates, first;
    } cases[] = {
        {6, true, {0, 0, 0, 1, 1, 1}, {0, 1, 0, 5, 5, 5}, 3, 2},
        {6, false, {0, 0, 0, 1, 1, 1}, {0, 1, 0, 5, 5, 5}, 3, 2},
        {6, false, {1, 0, 1, 0, 1, 0}, {0, 0, 0, 1, 1, 0}, 2, 2}, /* not grouped */
        {2, true, {7, 7}, {3, 3}, 1, 1},
        {3, false, {1, 0, 2}, {0, 0, 0}, 0, 0},
    };
    const float value[] = {1, 2, 3, 4, 5, 6};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        dsc_triplets triplets = triplets_of(cases[i].n, cases[i].row, cases[i].column, value, NULL);
        triplets = cases[i].is_grouped ? grouped(triplets) : triplets;
        dsc_sparse_matrix by_row;
        dsc_duplicates duplicates;
        assert_int_equal(dsc_sparse_build(&by_row, &triplets, 8, 6, &duplicates, NULL), DSC_OK);
        dsc_sparse_matrix by_column = transpose_of(&by_row, NULL);
        assert_int_equal(duplicates.n, cases[i].n_duplicates);
        assert_int_equal(duplicates.first, cases[i].first);
        assert_int_equal(by_row.n_entries, cases[i].n - cases[i].n_duplicates);
        assert_int_equal(by_row.start[8], by_row.n_entries);
        assert_int_equal(by_column.start[6], by_row.n_entries);
        assert_null(by_row.time);
        for (size_t k = 0; k < cases[i].n; k++) {
            size_t last = k;
            for (size_t other = k; other < cases[i].n; other++) {
                if (cases[i].row[other] == cases[i].row[k] &&
                    cases[i].column[other] == cases[i].column[k]) {
                    last = other;
                }
            }
            size_t at =
                dsc_sparse_find(dsc_sparse_view(&by_row), cases[i].row[k], cases[i].column[k]);
            assert_true(by_row.value[at] == value[last]);
        }
        dsc_sparse_matrix_clear(&by_row);
        dsc_sparse_matrix_clear(&by_column);
    }
}

/* Rows of less and of more than a few dozen entries, columns of more than one byte; with steps between them
 * they are too many to be ranked by a set. */
enum { ROWS = 40, COLUMNS = 300, DRAWS = 3000 };

static void check_against_table(float table[ROWS][COLUMNS], uint32_t step, dsc_sparse m,
                                bool is_by_row) {
    size_t n = 0;
    for (uint32_t r = 0; r < ROWS; r++) {
        for (uint32_t c = 0; c < COLUMNS; c++) {
            size_t at =
                is_by_row ? dsc_sparse_find(m, r, step * c) : dsc_sparse_find(m, step * c, r);
            if (table[r][c] == 0) {
                assert_int_equal(at, m.n_entries);
            } else {
                assert_true(at < m.n_entries);
                assert_true(m.value[at] == table[r][c]);
                assert_true(!is_by_row || m.time[at] == (int64_t)table[r][c]);
                n++;
            }
        }
    }
    assert_int_equal(n, m.n_entries);
    for (size_t r = 0; r < m.n_rows; r++) {
        for (uint64_t i = m.start[r] + 1; i < m.start[r + 1]; i++) {
            assert_true(m.column[i - 1] < m.column[i]);
        }
    }
}

static void random_matrices_equal_a_table(void **state) {
    (void)state;
    for (uint64_t seed = 0; seed < 20; seed++) {
        dsc_random random = dsc_random_stream(seed, 0, 0);
        const uint32_t step = seed % 4 < 2 ? 1 : 5000;
        float table[ROWS][COLUMNS] = {{0}};
        uint32_t row[DRAWS], column[DRAWS];
        float value[DRAWS];
        int64_t time[DRAWS];
        for (uint32_t i = 0; i < DRAWS; i++) {
            row[i] = seed % 2 == 0 ? dsc_random_below(&random, dsc_random_below(&random, ROWS) + 1)
                                   : i * ROWS / DRAWS;
            const uint32_t of_table = dsc_random_below(&random, COLUMNS);
            column[i] = step * of_table;
            value[i] = (float)(i + 1);
            time[i] = i + 1;
            table[row[i]][of_table] = value[i];
        }
        dsc_triplets triplets = triplets_of(DRAWS, row, column, value, time);
        triplets = seed % 2 == 1 ? grouped(triplets) : triplets;
        dsc_sparse_matrix by_row;
        assert_int_equal(dsc_sparse_build(&by_row, &triplets, ROWS, step * COLUMNS, NULL, NULL),
                         DSC_OK);
        dsc_sparse_matrix by_column = transpose_of(&by_row, NULL);
        check_against_table(table, step, dsc_sparse_view(&by_row), true);
        check_against_table(table, step, dsc_sparse_view(&by_column), false);
        dsc_sparse_matrix_clear(&by_row);
        dsc_sparse_matrix_clear(&by_column);
    }
}

static void no_entries_at_all(void **state) {
    (void)state;
    dsc_triplets none = {0};
    dsc_sparse_matrix by_row;
    assert_int_equal(dsc_sparse_build(&by_row, &none, 3, 2, NULL, NULL), DSC_OK);
    assert_int_equal(by_row.n_entries, 0);
    assert_int_equal(by_row.start[3], 0);
    dsc_sparse_matrix by_column = transpose_of(&by_row, NULL);
    assert_int_equal(by_column.n_entries, 0);
    assert_int_equal(by_column.start[2], 0);
    dsc_sparse_matrix_clear(&by_row);
    dsc_sparse_matrix_clear(&by_column);
}

static void sizes_that_do_not_fit(void **state) {
    (void)state;
    const struct {
        size_t n_rows, n_entries;
    } cases[] = {{SIZE_MAX, 0}, {SIZE_MAX / 4, 0}, {1, SIZE_MAX / 8}, {1, SIZE_MAX / 16}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        dsc_sparse_matrix m;
        dsc_error err;
        assert_int_equal(dsc_sparse_matrix_init(&m, cases[i].n_rows, 1, cases[i].n_entries,
                                                DSC_SPARSE_TIMES, &err),
                         DSC_E_MEMORY);
        assert_int_equal(err.code, DSC_E_MEMORY);
        assert_null(m.start);
    }
}

/* The arrays that a matrix was given: those that it holds stay, the others are freed. */
static void arrays_beyond_the_depth_go(void **state) {
    (void)state;
    for (unsigned depth = DSC_SPARSE_PLACES; depth <= DSC_SPARSE_TIMES; depth++) {
        uint32_t *column = malloc(sizeof *column);
        dsc_sparse_matrix m = {.n_rows = 1,
                               .n_cols = 1,
                               .n_entries = 1,
                               .column = column,
                               .value = malloc(sizeof *m.value),
                               .time = malloc(sizeof *m.time)};
        assert_int_equal(dsc_sparse_matrix_reserve(&m, (dsc_sparse_depth)depth, NULL), DSC_OK);
        assert_ptr_equal(m.column, column);
        assert_int_equal(m.value != NULL, depth >= DSC_SPARSE_VALUES);
        assert_int_equal(m.time != NULL, depth >= DSC_SPARSE_TIMES);
        dsc_sparse_matrix_clear(&m);
    }
}

enum { N_MANY = 300000, ROWS_OF_MANY = 2000, COLUMNS_OF_MANY = 700 };

typedef struct built {
    dsc_sparse_matrix by_row, by_column;
    dsc_duplicates duplicates;
} built;

static built build_by_threads(dsc_triplets triplets, size_t n_threads) {
    built b;
    assert_int_equal(dsc_pool_create(&triplets.pool, n_threads, NULL), DSC_OK);
    dsc_pool *pool = triplets.pool;
    assert_int_equal(
        dsc_sparse_build(&b.by_row, &triplets, ROWS_OF_MANY, COLUMNS_OF_MANY, &b.duplicates, NULL),
        DSC_OK);
    b.by_column = transpose_of(&b.by_row, pool);
    dsc_pool_destroy(pool);
    return b;
}

static void clear_built(built *b) {
    dsc_sparse_matrix_clear(&b->by_row);
    dsc_sparse_matrix_clear(&b->by_column);
}

static void check_same_bytes(const built *a, const built *b) {
    const size_t n = a->by_row.n_entries;
    assert_int_equal(n, b->by_row.n_entries);
    assert_memory_equal(&a->duplicates, &b->duplicates, sizeof a->duplicates);
    const dsc_sparse_matrix *x = &a->by_row, *y = &b->by_row;
    assert_memory_equal(x->start, y->start, (ROWS_OF_MANY + 1) * sizeof *x->start);
    assert_memory_equal(x->column, y->column, n * sizeof *x->column);
    assert_memory_equal(x->value, y->value, n * sizeof *x->value);
    assert_memory_equal(x->time, y->time, n * sizeof *x->time);
    x = &a->by_column;
    y = &b->by_column;
    assert_memory_equal(x->start, y->start, (COLUMNS_OF_MANY + 1) * sizeof *x->start);
    assert_memory_equal(x->column, y->column, n * sizeof *x->column);
    assert_memory_equal(x->value, y->value, n * sizeof *x->value);
}

static dsc_triplets many(bool is_grouped, const uint32_t *row, const uint32_t *column,
                         const float *value, const int64_t *time) {
    const dsc_triplets triplets = triplets_of(N_MANY, row, column, value, time);
    return is_grouped ? grouped(triplets) : triplets;
}

/* Many parts by several threads: the same bytes as by one, of entries in rows and of entries in no
 * order, with places that come again. */
static void threads_change_nothing(void **state) {
    (void)state;
    static uint32_t row[N_MANY], column[N_MANY];
    static float value[N_MANY];
    static int64_t time[N_MANY];
    for (uint32_t is_grouped = 0; is_grouped < 2; is_grouped++) {
        dsc_random random = dsc_random_stream(3, 0, is_grouped);
        for (uint32_t i = 0; i < N_MANY; i++) {
            row[i] = is_grouped ? i / 157 : dsc_random_below(&random, ROWS_OF_MANY);
            column[i] = dsc_random_below(&random, COLUMNS_OF_MANY);
            value[i] = (float)i;
            time[i] = -(int64_t)i;
        }
        built one = build_by_threads(many(is_grouped, row, column, value, time), 1);
        const size_t n = one.by_row.n_entries;
        assert_true(n < N_MANY);
        assert_int_equal(one.duplicates.n, N_MANY - n);
        for (size_t k = 0; k < N_MANY; k += 97) { /* it is the matrix: the last of equal places */
            const size_t at = dsc_sparse_find(dsc_sparse_view(&one.by_row), row[k], column[k]);
            assert_true(at < n && one.by_row.value[at] >= value[k]);
            assert_true(one.by_row.time[at] == -(int64_t)one.by_row.value[at]);
            const size_t back = dsc_sparse_find(dsc_sparse_view(&one.by_column), column[k], row[k]);
            assert_true(back < n && one.by_column.value[back] == one.by_row.value[at]);
        }
        const size_t n_threads[] = {2, 3, 8};
        for (size_t k = 0; k < sizeof n_threads / sizeof n_threads[0]; k++) {
            built some = build_by_threads(many(is_grouped, row, column, value, time), n_threads[k]);
            check_same_bytes(&one, &some);
            clear_built(&some);
        }
        clear_built(&one);
    }
}

/* Grouped entries, every other row empty: they stay as they are. */
static void grouped_rows_stay(void **state) {
    (void)state;
    enum { LENGTH = 1024, N_ROWS = 400, N = LENGTH * N_ROWS / 2 };
    uint32_t *row = malloc(N * sizeof *row);
    uint32_t *column = malloc(N * sizeof *column);
    float *value = malloc(N * sizeof *value);
    assert_true(row != NULL && column != NULL && value != NULL);
    for (uint32_t i = 0; i < N; i++) {
        row[i] = 2 * (i / LENGTH);
        column[i] = i % LENGTH;
        value[i] = (float)i;
    }
    dsc_triplets triplets = grouped(triplets_of(N, row, column, value, NULL));
    dsc_sparse_matrix by_row;
    assert_int_equal(dsc_sparse_build(&by_row, &triplets, N_ROWS, LENGTH, NULL, NULL), DSC_OK);
    assert_int_equal(by_row.n_entries, N);
    for (size_t i = 0; i <= N_ROWS; i++) {
        assert_int_equal(by_row.start[i], (i + 1) / 2 * LENGTH);
    }
    assert_memory_equal(by_row.column, column, N * sizeof *column);
    assert_memory_equal(by_row.value, value, N * sizeof *value);
    dsc_sparse_matrix_clear(&by_row);
    free(row);
    free(column);
    free(value);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_small_matrix),
        cmocka_unit_test(duplicates_are_counted),
        cmocka_unit_test(random_matrices_equal_a_table),
        cmocka_unit_test(no_entries_at_all),
        cmocka_unit_test(sizes_that_do_not_fit),
        cmocka_unit_test(arrays_beyond_the_depth_go),
        cmocka_unit_test(threads_change_nothing),
        cmocka_unit_test(grouped_rows_stay),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
