/* One minibatch: tiles passed a round at a time, their gradients added up, then one step for all.
 *
 * Implements docs/math.md (18) to (23), (170) to (173). What can be done at once is a part of a job of
 * the pool: tiles first, then the parts of the tables and ranges of the network's parameters. Sums run
 * over tiles, and over the samples of a row, in ascending order; how work is cut follows from the
 * configuration alone, so that any number of threads gives the same bytes. */
#include "recommender/trainer.h"

#include <math.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "recommender/tile.h"

enum {
    ROUND = 8, /* tiles whose gradients wait to be added: with them they stay in the cache */
    MAX_KEPT = 1 << 24, /* most gradients of networks that wait, which bounds the memory */
    RANGE = 1 << 14,    /* parameters of the network that are added and updated together */
    N_TABLE_JOBS = DSC_N_KINDS_OF_SIDES * DSC_TABLE_PARTS
};

enum { USER_VECTORS, ITEM_VECTORS, USER_BIASES, ITEM_BIASES, THRESHOLDS, N_TABLES };

struct dsc_trainer {
    dsc_recommender *model;
    dsc_pool *pool;
    dsc_optimizer *optimizer; /* of the network's parameters */
    dsc_embedding tables[N_TABLES];
    dsc_minibatch_sides sides;
    size_t capacity; /* most pairs of a tile */
    size_t n_tiles;  /* of a round, at most */
    dsc_tile tiles[ROUND];
    float *of_tiles;          /* (n_tiles, capacity, 2 n_factors + 1) d_x and d_output */
    uint32_t *rows_of_tiles;  /* (n_tiles, capacity, 4) */
    float *tile_parameters;   /* (n_tiles, the network's) NULL: no network */
    float *d_parameters;      /* (the network's) sum of the running step; NULL: no network */
    dsc_tile_worker *workers; /* (threads) */
    dsc_ordinal_sums sums;    /* of the running step; ordinal loss alone */
};

/* Whether the model has the table and learns it. */
static bool is_trained(const dsc_recommender *model, size_t table) {
    const bool is_bias = table == USER_BIASES || table == ITEM_BIASES;
    return is_bias ? model->config.use_biases
                   : table != THRESHOLDS || model->threshold_steps != NULL;
}

static dsc_status create_tables(dsc_trainer *trainer, dsc_error *err) {
    dsc_recommender *model = trainer->model;
    const dsc_recommender_config *config = &model->config;
    const size_t n_pairs = config->is_implicit ? 1 + config->n_negatives : 1;
    const struct {
        float *values;
        size_t n_rows, width;
        double l2;
    } shapes[N_TABLES] = {
        [USER_VECTORS] = {model->user_vectors, model->n_users, config->n_factors,
                          config->l2_vectors},
        [ITEM_VECTORS] = {model->item_vectors, model->n_items, config->n_factors,
                          config->l2_vectors},
        [USER_BIASES] = {model->user_biases, model->n_users, 1, config->l2_biases},
        [ITEM_BIASES] = {model->item_biases, model->n_items, 1, config->l2_biases},
        [THRESHOLDS] = {model->threshold_steps, 1, dsc_ordinal_n_steps(&model->ordinal), 0},
    };
    dsc_status status = DSC_OK;
    for (size_t t = 0; status == DSC_OK && t < N_TABLES; t++) {
        if (!is_trained(model, t)) {
            continue;
        }
        status =
            dsc_embedding_init(&trainer->tables[t], shapes[t].values,
                               &(dsc_embedding_config){.n_rows = shapes[t].n_rows,
                                                       .width = shapes[t].width,
                                                       .max_batch = config->batch_size * n_pairs,
                                                       .l2 = shapes[t].l2,
                                                       .optimizer = &config->optimizer},
                               err);
    }
    return status;
}

static dsc_status create_tiles(dsc_trainer *trainer, dsc_error *err) {
    const size_t k = trainer->model->config.n_factors,
                 n_pairs = trainer->n_tiles * trainer->capacity;
    const dsc_network *network = trainer->model->network;
    const size_t n_parameters = network != NULL ? dsc_network_n_parameters(network) : 0;
    trainer->of_tiles = dsc_alloc(n_pairs, (2 * k + 1) * sizeof *trainer->of_tiles);
    trainer->rows_of_tiles = dsc_alloc(n_pairs, 4 * sizeof *trainer->rows_of_tiles);
    if (network != NULL) {
        trainer->tile_parameters =
            dsc_alloc(n_parameters, trainer->n_tiles * sizeof *trainer->tile_parameters);
        trainer->d_parameters = dsc_alloc(n_parameters, sizeof *trainer->d_parameters);
    }
    if (trainer->of_tiles == NULL || trainer->rows_of_tiles == NULL ||
        (network != NULL && (trainer->tile_parameters == NULL || trainer->d_parameters == NULL))) {
        return dsc_fail_memory(err, "a trainer");
    }
    for (size_t t = 0; t < trainer->n_tiles; t++) {
        const size_t first = t * trainer->capacity;
        dsc_tile *tile = &trainer->tiles[t];
        uint32_t *rows = trainer->rows_of_tiles + 4 * first;
        tile->d_x = trainer->of_tiles + 2 * k * first;
        tile->d_output = trainer->of_tiles + 2 * k * n_pairs + first;
        for (size_t of = 0; of < DSC_N_KINDS_OF_SIDES; of++) {
            tile->row[of] = rows + of * trainer->capacity;
            tile->sorted[of] = rows + (2 + of) * trainer->capacity;
        }
        if (network != NULL) {
            tile->d_parameters = trainer->tile_parameters + t * n_parameters;
        }
    }
    return DSC_OK;
}

/* No more threads than there are tiles at once. */
static dsc_status create_workers(dsc_trainer *trainer, dsc_error *err) {
    const size_t wanted = trainer->model->config.n_threads;
    const size_t n = wanted > 0 ? wanted : dsc_processor_count();
    dsc_status status =
        dsc_pool_create(&trainer->pool, n < trainer->n_tiles ? n : trainer->n_tiles, err);
    if (status != DSC_OK) {
        return status;
    }
    trainer->workers = dsc_alloc(dsc_pool_n_threads(trainer->pool), sizeof *trainer->workers);
    if (trainer->workers == NULL) {
        return dsc_fail_memory(err, "a trainer");
    }
    for (size_t t = 0; status == DSC_OK && t < dsc_pool_n_threads(trainer->pool); t++) {
        status = dsc_tile_worker_init(&trainer->workers[t], trainer->model, &trainer->sides,
                                      trainer->capacity, err);
    }
    return status;
}

static dsc_status create_all(dsc_trainer *trainer, dsc_sparse ratings, dsc_error *err) {
    dsc_recommender *model = trainer->model;
    dsc_status status = create_tables(trainer, err);
    if (status == DSC_OK) {
        status = dsc_minibatch_sides_init(&trainer->sides, model, ratings, err);
    }
    if (status == DSC_OK && model->network != NULL) {
        status = dsc_optimizer_create(&trainer->optimizer, &model->config.optimizer, DSC_FLOAT32,
                                      dsc_network_n_parameters(model->network), err);
    }
    if (status == DSC_OK) {
        status = create_tiles(trainer, err);
    }
    return status == DSC_OK ? create_workers(trainer, err) : status;
}

dsc_status dsc_trainer_create(dsc_trainer **out, dsc_recommender *model, dsc_sparse ratings,
                              dsc_error *err) {
    *out = NULL;
    dsc_trainer *trainer = dsc_alloc(1, sizeof *trainer);
    if (trainer == NULL) {
        return dsc_fail_memory(err, "a trainer");
    }
    const size_t group = 1 + model->config.n_negatives;
    const size_t n_parameters =
        model->network != NULL ? dsc_network_n_parameters(model->network) : 0;
    trainer->model = model;
    trainer->capacity =
        model->config.is_implicit && group > DSC_MINIBATCH_TILE ? group : DSC_MINIBATCH_TILE;
    trainer->n_tiles = ROUND;
    while (trainer->n_tiles > 1 && trainer->n_tiles * n_parameters > MAX_KEPT) {
        trainer->n_tiles--;
    }
    dsc_status status = create_all(trainer, ratings, err);
    if (status != DSC_OK) {
        dsc_trainer_destroy(trainer);
        return status;
    }
    *out = trainer;
    return DSC_OK;
}

void dsc_trainer_destroy(dsc_trainer *trainer) {
    if (trainer == NULL) {
        return;
    }
    for (size_t t = 0; t < N_TABLES; t++) {
        dsc_embedding_clear(&trainer->tables[t]);
    }
    for (size_t t = 0; trainer->workers != NULL && t < dsc_pool_n_threads(trainer->pool); t++) {
        dsc_tile_worker_clear(&trainer->workers[t]);
    }
    dsc_minibatch_sides_clear(&trainer->sides);
    dsc_optimizer_destroy(trainer->optimizer);
    dsc_free(trainer->of_tiles);
    dsc_free(trainer->rows_of_tiles);
    dsc_free(trainer->tile_parameters);
    dsc_free(trainer->d_parameters);
    dsc_free(trainer->workers);
    dsc_pool_destroy(trainer->pool);
    dsc_free(trainer);
}

dsc_pool *dsc_trainer_pool(const dsc_trainer *trainer) {
    return trainer->pool;
}

float dsc_trainer_target(const dsc_recommender *model, float rating) {
    if (model->config.loss == DSC_LOSS_ORDINAL) {
        return (float)dsc_ordinal_place(&model->ordinal, (double)rating);
    }
    const double center = model->config.use_mean ? model->statistics.mean : 0;
    return (float)(((double)rating - center) / model->statistics.spread);
}

double dsc_trainer_unit(const dsc_recommender *model) {
    return model->config.loss == DSC_LOSS_ORDINAL ? 1 : model->statistics.spread;
}

static dsc_status check_finite(double sum, dsc_error *err) {
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

/* After a failure: the model is as it was. */
static void abandon_step(dsc_trainer *trainer) {
    for (size_t t = 0; t < N_TABLES; t++) {
        dsc_embedding_reset(&trainer->tables[t]);
    }
    dsc_minibatch_sides_reset(&trainer->sides);
}

/* --- what the parts of jobs do ------------------------------------------------------------------ */

/* A minibatch on its way: of ratings, or of groups. */
typedef struct running_step {
    dsc_trainer *trainer;
    size_t n;        /* pairs, which L2 counts */
    size_t n_tiles;  /* of the running round */
    bool is_first;   /* round of the minibatch */
    bool has_update; /* the running job updates what it has added up */
} running_step;

static void pass_tile(void *job, size_t part, size_t thread) {
    dsc_trainer *trainer = ((const running_step *)job)->trainer;
    dsc_tile_pass(&trainer->tiles[part], &trainer->workers[thread]);
}

/* The gradients of the round's tiles at the rows of one part of the users' or of the items' tables:
 * (21), (22). */
static void collect_rows(const running_step *step, size_t of, size_t part) {
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

static void update_rows(const running_step *step, size_t of, size_t part) {
    dsc_trainer *trainer = step->trainer;
    dsc_embedding_step_part(&trainer->tables[USER_VECTORS + of], part, step->n);
    if (trainer->model->config.use_biases) {
        dsc_embedding_step_part(&trainer->tables[USER_BIASES + of], part, step->n);
    }
}

/* The same for parameters of the network from `first` on. */
static void collect_range(const running_step *step, size_t first, size_t n) {
    dsc_trainer *trainer = step->trainer;
    const size_t n_parameters = dsc_network_n_parameters(trainer->model->network);
    dsc_row_move moves[ROUND];
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

static void update_range(const running_step *step, size_t first, size_t n) {
    dsc_trainer *trainer = step->trainer;
    const dsc_recommender *model = trainer->model;
    const double l2 = model->config.l2_network / sqrt((double)model->ratings.n_entries);
    dsc_optimizer_update(trainer->optimizer, dsc_network_parameters(model->network), first, n,
                         trainer->d_parameters + first, l2);
}

/* Parts below N_TABLE_JOBS are of tables, the others ranges of the network. */
static void collect_part(void *job, size_t part, size_t thread) {
    const running_step *step = job;
    (void)thread;
    if (part < N_TABLE_JOBS) {
        const size_t of = part / DSC_TABLE_PARTS, of_table = part % DSC_TABLE_PARTS;
        collect_rows(step, of, of_table);
        if (step->has_update) {
            update_rows(step, of, of_table);
        }
        return;
    }
    const size_t first = (part - N_TABLE_JOBS) * RANGE;
    const size_t left = dsc_network_n_parameters(step->trainer->model->network) - first;
    collect_range(step, first, left < RANGE ? left : RANGE);
    if (step->has_update) {
        update_range(step, first, left < RANGE ? left : RANGE);
    }
}

static size_t count_parts(const dsc_trainer *trainer) {
    const dsc_network *network = trainer->model->network;
    const size_t n_parameters = network != NULL ? dsc_network_n_parameters(network) : 0;
    return N_TABLE_JOBS + (n_parameters + RANGE - 1) / RANGE;
}

/* --- a step ------------------------------------------------------------------------------------- */

/* What has to be done before the last gradients are added and everything is updated, and after. */
static void begin_update(running_step *step) {
    dsc_trainer *trainer = step->trainer;
    for (size_t t = 0; t < THRESHOLDS; t++) {
        if (is_trained(trainer->model, t)) {
            dsc_embedding_begin_step(&trainer->tables[t]);
        }
    }
    if (trainer->optimizer != NULL) {
        dsc_optimizer_begin_step(trainer->optimizer);
    }
    step->has_update = true;
}

static void end_update(const running_step *step) {
    dsc_trainer *trainer = step->trainer;
    dsc_minibatch_sides_step(&trainer->sides, step->n);
    if (trainer->model->threshold_steps != NULL) {
        add_thresholds(trainer, step->n);
        dsc_embedding_step(&trainer->tables[THRESHOLDS], step->n);
        dsc_model_set_thresholds(trainer->model);
    }
}

static bool has_history(const dsc_trainer *trainer) {
    return trainer->sides.has_history[DSC_OF_USERS] || trainer->sides.has_history[DSC_OF_ITEMS];
}

/* Adds up the round's gradients; after the last round updates everything. With histories the update
 * waits for what they take on of the gradients. */
static void finish_round(running_step *step, bool is_last) {
    dsc_trainer *trainer = step->trainer;
    const bool waits = has_history(trainer);
    /* one tile's gradients are added sooner than a second thread comes */
    dsc_pool *pool = step->n > DSC_MINIBATCH_TILE ? trainer->pool : NULL;
    if (is_last && !waits) {
        begin_update(step);
    }
    dsc_pool_run(pool, count_parts(trainer), collect_part, step);
    if (is_last && waits) {
        dsc_minibatch_sides_scatter(&trainer->sides, DSC_OF_USERS, &trainer->tables[USER_VECTORS]);
        dsc_minibatch_sides_scatter(&trainer->sides, DSC_OF_ITEMS, &trainer->tables[ITEM_VECTORS]);
        begin_update(step);
        step->n_tiles = 0;
        dsc_pool_run(pool, count_parts(trainer), collect_part, step);
    }
    if (is_last) {
        end_update(step);
    }
    step->is_first = false;
}

/* Passes the round's tiles, and adds up their losses. */
static dsc_status pass_round(running_step *step, double *sum, dsc_error *err) {
    dsc_trainer *trainer = step->trainer;
    dsc_pool_run(trainer->pool, step->n_tiles, pass_tile, step);
    for (size_t t = 0; t < step->n_tiles; t++) {
        const dsc_tile *tile = &trainer->tiles[t];
        *sum += tile->loss;
        if (trainer->model->threshold_steps != NULL) {
            dsc_ordinal_sums_add(&trainer->model->ordinal, &trainer->sums, &tile->sums);
        }
        dsc_status status = check_finite(*sum + trainer->sums.loss, err);
        if (status == DSC_OK && tile->status != DSC_OK) {
            status = check_finite((double)INFINITY, err);
        }
        if (status != DSC_OK) {
            return status;
        }
    }
    return DSC_OK;
}

/* The tile that its thread will pass after this one, which ends at `end`, as far as that can be known. */
static void look_ahead(const dsc_trainer *trainer, dsc_tile *tile,
                       const dsc_training_sample *samples, size_t end, size_t n) {
    const size_t begin = end + (dsc_pool_n_threads(trainer->pool) - 1) * DSC_TILE;
    const size_t left = begin < n ? n - begin : 0;
    tile->ahead = samples + (left > 0 ? begin : 0);
    tile->n_ahead = left < DSC_TILE ? left : DSC_TILE;
}

dsc_status dsc_trainer_step(dsc_trainer *trainer, const dsc_training_sample *samples, size_t n,
                            double *sum_of_squared_errors, dsc_error *err) {
    running_step step = {.trainer = trainer, .n = n, .is_first = true};
    double sum = 0;
    trainer->sums = (dsc_ordinal_sums){0};
    for (size_t s = 0; has_history(trainer) && s < n; s++) {
        dsc_minibatch_sides_prepare(&trainer->sides, DSC_OF_USERS, samples[s].user);
        dsc_minibatch_sides_prepare(&trainer->sides, DSC_OF_ITEMS, samples[s].item);
    }
    for (size_t begin = 0; begin < n;) {
        for (step.n_tiles = 0; step.n_tiles < trainer->n_tiles && begin < n; step.n_tiles++) {
            dsc_tile *tile = &trainer->tiles[step.n_tiles];
            tile->sample = samples + begin;
            tile->n = n - begin < DSC_MINIBATCH_TILE ? n - begin : DSC_MINIBATCH_TILE;
            tile->n_batch = n;
            begin += tile->n;
            look_ahead(trainer, tile, samples, begin, n);
        }
        dsc_status status = pass_round(&step, &sum, err);
        if (status != DSC_OK) {
            abandon_step(trainer);
            return status;
        }
        finish_round(&step, begin == n);
    }
    *sum_of_squared_errors = sum;
    return DSC_OK;
}

/* --- interactions ------------------------------------------------------------------------------- */

/* One group of vectors alone: no copies of them. L2 counts pairs (23), as with a network. */
static double pass_vectors(dsc_trainer *trainer, uint32_t user, const uint32_t *item, size_t n,
                           size_t n_groups) {
    const dsc_recommender *model = trainer->model;
    const size_t k = model->config.n_factors;
    const float *vector = model->user_vectors + user * k;
    const dsc_picked_rows items = {model->item_vectors, k, item, n};
    const dsc_tile *scratch = &trainer->tiles[0];
    float *d_output = scratch->d_output, *d_user = scratch->d_x, *d_item = scratch->d_x + k;
    float d_bias = 0;
    model->kernels->dot_rows(d_output, vector, &items);
    const double loss =
        dsc_tile_group_loss(&trainer->workers[0], user, item, n, d_output, n_groups);
    memset(d_user, 0, k * sizeof *d_user);
    model->kernels->sum_scaled_rows(d_user, d_output, &items);
    dsc_embedding_add_weighted(&trainer->tables[USER_VECTORS], user, d_user, (float)n);
    for (size_t p = 0; p < n; p++) {
        for (size_t f = 0; f < k; f++) {
            d_item[f] = d_output[p] * vector[f];
        }
        dsc_embedding_add(&trainer->tables[ITEM_VECTORS], item[p], d_item);
        d_bias += d_output[p];
    }
    for (size_t p = 0; model->config.use_biases && p < n; p++) {
        dsc_embedding_add(&trainer->tables[ITEM_BIASES], item[p], &d_output[p]);
    }
    if (model->config.use_biases) {
        dsc_embedding_add_weighted(&trainer->tables[USER_BIASES], user, &d_bias, (float)n);
    }
    return loss;
}

static dsc_status step_vectors(running_step *step, const dsc_training_groups *groups, double *sum,
                               dsc_error *err) {
    const uint32_t *item = groups->item;
    for (size_t g = 0; g < groups->n_groups; item += groups->length[g], g++) {
        *sum +=
            pass_vectors(step->trainer, groups->user[g], item, groups->length[g], groups->n_groups);
        dsc_status status = check_finite(*sum, err);
        if (status != DSC_OK) {
            return status;
        }
    }
    finish_round(step, true);
    return DSC_OK;
}

/* A tile of groups from `first` on, whose items begin at `item`: as many as fit. */
static void fill_tile(dsc_tile *tile, size_t capacity, const dsc_training_groups *groups,
                      size_t first, const uint32_t *item) {
    tile->n = tile->n_groups = tile->n_ahead = 0;
    tile->sample = NULL;
    tile->group_user = groups->user + first;
    tile->group_length = groups->length + first;
    tile->group_item = item;
    tile->n_batch = groups->n_groups;
    for (size_t g = first; g < groups->n_groups && tile->n + groups->length[g] <= capacity; g++) {
        tile->n += groups->length[g];
        tile->n_groups++;
    }
}

static dsc_status step_network(running_step *step, const dsc_training_groups *groups, double *sum,
                               dsc_error *err) {
    dsc_trainer *trainer = step->trainer;
    const uint32_t *item = groups->item;
    dsc_status status = DSC_OK;
    for (size_t g = 0; status == DSC_OK && g < groups->n_groups;) {
        for (step->n_tiles = 0; step->n_tiles < trainer->n_tiles && g < groups->n_groups;
             step->n_tiles++) {
            dsc_tile *tile = &trainer->tiles[step->n_tiles];
            fill_tile(tile, trainer->capacity, groups, g, item);
            g += tile->n_groups;
            item += tile->n;
        }
        status = pass_round(step, sum, err);
        if (status == DSC_OK) {
            finish_round(step, g == groups->n_groups);
        }
    }
    return status;
}

dsc_status dsc_trainer_step_groups(dsc_trainer *trainer, const dsc_training_groups *groups,
                                   double *sum_loss, dsc_error *err) {
    running_step step = {.trainer = trainer, .n = groups->n_pairs, .is_first = true};
    double sum = 0;
    trainer->sums = (dsc_ordinal_sums){0};
    dsc_status status = trainer->model->network != NULL ? step_network(&step, groups, &sum, err)
                                                        : step_vectors(&step, groups, &sum, err);
    if (status != DSC_OK) {
        abandon_step(trainer);
        return status;
    }
    *sum_loss = sum;
    return DSC_OK;
}

void dsc_trainer_refresh(dsc_trainer *trainer) {
    dsc_minibatch_sides_refresh(&trainer->sides);
}
