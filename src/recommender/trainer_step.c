/* The tiles of a minibatch, added up in turns, and its update. docs/math.md (18) to (23), (170) to (173) */
#include "recommender/trainer_step.h"

#include <math.h>

#include "base/error.h"

enum { RANGE = 1 << 14 }; /* parameters of the network that are added and updated together */

/* The thresholds' gradient, of the mean over the n samples. (144) */
static void add_thresholds(dsc_trainer *trainer, size_t n) {
    const dsc_ordinal *ordinal = &trainer->model->ordinal;
    double d_steps[DSC_MAX_VALUES];
    float gradient[DSC_MAX_VALUES];
    dsc_ordinal_d_steps(ordinal, &trainer->sums, d_steps);
    for (size_t j = 0; j < dsc_ordinal_n_steps(ordinal); j++) {
        gradient[j] = (float)(d_steps[j] / (double)n);
    }
    dsc_embedding_add(&trainer->tables[THRESHOLDS], 0, gradient);
}

/* Forgets all gradients: the model is as it was. */
static void abandon(dsc_trainer *trainer) {
    for (size_t t = 0; t < N_TABLES; t++) {
        dsc_embedding_reset(&trainer->tables[t]);
    }
    dsc_minibatch_sides_reset(&trainer->sides);
}

size_t dsc_step_count_parts(const dsc_trainer *trainer) {
    return DSC_N_KINDS_OF_SIDES * trainer->n_table_parts +
           (dsc_step_n_parameters(trainer) + RANGE - 1) / RANGE;
}

/* A part of the users' or of the items' tables, or a range of the network's parameters. */
typedef struct step_part {
    bool is_range;
    size_t of, part; /* of a table */
    size_t first, n; /* parameters of a range */
} step_part;

static step_part part_of(const dsc_trainer *trainer, size_t number) {
    const size_t n_of_each = trainer->n_table_parts, n_of_tables = DSC_N_KINDS_OF_SIDES * n_of_each;
    if (number < n_of_tables) {
        return (step_part){.of = number / n_of_each, .part = number % n_of_each};
    }
    const size_t first = (number - n_of_tables) * RANGE,
                 left = dsc_step_n_parameters(trainer) - first;
    return (step_part){.is_range = true, .first = first, .n = left < RANGE ? left : RANGE};
}

/* --- adding a tile up --------------------------------------------------------------------------- */

/* Its gradients at the rows of one part of the users' or of the items' tables: (21), (22). */
static void add_rows(dsc_trainer *trainer, const dsc_tile *tile, const step_part *p) {
    const size_t k = trainer->model->config.n_factors;
    const uint32_t begin = tile->begin[p->of][p->part];
    dsc_row_addends addends = {.sample = tile->sorted[p->of] + begin,
                               .n = tile->begin[p->of][p->part + 1] - begin,
                               .row = tile->row[p->of],
                               .gradient = tile->d_x + p->of * k,
                               .stride = 2 * k};
    dsc_embedding_add_many(&trainer->tables[USER_VECTORS + p->of], p->part, &addends);
    if (trainer->model->config.use_biases) {
        addends.gradient = tile->d_output;
        addends.stride = 1;
        dsc_embedding_add_many(&trainer->tables[USER_BIASES + p->of], p->part, &addends);
    }
}

/* The same for a range of the network's parameters, of which the first tile's begin the sum. */
static void add_range(dsc_trainer *trainer, const dsc_tile *tile, const step_part *p,
                      bool is_first) {
    const dsc_row_move move = {0};
    const dsc_row_moves whole = {.to = trainer->d_parameters + p->first,
                                 .from = tile->d_parameters + p->first,
                                 .width = p->n,
                                 .moves = &move,
                                 .n = 1};
    const dsc_kernels *kernels = trainer->model->kernels;
    (is_first ? kernels->copy_rows : kernels->accumulate_rows)(&whole);
}

static void add_loss(dsc_running_step *step, const dsc_tile *tile) {
    dsc_trainer *trainer = step->trainer;
    step->sum += tile->status == DSC_OK ? tile->loss : (double)INFINITY;
    if (trainer->model->threshold_steps != NULL) {
        dsc_ordinal_sums_add(&trainer->model->ordinal, &trainer->sums, &tile->sums);
    }
}

/* A job's part: a tile. */
static void pass_tile(void *job, size_t number, size_t thread) {
    dsc_running_step *step = job;
    dsc_trainer *trainer = step->trainer;
    dsc_tile_worker *worker = &trainer->workers[thread];
    const dsc_tile *tile = &worker->tile;
    (step->samples != NULL ? dsc_step_fill_ratings : dsc_step_fill_groups)(step, number,
                                                                           &worker->tile);
    dsc_tile_pass(worker);
    for (size_t i = 0; i < trainer->n_parts; i++) {
        const step_part p = part_of(trainer, i);
        dsc_turn_wait(&trainer->turns[i], number);
        if (p.is_range) {
            add_range(trainer, tile, &p, number == 0);
        } else {
            add_rows(trainer, tile, &p);
        }
        dsc_turn_end(&trainer->turns[i], number);
    }
    dsc_turn *of_losses = &trainer->turns[trainer->n_parts];
    dsc_turn_wait(of_losses, number);
    add_loss(step, tile);
    dsc_turn_end(of_losses, number);
}

/* --- updating ----------------------------------------------------------------------------------- */

static void update_rows(const dsc_running_step *step, const step_part *p) {
    dsc_trainer *trainer = step->trainer;
    dsc_embedding_step_part(&trainer->tables[USER_VECTORS + p->of], p->part, step->n);
    if (trainer->model->config.use_biases) {
        dsc_embedding_step_part(&trainer->tables[USER_BIASES + p->of], p->part, step->n);
    }
}

static void update_range(const dsc_running_step *step, const step_part *p) {
    dsc_trainer *trainer = step->trainer;
    const dsc_recommender *model = trainer->model;
    const double l2 = model->config.l2_network / sqrt((double)model->ratings.n_entries);
    dsc_optimizer_update(trainer->optimizer, dsc_network_parameters(model->network), p->first, p->n,
                         trainer->d_parameters + p->first, l2);
}

/* A job's part. */
static void update_part(void *job, size_t number, size_t thread) {
    const dsc_running_step *step = job;
    const step_part p = part_of(step->trainer, number);
    (void)thread;
    (p.is_range ? update_range : update_rows)(step, &p);
}

/* With histories the vectors that are summed take on the gradients first. */
static void update(dsc_running_step *step, dsc_pool *pool) {
    dsc_trainer *trainer = step->trainer;
    if (dsc_minibatch_sides_has_history(&trainer->sides)) {
        dsc_minibatch_sides_step(&trainer->sides, &trainer->tables[USER_VECTORS], step->n,
                                 trainer->pool);
    }
    for (size_t t = 0; t < THRESHOLDS; t++) {
        if (dsc_trainer_learns(trainer->model, t)) {
            dsc_embedding_begin_step(&trainer->tables[t]);
        }
    }
    if (trainer->optimizer != NULL) {
        dsc_optimizer_begin_step(trainer->optimizer);
    }
    dsc_pool_run(pool, trainer->n_parts, update_part, step);
    if (trainer->model->threshold_steps != NULL) {
        add_thresholds(trainer, step->n);
        dsc_embedding_step(&trainer->tables[THRESHOLDS], step->n);
        dsc_model_set_thresholds(trainer->model);
    }
}

dsc_status dsc_step_take(dsc_running_step *step, dsc_error *err) {
    dsc_trainer *trainer = step->trainer;
    /* one tile's rows are updated sooner than a second thread comes */
    dsc_pool *pool = step->n_tiles > 1 ? trainer->pool : NULL;
    trainer->sums = (dsc_ordinal_sums){0};
    step->sum = 0;
    for (size_t i = 0; i <= trainer->n_parts; i++) {
        dsc_turn_begin(&trainer->turns[i]);
    }
    dsc_pool_run_ascending(pool, step->n_tiles, pass_tile, step);
    if (!isfinite(step->sum + trainer->sums.loss)) {
        abandon(trainer);
        return dsc_fail(err, DSC_E_NONFINITE, "training",
                        "the error became infinite or not a number; try a lower learning rate");
    }
    update(step, pool);
    return DSC_OK;
}
