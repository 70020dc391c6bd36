/* Many who are folded in at once, by any number of threads, against each by itself. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "folding.h"

enum { N_MANY = 40, MAX_GIVEN = 6 };

/* Newcomers with ratings of their own, from none on. */
typedef struct crowd {
    uint32_t other[N_MANY][MAX_GIVEN];
    float rating[N_MANY][MAX_GIVEN];
    dsc_given given[N_MANY];
    dsc_fold_in_config config[N_MANY];
    dsc_newcomers newcomers;
} crowd;

static void fill_crowd(crowd *out, const dsc_recommender *model, bool are_items) {
    for (uint32_t i = 0; i < N_MANY; i++) {
        for (uint32_t e = 0; e < MAX_GIVEN; e++) {
            out->other[i][e] = (i * 7 + e * 5) % N_ITEMS;
            out->rating[i][e] = (float)(1 + (i + e) % 5);
        }
        out->given[i] = (dsc_given){i % (MAX_GIVEN + 1), out->other[i], out->rating[i], NULL};
        out->config[i] = dsc_fold_in_config_of(model, are_items);
        out->config[i].l2_vector += i;
    }
    out->newcomers = (dsc_newcomers){
        .n = N_MANY, .are_items = are_items, .given = out->given, .config = out->config};
}

static void many_are_what_each_is_by_any_number_of_threads(void **state) {
    (void)state;
    static const size_t n_threads[] = {1, 2, 3, 8, 0};
    static crowd all;
    for (size_t m = 0; m < N_FORMS; m++) {
        dsc_recommender *model = create_model(forms[m]);
        for (int are_items = 0; are_items <= 1; are_items++) {
            fill_crowd(&all, model, are_items == 1);
            for (size_t t = 0; t < sizeof n_threads / sizeof n_threads[0]; t++) {
                dsc_folded *folded[N_MANY];
                all.newcomers.n_threads = n_threads[t];
                assert_int_equal(dsc_fold_in_many(folded, model, &all.newcomers, NULL), DSC_OK);
                for (size_t i = 0; i < N_MANY; i++) {
                    dsc_folded *alone;
                    assert_int_equal((are_items == 1 ? dsc_fold_in_item : dsc_fold_in_user)(
                                         &alone, model, &all.given[i], &all.config[i], NULL),
                                     DSC_OK);
                    const dsc_side a = dsc_folded_side(folded[i]), b = dsc_folded_side(alone);
                    assert_int_equal(a.n_ratings, all.given[i].n);
                    assert_int_equal(a.n_ratings, b.n_ratings);
                    assert_memory_equal(&a.bias, &b.bias, sizeof a.bias);
                    if (all.given[i].n > 0) {
                        assert_memory_equal(a.vector, b.vector, K * sizeof *a.vector);
                    }
                    dsc_folded_destroy(alone);
                    dsc_folded_destroy(folded[i]);
                }
            }
        }
        dsc_recommender_destroy(model);
    }
}

/* Whichever of the threads meets a failure first, the first of the newcomers is named, and nobody stays. */
static void of_many_the_first_failure_counts(void **state) {
    (void)state;
    static crowd all;
    dsc_recommender *model = create_model("dot");
    fill_crowd(&all, model, false);
    all.config[11].max_iterations = 0;
    all.config[12].n_history = -1;
    all.config[39].l2_power = -1;
    for (size_t n_threads = 1; n_threads <= 8; n_threads++) {
        dsc_folded *folded[N_MANY];
        dsc_error err;
        all.newcomers.n_threads = n_threads;
        assert_int_equal(dsc_fold_in_many(folded, model, &all.newcomers, &err), DSC_E_ARGUMENT);
        assert_string_equal(err.where, "max_iterations");
        for (size_t i = 0; i < N_MANY; i++) {
            assert_null(folded[i]);
        }
    }
    all.newcomers.n_threads = 1025;
    dsc_folded *folded[N_MANY];
    dsc_error err;
    assert_int_equal(dsc_fold_in_many(folded, model, &all.newcomers, &err), DSC_E_ARGUMENT);
    assert_string_equal(err.where, "n_threads");
    dsc_recommender_destroy(model);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(many_are_what_each_is_by_any_number_of_threads),
        cmocka_unit_test(of_many_the_first_failure_counts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
