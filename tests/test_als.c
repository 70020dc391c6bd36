/* Alternating least squares by half steps: what they make small, and what is left out of them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>

#include "planted_ratings.h"
#include "recommender/als.h"
#include "recommender/model.h"

static const planted what = {.n_users = 90, .n_items = 60, .share = 0.2, .seed = 11};

static dsc_recommender *untrained_als(size_t n_threads) {
    dsc_recommender_config config = dsc_recommender_config_implicit(DSC_FORM_IALS, 1000);
    config.n_factors = 8;
    config.n_threads = n_threads;
    return untrained_model(&what, &config);
}

/* Tables and objective after a step of each side. */
static double sweep(dsc_recommender *model, dsc_kept_ratings kept) {
    dsc_als *als = NULL;
    assert_int_equal(dsc_als_create(&als, model, kept, NULL), DSC_OK);
    assert_int_equal(dsc_als_half_step(als, true, NULL), DSC_OK);
    assert_int_equal(dsc_als_half_step(als, false, NULL), DSC_OK);
    const double objective = dsc_als_objective(als);
    dsc_als_destroy(als);
    return objective;
}

/* One in six, and all of one user and of one item; what remains goes into *rest.
 *   left_out  [out]  (all.n_entries) the first ones are positions
 * Returns how many are left out. */
static size_t leave_some_out(dsc_sparse all, uint32_t *left_out, dsc_sparse_matrix *rest) {
    enum { USER = 40, ITEM = 7 };
    size_t n_left_out = 0;
    assert_int_equal(dsc_sparse_matrix_init(rest, all.n_rows, all.n_cols, all.n_entries,
                                            DSC_SPARSE_PLACES, NULL),
                     DSC_OK);
    for (size_t u = 0; u < all.n_rows; u++) {
        uint64_t to = rest->start[u];
        for (uint64_t e = all.start[u]; e < all.start[u + 1]; e++) {
            if (e % 6 == 0 || u == USER || all.column[e] == ITEM) {
                left_out[n_left_out++] = (uint32_t)e;
            } else {
                rest->column[to++] = all.column[e];
            }
        }
        rest->start[u + 1] = to;
    }
    rest->n_entries = (size_t)rest->start[all.n_rows];
    assert_true(all.start[USER] < all.start[USER + 1]);
    return n_left_out;
}

/* Interactions that are left out might as well not be there, at any number of threads. */
static void left_out_interactions_do_not_count(void **state) {
    (void)state;
    static const size_t n_threads[] = {1, 2, 3, 8};
    dsc_recommender *alone = untrained_als(1);
    const dsc_sparse all = dsc_sparse_view(&alone->ratings);
    uint32_t *left_out = calloc(all.n_entries, sizeof *left_out);
    assert_non_null(left_out);
    dsc_sparse_matrix rest;
    const size_t n_left_out = leave_some_out(all, left_out, &rest);
    const double expected = sweep(alone, dsc_kept_ratings_all(dsc_sparse_view(&rest)));
    for (size_t t = 0; t < sizeof n_threads / sizeof n_threads[0]; t++) {
        dsc_recommender *beside = untrained_als(n_threads[t]);
        dsc_kept_ratings kept;
        assert_int_equal(dsc_kept_ratings_init(&kept, dsc_sparse_view(&beside->ratings), left_out,
                                               n_left_out, NULL, NULL),
                         DSC_OK);
        assert_true(sweep(beside, kept) == expected);
        assert_memory_equal(beside->tables, alone->tables, alone->n_table_values * sizeof(float));
        dsc_kept_ratings_clear(&kept);
        dsc_recommender_destroy(beside);
    }
    dsc_sparse_matrix_clear(&rest);
    free(left_out);
    dsc_recommender_destroy(alone);
}

static void the_objective_falls_with_every_half_step(void **state) {
    (void)state;
    dsc_recommender *model = untrained_als(2);
    dsc_als *als;
    assert_int_equal(
        dsc_als_create(&als, model, dsc_kept_ratings_all(dsc_sparse_view(&model->ratings)), NULL),
        DSC_OK);
    double last = dsc_als_objective(als);
    for (int half = 0; half < 12; half++) {
        assert_int_equal(dsc_als_half_step(als, half % 2 == 0, NULL), DSC_OK);
        const double now = dsc_als_objective(als);
        assert_true(now < last);
        last = now;
    }
    dsc_als_destroy(als);
    dsc_recommender_destroy(model);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(left_out_interactions_do_not_count),
                                       cmocka_unit_test(the_objective_falls_with_every_half_step)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
