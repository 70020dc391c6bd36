/* The training ratings as a pass over full batches wants them: cut into parts of users, in both orders, with
 * the places of their times and what they weigh in histories. docs/math.md (130), (211).
 *
 * How they are cut follows from the ratings alone, never from the number of threads. */
#include "base/error.h"
#include "base/memory.h"
#include "recommender/by_column.h"
#include "recommender/full_batch_state.h"

/* How the ratings are cut: each part of users for itself, blocks of them to be shared out. */
static dsc_status cut_users(dsc_full_batch *b, dsc_kept_ratings ratings, dsc_error *err) {
    dsc_full_batch_pass *p = &b->pass;
    dsc_status status = dsc_row_parts_init(&p->user_rows, dsc_kept_ratings_shape(&ratings), err);
    const dsc_row_parts *parts = &p->user_rows;
    p->by_user = ratings;
    for (size_t i = 0; i < parts->n; i++) {
        const uint64_t n = ratings.start[parts->start[i + 1]] - ratings.start[parts->start[i]];
        p->longest_part = n > p->longest_part ? (size_t)n : p->longest_part;
    }
    return status;
}

/* The order of the ratings by item, and what brings slopes into it. */
static dsc_status sort_by_item(dsc_full_batch *b, dsc_error *err) {
    dsc_full_batch_pass *p = &b->pass;
    dsc_row_parts blocks;
    dsc_status status = dsc_row_parts_gather(&blocks, &p->user_rows, DSC_FULL_BATCH_BLOCKS, err);
    if (status != DSC_OK) {
        return status;
    }
    p->n_blocks = blocks.n;
    p->first = dsc_alloc(p->by_user.all.n_cols, p->n_blocks * sizeof *p->first);
    status = p->first != NULL ? dsc_by_column_in_blocks(&b->by_item, p->first, &p->by_user, &blocks,
                                                        p->pool, err)
                              : dsc_fail_memory(err, "the ratings by item");
    dsc_row_parts_clear(&blocks);
    if (status != DSC_OK) {
        return status;
    }
    p->by_item = dsc_sparse_view(&b->by_item);
    return dsc_row_parts_init(&p->item_rows, p->by_item, err);
}

/* --- what belongs to ratings ------------------------------------------------------------------ */

static dsc_kept_walk walk_over_all(const dsc_full_batch_pass *p) {
    return dsc_kept_walk_over(&p->by_user, (dsc_row_range){0, p->by_user.all.n_rows});
}

/* Where the biases of each rating's time stand. */
static dsc_status place_times(dsc_full_batch *b, dsc_error *err) {
    const dsc_recommender *m = b->model;
    dsc_full_batch_pass *p = &b->pass;
    const dsc_sparse all = p->by_user.all;
    if (!dsc_uses_time(&m->config)) {
        return DSC_OK;
    }
    if (m->item_time_biases != NULL) {
        p->bin_of = b->bin_of = dsc_alloc(p->by_user.n, sizeof *b->bin_of);
    }
    if (m->session_biases != NULL) {
        p->session_of = b->session_of = dsc_alloc(p->by_user.n, sizeof *b->session_of);
    }
    if ((m->item_time_biases != NULL && b->bin_of == NULL) ||
        (m->session_biases != NULL && b->session_of == NULL)) {
        return dsc_fail_memory(err, "the times of ratings");
    }
    size_t n = 0;
    for (dsc_kept_walk w = walk_over_all(p); dsc_kept_walk_next(&w);) {
        for (uint64_t e = w.begin; e < w.end; e++, n++) {
            if (b->bin_of != NULL) {
                b->bin_of[n] = (uint32_t)(all.column[e] * m->clock.n_bins +
                                          dsc_clock_bin(&m->clock, all.time[e]));
            }
            if (b->session_of != NULL) {
                b->session_of[n] = dsc_clock_session(&m->clock, (uint32_t)w.row, all.time[e]);
            }
        }
    }
    return DSC_OK;
}

/* What ratings weigh in histories: those of all by user are the model's. (130) */
static dsc_status fill_weights(dsc_full_batch *b, dsc_error *err) {
    dsc_recommender *m = b->model;
    dsc_full_batch_pass *p = &b->pass;
    if (m->weights == NULL) {
        return DSC_OK;
    }
    b->item_weights = dsc_alloc(p->by_user.n, (size_t)p->kernels->precision);
    if (b->item_weights == NULL) {
        return dsc_fail_memory(err, "full-batch training");
    }
    dsc_model_set_weights(m);
    for (dsc_kept_walk w = walk_over_all(p); dsc_kept_walk_next(&w);) {
        for (uint64_t e = w.begin; e < w.end; e++) {
            const uint32_t item = p->by_user.all.column[e];
            dsc_full_batch_set(b, b->item_weights, p->first[item]++, m->weights[e]);
        }
    }
    dsc_by_column_rewind(p->first, p->by_item, (dsc_row_range){0, p->by_item.n_rows});
    p->item_weights = b->item_weights;
    return DSC_OK;
}

dsc_status dsc_full_batch_arrange(dsc_full_batch *b, dsc_kept_ratings ratings, dsc_error *err) {
    dsc_status status = cut_users(b, ratings, err);
    if (status == DSC_OK) {
        status = sort_by_item(b, err);
    }
    if (status == DSC_OK) {
        status = place_times(b, err);
    }
    if (status == DSC_OK) {
        status = fill_weights(b, err);
    }
    return status;
}
