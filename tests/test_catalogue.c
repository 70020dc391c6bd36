/* Lists from a catalogue against those that predictions of single pairs make, byte by byte, for
 * every form of model; and at any number of threads. */
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
#include "descent/catalogue.h"
#include "descent/fold_in.h"
#include "descent/random.h"
#include "fail_alloc.h"
#include "planted_ratings.h"
#include "recommender/catalogue.h"
#include "recommender/model.h"

/* Tiles of 32 that are full and not; two blocks of users and a part of a third. */
enum { N_USERS = 70, N_ITEMS = 75, N_BEST = 10, N_FORMS = 9, DAY = 86400 };

/* Lists that repay a catalogue of any model here. */
enum { MANY = 1000 };

static dsc_ratings *make_ratings(void) {
    enum { LINE = 40 };
    char *text = calloc((size_t)N_USERS * N_ITEMS + 1, LINE);
    assert_non_null(text);
    size_t length = 0;
    dsc_random random = dsc_random_stream(3, 1, 0);
    for (size_t u = 0; u < N_USERS; u++) {
        for (size_t i = 0; i < N_ITEMS; i++) {
            if (u == 0 || i == (u * 7) % N_ITEMS || dsc_random_below(&random, 5) == 0) {
                length +=
                    (size_t)snprintf(text + length, LINE, "u%zu\ti%zu\t%u\t%zu\n", u, i,
                                     1 + (dsc_random_below(&random, 3) + (unsigned)(u * i)) % 5,
                                     1 + u * 7 + i % 3 * DAY);
            }
        }
    }
    dsc_ratings *ratings = ratings_from_text(text);
    free(text);
    return ratings;
}

/* Models of every way through the tiles: form is the way. */
static dsc_recommender *make_model(const dsc_ratings *ratings, size_t form) {
    static const dsc_activation activations[] = {DSC_RELU, DSC_TANH, DSC_SOFTMAX, DSC_RELU};
    dsc_recommender_config members[N_BLENDED];
    blended_members(members);
    dsc_recommender_config config = small_config();
    config.max_epochs = 2;
    if (form < 4) { /* networks, the last beside a dot product */
        config.activation = activations[form];
        config.use_dot = form == 3;
    } else if (form < 7) { /* dot products: with histories, alone, with thresholds */
        config = members[form == 4 ? 0 : 1];
        if (form == 6) {
            dsc_recommender_config_set_loss(&config, DSC_LOSS_ORDINAL, 1000);
            config.choose_ridge = false;
        }
    } else if (form == 7) {
        config = members[1];
        config.n_time_bins = 3;
        config.session_gap = 60;
        config.ridge.time_bins = config.ridge.sessions = 1;
    } else {
        const dsc_blend_config blend = blended_config(members);
        return must_blend(ratings, &blend, NULL);
    }
    return must_train(ratings, &config);
}

static dsc_scorer *must_create_scorer_on(const dsc_catalogue *catalogue) {
    dsc_scorer *scorer = NULL;
    assert_int_equal(dsc_scorer_create_on(&scorer, catalogue, NULL), DSC_OK);
    return scorer;
}

static dsc_catalogue *must_create(const dsc_recommender *model, int64_t time) {
    dsc_catalogue *catalogue = NULL;
    assert_int_equal(dsc_catalogue_create(&catalogue, model, time, NULL), DSC_OK);
    return catalogue;
}

/* --- what lists must be --------------------------------------------------------------------- */

typedef struct ranked {
    double score;
    dsc_recommendation shown;
} ranked;

static int by_score(const void *a, const void *b) {
    const ranked *x = a, *y = b;
    return x->score > y->score   ? -1
           : x->score < y->score ? 1
                                 : (int)x->shown.item - (int)y->shown.item;
}

static bool has_rated(const dsc_side *user, uint32_t item) {
    for (size_t j = 0; j < user->n_ratings; j++) {
        if (user->others[j] == item) {
            return true;
        }
    }
    return false;
}

/* Every item that the user has not rated, predicted by itself, sorted; returns how many. */
static size_t list_by_pairs(dsc_scorer *scorer, const dsc_recommender *model, const dsc_side *user,
                            int64_t time, ranked *out) {
    size_t n = 0;
    for (uint32_t item = 0; item < N_ITEMS; item++) {
        if (has_rated(user, item)) {
            continue;
        }
        const dsc_side side = dsc_recommender_item_side_at(model, item, time);
        ranked *one = &out[n++];
        one->shown = (dsc_recommendation){.item = item, .n_ratings = (uint32_t)side.n_ratings};
        dsc_scorer_predict_sides(scorer, 1, user, &side, &one->shown.rating, NULL);
        dsc_scorer_score_side(scorer, user, 1, &item, &one->score);
    }
    qsort(out, n, sizeof *out, by_score);
    return n;
}

static void assert_list(const dsc_recommendation *got, size_t n_got, const ranked *expected,
                        size_t n_expected) {
    assert_int_equal(n_got, n_expected);
    for (size_t r = 0; r < n_got; r++) {
        if (memcmp(&got[r], &expected[r].shown, sizeof *got) != 0) {
            fail_msg("place %zu has item %u rated %a by %u; expected %u, %a, %u", r, got[r].item,
                     (double)got[r].rating, got[r].n_ratings, expected[r].shown.item,
                     (double)expected[r].shown.rating, expected[r].shown.n_ratings);
        }
    }
}

static size_t least(size_t a, size_t b) {
    return a < b ? a : b;
}

/* One for so many lists. */
static dsc_catalogue *must_create_for(const dsc_recommender *model, int64_t time, size_t n_lists) {
    dsc_catalogue *catalogue = NULL;
    assert_int_equal(dsc_catalogue_create_for(&catalogue, model, time, n_lists, NULL), DSC_OK);
    return catalogue;
}

/* Lists of n from a scorer on a catalogue for n_lists, a scorer without, and for all users at once. */
static void check_lists(const dsc_recommender *model, int64_t time, size_t n, size_t n_lists) {
    static dsc_recommendation all[N_USERS * N_ITEMS], one[N_ITEMS];
    static ranked expected[N_ITEMS];
    static dsc_side users[N_USERS];
    size_t n_all[N_USERS], n_one = 0;
    dsc_catalogue *catalogue = must_create_for(model, time, n_lists);
    dsc_scorer *on = must_create_scorer_on(catalogue), *alone = must_create_scorer(model);
    dsc_scorer_set_time(alone, time);
    for (uint32_t u = 0; u < N_USERS; u++) {
        users[u] = dsc_recommender_user_side_at(model, u, time);
    }
    const dsc_catalogue_query query = {users, N_USERS, n, 2};
    assert_int_equal(dsc_catalogue_recommend(catalogue, &query, all, n_all, NULL), DSC_OK);
    for (uint32_t u = 0; u < N_USERS; u++) {
        const size_t n_expected = list_by_pairs(alone, model, &users[u], time, expected);
        assert_list(all + u * n, n_all[u], expected, least(n, n_expected));
        dsc_scorer_recommend(on, u, n, one, &n_one);
        assert_list(one, n_one, expected, least(n, n_expected));
        dsc_scorer_recommend(alone, u, n, one, &n_one);
        assert_list(one, n_one, expected, least(n, n_expected));
    }
    dsc_scorer_destroy(on);
    dsc_scorer_destroy(alone);
    dsc_catalogue_destroy(catalogue);
}

static void lists_are_those_of_single_pairs(void **state) {
    const dsc_ratings *ratings = *state;
    for (size_t form = 0; form < N_FORMS; form++) {
        dsc_recommender *model = make_model(ratings, form);
        assert_int_equal(model->n_items, N_ITEMS);
        for (size_t n_lists = 1; n_lists <= MANY; n_lists += MANY - 1) {
            check_lists(model, DSC_NOW, N_BEST, n_lists);
            check_lists(model, 1 + DAY, 1, n_lists);
            check_lists(model, DSC_NOW, N_ITEMS, n_lists);
        }
        dsc_recommender_destroy(model);
    }
}

/* Where that ends follows from the sizes: docs/math.md (213). */
static void few_lists_need_nothing_prepared(void **state) {
    for (size_t form = 0; form < N_FORMS; form++) {
        dsc_recommender *model = make_model(*state, form);
        const size_t width = model->config.hidden[1];
        const size_t most = dsc_estimate_helps(model) ? 400 / width : 128;
        for (size_t n_lists = 0; n_lists < 2 * most; n_lists++) {
            dsc_catalogue *catalogue = must_create_for(model, DSC_NOW, n_lists);
            assert_true(catalogue->is_empty == (n_lists <= most));
            dsc_catalogue_destroy(catalogue);
        }
        dsc_recommender_destroy(model);
    }
}

/* --- scores --------------------------------------------------------------------------------- */

/* Of items in an order, in disorder, and more than once. */
static void scores_are_the_same_in_any_list(void **state) {
    enum { N = 2 * N_ITEMS };
    for (size_t form = 0; form < N_FORMS; form++) {
        dsc_recommender *model = make_model(*state, form);
        dsc_catalogue *catalogue = must_create(model, DSC_NOW);
        dsc_scorer *on = must_create_scorer_on(catalogue), *alone = must_create_scorer(model);
        dsc_random random = dsc_random_stream(form, 7, 0);
        uint32_t item[N];
        double score[N];
        for (uint32_t u = 0; u < N_USERS; u += 9) {
            for (size_t p = 0; p < N; p++) {
                item[p] = p < 9              ? N_ITEMS - 1
                          : p < N_ITEMS      ? (uint32_t)p
                          : p < N_ITEMS + 20 ? dsc_random_below(&random, N_ITEMS)
                                             : (uint32_t)(p - N_ITEMS);
            }
            dsc_scorer_score(on, u, N, item, score);
            for (size_t p = 0; p < N; p++) {
                double expected;
                dsc_scorer_score(alone, u, 1, &item[p], &expected);
                assert_memory_equal(&score[p], &expected, sizeof expected);
            }
        }
        dsc_scorer_destroy(on);
        dsc_scorer_destroy(alone);
        dsc_catalogue_destroy(catalogue);
        dsc_recommender_destroy(model);
    }
}

/* --- times ---------------------------------------------------------------------------------- */

/* A scorer that is set to another time than the catalogue's must not use it. */
static void a_scorer_leaves_a_catalogue_of_another_time(void **state) {
    dsc_recommender *model = make_model(*state, 7);
    dsc_catalogue *catalogue = must_create(model, DSC_NOW);
    dsc_scorer *on = must_create_scorer_on(catalogue), *alone = must_create_scorer(model);
    size_t n_moved = 0;
    for (uint32_t u = 1; u < N_USERS; u++) {
        const int64_t times[] = {1, DSC_NOW};
        dsc_recommendation got[2][N_BEST], expected[N_BEST];
        for (size_t t = 0; t < 2; t++) {
            size_t n_got = 0, n_expected = 0;
            dsc_scorer_set_time(on, times[t]);
            dsc_scorer_set_time(alone, times[t]);
            dsc_scorer_recommend(on, u, N_BEST, got[t], &n_got);
            dsc_scorer_recommend(alone, u, N_BEST, expected, &n_expected);
            assert_int_equal(n_got, n_expected);
            assert_memory_equal(got[t], expected, n_got * sizeof *got[t]);
        }
        n_moved += memcmp(got[0], got[1], sizeof got[0]) != 0;
    }
    assert_true(n_moved > 0);
    dsc_scorer_destroy(on);
    dsc_scorer_destroy(alone);
    dsc_catalogue_destroy(catalogue);
    dsc_recommender_destroy(model);
}

/* --- what is not looked at --------------------------------------------------------------------- */

/* Many items of very different lengths, whose best are the long ones, or those of high biases; some
 * point the same way, so that the bound is met. */
static void lists_are_done_in_time(void **state) {
    (void)state;
    enum { N_MANY = 700, N_FEW = 40, LINE = 32 };
    static char text[(N_MANY + 1) * LINE];
    static dsc_recommendation all[N_FEW * N_BEST], one[N_BEST];
    size_t length = 0, n_all[N_FEW], n_one = 0;
    for (size_t i = 0; i < N_MANY; i++) {
        length += (size_t)snprintf(text + length, LINE, "u%zu,i%zu,%zu\n", i % N_FEW, i, 1 + i % 5);
    }
    dsc_ratings *ratings = ratings_from_text(text);
    dsc_recommender *model = make_model(ratings, 5);
    const size_t k = model->config.n_factors;
    for (uint64_t round = 0; round < 20; round++) {
        dsc_random random = dsc_random_stream(round, 8, 0);
        for (size_t v = 0; v < N_FEW * k; v++) {
            model->user_vectors[v] = (float)dsc_random_normal(&random);
        }
        for (uint32_t i = 0; i < N_MANY; i++) {
            const double size = exp(2 * dsc_random_normal(&random));
            for (size_t f = 0; f < k; f++) {
                model->item_vectors[i * k + f] =
                    i % 3 == 0 ? (float)size * model->user_vectors[(i % N_FEW) * k + f]
                               : (float)(size * dsc_random_normal(&random));
            }
            model->item_biases[i] = (float)((double)round * dsc_random_normal(&random) / 4);
        }
        dsc_model_refresh(model);
        dsc_catalogue *catalogue = must_create(model, DSC_NOW);
        dsc_scorer *alone = must_create_scorer(model);
        dsc_side users[N_FEW];
        for (uint32_t u = 0; u < N_FEW; u++) {
            users[u] = dsc_recommender_user_side(model, u);
        }
        const dsc_catalogue_query query = {users, N_FEW, N_BEST, 1};
        assert_int_equal(dsc_catalogue_recommend(catalogue, &query, all, n_all, NULL), DSC_OK);
        for (uint32_t u = 0; u < N_FEW; u++) {
            dsc_scorer_recommend(alone, u, N_BEST, one, &n_one);
            assert_int_equal(n_one, n_all[u]);
            assert_memory_equal(one, all + (size_t)u * N_BEST, n_one * sizeof *one);
        }
        dsc_scorer_destroy(alone);
        dsc_catalogue_destroy(catalogue);
    }
    dsc_recommender_destroy(model);
    dsc_ratings_destroy(ratings);
}

/* --- ties ----------------------------------------------------------------------------------- */

/* Sums that differ by less than the mean shows are equal scores: by item then. */
static void ties_go_by_item(void **state) {
    dsc_recommender *model = make_model(*state, 5);
    memset(model->user_vectors, 0, N_USERS * model->config.n_factors * sizeof(float));
    for (uint32_t i = 0; i < N_ITEMS; i++) {
        model->item_biases[i] = i % 4 == 0 ? 0 : (float)(i % 3) * 1e-30F;
    }
    dsc_model_refresh(model);
    check_lists(model, DSC_NOW, N_BEST, MANY);
    dsc_recommendation out[N_BEST];
    size_t n = 0;
    dsc_scorer *scorer = must_create_scorer(model);
    dsc_scorer_recommend(scorer, 1, N_BEST, out, &n);
    for (size_t r = 1; r < n; r++) {
        assert_true(out[r].item > out[r - 1].item);
    }
    dsc_scorer_destroy(scorer);
    dsc_recommender_destroy(model);
}

/* So are those that are too large for a float, whichever comes first. */
static void infinite_ties_go_by_item(void **state) {
    dsc_recommender *model = make_model(*state, 5);
    const size_t k = model->config.n_factors;
    for (size_t v = 0; v < N_USERS * k; v++) {
        model->user_vectors[v] = 1e20F;
    }
    for (size_t v = 0; v < N_ITEMS * k; v++) {
        model->item_vectors[v] = 1e20F * (float)(1 + v / k); /* the catalogue has the last first */
    }
    dsc_model_refresh(model);
    check_lists(model, DSC_NOW, N_BEST, MANY);
    dsc_recommender_destroy(model);
}

/* --- who asks ------------------------------------------------------------------------------- */

/* Unknown, folded in and known ones side by side, by any number of threads. */
static void threads_change_no_byte(void **state) {
    static const size_t n_threads[] = {1, 2, 3, 8, 0};
    static dsc_recommendation all[2][N_USERS * N_BEST];
    static size_t n_all[2][N_USERS];
    for (size_t form = 3; form < N_FORMS; form++) {
        dsc_recommender *model = make_model(*state, form);
        dsc_catalogue *catalogue = must_create(model, DSC_NOW);
        dsc_scorer *scorer = must_create_scorer(model);
        dsc_folded *folded = NULL;
        const dsc_given given = {3, (uint32_t[]){1, 40, 74}, (float[]){5, 1, 4}};
        assert_int_equal(dsc_fold_in_user(&folded, model, &given, NULL, NULL), DSC_OK);
        dsc_side users[N_USERS];
        for (uint32_t u = 0; u < N_USERS; u++) {
            users[u] = u % 11 == 5   ? (dsc_side){0}
                       : u % 11 == 7 ? dsc_folded_side(folded)
                                     : dsc_recommender_user_side(model, u);
        }
        for (size_t t = 0; t < sizeof n_threads / sizeof *n_threads; t++) {
            const dsc_catalogue_query query = {users, N_USERS, N_BEST, n_threads[t]};
            memset(all[t > 0], 0, sizeof all[0]);
            assert_int_equal(
                dsc_catalogue_recommend(catalogue, &query, all[t > 0], n_all[t > 0], NULL), DSC_OK);
            assert_memory_equal(all[t > 0], all[0], sizeof all[0]);
            assert_memory_equal(n_all[t > 0], n_all[0], sizeof n_all[0]);
        }
        for (size_t u = 0; u < N_USERS; u++) {
            dsc_recommendation one[N_BEST];
            size_t n = 0;
            dsc_scorer_recommend_side(scorer, &users[u], N_BEST, one, &n);
            assert_int_equal(n, n_all[0][u]);
            assert_memory_equal(one, all[0] + u * N_BEST, n * sizeof *one);
        }
        dsc_folded_destroy(folded);
        dsc_scorer_destroy(scorer);
        dsc_catalogue_destroy(catalogue);
        dsc_recommender_destroy(model);
    }
}

static void nobody_and_nothing_can_be_asked_for(void **state) {
    dsc_recommender *model = make_model(*state, 3);
    dsc_catalogue *catalogue = must_create(model, DSC_NOW);
    const dsc_side user = dsc_recommender_user_side(model, 1);
    size_t n = 9;
    dsc_error err;
    assert_int_equal(
        dsc_catalogue_recommend(catalogue, &(dsc_catalogue_query){NULL, 0, 5, 1}, NULL, NULL, NULL),
        DSC_OK);
    assert_int_equal(
        dsc_catalogue_recommend(catalogue, &(dsc_catalogue_query){&user, 1, 0, 1}, NULL, &n, NULL),
        DSC_OK);
    assert_int_equal(n, 0);
    assert_int_equal(dsc_catalogue_recommend(catalogue, &(dsc_catalogue_query){&user, 1, 0, 5000},
                                             NULL, &n, &err),
                     DSC_E_ARGUMENT);
    assert_string_equal(err.where, "n_threads");
    dsc_catalogue_destroy(catalogue);
    dsc_catalogue_destroy(NULL);
    dsc_recommender_destroy(model);
}

/* --- memory --------------------------------------------------------------------------------- */

static dsc_status recommend(void *context, dsc_error *err) {
    const dsc_recommender *model = context;
    static dsc_recommendation out[2 * N_BEST];
    size_t n[2];
    const dsc_side users[] = {dsc_recommender_user_side(model, 1),
                              dsc_recommender_user_side(model, 2)};
    dsc_catalogue *catalogue = NULL;
    dsc_status status = dsc_catalogue_create(&catalogue, model, DSC_NOW, err);
    assert_int_equal(catalogue != NULL, status == DSC_OK);
    if (status == DSC_OK) {
        const dsc_catalogue_query query = {users, 2, N_BEST, 1};
        status = dsc_catalogue_recommend(catalogue, &query, out, n, err);
    }
    dsc_catalogue_destroy(catalogue);
    return status;
}

static dsc_status recommend_few(void *context, dsc_error *err) {
    const dsc_recommender *model = context;
    dsc_recommendation out[N_BEST];
    size_t n;
    const dsc_side user = dsc_recommender_user_side(model, 1);
    dsc_catalogue *catalogue = NULL;
    dsc_status status = dsc_catalogue_create_for(&catalogue, model, DSC_NOW, 1, err);
    assert_int_equal(catalogue != NULL, status == DSC_OK);
    if (status == DSC_OK) {
        const dsc_catalogue_query query = {&user, 1, N_BEST, 1};
        status = dsc_catalogue_recommend(catalogue, &query, out, &n, err);
    }
    dsc_catalogue_destroy(catalogue);
    return status;
}

static void every_failed_allocation_is_reported(void **state) {
    for (size_t form = 0; form < N_FORMS; form += N_FORMS - 1) { /* a network, a blend */
        dsc_recommender *model = make_model(*state, form);
        fail_alloc_each(recommend, model, 8);
        fail_alloc_each(recommend_few, model, 5);
        dsc_recommender_destroy(model);
    }
}

static int begin(void **state) {
    *state = make_ratings();
    return 0;
}

static int end(void **state) {
    dsc_ratings_destroy(*state);
    return 0;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lists_are_those_of_single_pairs),
        cmocka_unit_test(few_lists_need_nothing_prepared),
        cmocka_unit_test(scores_are_the_same_in_any_list),
        cmocka_unit_test(a_scorer_leaves_a_catalogue_of_another_time),
        cmocka_unit_test(lists_are_done_in_time),
        cmocka_unit_test(ties_go_by_item),
        cmocka_unit_test(infinite_ties_go_by_item),
        cmocka_unit_test(threads_change_no_byte),
        cmocka_unit_test(nobody_and_nothing_can_be_asked_for),
        cmocka_unit_test(every_failed_allocation_is_reported),
    };
    return cmocka_run_group_tests(tests, begin, end);
}
