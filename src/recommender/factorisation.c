/* Stochastic gradient descent by blocks that share no rows: docs/math.md (180) to (189).
 *
 * Vectors of users and of items lie in the random order that is cut into bins, so that a block's are
 * neighbours. */
#include "recommender/factorisation.h"

#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/pool.h"
#include "descent/random.h"
#include "recommender/rating_blocks.h"
#include "recommender/sample_list.h"

/* Streams of dsc_random_stream; see model_values.c for the others. */
enum {
    PURPOSE_ORDER = 60, /* index 0: of users, 1: of items */
    PURPOSE_USER_START = 61,
    PURPOSE_ITEM_START = 62,
    PURPOSE_ROUNDS = 64
};

/* Users or items whose rows one part of a job fills. */
enum { PART = 1024 };

/* Ratings of a block that are listed together, beside those that the kernel looks ahead to. */
enum { CHUNK = 256 };

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
    float *vectors;   /* (n, width) by row */
    float *states;    /* (n, DSC_FACTOR_STATE) by row */
    float *table;     /* (n, k) of the model */
    float *biases;    /* (n) of the model */
} side;

struct dsc_factorisation {
    dsc_recommender *model;
    dsc_pool *pool;
    side sides[2];
    size_t width;
    dsc_rating_blocks blocks;
    double sums[DSC_MOST_BINS];     /* of a round's blocks */
    uint32_t rounds[DSC_MOST_BINS]; /* their order in the running epoch */
    size_t shift;                   /* of the running round: block (b, b + shift) */
    bool is_first_epoch;
};

static dsc_status allocate_side(side *self, size_t width, dsc_error *err) {
    self->row = dsc_alloc(self->n, sizeof *self->row);
    self->owner = dsc_alloc(self->n, sizeof *self->owner);
    self->vectors = dsc_alloc(self->n, width * sizeof *self->vectors);
    self->states = dsc_alloc(self->n, DSC_FACTOR_STATE * sizeof *self->states);
    const bool has_all =
        self->row != NULL && self->owner != NULL && self->vectors != NULL && self->states != NULL;
    return has_all ? DSC_OK : dsc_fail_memory(err, "the vectors in training");
}

/* 0 to n - 1 in random order. */
static void draw_order(uint32_t *values, size_t n, const dsc_recommender *model, uint32_t purpose,
                       uint64_t index) {
    for (size_t i = 0; i < n; i++) {
        values[i] = (uint32_t)i;
    }
    dsc_shuffle(values, n, model->kernels, dsc_random_stream(model->config.seed, purpose, index));
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
    draw_order(of->owner, of->n, self->model, PURPOSE_ORDER, s);
    for (size_t row = 0; row < of->n; row++) {
        of->row[of->owner[row]] = (uint32_t)row;
    }
    dsc_pool_run(self->pool, (of->n + PART - 1) / PART, start_rows, &(side_job){self, of});
}

dsc_status dsc_factorisation_create(dsc_factorisation **out, dsc_recommender *model,
                                    dsc_kept_ratings ratings, dsc_error *err) {
    const size_t k = model->config.n_factors;
    *out = NULL;
    dsc_factorisation *self = dsc_alloc(1, sizeof *self);
    if (self == NULL) {
        return dsc_fail_memory(err, "a factorisation");
    }
    self->model = model;
    self->width = (k + DSC_FACTOR_BLOCK - 1) / DSC_FACTOR_BLOCK * DSC_FACTOR_BLOCK;
    self->sides[0] = (side){model->n_users, k, PURPOSE_USER_START, .table = model->user_vectors,
                            .biases = model->user_biases};
    self->sides[1] = (side){model->n_items, k, PURPOSE_ITEM_START, .table = model->item_vectors,
                            .biases = model->item_biases};
    dsc_row_bins bins[2];
    dsc_status status = dsc_pool_create(&self->pool, model->config.n_threads, err);
    for (size_t s = 0; status == DSC_OK && s < 2; s++) {
        side *of = &self->sides[s];
        status = allocate_side(of, self->width, err);
        if (status == DSC_OK) {
            begin_side(self, s);
            bins[s] = (dsc_row_bins){.n = of->n, .row = of->row, .owner = of->owner};
        }
    }
    if (status == DSC_OK) {
        status = dsc_rating_blocks_init(&self->blocks, model, &ratings, bins, self->pool, err);
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
        dsc_free(self->sides[s].vectors);
        dsc_free(self->sides[s].states);
    }
    dsc_pool_destroy(self->pool);
    dsc_rating_blocks_clear(&self->blocks);
    dsc_free(self);
}

size_t dsc_factorisation_n_rounds(const dsc_factorisation *self) {
    return self->blocks.n_bins;
}

/* A part of the pool's job: the round's block of one bin of users. */
static void run_block(void *job, size_t part, size_t thread) {
    dsc_factorisation *self = job;
    const dsc_recommender_config *config = &self->model->config;
    const dsc_rating_blocks *blocks = &self->blocks;
    const side *users = &self->sides[0], *items = &self->sides[1];
    const size_t block = part * blocks->n_bins + (part + self->shift) % blocks->n_bins;
    const size_t n = dsc_rating_blocks_n_of(blocks, block);
    dsc_training_sample ratings[CHUNK + DSC_FACTOR_AHEAD];
    dsc_factor_pass pass = {.ratings = ratings,
                            .n_factors = config->n_factors,
                            .width = self->width,
                            .vectors = {users->vectors, items->vectors},
                            .states = {users->states, items->states},
                            .rate = config->optimizer.rate,
                            .l2 = config->l2_vectors,
                            .l2_biases = config->l2_biases,
                            .has_biases = config->use_biases,
                            .is_slow_only = self->is_first_epoch};
    (void)thread;
    for (size_t begin = 0; begin < n; begin += CHUNK) {
        const size_t left = n - begin, n_after = left < CHUNK ? 0 : left - CHUNK;
        pass.n = left - n_after;
        pass.n_after = n_after < DSC_FACTOR_AHEAD ? n_after : DSC_FACTOR_AHEAD;
        dsc_rating_blocks_read(blocks, block, begin, pass.n + pass.n_after, ratings);
        pass.sum = self->model->kernels->factor_step(&pass);
    }
    self->sums[part] = pass.sum;
}

double dsc_factorisation_run(dsc_factorisation *self, size_t epoch, size_t round) {
    if (round == 0) {
        draw_order(self->rounds, self->blocks.n_bins, self->model, PURPOSE_ROUNDS, epoch);
    }
    self->is_first_epoch = epoch == 1;
    self->shift = self->rounds[round];
    dsc_pool_run(self->pool, self->blocks.n_bins, run_block, self);
    double sum = 0;
    for (size_t b = 0; b < self->blocks.n_bins; b++) {
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
