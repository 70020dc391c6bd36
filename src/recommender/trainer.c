/* The trainer's memory, and minibatches of ratings, cut into tiles. */
#include "recommender/trainer.h"

#include "base/error.h"
#include "base/memory.h"
#include "descent/random.h"
#include "recommender/trainer_step.h"

/* The gradients of a network that threads hold for their tiles are at most so many numbers. */
enum { MAX_KEPT = 1 << 24 };

/* More threads would wait for their turns. */
enum { MOST_THREADS = 64 };

/* So many threads find work between the steps, in what is held out and in histories, however small minibatches are. */
enum { LEAST_THREADS = 8 };

/* Tiles of groups without a network: so many at least of a whole minibatch, and the most pairs of each. With
 * vectors of 64 their gradients are half of a usual second-level cache. */
enum { LEAST_OF_VECTORS = 8, LARGEST_OF_VECTORS = 1024 };

/* Streams of dsc_random_stream, for vectors as bfloat16; see model_values.c for the others. */
enum { PURPOSE_USER_LOTS = 70, PURPOSE_ITEM_LOTS = 71 };

/* The most pairs of a tile: whole groups. Without a network there are no layers that ask for a cache, and
 * turns are the fewer the more pairs it has; yet a minibatch should give work to threads. */
static size_t capacity_of(const dsc_recommender_config *config) {
    const size_t group = 1 + config->n_negatives;
    if (!config->is_implicit) {
        return DSC_MINIBATCH_TILE;
    }
    size_t capacity = DSC_MINIBATCH_TILE;
    if (!config->use_network) {
        const size_t share = config->batch_size * group / LEAST_OF_VECTORS;
        capacity = share < DSC_MINIBATCH_TILE   ? DSC_MINIBATCH_TILE
                   : share < LARGEST_OF_VECTORS ? share
                                                : LARGEST_OF_VECTORS;
    }
    return capacity > group ? capacity : group;
}

/* The tiles of a minibatch. */
static size_t n_tiles_of(const dsc_trainer *trainer, size_t n_samples) {
    const size_t group =
        trainer->model->config.is_implicit ? 1 + trainer->model->config.n_negatives : 1;
    const size_t in_tile = trainer->capacity / group;
    return (n_samples + in_tile - 1) / in_tile;
}

/* As many as are asked for, but for what a minibatch has no tiles and an epoch's end no work, or for whose tiles
 * there is no memory. */
static size_t n_threads_of(const dsc_trainer *trainer) {
    const size_t n_all = n_tiles_of(trainer, trainer->model->config.batch_size),
                 most = n_all > LEAST_THREADS ? n_all : LEAST_THREADS;
    const size_t wanted = trainer->model->config.n_threads;
    size_t n = wanted > 0 ? wanted : dsc_processor_count();
    n = n < most ? n : most;
    n = n < MOST_THREADS ? n : MOST_THREADS;
    while (n > 1 && n * dsc_step_n_parameters(trainer) > MAX_KEPT) {
        n--;
    }
    return n;
}

/* Bytes do not depend on what follows from the number of threads, but for histories, whose sums run over a
 * table's parts. */
static dsc_status create_pool(dsc_trainer *trainer, dsc_error *err) {
    const size_t n_threads = n_threads_of(trainer);
    const bool is_whole = n_threads == 1 && !dsc_minibatch_sides_has_history(&trainer->sides);
    trainer->n_table_parts = is_whole ? 1 : DSC_TABLE_PARTS;
    return dsc_pool_create(&trainer->pool, n_threads, err);
}

static dsc_status create_tables(dsc_trainer *trainer, dsc_error *err) {
    dsc_recommender *model = trainer->model;
    const dsc_recommender_config *config = &model->config;
    const size_t n_pairs = config->is_implicit ? 1 + config->n_negatives : 1;
    const struct {
        void *values;
        size_t n_rows, width;
        double l2;
        bool is_bf16;
        uint32_t purpose; /* of such a table */
    } shapes[N_TABLES] = {
        [USER_VECTORS] = {dsc_minibatch_sides_vectors(&trainer->sides, DSC_OF_USERS),
                          model->n_users, config->n_factors, config->l2_vectors, config->use_bf16,
                          PURPOSE_USER_LOTS},
        [ITEM_VECTORS] = {dsc_minibatch_sides_vectors(&trainer->sides, DSC_OF_ITEMS),
                          model->n_items, config->n_factors, config->l2_vectors, config->use_bf16,
                          PURPOSE_ITEM_LOTS},
        [USER_BIASES] = {model->user_biases, model->n_users, 1, config->l2_biases},
        [ITEM_BIASES] = {model->item_biases, model->n_items, 1, config->l2_biases},
        [THRESHOLDS] = {model->threshold_steps, 1, dsc_ordinal_n_steps(&model->ordinal), 0},
    };
    dsc_status status = DSC_OK;
    for (size_t t = 0; status == DSC_OK && t < N_TABLES; t++) {
        if (!dsc_trainer_learns(model, t)) {
            continue;
        }
        status = dsc_embedding_init(
            &trainer->tables[t], shapes[t].values,
            &(dsc_embedding_config){.n_rows = shapes[t].n_rows,
                                    .width = shapes[t].width,
                                    .max_batch = config->batch_size * n_pairs,
                                    .n_parts = t == THRESHOLDS ? 1 : trainer->n_table_parts,
                                    .l2 = shapes[t].l2,
                                    .optimizer = &config->optimizer,
                                    .is_bf16 = shapes[t].is_bf16,
                                    .lots = dsc_random_stream(config->seed, shapes[t].purpose, 0)},
            err);
    }
    return status;
}

static dsc_status create_workers(dsc_trainer *trainer, dsc_error *err) {
    const size_t n_threads = dsc_pool_n_threads(trainer->pool);
    dsc_status status = DSC_OK;
    trainer->workers = dsc_alloc(n_threads, sizeof *trainer->workers);
    if (trainer->workers == NULL) {
        return dsc_fail_memory(err, "a trainer");
    }
    for (size_t t = 0; status == DSC_OK && t < n_threads; t++) {
        status = dsc_tile_worker_init(&trainer->workers[t], trainer->model, &trainer->sides,
                                      trainer->capacity, trainer->n_table_parts, err);
    }
    return status;
}

/* What a step adds up, and the turns in which it does. */
static dsc_status create_sums(dsc_trainer *trainer, dsc_error *err) {
    const dsc_recommender *model = trainer->model;
    const size_t n_parameters = dsc_step_n_parameters(trainer);
    trainer->n_parts = dsc_step_count_parts(trainer);
    trainer->turns = dsc_alloc(trainer->n_parts + 1, sizeof *trainer->turns);
    if (model->network != NULL) {
        trainer->d_parameters = dsc_alloc(n_parameters, sizeof *trainer->d_parameters);
    }
    if (model->config.is_implicit) {
        trainer->begins =
            dsc_alloc(n_tiles_of(trainer, model->config.batch_size) + 1, sizeof *trainer->begins);
    }
    const bool has_all = trainer->turns != NULL &&
                         (model->network == NULL || trainer->d_parameters != NULL) &&
                         (!model->config.is_implicit || trainer->begins != NULL);
    return has_all ? DSC_OK : dsc_fail_memory(err, "a trainer");
}

static dsc_status create_all(dsc_trainer *trainer, dsc_sparse ratings, dsc_error *err) {
    dsc_recommender *model = trainer->model;
    dsc_status status = dsc_minibatch_sides_init(&trainer->sides, model, ratings, err);
    if (status == DSC_OK) {
        status = create_pool(trainer, err);
    }
    if (status == DSC_OK) {
        status = create_tables(trainer, err);
    }
    if (status == DSC_OK && model->network != NULL) {
        status = dsc_optimizer_create(&trainer->optimizer, &model->config.optimizer, DSC_FLOAT32,
                                      dsc_network_n_parameters(model->network), err);
    }
    if (status == DSC_OK) {
        status = create_sums(trainer, err);
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
    trainer->model = model;
    trainer->capacity = capacity_of(&model->config);
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
    dsc_free(trainer->workers);
    dsc_free(trainer->turns);
    dsc_free(trainer->d_parameters);
    dsc_free(trainer->begins);
    dsc_pool_destroy(trainer->pool);
    dsc_free(trainer);
}

dsc_pool *dsc_trainer_pool(const dsc_trainer *trainer) {
    return trainer->pool;
}

void dsc_trainer_targets(const dsc_recommender *model, const float *rating, size_t n,
                         float *target) {
    const bool is_ordinal = model->config.loss == DSC_LOSS_ORDINAL;
    const double center = model->config.use_mean ? model->statistics.mean : 0;
    const double spread = model->statistics.spread;
    for (size_t e = 0; e < n && is_ordinal; e++) {
        target[e] = (float)dsc_ordinal_place(&model->ordinal, (double)rating[e]);
    }
    for (size_t e = 0; e < n && !is_ordinal; e++) {
        target[e] = (float)(((double)rating[e] - center) / spread);
    }
}

float dsc_trainer_target(const dsc_recommender *model, float rating) {
    float target;
    dsc_trainer_targets(model, &rating, 1, &target);
    return target;
}

double dsc_trainer_unit(const dsc_recommender *model) {
    return model->config.loss == DSC_LOSS_ORDINAL ? 1 : model->statistics.spread;
}

/* The first sample of a tile of the running minibatch or, behind its last, of the next one. */
static size_t first_of(const dsc_running_step *step, size_t number) {
    return number < step->n_tiles ? number * DSC_MINIBATCH_TILE
                                  : step->n + (number - step->n_tiles) * DSC_MINIBATCH_TILE;
}

/* Threads take tiles one after the other: as far as that can be known, each thread's next one is as many
 * further on as tiles are passed at once. */
void dsc_step_fill_ratings(const dsc_running_step *step, size_t number, dsc_tile *tile) {
    const size_t n_threads = dsc_pool_n_threads(step->trainer->pool),
                 n_at_once = n_threads < step->n_tiles ? n_threads : step->n_tiles,
                 first = number * DSC_MINIBATCH_TILE, left = step->n - first,
                 ahead = first_of(step, number + n_at_once), n_all = step->n + step->n_after;
    tile->sample = step->samples + first;
    tile->n = left < DSC_MINIBATCH_TILE ? left : DSC_MINIBATCH_TILE;
    tile->n_batch = step->n;
    tile->ahead = step->samples + (ahead < n_all ? ahead : 0);
    tile->n_ahead = ahead >= n_all ? 0 : n_all - ahead < tile->n ? n_all - ahead : tile->n;
}

dsc_status dsc_trainer_step(dsc_trainer *trainer, const dsc_training_sample *samples, size_t n,
                            size_t n_after, double *sum_of_squared_errors, dsc_error *err) {
    dsc_running_step step = {.trainer = trainer,
                             .n = n,
                             .n_tiles = n_tiles_of(trainer, n),
                             .samples = samples,
                             .n_after = n_after};
    if (dsc_minibatch_sides_has_history(&trainer->sides)) {
        for (size_t s = 0; s < n; s++) {
            dsc_minibatch_sides_touch(&trainer->sides, samples[s].user, samples[s].item);
        }
        dsc_minibatch_sides_prepare(&trainer->sides, trainer->pool);
    }
    const dsc_status status = dsc_step_take(&step, err);
    if (status == DSC_OK) {
        *sum_of_squared_errors = step.sum;
    }
    return status;
}

void dsc_trainer_hand_over(const dsc_trainer *trainer) {
    dsc_minibatch_sides_hand_over(&trainer->sides);
}

void dsc_trainer_refresh(dsc_trainer *trainer) {
    dsc_minibatch_sides_refresh(&trainer->sides, trainer->pool);
}
