/* Stochastic gradient descent by blocks that share no rows: docs/math.md (180) to (189).
 *
 * Users and items are put into a random order and cut into as many bins with about as many ratings;
 * vectors lie in that order, so that a block's are neighbours. */
#include "recommender/factorisation.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/pool.h"
#include "descent/random.h"
#include "recommender/holdout.h"

/* Streams of dsc_random_stream; see model_values.c for the others. */
enum {
    PURPOSE_ORDER = 60, /* index 0: of users, 1: of items */
    PURPOSE_USER_START = 61,
    PURPOSE_ITEM_START = 62,
    PURPOSE_BLOCK = 63,
    PURPOSE_ROUNDS = 64
};

/* Users or items whose rows one part of a job fills. */
enum { PART = 1024 };

/* A block should have so many ratings, and a side not more bins: enough for all threads, few enough
 * that a round outlasts its beginning, and that an epoch brings the users' rows into a cache few times. */
enum { RATINGS_OF_BLOCK = 1024, MOST_BINS = 16 };

/* Vectors start between plus and minus this: a deviation of 0.025. Where the product says nothing yet
 * the biases learn first, and less is left of chance in the end. docs/math.md (187) */
static const float start_range = 0.0433F;

/* The accumulators' first values, as if a gradient of 1 had been: the first steps are of the rate. */
static const float first_square = 1;

/* Users or items. */
typedef struct side {
    size_t n, k;
    uint32_t purpose; /* of the stream of each start */
    uint32_t *row;    /* (n) of each */
    uint32_t *owner;  /* (n) of each row */
    uint16_t *bin;    /* (n) of each row */
    float *vectors;   /* (n, width) by row */
    float *states;    /* (n, DSC_FACTOR_STATE) by row */
    float *table;     /* (n, k) of the model */
    float *biases;    /* (n) of the model */
} side;

struct dsc_factorisation {
    dsc_recommender *model;
    dsc_pool *pool;
    side sides[2];
    size_t n_bins, width;
    dsc_training_sample *samples; /* by blocks */
    uint64_t *start;              /* (n_bins^2 + 1) of each block */
    uint32_t *bins;               /* (n_bins + 1) first row of users of each */
    double *sums;                 /* (n_bins) of a round's blocks */
    uint32_t rounds[MOST_BINS];   /* their order in the running epoch */
    size_t shift;                 /* of the running round: block (b, b + shift) */
    bool is_first_epoch;
};

static size_t bins_of(const dsc_recommender *model, size_t n) {
    size_t most = MOST_BINS;
    most = model->n_users < most ? model->n_users : most;
    most = model->n_items < most ? model->n_items : most;
    const size_t wanted = (size_t)sqrt((double)n / RATINGS_OF_BLOCK);
    return wanted < 1 ? 1 : wanted > most ? most : wanted;
}

static dsc_status allocate_side(side *self, size_t width, dsc_error *err) {
    self->row = dsc_alloc(self->n, sizeof *self->row);
    self->owner = dsc_alloc(self->n, sizeof *self->owner);
    self->bin = dsc_alloc(self->n, sizeof *self->bin);
    self->vectors = dsc_alloc(self->n, width * sizeof *self->vectors);
    self->states = dsc_alloc(self->n, DSC_FACTOR_STATE * sizeof *self->states);
    const bool has_all = self->row != NULL && self->owner != NULL && self->bin != NULL &&
                         self->vectors != NULL && self->states != NULL;
    return has_all ? DSC_OK : dsc_fail_memory(err, "the vectors in training");
}

static void shuffle(uint32_t *values, size_t n, dsc_random random) {
    for (size_t i = 0; i < n; i++) {
        values[i] = (uint32_t)i;
    }
    for (size_t i = n; i > 1; i--) {
        const size_t j = dsc_random_below(&random, (uint32_t)i);
        const uint32_t moved = values[i - 1];
        values[i - 1] = values[j];
        values[j] = moved;
    }
}

/* A job of parts of PART rows of one side. */
typedef struct side_job {
    const dsc_factorisation *self;
    side *of;
} side_job;

/* A part of the pool's job: where rows start. */
static void start_rows(void *job, size_t part, size_t thread) {
    const side_job *j = job;
    const side *of = j->of;
    (void)thread;
    for (size_t row = part * PART; row < (part + 1) * PART && row < of->n; row++) {
        dsc_random random =
            dsc_random_stream(j->self->model->config.seed, of->purpose, of->owner[row]);
        float *vector = of->vectors + row * j->self->width;
        for (size_t f = 0; f < of->k; f++) {
            vector[f] = start_range * ((float)dsc_random_u32(&random) * 0x1p-31F - 1);
        }
        for (size_t s = 0; s + 1 < DSC_FACTOR_STATE; s++) {
            of->states[row * DSC_FACTOR_STATE + s] = first_square;
        }
    }
}

static void begin_side(dsc_factorisation *self, size_t s) {
    side *of = &self->sides[s];
    shuffle(of->owner, of->n, dsc_random_stream(self->model->config.seed, PURPOSE_ORDER, s));
    for (size_t row = 0; row < of->n; row++) {
        of->row[of->owner[row]] = (uint32_t)row;
    }
    dsc_pool_run(self->pool, (of->n + PART - 1) / PART, start_rows, &(side_job){self, of});
}

/* Bins of rows with about as many of the n ratings each.
 *   count  [in]  (of->n) ratings of each user or item */
static void cut_side(side *of, const uint32_t *count, size_t n_bins, size_t n) {
    uint64_t before = 0;
    for (size_t row = 0; row < of->n; row++) {
        const uint64_t n_own = count[of->owner[row]], middle = before + n_own / 2;
        const uint64_t bin = middle * n_bins / (n > 0 ? n : 1);
        of->bin[row] = (uint16_t)(bin < n_bins ? bin : n_bins - 1);
        before += n_own;
    }
}

static dsc_status cut(dsc_factorisation *self, dsc_sparse ratings, dsc_error *err) {
    side *users = &self->sides[0], *items = &self->sides[1];
    uint32_t *count = dsc_alloc(users->n + items->n, sizeof *count);
    if (count == NULL) {
        return dsc_fail_memory(err, "the training samples");
    }
    for (size_t u = 0; u < users->n; u++) {
        count[u] = (uint32_t)(ratings.start[u + 1] - ratings.start[u]);
    }
    for (uint64_t e = 0; e < ratings.n_entries; e++) {
        count[users->n + ratings.column[e]]++;
    }
    cut_side(users, count, self->n_bins, ratings.n_entries);
    cut_side(items, count + users->n, self->n_bins, ratings.n_entries);
    dsc_free(count);
    for (size_t row = users->n; row > 0; row--) {
        self->bins[users->bin[row - 1]] = (uint32_t)(row - 1);
    }
    for (size_t b = self->n_bins; b > 0; b--) { /* a bin without users ends where it begins */
        self->bins[b - 1] = self->bins[b - 1] < self->bins[b] ? self->bins[b - 1] : self->bins[b];
    }
    return DSC_OK;
}

/* What the ratings go through, a part being a bin of users, whose blocks are its own. */
typedef struct rating_job {
    dsc_factorisation *self;
    dsc_sparse ratings;
} rating_job;

/* A part of the pool's job: counts the ratings of each block. */
static void count_ratings(void *job, size_t part, size_t thread) {
    const rating_job *j = job;
    const side *users = &j->self->sides[0], *items = &j->self->sides[1];
    const uint32_t *column = j->ratings.column, *item_row = items->row;
    const uint16_t *item_bin = items->bin;
    uint64_t count[MOST_BINS] = {0};
    (void)thread;
    for (size_t row = j->self->bins[part]; row < j->self->bins[part + 1]; row++) {
        const uint64_t *start = j->ratings.start + users->owner[row];
        for (uint64_t e = start[0]; e < start[1]; e++) {
            count[item_bin[item_row[column[e]]]]++;
        }
    }
    memcpy(j->self->start + part * j->self->n_bins + 1, count, j->self->n_bins * sizeof *count);
}

/* A part of the pool's job: brings the ratings to their blocks and shuffles these. */
static void place_ratings(void *job, size_t part, size_t thread) {
    const rating_job *j = job;
    const dsc_factorisation *self = j->self;
    const side *users = &self->sides[0], *items = &self->sides[1];
    const size_t first = part * self->n_bins;
    const uint32_t *column = j->ratings.column, *item_row = items->row;
    const uint16_t *item_bin = items->bin;
    dsc_training_sample *next[MOST_BINS]; /* the place of each block's next one */
    (void)thread;
    for (size_t b = 0; b < self->n_bins; b++) {
        next[b] = self->samples + self->start[first + b];
    }
    for (size_t row = self->bins[part]; row < self->bins[part + 1]; row++) {
        const uint64_t *start = j->ratings.start + users->owner[row];
        for (uint64_t e = start[0]; e < start[1]; e++) {
            const uint32_t item = item_row[column[e]];
            *next[item_bin[item]]++ = (dsc_training_sample){
                (uint32_t)row, item, dsc_trainer_target(self->model, j->ratings.value[e])};
        }
    }
    for (size_t b = first; b < first + self->n_bins; b++) {
        dsc_shuffle_samples(self->samples + self->start[b],
                            (size_t)(self->start[b + 1] - self->start[b]), self->model->kernels,
                            dsc_random_stream(self->model->config.seed, PURPOSE_BLOCK, b));
    }
}

static dsc_status fill(dsc_factorisation *self, dsc_sparse ratings, dsc_error *err) {
    const size_t n_blocks = self->n_bins * self->n_bins;
    dsc_status status = cut(self, ratings, err);
    if (status != DSC_OK) {
        return status;
    }
    dsc_pool_run(self->pool, self->n_bins, count_ratings, &(rating_job){self, ratings});
    for (size_t b = 0; b < n_blocks; b++) {
        self->start[b + 1] += self->start[b];
    }
    dsc_pool_run(self->pool, self->n_bins, place_ratings, &(rating_job){self, ratings});
    return DSC_OK;
}

static dsc_status allocate(dsc_factorisation *self, size_t n_ratings, dsc_error *err) {
    const size_t n_blocks = self->n_bins * self->n_bins;
    /* Not cleared: the threads that fill it meet its pages first. */
    self->samples = reallocarray(NULL, n_ratings, sizeof *self->samples);
    dsc_expect_use(self->samples, n_ratings * sizeof *self->samples);
    self->start = dsc_alloc(n_blocks + 1, sizeof *self->start);
    self->bins = dsc_alloc(self->n_bins + 1, sizeof *self->bins);
    self->sums = dsc_alloc(self->n_bins, sizeof *self->sums);
    if (self->samples == NULL || self->start == NULL || self->bins == NULL || self->sums == NULL) {
        return dsc_fail_memory(err, "the training samples");
    }
    for (size_t b = 0; b <= self->n_bins; b++) {
        self->bins[b] = (uint32_t)self->sides[0].n;
    }
    dsc_status status = DSC_OK;
    for (size_t s = 0; status == DSC_OK && s < 2; s++) {
        status = allocate_side(&self->sides[s], self->width, err);
    }
    return status == DSC_OK ? dsc_pool_create(&self->pool, self->model->config.n_threads, err)
                            : status;
}

dsc_status dsc_factorisation_create(dsc_factorisation **out, dsc_recommender *model,
                                    dsc_sparse ratings, dsc_error *err) {
    const size_t k = model->config.n_factors;
    *out = NULL;
    dsc_factorisation *self = dsc_alloc(1, sizeof *self);
    if (self == NULL) {
        return dsc_fail_memory(err, "a factorisation");
    }
    self->model = model;
    self->n_bins = bins_of(model, ratings.n_entries);
    self->width = (k + DSC_FACTOR_BLOCK - 1) / DSC_FACTOR_BLOCK * DSC_FACTOR_BLOCK;
    self->sides[0] = (side){model->n_users, k, PURPOSE_USER_START, .table = model->user_vectors,
                            .biases = model->user_biases};
    self->sides[1] = (side){model->n_items, k, PURPOSE_ITEM_START, .table = model->item_vectors,
                            .biases = model->item_biases};
    dsc_status status = allocate(self, ratings.n_entries, err);
    for (size_t s = 0; status == DSC_OK && s < 2; s++) {
        begin_side(self, s);
    }
    if (status == DSC_OK) {
        status = fill(self, ratings, err);
    }
    if (status != DSC_OK) {
        dsc_factorisation_destroy(self);
        return status;
    }
    *out = self;
    return DSC_OK;
}

void dsc_factorisation_destroy(dsc_factorisation *self) {
    if (self == NULL) {
        return;
    }
    for (size_t s = 0; s < 2; s++) {
        dsc_free(self->sides[s].row);
        dsc_free(self->sides[s].owner);
        dsc_free(self->sides[s].bin);
        dsc_free(self->sides[s].vectors);
        dsc_free(self->sides[s].states);
    }
    dsc_pool_destroy(self->pool);
    dsc_free(self->samples);
    dsc_free(self->start);
    dsc_free(self->bins);
    dsc_free(self->sums);
    dsc_free(self);
}

size_t dsc_factorisation_n_rounds(const dsc_factorisation *self) {
    return self->n_bins;
}

/* A part of the pool's job: the round's block of one bin of users. */
static void run_block(void *job, size_t part, size_t thread) {
    dsc_factorisation *self = job;
    (void)thread;
    const dsc_recommender_config *config = &self->model->config;
    const side *users = &self->sides[0], *items = &self->sides[1];
    const size_t block = part * self->n_bins + (part + self->shift) % self->n_bins;
    const uint64_t begin = self->start[block];
    self->sums[part] = self->model->kernels->factor_step(
        &(dsc_factor_pass){.ratings = self->samples + begin,
                           .n = (size_t)(self->start[block + 1] - begin),
                           .n_factors = config->n_factors,
                           .width = self->width,
                           .vectors = {users->vectors, items->vectors},
                           .states = {users->states, items->states},
                           .rate = config->optimizer.rate,
                           .l2 = config->l2_vectors,
                           .l2_biases = config->l2_biases,
                           .has_biases = config->use_biases,
                           .is_slow_only = self->is_first_epoch});
}

double dsc_factorisation_run(dsc_factorisation *self, size_t epoch, size_t round) {
    if (round == 0) {
        shuffle(self->rounds, self->n_bins,
                dsc_random_stream(self->model->config.seed, PURPOSE_ROUNDS, epoch));
    }
    self->is_first_epoch = epoch == 1;
    self->shift = self->rounds[round];
    dsc_pool_run(self->pool, self->n_bins, run_block, self);
    double sum = 0;
    for (size_t b = 0; b < self->n_bins; b++) {
        sum += self->sums[b];
    }
    return sum;
}

/* A part of the pool's job: gives the model rows. */
static void hand_over_rows(void *job, size_t part, size_t thread) {
    const side_job *j = job;
    const side *of = j->of;
    (void)thread;
    for (size_t row = part * PART; row < (part + 1) * PART && row < of->n; row++) {
        const size_t owner = of->owner[row];
        memcpy(of->table + owner * of->k, of->vectors + row * j->self->width,
               of->k * sizeof *of->table);
        of->biases[owner] = of->states[row * DSC_FACTOR_STATE + DSC_FACTOR_STATE - 1];
    }
}

void dsc_factorisation_hand_over(dsc_factorisation *self) {
    for (size_t s = 0; s < 2; s++) {
        side *of = &self->sides[s];
        dsc_pool_run(self->pool, (of->n + PART - 1) / PART, hand_over_rows, &(side_job){self, of});
    }
}

dsc_pool *dsc_factorisation_pool(const dsc_factorisation *factorisation) {
    return factorisation->pool;
}
