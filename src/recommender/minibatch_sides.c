/* Both kinds of sides of a minibatch. */
#include "recommender/minibatch_sides.h"

#include "recommender/history.h"

static dsc_status init_history(dsc_minibatch_sides *self, size_t of, dsc_sparse rows,
                               dsc_error *err) {
    const dsc_recommender *model = self->model;
    const dsc_recommender_config *config = &model->config;
    const bool is_user = of == DSC_OF_USERS;
    return dsc_minibatch_history_init(
        &self->history[of],
        &(dsc_minibatch_history_config){
            .rows = rows,
            .own = is_user ? model->user_vectors : model->item_vectors,
            .summed = is_user ? model->rated_vectors : model->rater_vectors,
            .width = config->n_factors,
            .max_batch = config->batch_size,
            .l2 = is_user ? config->l2_user_history : config->l2_item_history,
            .dropout = config->history_dropout,
            .seed = config->seed,
            .first_stream = is_user ? 0 : model->n_users,
            .n_streams = model->n_users + model->n_items,
            .optimizer = &config->optimizer},
        err);
}

dsc_status dsc_minibatch_sides_init(dsc_minibatch_sides *out, dsc_recommender *model,
                                    dsc_sparse ratings, dsc_error *err) {
    *out = (dsc_minibatch_sides){.model = model,
                                 .has_history = {[DSC_OF_USERS] = model->config.use_user_history,
                                                 [DSC_OF_ITEMS] = model->config.use_item_history}};
    dsc_status status = DSC_OK;
    if (out->has_history[DSC_OF_USERS]) {
        status = init_history(out, DSC_OF_USERS, ratings, err);
    }
    if (status == DSC_OK && out->has_history[DSC_OF_ITEMS]) {
        status = dsc_sparse_transpose(&out->by_item, ratings, err);
        if (status == DSC_OK) {
            status = init_history(out, DSC_OF_ITEMS, dsc_sparse_view(&out->by_item), err);
        }
    }
    return status;
}

void dsc_minibatch_sides_clear(dsc_minibatch_sides *sides) {
    for (size_t of = 0; of < DSC_N_KINDS_OF_SIDES; of++) {
        dsc_minibatch_history_clear(&sides->history[of]);
    }
    dsc_sparse_matrix_clear(&sides->by_item);
}

void dsc_minibatch_sides_prepare(dsc_minibatch_sides *sides, size_t of, uint32_t row) {
    if (sides->has_history[of]) {
        dsc_minibatch_history_side(&sides->history[of], row);
    }
}

const float *dsc_minibatch_sides_find(const dsc_minibatch_sides *sides, size_t of,
                                      const uint32_t *row, size_t n, dsc_row_move *moves) {
    const dsc_recommender *model = sides->model;
    const dsc_minibatch_history *history = &sides->history[of];
    const bool has_history = sides->has_history[of];
    for (size_t j = 0; j < n; j++) {
        moves[j].from = has_history ? history->slot[row[j]] : row[j];
    }
    return has_history          ? history->side
           : of == DSC_OF_USERS ? model->user_vectors
                                : model->item_vectors;
}

void dsc_minibatch_sides_scatter(dsc_minibatch_sides *sides, size_t of, const dsc_embedding *own) {
    for (size_t p = 0; sides->has_history[of] && p < DSC_TABLE_PARTS; p++) {
        const dsc_touched_rows *touched = &own->part[p];
        for (size_t t = 0; t < touched->n; t++) {
            dsc_minibatch_history_scatter(&sides->history[of], touched->row[t],
                                          touched->gradient + t * own->width, touched->weight[t]);
        }
    }
}

void dsc_minibatch_sides_step(dsc_minibatch_sides *sides, size_t n) {
    for (size_t of = 0; of < DSC_N_KINDS_OF_SIDES; of++) {
        if (sides->has_history[of]) {
            dsc_minibatch_history_step(&sides->history[of], n);
        }
    }
}

void dsc_minibatch_sides_reset(dsc_minibatch_sides *sides) {
    for (size_t of = 0; of < DSC_N_KINDS_OF_SIDES; of++) {
        dsc_minibatch_history_reset(&sides->history[of]);
    }
}

void dsc_minibatch_sides_refresh(const dsc_minibatch_sides *sides) {
    const dsc_recommender *m = sides->model;
    const size_t k = m->config.n_factors;
    if (sides->has_history[DSC_OF_USERS]) {
        const dsc_history history = {.own = m->user_vectors, .summed = m->rated_vectors};
        dsc_history_sums(m->kernels, m->user_sides, &history, k, sides->history[DSC_OF_USERS].rows);
    }
    if (sides->has_history[DSC_OF_ITEMS]) {
        const dsc_history history = {.own = m->item_vectors, .summed = m->rater_vectors};
        dsc_history_sums(m->kernels, m->item_sides, &history, k, sides->history[DSC_OF_ITEMS].rows);
    }
}
