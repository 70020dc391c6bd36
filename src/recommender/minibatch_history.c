/* Histories of the rows that a minibatch touches. docs/math.md (170) to (173). */
#include "recommender/minibatch_history.h"

#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "descent/random.h"
#include "descent/ratings.h"

/* A stream of dsc_random_stream. */
enum { PURPOSE_HISTORY_DROPOUT = 37 };

static size_t longest_row(dsc_sparse rows) {
    uint64_t longest = 0;
    for (size_t r = 0; r < rows.n_rows; r++) {
        const uint64_t n = rows.start[r + 1] - rows.start[r];
        longest = n > longest ? n : longest;
    }
    return (size_t)longest;
}

dsc_status dsc_minibatch_history_init(dsc_minibatch_history *out,
                                      const dsc_minibatch_history_config *config, dsc_error *err) {
    const size_t n_rows = config->rows.n_rows;
    const size_t max_touched = config->max_batch < n_rows ? config->max_batch : n_rows;
    *out = (dsc_minibatch_history){.rows = config->rows,
                                   .own = config->own,
                                   .dropout = config->dropout,
                                   .seed = config->seed,
                                   .first_stream = config->first_stream,
                                   .n_streams = config->n_streams};
    dsc_status status = dsc_kernels_choose(&out->kernels, DSC_FLOAT32, err);
    if (status == DSC_OK) {
        status = dsc_embedding_init(&out->summed, config->summed,
                                    &(dsc_embedding_config){.n_rows = config->rows.n_cols,
                                                            .width = config->width,
                                                            .max_batch = config->rows.n_cols,
                                                            .l2 = config->l2,
                                                            .optimizer = config->optimizer},
                                    err);
    }
    if (status != DSC_OK) {
        return status;
    }
    out->slot = dsc_alloc(n_rows, sizeof *out->slot);
    out->row = dsc_alloc(max_touched, sizeof *out->row);
    out->side = dsc_alloc(max_touched * config->width, sizeof *out->side);
    out->d_scaled = dsc_alloc(config->width, sizeof *out->d_scaled);
    out->kept = dsc_alloc(longest_row(config->rows), sizeof *out->kept);
    if (out->slot == NULL || out->row == NULL || out->side == NULL || out->d_scaled == NULL ||
        out->kept == NULL) {
        dsc_minibatch_history_clear(out);
        return dsc_fail_memory(err, "histories in training");
    }
    for (size_t r = 0; r < n_rows; r++) {
        out->slot[r] = DSC_NO_INDEX;
    }
    return DSC_OK;
}

void dsc_minibatch_history_clear(dsc_minibatch_history *history) {
    dsc_embedding_clear(&history->summed);
    dsc_free(history->slot);
    dsc_free(history->row);
    dsc_free(history->side);
    dsc_free(history->d_scaled);
    dsc_free(history->kept);
    *history = (dsc_minibatch_history){0};
}

/* The entries of a row that this step keeps, always the same ones. */
static const uint32_t *kept_of(dsc_minibatch_history *h, uint32_t row, size_t *n_kept) {
    const uint64_t begin = h->rows.start[row], n = h->rows.start[row + 1] - begin;
    const uint32_t *column = h->rows.column + begin;
    *n_kept = (size_t)n;
    if (h->dropout == 0) {
        return column;
    }
    dsc_random random = dsc_random_stream(h->seed, PURPOSE_HISTORY_DROPOUT,
                                          h->step * h->n_streams + h->first_stream + row);
    *n_kept = 0;
    for (uint64_t e = 0; e < n; e++) {
        if ((double)dsc_random_u32(&random) >= h->dropout * 0x1p32) {
            h->kept[(*n_kept)++] = column[e];
        }
    }
    return h->kept;
}

/* What a row's sum is multiplied by: with it the mean over all draws is the whole history. (170) */
static double scale_of(const dsc_minibatch_history *h, uint32_t row) {
    const uint64_t n = h->rows.start[row + 1] - h->rows.start[row];
    return n > 0 ? 1 / ((1 - h->dropout) * sqrt((double)n)) : 0;
}

const float *dsc_minibatch_history_side(dsc_minibatch_history *h, uint32_t row) {
    const size_t k = h->summed.width;
    if (h->slot[row] == DSC_NO_INDEX) {
        size_t n_kept;
        const uint32_t *kept = kept_of(h, row, &n_kept);
        h->slot[row] = (uint32_t)h->n_touched;
        h->row[h->n_touched] = row;
        float *side = h->side + h->n_touched++ * k;
        memset(side, 0, k * sizeof *side);
        h->kernels->sum_rows(side, &(dsc_picked_rows){h->summed.values, k, kept, n_kept});
        h->kernels->scale(side, scale_of(h, row), k);
        h->kernels->sum_rows(side, &(dsc_picked_rows){h->own, k, &row, 1});
    }
    return h->side + h->slot[row] * k;
}

void dsc_minibatch_history_scatter(dsc_minibatch_history *h, uint32_t row, const float *d_side,
                                   float n_uses) {
    const size_t k = h->summed.width;
    const float weight = n_uses / (float)(h->rows.start[row + 1] - h->rows.start[row]);
    size_t n_kept;
    const uint32_t *kept = kept_of(h, row, &n_kept);
    memcpy(h->d_scaled, d_side, k * sizeof *d_side);
    h->kernels->scale(h->d_scaled, scale_of(h, row), k);
    for (size_t j = 0; j < n_kept; j++) {
        dsc_embedding_add_weighted(&h->summed, kept[j], h->d_scaled, weight);
    }
}

void dsc_minibatch_history_step(dsc_minibatch_history *h, size_t n) {
    dsc_embedding_step(&h->summed, n);
    dsc_minibatch_history_reset(h);
    h->step++;
}

void dsc_minibatch_history_reset(dsc_minibatch_history *h) {
    dsc_embedding_reset(&h->summed);
    for (size_t t = 0; t < h->n_touched; t++) {
        h->slot[h->row[t]] = DSC_NO_INDEX;
    }
    h->n_touched = 0;
}
