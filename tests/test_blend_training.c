/* Training of blends: it holds out what it says, gives the same bytes on any number of threads, tells of its
 * progress, chooses members that suit the ratings, and refuses what cannot be. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "assert_near.h"
#include "blended.h"
#include "descent/rating_split.h"
#include "planted_ratings.h"
#include "scratch_dir.h"

enum { N_USERS = N_BLENDED_USERS, N_ITEMS = N_BLENDED_ITEMS };

/* What the report says of each member is what training without the held-out ratings gives. */
static void members_are_judged_by_what_they_have_not_seen(void **state) {
    const blended *f = *state;
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
        assert_within(report.rmse[m], evaluation.model.rmse, 1e-6);
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
    const blended *f = *state;
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

static char *bytes_of(const blended *f, void *dir, const dsc_blend_config *config, size_t *n) {
    dsc_recommender *blend = must_blend(f->ratings, config, NULL);
    char *path = scratch_path(dir, "same");
    assert_int_equal(dsc_recommender_save(blend, path, NULL), DSC_OK);
    char *bytes = scratch_read(path, n);
    free(path);
    dsc_recommender_destroy(blend);
    return bytes;
}

static void the_same_seed_gives_the_same_bytes(void **state) {
    const blended *f = *state;
    dsc_blend_config config = blended_config(f->members);
    size_t n_first, n;
    void *dir = NULL;
    assert_int_equal(scratch_begin(&dir), 0);
    config.n_folds = 3;
    char *first = bytes_of(f, dir, &config, &n_first);
    for (size_t n_threads = 0; n_threads <= 4; n_threads++) {
        config.n_threads = n_threads;
        char *again = bytes_of(f, dir, &config, &n);
        assert_int_equal(n, n_first);
        assert_memory_equal(first, again, n);
        free(again);
    }
    config.seed++; /* other ratings are held out */
    char *other = bytes_of(f, dir, &config, &n);
    assert_true(n != n_first || memcmp(first, other, n) != 0);
    free(other);
    free(first);
    assert_int_equal(scratch_end(&dir), 0);
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
    const blended *f = *state;
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

static void refuse(const blended *f, const dsc_blend_config *config, const char *where,
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
    const blended *f = *state;
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
    const blended *f = *state;
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
    const blended *f = *state;
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
    return cmocka_run_group_tests(tests, blended_begin, blended_end);
}
