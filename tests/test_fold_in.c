/* Fold-in against docs/math.md (96) to (99) computed here: normal equations for a dot product, the
 * gradient of the objective by finite differences for a network; and sides against indices. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "descent/fold_in.h"
#include "planted_ratings.h"
#include "recommender/model.h"

enum { N_USERS = 60, N_ITEMS = 50, K = 4 };

/* The forms by name, small; "all" is every part at once. */
static dsc_recommender *create_model(const char *form) {
    const planted what = {
        .n_users = N_USERS, .n_items = N_ITEMS, .share = 0.3, .noise = 0.3, .seed = 5};
    dsc_ratings *ratings = planted_ratings(&what);
    dsc_recommender_config config = small_config();
    dsc_form known;
    const bool is_all = strcmp(form, "all") == 0;
    if (!is_all) {
        assert_true(dsc_form_from_name(form, &known));
        const dsc_recommender_config of_form = dsc_recommender_config_of(known, 1000);
        config.use_dot = of_form.use_dot;
        config.use_network = of_form.use_network;
        config.use_user_history = config.use_item_history = of_form.use_user_history;
        config.use_lbfgs = of_form.use_lbfgs;
    } else {
        config.use_dot = config.use_network = config.use_lbfgs = true;
        config.use_user_history = config.use_item_history = true;
    }
    config.activation = DSC_TANH; /* smooth: at a kink of relu a descent may end above a minimum */
    config.ridge = (dsc_ridge){1, 2, 3, 4, 0.1, .power = config.use_lbfgs ? 0.5 : 0};
    config.choose_ridge = false;
    config.max_epochs = config.use_lbfgs ? 200 : 150; /* until the tastes are learned */
    config.holdout = 0;
    dsc_recommender *model = must_train(ratings, &config);
    dsc_ratings_destroy(ratings);
    assert_int_equal(model->n_users, N_USERS);
    assert_int_equal(model->n_items, N_ITEMS);
    return model;
}

static const char *const forms[] = {"histories", "dot", "perceptron", "mixed", "all"};
enum { N_FORMS = sizeof forms / sizeof forms[0] };

/* Unsorted. */
static const uint32_t items[] = {8, 3, 40, 1, 12, 33, 7};
static const float ratings[] = {4.5F, 2, 4, 1.5F, 5, 1, 2.5F};
enum { N_GIVEN = 7 };
static const dsc_given given = {N_GIVEN, items, ratings};

static dsc_folded *must_fold(const dsc_recommender *model, bool is_item,
                             const dsc_fold_in_config *config) {
    dsc_folded *folded = NULL;
    dsc_error err = {DSC_OK, "", ""};
    if ((is_item ? dsc_fold_in_item : dsc_fold_in_user)(&folded, model, &given, config, &err) !=
        DSC_OK) {
        fail_msg("%s: %s", err.where, err.message);
    }
    return folded;
}

/* --- the minimum ------------------------------------------------------------------------------ */

/* Solves the symmetric (n, n) system a x = b in place by Gauss elimination with pivots. */
static void solve(double a[][K + 1], double *b, size_t n) {
    for (size_t c = 0; c < n; c++) {
        size_t pivot = c;
        for (size_t r = c; r < n; r++) {
            pivot = fabs(a[r][c]) > fabs(a[pivot][c]) ? r : pivot;
        }
        for (size_t f = 0; f < n; f++) {
            const double kept = a[c][f];
            a[c][f] = a[pivot][f];
            a[pivot][f] = kept;
        }
        const double kept = b[c];
        b[c] = b[pivot];
        b[pivot] = kept;
        for (size_t r = 0; r < n; r++) {
            const double factor = r == c ? 0 : a[r][c] / a[c][c];
            for (size_t f = 0; f < n; f++) {
                a[r][f] -= factor * a[c][f];
            }
            b[r] -= factor * b[c];
        }
    }
    for (size_t c = 0; c < n; c++) {
        b[c] /= a[c][c];
    }
}

/* The history by (98): the sum of what was rated, filled up with the mean over all ratings. */
static void history_by_hand(const dsc_recommender *model, bool is_item,
                            const dsc_fold_in_config *config, double history[K]) {
    const float *summed = is_item ? model->rater_vectors : model->rated_vectors;
    const dsc_sparse all = dsc_recommender_ratings(model);
    const double length = fmax(config->n_history, N_GIVEN);
    memset(history, 0, K * sizeof *history);
    for (uint32_t u = 0; summed != NULL && u < all.n_rows; u++) {
        for (uint64_t e = all.start[u]; e < all.start[u + 1]; e++) {
            for (size_t f = 0; f < K; f++) {
                history[f] += (length - N_GIVEN) / (double)all.n_entries *
                              (double)summed[(is_item ? u : all.column[e]) * K + f];
            }
        }
    }
    for (size_t f = 0; f < K; f++) {
        for (size_t e = 0; summed != NULL && e < N_GIVEN; e++) {
            history[f] += (double)summed[items[e] * K + f];
        }
        history[f] /= sqrt(length);
    }
}

/* (160) */
static double strength_by_hand(const dsc_recommender *model, bool is_item,
                               const dsc_fold_in_config *config) {
    const double usual = (double)model->ratings.n_entries / (is_item ? N_ITEMS : N_USERS);
    return config->l2_vector * pow(fmax(N_GIVEN, config->n_history) / usual, config->l2_power);
}

/* (96) of a model without a network, by its normal equations. */
static void solve_by_hand(const dsc_recommender *model, bool is_item,
                          const dsc_fold_in_config *config, double solution[K + 1],
                          double history[K]) {
    double a[K + 1][K + 1] = {{0}};
    const float *sides = is_item ? model->user_sides : model->item_sides;
    const float *biases = is_item ? model->user_biases : model->item_biases;
    memset(solution, 0, (K + 1) * sizeof *solution);
    history_by_hand(model, is_item, config, history);
    for (size_t e = 0; e < N_GIVEN; e++) {
        double row[K + 1] = {[K] = 1};
        double rest = ((double)ratings[e] - model->statistics.mean) / model->statistics.spread -
                      (double)biases[items[e]];
        for (size_t f = 0; f < K; f++) {
            row[f] = (double)sides[items[e] * K + f];
            rest -= history[f] * row[f];
        }
        for (size_t f = 0; f <= K; f++) {
            for (size_t g = 0; g <= K; g++) {
                a[f][g] += row[f] * row[g];
            }
            solution[f] += row[f] * rest;
        }
    }
    for (size_t f = 0; f <= K; f++) {
        a[f][f] += f < K ? strength_by_hand(model, is_item, config) : config->l2_bias;
    }
    solve(a, solution, K + 1);
}

/* Histories as they are by default, longer than given, and shorter. */
static void a_dot_product_gets_the_ridge_solution(void **state) {
    (void)state;
    for (size_t m = 0; m < 2; m++) {
        dsc_recommender *model = create_model(forms[m]);
        for (size_t c = 0; c < 6; c++) {
            const bool is_item = c % 2 == 1;
            dsc_fold_in_config config = dsc_fold_in_config_of(model, is_item);
            assert_true(config.l2_vector == 1 && config.l2_bias == 4); /* those of training */
            assert_true(config.l2_power == 0.5);
            assert_true(config.n_history ==
                        (is_item ? 0 : (double)model->ratings.n_entries / N_USERS));
            config.n_history = c < 2 ? config.n_history : c < 4 ? 40 : 5;
            double expected[K + 1], history[K], plain[K];
            solve_by_hand(model, is_item, &config, expected, history);
            history_by_hand(model, is_item, &(dsc_fold_in_config){.n_history = 0}, plain);
            dsc_folded *folded = must_fold(model, is_item, c < 2 ? NULL : &config);
            const dsc_side side = dsc_folded_side(folded);
            const double length = fmax(config.n_history, N_GIVEN);
            assert_true(m == 1 ? side.n_history == 0 : side.n_history == length);
            assert_true(fabs((double)side.bias - expected[K]) < 1e-6);
            assert_true(fabs(side.l2_vector / strength_by_hand(model, is_item, &config) - 1) <
                        1e-12);
            for (size_t f = 0; f < K; f++) {
                const double usual = history[f] - plain[f] * sqrt(N_GIVEN / length);
                assert_true(fabs((double)side.own[f] - expected[f] - usual) < 1e-6);
                assert_true(fabs((double)side.vector[f] - expected[f] - history[f]) < 1e-6);
            }
            dsc_folded_destroy(folded);
        }
        dsc_recommender_destroy(model);
    }
}

/* A new user or item whose variables are moved. */
typedef struct moved {
    const dsc_recommender *model;
    bool is_item;
    dsc_side side; /* as folded in, its history not filled up, so that `own` is p alone */
} moved;

/* The objective (96) with these variables, from predictions of the scorer. */
static double objective(const moved *of, const float *own, float bias) {
    const dsc_fold_in_config config = dsc_fold_in_config_of(of->model, of->is_item);
    float vector[K];
    dsc_scorer *scorer = must_create_scorer(of->model);
    dsc_side side = of->side;
    side.vector = vector;
    side.bias = bias;
    double loss = config.l2_bias / 2 * (double)bias * (double)bias;
    for (size_t f = 0; f < K; f++) {
        vector[f] = of->side.vector[f] - of->side.own[f] + own[f];
        loss += of->side.l2_vector / 2 * (double)own[f] * (double)own[f];
    }
    for (size_t e = 0; e < N_GIVEN; e++) {
        const dsc_side other = of->is_item ? dsc_recommender_user_side(of->model, items[e])
                                           : dsc_recommender_item_side(of->model, items[e]);
        float predicted;
        dsc_scorer_predict_sides(scorer, 1, of->is_item ? &other : &side,
                                 of->is_item ? &side : &other, &predicted, NULL);
        const double error =
            ((double)predicted - (double)ratings[e]) / of->model->statistics.spread;
        loss += error * error / 2;
    }
    dsc_scorer_destroy(scorer);
    return loss;
}

/* No small move of one variable lowers the objective. */
static void check_minimum(const char *form, const moved *of) {
    const dsc_side side = of->side;
    const double least = objective(of, side.own, side.bias);
    const float zero[K] = {0};
    assert_true(least < objective(of, zero, 0) - 0.01);
    for (size_t f = 0; f <= K; f++) {
        for (int sign = -1; sign <= 1; sign += 2) {
            const float step = 0.02F * (float)sign;
            float own[K];
            memcpy(own, side.own, sizeof own);
            if (f < K) {
                own[f] += step;
            }
            const double there = objective(of, own, side.bias + (f == K ? step : 0));
            if (there < least - 1e-6) {
                fail_msg("%s: a step of variable %zu by %g lowers the objective %g to %g", form, f,
                         (double)step, least, there);
            }
        }
    }
}

static void every_form_gets_a_minimum(void **state) {
    (void)state;
    for (size_t m = 0; m < N_FORMS; m++) {
        dsc_recommender *model = create_model(forms[m]);
        model->statistics.min = -100; /* the scorer of objective() is not to clip */
        model->statistics.max = 100;
        for (int is_item = 0; is_item <= 1; is_item++) {
            dsc_fold_in_config config = dsc_fold_in_config_of(model, is_item != 0);
            config.n_history = 0;
            dsc_folded *folded = must_fold(model, is_item != 0, &config);
            const moved of = {model, is_item != 0, dsc_folded_side(folded)};
            check_minimum(forms[m], &of);
            dsc_folded_destroy(folded);
        }
        dsc_recommender_destroy(model);
    }
}

static void the_vector_can_be_left_out(void **state) {
    (void)state;
    dsc_recommender *model = create_model("histories");
    dsc_fold_in_config config = dsc_fold_in_config_of(model, false);
    config.learn_vector = false;
    config.n_history = 0;
    dsc_folded *folded = must_fold(model, false, &config);
    const dsc_side side = dsc_folded_side(folded);
    config.l2_vector = 1e12; /* then the normal equations leave it at 0 too */
    double expected[K + 1], history[K];
    solve_by_hand(model, false, &config, expected, history);
    assert_true(fabs((double)side.bias - expected[K]) < 1e-6);
    assert_true(side.l2_vector == 0); /* it is no minimum */
    for (size_t f = 0; f < K; f++) {
        assert_true(side.own[f] == 0);
        assert_true(fabs((double)side.vector[f] - history[f]) < 1e-6);
    }
    dsc_folded_destroy(folded);
    dsc_recommender_destroy(model);
}

static void a_model_without_biases_gets_none(void **state) {
    (void)state;
    dsc_recommender *model = create_model("dot");
    model->config.use_biases = false;
    dsc_folded *folded = must_fold(model, false, NULL);
    assert_true(dsc_folded_side(folded).bias == 0);
    dsc_folded_destroy(folded);
    dsc_recommender_destroy(model);
}

/* After minibatches: (99), from the trained vectors and errors. */
static void strengths_follow_from_trained_vectors(void **state) {
    (void)state;
    dsc_recommender *model = create_model("perceptron");
    for (int is_item = 0; is_item <= 1; is_item++) {
        const dsc_matrix own = is_item != 0 ? dsc_recommender_item_vectors(model)
                                            : dsc_recommender_user_vectors(model);
        double squares = 0;
        for (size_t r = 0; r < own.n_rows; r++) {
            for (size_t f = 0; f < K; f++) {
                squares += dsc_matrix_at(own, r, f) * dsc_matrix_at(own, r, f);
            }
        }
        const double error = model->statistics.train_rmse / model->statistics.spread;
        const double expected = error * error / (squares / (double)(own.n_rows * K));
        const dsc_fold_in_config config = dsc_fold_in_config_of(model, is_item != 0);
        assert_true(fabs(config.l2_vector / expected - 1) < 1e-6);
        assert_true(config.l2_bias == 4);
    }
    memset(model->user_vectors, 0, N_USERS * K * sizeof(float));
    assert_true(dsc_fold_in_config_of(model, false).l2_vector == 1);
    dsc_recommender_destroy(model);
}

/* Someone trained comes out as training left them, where that is a minimum. */
static void someone_trained_is_found_again(void **state) {
    (void)state;
    dsc_recommender *model = create_model("histories");
    const dsc_side trained = dsc_recommender_user_side(model, 11);
    dsc_folded *folded = NULL;
    dsc_fold_in_config config = dsc_fold_in_config_of(model, false);
    config.n_history = 0;
    const dsc_given all = {trained.n_ratings, trained.others, trained.ratings};
    assert_int_equal(dsc_fold_in_user(&folded, model, &all, &config, NULL), DSC_OK);
    const dsc_side side = dsc_folded_side(folded);
    assert_true(fabs((double)(side.bias - trained.bias)) < 0.01);
    assert_true(fabs(side.baseline - trained.baseline) < 1e-12);
    for (size_t f = 0; f < K; f++) {
        assert_true(fabs((double)(side.vector[f] - trained.vector[f])) < 0.02);
    }
    dsc_folded_destroy(folded);
    dsc_recommender_destroy(model);
}

/* --- what is given ---------------------------------------------------------------------------- */

static void what_does_not_fit_is_counted(void **state) {
    (void)state;
    dsc_recommender *model = create_model("histories");
    const uint32_t odd_items[] = {8, DSC_NO_INDEX, 3, 40, 1, 12, 33, 7, 8, DSC_NO_INDEX};
    const float odd_ratings[] = {1, 3, 2, 4, 1.5F, 1e30F, 1, 2.5F, 4.5F, 3};
    dsc_folded *odd = NULL;
    const dsc_given of_odd = {10, odd_items, odd_ratings};
    assert_int_equal(dsc_fold_in_user(&odd, model, &of_odd, NULL, NULL), DSC_OK);
    const dsc_folded_info info = dsc_folded_get_info(odd);
    assert_int_equal(info.n_used, 7);
    assert_int_equal(info.n_unknown, 2);
    assert_int_equal(info.n_repeated, 1);
    assert_int_equal(info.n_outside, 1);
    assert_in_range(info.n_iterations, 1, 100);
    const dsc_side side = dsc_folded_side(odd);
    assert_int_equal(side.n_ratings, 7);
    for (size_t e = 0; e + 1 < 7; e++) {
        assert_true(side.others[e] < side.others[e + 1]);
    }
    /* the same as without what was dropped, and with the end of the scale in place of 1e30 */
    float clean_ratings[N_GIVEN];
    memcpy(clean_ratings, ratings, sizeof clean_ratings);
    clean_ratings[4] = (float)model->statistics.max;
    const dsc_given of_clean = {N_GIVEN, items, clean_ratings};
    dsc_folded *clean = NULL;
    assert_int_equal(dsc_fold_in_user(&clean, model, &of_clean, NULL, NULL), DSC_OK);
    assert_memory_equal(dsc_folded_side(clean).vector, side.vector, K * sizeof(float));
    dsc_folded_destroy(clean);
    dsc_folded_destroy(odd);
    dsc_recommender_destroy(model);
}

static void nothing_known_is_somebody_unknown(void **state) {
    (void)state;
    dsc_recommender *model = create_model("histories");
    const uint32_t none = DSC_NO_INDEX;
    const float rating = 5;
    dsc_scorer *scorer = must_create_scorer(model);
    for (size_t n = 0; n <= 1; n++) {
        dsc_folded *folded = NULL;
        const dsc_given nothing = {n, &none, &rating};
        assert_int_equal(dsc_fold_in_user(&folded, model, &nothing, NULL, NULL), DSC_OK);
        const dsc_side side = dsc_folded_side(folded);
        assert_null(side.vector);
        dsc_recommendation of_side[5], of_index[5];
        size_t n_side = 0, n_index = 0;
        dsc_scorer_recommend_side(scorer, &side, 5, of_side, &n_side);
        dsc_scorer_recommend(scorer, DSC_NO_INDEX, 5, of_index, &n_index);
        assert_int_equal(n_side, 5);
        for (size_t r = 0; r < 5; r++) {
            assert_int_equal(of_side[r].item, of_index[r].item);
        }
        dsc_folded_destroy(folded);
    }
    dsc_scorer_destroy(scorer);
    dsc_recommender_destroy(model);
}

static void mistakes_are_refused(void **state) {
    (void)state;
    dsc_recommender *model = create_model("dot");
    const dsc_fold_in_config usual = dsc_fold_in_config_of(model, false);
    dsc_fold_in_config configs[7] = {usual, usual, usual, usual, usual, usual, usual};
    configs[0].l2_vector = -1;
    configs[1].l2_vector = (double)INFINITY;
    configs[2].l2_bias = (double)NAN;
    configs[3].max_iterations = 0;
    configs[4].n_history = -1;
    configs[5].n_history = (double)NAN;
    configs[6].l2_power = -1;
    dsc_folded *folded = (dsc_folded *)(uintptr_t)1;
    for (size_t c = 0; c < 7; c++) {
        dsc_error err;
        assert_int_equal(dsc_fold_in_user(&folded, model, &given, &configs[c], &err),
                         DSC_E_ARGUMENT);
        assert_null(folded);
        assert_non_null(strstr(err.message, "expected"));
    }
    const struct {
        uint32_t item;
        float rating;
    } bad[] = {{N_ITEMS, 3}, {0, (float)NAN}, {0, -(float)INFINITY}};
    for (size_t b = 0; b < 3; b++) {
        const dsc_given one = {1, &bad[b].item, &bad[b].rating};
        assert_int_equal(dsc_fold_in_user(&folded, model, &one, NULL, NULL), DSC_E_ARGUMENT);
        assert_null(folded);
    }
    const uint32_t last_user = N_USERS - 1; /* beyond the items, but an item's raters are users */
    const dsc_given one = {1, &last_user, ratings};
    assert_int_equal(dsc_fold_in_item(&folded, model, &one, NULL, NULL), DSC_OK);
    dsc_folded_destroy(folded);
    dsc_folded_destroy(NULL);
    dsc_recommender_destroy(model);
}

static void the_same_input_gives_the_same_bytes(void **state) {
    (void)state;
    for (size_t m = 0; m < N_FORMS; m++) {
        dsc_recommender *model = create_model(forms[m]);
        dsc_folded *first = must_fold(model, false, NULL), *again = must_fold(model, false, NULL);
        assert_memory_equal(dsc_folded_side(first).vector, dsc_folded_side(again).vector,
                            K * sizeof(float));
        dsc_folded_destroy(first);
        dsc_folded_destroy(again);
        dsc_recommender_destroy(model);
    }
}

/* --- many at once ----------------------------------------------------------------------------- */

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

/* --- using a side ----------------------------------------------------------------------------- */

/* By the last digit of the external id, which the dense index need not share. */
static bool is_even(const dsc_recommender *model, uint32_t item) {
    const dsc_id id = dsc_recommender_item_id(model, item);
    return (id.bytes[id.length - 1] - '0') % 2 == 0;
}

/* Ratings of someone who likes even items; in every form the model finds more of them. */
static void a_new_user_is_served(void **state) {
    (void)state;
    float liking[N_GIVEN];
    for (size_t m = 0; m < N_FORMS; m++) {
        dsc_recommender *model = create_model(forms[m]);
        dsc_folded *folded = NULL;
        for (size_t e = 0; e < N_GIVEN; e++) {
            liking[e] = is_even(model, items[e]) ? 4.5F : 1.5F;
        }
        const dsc_given of_even = {N_GIVEN, items, liking};
        assert_int_equal(dsc_fold_in_user(&folded, model, &of_even, NULL, NULL), DSC_OK);
        const dsc_side side = dsc_folded_side(folded);
        dsc_scorer *scorer = must_create_scorer(model);
        dsc_recommendation out[N_ITEMS];
        size_t n_out = 0, n_even = 0;
        dsc_scorer_recommend_side(scorer, &side, N_ITEMS, out, &n_out);
        assert_int_equal(n_out, N_ITEMS - N_GIVEN);
        for (size_t r = 0; r < n_out; r++) {
            const dsc_side item = dsc_recommender_item_side(model, out[r].item);
            float predicted;
            dsc_basis basis;
            dsc_scorer_predict_sides(scorer, 1, &side, &item, &predicted, &basis);
            assert_true(predicted == out[r].rating);
            assert_int_equal(basis, DSC_BASIS_FOLD_IN);
            for (size_t e = 0; e < N_GIVEN; e++) {
                assert_true(out[r].item != items[e]);
            }
            n_even += r < 10 && is_even(model, out[r].item);
        }
        if (n_even < 9) {
            fail_msg("%s: %zu of the best 10 are of the kind that was liked", forms[m], n_even);
        }
        dsc_scorer_destroy(scorer);
        dsc_folded_destroy(folded);
        dsc_recommender_destroy(model);
    }
}

/* Pairs by sides are pairs by indices, byte for byte, and unknown ones fall back alike. */
static void sides_are_as_good_as_indices(void **state) {
    (void)state;
    for (size_t m = 0; m < N_FORMS; m++) {
        dsc_recommender *model = create_model(forms[m]);
        dsc_scorer *scorer = must_create_scorer(model);
        enum { N = 200 };
        uint32_t user[N], item[N];
        dsc_side of_user[N], of_item[N];
        float by_index[N], by_side[N];
        dsc_basis basis_by_index[N], basis_by_side[N];
        for (uint32_t p = 0; p < N; p++) {
            user[p] = p % 7 == 0 ? DSC_NO_INDEX : p * 13 % N_USERS;
            item[p] = p % 5 == 0 ? DSC_NO_INDEX : p * 11 % N_ITEMS;
            of_user[p] = dsc_recommender_user_side(model, user[p]);
            of_item[p] = dsc_recommender_item_side(model, item[p]);
        }
        dsc_scorer_predict(scorer, N, user, item, by_index, basis_by_index);
        dsc_scorer_predict_sides(scorer, N, of_user, of_item, by_side, basis_by_side);
        assert_memory_equal(by_index, by_side, sizeof by_side);
        assert_memory_equal(basis_by_index, basis_by_side, sizeof basis_by_side);
        dsc_scorer_destroy(scorer);
        dsc_recommender_destroy(model);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_dot_product_gets_the_ridge_solution),
        cmocka_unit_test(every_form_gets_a_minimum),
        cmocka_unit_test(the_vector_can_be_left_out),
        cmocka_unit_test(a_model_without_biases_gets_none),
        cmocka_unit_test(strengths_follow_from_trained_vectors),
        cmocka_unit_test(someone_trained_is_found_again),
        cmocka_unit_test(what_does_not_fit_is_counted),
        cmocka_unit_test(nothing_known_is_somebody_unknown),
        cmocka_unit_test(mistakes_are_refused),
        cmocka_unit_test(the_same_input_gives_the_same_bytes),
        cmocka_unit_test(many_are_what_each_is_by_any_number_of_threads),
        cmocka_unit_test(of_many_the_first_failure_counts),
        cmocka_unit_test(a_new_user_is_served),
        cmocka_unit_test(sides_are_as_good_as_indices),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
