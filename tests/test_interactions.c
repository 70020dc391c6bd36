/* Models of interactions from end to end: they find planted groups that popularity does not show, and
 * predict, recommend, explain, fold in, save and load as scores ask for. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "descent/blend.h"
#include "descent/evaluation.h"
#include "descent/explain.h"
#include "descent/fold_in.h"
#include "descent/random.h"
#include "file_parts.h"
#include "planted_ratings.h"
#include "recommender/model.h"
#include "scratch_dir.h"

enum { N_USERS = 90, N_ITEMS = 60, N_GROUPS = 3, PURPOSE_CHOICE = 101, LINE_LENGTH = 24 };

/* User u and item i are of groups u % 3 and i % 3. A user chooses two in five items of the own group,
 * and one in twenty of the others; the first nine items, of all groups, twice as often. Each choice is
 * of part 0, or of part 1 one time in four. */
static dsc_ratings *planted_choices(uint32_t part, int rating) {
    char *text = malloc(N_USERS * N_ITEMS * LINE_LENGTH);
    size_t length = 0;
    assert_non_null(text);
    for (uint32_t u = 0; u < N_USERS; u++) {
        for (uint32_t i = 0; i < N_ITEMS; i++) {
            dsc_random random = dsc_random_stream(11, PURPOSE_CHOICE, u * N_ITEMS + i);
            const double share = (u % N_GROUPS == i % N_GROUPS ? 0.4 : 0.05) * (i < 9 ? 2 : 1);
            const bool is_chosen = dsc_random_uniform(&random) < share;
            const uint32_t of_part = dsc_random_below(&random, 4) == 0;
            if (is_chosen && of_part == part) {
                length +=
                    (size_t)snprintf(text + length, LINE_LENGTH, "u%u,i%u,%d\n", u, i, rating);
            }
        }
    }
    dsc_ratings *ratings = ratings_from_text(text);
    free(text);
    return ratings;
}

static dsc_recommender_config config_of(dsc_form form, dsc_rating_loss loss) {
    dsc_recommender_config config = dsc_recommender_config_implicit(form, 1000);
    config.n_factors = 8;
    config.hidden[0] = 16;
    config.hidden[1] = 8;
    if (!config.use_als) {
        config.loss = loss;
        config.optimizer = dsc_adam(0.01);
        config.l2_vectors = 0.001;
        config.n_negatives = 5;
        config.batch_size = 64;
        config.max_epochs = 40;
        config.holdout = 0;
    }
    return config;
}

static const struct way {
    dsc_form form;
    dsc_rating_loss loss;
} ways[] = {{DSC_FORM_IALS, DSC_LOSS_SQUARED},
            {DSC_FORM_DOT, DSC_LOSS_CROSS_ENTROPY},
            {DSC_FORM_DOT, DSC_LOSS_BPR},
            {DSC_FORM_DOT, DSC_LOSS_SOFTMAX},
            {DSC_FORM_PERCEPTRON, DSC_LOSS_SOFTMAX},
            {DSC_FORM_MIXED, DSC_LOSS_BPR},
            {DSC_FORM_MIXED, DSC_LOSS_CROSS_ENTROPY}};
enum { N_WAYS = sizeof ways / sizeof ways[0] };

static dsc_recommender *train_way(size_t way, const dsc_ratings *ratings) {
    const dsc_recommender_config config = config_of(ways[way].form, ways[way].loss);
    return must_train(ratings, &config);
}

/* --- learning --------------------------------------------------------------------------------- */

static void every_way_beats_popularity(void **state) {
    (void)state;
    dsc_ratings *train = planted_choices(0, 1), *test = planted_choices(1, 1);
    for (size_t way = 0; way < N_WAYS; way++) {
        dsc_recommender *model = train_way(way, train);
        const size_t k = 10;
        dsc_ranking_evaluation found;
        const dsc_ranking_plan plan = {.k = &k, .n_k = 1, .min_relevant = -(double)INFINITY};
        assert_int_equal(dsc_recommender_rank(model, test, &plan, &found, NULL), DSC_OK);
        const double own = found.by[DSC_BY_MODEL].at[0][DSC_NDCG].value;
        const double popular = found.by[DSC_BY_POPULARITY].at[0][DSC_NDCG].value;
        if (!(own > 1.3 * popular)) {
            fail_msg("%s by %s: NDCG@10 %g, of popularity %g", dsc_form_name(ways[way].form),
                     dsc_rating_loss_name(ways[way].loss), own, popular);
        }
        dsc_recommender_destroy(model);
    }
    dsc_ratings_destroy(train);
    dsc_ratings_destroy(test);
}

/* The best epoch is kept, and the patience ends a training that gains no more. */
static void held_out_interactions_end_the_training(void **state) {
    (void)state;
    dsc_ratings *ratings = planted_choices(0, 1);
    for (size_t way = 0; way < N_WAYS; way += 3) {
        dsc_recommender_config config = config_of(ways[way].form, ways[way].loss);
        config.holdout = 0.2;
        config.max_epochs = 200;
        config.patience = 3;
        dsc_recommender *model = must_train(ratings, &config);
        dsc_recommender_info info;
        dsc_recommender_get_info(model, &info);
        assert_true(info.validation_ndcg > 0.25 && info.validation_ndcg <= 1);
        assert_true(info.n_epochs < config.max_epochs);
        assert_int_equal(info.n_epochs, info.best_epoch + config.patience);
        assert_true(info.train_loss > 0);
        assert_true(isnan(info.train_rmse) && isnan(info.validation_rmse));
        dsc_recommender_destroy(model);
    }
    dsc_ratings_destroy(ratings);
}

/* --- scores ------------------------------------------------------------------------------------ */

static void who_is_unknown_gets_what_is_popular(void **state) {
    (void)state;
    dsc_ratings *ratings = planted_choices(0, 1);
    dsc_recommender *model = train_way(0, ratings);
    dsc_scorer *scorer = must_create_scorer(model);
    dsc_recommendation out[N_ITEMS];
    size_t n = 0;
    dsc_scorer_recommend(scorer, DSC_NO_INDEX, N_ITEMS, out, &n);
    assert_int_equal(n, model->n_items);
    for (size_t r = 0; r < n; r++) {
        assert_true(r == 0 || out[r].n_ratings <= out[r - 1].n_ratings);
        const float share = (float)((double)out[r].n_ratings / (double)model->n_users);
        assert_true(fabsf(out[r].rating - share) < 1e-6f);
        const uint32_t nobody = DSC_NO_INDEX;
        float score;
        dsc_scorer_predict(scorer, 1, &nobody, &out[r].item, &score, NULL);
        assert_true(fabsf(score - share) < 1e-6f);
    }
    dsc_scorer_destroy(scorer);
    dsc_recommender_destroy(model);
    dsc_ratings_destroy(ratings);
}

/* Scores beyond 1 and below 0 stay as they are, and order the items. */
static void scores_are_not_clipped(void **state) {
    (void)state;
    dsc_ratings *ratings = planted_choices(0, 1);
    for (size_t way = 0; way < 2; way++) {
        dsc_recommender *model = train_way(way, ratings);
        dsc_scorer *scorer = must_create_scorer(model);
        bool is_below = false;
        for (uint32_t u = 0; u < model->n_users; u++) {
            for (uint32_t i = 0; i < model->n_items; i++) {
                float score;
                double exact;
                dsc_scorer_predict(scorer, 1, &u, &i, &score, NULL);
                dsc_scorer_score(scorer, u, 1, &i, &exact);
                assert_true(score == (float)exact);
                is_below = is_below || score < 0;
            }
        }
        assert_true(is_below);
        dsc_scorer_destroy(scorer);
        dsc_recommender_destroy(model);
    }
    dsc_ratings_destroy(ratings);
}

static void errors_of_ratings_are_refused(void **state) {
    (void)state;
    dsc_ratings *ratings = planted_choices(0, 1);
    dsc_recommender *model = train_way(0, ratings);
    dsc_evaluation found;
    dsc_error err = {DSC_OK, "", ""};
    assert_int_equal(dsc_recommender_evaluate(model, ratings, NULL, &found, &err), DSC_E_ARGUMENT);
    assert_non_null(strstr(err.message, "scores"));
    dsc_recommender_destroy(model);
    dsc_ratings_destroy(ratings);
}

static void blends_take_ratings_alone(void **state) {
    (void)state;
    dsc_ratings *ratings = planted_choices(0, 1);
    dsc_recommender *model = train_way(0, ratings), *blend = NULL;
    const double weight = 1;
    dsc_error err = {DSC_OK, "", ""};
    assert_int_equal(dsc_blend_create(&blend, &model, &weight, 1, &err), DSC_E_ARGUMENT);
    assert_null(blend);
    assert_non_null(strstr(err.message, "scores"));
    dsc_ratings_destroy(ratings);
}

/* --- somebody new ----------------------------------------------------------------------------- */

static dsc_given given_of(const dsc_recommender *model, uint32_t user) {
    const uint64_t begin = model->ratings.start[user];
    return (dsc_given){.n = (size_t)(model->ratings.start[user + 1] - begin),
                       .other = model->ratings.column + begin,
                       .rating = model->ratings.value + begin};
}

/* Training ends with the users' half step: whoever chooses the same gets the same vector. */
static void folding_in_a_user_of_training_finds_the_vector_again(void **state) {
    (void)state;
    dsc_ratings *ratings = planted_choices(0, 1);
    dsc_recommender *model = train_way(0, ratings);
    const size_t k = model->config.n_factors;
    for (uint32_t u = 0; u < model->n_users; u++) {
        const dsc_given given = given_of(model, u);
        dsc_folded *folded = NULL;
        assert_int_equal(dsc_fold_in_user(&folded, model, &given, NULL, NULL), DSC_OK);
        const dsc_side side = dsc_folded_side(folded);
        for (size_t f = 0; f < k; f++) {
            assert_true(fabsf(side.vector[f] - model->user_vectors[u * k + f]) < 1e-4f);
        }
        dsc_folded_destroy(folded);
    }
    dsc_recommender_destroy(model);
    dsc_ratings_destroy(ratings);
}

/* Users of a group who choose a new item make it one of the group; and what the ratings of given
 * interactions say does not matter. */
static void a_new_item_is_of_those_who_chose_it(void **state) {
    (void)state;
    dsc_ratings *ratings = planted_choices(0, 1);
    dsc_recommender *model = train_way(0, ratings);
    dsc_scorer *scorer = must_create_scorer(model);
    uint32_t users[12];
    float high[12], low[12];
    for (uint32_t j = 0; j < 12; j++) {
        users[j] = N_GROUPS * j; /* users come in order, with all their ids */
        high[j] = 5;
        low[j] = -2;
    }
    dsc_folded *folded = NULL, *again = NULL;
    const dsc_given given = {12, users, high}, same = {12, users, low};
    assert_int_equal(dsc_fold_in_item(&folded, model, &given, NULL, NULL), DSC_OK);
    assert_int_equal(dsc_fold_in_item(&again, model, &same, NULL, NULL), DSC_OK);
    const dsc_side item = dsc_folded_side(folded), twin = dsc_folded_side(again);
    assert_memory_equal(item.vector, twin.vector, model->config.n_factors * sizeof *item.vector);
    float of_group = 0, of_others = 0;
    for (uint32_t u = 36; u < N_USERS; u++) { /* none of those who chose it */
        const dsc_side user = dsc_recommender_user_side(model, u);
        float score;
        dsc_scorer_predict_sides(scorer, 1, &user, &item, &score, NULL);
        *(u % N_GROUPS == 0 ? &of_group : &of_others) += score;
    }
    assert_true(of_group > of_others); /* of 18 users and of 36 */
    dsc_folded_destroy(folded);
    dsc_folded_destroy(again);
    dsc_scorer_destroy(scorer);
    dsc_recommender_destroy(model);
    dsc_ratings_destroy(ratings);
}

static void minibatches_fold_nobody_in(void **state) {
    (void)state;
    dsc_ratings *ratings = planted_choices(0, 1);
    dsc_recommender *model = train_way(1, ratings);
    const dsc_given given = given_of(model, 0);
    dsc_folded *folded = (dsc_folded *)(uintptr_t)1;
    dsc_error err = {DSC_OK, "", ""};
    assert_int_equal(dsc_fold_in_user(&folded, model, &given, NULL, &err), DSC_E_ARGUMENT);
    assert_null(folded);
    assert_non_null(strstr(err.message, "ials"));
    dsc_recommender_destroy(model);
    dsc_ratings_destroy(ratings);
}

static int group_of(const dsc_recommender *model, uint32_t item) {
    const dsc_id id = dsc_recommender_item_id(model, item); /* "i17" */
    int number = 0;
    for (size_t c = 1; c < id.length; c++) {
        number = 10 * number + (id.bytes[c] - '0');
    }
    return number % N_GROUPS;
}

/* What was chosen adds up to the score, and nothing else is in it. */
static void explanations_add_up(void **state) {
    (void)state;
    dsc_ratings *ratings = planted_choices(0, 1);
    dsc_recommender *model = train_way(0, ratings);
    for (uint32_t u = 0; u < 6; u++) {
        const dsc_side user = dsc_recommender_user_side(model, u);
        const dsc_side item = dsc_recommender_item_side(model, 7 * u);
        dsc_explanation found;
        assert_int_equal(dsc_explain(&found, model, &user, &item, NULL), DSC_OK);
        assert_int_equal(found.n_reasons, user.n_ratings);
        double sum = 0, of_group = 0, of_others = 0;
        for (size_t r = 0; r < found.n_reasons; r++) {
            assert_true(found.reasons[r].push == found.reasons[r].presence);
            assert_true(r == 0 || fabs(found.reasons[r].push) <= fabs(found.reasons[r - 1].push));
            sum += found.reasons[r].push;
            const bool is_alike = group_of(model, found.reasons[r].item) == group_of(model, 7 * u);
            *(is_alike ? &of_group : &of_others) += found.reasons[r].push;
        }
        assert_true(fabs(sum - found.prediction) < 1e-4);
        assert_true(fabs(found.own_vector) < 1e-4);
        assert_true(fabs(found.gap) < 1e-6);
        assert_true(of_group > of_others);
        dsc_explanation_clear(&found);
    }
    dsc_recommender_destroy(model);
    dsc_ratings_destroy(ratings);
}

/* --- settings and files ------------------------------------------------------------------------ */

static void mixtures_that_cannot_be(void **state) {
    (void)state;
    const dsc_recommender_config als = config_of(DSC_FORM_IALS, DSC_LOSS_SQUARED);
    const dsc_recommender_config dot = config_of(DSC_FORM_DOT, DSC_LOSS_BPR);
    const dsc_recommender_config ratings = dsc_recommender_config_of(DSC_FORM_MIXED, 0);
    dsc_recommender_config cases[16];
    const char *names[16];
    size_t n = 0;
#define CASE(base, change, name)                                                                   \
    do {                                                                                           \
        cases[n] = (base);                                                                         \
        cases[n].change;                                                                           \
        names[n++] = (name);                                                                       \
    } while (0)
    CASE(als, is_implicit = false, "use_als");
    CASE(als, use_network = true, "use_als");
    CASE(als, use_biases = true, "use_als");
    CASE(als, use_mean = true, "use_als");
    CASE(als, use_lbfgs = true, "use_als");
    CASE(als, loss = DSC_LOSS_BPR, "loss");
    CASE(als, loss = DSC_LOSS_ORDINAL, "loss");
    CASE(als, unobserved_weight = 0, "unobserved_weight");
    CASE(als, unobserved_weight = (double)NAN, "unobserved_weight");
    CASE(dot, loss = DSC_LOSS_SQUARED, "loss");
    CASE(dot, loss = (dsc_rating_loss)99, "loss");
    CASE(dot, use_lbfgs = true, "is_implicit");
    CASE(dot, use_mean = true, "is_implicit");
    CASE(dot, n_negatives = 0, "n_negatives");
    CASE(dot, n_negatives = 1001, "n_negatives");
    CASE(ratings, loss = DSC_LOSS_SOFTMAX, "loss");
#undef CASE
    for (size_t i = 0; i < n; i++) {
        dsc_error err = {DSC_OK, "", ""};
        assert_int_equal(dsc_recommender_config_check(&cases[i], &err), DSC_E_ARGUMENT);
        assert_string_equal(err.where, names[i]);
    }
    assert_int_equal(dsc_recommender_config_check(&als, NULL), DSC_OK);
    assert_int_equal(dsc_recommender_config_check(&dot, NULL), DSC_OK);
}

static char *save(const char *dir, const char *name, const dsc_recommender *model) {
    char *path = scratch_path(dir, name);
    assert_int_equal(dsc_recommender_save(model, path, NULL), DSC_OK);
    return path;
}

static void assert_files(const char *a, const char *b, bool are_equal) {
    size_t n_a, n_b;
    char *x = scratch_read(a, &n_a), *y = scratch_read(b, &n_b);
    const bool is_same = n_a == n_b && memcmp(x, y, n_a) == 0;
    assert_int_equal(is_same, are_equal);
    free(x);
    free(y);
}

/* The same file for the same seed, whatever the ratings of the interactions; another for another. */
static void the_same_seed_gives_the_same_bytes(void **state) {
    dsc_ratings *ratings = planted_choices(0, 1), *valued = planted_choices(0, 4);
    for (size_t way = 0; way < N_WAYS; way++) {
        dsc_recommender_config config = config_of(ways[way].form, ways[way].loss);
        config.max_epochs = 3;
        dsc_recommender *models[3] = {must_train(ratings, &config), must_train(valued, &config)};
        config.seed = 2;
        models[2] = must_train(ratings, &config);
        char *first = save(*state, "first", models[0]), *second = save(*state, "second", models[1]),
             *other = save(*state, "other", models[2]);
        assert_files(first, second, true);
        assert_files(first, other, false);
        for (size_t i = 0; i < 3; i++) {
            dsc_recommender_destroy(models[i]);
        }
        free(first);
        free(second);
        free(other);
    }
    dsc_ratings_destroy(ratings);
    dsc_ratings_destroy(valued);
}

/* There are more rows on a side than one part of the threads' work has. */
static void any_number_of_threads_gives_the_same_bytes(void **state) {
    dsc_ratings *ratings = planted_choices(0, 1);
    dsc_recommender_config config = config_of(DSC_FORM_IALS, DSC_LOSS_SQUARED);
    char *first = NULL;
    for (size_t n_factors = 8; n_factors <= 32;
         n_factors += 24) { /* many, few interactions a row */
        config.n_factors = n_factors;
        for (config.n_threads = 1; config.n_threads <= 3; config.n_threads++) {
            dsc_recommender *model = must_train(ratings, &config);
            char *path = save(*state, config.n_threads == 1 ? "first" : "second", model);
            if (config.n_threads == 1) {
                free(first);
                first = path;
            } else {
                assert_files(first, path, true);
                free(path);
            }
            dsc_recommender_destroy(model);
        }
    }
    free(first);
    dsc_ratings_destroy(ratings);
}

static void files_come_back(void **state) {
    dsc_ratings *ratings = planted_choices(0, 1);
    for (size_t way = 0; way < N_WAYS; way++) {
        dsc_recommender_config config = config_of(ways[way].form, ways[way].loss);
        config.max_epochs = 2;
        config.holdout = way % 2 == 0 ? 0 : 0.1;
        config.unobserved_weight = 7.0 / 3;
        dsc_recommender *model = must_train(ratings, &config), *loaded = NULL;
        char *first = save(*state, "first", model);
        assert_int_equal(dsc_recommender_load(&loaded, first, NULL), DSC_OK);
        char *second = save(*state, "second", loaded);
        assert_files(first, second, true);
        dsc_recommender_info a, b;
        dsc_recommender_get_info(model, &a);
        dsc_recommender_get_info(loaded, &b);
        assert_true(b.config.is_implicit);
        assert_int_equal(a.config.use_als, b.config.use_als);
        assert_int_equal(a.config.loss, b.config.loss);
        assert_int_equal(a.config.n_negatives, b.config.n_negatives);
        assert_true(a.config.unobserved_weight == b.config.unobserved_weight);
        assert_true(a.train_loss == b.train_loss);
        assert_int_equal(isnan(a.validation_ndcg), config.holdout == 0);
        assert_true(isnan(a.validation_ndcg) ? isnan(b.validation_ndcg)
                                             : a.validation_ndcg == b.validation_ndcg);
        dsc_recommender_destroy(model);
        dsc_recommender_destroy(loaded);
        free(first);
        free(second);
    }
    dsc_ratings_destroy(ratings);
}

static dsc_status load_file(const char *path, dsc_error *err) {
    dsc_recommender *model = (dsc_recommender *)(uintptr_t)1;
    const dsc_status status = dsc_recommender_load(&model, path, err);
    assert_int_equal(model != NULL, status == DSC_OK);
    dsc_recommender_destroy(model);
    return status;
}

static void hostile_files_are_refused(void **state) {
    dsc_ratings *ratings = planted_choices(0, 1);
    dsc_recommender_config config = config_of(DSC_FORM_IALS, DSC_LOSS_SQUARED);
    config.holdout = 0.1;
    config.max_epochs = 2;
    dsc_recommender *model = must_train(ratings, &config);
    char *sound = save(*state, "sound", model), *path = scratch_path(*state, "damaged");
    file_parts parts;
    file_parts_open(&parts, sound);
    file_parts_load(&parts, path, load_file, NULL);
    static const struct {
        const char *key, *value, *text;
    } keys[] = {
        {"format_version", "2", "statistics"}, /* which knows ratings alone */
        {"is_implicit", "yes", "is_implicit"}, {"use_als", "1", "use_als"},
        {"use_als", "false", "loss"},          {"n_negatives", "0", "n_negatives"},
        {"n_negatives", "x", "n_negatives"},   {"use_network", "true", "use_als"},
    };
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
        file_parts_load_key(&parts, path, load_file, keys[i].key, keys[i].value, keys[i].text);
    }
    static const struct {
        size_t at;
        double value;
        const char *text;
    } numbers[] = {
        {0, 0, "unobserved_weight"},    {0, -1, "unobserved_weight"}, {1, -1, "statistics"},
        {1, (double)NAN, "statistics"}, {2, -0.1, "statistics"},      {2, 1.1, "statistics"},
    };
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        file_parts_load_value(&parts, path, load_file, "interactions", numbers[i].at,
                              numbers[i].value, numbers[i].text);
    }
    file_parts_load_value(&parts, path, load_file, "statistics", 0, 1, "statistics");
    static const double no_interactions[] = {2, 0, -1, 1.0000001, 0.9999999, (double)NAN};
    for (size_t i = 0; i < sizeof no_interactions / sizeof *no_interactions; i++) {
        file_parts_load_value(&parts, path, load_file, "ratings_value", i, no_interactions[i],
                              "scale");
    }
    file_parts_load_value(&parts, path, load_file, "user_vectors", 0, (double)NAN, "user_vectors");
    for (size_t t = 0; t < parts.n_tensors; t++) {
        file_parts less = parts;
        less.n_tensors--; /* the order stays, on which the alignment rests */
        memmove(&less.tensor[t], &less.tensor[t + 1], (less.n_tensors - t) * sizeof less.tensor[0]);
        file_parts_load(&less, path, load_file, parts.tensor[t].name);
    }
    for (size_t k = 0; k < parts.n_metadata; k++) {
        const char *key = parts.metadata[k].key;
        file_parts less = parts;
        less.metadata[k] = less.metadata[--less.n_metadata];
        if (strcmp(key, "use_als") == 0 || strcmp(key, "n_negatives") == 0) {
            file_parts_load(&less, path, load_file, key);
        } else if (strcmp(key, "is_implicit") == 0) { /* then it is of ratings, and they are not */
            file_parts_load(&less, path, load_file, "statistics");
        }
    }
    file_parts_load_other_shapes(&parts, path, load_file, NULL);
    file_parts_close(&parts);
    free(sound);
    free(path);
    dsc_recommender_destroy(model);
    dsc_ratings_destroy(ratings);
}

int main(void) {
#define WITH_DIR(test) cmocka_unit_test_setup_teardown(test, scratch_begin, scratch_end)
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_way_beats_popularity),
        cmocka_unit_test(held_out_interactions_end_the_training),
        cmocka_unit_test(who_is_unknown_gets_what_is_popular),
        cmocka_unit_test(scores_are_not_clipped),
        cmocka_unit_test(errors_of_ratings_are_refused),
        cmocka_unit_test(blends_take_ratings_alone),
        cmocka_unit_test(folding_in_a_user_of_training_finds_the_vector_again),
        cmocka_unit_test(a_new_item_is_of_those_who_chose_it),
        cmocka_unit_test(minibatches_fold_nobody_in),
        cmocka_unit_test(explanations_add_up),
        cmocka_unit_test(mixtures_that_cannot_be),
        WITH_DIR(the_same_seed_gives_the_same_bytes),
        WITH_DIR(any_number_of_threads_gives_the_same_bytes),
        WITH_DIR(files_come_back),
        WITH_DIR(hostile_files_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
