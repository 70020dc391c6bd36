/* The largest eigenvalue of a Hessian by power iteration, docs/math.md (66), (67).
 *
 * A symmetric matrix that multiplies a vector again and again turns it towards the eigenvector
 * whose eigenvalue is farthest from 0. A shift moves all eigenvalues by the same amount, so that
 * the largest one becomes the farthest. */
#include <math.h>

#include "base/error.h"
#include "base/memory.h"
#include "descent/curvature.h"
#include "descent/random.h"

/* The stream of start vectors; see dsc_random_stream. */
enum { PURPOSE_START = 20 };

typedef struct iteration {
    dsc_hessian *hessian;
    const dsc_curvature_config *config;
    size_t n;        /* parameters */
    double *v;       /* (n), of length 1 */
    double *product; /* (n), H v */
    double shift;    /* added to every eigenvalue */
    /* The result. */
    double value;    /* v' H v, without the shift */
    double residual; /* |H v - value v| */
    double farthest; /* |(H + shift) v|, which never falls and stays below the largest magnitude */
    size_t n_products;
    bool is_exact;
} iteration;

dsc_curvature_config dsc_curvature_defaults(void) {
    return (dsc_curvature_config){.max_products = 10000, .tolerance = 1e-8};
}

/* Length of a vector without overflow of its squares. */
static double length_of(const double *v, size_t n) {
    double largest = 0, sum = 0;
    for (size_t i = 0; i < n; i++) {
        largest = fmax(largest, fabs(v[i]));
    }
    if (largest == 0 || !isfinite(largest)) {
        return largest;
    }
    for (size_t i = 0; i < n; i++) {
        sum += (v[i] / largest) * (v[i] / largest);
    }
    return largest * sqrt(sum);
}

/* A random direction of length 1: it has a part in every eigenvector. */
static void start(iteration *it) {
    dsc_random random = dsc_random_stream(0, PURPOSE_START, 0);
    for (size_t i = 0; i < it->n; i++) {
        it->v[i] = dsc_random_normal(&random);
    }
    const double length = length_of(it->v, it->n);
    for (size_t i = 0; i < it->n; i++) {
        it->v[i] /= length;
    }
}

/* value = v' H v, residual, and H v + shift v in `product`. */
static dsc_status multiply(iteration *it, dsc_error *err) {
    if (it->config->keep_going != NULL && !it->config->keep_going(it->config->user)) {
        return dsc_fail(err, DSC_E_CANCELLED, "curvature", "the caller asked to stop");
    }
    dsc_hessian_product(it->hessian, it->v, it->product);
    it->n_products++;
    double value = 0, rest = 0;
    for (size_t i = 0; i < it->n; i++) {
        value += it->v[i] * it->product[i];
    }
    if (!isfinite(value)) {
        return dsc_fail(err, DSC_E_NONFINITE, "curvature",
                        "a second derivative of the loss is too large for a floating-point number");
    }
    const double scale = length_of(it->product, it->n);
    for (size_t i = 0; i < it->n && scale > 0; i++) {
        const double off = (it->product[i] - value * it->v[i]) / scale;
        rest += off * off;
        it->product[i] += it->shift * it->v[i];
    }
    it->value = value;
    it->residual = scale * sqrt(rest);
    it->farthest = length_of(it->product, it->n);
    return DSC_OK;
}

static dsc_status iterate(iteration *it, double shift, dsc_error *err) {
    start(it);
    it->shift = shift;
    it->is_exact = false;
    for (size_t k = 0; k < it->config->max_products; k++) {
        const dsc_status status = multiply(it, err);
        if (status != DSC_OK) {
            return status;
        }
        /* Of the shifted matrix the largest magnitude counts: rounding is relative to it. */
        it->is_exact = it->residual <= it->config->tolerance * fmax(fabs(it->value), fabs(shift));
        if (it->is_exact || it->farthest == 0) {
            break;
        }
        for (size_t i = 0; i < it->n; i++) {
            it->v[i] = it->product[i] / it->farthest;
        }
    }
    return DSC_OK;
}

static dsc_status run(iteration *it, dsc_curvature *out, dsc_error *err) {
    dsc_status status = iterate(it, 0, err);
    if (status != DSC_OK) {
        return status;
    }
    const bool is_single = it->is_exact;
    double farthest = it->value;
    /* Not exact: two eigenvalues of nearly equal magnitude, perhaps of either sign. */
    if (!is_single || it->value < 0) {
        const double magnitude = it->farthest;
        status = iterate(it, is_single ? -it->value : magnitude, err);
        farthest = is_single ? farthest : magnitude;
        if (!is_single && it->value < magnitude * (1 - 1e-6)) {
            farthest = -magnitude;
        }
    }
    out->largest = it->value;
    out->largest_magnitude = fabs(it->value) > fabs(farthest) ? it->value : farthest;
    out->rate_bound = INFINITY;
    if (it->value > 0) {
        out->rate_bound = 2 / it->value;
    }
    out->residual = it->residual;
    out->n_products = it->n_products;
    out->is_exact = it->is_exact;
    return status;
}

dsc_status dsc_hessian_curvature(dsc_hessian *hessian, const dsc_curvature_config *config,
                                 dsc_curvature *out, dsc_error *err) {
    if (config->max_products == 0) {
        return dsc_fail(err, DSC_E_ARGUMENT, "max_products", "is 0; expected at least 1");
    }
    if (!(config->tolerance > 0 && config->tolerance < 1)) {
        return dsc_fail(err, DSC_E_ARGUMENT, "tolerance", "is %g; expected more than 0, below 1",
                        config->tolerance);
    }
    iteration it = {.hessian = hessian, .config = config, .n = dsc_hessian_n_parameters(hessian)};
    it.v = dsc_alloc(it.n, sizeof *it.v);
    it.product = dsc_alloc(it.n, sizeof *it.product);
    dsc_status status = DSC_OK;
    if (it.v == NULL || it.product == NULL) {
        status = dsc_fail_memory(err, "a power iteration");
    } else {
        status = run(&it, out, err);
    }
    dsc_free(it.v);
    dsc_free(it.product);
    return status;
}
