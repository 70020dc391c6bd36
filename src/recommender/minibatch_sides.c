/* Both kinds of sides of a minibatch. */
#include "recommender/minibatch_sides.h"

#include "recommender/history.h"

/* Rows whose sides are summed by one thread: some hundred vectors each, far more than what it costs to
 * share them out. */
enum { ROWS_A_PART = 16 };

static size_t count_parts(size_t n_rows) {
    return (n_rows + ROWS_A_PART - 1) / ROWS_A_PART;
}

/* The rows of one part of n_rows. */
static dsc_row_range range_of(size_t part, size_t n_rows) {
    const size_t begin = part * ROWS_A_PART, left = n_rows - begin;
    return (dsc_row_range){begin, begin + (left < ROWS_A_PART ? left : ROWS_A_PART)};
}

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
    dsc_status status =
        model->config.use_bf16 ? dsc_bf16_vectors_init(&out->bf16, model, err) : DSC_OK;
    if (status == DSC_OK && out->has_history[DSC_OF_USERS]) {
        status = init_history(out, DSC_OF_USERS, ratings, err);
    }
    if (status == DSC_OK && out->has_history[DSC_OF_ITEMS]) {
        status = dsc_sparse_transpose(&out->by_item, dsc_sparse_places(ratings), NULL, err);
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
    dsc_bf16_vectors_clear(&sides->bf16);
}

bool dsc_minibatch_sides_has_history(const dsc_minibatch_sides *sides) {
    return sides->has_history[DSC_OF_USERS] || sides->has_history[DSC_OF_ITEMS];
}

void dsc_minibatch_sides_touch(dsc_minibatch_sides *sides, uint32_t user, uint32_t item) {
    const uint32_t row[] = {[DSC_OF_USERS] = user, [DSC_OF_ITEMS] = item};
    for (size_t of = 0; of < DSC_N_KINDS_OF_SIDES; of++) {
        if (sides->has_history[of]) {
            dsc_minibatch_history_touch(&sides->history[of], row[of]);
        }
    }
}

/* Parts of the users' sides, then of the items'; without a history none is touched. */
static void fill_part(void *job, size_t part, size_t thread) {
    dsc_minibatch_sides *sides = job;
    const size_t n_of_users = count_parts(sides->history[DSC_OF_USERS].n_touched);
    const size_t of = part < n_of_users ? DSC_OF_USERS : DSC_OF_ITEMS;
    dsc_minibatch_history *history = &sides->history[of];
    const dsc_row_range slots =
        range_of(of == DSC_OF_USERS ? part : part - n_of_users, history->n_touched);
    (void)thread;
    dsc_minibatch_history_fill(history, slots.begin, slots.end);
}

void dsc_minibatch_sides_prepare(dsc_minibatch_sides *sides, dsc_pool *pool) {
    const size_t n_parts = count_parts(sides->history[DSC_OF_USERS].n_touched) +
                           count_parts(sides->history[DSC_OF_ITEMS].n_touched);
    dsc_pool_run(pool, n_parts, fill_part, sides);
}

void *dsc_minibatch_sides_vectors(const dsc_minibatch_sides *sides, size_t of) {
    const dsc_recommender *model = sides->model;
    if (model->config.use_bf16) {
        return of == DSC_OF_USERS ? sides->bf16.of_users : sides->bf16.of_items;
    }
    return of == DSC_OF_USERS ? model->user_vectors : model->item_vectors;
}

const void *dsc_minibatch_sides_find(const dsc_minibatch_sides *sides, size_t of,
                                     const uint32_t *row, size_t n, dsc_row_move *moves) {
    const dsc_minibatch_history *history = &sides->history[of];
    const bool has_history = sides->has_history[of];
    for (size_t j = 0; j < n; j++) {
        moves[j].from = has_history ? history->slot[row[j]] : row[j];
    }
    return has_history ? history->side : dsc_minibatch_sides_vectors(sides, of);
}

typedef struct step {
    dsc_minibatch_sides *sides;
    const dsc_embedding *own; /* (DSC_N_KINDS_OF_SIDES) */
    size_t n;
} step;

/* Parts of the vectors that users sum, then of those that items sum. */
static void step_part(void *job, size_t part, size_t thread) {
    const step *s = job;
    const size_t of = part / DSC_TABLE_PARTS, of_summed = part % DSC_TABLE_PARTS;
    dsc_minibatch_history *history = &s->sides->history[of];
    (void)thread;
    if (!s->sides->has_history[of]) {
        return;
    }
    for (size_t p = 0; p < DSC_TABLE_PARTS; p++) {
        const dsc_touched_rows *touched = &s->own[of].part[p];
        for (size_t t = 0; t < touched->n; t++) {
            dsc_minibatch_history_scatter(history, of_summed, touched->row[t],
                                          touched->gradient + t * s->own[of].width,
                                          touched->weight[t]);
        }
    }
    dsc_minibatch_history_step_part(history, of_summed, s->n);
}

void dsc_minibatch_sides_step(dsc_minibatch_sides *sides, const dsc_embedding *own, size_t n,
                              dsc_pool *pool) {
    step s = {sides, own, n};
    for (size_t of = 0; of < DSC_N_KINDS_OF_SIDES; of++) {
        if (sides->has_history[of]) {
            dsc_minibatch_history_begin_step(&sides->history[of]);
        }
    }
    dsc_pool_run(pool, (size_t)DSC_N_KINDS_OF_SIDES * DSC_TABLE_PARTS, step_part, &s);
    for (size_t of = 0; of < DSC_N_KINDS_OF_SIDES; of++) {
        if (sides->has_history[of]) {
            dsc_minibatch_history_end_step(&sides->history[of]);
        }
    }
}

void dsc_minibatch_sides_reset(dsc_minibatch_sides *sides) {
    for (size_t of = 0; of < DSC_N_KINDS_OF_SIDES; of++) {
        dsc_minibatch_history_reset(&sides->history[of]);
    }
}

void dsc_minibatch_sides_hand_over(const dsc_minibatch_sides *sides) {
    if (sides->model->config.use_bf16) {
        dsc_bf16_vectors_hand_over(&sides->bf16, sides->model);
    }
}

/* Parts of the users' sides, then of the items'. */
static void refresh_part(void *job, size_t part, size_t thread) {
    const dsc_minibatch_sides *sides = job;
    const dsc_recommender *m = sides->model;
    const size_t n_of_users = sides->has_history[DSC_OF_USERS] ? count_parts(m->n_users) : 0;
    (void)thread;
    if (part < n_of_users) {
        const dsc_history history = {.own = m->user_vectors, .summed = m->rated_vectors};
        const dsc_row_stretch users =
            dsc_row_stretch_of(sides->history[DSC_OF_USERS].rows, range_of(part, m->n_users));
        dsc_history_sums_of(m->kernels, m->user_sides, &history, m->config.n_factors, &users);
    } else {
        const dsc_history history = {.own = m->item_vectors, .summed = m->rater_vectors};
        const dsc_row_stretch items = dsc_row_stretch_of(sides->history[DSC_OF_ITEMS].rows,
                                                         range_of(part - n_of_users, m->n_items));
        dsc_history_sums_of(m->kernels, m->item_sides, &history, m->config.n_factors, &items);
    }
}

void dsc_minibatch_sides_refresh(dsc_minibatch_sides *sides, dsc_pool *pool) {
    const dsc_recommender *m = sides->model;
    size_t n_parts = sides->has_history[DSC_OF_USERS] ? count_parts(m->n_users) : 0;
    n_parts += sides->has_history[DSC_OF_ITEMS] ? count_parts(m->n_items) : 0;
    dsc_pool_run(pool, n_parts, refresh_part, sides);
}
