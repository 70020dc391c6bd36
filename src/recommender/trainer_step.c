/* The rounds of a minibatch and its update. docs/math.md (18) to (23), (170) to (173) */
#include "recommender/trainer_step.h"

#include <math.h>

#include "base/error.h"

enum { RANGE = 1 << 14 }; /* parameters of the network that are added and updated together */

dsc_status dsc_step_check_finite(double sum, dsc_error *err) {
    return isfinite(sum)
               ? DSC_OK
               : dsc_fail(err, DSC_E_NONFINITE, "training",
                          "the error became infinite or not a number; try a lower learning rate");
}

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

void dsc_step_abandon(dsc_trainer *trainer) {
    for (size_t t = 0; t < N_TABLES; t++) {
        dsc_embedding_reset(&trainer->tables[t]);
    }
    dsc_minibatch_sides_reset(&trainer->sides);
}

/* --- what the parts of jobs do ------------------------------------------------------------------ */

static void pass_tile(void *job, size_t part, size_t thread) {
    dsc_trainer *trainer = ((const dsc_running_step *)job)->trainer;
    dsc_tile_pass(&trainer->tiles[part], &trainer->workers[thread]);
}

/* The gradients of the round's tiles at the rows of one part of the users' or of the items' tables:
 * (21), (22). */
static void collect_rows(const dsc_running_step *step, size_t of, size_t part) {
    dsc_trainer *trainer = step->trainer;
    const size_t k = trainer->model->config.n_factors;
    for (size_t t = 0; t < step->n_tiles; t++) {
        const dsc_tile *tile = &trainer->tiles[t];
        const uint32_t begin = tile->begin[of][part];
        dsc_row_addends addends = {.sample = tile->sorted[of] + begin,
                                   .n = tile->begin[of][part + 1] - begin,
                                   .row = tile->row[of],
                                   .gradient = tile->d_x + of * k,
                                   .stride = 2 * k};
        dsc_embedding_add_many(&trainer->tables[USER_VECTORS + of], part, &addends);
        if (trainer->model->config.use_biases) {
            addends.gradient = tile->d_output;
            addends.stride = 1;
            dsc_embedding_add_many(&trainer->tables[USER_BIASES + of], part, &addends);
        }
    }
}

static void update_rows(const dsc_running_step *step, size_t of, size_t part) {
    dsc_trainer *trainer = step->trainer;
    dsc_embedding_step_part(&trainer->tables[USER_VECTORS + of], part, step->n);
    if (trainer->model->config.use_biases) {
        dsc_embedding_step_part(&trainer->tables[USER_BIASES + of], part, step->n);
    }
}

/* The same for parameters of the network from `first` on. */
static void collect_range(const dsc_running_step *step, size_t first, size_t n) {
    dsc_trainer *trainer = step->trainer;
    const size_t n_parameters = dsc_network_n_parameters(trainer->model->network);
    dsc_row_move moves[DSC_LARGEST_ROUND];
    for (size_t t = 0; t < step->n_tiles; t++) {
        moves[t] = (dsc_row_move){.from = (uint32_t)t, .to = 0};
    }
    dsc_row_moves of_tiles = {.to = trainer->d_parameters + first,
                              .from = trainer->tile_parameters + first,
                              .from_stride = n_parameters,
                              .width = n,
                              .moves = moves,
                              .n = step->n_tiles};
    if (step->is_first && step->n_tiles > 0) {
        of_tiles.n = 1;
        trainer->model->kernels->copy_rows(&of_tiles);
        of_tiles.moves++;
        of_tiles.n = step->n_tiles - 1;
    }
    trainer->model->kernels->accumulate_rows(&of_tiles);
}

static void update_range(const dsc_running_step *step, size_t first, size_t n) {
    dsc_trainer *trainer = step->trainer;
    const dsc_recommender *model = trainer->model;
    const double l2 = model->config.l2_network / sqrt((double)model->ratings.n_entries);
    dsc_optimizer_update(trainer->optimizer, dsc_network_parameters(model->network), first, n,
                         trainer->d_parameters + first, l2);
}

/* The first parts are of tables, the others ranges of the network. */
static void collect_part(void *job, size_t part, size_t thread) {
    const dsc_running_step *step = job;
    const size_t n_of_each = step->trainer->n_table_parts,
                 n_of_tables = DSC_N_KINDS_OF_SIDES * n_of_each;
    (void)thread;
    if (part < n_of_tables) {
        const size_t of = part / n_of_each, of_table = part % n_of_each;
        collect_rows(step, of, of_table);
        if (step->has_update) {
            update_rows(step, of, of_table);
        }
        return;
    }
    const size_t first = (part - n_of_tables) * RANGE;
    const size_t left = dsc_network_n_parameters(step->trainer->model->network) - first;
    collect_range(step, first, left < RANGE ? left : RANGE);
    if (step->has_update) {
        update_range(step, first, left < RANGE ? left : RANGE);
    }
}

static size_t count_parts(const dsc_trainer *trainer) {
    const dsc_network *network = trainer->model->network;
    const size_t n_parameters = network != NULL ? dsc_network_n_parameters(network) : 0;
    return DSC_N_KINDS_OF_SIDES * trainer->n_table_parts + (n_parameters + RANGE - 1) / RANGE;
}

/* --- a round ------------------------------------------------------------------------------------ */

/* What has to be done before the last gradients are added and everything is updated, and after. */
static void begin_update(dsc_running_step *step) {
    dsc_trainer *trainer = step->trainer;
    for (size_t t = 0; t < THRESHOLDS; t++) {
        if (dsc_trainer_learns(trainer->model, t)) {
            dsc_embedding_begin_step(&trainer->tables[t]);
        }
    }
    if (trainer->optimizer != NULL) {
        dsc_optimizer_begin_step(trainer->optimizer);
    }
    step->has_update = true;
}

static void end_update(const dsc_running_step *step) {
    dsc_trainer *trainer = step->trainer;
    if (trainer->model->threshold_steps != NULL) {
        add_thresholds(trainer, step->n);
        dsc_embedding_step(&trainer->tables[THRESHOLDS], step->n);
        dsc_model_set_thresholds(trainer->model);
    }
}

/* With histories the update waits for what they take on of the gradients. */
void dsc_step_finish_round(dsc_running_step *step, bool is_last) {
    dsc_trainer *trainer = step->trainer;
    const bool waits = dsc_minibatch_sides_has_history(&trainer->sides);
    /* one tile's gradients are added sooner than a second thread comes */
    dsc_pool *pool = step->n > DSC_MINIBATCH_TILE ? trainer->pool : NULL;
    if (is_last && !waits) {
        begin_update(step);
    }
    dsc_pool_run(pool, count_parts(trainer), collect_part, step);
    if (is_last && waits) {
        dsc_minibatch_sides_step(&trainer->sides, &trainer->tables[USER_VECTORS], step->n,
                                 trainer->pool);
        begin_update(step);
        step->n_tiles = 0;
        dsc_pool_run(pool, count_parts(trainer), collect_part, step);
    }
    if (is_last) {
        end_update(step);
    }
    step->is_first = false;
}

dsc_status dsc_step_pass_round(dsc_running_step *step, double *sum, dsc_error *err) {
    dsc_trainer *trainer = step->trainer;
    dsc_pool_run(trainer->pool, step->n_tiles, pass_tile, step);
    for (size_t t = 0; t < step->n_tiles; t++) {
        const dsc_tile *tile = &trainer->tiles[t];
        *sum += tile->loss;
        if (trainer->model->threshold_steps != NULL) {
            dsc_ordinal_sums_add(&trainer->model->ordinal, &trainer->sums, &tile->sums);
        }
        dsc_status status = dsc_step_check_finite(*sum + trainer->sums.loss, err);
        if (status == DSC_OK && tile->status != DSC_OK) {
            status = dsc_step_check_finite((double)INFINITY, err);
        }
        if (status != DSC_OK) {
            return status;
        }
    }
    return DSC_OK;
}
