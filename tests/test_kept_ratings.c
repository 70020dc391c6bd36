/* Ratings that are kept, against a plain filter: columns, numbers, runs, and where none are copied. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "descent/random.h"
#include "fail_alloc.h"
#include "recommender/kept_ratings.h"

enum { N_ROWS = 12, N_COLS = 90, MOST = N_ROWS * N_COLS, PURPOSE_ENTRY = 100 };

/* Behind what may be written into room. */
static const uint32_t fence = 0xfedcba98;

/* A matrix, and what is left out of it. */
typedef struct scene {
    uint64_t start[N_ROWS + 1];
    uint32_t column[MOST];
    float number[MOST];
    bool is_left_out[MOST];
    bool is_used[N_ROWS];
    bool uses_all;
    uint32_t left_out[MOST];
    size_t n_left_out;
    dsc_kept_ratings kept;
} scene;

/* Rows of any length; two of them have no entry. */
static scene make_matrix(void) {
    scene s = {.uses_all = true};
    uint64_t n = 0;
    for (size_t r = 0; r < N_ROWS; r++) {
        s.is_used[r] = true;
        for (size_t c = 0; c < N_COLS && r != 3 && r != 7; c++) {
            dsc_random random = dsc_random_stream(1, PURPOSE_ENTRY, r * N_COLS + c);
            if (dsc_random_uniform(&random) < 0.3 + 0.05 * (double)r) {
                s.column[n] = (uint32_t)c;
                s.number[n] = (float)(10 * n);
                n++;
            }
        }
        s.start[r + 1] = n;
    }
    return s;
}

static void leave_out_share(scene *s, double share) {
    for (size_t e = 0; e < s->start[N_ROWS]; e++) {
        dsc_random random = dsc_random_stream(2, PURPOSE_ENTRY, e);
        s->is_left_out[e] = dsc_random_uniform(&random) < share;
    }
}

static dsc_sparse view(const scene *s) {
    return (dsc_sparse){.n_rows = N_ROWS,
                        .n_cols = N_COLS,
                        .n_entries = s->start[N_ROWS],
                        .start = s->start,
                        .column = s->column};
}

static dsc_status keep(scene *s, dsc_error *err) {
    s->n_left_out = 0;
    for (size_t r = 0; r < N_ROWS; r++) {
        for (uint64_t e = s->start[r]; e < s->start[r + 1] && s->is_used[r]; e++) {
            if (s->is_left_out[e]) {
                s->left_out[s->n_left_out++] = (uint32_t)e;
            }
        }
    }
    return dsc_kept_ratings_init(&s->kept, view(s), s->left_out, s->n_left_out,
                                 s->uses_all ? NULL : s->is_used, err);
}

/* The plain filter: positions of what is kept of some rows, each row's first among them in `start`. */
static size_t filter(const scene *s, dsc_row_range rows, uint32_t *position, size_t *start) {
    size_t n = 0;
    for (size_t r = rows.begin; r < rows.end; r++) {
        start[r] = n;
        for (uint64_t e = s->start[r]; e < s->start[r + 1]; e++) {
            if (s->is_used[r] && !s->is_left_out[e]) {
                position[n++] = (uint32_t)e;
            }
        }
    }
    start[rows.end] = n;
    return n;
}

static void check_walk(const scene *s, dsc_row_range rows, const uint32_t *position, size_t n) {
    size_t found = 0;
    for (dsc_kept_walk w = dsc_kept_walk_over(&s->kept, rows); dsc_kept_walk_next(&w);) {
        assert_true(w.begin < w.end);
        assert_true(s->start[w.row] <= w.begin && w.end <= s->start[w.row + 1]);
        for (uint64_t e = w.begin; e < w.end; e++) {
            assert_true(found < n);
            assert_int_equal(e, position[found++]);
        }
    }
    assert_int_equal(found, n);
}

/* Into room that ends where it must. */
static void check_copies(const scene *s, dsc_row_range rows, const uint32_t *position,
                         const size_t *start, size_t n) {
    const bool has_gaps = dsc_kept_ratings_has_gaps(&s->kept, rows);
    uint32_t *columns = malloc((n + 1) * sizeof *columns);
    float *numbers = malloc((n + 1) * sizeof *numbers);
    assert_non_null(columns);
    assert_non_null(numbers);
    memcpy(columns + n, &fence, sizeof fence);
    memcpy(numbers + n, &fence, sizeof fence);
    const dsc_row_stretch stretch =
        dsc_kept_ratings_rows(&s->kept, rows, has_gaps ? columns : NULL);
    const float *found =
        dsc_kept_ratings_numbers(&s->kept, s->number, rows, has_gaps ? numbers : NULL);
    for (size_t r = rows.begin; r < rows.end; r++) {
        assert_int_equal(dsc_row_stretch_at(&stretch, r), start[r]);
        assert_int_equal(dsc_row_stretch_length(&stretch, r), start[r + 1] - start[r]);
    }
    for (size_t i = 0; i < n; i++) {
        assert_int_equal(stretch.column[i], s->column[position[i]]);
        assert_true(found[i] == s->number[position[i]]);
    }
    assert_memory_equal(columns + n, &fence, sizeof fence);
    assert_memory_equal(numbers + n, &fence, sizeof fence);
    if (!has_gaps) {
        assert_ptr_equal(stretch.column, s->column + s->start[rows.begin]);
        assert_ptr_equal(found, s->number + s->start[rows.begin]);
    }
    free(columns);
    free(numbers);
}

static void check_has(const scene *s) {
    for (size_t r = 0; r < N_ROWS; r++) {
        for (uint32_t c = 0; c < N_COLS; c++) {
            bool is_there = false;
            for (uint64_t e = s->start[r]; e < s->start[r + 1]; e++) {
                is_there = is_there || (s->column[e] == c && s->is_used[r] && !s->is_left_out[e]);
            }
            assert_int_equal(dsc_kept_ratings_has(&s->kept, (uint32_t)r, c), is_there);
        }
    }
}

/* Every stretch of rows. */
static void check(scene *s) {
    uint32_t position[MOST];
    size_t start[N_ROWS + 1];
    assert_int_equal(keep(s, NULL), DSC_OK);
    for (size_t begin = 0; begin < N_ROWS; begin++) {
        for (size_t end = begin; end <= N_ROWS; end++) {
            const dsc_row_range rows = {begin, end};
            const size_t n = filter(s, rows, position, start);
            assert_int_equal(s->kept.start[end] - s->kept.start[begin], n);
            assert_int_equal(dsc_kept_ratings_has_gaps(&s->kept, rows),
                             n < s->start[end] - s->start[begin]);
            check_walk(s, rows, position, n);
            check_copies(s, rows, position, start, n);
        }
    }
    check_has(s);
    const dsc_sparse shape = dsc_kept_ratings_shape(&s->kept);
    assert_int_equal(s->kept.n, filter(s, (dsc_row_range){0, N_ROWS}, position, start));
    assert_int_equal(shape.n_entries, s->kept.n);
    assert_int_equal(shape.n_rows, N_ROWS);
    assert_int_equal(shape.n_cols, N_COLS);
    assert_ptr_equal(shape.start, s->kept.start);
    dsc_kept_ratings_clear(&s->kept);
}

/* Nothing is held then. */
static void all_are_kept(void **state) {
    (void)state;
    scene s = make_matrix();
    check(&s);
    assert_int_equal(keep(&s, NULL), DSC_OK);
    assert_ptr_equal(s.kept.start, s.start);
    const dsc_kept_ratings all = dsc_kept_ratings_all(view(&s));
    assert_memory_equal(&all.all, &s.kept.all, sizeof all.all);
    assert_ptr_equal(all.start, s.start);
    assert_int_equal(all.n, s.start[N_ROWS]);
    dsc_kept_ratings_clear(&s.kept);
}

static void shares(void **state) {
    (void)state;
    const double share[] = {0.02, 0.1, 0.5, 0.97, 1};
    for (size_t i = 0; i < sizeof share / sizeof share[0]; i++) {
        scene s = make_matrix();
        leave_out_share(&s, share[i]);
        check(&s);
    }
}

/* Of everything, and of a row. */
static void first_and_last(void **state) {
    (void)state;
    scene s = make_matrix();
    s.is_left_out[0] = s.is_left_out[s.start[N_ROWS] - 1] = true;
    check(&s);
    s.is_left_out[s.start[5]] = s.is_left_out[s.start[6] - 1] = true;
    check(&s);
}

static void whole_rows(void **state) {
    (void)state;
    scene s = make_matrix();
    const size_t rows[] = {0, 4, 5, N_ROWS - 1};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        for (uint64_t e = s.start[rows[i]]; e < s.start[rows[i] + 1]; e++) {
            s.is_left_out[e] = true;
        }
        check(&s);
    }
}

static void rows_that_are_not_used(void **state) {
    (void)state;
    scene s = make_matrix();
    const size_t rows[] = {2, 0, 6, N_ROWS - 1};
    s.uses_all = false;
    check(&s);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        s.is_used[rows[i]] = false;
        check(&s);
    }
    leave_out_share(&s, 0.1);
    check(&s);
}

static dsc_status attempt(void *context, dsc_error *err) {
    scene *s = context;
    const dsc_status status = keep(s, err);
    if (status != DSC_OK) {
        assert_null(s->kept.start);
        assert_int_equal(s->kept.n, 0);
    }
    dsc_kept_ratings_clear(&s->kept);
    return status;
}

static void no_memory(void **state) {
    (void)state;
    scene s = make_matrix();
    leave_out_share(&s, 0.1);
    fail_alloc_each(attempt, &s, 1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_are_kept),           cmocka_unit_test(shares),
        cmocka_unit_test(first_and_last),         cmocka_unit_test(whole_rows),
        cmocka_unit_test(rows_that_are_not_used), cmocka_unit_test(no_memory)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
