/* Bounds of a network's outputs and of its weights in bytes: docs/math.md (212). */
#include "recommender/estimate_bound.h"

#include <float.h>
#include <math.h>

#include "base/error.h"
#include "base/memory.h"
#include "descent/norms.h"

/* Numbers of weights are -MOST_WEIGHT .. MOST_WEIGHT. */
enum { MOST_WEIGHT = 127 };

/* --- spectral norms --------------------------------------------------------------------------- */

/* BLOCK: columns whose products are added up at once, in a cache's reach. */
enum { BLOCK = 32 };

/* Multiplications that a bound is worth, some tenth of a second. */
static const double most_products = 1 << 28;

/* Elements first .. of row i, or of column i; 0 behind the last. */
static void take_part(dsc_matrix m, bool is_column, size_t i, size_t first, double out[BLOCK]) {
    const size_t n = is_column ? m.n_rows : m.n_cols;
    for (size_t x = 0; x < BLOCK; x++) {
        out[x] = first + x >= n ? 0
                 : is_column    ? dsc_matrix_at(m, first + x, i)
                                : dsc_matrix_at(m, i, first + x);
    }
}

/* The sum of squares of a block of m' m, or of m m', from row a and column b on. */
static double sum_block(dsc_matrix m, bool by_rows, size_t a, size_t b) {
    const size_t n = by_rows ? m.n_cols : m.n_rows;
    double product[BLOCK][BLOCK] = {{0}}, sum = 0;
    for (size_t i = 0; i < n; i++) {
        double one[BLOCK], other[BLOCK];
        take_part(m, by_rows, i, a, one);
        take_part(m, by_rows, i, b, other);
        for (size_t x = 0; x < BLOCK; x++) {
            for (size_t y = 0; y < BLOCK; y++) {
                product[x][y] += one[x] * other[y];
            }
        }
    }
    for (size_t x = 0; x < BLOCK; x++) {
        for (size_t y = 0; y < BLOCK; y++) {
            sum += product[x][y] * product[x][y];
        }
    }
    return sum;
}

double dsc_spectral_bound(dsc_matrix m) {
    const bool by_rows = m.n_rows < m.n_cols;
    const size_t n = by_rows ? m.n_rows : m.n_cols, n_inner = by_rows ? m.n_cols : m.n_rows;
    const double frobenius = dsc_norm_frobenius(m);
    double sum = 0;
    if ((double)n * (double)n * (double)n_inner > 2 * most_products) {
        return frobenius;
    }
    for (size_t a = 0; a < n; a += BLOCK) {
        for (size_t b = 0; b <= a; b += BLOCK) {
            sum += (a == b ? 1 : 2) * sum_block(m, by_rows, a, b);
        }
    }
    /* fourth powers may be so small that they vanish */
    return sum < DBL_MIN / DBL_EPSILON ? frobenius : sqrt(sqrt(sum)) * (1 + 1e-9);
}

/* --- how far a network's output can be off ---------------------------------------------------- */

/* The second layer's weights in steps of the halves, (n_inner, n_rows), and what bytes leave of them. */
typedef struct split_weights {
    double *all;
    double *rest;
    double *most; /* (n_rows) the largest of those to a unit */
} split_weights;

static void split(dsc_estimate *e, dsc_matrix weights, const split_weights *out) {
    const size_t n = e->n_rows;
    for (size_t k = 0; k < e->n_inner; k++) {
        for (size_t r = 0; r < n; r++) {
            const double weight = dsc_matrix_at(weights, k, r) * e->step[k];
            const double size = fabs(weight);
            out->all[k * n + r] = weight;
            out->most[r] = size > out->most[r] ? size : out->most[r];
        }
    }
    for (size_t r = 0; r < n; r++) {
        e->scale[r] = (float)(out->most[r] / MOST_WEIGHT);
    }
    for (size_t k = 0; k < e->n_inner; k++) {
        int8_t *to = e->weights + k / DSC_BYTE_GROUP * n * DSC_BYTE_GROUP + k % DSC_BYTE_GROUP;
        for (size_t r = 0; r < n; r++) {
            const double weight = out->all[k * n + r], scale = (double)e->scale[r];
            const double number = dsc_whole(weight / scale, MOST_WEIGHT);
            to[r * DSC_BYTE_GROUP] = (int8_t)number;
            out->rest[k * n + r] = weight - number * scale;
        }
    }
}

/* What a layer's sizes can add up to, the sum that a layer before it made smaller than any number, and whether that
 * is a number for whoever is estimated. */
typedef struct sizes {
    double product; /* of the norms */
    double fixed;   /* by the biases */
    double vanished;
    bool is_bounded;
} sizes;

static void add_layer(sizes *s, double size, double bias) {
    s->product *= size;
    s->fixed = s->fixed * size + bias;
    s->vanished = s->vanished * size + (double)FLT_MIN;
    s->is_bounded = s->is_bounded && 4 * DSC_FARTHEST * s->product + s->fixed < (double)FLT_MAX / 2;
}

/* Behind the second layer nothing is estimated, and a layer makes no distance longer than its spectral norm. Of
 * rounding every layer has some, in both ways of computing it: at most its share of what the sizes could add up to.
 * False: sums could overflow. */
static bool measure(dsc_estimate *e, const split_weights *w) {
    const dsc_network *network = e->model->network;
    const size_t n_layers = e->model->config.n_hidden + 1;
    split(e, dsc_network_weights(network, 1), w);
    const dsc_matrix all = dsc_matrix_f64(w->all, e->n_inner, e->n_rows);
    const dsc_matrix rest = dsc_matrix_f64(w->rest, e->n_inner, e->n_rows);
    double behind = 1, n_roundings = (double)e->n_inner + 4;
    sizes s = {.product = 1, .is_bounded = true};
    add_layer(&s, dsc_norm_frobenius(all), dsc_norm_frobenius(dsc_network_bias(network, 1)));
    for (size_t l = 2; l < n_layers; l++) {
        const dsc_matrix weights = dsc_network_weights(network, l);
        add_layer(&s, dsc_norm_frobenius(weights),
                  dsc_norm_frobenius(dsc_network_bias(network, l)));
        behind *= dsc_spectral_bound(weights);
        n_roundings += (double)weights.n_rows + 4;
    }
    const double rounding = 4 * n_roundings * (double)FLT_EPSILON;
    const double of_sizes = rounding * s.product;
    e->of_error = behind * dsc_spectral_bound(all) + of_sizes;
    e->of_size = behind * dsc_spectral_bound(rest) + of_sizes;
    e->of_all = rounding * s.fixed + s.vanished;
    return s.is_bounded;
}

dsc_status dsc_estimate_bound(dsc_estimate *estimate, bool *is_possible, dsc_error *err) {
    const size_t n = estimate->n_inner * estimate->n_rows;
    double *memory = dsc_alloc(estimate->n_rows, (2 * estimate->n_inner + 1) * sizeof *memory);
    if (memory == NULL) {
        return dsc_fail_memory(err, "a catalogue");
    }
    *is_possible = measure(estimate, &(split_weights){memory, memory + n, memory + 2 * n});
    dsc_free(memory);
    return DSC_OK;
}
