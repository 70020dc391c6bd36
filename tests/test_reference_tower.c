/* The engine against numbers computed independently: forward, backward and five steps of a tower.
 *
 * Built from the public network and optimizer functions, with the vectors gathered and scattered
 * here; test_reference_training.c does the same with the program's own training step. */
#include "reference_tower.h"

typedef struct tower {
    data data;
    dsc_network *net;
    dsc_workspace *ws;
    dsc_optimizer *optimizer;
    float table[N_TABLES][N_ITEMS * K]; /* (n_rows, width) */
    float d_table[N_TABLES][N_ITEMS * K];
    size_t n_uses[N_TABLES][N_ITEMS]; /* samples of the batch that use the row */
    dsc_optimizer *table_optimizer[N_TABLES];
    float x[MAX_BATCH * 2 * K], f[MAX_BATCH], d_f[MAX_BATCH];
} tower;

static void tower_create(tower *t, const char *rule) {
    memset(t, 0, sizeof *t);
    read_data(&t->data);
    const dsc_layer_config layers[N_LAYERS] = {
        {32, DSC_RELU, true}, {16, DSC_RELU, true}, {8, DSC_RELU, true}, {1, DSC_IDENTITY, true}};
    t->net = make_network(DSC_FLOAT32, DSC_MEAN_SQUARED_ERROR, 2 * K, N_LAYERS, layers);
    assert_int_equal(dsc_network_n_parameters(t->net), N_NETWORK);
    set_network(t->net);
    t->ws = make_workspace(t->net, MAX_BATCH, true);
    const dsc_optimizer_config config = read_optimizer(rule);
    MUST(dsc_optimizer_create(&t->optimizer, &config, DSC_FLOAT32, N_NETWORK, &failure));
    for (size_t k = 0; k < N_TABLES; k++) {
        char path[64];
        snprintf(path, sizeof path, "parameters/%s", tables[k].name);
        read_floats(path, t->table[k], tables[k].n_rows * tables[k].width);
        MUST(dsc_optimizer_create(&t->table_optimizer[k], &config, DSC_FLOAT32,
                                  tables[k].n_rows * tables[k].width, &failure));
    }
}

static void tower_destroy(tower *t) {
    for (size_t k = 0; k < N_TABLES; k++) {
        dsc_optimizer_destroy(t->table_optimizer[k]);
    }
    dsc_optimizer_destroy(t->optimizer);
    dsc_workspace_destroy(t->ws);
    dsc_network_destroy(t->net);
}

/* The row of a table that a sample uses. */
static size_t row_of(const tower *t, size_t table, size_t sample) {
    const bool is_user = table == USER_VECTORS || table == USER_BIASES;
    return is_user ? t->data.user[sample] : t->data.item[sample];
}

/* docs/math.md (18), (20). */
static void tower_forward(tower *t, size_t step) {
    const size_t n = t->data.n_batch[step];
    for (size_t s = 0; s < n; s++) {
        const size_t sample = t->data.batch[step][s];
        for (size_t k = USER_VECTORS; k <= ITEM_VECTORS; k++) {
            memcpy(t->x + s * 2 * K + k * K, t->table[k] + row_of(t, k, sample) * K,
                   K * sizeof(float));
        }
    }
    MUST(dsc_network_forward(t->net, t->ws, dsc_matrix_f32(t->x, n, 2 * K), &failure));
    const float *output = dsc_workspace_output(t->ws).data;
    for (size_t s = 0; s < n; s++) {
        const size_t sample = t->data.batch[step][s];
        t->f[s] = output[s] + t->table[USER_BIASES][row_of(t, USER_BIASES, sample)] +
                  t->table[ITEM_BIASES][row_of(t, ITEM_BIASES, sample)];
        t->d_f[s] = 2 / (float)n * (t->f[s] - t->data.target[sample]);
    }
}

/* docs/math.md (21), (22); the L2 terms (23) come with the step. */
static void tower_backward(tower *t, size_t step) {
    const size_t n = t->data.n_batch[step];
    dsc_workspace_zero_gradients(t->ws);
    MUST(dsc_network_backward_from(t->net, t->ws, dsc_matrix_f32(t->d_f, n, 1), &failure));
    const float *d_x = dsc_workspace_d_input(t->ws).data;
    memset(t->d_table, 0, sizeof t->d_table);
    memset(t->n_uses, 0, sizeof t->n_uses);
    for (size_t s = 0; s < n; s++) {
        for (size_t k = 0; k < N_TABLES; k++) {
            const size_t row = row_of(t, k, t->data.batch[step][s]), width = tables[k].width;
            const float *gradient = width == 1 ? &t->d_f[s] : d_x + s * 2 * K + k * K;
            for (size_t i = 0; i < width; i++) {
                t->d_table[k][row * width + i] += gradient[i];
            }
            t->n_uses[k][row]++;
        }
    }
}

/* Strength of the L2 term of a row. */
static double row_l2(const tower *t, size_t table, size_t row, size_t step) {
    const double l2 = tables[table].width == 1 ? t->data.l2_biases : t->data.l2_vectors;
    return l2 * (double)t->n_uses[table][row] / (double)t->data.n_batch[step];
}

static void tower_step(tower *t, size_t step) {
    dsc_optimizer_begin_step(t->optimizer);
    dsc_optimizer_update(t->optimizer, dsc_network_parameters(t->net), 0, N_NETWORK,
                         dsc_workspace_gradients(t->ws), t->data.l2_network);
    for (size_t k = 0; k < N_TABLES; k++) {
        dsc_optimizer_begin_step(t->table_optimizer[k]);
        for (size_t row = 0; row < tables[k].n_rows; row++) {
            if (t->n_uses[k][row] > 0) {
                dsc_optimizer_update(t->table_optimizer[k], t->table[k], row * tables[k].width,
                                     tables[k].width, t->d_table[k] + row * tables[k].width,
                                     row_l2(t, k, row, step));
            }
        }
    }
}

static void forward_agrees(void **state) {
    (void)state;
    tower t;
    tower_create(&t, "sgd");
    tower_forward(&t, 0);
    assert_close("first_batch/values/X", t.x, MAX_BATCH * 2 * K);
    assert_close("first_batch/values/f", t.f, MAX_BATCH);
    assert_close("first_batch/gradients_of_values/df", t.d_f, MAX_BATCH);
    for (size_t i = 0; i < dsc_workspace_n_intermediates(t.ws); i++) {
        char path[64];
        const dsc_intermediate found = dsc_workspace_intermediate(t.ws, i);
        snprintf(path, sizeof path, "first_batch/values/%s", found.name);
        assert_close(path, found.value.data, MAX_BATCH * found.value.n_cols);
    }
    tower_destroy(&t);
}

static void backward_agrees(void **state) {
    (void)state;
    tower t;
    tower_create(&t, "sgd");
    tower_forward(&t, 0);
    tower_backward(&t, 0);
    for (size_t i = 0; i < dsc_workspace_n_intermediates(t.ws); i++) {
        char path[64];
        const dsc_intermediate found = dsc_workspace_intermediate(t.ws, i);
        snprintf(path, sizeof path, "first_batch/gradients_of_values/d%s", found.name);
        assert_close(path, found.gradient.data, MAX_BATCH * found.gradient.n_cols);
    }
    assert_close("first_batch/gradients_of_values/dX", dsc_workspace_d_input(t.ws).data,
                 MAX_BATCH * 2 * K);
    /* The reference's gradients are those of the whole objective (19): the L2 terms are added. */
    float gradients[N_NETWORK];
    const float *parameters = dsc_network_parameters(t.net), *d = dsc_workspace_gradients(t.ws);
    for (size_t i = 0; i < N_NETWORK; i++) {
        gradients[i] = d[i] + (float)t.data.l2_network * parameters[i];
    }
    assert_network_close("first_batch/gradients", gradients);
    for (size_t k = 0; k < N_TABLES; k++) {
        char path[64];
        const size_t width = tables[k].width, n = tables[k].n_rows * width;
        for (size_t i = 0; i < n; i++) {
            t.d_table[k][i] += (float)row_l2(&t, k, i / width, 0) * t.table[k][i];
        }
        snprintf(path, sizeof path, "first_batch/gradients/%s", tables[k].name);
        assert_close(path, t.d_table[k], n);
    }
    tower_destroy(&t);
}

static void five_steps_agree(void **state) {
    (void)state;
    for (size_t r = 0; r < COUNT(rules); r++) {
        tower t;
        tower_create(&t, rules[r]);
        for (size_t step = 0; step < N_STEPS; step++) {
            tower_forward(&t, step);
            tower_backward(&t, step);
            tower_step(&t, step);
        }
        assert_parameters_close(
            rules[r], t.net,
            (const float *const[]){t.table[0], t.table[1], t.table[2], t.table[3]});
        tower_destroy(&t);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(forward_agrees),
        cmocka_unit_test(backward_agrees),
        cmocka_unit_test(five_steps_agree),
    };
    return cmocka_run_group_tests(tests, load_reference, free_reference);
}
