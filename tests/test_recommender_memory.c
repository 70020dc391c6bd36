/* The recommender with too little memory: every allocation fails once, and once with all that
 * follow; each time a clean DSC_E_MEMORY, and (under AddressSanitizer) nothing leaks. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "descent/evaluation.h"
#include "descent/explain.h"
#include "descent/fold_in.h"
#include "descent/similar.h"
#include "fail_alloc.h"
#include "planted_ratings.h"
#include "scratch_dir.h"

typedef struct fixture {
    void *dir;
    char *path; /* of a saved model */
    dsc_ratings *ratings;
    dsc_recommender_config config;
    dsc_recommender *model;
} fixture;

static int begin(void **state) {
    fixture *f = calloc(1, sizeof *f);
    if (f == NULL || scratch_begin(&f->dir) != 0) {
        return -1;
    }
    const planted what = {.n_users = 90, .n_items = 70, .share = 0.1, .noise = 0.1, .seed = 1};
    f->ratings = planted_ratings(&what);
    f->config = small_config();
    f->config.max_epochs = 1;
    f->model = must_train(f->ratings, &f->config);
    f->path = scratch_path(f->dir, "model");
    *state = f;
    return dsc_recommender_save(f->model, f->path, NULL) == DSC_OK ? 0 : -1;
}

static int end(void **state) {
    fixture *f = *state;
    dsc_recommender_destroy(f->model);
    dsc_ratings_destroy(f->ratings);
    free(f->path);
    const int result = scratch_end(&f->dir);
    free(f);
    return result;
}

/* Attempts, with a fixture for their context. */

static dsc_status train(void *context, dsc_error *err) {
    const fixture *f = context;
    dsc_recommender *model = (dsc_recommender *)(uintptr_t)1;
    dsc_status status = dsc_recommender_train(&model, f->ratings, &f->config, NULL, NULL, err);
    assert_int_equal(model != NULL, status == DSC_OK);
    dsc_recommender_destroy(model);
    return status;
}

/* All parts of a model at once, by full batches, with one trial at least. */
static dsc_status train_full_batch(void *context, dsc_error *err) {
    const fixture *f = context;
    dsc_recommender *model = (dsc_recommender *)(uintptr_t)1;
    dsc_recommender_config config = f->config;
    config.use_dot = config.use_user_history = config.use_item_history = true;
    config.use_lbfgs = config.choose_ridge = true;
    dsc_status status = dsc_recommender_train(&model, f->ratings, &config, NULL, NULL, err);
    assert_int_equal(model != NULL, status == DSC_OK);
    dsc_recommender_destroy(model);
    return status;
}

/* Weighed histories below activations, one of them with a shared vector, of what is not held out. */
static dsc_recommender_config side_config(const fixture *f) {
    dsc_recommender_config config = f->config;
    config.use_dot = config.use_user_history = config.use_item_history = true;
    config.weigh_user_history = config.weigh_item_history = config.share_user_vector = true;
    config.user_activation = config.item_activation = DSC_SIGMOID;
    config.use_lbfgs = true;
    config.holdout = 0.1;
    return config;
}

static dsc_status train_sides(void *context, dsc_error *err) {
    const fixture *f = context;
    dsc_recommender *model = (dsc_recommender *)(uintptr_t)1;
    const dsc_recommender_config config = side_config(f);
    dsc_status status = dsc_recommender_train(&model, f->ratings, &config, NULL, NULL, err);
    assert_int_equal(model != NULL, status == DSC_OK);
    dsc_recommender_destroy(model);
    return status;
}

/* The same and minibatches with thresholds; full batches with biases of time too. */
static dsc_status train_ordinal(void *context, dsc_error *err) {
    const fixture *f = context;
    dsc_recommender *model = (dsc_recommender *)(uintptr_t)1;
    dsc_ratings *marks = NULL;
    static const char text[] = "a,x,1,5\na,y,2,9\nb,x,3,1\nb,z,5,7\nc,y,3,8\nc,z,4,2\n";
    dsc_status status = dsc_ratings_read_memory(&marks, text, sizeof text - 1, "", NULL, NULL, err);
    for (int by_lbfgs = 0; status == DSC_OK && by_lbfgs < 2; by_lbfgs++) {
        dsc_recommender_config config = f->config;
        config.loss = DSC_LOSS_ORDINAL;
        config.use_dot = config.use_lbfgs = by_lbfgs == 1;
        config.n_time_bins = by_lbfgs == 1 ? 2 : 0;
        config.session_gap = by_lbfgs == 1 ? 3 : 0;
        status = dsc_recommender_train(&model, marks, &config, NULL, NULL, err);
        assert_int_equal(model != NULL, status == DSC_OK);
        dsc_recommender_destroy(model);
    }
    dsc_ratings_destroy(marks);
    return status;
}

/* The dot product alone, rating by rating. */
static dsc_status train_factorisation(void *context, dsc_error *err) {
    const fixture *f = context;
    dsc_recommender *model = (dsc_recommender *)(uintptr_t)1;
    dsc_recommender_config config = dsc_recommender_config_of(DSC_FORM_DOT, 0);
    dsc_recommender_config_set_twin_adagrad(&config);
    config.n_factors = 3;
    config.n_threads = 2;
    dsc_status status = dsc_recommender_train(&model, f->ratings, &config, NULL, NULL, err);
    assert_int_equal(model != NULL, status == DSC_OK);
    dsc_recommender_destroy(model);
    return status;
}

/* The same by minibatches. */
static dsc_status train_minibatches(void *context, dsc_error *err) {
    const fixture *f = context;
    dsc_recommender *model = (dsc_recommender *)(uintptr_t)1;
    dsc_recommender_config config = f->config;
    config.use_dot = config.use_user_history = config.use_item_history = true;
    config.history_dropout = 0.2;
    config.average_epochs = 3;
    dsc_status status = dsc_recommender_train(&model, f->ratings, &config, NULL, NULL, err);
    assert_int_equal(model != NULL, status == DSC_OK);
    dsc_recommender_destroy(model);
    return status;
}

/* Vectors as bfloat16, with a mean of weights, and saved. */
static dsc_status train_bf16(void *context, dsc_error *err) {
    const fixture *f = context;
    dsc_recommender *model = (dsc_recommender *)(uintptr_t)1;
    dsc_recommender_config config = f->config;
    config.use_bf16 = true;
    config.average_epochs = 3;
    dsc_status status = dsc_recommender_train(&model, f->ratings, &config, NULL, NULL, err);
    assert_int_equal(model != NULL, status == DSC_OK);
    char *path = status == DSC_OK ? scratch_path(f->dir, "bf16") : NULL;
    if (status == DSC_OK) {
        status = dsc_recommender_save(model, path, err);
    }
    free(path);
    dsc_recommender_destroy(model);
    return status;
}

/* On interactions: alternating least squares, which folds in and explains, and drawn negatives. */
static dsc_status train_interactions(void *context, dsc_error *err) {
    const fixture *f = context;
    dsc_recommender_config config = dsc_recommender_config_implicit(DSC_FORM_IALS, 0);
    config.n_factors = 4;
    config.max_epochs = 1;
    config.holdout = 0.1;
    dsc_recommender *model = (dsc_recommender *)(uintptr_t)1;
    dsc_status status = dsc_recommender_train(&model, f->ratings, &config, NULL, NULL, err);
    assert_int_equal(model != NULL, status == DSC_OK);
    if (status == DSC_OK) {
        const dsc_side user = dsc_recommender_user_side(model, 1);
        const dsc_given given = {user.n_ratings, user.others, user.ratings};
        dsc_folded *folded = NULL;
        dsc_explanation explanation = {0};
        status = dsc_fold_in_user(&folded, model, &given, NULL, err);
        if (status == DSC_OK) {
            status = dsc_explain(&explanation, model, &user, &user, err);
        }
        dsc_folded_destroy(folded);
        dsc_explanation_clear(&explanation);
    }
    dsc_recommender_destroy(model);
    config = dsc_recommender_config_implicit(DSC_FORM_MIXED, 0);
    config.max_epochs = 1;
    if (status == DSC_OK) {
        status = dsc_recommender_train(&model, f->ratings, &config, NULL, NULL, err);
        assert_int_equal(model != NULL, status == DSC_OK);
        dsc_recommender_destroy(model);
    }
    return status;
}

static dsc_status load(void *context, dsc_error *err) {
    const fixture *f = context;
    dsc_recommender *model = (dsc_recommender *)(uintptr_t)1;
    dsc_status status = dsc_recommender_load(&model, f->path, err);
    assert_int_equal(model != NULL, status == DSC_OK);
    dsc_recommender_destroy(model);
    return status;
}

static dsc_status save(void *context, dsc_error *err) {
    const fixture *f = context;
    return dsc_recommender_save(f->model, f->path, err);
}

static dsc_status create_scorer(void *context, dsc_error *err) {
    const fixture *f = context;
    dsc_scorer *scorer = (dsc_scorer *)(uintptr_t)1;
    dsc_status status = dsc_scorer_create(&scorer, f->model, err);
    assert_int_equal(scorer != NULL, status == DSC_OK);
    dsc_scorer_destroy(scorer);
    return status;
}

static dsc_status evaluate(void *context, dsc_error *err) {
    const fixture *f = context;
    dsc_evaluation out;
    return dsc_recommender_evaluate(f->model, f->ratings, NULL, &out, err);
}

static dsc_status train_dot(void *context, dsc_error *err) {
    const fixture *f = context;
    dsc_recommender *dot = (dsc_recommender *)(uintptr_t)1;
    dsc_status status = dsc_recommender_train_dot(&dot, f->model, 1, NULL, NULL, err);
    assert_int_equal(dot != NULL, status == DSC_OK);
    dsc_recommender_destroy(dot);
    return status;
}

static dsc_status fold_in(void *context, dsc_error *err) {
    const fixture *f = context;
    const uint32_t items[] = {3, 5, DSC_NO_INDEX, 3};
    const float ratings[] = {4, 2, 5, 1};
    const dsc_given given = {4, items, ratings};
    dsc_folded *folded = (dsc_folded *)(uintptr_t)1;
    dsc_status status = dsc_fold_in_user(&folded, f->model, &given, NULL, err);
    assert_int_equal(folded != NULL, status == DSC_OK);
    dsc_folded_destroy(folded);
    return status;
}

static dsc_status find_similar(void *context, dsc_error *err) {
    const fixture *f = context;
    const dsc_similar_query query = {.side = dsc_recommender_item_side(f->model, 1), .except = 1};
    dsc_neighbour out[5];
    size_t n_out = 9;
    dsc_status status = dsc_similar_items(f->model, &query, 5, out, &n_out, err);
    assert_int_equal(n_out, status == DSC_OK ? 5 : 0);
    return status;
}

static dsc_status explain(void *context, dsc_error *err) {
    const fixture *f = context;
    const dsc_side user = dsc_recommender_user_side(f->model, 1);
    const dsc_side item = dsc_recommender_item_side(f->model, 1);
    dsc_explanation explanation;
    dsc_status status = dsc_explain(&explanation, f->model, &user, &item, err);
    assert_int_equal(explanation.reasons != NULL, status == DSC_OK);
    dsc_explanation_clear(&explanation);
    return status;
}

static void training(void **state) {
    fail_alloc_each(train, *state, 30);
}

static void training_by_full_batches(void **state) {
    fail_alloc_each(train_full_batch, *state, 90);
    fail_alloc_each(train_minibatches, *state, 40);
    fail_alloc_each(train_bf16, *state, 40);
    fail_alloc_each(train_factorisation, *state, 30);
}

static void training_with_thresholds(void **state) {
    fail_alloc_each(train_ordinal, *state, 60);
}

static void training_of_sides(void **state) {
    fail_alloc_each(train_sides, *state, 45);
}

/* What a side with an activation allocates beyond others. */
static void folding_in_and_explaining_sides(void **state) {
    fixture of_sides = *(const fixture *)*state;
    const dsc_recommender_config config = side_config(&of_sides);
    of_sides.model = must_train(of_sides.ratings, &config);
    fail_alloc_each(fold_in, &of_sides, 9);
    fail_alloc_each(explain, &of_sides, 5);
    dsc_recommender_destroy(of_sides.model);
}

static void training_on_interactions(void **state) {
    fail_alloc_each(train_interactions, *state, 70);
}

static void loading(void **state) {
    fail_alloc_each(load, *state, 15);
}

/* The old file stays as it was, and no temporary one is left. */
static void saving(void **state) {
    const fixture *f = *state;
    size_t n_before, n_after;
    char *before = scratch_read(f->path, &n_before);
    fail_alloc_each(save, *state, 1);
    char *after = scratch_read(f->path, &n_after);
    assert_int_equal(n_before, n_after);
    assert_memory_equal(before, after, n_before);
    assert_int_equal(scratch_count(f->dir), 1);
    free(before);
    free(after);
}

static void scoring(void **state) {
    fail_alloc_each(create_scorer, *state, 3);
}

static void evaluating(void **state) {
    fail_alloc_each(evaluate, *state, 5);
    fail_alloc_each(train_dot, *state, 25);
}

static void folding_in(void **state) {
    fail_alloc_each(fold_in, *state, 8);
}

static void finding_similar_ones(void **state) {
    fail_alloc_each(find_similar, *state, 1);
}

static void explaining(void **state) {
    fail_alloc_each(explain, *state, 4);
}

/* What is said to allocate nothing does not. */
static void predicting_allocates_nothing(void **state) {
    const fixture *f = *state;
    dsc_scorer *scorer = must_create_scorer(f->model);
    uint32_t user[300], item[300];
    float rating[300];
    for (uint32_t p = 0; p < 300; p++) {
        user[p] = p % 2 == 0 ? p % 90 : DSC_NO_INDEX;
        item[p] = p % 3 == 0 ? p % 70 : DSC_NO_INDEX;
    }
    dsc_recommendation out[70];
    size_t n_out = 0;
    dsc_recommender_info info;
    const dsc_side sides[] = {dsc_recommender_user_side(f->model, 1),
                              dsc_recommender_item_side(f->model, 2)};
    fail_alloc_begin(1, true);
    dsc_scorer_predict(scorer, 300, user, item, rating, NULL);
    dsc_scorer_predict_sides(scorer, 1, &sides[0], &sides[1], rating, NULL);
    dsc_scorer_recommend_side(scorer, &sides[0], 70, out, &n_out);
    dsc_scorer_recommend(scorer, 0, 70, out, &n_out);
    dsc_scorer_recommend(scorer, DSC_NO_INDEX, 70, out, &n_out);
    dsc_recommender_get_info(f->model, &info);
    assert_false(fail_alloc_end());
    assert_int_equal(n_out, 70);
    dsc_scorer_destroy(scorer);
}

int main(void) {
#define WITH_MODEL(test) cmocka_unit_test_setup_teardown(test, begin, end)
    const struct CMUnitTest tests[] = {
        WITH_MODEL(training),
        WITH_MODEL(training_by_full_batches),
        WITH_MODEL(training_with_thresholds),
        WITH_MODEL(training_of_sides),
        WITH_MODEL(folding_in_and_explaining_sides),
        WITH_MODEL(training_on_interactions),
        WITH_MODEL(loading),
        WITH_MODEL(saving),
        WITH_MODEL(scoring),
        WITH_MODEL(evaluating),
        WITH_MODEL(folding_in),
        WITH_MODEL(finding_similar_ones),
        WITH_MODEL(explaining),
        WITH_MODEL(predicting_allocates_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
