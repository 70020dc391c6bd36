/* The training ratings as a pass over full batches wants them: cut into parts of users, in both orders, with
 * the places of their times and what they weigh in histories. docs/math.md (130), (211).
 *
 * How they are cut follows from the ratings alone, never from the number of threads. */
#include "base/error.h"
#include "base/memory.h"
#include "recommender/full_batch_state.h"

/* How the ratings are cut: each part of users for itself, blocks of them to be shared out. */
static dsc_status cut_users(dsc_full_batch *b, dsc_sparse ratings, dsc_error *err) {
    dsc_full_batch_pass *p = &b->pass;
    dsc_status status = dsc_row_parts_init(&p->user_rows, ratings, err);
    const dsc_row_parts *parts = &p->user_rows;
    p->by_user = ratings;
    p->by_user.time = NULL;
    p->n_blocks = parts->n < DSC_FULL_BATCH_BLOCKS ? parts->n : DSC_FULL_BATCH_BLOCKS;
    for (size_t i = 0; i < parts->n; i++) {
        const uint64_t n = ratings.start[parts->start[i + 1]] - ratings.start[parts->start[i]];
        p->longest_part = n > p->longest_part ? (size_t)n : p->longest_part;
    }
    return status;
}

/* A job's part: the ratings of each item by the users of a block, into the counters of the next one. */
static void count_block(void *job, size_t block, size_t thread) {
    const dsc_full_batch_pass *p = job;
    const dsc_row_range parts = dsc_full_batch_block(p, block);
    const uint64_t *start = p->by_user.start;
    const uint64_t end = start[p->user_rows.start[parts.end]];
    uint32_t *count = p->first + (block + 1) * p->by_item.n_rows;
    (void)thread;
    for (uint64_t e = start[p->user_rows.start[parts.begin]]; e < end; e++) {
        count[p->by_user.column[e]]++;
    }
}

/* Where blocks of users find the places of their ratings. (211) */
static void place_blocks(dsc_full_batch_pass *p) {
    const size_t n_items = p->by_item.n_rows;
    dsc_pool_run(p->pool, p->n_blocks - 1, count_block, p);
    dsc_full_batch_begin_items(p, (dsc_row_range){0, n_items});
    for (size_t i = n_items; i < p->n_blocks * n_items; i++) {
        p->first[i] += p->first[i - n_items];
    }
}

/* The order of the ratings by item, and what brings slopes into it. */
static dsc_status sort_by_item(dsc_full_batch *b, dsc_sparse ratings, dsc_error *err) {
    dsc_full_batch_pass *p = &b->pass;
    dsc_status status = dsc_sparse_transpose(&b->by_item, dsc_sparse_places(ratings), p->pool, err);
    if (status != DSC_OK) {
        return status;
    }
    p->by_item = dsc_sparse_view(&b->by_item);
    p->first = dsc_alloc(ratings.n_cols, p->n_blocks * sizeof *p->first);
    if (p->first == NULL) {
        return dsc_fail_memory(err, "the ratings by item");
    }
    place_blocks(p);
    return dsc_row_parts_init(&p->item_rows, p->by_item, err);
}

/* Where the biases of each rating's time stand. */
static dsc_status place_times(dsc_full_batch *b, dsc_error *err) {
    const dsc_recommender *m = b->model;
    dsc_full_batch_pass *p = &b->pass;
    const dsc_sparse all = dsc_sparse_view(&m->ratings), used = p->by_user;
    if (!dsc_uses_time(&m->config)) {
        return DSC_OK;
    }
    if (m->item_time_biases != NULL) {
        p->bin_of = b->bin_of = dsc_alloc(used.n_entries, sizeof *b->bin_of);
    }
    if (m->session_biases != NULL) {
        p->session_of = b->session_of = dsc_alloc(used.n_entries, sizeof *b->session_of);
    }
    if ((m->item_time_biases != NULL && b->bin_of == NULL) ||
        (m->session_biases != NULL && b->session_of == NULL)) {
        return dsc_fail_memory(err, "the times of ratings");
    }
    for (uint32_t u = 0; u < used.n_rows; u++) {
        for (uint64_t e = used.start[u]; e < used.start[u + 1]; e++) {
            const uint32_t item = used.column[e];
            const int64_t time = all.time[dsc_sparse_find(all, u, item)];
            if (b->bin_of != NULL) {
                b->bin_of[e] = (uint32_t)(item * m->clock.n_bins + dsc_clock_bin(&m->clock, time));
            }
            if (b->session_of != NULL) {
                b->session_of[e] = dsc_clock_session(&m->clock, u, time);
            }
        }
    }
    return DSC_OK;
}

/* What ratings weigh in histories, in both orders. (130) Those by user are the model's where it trains on
 * all its ratings. */
static dsc_status fill_weights(dsc_full_batch *b, dsc_sparse ratings, dsc_error *err) {
    dsc_recommender *m = b->model;
    dsc_full_batch_pass *p = &b->pass;
    const size_t n = ratings.n_entries, bytes = (size_t)p->kernels->precision;
    const bool are_all = ratings.value == m->ratings.value && bytes == sizeof *m->weights;
    if (m->weights == NULL) {
        return DSC_OK;
    }
    b->user_weights = are_all ? NULL : dsc_alloc(n, bytes);
    b->item_weights = dsc_alloc(n, bytes);
    if ((!are_all && b->user_weights == NULL) || b->item_weights == NULL) {
        return dsc_fail_memory(err, "full-batch training");
    }
    void *by_user = are_all ? m->weights : b->user_weights;
    for (size_t e = 0; e < n; e++) {
        const float weight = dsc_model_weight(m, ratings.value[e]);
        dsc_full_batch_set(b, by_user, e, weight);
        dsc_full_batch_set(b, b->item_weights, p->first[ratings.column[e]]++, weight);
    }
    dsc_full_batch_begin_items(p, (dsc_row_range){0, ratings.n_cols});
    p->user_weights = by_user;
    p->item_weights = b->item_weights;
    return DSC_OK;
}

dsc_status dsc_full_batch_arrange(dsc_full_batch *b, dsc_sparse ratings, dsc_error *err) {
    dsc_status status = cut_users(b, ratings, err);
    if (status == DSC_OK) {
        status = sort_by_item(b, ratings, err);
    }
    if (status == DSC_OK) {
        status = place_times(b, err);
    }
    if (status == DSC_OK) {
        status = fill_weights(b, ratings, err);
    }
    return status;
}
