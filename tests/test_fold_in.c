/* Fold-in against docs/math.md (96) to (99) computed here: normal equations for a dot product, the
 * gradient of the objective by finite differences for a network. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <string.h>

#include "folding.h"
#include "planted_ratings.h"

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

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_dot_product_gets_the_ridge_solution),
        cmocka_unit_test(every_form_gets_a_minimum),
        cmocka_unit_test(the_vector_can_be_left_out),
        cmocka_unit_test(a_model_without_biases_gets_none),
        cmocka_unit_test(strengths_follow_from_trained_vectors),
        cmocka_unit_test(someone_trained_is_found_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
