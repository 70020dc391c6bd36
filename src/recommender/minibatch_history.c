/* Histories of the rows that a minibatch touches. docs/math.md (170) to (173). */
#include "recommender/minibatch_history.h"

#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "descent/random.h"
#include "descent/ratings.h"

/* A stream of dsc_random_stream. */
enum { PURPOSE_HISTORY_DROPOUT = 37 };

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
                                                            .n_parts = DSC_TABLE_PARTS,
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
    out->n_kept = dsc_alloc(max_touched, sizeof *out->n_kept);
    out->d_scaled = dsc_alloc(config->width, DSC_TABLE_PARTS * sizeof *out->d_scaled);
    if (config->dropout > 0) {
        out->kept = dsc_alloc(config->rows.n_entries, sizeof *out->kept);
    }
    if (out->slot == NULL || out->row == NULL || out->side == NULL || out->n_kept == NULL ||
        out->d_scaled == NULL || (config->dropout > 0 && out->kept == NULL)) {
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
    dsc_free(history->n_kept);
    dsc_free(history->side);
    dsc_free(history->d_scaled);
    dsc_free(history->kept);
    *history = (dsc_minibatch_history){0};
}

/* Draws the entries of a row that this step keeps; returns how many. (173) */
static size_t draw_kept(const dsc_minibatch_history *h, uint32_t row) {
    const uint64_t begin = h->rows.start[row], n = h->rows.start[row + 1] - begin;
    const uint32_t *column = h->rows.column + begin;
    if (h->kept == NULL) {
        return (size_t)n;
    }
    uint32_t *kept = h->kept + begin;
    dsc_random random = dsc_random_stream(h->seed, PURPOSE_HISTORY_DROPOUT,
                                          h->step * h->n_streams + h->first_stream + row);
    size_t n_kept = 0;
    for (uint64_t e = 0; e < n; e++) {
        if ((double)dsc_random_u32(&random) >= h->dropout * 0x1p32) {
            kept[n_kept++] = column[e];
        }
    }
    return n_kept;
}

/* Those of a row that is filled. */
static const uint32_t *kept_of(const dsc_minibatch_history *h, uint32_t row) {
    return (h->kept != NULL ? h->kept : h->rows.column) + h->rows.start[row];
}

/* What a row's sum is multiplied by: with it the mean over all draws is the whole history. (170) */
static double scale_of(const dsc_minibatch_history *h, uint32_t row) {
    const uint64_t n = h->rows.start[row + 1] - h->rows.start[row];
    return n > 0 ? 1 / ((1 - h->dropout) * sqrt((double)n)) : 0;
}

void dsc_minibatch_history_touch(dsc_minibatch_history *h, uint32_t row) {
    if (h->slot[row] == DSC_NO_INDEX) {
        h->slot[row] = (uint32_t)h->n_touched;
        h->row[h->n_touched++] = row;
    }
}

void dsc_minibatch_history_fill(dsc_minibatch_history *h, size_t begin, size_t end) {
    const size_t k = h->summed.width;
    for (size_t t = begin; t < end; t++) {
        const uint32_t row = h->row[t];
        float *side = h->side + t * k;
        const size_t n_kept = draw_kept(h, row);
        h->n_kept[t] = (uint32_t)n_kept;
        memset(side, 0, k * sizeof *side);
        h->kernels->sum_rows(side,
                             &(dsc_picked_rows){h->summed.values, k, kept_of(h, row), n_kept});
        h->kernels->scale(side, scale_of(h, row), k);
        h->kernels->sum_rows(side, &(dsc_picked_rows){h->own, k, &row, 1});
    }
}

void dsc_minibatch_history_begin_step(dsc_minibatch_history *h) {
    dsc_embedding_begin_step(&h->summed);
}

/* Those of n columns that are of a part; returns how many. */
static size_t pick_part(uint32_t *restrict out, const uint32_t *restrict column, size_t n,
                        size_t part) {
    size_t n_picked = 0;
    for (size_t j = 0; j < n; j++) {
        out[n_picked] = column[j]; /* without a branch: which ones they are cannot be guessed */
        n_picked += dsc_table_part(column[j], DSC_TABLE_PARTS) == part;
    }
    return n_picked;
}

void dsc_minibatch_history_scatter(dsc_minibatch_history *h, size_t part, uint32_t row,
                                   const float *d_side, float n_uses) {
    const size_t k = h->summed.width, n_kept = h->n_kept[h->slot[row]];
    const uint32_t *kept = kept_of(h, row);
    float *d_scaled = h->d_scaled + part * k;
    uint32_t of_part[DSC_MOST_SHARED];
    dsc_shared_addend addend = {.row = of_part,
                                .gradient = d_scaled,
                                .weight =
                                    n_uses / (float)(h->rows.start[row + 1] - h->rows.start[row])};
    memcpy(d_scaled, d_side, k * sizeof *d_side);
    h->kernels->scale(d_scaled, scale_of(h, row), k);
    for (size_t begin = 0; begin < n_kept; begin += DSC_MOST_SHARED) {
        const size_t left = n_kept - begin;
        addend.n =
            pick_part(of_part, kept + begin, left < DSC_MOST_SHARED ? left : DSC_MOST_SHARED, part);
        dsc_embedding_add_shared(&h->summed, part, &addend);
    }
}

void dsc_minibatch_history_step_part(dsc_minibatch_history *h, size_t part, size_t n) {
    dsc_embedding_step_part(&h->summed, part, n);
}

void dsc_minibatch_history_end_step(dsc_minibatch_history *h) {
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
