/* Estimates of sums from above, in whole numbers: docs/math.md (212). */
#include "recommender/estimate.h"

#include <float.h>
#include <math.h>

#include "base/error.h"
#include "base/memory.h"
#include "recommender/catalogue.h"

/* Numbers of halves are -MOST .. MOST together, those of weights each: a byte less what rounding adds. */
enum { MOST = 126, MOST_WEIGHT = 127 };

/* Tiles of users by whose halves the steps are chosen; whoever lies outside is cut off, and that is part of how
 * far the estimate is off. */
enum { SAMPLE_TILES = 32 };

/* Steps that a half may be off, Euclidean: whoever is farther off is not estimated, so that no number below
 * overflows. */
static const double farthest = 1 << 20;

bool dsc_estimate_helps(const dsc_recommender *model) {
    return model->network != NULL && model->config.activation == DSC_RELU &&
           !model->config.use_dot && !model->is_member && model->kernels->has_fast_bytes();
}

/* --- how far a network's output can be off ---------------------------------------------------- */

static double frobenius(dsc_matrix m) {
    double sum = 0;
    for (size_t i = 0; i < m.n_rows; i++) {
        for (size_t j = 0; j < m.n_cols; j++) {
            sum += dsc_matrix_at(m, i, j) * dsc_matrix_at(m, i, j);
        }
    }
    return sqrt(sum);
}

/* A bound of the spectral norm, nearer to it than Frobenius': the root of that of m' m. */
static double spectral_bound(dsc_matrix m) {
    double sum = 0;
    for (size_t a = 0; a < m.n_cols; a++) {
        for (size_t b = 0; b <= a; b++) {
            double product = 0;
            for (size_t i = 0; i < m.n_rows; i++) {
                product += dsc_matrix_at(m, i, a) * dsc_matrix_at(m, i, b);
            }
            sum += (a == b ? 1 : 2) * product * product;
        }
    }
    return sqrt(sqrt(sum)) * (1 + 1e-9);
}

/* The second layer's weights in steps of the halves, (n_inner, n_rows), and what bytes leave of them. */
typedef struct split_weights {
    double *all;
    double *rest;
} split_weights;

static void split(dsc_estimate *e, dsc_matrix weights, const split_weights *out) {
    for (size_t r = 0; r < e->n_rows; r++) {
        double most = 0;
        for (size_t k = 0; k < e->n_inner; k++) {
            const double weight = dsc_matrix_at(weights, k, r) * e->step[k];
            out->all[k * e->n_rows + r] = weight;
            most = fmax(most, fabs(weight));
        }
        /* up, so that rounding makes no number too large */
        e->scale[r] = nextafterf((float)(most / MOST_WEIGHT), INFINITY);
        for (size_t k = 0; k < e->n_inner; k++) {
            const double weight = out->all[k * e->n_rows + r];
            const double number = rint(weight / (double)e->scale[r]);
            const size_t group = k / DSC_BYTE_GROUP, at = k % DSC_BYTE_GROUP;
            e->weights[(group * e->n_rows + r) * DSC_BYTE_GROUP + at] = (int8_t)number;
            out->rest[k * e->n_rows + r] = weight - number * (double)e->scale[r];
        }
    }
}

/* Fills in the weights, and how far off the estimate is. Behind the second layer nothing is estimated, and a
 * layer makes no distance longer than its spectral norm. Of rounding every layer has some, in both ways of
 * computing it: at most its share of what the sizes could add up to. False: sums could overflow. */
static bool measure(dsc_estimate *e, const split_weights *w) {
    const dsc_network *network = e->model->network;
    const size_t n_layers = e->model->config.n_hidden + 1;
    split(e, dsc_network_weights(network, 1), w);
    const dsc_matrix all = dsc_matrix_f64(w->all, e->n_inner, e->n_rows);
    const dsc_matrix rest = dsc_matrix_f64(w->rest, e->n_inner, e->n_rows);
    double behind = 1, sizes = frobenius(all), fixed = frobenius(dsc_network_bias(network, 1));
    double n_roundings = (double)e->n_inner + 4, highest = 4 * farthest * sizes + fixed;
    for (size_t l = 2; l < n_layers; l++) {
        const dsc_matrix weights = dsc_network_weights(network, l);
        const double size = frobenius(weights);
        behind *= spectral_bound(weights);
        sizes *= size;
        fixed = fixed * size + frobenius(dsc_network_bias(network, l));
        n_roundings += (double)weights.n_rows + 4;
        highest = fmax(highest, 4 * farthest * sizes + fixed);
    }
    const double rounding = 4 * n_roundings * (double)FLT_EPSILON;
    const double of_sizes = rounding * sizes;
    e->of_error = behind * spectral_bound(all) + of_sizes;
    e->of_size = behind * spectral_bound(rest) + of_sizes;
    e->of_all = rounding * fixed + (double)FLT_MIN;
    return highest < (double)FLT_MAX / 2;
}

static dsc_status fill_weights(dsc_estimate *e, bool *is_possible, dsc_error *err) {
    const size_t n = e->n_inner * e->n_rows;
    double *memory = dsc_alloc(n, 2 * sizeof *memory);
    if (memory == NULL) {
        return dsc_fail_memory(err, "a catalogue");
    }
    *is_possible = measure(e, &(split_weights){memory, memory + n});
    dsc_free(memory);
    return DSC_OK;
}

/* --- halves in whole numbers ------------------------------------------------------------------ */

/* The numbers of one side, its half being a column of a tile, to every `stride` groups of `to`; returns its bias
 * with what the side adds to the distance.
 *   room  NULL: as much as needed */
static float round_half(const dsc_estimate *e, const float *half, double sign, const double *room,
                        int8_t *to, size_t stride, float bias) {
    double off = 0, size = 0;
    for (size_t k = 0; k < e->n_inner; k++) {
        const double steps = ((double)half[k * DSC_TILE] + sign * e->shift[k]) / e->step[k];
        const double most = room != NULL ? room[k] : MOST;
        const double number = fmax(fmin(rint(steps), most), -most);
        to[k / DSC_BYTE_GROUP * stride * DSC_BYTE_GROUP + k % DSC_BYTE_GROUP] = (int8_t)number;
        off += (steps - number) * (steps - number);
        size += number > 0 ? number * number : 0;
    }
    if (!(off < farthest * farthest)) {
        return INFINITY;
    }
    const double more = e->of_error * sqrt(off) + e->of_size * (sqrt(size) + sqrt(off)) +
                        (room != NULL ? e->of_all : 0) +
                        8 * (double)FLT_EPSILON * fabs((double)bias);
    return nextafterf((float)((double)bias + more * (1 + 8 * (double)FLT_EPSILON)), INFINITY);
}

/* The lowest and the highest of a tile's n columns, for each row. */
static void widen(const float *half, size_t n_rows, size_t n, double *low, double *high) {
    for (size_t k = 0; k < n_rows; k++) {
        for (size_t c = 0; c < n; c++) {
            low[k] = fmin(low[k], (double)half[k * DSC_TILE + c]);
            high[k] = fmax(high[k], (double)half[k * DSC_TILE + c]);
        }
    }
}

static size_t n_in_tile(size_t n, size_t t) {
    return n - t * DSC_TILE < DSC_TILE ? n - t * DSC_TILE : DSC_TILE;
}

/* The ranges of users' halves, by a sample from all over the model. */
static void widen_by_users(const dsc_estimate *e, float *memory, double *low, double *high) {
    const dsc_recommender *model = e->model;
    const dsc_side_tile tile = dsc_side_tile_in(model, memory);
    const size_t n_tiles = (model->n_users + DSC_TILE - 1) / DSC_TILE;
    const size_t apart = (n_tiles + SAMPLE_TILES - 1) / SAMPLE_TILES;
    for (size_t t = 0; t < n_tiles; t += apart) {
        dsc_side sides[DSC_TILE];
        const size_t n = n_in_tile(model->n_users, t);
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
    double *low = dsc_alloc(n, 4 * sizeof *low), *high = low + n;
    double *user_low = high + n, *user_high = user_low + n;
    float *memory = dsc_alloc(dsc_side_tile_size(model, true), sizeof *memory);
    if (low == NULL || memory == NULL) {
        dsc_free(low);
        dsc_free(memory);
        return dsc_fail_memory(err, "a catalogue");
    }
    for (size_t k = 0; k < n; k++) {
        low[k] = user_low[k] = INFINITY;
        high[k] = user_high[k] = -INFINITY;
    }
    for (size_t t = 0; t < catalogue->n_tiles; t++) {
        widen(dsc_catalogue_tile(catalogue, t).half, n, n_in_tile(model->n_items, t), low, high);
    }
    widen_by_users(e, memory, user_low, user_high);
    for (size_t k = 0; k < n; k++) {
        e->shift[k] = (low[k] + high[k]) / 2;
        const double of_items = (high[k] - low[k]) / 2;
        const double of_users =
            fmax(fabs(user_low[k] + e->shift[k]), fabs(user_high[k] + e->shift[k]));
        const double step = (of_items + of_users) / MOST;
        e->step[k] = step > 0 ? step : 1;
        e->room[k] = fmin(fmax(MOST - rint(of_items / e->step[k]), 0), MOST);
    }
    dsc_free(low);
    dsc_free(memory);
    return DSC_OK;
}

static void round_items(dsc_estimate *e, const dsc_catalogue *catalogue) {
    const size_t tile_bytes = e->n_groups * DSC_TILE * DSC_BYTE_GROUP;
    for (size_t t = 0; t < catalogue->n_tiles; t++) {
        const dsc_side_tile tile = dsc_catalogue_tile(catalogue, t);
        for (size_t c = 0; c < n_in_tile(e->model->n_items, t); c++) {
            e->biases[t * DSC_TILE + c] =
                round_half(e, tile.half + c, -1, NULL,
                           e->items + t * tile_bytes + c * DSC_BYTE_GROUP, DSC_TILE, tile.bias[c]);
        }
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
        status = fill_weights(e, is_possible, err);
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
    const size_t n_bytes = estimate->n_groups * DSC_BYTE_GROUP;
    for (size_t u = 0; u < n; u++) {
        out->own[u] = round_half(estimate, users->half + u, 1, estimate->room,
                                 out->numbers + u * n_bytes, 1, users->bias[u]);
    }
}

void dsc_estimate_rows(const dsc_estimate *estimate, const dsc_tile_pass *pass,
                       dsc_estimate_users *users, size_t n, size_t t, const float *least,
                       uint32_t *wanted) {
    const dsc_kernels *kernels = estimate->model->kernels;
    const size_t n_bytes = estimate->n_groups * DSC_BYTE_GROUP;
    for (size_t u = 0; u < n; u++) {
        kernels->multiply_bytes(&(dsc_byte_product){.n_rows = estimate->n_rows,
                                                    .n_groups = estimate->n_groups,
                                                    .a = estimate->weights,
                                                    .x = estimate->items + t * DSC_TILE * n_bytes,
                                                    .joined = users->numbers + u * n_bytes,
                                                    .scale = estimate->scale,
                                                    .start = pass->layers[0].start,
                                                    .is_rectified = true,
                                                    .out = pass->layers[0].out});
        dsc_tile_pass_finish(pass, users->sum + u * DSC_TILE);
    }
    kernels->finish_rows(users->sum, &(dsc_tile_rows){.n_rows = n,
                                                      .own = users->own,
                                                      .biases = estimate->biases + t * DSC_TILE,
                                                      .least = least,
                                                      .wanted = wanted});
}
