/* The recommender's training step against numbers computed independently: its gradients, five steps
 * of each optimizer, and the predictions of the model that comes out. */
#include "reference_tower.h"

#include "recommender/model.h"
#include "recommender/trainer.h"

typedef struct program {
    data data;
    dsc_recommender *model;
    uint32_t user[N_USERS], item[N_ITEMS]; /* the model's index of each of the reference's rows */
} program;

static uint32_t find(const dsc_recommender *model, char kind, size_t row) {
    char id[16];
    const int length = snprintf(id, sizeof id, "%c%zu", kind, row);
    const dsc_id key = {id, (size_t)length};
    const uint32_t index =
        kind == 'u' ? dsc_recommender_find_user(model, key) : dsc_recommender_find_item(model, key);
    assert_int_not_equal(index, DSC_NO_INDEX);
    return index;
}

/* Copies between a table of the model and the reference's order of rows. */
static void move_table(program *p, size_t table, float *rows, bool is_into_model) {
    float *const values[N_TABLES] = {p->model->user_vectors, p->model->item_vectors,
                                     p->model->user_biases, p->model->item_biases};
    const uint32_t *index = tables[table].n_rows == N_USERS ? p->user : p->item;
    const size_t width = tables[table].width;
    for (size_t r = 0; r < tables[table].n_rows; r++) {
        float *in_model = values[table] + index[r] * width;
        memcpy(is_into_model ? in_model : rows + r * width,
               is_into_model ? rows + r * width : in_model, width * sizeof(float));
    }
}

static void program_create(program *p, const dsc_optimizer_config *optimizer) {
    read_data(&p->data);
    char text[N_RATINGS * 16];
    size_t length = 0;
    for (size_t i = 0; i < N_RATINGS; i++) {
        length += (size_t)snprintf(text + length, sizeof text - length, "u%zu,i%zu,%g\n",
                                   p->data.user[i], p->data.item[i], (double)p->data.rating[i]);
    }
    dsc_ratings *ratings = NULL;
    MUST(dsc_ratings_read_memory(&ratings, text, length, "reference", NULL, NULL, &failure));
    dsc_recommender_config config = dsc_recommender_config_of(DSC_FORM_PERCEPTRON, 0);
    config.n_factors = K;
    config.n_hidden = N_LAYERS - 1;
    memcpy(config.hidden, widths + 1, (N_LAYERS - 1) * sizeof *widths);
    config.activation = DSC_RELU;
    config.optimizer = *optimizer;
    config.l2_vectors = p->data.l2_vectors;
    config.l2_biases = p->data.l2_biases;
    config.l2_network =
        p->data.l2_network * sqrt(N_RATINGS); /* the data gives the strength of a step */
    config.batch_size = MAX_BATCH;
    MUST(dsc_model_from_ratings(&p->model, &config, ratings, &failure));
    dsc_ratings_destroy(ratings);
    for (size_t r = 0; r < N_USERS; r++) {
        p->user[r] = find(p->model, 'u', r);
    }
    for (size_t r = 0; r < N_ITEMS; r++) {
        p->item[r] = find(p->model, 'i', r);
    }
    set_network(p->model->network);
    for (size_t k = 0; k < N_TABLES; k++) {
        char path[64];
        float rows[N_ITEMS * K];
        snprintf(path, sizeof path, "parameters/%s", tables[k].name);
        read_floats(path, rows, tables[k].n_rows * tables[k].width);
        move_table(p, k, rows, true);
    }
}

static double program_step(program *p, dsc_trainer *trainer, size_t step) {
    dsc_training_sample samples[MAX_BATCH];
    const size_t n = p->data.n_batch[step];
    for (size_t s = 0; s < n; s++) {
        const size_t i = p->data.batch[step][s];
        samples[s] = (dsc_training_sample){p->user[p->data.user[i]], p->item[p->data.item[i]],
                                           dsc_trainer_target(p->model, p->data.rating[i])};
    }
    double sum = 0;
    MUST(dsc_trainer_step(trainer, samples, n, 0, &sum, &failure));
    return sum;
}

static void read_tables(program *p, float rows[N_TABLES][N_ITEMS * K]) {
    for (size_t k = 0; k < N_TABLES; k++) {
        move_table(p, k, rows[k], false);
    }
}

static void scale_of_the_ratings_agrees(void **state) {
    (void)state;
    const dsc_optimizer_config config = dsc_sgd(1);
    program p;
    program_create(&p, &config);
    dsc_recommender_info info;
    dsc_recommender_get_info(p.model, &info);
    assert_true(fabs(info.mean - number("mean")) < 1e-14);
    assert_true(fabs(info.spread - number("spread")) < 1e-14);
    float t[MAX_BATCH];
    for (size_t s = 0; s < MAX_BATCH; s++) {
        t[s] = dsc_trainer_target(p.model, p.data.rating[p.data.batch[0][s]]);
    }
    assert_close("first_batch/t", t, MAX_BATCH);
    dsc_recommender_destroy(p.model);
}

/* A step of gradient descent at a rate of 1 moves every parameter by its gradient. */
static void gradients_of_the_training_step_agree(void **state) {
    (void)state;
    const dsc_optimizer_config config = dsc_sgd(1);
    program p;
    program_create(&p, &config);
    static float network[N_NETWORK], before[N_TABLES][N_ITEMS * K], after[N_TABLES][N_ITEMS * K];
    const float *parameters = dsc_network_parameters_const(p.model->network);
    memcpy(network, parameters, sizeof network);
    read_tables(&p, before);
    dsc_trainer *trainer = NULL;
    MUST(dsc_trainer_create(&trainer, p.model, dsc_sparse_view(&p.model->ratings), &failure));
    program_step(&p, trainer, 0);
    read_tables(&p, after);
    for (size_t i = 0; i < N_NETWORK; i++) {
        network[i] -= parameters[i];
    }
    assert_network_close("first_batch/gradients", network);
    for (size_t k = 0; k < N_TABLES; k++) {
        char path[64];
        const size_t n = tables[k].n_rows * tables[k].width;
        for (size_t i = 0; i < n; i++) {
            before[k][i] -= after[k][i];
        }
        snprintf(path, sizeof path, "first_batch/gradients/%s", tables[k].name);
        assert_close(path, before[k], n);
    }
    dsc_trainer_destroy(trainer);
    dsc_recommender_destroy(p.model);
}

/* docs/math.md (18), clipped, for every pair. */
static void assert_predictions_close(const program *p, const char *rule) {
    char path[64];
    uint32_t user[N_USERS * N_ITEMS], item[N_USERS * N_ITEMS];
    float rating[N_USERS * N_ITEMS];
    for (size_t i = 0; i < N_USERS * N_ITEMS; i++) {
        user[i] = p->user[i / N_ITEMS];
        item[i] = p->item[i % N_ITEMS];
    }
    dsc_scorer *scorer = NULL;
    MUST(dsc_scorer_create(&scorer, p->model, &failure));
    dsc_scorer_predict(scorer, N_USERS * N_ITEMS, user, item, rating, NULL);
    dsc_scorer_destroy(scorer);
    snprintf(path, sizeof path, "after/%s/predictions", rule);
    assert_close(path, rating, N_USERS * N_ITEMS);
}

static void five_training_steps_agree(void **state) {
    (void)state;
    for (size_t r = 0; r < COUNT(rules); r++) {
        char path[64];
        const dsc_optimizer_config config = read_optimizer(rules[r]);
        program p;
        program_create(&p, &config);
        dsc_trainer *trainer = NULL;
        MUST(dsc_trainer_create(&trainer, p.model, dsc_sparse_view(&p.model->ratings), &failure));
        float squared_errors[N_STEPS];
        for (size_t step = 0; step < N_STEPS; step++) {
            squared_errors[step] = (float)program_step(&p, trainer, step);
        }
        snprintf(path, sizeof path, "after/%s/squared_errors", rules[r]);
        assert_close(path, squared_errors, N_STEPS);
        float rows[N_TABLES][N_ITEMS * K];
        read_tables(&p, rows);
        assert_parameters_close(rules[r], p.model->network,
                                (const float *const[]){rows[0], rows[1], rows[2], rows[3]});
        assert_predictions_close(&p, rules[r]);
        dsc_trainer_destroy(trainer);
        dsc_recommender_destroy(p.model);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(scale_of_the_ratings_agrees),
        cmocka_unit_test(gradients_of_the_training_step_agree),
        cmocka_unit_test(five_training_steps_agree),
    };
    return cmocka_run_group_tests(tests, load_reference, free_reference);
}
