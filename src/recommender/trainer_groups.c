/* Minibatches of interactions. docs/math.md (115) to (119) */
#include <string.h>

#include "recommender/trainer_step.h"

/* One group of vectors alone: no copies of them. L2 counts pairs (23), as with a network. */
static double pass_vectors(dsc_trainer *trainer, uint32_t user, const uint32_t *item, size_t n,
                           size_t n_groups) {
    const dsc_recommender *model = trainer->model;
    const size_t k = model->config.n_factors;
    const float *vector = model->user_vectors + user * k;
    const dsc_picked_rows items = {model->item_vectors, k, item, n};
    const dsc_tile *scratch = &trainer->tiles[0];
    float *d_output = scratch->d_output, *d_user = scratch->d_x, *d_item = scratch->d_x + k;
    float d_bias = 0;
    model->kernels->dot_rows(d_output, vector, &items);
    const double loss =
        dsc_tile_group_loss(&trainer->workers[0], user, item, n, d_output, n_groups);
    memset(d_user, 0, k * sizeof *d_user);
    model->kernels->sum_scaled_rows(d_user, d_output, &items);
    dsc_embedding_add_weighted(&trainer->tables[USER_VECTORS], user, d_user, (float)n);
    for (size_t p = 0; p < n; p++) {
        for (size_t f = 0; f < k; f++) {
            d_item[f] = d_output[p] * vector[f];
        }
        dsc_embedding_add(&trainer->tables[ITEM_VECTORS], item[p], d_item);
        d_bias += d_output[p];
    }
    for (size_t p = 0; model->config.use_biases && p < n; p++) {
        dsc_embedding_add(&trainer->tables[ITEM_BIASES], item[p], &d_output[p]);
    }
    if (model->config.use_biases) {
        dsc_embedding_add_weighted(&trainer->tables[USER_BIASES], user, &d_bias, (float)n);
    }
    return loss;
}

static dsc_status step_vectors(dsc_running_step *step, const dsc_training_groups *groups,
                               double *sum, dsc_error *err) {
    const uint32_t *item = groups->item;
    for (size_t g = 0; g < groups->n_groups; item += groups->length[g], g++) {
        *sum +=
            pass_vectors(step->trainer, groups->user[g], item, groups->length[g], groups->n_groups);
        dsc_status status = dsc_step_check_finite(*sum, err);
        if (status != DSC_OK) {
            return status;
        }
    }
    dsc_step_finish_round(step, true);
    return DSC_OK;
}

/* A tile of groups from `first` on, whose items begin at `item`: as many as fit. */
static void fill_tile(dsc_tile *tile, size_t capacity, const dsc_training_groups *groups,
                      size_t first, const uint32_t *item) {
    tile->n = tile->n_groups = tile->n_ahead = 0;
    tile->sample = NULL;
    tile->group_user = groups->user + first;
    tile->group_length = groups->length + first;
    tile->group_item = item;
    tile->n_batch = groups->n_groups;
    for (size_t g = first; g < groups->n_groups && tile->n + groups->length[g] <= capacity; g++) {
        tile->n += groups->length[g];
        tile->n_groups++;
    }
}

static dsc_status step_network(dsc_running_step *step, const dsc_training_groups *groups,
                               double *sum, dsc_error *err) {
    dsc_trainer *trainer = step->trainer;
    const uint32_t *item = groups->item;
    dsc_status status = DSC_OK;
    for (size_t g = 0; status == DSC_OK && g < groups->n_groups;) {
        for (step->n_tiles = 0; step->n_tiles < trainer->n_tiles && g < groups->n_groups;
             step->n_tiles++) {
            dsc_tile *tile = &trainer->tiles[step->n_tiles];
            fill_tile(tile, trainer->capacity, groups, g, item);
            g += tile->n_groups;
            item += tile->n;
        }
        status = dsc_step_pass_round(step, sum, err);
        if (status == DSC_OK) {
            dsc_step_finish_round(step, g == groups->n_groups);
        }
    }
    return status;
}

dsc_status dsc_trainer_step_groups(dsc_trainer *trainer, const dsc_training_groups *groups,
                                   double *sum_loss, dsc_error *err) {
    dsc_running_step step = {.trainer = trainer, .n = groups->n_pairs, .is_first = true};
    double sum = 0;
    trainer->sums = (dsc_ordinal_sums){0};
    dsc_status status = trainer->model->network != NULL ? step_network(&step, groups, &sum, err)
                                                        : step_vectors(&step, groups, &sum, err);
    if (status != DSC_OK) {
        dsc_step_abandon(trainer);
        return status;
    }
    *sum_loss = sum;
    return DSC_OK;
}
