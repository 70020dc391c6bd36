/* Estimates of sums from above, in whole numbers: docs/math.md (212). */
#include "recommender/estimate.h"

#include <float.h>
#include <math.h>

#include "base/error.h"
#include "base/memory.h"
#include "recommender/catalogue.h"
#include "recommender/estimate_bound.h"

/* Numbers of halves are -MOST .. MOST together: a byte less what rounding adds. */
enum { MOST = 126 };

/* Tiles of users by whose halves the steps are chosen; whoever lies outside is cut off, and that is part of how
 * far the estimate is off. */
enum { SAMPLE_TILES = 32 };

bool dsc_estimate_helps(const dsc_recommender *model) {
    return model->network != NULL && model->config.activation == DSC_RELU &&
           !model->config.use_dot && !model->is_member && model->kernels->has_fast_bytes();
}

/* --- halves in whole numbers ------------------------------------------------------------------ */

/* Where the numbers of a tile of one side go. */
typedef struct rounded_tile {
    double sign;        /* of the shift */
    const double *room; /* NULL: as much as needed */
    int8_t *to;
    size_t column, group; /* bytes from one column to the next, and from one group to the next */
    float *biases;        /* (DSC_TILE) with what a side adds to the distance */
} rounded_tile;

/* What a side adds to the distance and its bias, its numbers being so far off and their positive part so long. */
static float bias_of(const dsc_estimate *e, double off, double size, bool has_all, float bias) {
    if (!(off < DSC_FARTHEST)) {
        return INFINITY;
    }
    const double more = e->of_error * off + e->of_size * (size + off) + (has_all ? e->of_all : 0) +
                        8 * (double)FLT_EPSILON * fabs((double)bias);
    return nextafterf((float)((double)bias + more * (1 + 8 * (double)FLT_EPSILON)), INFINITY);
}

/* The numbers of a tile's first n columns. */
static void round_tile(const dsc_estimate *e, const dsc_side_tile *tile, size_t n,
                       const rounded_tile *out) {
    const size_t column = out->column;
    double off[DSC_TILE] = {0}, size[DSC_TILE] = {0};
    for (size_t k = 0; k < e->n_inner; k++) {
        const float *half = tile->half + k * DSC_TILE;
        int8_t *to = out->to + k / DSC_BYTE_GROUP * out->group + k % DSC_BYTE_GROUP;
        const double shift = out->sign * e->shift[k], per_step = 1 / e->step[k];
        const double most = out->room != NULL ? out->room[k] : MOST;
        for (size_t c = 0; c < n; c++) {
            const double steps = ((double)half[c] + shift) * per_step;
            const double number = dsc_whole(steps, most);
            const double positive = (number + fabs(number)) / 2; /* without a branch */
            to[c * column] = (int8_t)number;
            off[c] += (steps - number) * (steps - number);
            size[c] += positive * positive;
        }
    }
    for (size_t c = 0; c < n; c++) {
        out->biases[c] = bias_of(e, sqrt(off[c]), sqrt(size[c]), out->room != NULL, tile->bias[c]);
    }
}

/* The lowest and the highest of a tile's n columns, for each row. */
static void widen(const float *half, size_t n_rows, size_t n, double *low, double *high) {
    for (size_t k = 0; k < n_rows; k++) {
        double least = low[k], most = high[k];
        for (size_t c = 0; c < n; c++) {
            const double value = (double)half[k * DSC_TILE + c];
            least = value < least ? value : least;
            most = value > most ? value : most;
        }
        low[k] = least;
        high[k] = most;
    }
}

/* The ranges of users' halves, by a sample from all over the model. */
static void widen_by_users(const dsc_estimate *e, float *memory, double *low, double *high) {
    const dsc_recommender *model = e->model;
    const dsc_side_tile tile = dsc_side_tile_in(model, memory);
    const size_t n_tiles = (model->n_users + DSC_TILE - 1) / DSC_TILE;
    const size_t apart = (n_tiles + SAMPLE_TILES - 1) / SAMPLE_TILES;
    for (size_t t = 0; t < n_tiles; t += apart) {
        dsc_side sides[DSC_TILE];
        const size_t n = dsc_n_in_tile(model->n_users, t);
        for (size_t c = 0; c < n; c++) {
            sides[c] = dsc_recommender_user_side(model, (uint32_t)(t * DSC_TILE + c));
        }
        dsc_side_tile_fill(model, &tile, sides, n, false);
        widen(tile.half, e->n_inner, n, low, high);
    }
}

/* Steps by which the widest halves of both sides add up to a byte. Items are moved to the middle of theirs. */
static dsc_status choose_steps(dsc_estimate *e, const dsc_catalogue *catalogue, dsc_error *err) {
    const dsc_recommender *model = e->model;
    const size_t n = e->n_inner;
    double *low = dsc_alloc(n, 4 * sizeof *low);
    float *memory = dsc_alloc(dsc_side_tile_size(model, true), sizeof *memory);
    if (low == NULL || memory == NULL) {
        dsc_free(low);
        dsc_free(memory);
        return dsc_fail_memory(err, "a catalogue");
    }
    double *const high = low + n, *const user_low = high + n, *const user_high = user_low + n;
    for (size_t k = 0; k < n; k++) {
        low[k] = user_low[k] = INFINITY;
        high[k] = user_high[k] = -INFINITY;
    }
    for (size_t t = 0; t < catalogue->n_tiles; t++) {
        widen(dsc_catalogue_tile(catalogue, t).half, n, dsc_n_in_tile(model->n_items, t), low,
              high);
    }
    widen_by_users(e, memory, user_low, user_high);
    for (size_t k = 0; k < n; k++) {
        e->shift[k] = (low[k] + high[k]) / 2;
        const double of_items = (high[k] - low[k]) / 2;
        const double of_users =
            fmax(fabs(user_low[k] + e->shift[k]), fabs(user_high[k] + e->shift[k]));
        const double step = (of_items + of_users) / MOST;
        e->step[k] = step > 0 ? step : 1;
        e->room[k] = MOST - dsc_whole(of_items / e->step[k], MOST);
    }
    dsc_free(low);
    dsc_free(memory);
    return DSC_OK;
}

static void round_items(dsc_estimate *e, const dsc_catalogue *catalogue) {
    const size_t tile_bytes = e->n_groups * DSC_TILE * DSC_BYTE_GROUP;
    for (size_t t = 0; t < catalogue->n_tiles; t++) {
        const dsc_side_tile tile = dsc_catalogue_tile(catalogue, t);
        round_tile(e, &tile, dsc_n_in_tile(e->model->n_items, t),
                   &(rounded_tile){.sign = -1,
                                   .to = e->items + t * tile_bytes,
                                   .column = DSC_BYTE_GROUP,
                                   .group = DSC_TILE * DSC_BYTE_GROUP,
                                   .biases = e->biases + t * DSC_TILE});
    }
}

/* --- an estimate ------------------------------------------------------------------------------ */

static dsc_status create_parts(dsc_estimate *e, const dsc_catalogue *catalogue, bool *is_possible,
                               dsc_error *err) {
    const size_t n_bytes = e->n_groups * DSC_BYTE_GROUP;
    e->step = dsc_alloc(e->n_inner, 3 * sizeof *e->step);
    e->scale = dsc_alloc(e->n_rows, sizeof *e->scale);
    e->weights = dsc_alloc(e->n_rows, n_bytes);
    e->items = dsc_alloc(catalogue->n_tiles, DSC_TILE * n_bytes);
    e->biases = dsc_alloc(catalogue->n_tiles, DSC_TILE * sizeof *e->biases);
    if (e->step == NULL || e->scale == NULL || e->weights == NULL || e->items == NULL ||
        e->biases == NULL) {
        return dsc_fail_memory(err, "a catalogue");
    }
    e->shift = e->step + e->n_inner;
    e->room = e->shift + e->n_inner;
    dsc_status status = choose_steps(e, catalogue, err);
    if (status == DSC_OK) {
        status = dsc_estimate_bound(e, is_possible, err);
    }
    if (status == DSC_OK && *is_possible) {
        round_items(e, catalogue);
    }
    return status;
}

dsc_status dsc_estimate_create(dsc_estimate **out, const dsc_catalogue *catalogue, dsc_error *err) {
    const dsc_recommender *model = catalogue->model;
    *out = NULL;
    dsc_estimate *e = dsc_alloc(1, sizeof *e);
    if (e == NULL) {
        return dsc_fail_memory(err, "a catalogue");
    }
    e->model = model;
    e->n_inner = model->config.hidden[0];
    e->n_groups = (e->n_inner + DSC_BYTE_GROUP - 1) / DSC_BYTE_GROUP;
    e->n_rows = model->config.hidden[1];
    bool is_possible = false;
    dsc_status status = create_parts(e, catalogue, &is_possible, err);
    if (status != DSC_OK || !is_possible) {
        dsc_estimate_destroy(e);
        return status;
    }
    *out = e;
    return DSC_OK;
}

void dsc_estimate_destroy(dsc_estimate *estimate) {
    if (estimate == NULL) {
        return;
    }
    dsc_free(estimate->step);
    dsc_free(estimate->scale);
    dsc_free(estimate->weights);
    dsc_free(estimate->items);
    dsc_free(estimate->biases);
    dsc_free(estimate);
}

/* --- users ------------------------------------------------------------------------------------ */

dsc_status dsc_estimate_users_create(dsc_estimate_users **out, const dsc_estimate *estimate,
                                     dsc_error *err) {
    /* widths are at most 4096 */
    const size_t n_bytes = DSC_TILE * estimate->n_groups * DSC_BYTE_GROUP;
    *out = dsc_alloc(1, sizeof **out + n_bytes);
    return *out != NULL ? DSC_OK : dsc_fail_memory(err, "a scorer");
}

void dsc_estimate_set_users(const dsc_estimate *estimate, const dsc_side_tile *users, size_t n,
                            dsc_estimate_users *out) {
    round_tile(estimate, users, n,
               &(rounded_tile){.sign = 1,
                               .room = estimate->room,
                               .to = out->numbers,
                               .column = estimate->n_groups * DSC_BYTE_GROUP,
                               .group = DSC_BYTE_GROUP,
                               .biases = out->own});
}

void dsc_estimate_rows(const dsc_estimate *estimate, const dsc_tile_pass *pass,
                       dsc_estimate_users *users, const dsc_estimate_lists *lists) {
    const dsc_kernels *kernels = estimate->model->kernels;
    const size_t n_bytes = estimate->n_groups * DSC_BYTE_GROUP;
    const int8_t *items = estimate->items + lists->tile * DSC_TILE * n_bytes;
    for (size_t u = 0; u < lists->n; u++) {
        kernels->multiply_bytes(&(dsc_byte_product){.n_rows = estimate->n_rows,
                                                    .n_groups = estimate->n_groups,
                                                    .a = estimate->weights,
                                                    .x = items,
                                                    .joined = users->numbers + u * n_bytes,
                                                    .scale = estimate->scale,
                                                    .start = pass->layers[0].start,
                                                    .is_rectified = true,
                                                    .out = pass->layers[0].out});
        dsc_tile_pass_finish(pass, users->sum + u * DSC_TILE);
    }
    kernels->finish_rows(users->sum,
                         &(dsc_tile_rows){.n_rows = lists->n,
                                          .own = users->own,
                                          .biases = estimate->biases + lists->tile * DSC_TILE,
                                          .least = lists->least,
                                          .wanted = lists->wanted});
}
