/* Interactions and their negatives, side by side. */
#include "recommender/group_batch.h"

#include "base/error.h"
#include "base/memory.h"

dsc_status dsc_group_batch_init(dsc_group_batch *out, const dsc_recommender_config *config,
                                dsc_sparse chosen, dsc_error *err) {
    *out = (dsc_group_batch){.n_negatives = config->n_negatives};
    dsc_status status = dsc_negative_sampler_init(&out->sampler, chosen, config->seed, err);
    out->user = dsc_alloc(config->batch_size, (3 + config->n_negatives) * sizeof *out->user);
    if (status == DSC_OK && out->user == NULL) {
        status = dsc_fail_memory(err, "the negatives");
    }
    if (status != DSC_OK) {
        dsc_group_batch_clear(out);
        return status;
    }
    out->length = out->user + config->batch_size;
    out->item = out->length + config->batch_size;
    return DSC_OK;
}

void dsc_group_batch_clear(dsc_group_batch *batch) {
    dsc_negative_sampler_clear(&batch->sampler);
    dsc_free(batch->user);
    *batch = (dsc_group_batch){0};
}

dsc_training_groups dsc_group_batch_fill(dsc_group_batch *batch, const dsc_training_sample *samples,
                                         size_t n, size_t epoch, size_t first) {
    uint32_t *item = batch->item;
    for (size_t g = 0; g < n; g++) {
        *item = samples[g].item;
        batch->user[g] = samples[g].user;
        batch->length[g] = 1 + (uint32_t)dsc_negative_sampler_draw(&batch->sampler, samples[g].user,
                                                                   (uint32_t)epoch, first + g,
                                                                   batch->n_negatives, item + 1);
        item += batch->length[g];
    }
    return (dsc_training_groups){.n_groups = n,
                                 .n_pairs = (size_t)(item - batch->item),
                                 .user = batch->user,
                                 .length = batch->length,
                                 .item = batch->item};
}
