/* Interactions and their negatives, side by side. */
#include "recommender/group_batch.h"

#include <string.h>

#include "base/error.h"
#include "base/memory.h"

/* Groups that one thread fills: more than what it costs to share them out, and several for each thread in a
 * usual batch. */
enum { GROUPS_A_PART = 16 };

static dsc_status create_samplers(dsc_group_batch *batch, dsc_kept_ratings chosen, uint64_t seed,
                                  size_t n_threads, dsc_error *err) {
    dsc_status status = DSC_OK;
    batch->samplers = dsc_alloc(n_threads, sizeof *batch->samplers);
    if (batch->samplers == NULL) {
        return dsc_fail_memory(err, "the negatives");
    }
    batch->n_threads = n_threads;
    for (size_t t = 0; status == DSC_OK && t < n_threads; t++) {
        status = dsc_negative_sampler_init(&batch->samplers[t], chosen, seed, err);
    }
    return status;
}

dsc_status dsc_group_batch_init(dsc_group_batch *out, const dsc_recommender_config *config,
                                dsc_kept_ratings chosen, size_t n_threads, dsc_error *err) {
    *out = (dsc_group_batch){.n_negatives = config->n_negatives};
    dsc_status status = create_samplers(out, chosen, config->seed, n_threads, err);
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
    for (size_t t = 0; t < batch->n_threads; t++) {
        dsc_negative_sampler_clear(&batch->samplers[t]);
    }
    dsc_free(batch->samplers);
    dsc_free(batch->user);
    *batch = (dsc_group_batch){0};
}

typedef struct filling {
    dsc_group_batch *batch;
    const dsc_training_sample *samples;
    size_t n, epoch, first;
} filling;

/* Each group where it begins if none before it is shorter. */
static void fill_part(void *job, size_t part, size_t thread) {
    const filling *f = job;
    dsc_group_batch *batch = f->batch;
    const size_t begin = part * GROUPS_A_PART;
    for (size_t g = begin; g < f->n && g < begin + GROUPS_A_PART; g++) {
        const dsc_training_sample *sample = &f->samples[g];
        uint32_t *item = batch->item + g * (1 + batch->n_negatives);
        *item = sample->item;
        batch->user[g] = sample->user;
        batch->length[g] = 1 + (uint32_t)dsc_negative_sampler_draw(
                                   &batch->samplers[thread], sample->user, (uint32_t)f->epoch,
                                   f->first + g, batch->n_negatives, item + 1);
    }
}

/* Moves the groups together; returns their pairs. */
static size_t close_gaps(dsc_group_batch *batch, size_t n) {
    size_t n_pairs = 0;
    for (size_t g = 0; g < n; g++) {
        const size_t begin = g * (1 + batch->n_negatives);
        if (begin != n_pairs) {
            memmove(batch->item + n_pairs, batch->item + begin,
                    batch->length[g] * sizeof *batch->item);
        }
        n_pairs += batch->length[g];
    }
    return n_pairs;
}

dsc_training_groups dsc_group_batch_fill(dsc_group_batch *batch, const dsc_training_sample *samples,
                                         size_t n, size_t epoch, size_t first, dsc_pool *pool) {
    filling f = {batch, samples, n, epoch, first};
    dsc_pool_run(pool, (n + GROUPS_A_PART - 1) / GROUPS_A_PART, fill_part, &f);
    return (dsc_training_groups){.n_groups = n,
                                 .n_pairs = close_gaps(batch, n),
                                 .user = batch->user,
                                 .length = batch->length,
                                 .item = batch->item};
}
