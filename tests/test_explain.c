/* Explanations: the parts sum to the prediction in every form, and each part is what docs/math.md
 * (101) to (105) says, computed here from the tables. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <string.h>

#include "descent/explain.h"
#include "descent/fold_in.h"
#include "planted_ratings.h"
#include "recommender/model.h"

enum { N_USERS = 50, N_ITEMS = 40, K = 4 };

/* Which parts a model has. */
typedef struct form {
    const char *name;
    bool use_dot, use_network, use_user_history, use_item_history, use_lbfgs;
    dsc_activation activation;
} form;

static const form forms[] = {
    {"histories", true, false, true, true, true, DSC_RELU},
    {"dot", true, false, false, false, true, DSC_RELU},
    {"dot, minibatches", true, false, false, false, false, DSC_RELU},
    {"perceptron", false, true, false, false, false, DSC_RELU},
    {"perceptron, tanh", false, true, false, false, false, DSC_TANH},
    {"mixed", true, true, false, false, false, DSC_RELU},
    {"network with histories", false, true, true, true, true, DSC_TANH},
    {"everything", true, true, true, true, true, DSC_RELU},
};
enum { N_FORMS = sizeof forms / sizeof forms[0] };

static dsc_recommender *create_model(const form *of) {
    const planted what = {
        .n_users = N_USERS, .n_items = N_ITEMS, .share = 0.3, .noise = 0.3, .seed = 9};
    dsc_ratings *ratings = planted_ratings(&what);
    dsc_recommender_config config = small_config();
    config.use_dot = of->use_dot;
    config.use_network = of->use_network;
    config.use_user_history = of->use_user_history;
    config.use_item_history = of->use_item_history;
    config.use_lbfgs = of->use_lbfgs;
    config.activation = of->activation;
    config.ridge = (dsc_ridge){1, 2, 3, 4, 0.1, .power = 0.5};
    config.choose_ridge = false;
    config.max_epochs = of->use_lbfgs ? 300 : 20;
    config.holdout = of->use_lbfgs ? 0 : 0.1;
    dsc_recommender *model = must_train(ratings, &config);
    dsc_ratings_destroy(ratings);
    return model;
}

static void must_explain(dsc_explanation *out, const dsc_recommender *model, const dsc_side *user,
                         const dsc_side *item) {
    dsc_error err = {DSC_OK, "", ""};
    if (dsc_explain(out, model, user, item, &err) != DSC_OK) {
        fail_msg("%s: %s", err.where, err.message);
    }
}

static double sum_of(const dsc_explanation *e) {
    double sum = e->mean + e->user_bias + e->item_bias + e->network + e->own_vector;
    for (size_t r = 0; r < e->n_reasons; r++) {
        assert_true(fabs(e->reasons[r].push - e->reasons[r].presence - e->reasons[r].value) <
                    1e-12);
        sum += e->reasons[r].push;
    }
    return sum;
}

/* --- the sum ---------------------------------------------------------------------------------- */

static void check_sum(const char *name, const dsc_recommender *model, const dsc_side *user,
                      const dsc_side *item) {
    dsc_explanation e;
    must_explain(&e, model, user, item);
    if (fabs(sum_of(&e) - e.prediction) > 1e-4 || fabs(e.prediction - sum_of(&e) - e.gap) > 1e-9) {
        fail_msg("%s: the parts sum to %.9g, the prediction is %.9g, the gap %g", name, sum_of(&e),
                 e.prediction, e.gap);
    }
    float predicted;
    dsc_scorer *scorer = must_create_scorer(model);
    dsc_scorer_predict_sides(scorer, 1, user, item, &predicted, NULL);
    dsc_scorer_destroy(scorer);
    assert_true(fabs((double)predicted - e.rating) < 1e-5);
    assert_true(e.rating == fmin(fmax(e.prediction, model->statistics.min), model->statistics.max));
    assert_int_equal(e.n_reasons, user->n_ratings);
    for (size_t r = 0; r + 1 < e.n_reasons; r++) {
        assert_true(fabs(e.reasons[r].push) >= fabs(e.reasons[r + 1].push));
    }
    assert_int_equal(e.n_steps > 0, model->network != NULL);
    dsc_explanation_clear(&e);
}

/* With a mean and without, inside the scale and beyond it. */
static void the_parts_sum_to_the_prediction(void **state) {
    (void)state;
    for (size_t m = 0; m < N_FORMS; m++) {
        dsc_recommender *model = create_model(&forms[m]);
        for (uint32_t p = 0; p < 60; p++) {
            const dsc_side user = dsc_recommender_user_side(model, p * 7 % N_USERS);
            const dsc_side item = dsc_recommender_item_side(model, p * 11 % N_ITEMS);
            model->config.use_mean = p % 2 == 0;
            check_sum(forms[m].name, model, &user, &item);
        }
        model->config.use_mean = true;
        model->user_biases[4] = 10;
        const dsc_side user = dsc_recommender_user_side(model, 4);
        const dsc_side item = dsc_recommender_item_side(model, 4);
        check_sum(forms[m].name, model, &user, &item);
        dsc_recommender_destroy(model);
    }
}

static void folded_in_ones_are_explained_too(void **state) {
    (void)state;
    const uint32_t rated[] = {1, 2, 30, 17};
    const float ratings[] = {5, 1, 4, 2};
    const dsc_given given = {4, rated, ratings};
    for (size_t m = 0; m < N_FORMS; m++) {
        dsc_recommender *model = create_model(&forms[m]);
        dsc_folded *of_user = NULL, *of_item = NULL;
        assert_int_equal(dsc_fold_in_user(&of_user, model, &given, NULL, NULL), DSC_OK);
        assert_int_equal(dsc_fold_in_item(&of_item, model, &given, NULL, NULL), DSC_OK);
        const dsc_side user = dsc_folded_side(of_user), item = dsc_folded_side(of_item);
        const dsc_side known = dsc_recommender_item_side(model, 5);
        check_sum(forms[m].name, model, &user, &known);
        check_sum(forms[m].name, model, &user, &item);
        dsc_folded_destroy(of_user);
        dsc_folded_destroy(of_item);
        dsc_recommender_destroy(model);
    }
}

/* --- the parts -------------------------------------------------------------------------------- */

static double product(const float *a, const float *b) {
    double sum = 0;
    for (size_t f = 0; f < K; f++) {
        sum += (double)a[f] * (double)b[f];
    }
    return sum;
}

static dsc_reason find(const dsc_explanation *e, uint32_t item) {
    for (size_t r = 0; r < e->n_reasons; r++) {
        if (e->reasons[r].item == item) {
            return e->reasons[r];
        }
    }
    fail_msg("no reason of item %u", item);
    return (dsc_reason){0};
}

/* (103) and (104) of a dot product from the tables; what the values leave of the own vector is
 * small, because training came near its minimum. */
static void a_dot_product_is_taken_apart_exactly(void **state) {
    (void)state;
    for (size_t m = 0; m < 2; m++) {
        dsc_recommender *model = create_model(&forms[m]);
        const double spread = model->statistics.spread, mean = model->statistics.mean;
        for (uint32_t u = 0; u < 10; u++) {
            const uint32_t i = (u * 3 + 1) % N_ITEMS;
            const dsc_side user = dsc_recommender_user_side(model, u);
            const dsc_side item = dsc_recommender_item_side(model, i);
            dsc_explanation e;
            must_explain(&e, model, &user, &item);
            assert_true(fabs(e.mean - mean) < 1e-12);
            assert_true(fabs(e.user_bias - spread * (double)model->user_biases[u]) < 1e-12);
            assert_true(fabs(e.item_bias - spread * (double)model->item_biases[i]) < 1e-12);
            assert_true(e.network == 0 && e.n_steps == 0);
            assert_true(fabs(e.own_vector) < 0.02);
            for (size_t r = 0; r < user.n_ratings; r++) {
                const uint32_t j = user.others[r];
                const float *side_of_j = model->item_sides + j * K;
                const double expected = (double)model->user_biases[u] +
                                        (double)model->item_biases[j] +
                                        product(user.vector, side_of_j);
                const double surprise = ((double)user.ratings[r] - mean) / spread - expected;
                const double usual = (double)model->ratings.n_entries / (double)model->n_users;
                const double ridge = sqrt((double)user.n_ratings / usual); /* 1 for the usual */
                const double value = spread * surprise * product(side_of_j, item.vector) / ridge;
                const double presence =
                    forms[m].use_user_history
                        ? spread * product(model->rated_vectors + j * K, item.vector) /
                              sqrt((double)user.n_ratings)
                        : 0;
                const dsc_reason reason = find(&e, j);
                assert_true(reason.rating == user.ratings[r]);
                assert_true(fabs(reason.value - value) < 1e-6);
                assert_true(fabs(reason.presence - presence) < 1e-6);
            }
            dsc_explanation_clear(&e);
        }
        dsc_recommender_destroy(model);
    }
}

/* After fold-in the vector is a minimum, so that the values explain all of it. */
static void values_explain_a_folded_vector_whole(void **state) {
    (void)state;
    const uint32_t rated[] = {1, 2, 30, 17, 6};
    const float ratings[] = {4.5F, 1, 4, 2, 3};
    const dsc_given given = {5, rated, ratings};
    for (size_t m = 0; m < 2; m++) {
        dsc_recommender *model = create_model(&forms[m]);
        model->statistics.min = 1; /* nothing given is clipped */
        model->statistics.max = 5;
        dsc_folded *folded = NULL;
        dsc_fold_in_config config = dsc_fold_in_config_of(model, false);
        config.n_history = 0;
        assert_int_equal(dsc_fold_in_user(&folded, model, &given, &config, NULL), DSC_OK);
        const dsc_side user = dsc_folded_side(folded), item = dsc_recommender_item_side(model, 8);
        dsc_explanation e;
        must_explain(&e, model, &user, &item);
        assert_true(fabs(e.own_vector) < 1e-5);
        dsc_explanation_clear(&e);
        dsc_folded_destroy(folded);
        dsc_recommender_destroy(model);
    }
}

/* A higher rating of something alike pushes up. */
static void what_is_alike_pushes_the_right_way(void **state) {
    (void)state;
    dsc_recommender *model = create_model(&forms[0]);
    const uint32_t asked = dsc_recommender_find_item(model, (dsc_id){"i10", 3});
    const uint32_t rated[] = {dsc_recommender_find_item(model, (dsc_id){"i12", 3}),
                              dsc_recommender_find_item(model, (dsc_id){"i13", 3})};
    const dsc_side item = dsc_recommender_item_side(model, asked);
    double effect[2][2];
    for (size_t high = 0; high <= 1; high++) {
        const float ratings[] = {high == 1 ? 4.5F : 1.5F, 3};
        const dsc_given given = {2, rated, ratings};
        dsc_folded *folded = NULL;
        dsc_explanation e;
        assert_int_equal(dsc_fold_in_user(&folded, model, &given, NULL, NULL), DSC_OK);
        const dsc_side user = dsc_folded_side(folded);
        must_explain(&e, model, &user, &item);
        effect[high][0] = find(&e, rated[0]).value;
        effect[high][1] = find(&e, rated[0]).presence;
        dsc_explanation_clear(&e);
        dsc_folded_destroy(folded);
    }
    assert_true(effect[1][0] > 0.1 && effect[0][0] < -0.1);
    assert_true(effect[0][1] == effect[1][1]); /* presence does not look at the rating */
    dsc_recommender_destroy(model);
}

/* A network whose part is known: one that adds up its inputs, linear, so that its gradient is the
 * sum of the weights' paths everywhere. (102) */
static void a_linear_network_is_taken_apart_exactly(void **state) {
    (void)state;
    form linear = forms[6];
    linear.activation = DSC_IDENTITY;
    dsc_recommender *model = create_model(&linear);
    /* the product of the three weight matrices, (2 K, 1) */
    const dsc_matrix w1 = dsc_network_weights(model->network, 0);
    const dsc_matrix w2 = dsc_network_weights(model->network, 1);
    const dsc_matrix w3 = dsc_network_weights(model->network, 2);
    double slope[2 * K] = {0};
    for (size_t f = 0; f < (size_t)2 * K; f++) {
        for (size_t a = 0; a < w1.n_cols; a++) {
            for (size_t b = 0; b < w2.n_cols; b++) {
                slope[f] +=
                    dsc_matrix_at(w1, f, a) * dsc_matrix_at(w2, a, b) * dsc_matrix_at(w3, b, 0);
            }
        }
    }
    const dsc_side user = dsc_recommender_user_side(model, 3);
    const dsc_side item = dsc_recommender_item_side(model, 6);
    dsc_explanation e;
    must_explain(&e, model, &user, &item);
    for (size_t r = 0; r < user.n_ratings; r++) {
        double presence = 0;
        for (size_t f = 0; f < K; f++) {
            presence += slope[f] * (double)model->rated_vectors[user.others[r] * K + f];
        }
        presence *= model->statistics.spread / sqrt((double)user.n_ratings);
        assert_true(fabs(find(&e, user.others[r]).presence - presence) < 1e-5);
    }
    assert_int_equal(e.n_steps, 128); /* the first try is exact */
    dsc_explanation_clear(&e);
    dsc_recommender_destroy(model);
}

static void minibatches_leave_no_values(void **state) {
    (void)state;
    dsc_recommender *model = create_model(&forms[2]);
    const dsc_side user = dsc_recommender_user_side(model, 0);
    const dsc_side item = dsc_recommender_item_side(model, 1);
    dsc_explanation e;
    must_explain(&e, model, &user, &item);
    const double expected = model->statistics.spread * product(user.own, item.vector);
    assert_true(fabs(e.own_vector - expected) < 1e-9);
    for (size_t r = 0; r < e.n_reasons; r++) {
        assert_true(e.reasons[r].push == 0);
        assert_true(r == 0 || e.reasons[r - 1].item < e.reasons[r].item); /* ties by item */
    }
    dsc_explanation_clear(&e);
    dsc_recommender_destroy(model);
}

static void somebody_unknown_is_refused(void **state) {
    (void)state;
    dsc_recommender *model = create_model(&forms[1]);
    const dsc_side none = dsc_recommender_user_side(model, DSC_NO_INDEX);
    const dsc_side user = dsc_recommender_user_side(model, 0);
    const dsc_side item = dsc_recommender_item_side(model, 0);
    dsc_explanation e;
    dsc_error err;
    assert_int_equal(dsc_explain(&e, model, &none, &item, &err), DSC_E_ARGUMENT);
    assert_string_equal(err.where, "user");
    assert_int_equal(dsc_explain(&e, model, &user, &none, &err), DSC_E_ARGUMENT);
    assert_string_equal(err.where, "item");
    assert_null(e.reasons);
    dsc_explanation_clear(&e);
    dsc_recommender_destroy(model);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_parts_sum_to_the_prediction),
        cmocka_unit_test(folded_in_ones_are_explained_too),
        cmocka_unit_test(a_dot_product_is_taken_apart_exactly),
        cmocka_unit_test(values_explain_a_folded_vector_whole),
        cmocka_unit_test(what_is_alike_pushes_the_right_way),
        cmocka_unit_test(a_linear_network_is_taken_apart_exactly),
        cmocka_unit_test(minibatches_leave_no_values),
        cmocka_unit_test(somebody_unknown_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
