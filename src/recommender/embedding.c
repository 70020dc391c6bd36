/* Sparse gradient steps on a table of rows. */
#include "recommender/embedding.h"

#include <string.h>

#include "base/memory.h"
#include "descent/ratings.h"

dsc_status dsc_embedding_init(dsc_embedding *out, float *values, const dsc_embedding_config *config,
                              dsc_error *err) {
    /* A batch cannot touch more rows than there are. */
    const size_t max_touched =
        config->max_batch < config->n_rows ? config->max_batch : config->n_rows;
    *out = (dsc_embedding){.values = values, .width = config->width, .l2 = config->l2};
    dsc_status status = dsc_optimizer_create(&out->optimizer, config->optimizer, DSC_FLOAT32,
                                             config->n_rows * config->width, err);
    if (status != DSC_OK) {
        return status;
    }
    out->slot = dsc_alloc(config->n_rows, sizeof *out->slot);
    out->row = dsc_alloc(max_touched, sizeof *out->row);
    out->weight = dsc_alloc(max_touched, sizeof *out->weight);
    out->gradient = dsc_alloc(max_touched * config->width, sizeof *out->gradient);
    if (out->slot == NULL || out->row == NULL || out->weight == NULL || out->gradient == NULL) {
        dsc_embedding_clear(out);
        return dsc_fail_memory(err, "the gradients of a table");
    }
    for (size_t r = 0; r < config->n_rows; r++) {
        out->slot[r] = DSC_NO_INDEX;
    }
    return DSC_OK;
}

void dsc_embedding_clear(dsc_embedding *embedding) {
    dsc_optimizer_destroy(embedding->optimizer);
    dsc_free(embedding->slot);
    dsc_free(embedding->row);
    dsc_free(embedding->weight);
    dsc_free(embedding->gradient);
    *embedding = (dsc_embedding){0};
}

void dsc_embedding_add(dsc_embedding *embedding, uint32_t row, const float *gradient) {
    dsc_embedding_add_weighted(embedding, row, gradient, 1);
}

void dsc_embedding_add_weighted(dsc_embedding *embedding, uint32_t row, const float *gradient,
                                float weight) {
    const size_t width = embedding->width;
    uint32_t slot = embedding->slot[row];
    if (slot == DSC_NO_INDEX) {
        slot = (uint32_t)embedding->n_touched++;
        embedding->slot[row] = slot;
        embedding->row[slot] = row;
        embedding->weight[slot] = weight;
        memcpy(embedding->gradient + slot * width, gradient, width * sizeof *gradient);
        return;
    }
    embedding->weight[slot] += weight;
    float *restrict sum = embedding->gradient + slot * width;
    const float *restrict addend = gradient;
    for (size_t i = 0; i < width; i++) {
        sum[i] += addend[i];
    }
}

void dsc_embedding_step(dsc_embedding *embedding, size_t n) {
    const size_t width = embedding->width;
    dsc_optimizer_begin_step(embedding->optimizer);
    for (size_t t = 0; t < embedding->n_touched; t++) {
        const double l2 = embedding->l2 * (double)embedding->weight[t] / (double)n;
        dsc_optimizer_update(embedding->optimizer, embedding->values, embedding->row[t] * width,
                             width, embedding->gradient + t * width, l2);
    }
    dsc_embedding_reset(embedding);
}

void dsc_embedding_reset(dsc_embedding *embedding) {
    for (size_t t = 0; t < embedding->n_touched; t++) {
        embedding->slot[embedding->row[t]] = DSC_NO_INDEX;
    }
    embedding->n_touched = 0;
}
