/* Kept ratings by column, against a plain search; by blocks and threads of any number. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "base/pool.h"
#include "descent/random.h"
#include "fail_alloc.h"
#include "recommender/by_column.h"

/* Rows enough for several parts; one column has no entry. */
enum { N_ROWS = 700, N_COLS = 21, NO_ENTRY = 8, PURPOSE_ENTRY = 100, PURPOSE_LEFT_OUT = 101 };

static uint64_t start[N_ROWS + 1];
static uint32_t column[N_ROWS * N_COLS], left_out[N_ROWS * N_COLS];
static bool is_kept[N_ROWS][N_COLS], is_used[N_ROWS];

/* What is kept: of the users that are used, and with a share left out. */
static dsc_kept_ratings keep(double share, bool uses_all) {
    dsc_sparse all = {.n_rows = N_ROWS, .n_cols = N_COLS, .start = start, .column = column};
    size_t n = 0;
    memset(is_kept, 0, sizeof is_kept);
    for (size_t r = 0; r < N_ROWS; r++) {
        is_used[r] = uses_all || r % 5 != 0;
        for (uint32_t c = 0; c < N_COLS; c++) {
            dsc_random entry = dsc_random_stream(1, PURPOSE_ENTRY, r * N_COLS + c);
            dsc_random out = dsc_random_stream(1, PURPOSE_LEFT_OUT, r * N_COLS + c);
            if (c == NO_ENTRY || dsc_random_uniform(&entry) > 0.6) {
                continue;
            }
            is_kept[r][c] = is_used[r] && dsc_random_uniform(&out) >= share;
            if (is_used[r] && !is_kept[r][c]) {
                left_out[n++] = (uint32_t)all.n_entries;
            }
            column[all.n_entries++] = c;
        }
        start[r + 1] = all.n_entries;
    }
    dsc_kept_ratings kept;
    assert_int_equal(
        dsc_kept_ratings_init(&kept, all, left_out, n, uses_all ? NULL : is_used, NULL), DSC_OK);
    return kept;
}

static void check_columns(const dsc_sparse_matrix *found, const dsc_kept_ratings *kept) {
    assert_int_equal(found->n_rows, N_COLS);
    assert_int_equal(found->n_cols, N_ROWS);
    assert_int_equal(found->n_entries, kept->n);
    assert_null(found->value);
    uint64_t n = 0;
    for (size_t c = 0; c < N_COLS; c++) {
        assert_int_equal(found->start[c], n);
        for (size_t r = 0; r < N_ROWS; r++) {
            if (is_kept[r][c]) {
                assert_int_equal(found->column[n], r);
                n++;
            }
        }
    }
    assert_int_equal(found->start[N_COLS], n);
    assert_int_equal(n, kept->n);
}

static void check_threads(double share, bool uses_all) {
    dsc_kept_ratings kept = keep(share, uses_all);
    for (size_t n_threads = 1; n_threads <= 4; n_threads++) {
        dsc_pool *pool = NULL;
        dsc_sparse_matrix by_column;
        assert_int_equal(dsc_pool_create(&pool, n_threads, NULL), DSC_OK);
        assert_int_equal(dsc_by_column(&by_column, &kept, pool, NULL), DSC_OK);
        check_columns(&by_column, &kept);
        dsc_sparse_matrix_clear(&by_column);
        dsc_pool_destroy(pool);
    }
    dsc_kept_ratings_clear(&kept);
}

static void columns_are_those_of_a_search(void **state) {
    (void)state;
    check_threads(0, true);
    check_threads(0, false);
    check_threads(0.1, true);
    check_threads(0.1, false);
    check_threads(0.95, true);
    check_threads(1, true);
}

/* Where a block's first rating in each column goes, before and after all of them have gone there; some columns
 * after the others. */
static void counters_stand_where_blocks_begin(void **state) {
    (void)state;
    uint32_t begins[] = {0, 1, 90, 90, 400, N_ROWS};
    const dsc_row_parts blocks = {5, begins};
    uint32_t first[5 * N_COLS] = {0}, expected[5 * N_COLS];
    dsc_kept_ratings kept = keep(0.1, true);
    dsc_sparse_matrix by_column;
    assert_int_equal(dsc_by_column_in_blocks(&by_column, first, &kept, &blocks, NULL, NULL),
                     DSC_OK);
    check_columns(&by_column, &kept);
    for (size_t b = 0; b < 5; b++) {
        for (size_t c = 0; c < N_COLS; c++) {
            uint64_t at = by_column.start[c];
            while (at < by_column.start[c + 1] && by_column.column[at] < begins[b]) {
                at++;
            }
            expected[b * N_COLS + c] = (uint32_t)at;
        }
    }
    assert_memory_equal(first, expected, sizeof first);
    const dsc_sparse view = dsc_sparse_view(&by_column);
    for (size_t b = 0; b < 5; b++) {
        for (size_t c = 0; c < N_COLS; c++) {
            first[b * N_COLS + c] =
                b < 4 ? expected[(b + 1) * N_COLS + c] : (uint32_t)by_column.start[c + 1];
        }
    }
    dsc_by_column_rewind_blocks(first, 5, view, (dsc_row_range){7, N_COLS});
    dsc_by_column_rewind_blocks(first, 5, view, (dsc_row_range){0, 7});
    assert_memory_equal(first, expected, sizeof first);
    memset(first, 1, sizeof first);
    dsc_by_column_rewind(first, view, (dsc_row_range){0, N_COLS});
    assert_memory_equal(first, expected, N_COLS * sizeof *first);
    dsc_sparse_matrix_clear(&by_column);
    dsc_kept_ratings_clear(&kept);
}

static dsc_status attempt(void *context, dsc_error *err) {
    const dsc_kept_ratings *kept = context;
    dsc_sparse_matrix by_column;
    const dsc_status status = dsc_by_column(&by_column, kept, NULL, err);
    if (status != DSC_OK) {
        assert_null(by_column.start);
        assert_null(by_column.column);
    }
    dsc_sparse_matrix_clear(&by_column);
    return status;
}

static void no_memory(void **state) {
    (void)state;
    dsc_kept_ratings some = keep(0.1, true);
    fail_alloc_each(attempt, &some, 5);
    dsc_kept_ratings_clear(&some);
    dsc_kept_ratings all = keep(0, true);
    fail_alloc_each(attempt, &all, 3);
    dsc_kept_ratings_clear(&all);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(columns_are_those_of_a_search),
                                       cmocka_unit_test(counters_stand_where_blocks_begin),
                                       cmocka_unit_test(no_memory)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
