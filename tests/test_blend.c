/* Blends: they predict, recommend, explain and fold in like the weighted mean of their members; their
 * training holds out what it says, and gives the same bytes on any number of threads. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "blended.h"
#include "descent/explain.h"
#include "descent/fold_in.h"
#include "descent/rating_split.h"
#include "descent/similar.h"
#include "planted_ratings.h"
#include "scratch_dir.h"

enum { N_USERS = 40, N_ITEMS = 30 };

typedef struct fixture {
    void *dir;
    dsc_ratings *ratings;
    dsc_recommender_config members[N_BLENDED];
    dsc_recommender *blend; /* of all, with weights 0.2, 0.5, 0.3 in their order */
} fixture;

static const double given_weights[N_BLENDED] = {2, 5, 3};

static int begin(void **state) {
    fixture *f = calloc(1, sizeof *f);
    if (f == NULL || scratch_begin(&f->dir) != 0) {
        return -1;
    }
    const planted what = {
        .n_users = N_USERS, .n_items = N_ITEMS, .share = 0.4, .noise = 0.5, .seed = 1};
    f->ratings = planted_ratings(&what);
    blended_members(f->members);
    dsc_blend_config config = blended_config(f->members);
    config.weights = given_weights;
    f->blend = must_blend(f->ratings, &config, NULL);
    *state = f;
    return 0;
}

static int end(void **state) {
    fixture *f = *state;
    dsc_recommender_destroy(f->blend);
    dsc_ratings_destroy(f->ratings);
    const int result = scratch_end(&f->dir);
    free(f);
    return result;
}

static void assert_near(double a, double b, double tolerance) {
    if (!(fabs(a - b) <= tolerance)) {
        fail_msg("%.17g and %.17g differ by more than %g", a, b, tolerance);
    }
}

static double score_of(const dsc_recommender *model, uint32_t user, uint32_t item) {
    dsc_scorer *scorer = must_create_scorer(model);
    double score;
    dsc_scorer_score(scorer, user, 1, &item, &score);
    dsc_scorer_destroy(scorer);
    return score;
}

static double mean_score(const dsc_recommender *blend, uint32_t user, uint32_t item) {
    double mean = 0;
    for (size_t m = 0; m < dsc_blend_n_members(blend); m++) {
        mean += dsc_blend_weight(blend, m) * score_of(dsc_blend_member(blend, m), user, item);
    }
    return mean;
}

/* The same bytes in all predictions, scores and lists. */
static void assert_predicts_as(const dsc_recommender *a, const dsc_recommender *b) {
    dsc_scorer *of_a = must_create_scorer(a), *of_b = must_create_scorer(b);
    for (uint32_t u = 0; u <= N_USERS; u++) {
        const uint32_t user = u < N_USERS ? u : DSC_NO_INDEX;
        uint32_t users[N_ITEMS + 1], items[N_ITEMS + 1];
        for (uint32_t i = 0; i <= N_ITEMS; i++) {
            users[i] = user;
            items[i] = i < N_ITEMS ? i : DSC_NO_INDEX;
        }
        float x[N_ITEMS + 1], y[N_ITEMS + 1];
        double score_x[N_ITEMS], score_y[N_ITEMS];
        dsc_recommendation list_x[5], list_y[5];
        size_t n_x, n_y;
        dsc_scorer_predict(of_a, N_ITEMS + 1, users, items, x, NULL);
        dsc_scorer_predict(of_b, N_ITEMS + 1, users, items, y, NULL);
        dsc_scorer_score(of_a, user, N_ITEMS, items, score_x);
        dsc_scorer_score(of_b, user, N_ITEMS, items, score_y);
        dsc_scorer_recommend(of_a, user, 5, list_x, &n_x);
        dsc_scorer_recommend(of_b, user, 5, list_y, &n_y);
        assert_memory_equal(x, y, sizeof x);
        assert_memory_equal(score_x, score_y, sizeof score_x);
        assert_int_equal(n_x, n_y);
        assert_memory_equal(list_x, list_y, n_x * sizeof *list_x);
    }
    dsc_scorer_destroy(of_a);
    dsc_scorer_destroy(of_b);
}

/* --- the mean --------------------------------------------------------------------------------- */

static void one_member_predicts_the_same_bytes(void **state) {
    const fixture *f = *state;
    for (size_t m = 0; m < N_BLENDED; m++) {
        dsc_recommender *alone = must_train(f->ratings, &f->members[m]);
        dsc_blend_config config = blended_config(&f->members[m]);
        config.n_members = 1;
        config.weights = (double[]){0.7}; /* whatever it is: it is all there is */
        dsc_recommender *blend = must_blend(f->ratings, &config, NULL);
        assert_int_equal(dsc_blend_n_members(blend), 1);
        assert_true(dsc_blend_weight(blend, 0) == 1);
        assert_predicts_as(alone, blend);
        assert_predicts_as(alone, dsc_blend_member(blend, 0));
        dsc_recommender_destroy(blend);
        dsc_recommender_destroy(alone);
    }
}

static void two_equal_members_predict_like_one(void **state) {
    const fixture *f = *state;
    const dsc_recommender_config twice[] = {f->members[0], f->members[0]};
    dsc_recommender *alone = must_train(f->ratings, &twice[0]);
    dsc_blend_config config = blended_config(twice);
    dsc_blend_report report;
    config.n_members = 2;
    dsc_recommender *blend = must_blend(f->ratings, &config, &report);
    assert_near(report.weight[0], 0.5, 1e-12);
    assert_near(report.weight[1], 0.5, 1e-12);
    assert_near(report.blend_rmse, report.rmse[0], 1e-12);
    for (uint32_t u = 0; u < N_USERS; u++) {
        for (uint32_t i = 0; i < N_ITEMS; i++) {
            assert_near(score_of(blend, u, i), score_of(alone, u, i), 1e-12);
        }
    }
    dsc_recommender_destroy(blend);
    dsc_recommender_destroy(alone);
}

static void a_prediction_is_the_weighted_mean(void **state) {
    const fixture *f = *state;
    const double by_weight[] = {0.5, 0.3, 0.2};
    dsc_scorer *scorer = must_create_scorer(f->blend);
    dsc_recommender_info info;
    dsc_recommender_get_info(f->blend, &info);
    assert_int_equal(dsc_blend_n_members(f->blend), N_BLENDED);
    size_t n_parameters = 0;
    for (size_t m = 0; m < N_BLENDED; m++) {
        dsc_recommender_info of_member;
        dsc_recommender_get_info(dsc_blend_member(f->blend, m), &of_member);
        n_parameters += of_member.n_parameters;
        assert_near(dsc_blend_weight(f->blend, m), by_weight[m], 1e-15);
    }
    assert_int_equal(info.n_parameters, n_parameters);
    assert_int_equal(info.config.n_factors, f->members[1].n_factors); /* of the heaviest */
    for (uint32_t u = 0; u < N_USERS; u++) {
        for (uint32_t i = 0; i < N_ITEMS; i++) {
            const double mean = mean_score(f->blend, u, i);
            float predicted;
            dsc_scorer_predict(scorer, 1, &u, &i, &predicted, NULL);
            assert_near(score_of(f->blend, u, i), mean, 1e-12);
            assert_near((double)predicted, fmin(fmax(mean, info.min), info.max), 1e-6);
        }
    }
    dsc_scorer_destroy(scorer);
}

/* Ratings at the two ends of their scale alone, so that members go beyond. */
static void the_mean_is_clipped_and_not_the_members(void **state) {
    const fixture *f = *state;
    const planted what = {.n_users = N_USERS, .n_items = N_ITEMS, .share = 0.4, .seed = 1};
    dsc_ratings *ratings = planted_ratings(&what);
    dsc_blend_config config = blended_config(f->members);
    config.weights = given_weights;
    dsc_recommender *blend = must_blend(ratings, &config, NULL);
    dsc_scorer *scorer = must_create_scorer(blend);
    size_t n_different = 0;
    for (uint32_t u = 0; u < N_USERS; u++) {
        for (uint32_t i = 0; i < N_ITEMS; i++) {
            double of_clipped = 0;
            for (size_t m = 0; m < N_BLENDED; m++) {
                const double own = score_of(dsc_blend_member(blend, m), u, i);
                of_clipped += dsc_blend_weight(blend, m) * fmin(fmax(own, 1.5), 4.5);
            }
            const double mean = fmin(fmax(mean_score(blend, u, i), 1.5), 4.5);
            float predicted;
            dsc_scorer_predict(scorer, 1, &u, &i, &predicted, NULL);
            assert_near((double)predicted, mean, 1e-6);
            n_different += fabs(of_clipped - mean) > 0.01;
        }
    }
    assert_true(n_different > 0);
    dsc_scorer_destroy(scorer);
    dsc_recommender_destroy(blend);
    dsc_ratings_destroy(ratings);
}

static void ids_and_ratings_are_there_once(void **state) {
    const fixture *f = *state;
    const dsc_sparse of_blend = dsc_recommender_ratings(f->blend);
    for (size_t m = 0; m < N_BLENDED; m++) {
        const dsc_recommender *member = dsc_blend_member(f->blend, m);
        assert_ptr_equal(dsc_recommender_ratings(member).value, of_blend.value);
        assert_ptr_equal(dsc_recommender_user_id(member, 3).bytes,
                         dsc_recommender_user_id(f->blend, 3).bytes);
    }
}

static void the_training_error_is_that_of_the_mean(void **state) {
    const fixture *f = *state;
    dsc_evaluation of_training;
    dsc_recommender_info info;
    dsc_recommender_get_info(f->blend, &info);
    assert_int_equal(dsc_recommender_evaluate(f->blend, f->ratings, NULL, &of_training, NULL),
                     DSC_OK);
    assert_near(info.train_rmse, of_training.model.rmse, 1e-12);
    assert_true(isnan(info.validation_rmse)); /* weights were given */
}

static void neighbours_are_those_of_the_heaviest_member(void **state) {
    const fixture *f = *state;
    const dsc_recommender *first = dsc_blend_member(f->blend, 0);
    dsc_neighbour x[4], y[4];
    size_t n_x, n_y;
    const dsc_similar_query of_blend = {.side = dsc_recommender_item_side(f->blend, 2),
                                        .except = 2};
    const dsc_similar_query of_first = {.side = dsc_recommender_item_side(first, 2), .except = 2};
    assert_int_equal(dsc_similar_items(f->blend, &of_blend, 4, x, &n_x, NULL), DSC_OK);
    assert_int_equal(dsc_similar_items(first, &of_first, 4, y, &n_y, NULL), DSC_OK);
    assert_int_equal(n_x, 4);
    for (size_t r = 0; r < n_x; r++) {
        assert_int_equal(x[r].index, y[r].index);
        assert_true(x[r].similarity == y[r].similarity);
    }
}

/* --- newcomers and explanations --------------------------------------------------------------- */

static dsc_folded *fold(const dsc_recommender *model, bool is_item,
                        const dsc_fold_in_config *config) {
    const uint32_t others[] = {1, 4, 6, 11};
    const float ratings[] = {5, 4.5F, 1, 2};
    const dsc_given given = {4, others, ratings};
    dsc_folded *folded = NULL;
    assert_int_equal(
        (is_item ? dsc_fold_in_item : dsc_fold_in_user)(&folded, model, &given, config, NULL),
        DSC_OK);
    return folded;
}

/* Of somebody new with items of the model, and the reverse, without clipping in between. */
static double predict_new(const dsc_recommender *model, const dsc_folded *folded, bool is_item,
                          uint32_t other) {
    dsc_scorer *scorer = must_create_scorer(model);
    const dsc_side one = dsc_folded_side(folded);
    const dsc_side two =
        is_item ? dsc_recommender_user_side(model, other) : dsc_recommender_item_side(model, other);
    float rating;
    dsc_basis basis;
    dsc_scorer_predict_sides(scorer, 1, is_item ? &two : &one, is_item ? &one : &two, &rating,
                             &basis);
    assert_int_equal(basis, DSC_BASIS_FOLD_IN);
    dsc_scorer_destroy(scorer);
    return (double)rating;
}

static void newcomers_are_folded_into_every_member(void **state) {
    const fixture *f = *state;
    dsc_recommender_info info;
    dsc_recommender_get_info(f->blend, &info);
    for (int is_item = 0; is_item < 2; is_item++) {
        dsc_folded *of_blend = fold(f->blend, is_item, NULL), *of_member[N_BLENDED];
        size_t n_inside = 0;
        for (size_t m = 0; m < N_BLENDED; m++) {
            of_member[m] = fold(dsc_blend_member(f->blend, m), is_item, NULL);
        }
        assert_int_equal(dsc_folded_get_info(of_blend).n_used, 4);
        for (uint32_t other = 0; other < N_ITEMS; other++) {
            double mean = 0;
            bool is_inside = true;
            for (size_t m = 0; m < N_BLENDED; m++) {
                const double own =
                    predict_new(dsc_blend_member(f->blend, m), of_member[m], is_item, other);
                mean += dsc_blend_weight(f->blend, m) * own;
                is_inside = is_inside && own > info.min && own < info.max;
            }
            if (is_inside) { /* nothing was clipped */
                assert_near(predict_new(f->blend, of_blend, is_item, other), mean, 1e-5);
                n_inside++;
            }
        }
        assert_true(n_inside > 10);
        for (size_t m = 0; m < N_BLENDED; m++) {
            dsc_folded_destroy(of_member[m]);
        }
        dsc_folded_destroy(of_blend);
    }
}

/* Strengths are those of the heaviest member; in the others they are as many times their own. */
static void a_stronger_fold_in_is_stronger_everywhere(void **state) {
    const fixture *f = *state;
    dsc_fold_in_config usual = dsc_fold_in_config_of(f->blend, false);
    const dsc_fold_in_config of_first = dsc_fold_in_config_of(dsc_blend_member(f->blend, 0), false);
    assert_true(usual.l2_vector == of_first.l2_vector && usual.l2_bias == of_first.l2_bias);
    assert_true(usual.n_history == of_first.n_history && usual.learn_vector);
    usual.l2_vector *= 3;
    dsc_folded *of_blend = fold(f->blend, false, &usual);
    double mean = 0;
    for (size_t m = 0; m < N_BLENDED; m++) {
        const dsc_recommender *member = dsc_blend_member(f->blend, m);
        dsc_fold_in_config own = dsc_fold_in_config_of(member, false);
        own.l2_vector *= 3;
        dsc_folded *of_member = fold(member, false, &own);
        mean += dsc_blend_weight(f->blend, m) * predict_new(member, of_member, false, 9);
        dsc_folded_destroy(of_member);
    }
    assert_near(predict_new(f->blend, of_blend, false, 9), mean, 1e-5);
    dsc_folded_destroy(of_blend);
}

static void nobody_known_is_folded_in_as_nobody(void **state) {
    const fixture *f = *state;
    const uint32_t unknown = DSC_NO_INDEX;
    const float rating = 4;
    dsc_folded *folded = NULL;
    assert_int_equal(
        dsc_fold_in_user(&folded, f->blend, &(dsc_given){1, &unknown, &rating}, NULL, NULL),
        DSC_OK);
    assert_null(dsc_folded_side(folded).vector);
    dsc_folded_destroy(folded);
}

static void an_explanation_is_the_mean_of_the_members(void **state) {
    const fixture *f = *state;
    const dsc_side user = dsc_recommender_user_side(f->blend, 7);
    const dsc_side item = dsc_recommender_item_side(f->blend, 8);
    dsc_explanation whole, part;
    assert_int_equal(dsc_explain(&whole, f->blend, &user, &item, NULL), DSC_OK);
    double sum = whole.mean + whole.user_bias + whole.item_bias + whole.network + whole.own_vector;
    for (size_t r = 0; r < whole.n_reasons; r++) {
        sum += whole.reasons[r].presence + whole.reasons[r].value;
        assert_true(r == 0 || fabs(whole.reasons[r - 1].push) >= fabs(whole.reasons[r].push));
    }
    assert_near(sum + whole.gap, whole.prediction, 1e-12);
    assert_near(sum, score_of(f->blend, 7, 8), 2e-4);
    double push = 0, user_bias = 0, network = 0;
    for (size_t m = 0; m < N_BLENDED; m++) {
        const dsc_recommender *member = dsc_blend_member(f->blend, m);
        const dsc_side of_user = dsc_recommender_user_side(member, 7);
        const dsc_side of_item = dsc_recommender_item_side(member, 8);
        assert_int_equal(dsc_explain(&part, member, &of_user, &of_item, NULL), DSC_OK);
        assert_int_equal(part.n_reasons, whole.n_reasons);
        for (size_t r = 0; r < part.n_reasons; r++) {
            if (part.reasons[r].item == whole.reasons[0].item) {
                push += dsc_blend_weight(f->blend, m) * part.reasons[r].push;
            }
        }
        user_bias += dsc_blend_weight(f->blend, m) * part.user_bias;
        network += dsc_blend_weight(f->blend, m) * part.network;
        dsc_explanation_clear(&part);
    }
    assert_near(whole.reasons[0].push, push, 1e-12);
    assert_near(whole.user_bias, user_bias, 1e-12);
    assert_near(whole.network, network, 1e-12);
    assert_true(whole.n_steps > 0 && fabs(network) > 0);
    dsc_explanation_clear(&whole);
}

static void a_folded_one_is_explained(void **state) {
    const fixture *f = *state;
    dsc_folded *folded = fold(f->blend, false, NULL);
    const dsc_side user = dsc_folded_side(folded), item = dsc_recommender_item_side(f->blend, 8);
    dsc_explanation explanation;
    assert_int_equal(dsc_explain(&explanation, f->blend, &user, &item, NULL), DSC_OK);
    assert_near(explanation.rating, predict_new(f->blend, folded, false, 8), 1e-4);
    assert_int_equal(explanation.n_reasons, 4);
    dsc_explanation_clear(&explanation);
    dsc_folded_destroy(folded);
}

/* --- training --------------------------------------------------------------------------------- */

/* What the report says of each member is what training without the held-out ratings gives. */
static void members_are_judged_by_what_they_have_not_seen(void **state) {
    const fixture *f = *state;
    const dsc_blend_config config = blended_config(f->members);
    const dsc_split_plan plan = {
        .protocol = DSC_PROTOCOL_HOLDOUT, .share = config.holdout, .seed = config.seed};
    const size_t n = dsc_ratings_by_user(f->ratings).n_entries;
    uint32_t *split = calloc(n, sizeof *split);
    dsc_ratings *part = NULL, *test = NULL;
    dsc_blend_report report;
    dsc_recommender *blend = must_blend(f->ratings, &config, &report);
    assert_int_equal(dsc_ratings_assign(f->ratings, &plan, split, NULL), DSC_OK);
    assert_int_equal(dsc_ratings_part(&part, f->ratings, split, 0, false, NULL), DSC_OK);
    assert_int_equal(dsc_ratings_part(&test, f->ratings, split, 0, true, NULL), DSC_OK);
    assert_int_equal(report.n_held_out, dsc_ratings_by_user(test).n_entries);
    for (size_t m = 0; m < N_BLENDED; m++) {
        dsc_recommender *model = must_train(part, &f->members[m]);
        dsc_evaluation evaluation;
        assert_int_equal(dsc_recommender_evaluate(model, test, NULL, &evaluation, NULL), DSC_OK);
        assert_near(report.rmse[m], evaluation.model.rmse, 1e-6);
        dsc_recommender_destroy(model);
    }
    dsc_recommender_info info;
    dsc_recommender_get_info(blend, &info);
    assert_true(info.validation_rmse == report.blend_rmse);
    free(split);
    dsc_ratings_destroy(part);
    dsc_ratings_destroy(test);
    dsc_recommender_destroy(blend);
}

/* A member that predicts the mean alone beside one that learns. */
static void a_useless_member_is_left_away(void **state) {
    const fixture *f = *state;
    dsc_recommender_config members[] = {f->members[0], f->members[1]};
    members[0].ridge = (dsc_ridge){6, 6, 6, 1, 1}; /* it falls short itself: less does not help */
    members[1].ridge = (dsc_ridge){1e9, 1e9, 1e9, 1e9, 1e9};
    dsc_blend_config config = blended_config(members);
    dsc_blend_report report;
    config.n_members = 2;
    dsc_recommender *blend = must_blend(f->ratings, &config, &report);
    assert_true(report.weight[0] == 1 && report.weight[1] == 0);
    assert_int_equal(dsc_blend_n_members(blend), 1);
    assert_true(report.rmse[0] < report.equal_rmse && report.equal_rmse < report.rmse[1]);
    dsc_recommender_destroy(blend);
}

static char *bytes_of(const fixture *f, const dsc_blend_config *config, size_t *n) {
    dsc_recommender *blend = must_blend(f->ratings, config, NULL);
    char *path = scratch_path(f->dir, "same");
    assert_int_equal(dsc_recommender_save(blend, path, NULL), DSC_OK);
    char *bytes = scratch_read(path, n);
    free(path);
    dsc_recommender_destroy(blend);
    return bytes;
}

static void the_same_seed_gives_the_same_bytes(void **state) {
    const fixture *f = *state;
    dsc_blend_config config = blended_config(f->members);
    size_t n_first, n;
    config.n_folds = 3;
    char *first = bytes_of(f, &config, &n_first);
    for (size_t n_threads = 0; n_threads <= 4; n_threads++) {
        config.n_threads = n_threads;
        char *again = bytes_of(f, &config, &n);
        assert_int_equal(n, n_first);
        assert_memory_equal(first, again, n);
        free(again);
    }
    config.seed++; /* other ratings are held out */
    char *other = bytes_of(f, &config, &n);
    assert_true(n != n_first || memcmp(first, other, n) != 0);
    free(other);
    free(first);
}

typedef struct watched {
    size_t n_calls, n_ends;
    double last; /* of `ended` */
    size_t stop_after;
} watched;

static bool watch(const dsc_blend_progress *now, void *user) {
    watched *w = user;
    assert_int_equal(now->n_trainings, 4 * N_BLENDED);
    assert_true(now->ended >= (double)now->n_ended && now->ended <= (double)now->n_trainings);
    assert_true(now->member < N_BLENDED && now->fold <= 3);
    assert_int_equal(now->is_training_end, now->training == NULL);
    w->n_ends += now->is_training_end;
    w->last = now->ended;
    return ++w->n_calls != w->stop_after;
}

static void progress_is_told_and_can_end_it(void **state) {
    const fixture *f = *state;
    dsc_blend_config config = blended_config(f->members);
    dsc_recommender *blend = NULL;
    dsc_error err;
    config.n_folds = 3;
    watched w = {0};
    assert_int_equal(dsc_blend_train(&blend, f->ratings, &config, watch, &w, NULL, &err), DSC_OK);
    const size_t n_members = dsc_blend_n_members(blend);
    assert_int_equal(w.n_ends, 3 * N_BLENDED + n_members);
    assert_true(w.last == 4 * N_BLENDED);
    dsc_recommender_destroy(blend);
    const size_t n_calls = w.n_calls;
    for (size_t at = 1; at <= n_calls; at += n_calls / 7) {
        w = (watched){.stop_after = at};
        blend = (dsc_recommender *)(uintptr_t)1;
        assert_int_equal(dsc_blend_train(&blend, f->ratings, &config, watch, &w, NULL, &err),
                         DSC_E_CANCELLED);
        assert_null(blend);
        assert_int_equal(w.n_calls, at);
    }
}

/* An ordinal loss wants marks: few different values, and more than one. */
static void usual_members_suit_the_ratings(void **state) {
    (void)state;
    static const struct {
        size_t n_values;
        bool is_ordinal;
    } cases[] = {{1, false},  {1, false},  {2, true},    {5, true},
                 {100, true}, {100, true}, {101, false}, {150, false}};
    for (size_t c = 0; c < sizeof cases / sizeof cases[0]; c++) {
        const bool has_times = c % 2 == 1;
        char text[8000] = "";
        for (size_t i = 0; i < 200; i++) {
            const size_t used = strlen(text);
            snprintf(text + used, sizeof text - used, "u%zu,i%zu,%zu%s\n", i % 20, i / 20,
                     i * 7 % cases[c].n_values, has_times ? ",881250949" : "");
        }
        dsc_ratings *ratings = ratings_from_text(text);
        dsc_recommender_config members[DSC_MAX_MEMBERS];
        const size_t n = dsc_blend_usual_members(ratings, members);
        size_t n_ordinal = 0;
        assert_true(n > 1 && n <= DSC_MAX_MEMBERS);
        for (size_t m = 0; m < n; m++) {
            n_ordinal += members[m].loss == DSC_LOSS_ORDINAL;
            assert_int_equal(members[m].n_time_bins > 0, has_times);
            assert_int_equal(members[m].seed, m + 1);
        }
        assert_int_equal(n_ordinal > 0, cases[c].is_ordinal);
        dsc_ratings_destroy(ratings);
    }
}

/* Without times, and so many that members by minibatch would take too long; all members differ. */
static void usual_members_of_many_ratings_need_no_minibatches(void **state) {
    (void)state;
    for (size_t n_values = 5; n_values <= 500; n_values += 495) {
        const size_t line = sizeof "u599,i499,499\n", n_ratings = DSC_MANY_RATINGS;
        char *text = malloc(n_ratings * line);
        assert_non_null(text);
        size_t used = 0;
        for (size_t r = 0; r < n_ratings; r++) {
            used += (size_t)snprintf(text + used, line, "u%zu,i%zu,%zu\n", r % 600, r / 600,
                                     r % n_values);
        }
        dsc_ratings *ratings = ratings_from_text(text);
        free(text);
        dsc_recommender_config members[DSC_MAX_MEMBERS];
        const size_t n = dsc_blend_usual_members(ratings, members);
        size_t n_ordinal = 0;
        for (size_t m = 0; m < n; m++) {
            n_ordinal += members[m].loss == DSC_LOSS_ORDINAL;
            assert_true(members[m].use_lbfgs);
        }
        assert_int_equal(n, n_values == 5 ? 3 : 2);
        assert_int_equal(n_ordinal, n_values == 5 ? 1 : 0);
        dsc_ratings_destroy(ratings);
    }
}

/* --- refusals --------------------------------------------------------------------------------- */

static void refuse(const fixture *f, const dsc_blend_config *config, const char *where,
                   const char *message) {
    dsc_recommender *blend = (dsc_recommender *)(uintptr_t)1;
    dsc_error err = {DSC_OK, "", ""};
    assert_int_equal(dsc_blend_train(&blend, f->ratings, config, NULL, NULL, NULL, &err),
                     DSC_E_ARGUMENT);
    assert_null(blend);
    assert_string_equal(err.where, where);
    assert_non_null(strstr(err.message, message));
}

static void settings_are_checked(void **state) {
    const fixture *f = *state;
    const dsc_blend_config good = blended_config(f->members);
    dsc_recommender_config bad_members[N_BLENDED];
    memcpy(bad_members, f->members, sizeof bad_members);
    bad_members[1].n_factors = 0;
    dsc_blend_config c[9] = {good, good, good, good, good, good, good, good, good};
    c[0].n_members = 0;
    refuse(f, &c[0], "n_members", "is 0; expected 1 to 16");
    c[1].n_members = DSC_MAX_MEMBERS + 1;
    refuse(f, &c[1], "n_members", "is 17");
    c[2].n_threads = 1025;
    refuse(f, &c[2], "n_threads", "is 1025");
    c[3].n_folds = 0;
    refuse(f, &c[3], "n_folds", "at least 1");
    c[4].members = bad_members;
    refuse(f, &c[4], "member 2, n_factors", "is 0");
    c[5].weights = (double[]){1, -1, 1};
    refuse(f, &c[5], "weights", "number 2 is -1");
    c[6].weights = (double[]){1, (double)NAN, 1};
    refuse(f, &c[6], "weights", "number 2 is");
    c[7].weights = (double[]){0, 0, 0};
    refuse(f, &c[7], "weights", "add up to 0");
    c[8].holdout = 1;
    refuse(f, &c[8], "share", "");
}

static void a_member_that_fails_is_named(void **state) {
    const fixture *f = *state;
    dsc_recommender_config members[N_BLENDED];
    memcpy(members, f->members, sizeof members);
    members[2].optimizer.rate = 1e30;
    const dsc_blend_config config = blended_config(members);
    dsc_recommender *blend = (dsc_recommender *)(uintptr_t)1;
    dsc_error err = {DSC_OK, "", ""};
    assert_int_equal(dsc_blend_train(&blend, f->ratings, &config, NULL, NULL, NULL, &err),
                     DSC_E_NONFINITE);
    assert_null(blend);
    assert_non_null(strstr(err.where, "member 3, epoch"));
}

static void models_of_other_ratings_are_refused(void **state) {
    const fixture *f = *state;
    const planted what = {
        .n_users = N_USERS, .n_items = N_ITEMS, .share = 0.4, .noise = 0.5, .seed = 2};
    dsc_ratings *other = planted_ratings(&what);
    const double weights[] = {1, 1};
    dsc_error err;
    dsc_recommender *blend, *nested;
    dsc_recommender *models[] = {must_train(f->ratings, &f->members[2]),
                                 must_train(other, &f->members[2])};
    assert_int_equal(dsc_blend_create(&blend, models, weights, 2, &err), DSC_E_ARGUMENT);
    assert_null(blend);
    assert_non_null(strstr(err.message, "number 2 was trained on other ratings"));
    models[0] = must_train(f->ratings, &f->members[2]);
    models[1] = NULL;
    assert_int_equal(dsc_blend_create(&blend, models, weights, 2, &err), DSC_E_ARGUMENT);
    assert_non_null(strstr(err.message, "number 2 is missing"));
    models[0] = must_train(f->ratings, &f->members[2]);
    assert_int_equal(dsc_blend_create(&blend, models, (double[]){1, 0}, 2, &err), DSC_OK);
    models[0] = blend;
    assert_int_equal(dsc_blend_create(&nested, models, weights, 1, &err), DSC_E_ARGUMENT);
    assert_non_null(strstr(err.message, "number 1 is a blend itself"));
    assert_int_equal(dsc_blend_create(&nested, models, weights, 0, &err), DSC_E_ARGUMENT);
    models[0] = must_train(f->ratings, &f->members[2]);
    assert_int_equal(dsc_blend_create(&blend, models, (double[]){0}, 1, &err), DSC_E_ARGUMENT);
    assert_null(blend);
    assert_non_null(strstr(err.message, "are all 0"));
    dsc_ratings_destroy(other);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_member_predicts_the_same_bytes),
        cmocka_unit_test(two_equal_members_predict_like_one),
        cmocka_unit_test(a_prediction_is_the_weighted_mean),
        cmocka_unit_test(the_mean_is_clipped_and_not_the_members),
        cmocka_unit_test(ids_and_ratings_are_there_once),
        cmocka_unit_test(the_training_error_is_that_of_the_mean),
        cmocka_unit_test(neighbours_are_those_of_the_heaviest_member),
        cmocka_unit_test(newcomers_are_folded_into_every_member),
        cmocka_unit_test(a_stronger_fold_in_is_stronger_everywhere),
        cmocka_unit_test(nobody_known_is_folded_in_as_nobody),
        cmocka_unit_test(an_explanation_is_the_mean_of_the_members),
        cmocka_unit_test(a_folded_one_is_explained),
        cmocka_unit_test(members_are_judged_by_what_they_have_not_seen),
        cmocka_unit_test(a_useless_member_is_left_away),
        cmocka_unit_test(the_same_seed_gives_the_same_bytes),
        cmocka_unit_test(progress_is_told_and_can_end_it),
        cmocka_unit_test(usual_members_suit_the_ratings),
        cmocka_unit_test(usual_members_of_many_ratings_need_no_minibatches),
        cmocka_unit_test(settings_are_checked),
        cmocka_unit_test(a_member_that_fails_is_named),
        cmocka_unit_test(models_of_other_ratings_are_refused),
    };
    return cmocka_run_group_tests(tests, begin, end);
}
