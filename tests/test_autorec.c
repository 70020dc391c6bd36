/* Sides as hidden layers: weighed histories, shared vectors, activations, and the forms made of them.
 * docs/math.md (130) to (138). The objective's values are held by test_reference_forms.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "descent/explain.h"
#include "descent/fold_in.h"
#include "full_batch_floats.h"
#include "planted_ratings.h"
#include "recommender/full_batch.h"
#include "recommender/model.h"

enum { K = 3, N_USERS = 14, N_ITEMS = 11 };

static dsc_ratings *few_ratings(void) {
    const planted few = {
        .n_users = N_USERS, .n_items = N_ITEMS, .share = 0.5, .noise = 0.4, .seed = 3};
    return planted_ratings(&few);
}

/* What a case has besides a history of users and of items. */
typedef struct setting {
    bool weigh[2], share[2]; /* of users, of items */
    dsc_activation activation[2];
    bool network;
} setting;

static dsc_recommender_config config_of(const setting *s) {
    dsc_recommender_config config = dsc_recommender_config_of(DSC_FORM_HISTORIES, 100);
    config.use_network = s->network;
    config.weigh_user_history = s->weigh[0];
    config.weigh_item_history = s->weigh[1];
    config.share_user_vector = s->share[0];
    config.share_item_vector = s->share[1];
    config.user_activation = s->activation[0];
    config.item_activation = s->activation[1];
    config.activation = DSC_TANH;
    config.n_factors = K;
    config.n_hidden = 2;
    config.hidden[0] = 3;
    config.hidden[1] = 2;
    config.choose_ridge = false;
    config.ridge = (dsc_ridge){0.6, 1.1, 1.3, 0.8, 0.9};
    config.max_epochs = 60;
    return config;
}

static dsc_recommender *train(const dsc_recommender_config *config) {
    dsc_ratings *ratings = few_ratings();
    dsc_recommender *model = must_train(ratings, config);
    dsc_ratings_destroy(ratings);
    return model;
}

/* The forms of the presets, and one that mixes their parts. */
enum { N_MODELS = 4 };
static dsc_recommender *train_model(size_t which) {
    const setting mixture = {.weigh = {true, true},
                             .share = {false, true},
                             .activation = {DSC_TANH, DSC_SOFTMAX},
                             .network = true};
    const setting no_rest = {
        .weigh = {true, false}, .share = {true, true}, .activation = {DSC_GELU, DSC_IDENTITY}};
    dsc_recommender_config config = config_of(which == 3 ? &no_rest : &mixture);
    if (which < 2) {
        const dsc_form form = which == 0 ? DSC_FORM_ITEM_AUTOREC : DSC_FORM_USER_AUTOREC;
        const dsc_ridge ridge = config.ridge;
        config = dsc_recommender_config_of(form, 100);
        config.choose_ridge = false;
        config.ridge = ridge;
        config.n_factors = K;
    }
    return train(&config);
}

/* --- the objective ---------------------------------------------------------------------------- */

static void check_gradient(const setting *s) {
    dsc_ratings *ratings = few_ratings();
    const dsc_recommender_config config = config_of(s);
    dsc_recommender *m = NULL;
    dsc_full_batch *batch = NULL, *single = NULL;
    assert_int_equal(dsc_model_from_ratings(&m, &config, ratings, NULL), DSC_OK);
    const dsc_sparse all = dsc_sparse_view(&m->ratings);
    assert_int_equal(dsc_full_batch_create(&batch, m, DSC_FLOAT64, dsc_kept_ratings_all(all), NULL),
                     DSC_OK);
    assert_int_equal(
        dsc_full_batch_create(&single, m, DSC_FLOAT32, dsc_kept_ratings_all(all), NULL), DSC_OK);
    const size_t n = dsc_full_batch_n_values(batch);
    double *x = calloc(4 * n, sizeof *x);
    assert_non_null(x);
    double *gradient = x + n, *rounded = x + 2 * n, *unused = x + 3 * n;
    for (size_t i = 0; i < n; i++) {
        x[i] = (double)((int)(i * 37 % 41) - 20) / 128; /* exact in float */
    }
    double loss, in_float;
    assert_int_equal(dsc_full_batch_evaluate(x, &loss, gradient, batch, NULL), DSC_OK);
    assert_int_equal(evaluate_in_floats(x, &in_float, rounded, single), DSC_OK);
    assert_true(fabs(in_float - loss) < 1e-5 * loss);
    for (size_t i = 0; i < n; i++) {
        const double kept = x[i], step = 1e-5;
        double above, below;
        x[i] = kept + step;
        assert_int_equal(dsc_full_batch_evaluate(x, &above, unused, batch, NULL), DSC_OK);
        x[i] = kept - step;
        assert_int_equal(dsc_full_batch_evaluate(x, &below, unused, batch, NULL), DSC_OK);
        x[i] = kept;
        const double slope = (above - below) / (2 * step), size = fmax(1, fabs(slope));
        if (!(fabs(gradient[i] - slope) < 1e-6 * size) ||
            !(fabs(rounded[i] - gradient[i]) < 2e-5 * size)) {
            fail_msg("weigh %d %d, share %d %d, %s and %s: variable %zu of %zu: %.9g in double, "
                     "%.9g in float, expected %.9g",
                     s->weigh[0], s->weigh[1], s->share[0], s->share[1],
                     dsc_activation_name(s->activation[0]), dsc_activation_name(s->activation[1]),
                     i, n, gradient[i], rounded[i], slope);
        }
    }
    free(x);
    dsc_full_batch_destroy(batch);
    dsc_full_batch_destroy(single);
    dsc_recommender_destroy(m);
    dsc_ratings_destroy(ratings);
}

/* Of users, of items, of both at once; the other side stays plain in the first two. */
static void gradients_of_every_setting(void **state) {
    (void)state;
    for (int activation = 0; dsc_activation_name((dsc_activation)activation) != NULL;
         activation++) {
        for (unsigned i = 0; i < 12; i++) {
            setting s = {.network = (activation + (int)i) % 2 == 0};
            for (unsigned side = 0; side < 2; side++) {
                if (i / 4 == side || i / 4 == 2) {
                    s.weigh[side] = (i & 1) != 0;
                    s.share[side] = (i & 2) != 0;
                    s.activation[side] = (dsc_activation)activation;
                }
            }
            check_gradient(&s);
        }
    }
}

static bool is_kept(const dsc_kept_ratings *ratings, size_t user, uint64_t e) {
    bool is_left_out = ratings->start[user] == ratings->start[user + 1];
    for (size_t i = 0; i < ratings->n_left_out; i++) {
        is_left_out = is_left_out || ratings->left_out[i] == e;
    }
    return !is_left_out;
}

/* (130) to (132) of item i from these ratings: the mean weighs 3. */
static void side_by_hand(const dsc_recommender *m, dsc_kept_ratings ratings, size_t i,
                         double out[K]) {
    const dsc_sparse all = ratings.all;
    for (size_t f = 0; f < K; f++) {
        double sum = (double)m->item_vectors[f];
        for (size_t u = 0; u < N_USERS; u++) {
            const uint64_t e = dsc_sparse_find(all, (uint32_t)u, (uint32_t)i);
            if (e < all.n_entries && is_kept(&ratings, u, e)) {
                const double target =
                    ((double)all.value[e] - m->statistics.mean) / m->statistics.spread;
                sum += (3 + target) * (double)m->rater_vectors[u * K + f];
            }
        }
        out[f] = 1 / (1 + exp(-sum));
    }
}

static void assert_sides_by_hand(const dsc_recommender *m, dsc_kept_ratings ratings) {
    for (size_t i = 0; i < N_ITEMS; i++) {
        double expected[K];
        side_by_hand(m, ratings, i, expected);
        for (size_t f = 0; f < K; f++) {
            assert_true(fabs((double)m->item_sides[i * K + f] - expected[f]) < 1e-5);
        }
    }
}

/* In training what is held out stays outside; a trained model takes in all it knows. */
static void only_kept_ratings_enter_in_training(void **state) {
    (void)state;
    dsc_recommender *m = train_model(0);
    const dsc_sparse all = dsc_sparse_view(&m->ratings);
    assert_sides_by_hand(m, dsc_kept_ratings_all(all));
    bool is_used[N_USERS];
    for (size_t u = 0; u < N_USERS; u++) {
        is_used[u] = u < N_USERS / 2;
    }
    static const uint32_t left_out[] = {0, 3, 4};
    dsc_kept_ratings kept;
    assert_int_equal(dsc_kept_ratings_init(&kept, all, left_out, 3, is_used, NULL), DSC_OK);
    dsc_full_batch *batch = NULL;
    assert_int_equal(dsc_full_batch_create(&batch, m, DSC_FLOAT32, kept, NULL), DSC_OK);
    const size_t n = dsc_full_batch_n_values(batch);
    double *x = calloc(2 * n, sizeof *x), loss;
    assert_non_null(x);
    for (size_t v = 0; v < n; v++) {
        x[v] = (double)m->tables[v];
    }
    assert_int_equal(evaluate_in_floats(x, &loss, x + n, batch), DSC_OK);
    assert_sides_by_hand(m, kept);
    free(x);
    dsc_kept_ratings_clear(&kept);
    dsc_full_batch_destroy(batch);
    dsc_recommender_destroy(m);
}

/* A shared vector is one row, and counts once. */
static void a_shared_vector_is_one(void **state) {
    (void)state;
    for (size_t which = 0; which < 2; which++) {
        dsc_recommender *m = train_model(which);
        const size_t n_rows = which == 0 ? N_USERS : N_ITEMS;
        assert_int_equal(dsc_recommender_item_vectors(m).n_rows, which == 0 ? 1 : N_ITEMS);
        assert_int_equal(dsc_recommender_user_vectors(m).n_rows, which == 0 ? N_USERS : 1);
        dsc_recommender_info info;
        dsc_recommender_get_info(m, &info);
        assert_int_equal(info.n_parameters, (2 * n_rows + 1) * K + N_USERS + N_ITEMS);
        dsc_recommender_destroy(m);
    }
}

/* ... and is held as biases are, not as vectors: what the ridges add to the loss. */
static void a_shared_vector_is_held_as_a_bias(void **state) {
    (void)state;
    dsc_recommender *m = train_model(0);
    const dsc_ridge strengths[] = {{0, 0, 0, 0, 0}, {2, 0, 0, 0, 0}, {0, 0, 0, 2, 0}};
    double loss[3], *x = calloc(2 * m->n_table_values, sizeof *x);
    assert_non_null(x);
    const size_t at = N_USERS * K; /* behind the users' vectors */
    for (size_t f = 0; f < K; f++) {
        x[at + f] = 0.5;
    }
    for (size_t i = 0; i < 3; i++) {
        dsc_full_batch *batch = NULL;
        m->config.ridge = strengths[i];
        assert_int_equal(dsc_full_batch_create(&batch, m, DSC_FLOAT64,
                                               dsc_kept_ratings_all(dsc_sparse_view(&m->ratings)),
                                               NULL),
                         DSC_OK);
        assert_int_equal(dsc_full_batch_evaluate(x, &loss[i], x + m->n_table_values, batch, NULL),
                         DSC_OK);
        dsc_full_batch_destroy(batch);
    }
    assert_true(loss[1] == loss[0]);
    assert_true(fabs(loss[2] - loss[0] - K * 0.25) < 1e-9);
    free(x);
    dsc_recommender_destroy(m);
}

static void the_same_seed_gives_the_same_bytes(void **state) {
    (void)state;
    for (size_t which = 0; which < N_MODELS; which++) {
        dsc_recommender *a = train_model(which), *b = train_model(which);
        assert_int_equal(a->n_table_values, b->n_table_values);
        assert_memory_equal(a->tables, b->tables, a->n_table_values * sizeof *a->tables);
        assert_memory_equal(a->item_sides, b->item_sides, N_ITEMS * K * sizeof(float));
        assert_memory_equal(a->user_sides, b->user_sides, N_USERS * K * sizeof(float));
        dsc_recommender_destroy(a);
        dsc_recommender_destroy(b);
    }
}

/* --- fold-in ----------------------------------------------------------------------------------- */

/* The ratings of an item, by user. */
static size_t column_of(const dsc_recommender *m, uint32_t item, uint32_t user[N_USERS],
                        float rating[N_USERS]) {
    const dsc_sparse all = dsc_sparse_view(&m->ratings);
    size_t n = 0;
    for (uint32_t u = 0; u < N_USERS; u++) {
        const uint64_t e = dsc_sparse_find(all, u, item);
        if (e < all.n_entries) {
            user[n] = u;
            rating[n++] = all.value[e];
        }
    }
    return n;
}

static double product(const float *a, const float *b) {
    double sum = 0;
    for (size_t f = 0; f < K; f++) {
        sum += (double)a[f] * (double)b[f];
    }
    return sum;
}

/* The side needs no learning: it is what training would have made of the column, to the last bit.
 * The bias is the mean of what is left, damped. */
static void a_new_item_is_its_column(void **state) {
    (void)state;
    dsc_recommender *m = train_model(0);
    const dsc_fold_in_config config = dsc_fold_in_config_of(m, true);
    assert_false(config.learn_vector);
    for (uint32_t item = 0; item < N_ITEMS; item++) {
        uint32_t user[N_USERS];
        float rating[N_USERS];
        const dsc_given given = {column_of(m, item, user, rating), user, rating};
        dsc_folded *folded = NULL;
        assert_int_equal(dsc_fold_in_item(&folded, m, &given, NULL, NULL), DSC_OK);
        const dsc_side side = dsc_folded_side(folded);
        assert_memory_equal(side.vector, m->item_sides + item * K, K * sizeof(float));
        assert_memory_equal(side.own, m->item_vectors, K * sizeof(float));
        assert_true(side.l2_vector == 0 && side.n_history == 1);
        double rest = 0;
        for (size_t e = 0; e < given.n; e++) {
            rest += ((double)rating[e] - m->statistics.mean) / m->statistics.spread -
                    (double)m->user_biases[user[e]] -
                    product(m->user_sides + user[e] * K, side.vector);
        }
        const double expected = rest / ((double)given.n + config.l2_bias);
        assert_true(fabs((double)side.bias - expected) < 1e-5);
        assert_true(fabs((double)(side.bias - m->item_biases[item])) < 0.02); /* as trained */
        dsc_folded_destroy(folded);
    }
    dsc_recommender_destroy(m);
}

static void a_new_user_is_its_row(void **state) {
    (void)state;
    dsc_recommender *m = train_model(1);
    assert_true(dsc_fold_in_config_of(m, false).n_history == 0);
    for (uint32_t u = 0; u < N_USERS; u++) {
        const dsc_side trained = dsc_recommender_user_side(m, u);
        const dsc_given given = {trained.n_ratings, trained.others, trained.ratings};
        dsc_folded *folded = NULL;
        assert_int_equal(dsc_fold_in_user(&folded, m, &given, NULL, NULL), DSC_OK);
        const dsc_side side = dsc_folded_side(folded);
        assert_memory_equal(side.vector, trained.vector, K * sizeof(float));
        assert_true(fabs((double)(side.bias - trained.bias)) < 0.02);
        dsc_folded_destroy(folded);
    }
    dsc_recommender_destroy(m);
}

/* The other side has vectors of its own: somebody trained is found again. */
static void an_own_vector_is_found_again(void **state) {
    (void)state;
    dsc_recommender *m = train_model(0);
    for (uint32_t u = 0; u < N_USERS; u++) {
        const dsc_side trained = dsc_recommender_user_side(m, u);
        const dsc_given given = {trained.n_ratings, trained.others, trained.ratings};
        dsc_folded *folded = NULL;
        assert_int_equal(dsc_fold_in_user(&folded, m, &given, NULL, NULL), DSC_OK);
        const dsc_side side = dsc_folded_side(folded);
        assert_true(fabs((double)(side.bias - trained.bias)) < 0.02);
        for (size_t f = 0; f < K; f++) {
            assert_true(fabs((double)(side.vector[f] - trained.vector[f])) < 0.02);
        }
        dsc_folded_destroy(folded);
    }
    dsc_recommender_destroy(m);
}

/* (96) of a user of the mixture with tanh over an own vector and a weighed history. */
static double objective(const dsc_recommender *m, const dsc_given *given, const double sum[K],
                        const float own[K], float bias) {
    const dsc_fold_in_config config = dsc_fold_in_config_of(m, false);
    dsc_scorer *scorer = must_create_scorer(m);
    float vector[K];
    double loss = config.l2_bias / 2 * (double)bias * (double)bias;
    for (size_t f = 0; f < K; f++) {
        vector[f] = (float)tanh(sum[f] + (double)own[f]);
        loss += config.l2_vector / 2 * (double)own[f] * (double)own[f];
    }
    const dsc_side user = {.vector = vector, .bias = bias};
    for (size_t e = 0; e < given->n; e++) {
        const dsc_side item = dsc_recommender_item_side(m, given->other[e]);
        float found;
        dsc_scorer_predict_sides(scorer, 1, &user, &item, &found, NULL);
        const double error = ((double)found - (double)given->rating[e]) / m->statistics.spread;
        loss += error * error / 2;
    }
    dsc_scorer_destroy(scorer);
    return loss;
}

static void an_own_vector_below_an_activation_is_a_minimum(void **state) {
    (void)state;
    dsc_recommender *m = train_model(2);
    const uint32_t rated[] = {1, 4, 7, 8};
    const float ratings[] = {4.5F, 1.5F, 3, 2};
    const dsc_given given = {4, rated, ratings};
    dsc_folded *folded = NULL;
    assert_int_equal(dsc_fold_in_user(&folded, m, &given, NULL, NULL), DSC_OK);
    m->statistics.min = -100; /* the scorer is not to clip */
    m->statistics.max = 100;
    const dsc_side side = dsc_folded_side(folded);
    double sum[K] = {0};
    for (size_t e = 0; e < given.n; e++) {
        for (size_t f = 0; f < K; f++) {
            sum[f] += (double)dsc_model_weight(m, ratings[e]) *
                      (double)m->rated_vectors[rated[e] * K + f];
        }
    }
    for (size_t f = 0; f < K; f++) {
        assert_true(fabs((double)side.vector[f] - tanh(sum[f] + (double)side.own[f])) < 1e-6);
    }
    const double least = objective(m, &given, sum, side.own, side.bias);
    const float zero[K] = {0};
    assert_true(least < objective(m, &given, sum, zero, 0) - 0.005);
    for (size_t f = 0; f <= K; f++) {
        for (int sign = -1; sign <= 1; sign += 2) {
            float own[K];
            memcpy(own, side.own, sizeof own);
            own[f % K] += f < K ? 0.02F * (float)sign : 0;
            const float bias = side.bias + (f == K ? 0.02F * (float)sign : 0);
            assert_true(objective(m, &given, sum, own, bias) > least - 1e-6);
        }
    }
    dsc_folded_destroy(folded);
    dsc_recommender_destroy(m);
}

/* --- explanations ------------------------------------------------------------------------------ */

static void check_sum(const dsc_recommender *m, const dsc_side *user, const dsc_side *item) {
    dsc_explanation e;
    assert_int_equal(dsc_explain(&e, m, user, item, NULL), DSC_OK);
    double sum = e.mean + e.user_bias + e.item_bias + e.network + e.own_vector;
    for (size_t r = 0; r < e.n_reasons; r++) {
        const dsc_reason *reason = &e.reasons[r];
        assert_true(fabs(reason->push - reason->presence - reason->value) < 1e-12);
        assert_true(!m->config.weigh_user_history || reason->presence == 0);
        sum += reason->push;
    }
    assert_true(fabs(e.prediction - sum - e.gap) < 1e-9);
    assert_true(fabs(e.gap) < 1e-4);
    const bool is_bent = m->network != NULL || m->config.user_activation != DSC_IDENTITY;
    assert_int_equal(e.n_steps > 0, is_bent);
    dsc_scorer *scorer = must_create_scorer(m);
    float predicted;
    dsc_scorer_predict_sides(scorer, 1, user, item, &predicted, NULL);
    assert_true(fabs((double)predicted - e.rating) < 1e-5);
    dsc_scorer_destroy(scorer);
    dsc_explanation_clear(&e);
}

static void the_parts_sum_to_the_prediction(void **state) {
    (void)state;
    const uint32_t rated[] = {1, 4, 7, 8};
    const float ratings[] = {4.5F, 1.5F, 3, 2};
    const dsc_given given = {4, rated, ratings};
    for (size_t which = 0; which < N_MODELS; which++) {
        dsc_recommender *m = train_model(which);
        for (uint32_t p = 0; p < 30; p++) {
            const dsc_side user = dsc_recommender_user_side(m, p * 5 % N_USERS);
            const dsc_side item = dsc_recommender_item_side(m, p * 7 % N_ITEMS);
            check_sum(m, &user, &item);
        }
        dsc_folded *of_user = NULL, *of_item = NULL;
        assert_int_equal(dsc_fold_in_user(&of_user, m, &given, NULL, NULL), DSC_OK);
        assert_int_equal(dsc_fold_in_item(&of_item, m, &given, NULL, NULL), DSC_OK);
        const dsc_side user = dsc_folded_side(of_user), item = dsc_folded_side(of_item);
        check_sum(m, &user, &item);
        dsc_folded_destroy(of_user);
        dsc_folded_destroy(of_item);
        dsc_recommender_destroy(m);
    }
}

/* Of an autoencoder of rows a higher rating of something alike pushes up. (138) */
static void a_rating_pushes_by_its_value(void **state) {
    (void)state;
    const planted many = {.n_users = 60, .n_items = 40, .share = 0.5, .noise = 0.2, .seed = 2};
    dsc_ratings *ratings = planted_ratings(&many);
    dsc_recommender_config config = dsc_recommender_config_of(DSC_FORM_USER_AUTOREC, 1200);
    config.n_factors = 8;
    config.choose_ridge = false;
    config.ridge = (dsc_ridge){1, 2, 2, 4, 1};
    dsc_recommender *m = must_train(ratings, &config);
    const uint32_t rated[] = {dsc_recommender_find_item(m, (dsc_id){"i12", 3}),
                              dsc_recommender_find_item(m, (dsc_id){"i14", 3}),
                              dsc_recommender_find_item(m, (dsc_id){"i13", 3})};
    const dsc_side item =
        dsc_recommender_item_side(m, dsc_recommender_find_item(m, (dsc_id){"i10", 3}));
    double prediction[2];
    for (size_t high = 0; high <= 1; high++) {
        const float given[] = {high == 1 ? 4.5F : 1.5F, high == 1 ? 4.5F : 1.5F,
                               high == 1 ? 1.5F : 4.5F};
        dsc_folded *folded = NULL;
        dsc_explanation e;
        assert_int_equal(dsc_fold_in_user(&folded, m, &(dsc_given){3, rated, given}, NULL, NULL),
                         DSC_OK);
        const dsc_side user = dsc_folded_side(folded);
        assert_int_equal(dsc_explain(&e, m, &user, &item, NULL), DSC_OK);
        prediction[high] = e.prediction;
        dsc_explanation_clear(&e);
        dsc_folded_destroy(folded);
    }
    assert_true(prediction[1] > prediction[0] + 0.5);
    dsc_recommender_destroy(m);
    dsc_ratings_destroy(ratings);
}

/* --- settings ---------------------------------------------------------------------------------- */

static void what_needs_a_history_says_so(void **state) {
    (void)state;
    for (int side = 0; side <= 1; side++) {
        for (int what = 0; what < 4; what++) {
            setting s = {0};
            s.weigh[side] = what == 0;
            s.share[side] = what == 1;
            s.activation[side] = what == 2 ? DSC_SIGMOID : what == 3 ? (dsc_activation)99 : 0;
            dsc_recommender_config config = config_of(&s);
            assert_int_equal(dsc_recommender_config_check(&config, NULL),
                             what == 3 ? DSC_E_ARGUMENT : DSC_OK);
            config.use_user_history = config.use_user_history && side == 1;
            config.use_item_history = config.use_item_history && side == 0;
            static const char *const names[2][4] = {
                {"weigh_user_history", "share_user_vector", "user_activation", "user_activation"},
                {"weigh_item_history", "share_item_vector", "item_activation", "item_activation"}};
            dsc_error err = {DSC_OK, "", ""};
            assert_int_equal(dsc_recommender_config_check(&config, &err), DSC_E_ARGUMENT);
            assert_string_equal(err.where, names[side][what]);
        }
    }
    dsc_recommender_config by_steps = dsc_recommender_config_of(DSC_FORM_ITEM_AUTOREC, 100);
    by_steps.use_lbfgs = false;
    dsc_error err = {DSC_OK, "", ""};
    assert_int_equal(dsc_recommender_config_check(&by_steps, &err), DSC_E_ARGUMENT);
    assert_string_equal(err.where, "use_lbfgs");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gradients_of_every_setting),
        cmocka_unit_test(only_kept_ratings_enter_in_training),
        cmocka_unit_test(a_shared_vector_is_one),
        cmocka_unit_test(a_shared_vector_is_held_as_a_bias),
        cmocka_unit_test(the_same_seed_gives_the_same_bytes),
        cmocka_unit_test(a_new_item_is_its_column),
        cmocka_unit_test(a_new_user_is_its_row),
        cmocka_unit_test(an_own_vector_is_found_again),
        cmocka_unit_test(an_own_vector_below_an_activation_is_a_minimum),
        cmocka_unit_test(the_parts_sum_to_the_prediction),
        cmocka_unit_test(a_rating_pushes_by_its_value),
        cmocka_unit_test(what_needs_a_history_says_so),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
