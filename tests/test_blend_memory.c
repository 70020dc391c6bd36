/* Blends with too little memory: every allocation fails once, and once with all that follow; each time
 * a clean DSC_E_MEMORY, and (under AddressSanitizer) nothing leaks. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>

#include "blended.h"
#include "descent/explain.h"
#include "descent/fold_in.h"
#include "fail_alloc.h"
#include "planted_ratings.h"
#include "scratch_dir.h"

typedef struct fixture {
    void *dir;
    char *path; /* of the saved blend */
    dsc_ratings *ratings;
    dsc_recommender_config members[N_BLENDED];
    dsc_blend_config config;
    dsc_recommender *blend;
} fixture;

static int begin(void **state) {
    fixture *f = calloc(1, sizeof *f);
    if (f == NULL || scratch_begin(&f->dir) != 0) {
        return -1;
    }
    const planted what = {.n_users = 12, .n_items = 9, .share = 0.7, .noise = 0.1, .seed = 1};
    f->ratings = planted_ratings(&what);
    blended_members(f->members);
    for (size_t m = 0; m < N_BLENDED; m++) {
        f->members[m].max_epochs = 2;
    }
    f->config = blended_config(f->members);
    f->blend = must_blend(f->ratings, &f->config, NULL);
    f->path = scratch_path(f->dir, "model");
    *state = f;
    return dsc_recommender_save(f->blend, f->path, NULL) == DSC_OK ? 0 : -1;
}

static int end(void **state) {
    fixture *f = *state;
    dsc_recommender_destroy(f->blend);
    dsc_ratings_destroy(f->ratings);
    free(f->path);
    const int result = scratch_end(&f->dir);
    free(f);
    return result;
}

static dsc_status train(void *context, dsc_error *err) {
    const fixture *f = context;
    dsc_recommender *blend = (dsc_recommender *)(uintptr_t)1;
    dsc_blend_report report;
    dsc_status status = dsc_blend_train(&blend, f->ratings, &f->config, NULL, NULL, &report, err);
    assert_int_equal(blend != NULL, status == DSC_OK);
    dsc_recommender_destroy(blend);
    return status;
}

static dsc_status load(void *context, dsc_error *err) {
    const fixture *f = context;
    dsc_recommender *blend = (dsc_recommender *)(uintptr_t)1;
    dsc_status status = dsc_recommender_load(&blend, f->path, err);
    assert_int_equal(blend != NULL, status == DSC_OK);
    dsc_recommender_destroy(blend);
    return status;
}

static dsc_status save(void *context, dsc_error *err) {
    const fixture *f = context;
    return dsc_recommender_save(f->blend, f->path, err);
}

static dsc_status create_scorer(void *context, dsc_error *err) {
    const fixture *f = context;
    dsc_scorer *scorer = (dsc_scorer *)(uintptr_t)1;
    dsc_status status = dsc_scorer_create(&scorer, f->blend, err);
    assert_int_equal(scorer != NULL, status == DSC_OK);
    dsc_scorer_destroy(scorer);
    return status;
}

static dsc_status fold_in(void *context, dsc_error *err) {
    const fixture *f = context;
    const uint32_t items[] = {3, 5};
    const float ratings[] = {4, 2};
    dsc_folded *folded = (dsc_folded *)(uintptr_t)1;
    dsc_status status =
        dsc_fold_in_user(&folded, f->blend, &(dsc_given){2, items, ratings}, NULL, err);
    assert_int_equal(folded != NULL, status == DSC_OK);
    dsc_folded_destroy(folded);
    return status;
}

static dsc_status explain(void *context, dsc_error *err) {
    const fixture *f = context;
    const dsc_side user = dsc_recommender_user_side(f->blend, 1);
    const dsc_side item = dsc_recommender_item_side(f->blend, 1);
    dsc_explanation explanation;
    dsc_status status = dsc_explain(&explanation, f->blend, &user, &item, err);
    assert_int_equal(explanation.reasons != NULL, status == DSC_OK);
    dsc_explanation_clear(&explanation);
    return status;
}

static void training(void **state) {
    fail_alloc_each(train, *state, 100);
}

static void loading(void **state) {
    fail_alloc_each(load, *state, 20);
}

static void saving(void **state) {
    fail_alloc_each(save, *state, 3);
}

static void scoring(void **state) {
    fail_alloc_each(create_scorer, *state, 1 + 1 + 1 + 3 * N_BLENDED);
}

static void folding_in(void **state) {
    fail_alloc_each(fold_in, *state, 2 + 6 * N_BLENDED);
}

static void explaining(void **state) {
    fail_alloc_each(explain, *state, 1 + 2 * N_BLENDED);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(training), cmocka_unit_test(loading),    cmocka_unit_test(saving),
        cmocka_unit_test(scoring),  cmocka_unit_test(folding_in), cmocka_unit_test(explaining),
    };
    return cmocka_run_group_tests(tests, begin, end);
}
