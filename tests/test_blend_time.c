/* Blends of members that look at the time of rating and of such that do not. */
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
#include "descent/random.h"
#include "file_parts.h"
#include "planted_ratings.h"
#include "scratch_dir.h"

enum { N_USERS = 20, N_ITEMS = 12, N_MEMBERS = 2, DAY = 86400 };

typedef struct fixture {
    void *dir;
    dsc_ratings *ratings; /* in two sessions of each user, milder in the second */
    dsc_recommender_config members[N_MEMBERS];
    dsc_recommender *blend; /* the heavier member knows no times */
    char *path, *other;
} fixture;

static dsc_ratings *make_ratings(void) {
    char text[N_USERS * N_ITEMS * 40] = "";
    dsc_random random = dsc_random_stream(1, 1, 0);
    for (size_t u = 0; u < N_USERS; u++) {
        for (size_t i = 0; i < N_ITEMS; i++) {
            const size_t used = strlen(text), is_later = i >= N_ITEMS / 2;
            const double rating = 2 + (double)is_later + 0.3 * dsc_random_normal(&random);
            snprintf(text + used, sizeof text - used, "u%zu\ti%zu\t%.2f\t%zu\n", u,
                     (i * 5 + u) % N_ITEMS, rating, u * 7 + is_later * DAY + i * 20);
        }
    }
    return ratings_from_text(text);
}

static int begin(void **state) {
    fixture *f = calloc(1, sizeof *f);
    if (f == NULL || scratch_begin(&f->dir) != 0) {
        return -1;
    }
    dsc_recommender_config all[N_BLENDED];
    blended_members(all);
    f->ratings = make_ratings();
    f->members[0] = all[0];
    f->members[1] = all[1];
    f->members[1].n_time_bins = 3;
    f->members[1].session_gap = 60;
    f->members[1].ridge.time_bins = 1;
    f->members[1].ridge.sessions = 1;
    dsc_blend_config config = blended_config(f->members);
    config.n_members = N_MEMBERS;
    config.weights = (double[]){3, 2};
    f->blend = must_blend(f->ratings, &config, NULL);
    f->path = scratch_path(f->dir, "blend");
    f->other = scratch_path(f->dir, "other");
    *state = f;
    return dsc_recommender_save(f->blend, f->path, NULL) == DSC_OK ? 0 : -1;
}

static int end(void **state) {
    fixture *f = *state;
    dsc_recommender_destroy(f->blend);
    dsc_ratings_destroy(f->ratings);
    free(f->path);
    free(f->other);
    const int result = scratch_end(&f->dir);
    free(f);
    return result;
}

static double score_at(const dsc_recommender *model, uint32_t user, uint32_t item, int64_t time) {
    dsc_scorer *scorer = must_create_scorer(model);
    double score;
    dsc_scorer_set_time(scorer, time);
    dsc_scorer_score(scorer, user, 1, &item, &score);
    dsc_scorer_destroy(scorer);
    return score;
}

static void members_are_asked_for_the_time(void **state) {
    const fixture *f = *state;
    const int64_t times[] = {30, DAY + 100, DSC_NOW, -5};
    size_t n_different = 0;
    assert_true(dsc_recommender_ratings(f->blend).time != NULL);
    for (uint32_t u = 0; u < N_USERS; u++) {
        double first = 0;
        for (size_t t = 0; t < sizeof times / sizeof times[0]; t++) {
            double mean = 0;
            for (size_t m = 0; m < N_MEMBERS; m++) {
                mean += dsc_blend_weight(f->blend, m) *
                        score_at(dsc_blend_member(f->blend, m), u, u % N_ITEMS, times[t]);
            }
            const double found = score_at(f->blend, u, u % N_ITEMS, times[t]);
            assert_true(fabs(found - mean) <= 1e-12);
            n_different += t > 0 && fabs(found - first) > 0.05;
            first = t == 0 ? found : first;
        }
    }
    assert_true(n_different > N_USERS / 2);
}

/* What the members find alone and what they find in the blend, which moved the times, is the same. */
static void members_are_as_alone(void **state) {
    const fixture *f = *state;
    for (size_t m = 0; m < N_MEMBERS; m++) {
        dsc_recommender *alone = must_train(f->ratings, &f->members[m]);
        for (uint32_t u = 0; u < N_USERS; u++) {
            assert_true(score_at(alone, u, 3, DAY + 50) ==
                        score_at(dsc_blend_member(f->blend, m), u, 3, DAY + 50));
        }
        dsc_recommender_destroy(alone);
    }
}

static void the_training_error_is_that_at_the_times(void **state) {
    const fixture *f = *state;
    dsc_evaluation evaluation;
    dsc_recommender_info info;
    dsc_recommender_get_info(f->blend, &info);
    assert_int_equal(dsc_recommender_evaluate(f->blend, f->ratings, NULL, &evaluation, NULL),
                     DSC_OK);
    assert_true(fabs(info.train_rmse - evaluation.model.rmse) <= 1e-12);
}

/* Held-out ratings are predicted for their times: with them the member is better by far. */
static void held_out_ratings_have_times(void **state) {
    const fixture *f = *state;
    dsc_blend_config config = blended_config(f->members);
    dsc_blend_report report;
    config.n_members = N_MEMBERS;
    config.n_folds = 4;
    dsc_recommender *blend = must_blend(f->ratings, &config, &report);
    assert_true(report.rmse[1] < 0.75 * report.rmse[0]);
    assert_true(report.weight[1] > report.weight[0]);
    dsc_recommender_destroy(blend);
}

static void an_explanation_has_the_time(void **state) {
    const fixture *f = *state;
    const dsc_side user = dsc_recommender_user_side_at(f->blend, 4, DAY + 60);
    const dsc_side item = dsc_recommender_item_side_at(f->blend, 2, DAY + 60);
    dsc_explanation e;
    assert_int_equal(dsc_explain(&e, f->blend, &user, &item, NULL), DSC_OK);
    double sum = e.mean + e.user_bias + e.item_bias + e.time + e.network + e.own_vector;
    for (size_t r = 0; r < e.n_reasons; r++) {
        sum += e.reasons[r].push;
    }
    assert_true(fabs(e.time) > 0.01);
    assert_true(fabs(sum - score_at(f->blend, 4, 2, DAY + 60)) <= 1e-4);
    dsc_explanation_clear(&e);
}

static void a_file_holds_the_times(void **state) {
    const fixture *f = *state;
    dsc_recommender *loaded = NULL;
    assert_int_equal(dsc_recommender_load(&loaded, f->path, NULL), DSC_OK);
    for (uint32_t u = 0; u < N_USERS; u++) {
        assert_true(score_at(loaded, u, 1, 40) == score_at(f->blend, u, 1, 40));
    }
    assert_int_equal(dsc_recommender_save(loaded, f->other, NULL), DSC_OK);
    size_t n, n_again;
    char *first = scratch_read(f->path, &n), *again = scratch_read(f->other, &n_again);
    assert_int_equal(n, n_again);
    assert_memory_equal(first, again, n);
    free(first);
    free(again);
    dsc_recommender_destroy(loaded);
}

static void a_file_without_the_times_is_refused(void **state) {
    const fixture *f = *state;
    file_parts parts;
    file_parts_open(&parts, f->path);
    for (size_t t = 0; t < parts.n_tensors; t++) {
        file_parts without = parts;
        memmove(&without.tensor[t], &without.tensor[t + 1],
                (parts.n_tensors - t - 1) * sizeof without.tensor[0]);
        without.n_tensors--;
        file_parts_load(&without, f->other, load_recommender, parts.tensor[t].name);
    }
    file_parts_load_key(&parts, f->other, load_recommender, "member.1.n_time_bins", "many",
                        "\"member.1.n_time_bins\"");
    file_parts_close(&parts);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(members_are_asked_for_the_time),
        cmocka_unit_test(members_are_as_alone),
        cmocka_unit_test(the_training_error_is_that_at_the_times),
        cmocka_unit_test(held_out_ratings_have_times),
        cmocka_unit_test(an_explanation_has_the_time),
        cmocka_unit_test(a_file_holds_the_times),
        cmocka_unit_test(a_file_without_the_times_is_refused),
    };
    return cmocka_run_group_tests(tests, begin, end);
}
