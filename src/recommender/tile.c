/* The pass of one tile: gathered, forward, loss, backward, sorted for the scatter. */
#include "recommender/tile.h"

#include <math.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "network/pass_into.h"
#include "recommender/ranking_loss.h"

/* Hands out the arrays of two blocks. */
static void share_out(dsc_tile_worker *w, size_t capacity) {
    dsc_tile *tile = &w->tile;
    const size_t width = 2 * w->model->config.n_factors;
    float *numbers = w->numbers;
    uint32_t *indices = w->indices;
    w->x = numbers;
    tile->d_x = w->x + width * capacity;
    tile->d_output = tile->d_x + width * capacity;
    if (w->model->network != NULL) {
        tile->d_parameters = tile->d_output + capacity;
    }
    for (size_t of = 0; of < DSC_N_KINDS_OF_SIDES; of++) {
        tile->row[of] = indices + of * capacity;
        tile->sorted[of] = indices + (2 + of) * capacity;
        for (size_t s = 0; s < capacity; s++) {
            tile->sorted[of][s] = (uint32_t)s;
        }
    }
}

dsc_status dsc_tile_worker_init(dsc_tile_worker *out, const dsc_recommender *model,
                                const dsc_minibatch_sides *sides, size_t capacity,
                                size_t n_table_parts, dsc_error *err) {
    const size_t n_parameters =
        model->network != NULL ? dsc_network_n_parameters(model->network) : 0;
    *out = (dsc_tile_worker){.model = model, .sides = sides, .n_table_parts = n_table_parts};
    if (model->network != NULL) {
        const dsc_workspace_config config = {.max_batch = capacity, .no_input_gradient = true};
        dsc_status status = dsc_workspace_create(&out->workspace, model->network, &config, err);
        if (status != DSC_OK) {
            return status;
        }
    }
    out->numbers = dsc_alloc((4 * model->config.n_factors + 1) * capacity + n_parameters,
                             sizeof *out->numbers);
    out->indices = dsc_alloc(4 * capacity, sizeof *out->indices);
    out->moves = dsc_alloc(capacity, sizeof *out->moves);
    out->score = dsc_alloc(2 * capacity, sizeof *out->score);
    if (out->numbers == NULL || out->indices == NULL || out->moves == NULL || out->score == NULL) {
        return dsc_fail_memory(err, "a trainer");
    }
    out->d_score = out->score + capacity;
    share_out(out, capacity);
    return DSC_OK;
}

void dsc_tile_worker_clear(dsc_tile_worker *worker) {
    dsc_workspace_destroy(worker->workspace);
    dsc_free(worker->numbers);
    dsc_free(worker->indices);
    dsc_free(worker->moves);
    dsc_free(worker->score);
    *worker = (dsc_tile_worker){0};
}

static void list_rows(dsc_tile *tile) {
    uint32_t *user = tile->row[DSC_OF_USERS], *item = tile->row[DSC_OF_ITEMS];
    if (tile->sample != NULL) {
        for (size_t s = 0; s < tile->n; s++) {
            user[s] = tile->sample[s].user;
            item[s] = tile->sample[s].item;
        }
        return;
    }
    memcpy(item, tile->group_item, tile->n * sizeof *item);
    for (size_t g = 0; g < tile->n_groups; g++) {
        for (uint32_t p = 0; p < tile->group_length[g]; p++) {
            *user++ = tile->group_user[g];
        }
    }
}

static void sort_rows(dsc_tile *tile, size_t of, size_t n_parts) {
    const uint32_t *row = tile->row[of];
    uint32_t *begin = tile->begin[of], next[DSC_TABLE_PARTS] = {0};
    if (n_parts == 1) { /* as they stand */
        begin[0] = 0;
        begin[1] = (uint32_t)tile->n;
        return;
    }
    for (size_t s = 0; s < tile->n; s++) {
        next[dsc_table_part(row[s], n_parts)]++;
    }
    begin[0] = 0;
    for (size_t p = 0; p < n_parts; p++) {
        begin[p + 1] = begin[p] + next[p];
        next[p] = begin[p];
    }
    for (size_t s = 0; s < tile->n; s++) {
        tile->sorted[of][next[dsc_table_part(row[s], n_parts)]++] = (uint32_t)s;
    }
}

static void gather(const dsc_tile *tile, dsc_tile_worker *w) {
    const size_t k = w->model->config.n_factors;
    const dsc_kernels *kernels = w->model->kernels;
    for (size_t of = 0; of < DSC_N_KINDS_OF_SIDES; of++) {
        for (size_t s = 0; s < tile->n; s++) {
            w->moves[s].to = (uint32_t)s;
        }
        const dsc_row_moves moves = {
            .to = w->x + of * k,
            .from = dsc_minibatch_sides_find(w->sides, of, tile->row[of], tile->n, w->moves),
            .to_stride = 2 * k,
            .from_stride = k,
            .width = k,
            .moves = w->moves,
            .n = tile->n};
        (w->model->config.use_bf16 ? kernels->widen_bf16_rows : kernels->copy_rows)(&moves);
    }
}

/* Asks memory for the vectors of the tile after this one, so that they come while this one is passed. */
static void ask_ahead(const dsc_tile *tile, const dsc_tile_worker *w) {
    const size_t size = w->model->config.use_bf16 ? sizeof(uint16_t) : sizeof(float);
    const size_t n_bytes = w->model->config.n_factors * size;
    const char *users = dsc_minibatch_sides_vectors(w->sides, DSC_OF_USERS);
    const char *items = dsc_minibatch_sides_vectors(w->sides, DSC_OF_ITEMS);
    for (size_t s = 0; s < tile->n_ahead; s++) {
        const char *user = users + tile->ahead[s].user * n_bytes;
        const char *item = items + tile->ahead[s].item * n_bytes;
        for (size_t at = 0; at < n_bytes; at += DSC_ALIGNMENT) {
            __builtin_prefetch(user + at, 0, 2);
            __builtin_prefetch(item + at, 0, 2);
        }
    }
}

/* What the tile's sides make of them, without biases, to d_output. (51) */
static dsc_status forward(dsc_tile *tile, dsc_tile_worker *w) {
    const dsc_recommender *model = w->model;
    const size_t k = model->config.n_factors;
    const uint32_t first = 0;
    float *output = tile->d_output;
    memset(output, 0, tile->n * sizeof *output);
    for (size_t s = 0; model->config.use_dot && s < tile->n; s++) {
        const float *x = w->x + s * 2 * k;
        model->kernels->dot_rows(&output[s], x, &(dsc_picked_rows){x + k, k, &first, 1});
    }
    if (model->network == NULL) {
        return DSC_OK;
    }
    dsc_status status = dsc_network_forward(model->network, w->workspace,
                                            dsc_matrix_f32(w->x, tile->n, 2 * k), NULL);
    const float *of_network = dsc_workspace_output(w->workspace).data;
    for (size_t s = 0; status == DSC_OK && s < tile->n; s++) {
        output[s] = of_network[s] + output[s];
    }
    return status;
}

/* From what dot product and network make of the ratings to the gradient there, (20) or (147). */
static void differentiate_ratings(dsc_tile *tile, const dsc_tile_worker *w) {
    const dsc_recommender *model = w->model;
    const bool is_ordinal = model->config.loss == DSC_LOSS_ORDINAL;
    const float scale = (is_ordinal ? 1.0F : 2.0F) / (float)tile->n_batch;
    for (size_t s = 0; model->config.use_biases && s < tile->n; s++) {
        tile->d_output[s] = tile->d_output[s] + model->user_biases[tile->sample[s].user] +
                            model->item_biases[tile->sample[s].item];
    }
    for (size_t s = 0; is_ordinal && s < tile->n; s++) {
        tile->d_output[s] =
            scale * (float)dsc_ordinal_add(&model->ordinal, (size_t)tile->sample[s].target,
                                           (double)tile->d_output[s], &tile->sums);
    }
    for (size_t s = 0; !is_ordinal && s < tile->n; s++) {
        const float error = tile->d_output[s] - tile->sample[s].target;
        tile->loss += (double)error * (double)error;
        tile->d_output[s] = scale * error;
    }
    tile->loss += tile->sums.squared_errors;
}

/* The loss of one group of n pairs; what dot product and network make of them, `output` (n), becomes
 * the gradient there of the mean over n_groups. (115) to (119) */
static double differentiate_group(const dsc_tile_worker *w, uint32_t user, const uint32_t *item,
                                  size_t n, float *output, size_t n_groups) {
    const dsc_recommender *model = w->model;
    for (size_t p = 0; p < n; p++) {
        /* Without biases in the model both are 0. */
        w->score[p] = (double)output[p] + (double)model->user_biases[user] +
                      (double)model->item_biases[item[p]];
    }
    const double loss = dsc_ranking_loss(model->config.loss, w->score, n, w->d_score);
    for (size_t p = 0; p < n; p++) {
        output[p] = (float)(w->d_score[p] / (double)n_groups);
    }
    return loss;
}

static void differentiate(dsc_tile *tile, const dsc_tile_worker *w) {
    if (tile->sample != NULL) {
        differentiate_ratings(tile, w);
        return;
    }
    for (size_t g = 0, first = 0; g < tile->n_groups; first += tile->group_length[g], g++) {
        tile->loss +=
            differentiate_group(w, tile->group_user[g], tile->group_item + first,
                                tile->group_length[g], tile->d_output + first, tile->n_batch);
    }
}

/* From d_output to the gradients at the sides and at the network: (9), (21), (52). */
static dsc_status backward(dsc_tile *tile, dsc_tile_worker *w) {
    const dsc_recommender *model = w->model;
    const size_t k = model->config.n_factors;
    const uint32_t first = 0;
    dsc_status status = DSC_OK;
    if (model->network != NULL) {
        memset(tile->d_parameters, 0,
               dsc_network_n_parameters(model->network) * sizeof *tile->d_parameters);
        status = dsc_network_backward_into(
            model->network, w->workspace, dsc_matrix_f32(tile->d_output, tile->n, 1),
            &(dsc_gradient_places){.parameters = tile->d_parameters, .input = tile->d_x}, NULL);
    } else {
        memset(tile->d_x, 0, 2 * k * tile->n * sizeof *tile->d_x);
    }
    for (size_t s = 0; model->config.use_dot && s < tile->n; s++) {
        const float *x = w->x + s * 2 * k;
        float *d_x = tile->d_x + s * 2 * k;
        model->kernels->sum_scaled_rows(d_x, &tile->d_output[s],
                                        &(dsc_picked_rows){x + k, k, &first, 1});
        model->kernels->sum_scaled_rows(d_x + k, &tile->d_output[s],
                                        &(dsc_picked_rows){x, k, &first, 1});
    }
    return status;
}

void dsc_tile_pass(dsc_tile_worker *worker) {
    dsc_tile *tile = &worker->tile;
    tile->loss = 0;
    tile->sums = (dsc_ordinal_sums){0};
    list_rows(tile);
    sort_rows(tile, DSC_OF_USERS, worker->n_table_parts);
    sort_rows(tile, DSC_OF_ITEMS, worker->n_table_parts);
    gather(tile, worker);
    ask_ahead(tile, worker);
    tile->status = forward(tile, worker);
    if (tile->status != DSC_OK) {
        return;
    }
    differentiate(tile, worker);
    tile->status =
        isfinite(tile->loss + tile->sums.loss) ? backward(tile, worker) : DSC_E_NONFINITE;
}
