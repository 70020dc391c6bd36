/* Training that must fail: settings out of range, too little data, numbers that overflow; and a
 * minibatch larger than the tile in which it is computed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "planted_ratings.h"
#include "recommender/trainer.h"

static const planted few = {.n_users = 30, .n_items = 20, .share = 0.8, .noise = 0.1, .seed = 7};

static dsc_status train_text(const char *text, const dsc_recommender_config *config,
                             dsc_error *err) {
    dsc_ratings *ratings = text != NULL ? ratings_from_text(text) : planted_ratings(&few);
    dsc_recommender *model = (dsc_recommender *)(uintptr_t)1;
    dsc_status status = dsc_recommender_train(&model, ratings, config, NULL, NULL, err);
    assert_int_equal(model != NULL, status == DSC_OK);
    dsc_recommender_destroy(model);
    dsc_ratings_destroy(ratings);
    return status;
}

/* --- settings --------------------------------------------------------------------------------- */

static void settings_are_checked(void **state) {
    (void)state;
    const double inf = (double)INFINITY, nan = (double)NAN;
/* The default with one change. */
#define WITH(change, setting)                                                                      \
    do {                                                                                           \
        dsc_recommender_config c = small_config();                                                 \
        dsc_error err = {DSC_OK, "", ""};                                                          \
        change;                                                                                    \
        assert_int_equal(train_text("a,x,1\nb,x,2\n", &c, &err), DSC_E_ARGUMENT);                  \
        assert_int_equal(err.code, DSC_E_ARGUMENT);                                                \
        assert_string_equal(err.where, setting);                                                   \
        assert_true(strlen(err.message) > 5);                                                      \
    } while (0)
    WITH(c.n_factors = 0, "n_factors");
    WITH(c.n_factors = 1025, "n_factors");
    WITH(c.n_factors = SIZE_MAX, "n_factors");
    WITH(c.n_hidden = 0, "n_hidden");
    WITH(c.n_hidden = 1, "n_hidden");
    WITH(c.n_hidden = 6, "n_hidden");
    WITH(c.n_hidden = SIZE_MAX, "n_hidden");
    WITH(c.hidden[0] = 0, "hidden layer 1");
    WITH(c.hidden[1] = 4097, "hidden layer 2");
    WITH((c.n_hidden = 5, c.hidden[2] = 1, c.hidden[3] = 1, c.hidden[4] = 0), "hidden layer 5");
    WITH(c.activation = (dsc_activation)10, "activation");
    WITH(c.activation = (dsc_activation)-1, "activation");
    WITH(c.optimizer.kind = (dsc_optimizer_kind)2, "optimizer");
    WITH(c.optimizer.rate = 0, "rate");
    WITH(c.optimizer.rate = -1, "rate");
    WITH(c.optimizer.rate = inf, "rate");
    WITH(c.optimizer.rate = nan, "rate");
    WITH(c.optimizer.beta1 = 1, "beta");
    WITH(c.optimizer.beta2 = -0.1, "beta");
    WITH(c.optimizer.epsilon = 0, "epsilon");
    WITH((c.optimizer = dsc_sgd(0.1), c.optimizer.momentum = 1), "momentum");
    WITH(c.l2_vectors = -1, "l2_vectors");
    WITH(c.l2_vectors = inf, "l2_vectors");
    WITH(c.l2_user_history = -1, "l2_user_history");
    WITH(c.l2_item_history = nan, "l2_item_history");
    WITH(c.history_dropout = 1, "history_dropout");
    WITH(c.history_dropout = -0.1, "history_dropout");
    WITH(c.history_dropout = nan, "history_dropout");
    WITH(c.l2_biases = -1, "l2_biases");
    WITH(c.l2_biases = nan, "l2_biases");
    WITH(c.l2_network = -1, "l2_network");
    WITH(c.l2_network = nan, "l2_network");
    WITH(c.batch_size = 0, "batch_size");
    WITH(c.batch_size = (1 << 20) + 1, "batch_size");
    WITH(c.max_epochs = 0, "max_epochs");
    WITH(c.average_epochs = 0, "average_epochs");
    WITH(c.average_epochs = 1001, "average_epochs");
    WITH(c.patience = 0, "patience");
    WITH(c.holdout = -0.01, "holdout");
    WITH(c.holdout = 0.51, "holdout");
    WITH(c.holdout = nan, "holdout");
#undef WITH
}

/* The ends of every range are inside it. */
static void the_limits_are_allowed(void **state) {
    (void)state;
    dsc_recommender_config small = small_config();
    small.n_factors = 1;
    small.n_hidden = DSC_MAX_HIDDEN;
    for (size_t l = 0; l < DSC_MAX_HIDDEN; l++) {
        small.hidden[l] = 1;
    }
    small.l2_vectors = small.l2_biases = small.l2_network = 0;
    small.batch_size = 1;
    small.max_epochs = 1;
    small.patience = 1;
    small.holdout = 0;
    small.seed = 0;
    assert_int_equal(train_text(NULL, &small, NULL), DSC_OK);
    dsc_recommender_config large = small_config();
    large.n_factors = 1024;
    large.batch_size = 1 << 20;
    large.max_epochs = 1;
    large.patience = SIZE_MAX;
    large.holdout = 0.5;
    large.seed = UINT64_MAX;
    assert_int_equal(train_text(NULL, &large, NULL), DSC_OK);
    assert_int_equal(train_text("a,x,1\nb,x,2\nc,x,3\n", NULL, NULL), DSC_OK); /* the default */
}

static void too_few_ratings(void **state) {
    (void)state;
    const struct {
        const char *text;
        double holdout;
        const char *problem; /* NULL: trains */
    } cases[] = {
        {"a,x,1\n", 0, "found 1; expected at least 2: 2 to train on and 0 held out"},
        {"a,x,1\n", 0.1, "found 1; expected at least 3: 2 to train on and 1 held out"},
        {"a,x,1\n", 0.5, "found 1; expected at least 3: 2 to train on and 1 held out"},
        {"a,x,1\nb,x,2\n", 0, NULL},
        {"a,x,1\nb,x,2\n", 0.1, "found 2; expected at least 3: 2 to train on and 1 held out"},
        {"a,x,1\nb,x,2\n", 0.5, "found 2; expected at least 3: 2 to train on and 1 held out"},
        {"a,x,1\nb,x,2\nc,x,3\n", 0.001, NULL},
        {"a,x,1\nb,x,2\nc,x,3\n", 0.5,
         "found 3; expected at least 4: 2 to train on and 2 held out"},
        {"a,x,1\nb,x,2\nc,x,3\nc,y,3\n", 0.5, NULL},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        dsc_recommender_config config = small_config();
        config.holdout = cases[i].holdout;
        dsc_error err = {DSC_OK, "", ""};
        const dsc_status expected = cases[i].problem != NULL ? DSC_E_DATA : DSC_OK;
        assert_int_equal(train_text(cases[i].text, &config, &err), expected);
        assert_int_equal(err.code, expected);
        if (cases[i].problem != NULL) {
            assert_string_equal(err.message, cases[i].problem);
        }
    }
}

/* --- overflow --------------------------------------------------------------------------------- */

static void an_overflow_names_its_epoch(void **state) {
    (void)state;
    const struct {
        dsc_optimizer_config optimizer;
        size_t batch_size, max_epochs;
        double holdout;
    } cases[] = {
        {dsc_sgd(1e30), 32, 4, 0.1},
        {dsc_adam(1e30), 32, 4, 0.1},
        {dsc_adam(1e30), 32, 4, 0},
        /* One step an epoch: nothing of it looks at the weights that the step has made. */
        {dsc_adam(1e30), 1000, 4, 0.1},
        {dsc_adam(1e30), 1000, 1, 0.1},
        {dsc_adam(1e30), 1000, 1, 0},
        {dsc_adam(1e15), 1000, 1, 0.1},
        {dsc_sgd(1e300), 1000, 1, 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        dsc_recommender_config config = small_config();
        config.optimizer = cases[i].optimizer;
        config.batch_size = cases[i].batch_size;
        config.max_epochs = cases[i].max_epochs;
        config.holdout = cases[i].holdout;
        dsc_error err = {DSC_OK, "", ""};
        assert_int_equal(train_text(NULL, &config, &err), DSC_E_NONFINITE);
        assert_int_equal(err.code, DSC_E_NONFINITE);
        assert_string_equal(err.where, "epoch 1");
        assert_non_null(strstr(err.message, "lower learning rate"));
    }
}

/* --- minibatches of several tiles --------------------------------------------------------------
 */

enum { BATCH = 300, K = 4 };

static void take_samples(const dsc_recommender *model, dsc_training_sample *samples) {
    size_t n = 0;
    for (uint32_t u = 0; u < model->n_users; u++) {
        for (uint64_t e = model->ratings.start[u]; e < model->ratings.start[u + 1]; e++) {
            if (n < BATCH) {
                samples[n++] =
                    (dsc_training_sample){u, model->ratings.column[e],
                                          dsc_trainer_target(model, model->ratings.value[e])};
            }
        }
    }
    assert_int_equal(n, BATCH);
}

/* The gradients of the batch's loss, in double, by one pass of all samples. */
typedef struct gradients {
    dsc_network *network; /* a copy, for its workspace */
    dsc_workspace *workspace;
    double sum; /* of squared errors */
    double user_vectors[30][K], item_vectors[20][K], user_biases[30], item_biases[20];
} gradients;

static void differentiate(gradients *g, const dsc_recommender *model,
                          const dsc_training_sample *samples) {
    static double x[BATCH][2 * K], d_output[BATCH];
    memset(g, 0, sizeof *g);
    assert_int_equal(dsc_network_copy(&g->network, model->network, DSC_FLOAT64, NULL), DSC_OK);
    assert_int_equal(dsc_workspace_create(&g->workspace, g->network,
                                          &(dsc_workspace_config){.max_batch = BATCH}, NULL),
                     DSC_OK);
    for (size_t s = 0; s < BATCH; s++) {
        for (size_t k = 0; k < K; k++) {
            x[s][k] = (double)model->user_vectors[samples[s].user * K + k];
            x[s][K + k] = (double)model->item_vectors[samples[s].item * K + k];
        }
    }
    assert_int_equal(
        dsc_network_forward(g->network, g->workspace, dsc_matrix_f64(&x[0][0], BATCH, 2 * K), NULL),
        DSC_OK);
    for (size_t s = 0; s < BATCH; s++) {
        const double error = dsc_matrix_at(dsc_workspace_output(g->workspace), s, 0) +
                             (double)model->user_biases[samples[s].user] +
                             (double)model->item_biases[samples[s].item] -
                             (double)samples[s].target;
        g->sum += error * error;
        d_output[s] = 2 * error / BATCH;
        g->user_biases[samples[s].user] += d_output[s];
        g->item_biases[samples[s].item] += d_output[s];
    }
    assert_int_equal(dsc_network_backward_from(g->network, g->workspace,
                                               dsc_matrix_f64(d_output, BATCH, 1), NULL),
                     DSC_OK);
    for (size_t s = 0; s < BATCH; s++) {
        const dsc_matrix d_x = dsc_workspace_d_input(g->workspace);
        for (size_t k = 0; k < K; k++) {
            g->user_vectors[samples[s].user][k] += dsc_matrix_at(d_x, s, k);
            g->item_vectors[samples[s].item][k] += dsc_matrix_at(d_x, s, K + k);
        }
    }
}

/* A step of gradient descent at rate 1 has moved each value by its gradient. */
static void assert_moved_by(const double *gradient, const float *before, const float *after,
                            size_t n) {
    double largest = 0;
    for (size_t i = 0; i < n; i++) {
        largest = fmax(largest, fabs(gradient[i]));
    }
    assert_true(largest > 1e-3);
    for (size_t i = 0; i < n; i++) {
        const double moved = (double)before[i] - (double)after[i];
        if (!(fabs(moved - gradient[i]) <= 1e-5 * largest + 1e-6 * fabs((double)before[i]))) {
            fail_msg("value %zu: gradient %g, expected %g", i, moved, gradient[i]);
        }
    }
}

static void a_batch_of_several_tiles(void **state) {
    (void)state;
    dsc_ratings *ratings = planted_ratings(&few);
    dsc_recommender_config config = small_config();
    config.optimizer = dsc_sgd(1);
    config.l2_vectors = config.l2_biases = config.l2_network = 0;
    config.batch_size = BATCH;
    config.activation = DSC_TANH;
    dsc_recommender *model = NULL;
    assert_int_equal(dsc_model_from_ratings(&model, &config, ratings, NULL), DSC_OK);
    dsc_ratings_destroy(ratings);
    dsc_model_init(model);
    for (size_t i = 0; i < model->n_table_values; i++) {
        model->tables[i] *= 5; /* away from 0, where gradients are small */
    }
    static dsc_training_sample samples[BATCH];
    take_samples(model, samples);
    static gradients g;
    differentiate(&g, model, samples);

    const size_t n_parameters = dsc_network_n_parameters(model->network);
    float *tables = malloc(model->n_table_values * sizeof *tables);
    float *parameters = malloc(n_parameters * sizeof *parameters);
    assert_non_null(tables);
    assert_non_null(parameters);
    memcpy(tables, model->tables, model->n_table_values * sizeof *tables);
    memcpy(parameters, dsc_network_parameters_const(model->network),
           n_parameters * sizeof *parameters);
    dsc_trainer *trainer = NULL;
    double sum = 0;
    assert_int_equal(dsc_trainer_create(&trainer, model, dsc_sparse_view(&model->ratings), NULL),
                     DSC_OK);
    assert_int_equal(dsc_trainer_step(trainer, samples, BATCH, 0, &sum, NULL), DSC_OK);
    assert_true(fabs(sum - g.sum) < 1e-5 * g.sum);

    assert_moved_by(dsc_workspace_gradients(g.workspace), parameters,
                    dsc_network_parameters_const(model->network), n_parameters);
    const struct {
        const double *gradient;
        const float *after;
        size_t n;
    } moved[] = {{&g.user_vectors[0][0], model->user_vectors, model->n_users * K},
                 {&g.item_vectors[0][0], model->item_vectors, model->n_items * K},
                 {g.user_biases, model->user_biases, model->n_users},
                 {g.item_biases, model->item_biases, model->n_items}};
    for (size_t t = 0; t < sizeof moved / sizeof *moved; t++) {
        assert_moved_by(moved[t].gradient, tables + (moved[t].after - model->tables),
                        moved[t].after, moved[t].n);
    }
    dsc_trainer_destroy(trainer);
    dsc_workspace_destroy(g.workspace);
    dsc_network_destroy(g.network);
    dsc_recommender_destroy(model);
    free(tables);
    free(parameters);
}

/* An overflow in the last tile of a batch leaves the model as it was, also for the next step. */
static void a_failed_step_changes_nothing(void **state) {
    (void)state;
    dsc_ratings *ratings = planted_ratings(&few);
    dsc_recommender_config config = small_config();
    config.batch_size = BATCH;
    static dsc_training_sample samples[BATCH];
    float *after[2];
    size_t n = 0;
    for (int fails_first = 0; fails_first <= 1; fails_first++) {
        dsc_recommender *model = NULL;
        dsc_trainer *trainer = NULL;
        assert_int_equal(dsc_model_from_ratings(&model, &config, ratings, NULL), DSC_OK);
        dsc_model_init(model);
        assert_int_equal(
            dsc_trainer_create(&trainer, model, dsc_sparse_view(&model->ratings), NULL), DSC_OK);
        take_samples(model, samples);
        double sum = -1;
        if (fails_first != 0) {
            const float target = samples[BATCH - 1].target;
            samples[BATCH - 1].target = INFINITY;
            assert_int_equal(dsc_trainer_step(trainer, samples, BATCH, 0, &sum, NULL),
                             DSC_E_NONFINITE);
            samples[BATCH - 1].target = target;
        }
        assert_int_equal(dsc_trainer_step(trainer, samples, BATCH, 0, &sum, NULL), DSC_OK);
        n = model->n_table_values;
        after[fails_first] = malloc(n * sizeof **after);
        assert_non_null(after[fails_first]);
        memcpy(after[fails_first], model->tables, n * sizeof **after);
        dsc_trainer_destroy(trainer);
        dsc_recommender_destroy(model);
    }
    assert_memory_equal(after[0], after[1], n * sizeof **after);
    free(after[0]);
    free(after[1]);
    dsc_ratings_destroy(ratings);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(settings_are_checked),     cmocka_unit_test(the_limits_are_allowed),
        cmocka_unit_test(too_few_ratings),          cmocka_unit_test(an_overflow_names_its_epoch),
        cmocka_unit_test(a_batch_of_several_tiles), cmocka_unit_test(a_failed_step_changes_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
