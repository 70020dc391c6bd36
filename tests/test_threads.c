/* One network, one recommender and one predictor, eight threads: the results are one thread's, byte for byte.
 *
 * Each thread has a workspace or a scorer of its own; the models are shared and const. Built with
 * ThreadSanitizer (make check-tsan) this also shows that nothing of them is written. */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "descent/random.h"
#include "planted_ratings.h"
#include "planted_table.h"
#include "small_networks.h"

enum {
    N_THREADS = 8,
    N_ROUNDS = 20, /* passes of each thread, so that they overlap */
    BATCH = 32,
    N_IN = 6,
    N_OUT = 3,
    N_USERS = 30,
    N_ITEMS = 40,
    N_BEST = 10,
    N_ROWS = 60
};

/* Runs `run` in all threads at once, each with an element of its own. */
static void run_together(void *(*run)(void *), void *elements, size_t size) {
    pthread_t threads[N_THREADS];
    for (size_t t = 0; t < N_THREADS; t++) {
        assert_int_equal(pthread_create(&threads[t], NULL, run, (char *)elements + t * size), 0);
    }
    for (size_t t = 0; t < N_THREADS; t++) {
        assert_int_equal(pthread_join(threads[t], NULL), 0);
    }
}

/* --- a network -------------------------------------------------------------------------------- */

typedef struct network_work {
    const dsc_network *net;
    dsc_workspace *ws;
    dsc_matrix x;
    dsc_matrix target;
    double loss; /* of the last round */
    bool has_failed;
} network_work;

/* No assertion in here: cmocka's leave by longjmp, which must not cross threads. */
static void *pass_rounds(void *argument) {
    network_work *self = argument;
    for (int i = 0; i < N_ROUNDS && !self->has_failed; i++) {
        dsc_workspace_zero_gradients(self->ws);
        self->has_failed =
            dsc_network_forward(self->net, self->ws, self->x, NULL) != DSC_OK ||
            dsc_network_backward(self->net, self->ws, self->target, &self->loss, NULL) != DSC_OK;
    }
    return NULL;
}

static void fill(double *out, size_t n, uint32_t purpose) {
    dsc_random random = dsc_random_stream(3, purpose, 0);
    for (size_t i = 0; i < n; i++) {
        out[i] = dsc_random_normal(&random);
    }
}

/* A network after some steps of training. */
static dsc_network *train_network(dsc_matrix x, dsc_matrix target) {
    const dsc_layer_config layers[] = {
        {16, DSC_GELU, true, true}, {8, DSC_TANH, true}, {N_OUT, DSC_IDENTITY, true}};
    dsc_network *net = make_network(DSC_FLOAT32, DSC_MEAN_SQUARED_ERROR, N_IN, 3, layers);
    dsc_network_init(net, DSC_INIT_GLOROT, 5);
    dsc_workspace *ws = make_workspace(net, BATCH, false);
    float *parameters = dsc_network_parameters(net);
    for (int step = 0; step < 10; step++) {
        dsc_workspace_zero_gradients(ws);
        MUST(dsc_network_forward(net, ws, x, &failure));
        MUST(dsc_network_backward(net, ws, target, NULL, &failure));
        const float *gradients = dsc_workspace_gradients(ws);
        for (size_t i = 0; i < dsc_network_n_parameters(net); i++) {
            parameters[i] -= 0.05F * gradients[i];
        }
    }
    dsc_workspace_destroy(ws);
    return net;
}

static void network_is_shared(void **state) {
    (void)state;
    double inputs[BATCH * N_IN];
    double targets[BATCH * N_OUT];
    float x[BATCH * N_IN];
    float target[BATCH * N_OUT];
    fill(inputs, BATCH * N_IN, 0);
    fill(targets, BATCH * N_OUT, 1);
    for (size_t i = 0; i < BATCH * N_IN; i++) {
        x[i] = (float)inputs[i];
    }
    for (size_t i = 0; i < BATCH * N_OUT; i++) {
        target[i] = (float)targets[i];
    }
    network_work work[N_THREADS + 1] = {0};
    dsc_network *net =
        train_network(dsc_matrix_f32(x, BATCH, N_IN), dsc_matrix_f32(target, BATCH, N_OUT));
    for (size_t t = 0; t <= N_THREADS; t++) {
        work[t].net = net;
        work[t].ws = make_workspace(net, BATCH, false);
        work[t].x = dsc_matrix_f32(x, BATCH, N_IN);
        work[t].target = dsc_matrix_f32(target, BATCH, N_OUT);
    }
    network_work *alone = &work[N_THREADS];
    pass_rounds(alone);
    assert_false(alone->has_failed);
    assert_true(alone->loss > 0);
    run_together(pass_rounds, work, sizeof *work);
    for (size_t t = 0; t < N_THREADS; t++) {
        assert_false(work[t].has_failed);
        assert_memory_equal(&work[t].loss, &alone->loss, sizeof alone->loss);
        assert_memory_equal(dsc_workspace_output(work[t].ws).data,
                            dsc_workspace_output(alone->ws).data, BATCH * N_OUT * sizeof(float));
        assert_memory_equal(dsc_workspace_gradients(work[t].ws), dsc_workspace_gradients(alone->ws),
                            dsc_network_n_parameters(net) * sizeof(float));
    }
    for (size_t t = 0; t <= N_THREADS; t++) {
        dsc_workspace_destroy(work[t].ws);
    }
    dsc_network_destroy(net);
}

/* --- a recommender ---------------------------------------------------------------------------- */

typedef struct scorer_work {
    dsc_scorer *scorer;
    float rating[N_USERS][N_ITEMS];
    dsc_recommendation best[N_USERS][N_BEST];
    size_t n_best[N_USERS];
} scorer_work;

static void *score_all(void *argument) {
    scorer_work *self = argument;
    for (int i = 0; i < N_ROUNDS; i++) {
        for (uint32_t u = 0; u < N_USERS; u++) {
            uint32_t users[N_ITEMS];
            uint32_t items[N_ITEMS];
            for (uint32_t item = 0; item < N_ITEMS; item++) {
                users[item] = u;
                items[item] = item;
            }
            dsc_scorer_predict(self->scorer, N_ITEMS, users, items, self->rating[u], NULL);
            dsc_scorer_recommend(self->scorer, u, N_BEST, self->best[u], &self->n_best[u]);
        }
    }
    return NULL;
}

static void recommender_is_shared(void **state) {
    (void)state;
    const planted what = {N_USERS, N_ITEMS, 0.3, 0.3, 4, 0};
    const dsc_recommender_config config = small_config();
    dsc_ratings *ratings = planted_ratings(&what);
    dsc_recommender *model = must_train(ratings, &config);
    dsc_recommender_info info;
    dsc_recommender_get_info(model, &info);
    assert_int_equal(info.n_users, N_USERS);
    assert_int_equal(info.n_items, N_ITEMS);
    scorer_work *work = calloc(N_THREADS + 1, sizeof *work);
    assert_non_null(work);
    for (size_t t = 0; t <= N_THREADS; t++) {
        work[t].scorer = must_create_scorer(model);
    }
    const scorer_work *alone = &work[N_THREADS];
    score_all(&work[N_THREADS]);
    assert_true(alone->n_best[0] > 0);
    run_together(score_all, work, sizeof *work);
    for (size_t t = 0; t < N_THREADS; t++) {
        assert_memory_equal(work[t].rating, alone->rating, sizeof alone->rating);
        assert_memory_equal(work[t].n_best, alone->n_best, sizeof alone->n_best);
        assert_memory_equal(work[t].best, alone->best, sizeof alone->best);
    }
    for (size_t t = 0; t <= N_THREADS; t++) {
        dsc_scorer_destroy(work[t].scorer);
    }
    free(work);
    dsc_recommender_destroy(model);
    dsc_ratings_destroy(ratings);
}

/* --- a predictor ------------------------------------------------------------------------------ */

typedef struct predictor_work {
    const dsc_predictor *predictor;
    const dsc_table *table; /* shared as well */
    double probability[N_ROWS][3];
    double accuracy;
    bool has_failed;
} predictor_work;

static void *predict_rounds(void *argument) {
    predictor_work *self = argument;
    for (int i = 0; i < N_ROUNDS && !self->has_failed; i++) {
        dsc_predictions out;
        dsc_predictor_evaluation scores;
        self->has_failed =
            dsc_predictor_predict(self->predictor, self->table, NULL, 0, &out, NULL) != DSC_OK;
        if (!self->has_failed) {
            memcpy(self->probability, out.probability, sizeof self->probability);
            dsc_predictions_clear(&out);
            self->has_failed = dsc_predictor_evaluate(self->predictor, self->table, NULL, 0,
                                                      &scores, NULL) != DSC_OK;
        }
        if (!self->has_failed) {
            self->accuracy = scores.classification.accuracy;
            dsc_predictor_evaluation_clear(&scores);
        }
    }
    return NULL;
}

static void predictor_is_shared(void **state) {
    (void)state;
    dsc_table *table = planted_table(N_ROWS, PLANTED_CLASS);
    dsc_predictor_config config = dsc_predictor_config_default();
    config.fit.max_epochs = 3;
    const dsc_predictor_source source = {.table = table};
    dsc_predictor *predictor = NULL;
    MUST(dsc_predictor_fit(&predictor, &source, &config, NULL, NULL, &failure));
    predictor_work work[N_THREADS + 1] = {0};
    for (size_t t = 0; t <= N_THREADS; t++) {
        work[t].predictor = predictor;
        work[t].table = table;
    }
    predictor_work *alone = &work[N_THREADS];
    predict_rounds(alone);
    assert_false(alone->has_failed);
    run_together(predict_rounds, work, sizeof *work);
    for (size_t t = 0; t < N_THREADS; t++) {
        assert_false(work[t].has_failed);
        assert_memory_equal(work[t].probability, alone->probability, sizeof alone->probability);
        assert_true(work[t].accuracy == alone->accuracy);
    }
    dsc_predictor_destroy(predictor);
    dsc_table_destroy(table);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(network_is_shared),
        cmocka_unit_test(recommender_is_shared),
        cmocka_unit_test(predictor_is_shared),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
