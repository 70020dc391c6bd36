/* Minibatches of interactions. docs/math.md (115) to (119) */
#include "recommender/trainer_step.h"

void dsc_step_fill_groups(const dsc_running_step *step, size_t number, dsc_tile *tile) {
    const dsc_training_groups *groups = step->groups;
    const dsc_tile_begin *begin = &step->trainer->begins[number];
    tile->sample = NULL;
    tile->n_ahead = 0;
    tile->n = begin[1].pair - begin[0].pair;
    tile->n_groups = begin[1].group - begin[0].group;
    tile->group_user = groups->user + begin->group;
    tile->group_length = groups->length + begin->group;
    tile->group_item = groups->item + begin->pair;
    tile->n_batch = groups->n_groups;
}

/* Each tile has as many groups as fit; returns how many there are. */
static size_t cut(dsc_trainer *trainer, const dsc_training_groups *groups) {
    dsc_tile_begin at = {0, 0};
    size_t n_tiles = 0;
    while (at.group < groups->n_groups) {
        trainer->begins[n_tiles++] = at;
        const size_t end = at.pair + trainer->capacity;
        while (at.group < groups->n_groups && at.pair + groups->length[at.group] <= end) {
            at.pair += groups->length[at.group++];
        }
    }
    trainer->begins[n_tiles] = at;
    return n_tiles;
}

dsc_status dsc_trainer_step_groups(dsc_trainer *trainer, const dsc_training_groups *groups,
                                   double *sum_loss, dsc_error *err) {
    dsc_running_step step = {.trainer = trainer,
                             .n = groups->n_pairs,
                             .n_tiles = cut(trainer, groups),
                             .groups = groups};
    const dsc_status status = dsc_step_take(&step, err);
    if (status == DSC_OK) {
        *sum_loss = step.sum;
    }
    return status;
}
