/* Reading a model: every array and every setting is checked before it is believed.
 *
 * The container has been checked by then (store/safetensors.h). Here is what a file holds as a whole:
 * a model, or a blend of several; model_read_settings.c, _numbers.c, _ground.c and _tables.c read the parts. */
#include <math.h>
#include <stdio.h>

#include "base/error.h"
#include "descent/blend.h"
#include "recommender/member.h"
#include "recommender/model_reading.h"

static dsc_status load_single(dsc_recommender **out, dsc_model_reading *r, dsc_error *err) {
    dsc_status status = dsc_reading_metadata(r, err);
    if (status == DSC_OK) {
        status = dsc_reading_hyperparameters(r, err);
    }
    if (status == DSC_OK) {
        status = dsc_reading_statistics(r, r->config.holdout > 0, err);
    }
    if (status == DSC_OK) {
        status = dsc_reading_ground(r, err);
    }
    return status == DSC_OK ? dsc_reading_assemble(out, r, NULL, err) : status;
}

/* --- blends ----------------------------------------------------------------------------------- */

/* Above 0, downwards, with the sum 1 but for rounding. */
static dsc_status get_weights(const dsc_model_reading *r, size_t n, double *out, dsc_error *err) {
    dsc_tensor array;
    dsc_status status = dsc_reading_vector(r, DSC_ARRAY_MEMBER_WEIGHTS, DSC_F64, n, &array, err);
    if (status != DSC_OK) {
        return status;
    }
    const double *weight = array.data;
    double sum = 0;
    bool is_good = true;
    for (size_t m = 0; m < n; m++) {
        is_good = is_good && weight[m] > 0 && (m == 0 || weight[m] <= weight[m - 1]);
        sum += weight[m];
        out[m] = weight[m];
    }
    if (!is_good || !(fabs(sum - 1) <= 1e-9)) {
        return dsc_fail(err, DSC_E_MODEL, r->path,
                        "its weights are not those of a blend: above 0, downwards, with the sum 1");
    }
    return DSC_OK;
}

/* All members were trained on the ratings of the blend. */
static bool are_of_same_ratings(const dsc_statistics *a, const dsc_statistics *b) {
    /* sums of the same ratings in the orders that builds have taken them */
    const double apart = 1e-9 * (a->max - a->min);
    return fabs(a->mean - b->mean) <= apart && fabs(a->spread - b->spread) <= apart &&
           a->min == b->min && a->max == b->max;
}

/* Whether a member looks at the times of ratings, or has metadata that will be refused. */
static bool has_times(dsc_model_reading *r, size_t n) {
    bool found = false;
    for (size_t m = 0; m < n; m++) {
        snprintf(r->prefix, sizeof r->prefix, DSC_MEMBER_PREFIX, m);
        found =
            found ||
            dsc_safetensors_metadata(r->file, dsc_reading_name(r, DSC_KEY_N_TIME_BINS)) != NULL ||
            dsc_safetensors_metadata(r->file, dsc_reading_name(r, DSC_KEY_SESSION_GAP)) != NULL;
    }
    r->prefix[0] = '\0';
    return found;
}

static dsc_status load_member(dsc_recommender **out, dsc_model_reading *r, size_t m,
                              const dsc_recommender *first, dsc_error *err) {
    const dsc_statistics of_blend = r->statistics;
    r->config = (dsc_recommender_config){0};
    r->statistics = (dsc_statistics){0};
    snprintf(r->prefix, sizeof r->prefix, DSC_MEMBER_PREFIX, m);
    dsc_status status = dsc_reading_metadata(r, err);
    if (status == DSC_OK) {
        status = dsc_reading_hyperparameters(r, err);
    }
    if (status == DSC_OK) {
        status = dsc_reading_statistics(r, r->config.holdout > 0, err);
    }
    if (status == DSC_OK &&
        dsc_safetensors_metadata(r->file, dsc_reading_name(r, DSC_KEY_N_MEMBERS)) != NULL) {
        status = dsc_fail(err, DSC_E_MODEL, r->path, "member %zu is a blend itself", m + 1);
    }
    if (status == DSC_OK && !are_of_same_ratings(&of_blend, &r->statistics)) {
        status =
            dsc_fail(err, DSC_E_MODEL, r->path,
                     "member %zu has other statistics of the ratings than those before it", m + 1);
    }
    return status == DSC_OK ? dsc_reading_assemble(out, r, first, err) : status;
}

static dsc_status load_blend(dsc_recommender **out, dsc_model_reading *r, dsc_error *err) {
    size_t n = 0;
    double weights[DSC_MAX_MEMBERS];
    dsc_recommender *models[DSC_MAX_MEMBERS] = {NULL};
    dsc_status status = dsc_reading_size(r, DSC_KEY_N_MEMBERS, &n, err);
    if (status == DSC_OK && (n < 1 || n > DSC_MAX_MEMBERS)) {
        status = dsc_fail(err, DSC_E_MODEL, r->path, "has %zu members; expected 1 to %d", n,
                          DSC_MAX_MEMBERS);
    }
    if (status == DSC_OK) {
        status = dsc_reading_statistics(r, true, err);
    }
    if (status == DSC_OK) {
        status = get_weights(r, n, weights, err);
    }
    if (status == DSC_OK) {
        r->has_times = has_times(r, n);
        status = dsc_reading_ground(r, err);
    }
    const dsc_statistics of_blend = r->statistics;
    for (size_t m = 0; status == DSC_OK && m < n; m++) {
        status = load_member(&models[m], r, m, m > 0 ? models[0] : NULL, err);
    }
    if (status != DSC_OK) {
        for (size_t m = DSC_MAX_MEMBERS; m-- > 0;) { /* the first, which the others view, last */
            dsc_recommender_destroy(models[m]);
        }
        return status;
    }
    status = dsc_blend_assemble(out, models, weights, n, err);
    if (status == DSC_OK) {
        dsc_statistics *s = &(*out)->statistics;
        s->train_rmse = of_blend.train_rmse;
        s->validation_rmse = of_blend.validation_rmse > 0 ? of_blend.validation_rmse : (double)NAN;
    }
    return status;
}

dsc_status dsc_recommender_load(dsc_recommender **out, const char *path, dsc_error *err) {
    char name[2 * DSC_MODEL_NAME_LENGTH];
    dsc_model_reading r = {.path = path, .name = name};
    *out = NULL;
    dsc_status status = dsc_safetensors_open(&r.file, path, err);
    if (status != DSC_OK) {
        return status;
    }
    status = dsc_reading_format(&r, err);
    if (status == DSC_OK) {
        const bool is_blend =
            r.is_version_3 && dsc_safetensors_metadata(r.file, DSC_KEY_N_MEMBERS) != NULL;
        status = is_blend ? load_blend(out, &r, err) : load_single(out, &r, err);
    }
    dsc_id_map_destroy(r.users);
    dsc_id_map_destroy(r.items);
    dsc_sparse_matrix_clear(&r.ratings);
    dsc_safetensors_close(r.file);
    return status;
}
