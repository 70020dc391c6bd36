/* Stochastic gradient descent by blocks that share no rows: docs/math.md (180) to (189).
 *
 * Users and items are put into a random order and cut into as many bins with about as many ratings;
 * vectors lie in that order, so that a block's are neighbours. */
#include "recommender/factorisation.h"

#include <math.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/pool.h"
#include "descent/random.h"
#include "recommender/holdout.h"

/* Streams of dsc_random_stream; see model.c for the others. */
enum { PURPOSE_USERS = 60, PURPOSE_ITEMS = 61, PURPOSE_BLOCK = 62, PURPOSE_ROUNDS = 63 };

/* A block should have so many ratings, and a side not more bins: enough for all threads, few enough
 * that a round outlasts its beginning. */
enum { RATINGS_OF_BLOCK = 1024, MOST_BINS = 32 };

/* Of the deviation that the model draws its vectors with: where the product says nothing yet, the
 * biases learn first, and less is left of chance in the end. docs/math.md (187) */
static const float share_of_start = 0.25f;

/* The accumulators' first values, as if a gradient of 1 had been: the first steps are of the rate. */
static const float first_square = 1;

/* Users or items. */
typedef struct side {
    size_t n, k;
    uint32_t *row;  /* (n) of each */
    uint16_t *bin;  /* (n) of each row */
    float *vectors; /* (n, width) by row */
    float *states;  /* (n, DSC_FACTOR_STATE) by row */
    float *table;   /* (n, k) of the model */
    float *biases;  /* (n) of the model */
} side;

struct dsc_factorisation {
    dsc_recommender *model;
    dsc_pool *pool;
    side sides[2];
    size_t n_bins, width;
    dsc_training_sample *samples;
    uint64_t *start;                      /* (n_bins^2 + 1) of each block */
    double *sums;                         /* (n_bins) of a round's blocks */
    dsc_training_sample order[MOST_BINS]; /* of rounds: `user` alone counts */
    size_t shift;                         /* of the running round: block (b, b + shift) */
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
    self->bin = dsc_alloc(self->n, sizeof *self->bin);
    self->vectors = dsc_alloc(self->n, width * sizeof *self->vectors);
    self->states = dsc_alloc(self->n, DSC_FACTOR_STATE * sizeof *self->states);
    const bool has_all =
        self->row != NULL && self->bin != NULL && self->vectors != NULL && self->states != NULL;
    return has_all ? DSC_OK : dsc_fail_memory(err, "the vectors in training");
}

/* A random order of rows, by which the vectors are taken from the model. */
static void order_side(side *self, size_t width, dsc_random random) {
    for (size_t i = 0; i < self->n; i++) {
        self->row[i] = (uint32_t)i;
    }
    for (size_t i = self->n; i > 1; i--) {
        const size_t j = dsc_random_below(&random, (uint32_t)i);
        const uint32_t moved = self->row[i - 1];
        self->row[i - 1] = self->row[j];
        self->row[j] = moved;
    }
    for (size_t i = 0; i < self->n; i++) {
        float *vector = self->vectors + self->row[i] * width;
        float *state = self->states + (size_t)self->row[i] * DSC_FACTOR_STATE;
        for (size_t f = 0; f < self->k; f++) {
            vector[f] = share_of_start * self->table[i * self->k + f];
        }
        for (size_t s = 0; s + 1 < DSC_FACTOR_STATE; s++) {
            state[s] = first_square;
        }
    }
}

/* Bins of rows with about as many of the n ratings each.
 *   count  [in]  (side->n) ratings of each row */
static void cut_side(side *self, const uint32_t *count, size_t n_bins, size_t n) {
    uint64_t before = 0;
    for (size_t row = 0; row < self->n; row++) {
        const uint64_t middle = before + count[row] / 2;
        const uint64_t bin = middle * n_bins / n;
        self->bin[row] = (uint16_t)(bin < n_bins ? bin : n_bins - 1);
        before += count[row];
    }
}

static size_t block_of(const dsc_factorisation *self, const dsc_training_sample *sample) {
    return (size_t)self->sides[0].bin[sample->user] * self->n_bins +
           self->sides[1].bin[sample->item];
}

/* Numbers the ratings by rows and cuts both sides. */
static dsc_status cut(dsc_factorisation *self, size_t n, dsc_error *err) {
    side *users = &self->sides[0], *items = &self->sides[1];
    uint32_t *count = dsc_alloc(users->n + items->n, sizeof *count);
    if (count == NULL) {
        return dsc_fail_memory(err, "the training samples");
    }
    for (size_t i = 0; i < n; i++) {
        dsc_training_sample *sample = &self->samples[i];
        sample->user = users->row[sample->user];
        sample->item = items->row[sample->item];
        count[sample->user]++;
        count[users->n + sample->item]++;
    }
    cut_side(users, count, self->n_bins, n);
    cut_side(items, count + users->n, self->n_bins, n);
    dsc_free(count);
    return DSC_OK;
}

/* Brings the ratings block by block in place: each that lies elsewhere takes the next place of its
 * block, and what lay there goes on. */
static dsc_status sort_blocks(dsc_factorisation *self, size_t n, dsc_error *err) {
    const size_t n_blocks = self->n_bins * self->n_bins;
    uint64_t *next = dsc_alloc(n_blocks, sizeof *next);
    if (next == NULL) {
        return dsc_fail_memory(err, "the training samples");
    }
    for (size_t i = 0; i < n; i++) {
        self->start[block_of(self, &self->samples[i]) + 1]++;
    }
    for (size_t b = 0; b < n_blocks; b++) {
        next[b] = self->start[b];
        self->start[b + 1] += self->start[b];
    }
    for (size_t b = 0; b < n_blocks; b++) {
        while (next[b] < self->start[b + 1]) {
            dsc_training_sample moved = self->samples[next[b]];
            for (size_t to = block_of(self, &moved); to != b; to = block_of(self, &moved)) {
                const dsc_training_sample found = self->samples[next[to]];
                self->samples[next[to]++] = moved;
                moved = found;
            }
            self->samples[next[b]++] = moved;
        }
    }
    dsc_free(next);
    return DSC_OK;
}

/* A part of the pool's job: one block. */
static void shuffle_block(void *job, size_t part, size_t thread) {
    const dsc_factorisation *self = job;
    (void)thread;
    dsc_shuffle_samples(self->samples + self->start[part],
                        (size_t)(self->start[part + 1] - self->start[part]),
                        dsc_random_stream(self->model->config.seed, PURPOSE_BLOCK, part));
}

static dsc_status fill(dsc_factorisation *self, size_t n, dsc_error *err) {
    const uint64_t seed = self->model->config.seed;
    dsc_status status = DSC_OK;
    for (size_t s = 0; status == DSC_OK && s < 2; s++) {
        status = allocate_side(&self->sides[s], self->width, err);
    }
    if (status != DSC_OK) {
        return status;
    }
    order_side(&self->sides[0], self->width, dsc_random_stream(seed, PURPOSE_USERS, 0));
    order_side(&self->sides[1], self->width, dsc_random_stream(seed, PURPOSE_ITEMS, 0));
    status = cut(self, n, err);
    if (status == DSC_OK) {
        status = sort_blocks(self, n, err);
    }
    if (status == DSC_OK) {
        dsc_pool_run(self->pool, self->n_bins * self->n_bins, shuffle_block, self);
    }
    return status;
}

dsc_status dsc_factorisation_create(dsc_factorisation **out, dsc_recommender *model,
                                    dsc_training_sample *samples, size_t n, dsc_error *err) {
    const size_t k = model->config.n_factors;
    *out = NULL;
    dsc_factorisation *self = dsc_alloc(1, sizeof *self);
    if (self == NULL) {
        return dsc_fail_memory(err, "a factorisation");
    }
    self->model = model;
    self->samples = samples;
    self->n_bins = bins_of(model, n);
    self->width = (k + DSC_FACTOR_BLOCK - 1) / DSC_FACTOR_BLOCK * DSC_FACTOR_BLOCK;
    self->sides[0] =
        (side){model->n_users, k, .table = model->user_vectors, .biases = model->user_biases};
    self->sides[1] =
        (side){model->n_items, k, .table = model->item_vectors, .biases = model->item_biases};
    self->start = dsc_alloc(self->n_bins * self->n_bins + 1, sizeof *self->start);
    self->sums = dsc_alloc(self->n_bins, sizeof *self->sums);
    dsc_status status = DSC_OK;
    if (self->start == NULL || self->sums == NULL) {
        status = dsc_fail_memory(err, "a factorisation");
    }
    if (status == DSC_OK) {
        status = dsc_pool_create(&self->pool, model->config.n_threads, err);
    }
    if (status == DSC_OK) {
        status = fill(self, n, err);
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
        dsc_free(self->sides[s].bin);
        dsc_free(self->sides[s].vectors);
        dsc_free(self->sides[s].states);
    }
    dsc_pool_destroy(self->pool);
    dsc_free(self->start);
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
        for (size_t r = 0; r < self->n_bins; r++) {
            self->order[r].user = (uint32_t)r;
        }
        dsc_shuffle_samples(self->order, self->n_bins,
                            dsc_random_stream(self->model->config.seed, PURPOSE_ROUNDS, epoch));
    }
    self->is_first_epoch = epoch == 1;
    self->shift = self->order[round].user;
    dsc_pool_run(self->pool, self->n_bins, run_block, self);
    double sum = 0;
    for (size_t b = 0; b < self->n_bins; b++) {
        sum += self->sums[b];
    }
    return sum;
}

void dsc_factorisation_hand_over(const dsc_factorisation *self) {
    for (size_t s = 0; s < 2; s++) {
        const side *from = &self->sides[s];
        for (size_t i = 0; i < from->n; i++) {
            memcpy(from->table + i * from->k, from->vectors + from->row[i] * self->width,
                   from->k * sizeof *from->table);
            from->biases[i] =
                from->states[(size_t)from->row[i] * DSC_FACTOR_STATE + DSC_FACTOR_STATE - 1];
        }
    }
}
