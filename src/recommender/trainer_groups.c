/* Minibatches of interactions. docs/math.md (115) to (119) */
#include "recommender/trainer_step.h"

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

static dsc_status step_rounds(dsc_running_step *step, const dsc_training_groups *groups,
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
    dsc_status status = step_rounds(&step, groups, &sum, err);
    if (status != DSC_OK) {
        dsc_step_abandon(trainer);
        return status;
    }
    *sum_loss = sum;
    return DSC_OK;
}
