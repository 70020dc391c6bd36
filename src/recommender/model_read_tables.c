/* Reading a model's tables and network, which with ids and ratings make it whole: shapes that contradict each
 * other and values that are not finite, or too large for a prediction, are refused. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "descent/norms.h"
#include "recommender/model_reading.h"

/* Of a bfloat16, whose exponent is not that of infinity and of what is no number. */
static bool is_finite_bf16(uint16_t bits) {
    const uint16_t exponent = 0x7f80;
    return (bits & exponent) != exponent;
}

/* An array as the model's settings want it. */
typedef struct expected_array {
    const char *name;
    dsc_element element; /* floats of single precision, or bfloat16 */
    size_t n_dimensions;
    size_t shape[2]; /* SIZE_MAX: any */
} expected_array;

/* An array whose values are all finite; owned by the file. */
static dsc_status get_finite(const dsc_model_reading *r, const expected_array *expected,
                             dsc_tensor *out, dsc_error *err) {
    dsc_status status =
        dsc_safetensors_tensor(r->file, dsc_reading_name(r, expected->name), expected->element,
                               expected->n_dimensions, expected->shape, out, err);
    if (status != DSC_OK) {
        return status;
    }
    const size_t n = out->shape[0] * out->shape[1];
    for (size_t i = 0; i < n; i++) {
        if (expected->element == DSC_BF16 ? !is_finite_bf16(((const uint16_t *)out->data)[i])
                                          : !isfinite(((const float *)out->data)[i])) {
            return dsc_fail(err, DSC_E_MODEL, r->path,
                            "array \"%s\": value %zu is infinite or not a number", r->name, i + 1);
        }
    }
    return DSC_OK;
}

enum {
    USER_VECTORS,
    ITEM_VECTORS,
    USER_BIASES,
    ITEM_BIASES,
    RATED_VECTORS,
    RATER_VECTORS,
    TIME_BIASES,
    SESSION_BIASES,
    THRESHOLD_STEPS,
    N_TABLES
};

/* How many sessions and thresholds there are is known and checked when the model is made. */
static dsc_status get_tables(const dsc_model_reading *r, dsc_tensor tables[N_TABLES],
                             dsc_error *err) {
    const size_t n_users = r->n_users, n_items = r->n_items;
    const size_t k = r->config.n_factors;
    const dsc_recommender_config *config = &r->config;
    const dsc_element of_vectors = config->use_bf16 ? DSC_BF16 : DSC_F32;
    const struct {
        expected_array array;
        bool is_there;
    } expected[N_TABLES] = {
        [USER_VECTORS] =
            {{DSC_ARRAY_USER_VECTORS, of_vectors, 2, {config->share_user_vector ? 1 : n_users, k}},
             true},
        [ITEM_VECTORS] =
            {{DSC_ARRAY_ITEM_VECTORS, of_vectors, 2, {config->share_item_vector ? 1 : n_items, k}},
             true},
        [USER_BIASES] = {{DSC_ARRAY_USER_BIASES, DSC_F32, 1, {n_users, 1}}, true},
        [ITEM_BIASES] = {{DSC_ARRAY_ITEM_BIASES, DSC_F32, 1, {n_items, 1}}, true},
        [RATED_VECTORS] = {{DSC_ARRAY_RATED_VECTORS, DSC_F32, 2, {n_items, k}},
                           config->use_user_history},
        [RATER_VECTORS] = {{DSC_ARRAY_RATER_VECTORS, DSC_F32, 2, {n_users, k}},
                           config->use_item_history},
        [TIME_BIASES] = {{DSC_ARRAY_TIME_BIASES, DSC_F32, 2, {n_items, config->n_time_bins}},
                         config->n_time_bins > 0},
        [SESSION_BIASES] = {{DSC_ARRAY_SESSION_BIASES, DSC_F32, 1, {SIZE_MAX, 1}},
                            config->session_gap > 0},
        [THRESHOLD_STEPS] = {{DSC_ARRAY_THRESHOLD_STEPS, DSC_F32, 1, {SIZE_MAX, 1}},
                             config->loss == DSC_LOSS_ORDINAL},
    };
    dsc_status status = DSC_OK;
    for (size_t t = 0; status == DSC_OK && t < N_TABLES; t++) {
        if (expected[t].is_there) {
            status = get_finite(r, &expected[t].array, &tables[t], err);
        }
    }
    return status;
}

static void copy_table(float *to, const dsc_tensor *from) {
    memcpy(to, from->data, from->shape[0] * from->shape[1] * sizeof *to);
}

static dsc_status fill_network(const dsc_model_reading *r, dsc_network *network, dsc_error *err) {
    dsc_status status = DSC_OK;
    const size_t n_layers = network != NULL ? dsc_network_n_layers(network) : 0;
    for (size_t l = 0; status == DSC_OK && l < n_layers; l++) {
        char name[48];
        dsc_tensor weights, bias;
        const dsc_matrix own = dsc_network_weights(network, l);
        snprintf(name, sizeof name, DSC_ARRAY_WEIGHTS, l);
        status = get_finite(r, &(expected_array){name, DSC_F32, 2, {own.n_rows, own.n_cols}},
                            &weights, err);
        if (status == DSC_OK) {
            snprintf(name, sizeof name, DSC_ARRAY_BIAS, l);
            status =
                get_finite(r, &(expected_array){name, DSC_F32, 1, {own.n_cols, 1}}, &bias, err);
        }
        if (status == DSC_OK) {
            status = dsc_network_set_layer(network, l,
                                           dsc_matrix_f32(weights.data, own.n_rows, own.n_cols),
                                           dsc_matrix_f32(bias.data, 1, own.n_cols), err);
        }
    }
    return status;
}

/* What can only be seen of the whole: the scale against the ratings, biases that are switched off,
 * finite values whose prediction would not be one. */
static dsc_status check_whole(const dsc_model_reading *r, const dsc_recommender *model,
                              const dsc_statistics *measured, dsc_error *err) {
    const dsc_statistics *stored = &r->statistics;
    if (measured->min != stored->min || measured->max != stored->max) {
        return dsc_fail(err, DSC_E_MODEL, r->path,
                        "its scale is %g to %g, but its ratings go from %g to %g", stored->min,
                        stored->max, measured->min, measured->max);
    }
    if (!model->config.use_biases && (dsc_norm_frobenius(dsc_recommender_user_biases(model)) > 0 ||
                                      dsc_norm_frobenius(dsc_recommender_item_biases(model)) > 0)) {
        return dsc_fail(err, DSC_E_MODEL, r->path,
                        "its biases are not 0, although its metadata \"use_biases\" is false");
    }
    if (!dsc_model_is_bounded(model)) {
        return dsc_fail(err, DSC_E_MODEL, r->path,
                        "its values are so large that a prediction may overflow");
    }
    return DSC_OK;
}

/* The values and thresholds of an ordinal model. */
static dsc_status fill_thresholds(const dsc_model_reading *r, dsc_recommender *model,
                                  const dsc_tensor *steps, dsc_error *err) {
    const size_t n = dsc_ordinal_n_steps(&model->ordinal);
    if (n == 0) {
        return DSC_OK;
    }
    if (steps->shape[0] != n) {
        return dsc_fail(err, DSC_E_MODEL, r->path,
                        "array \"%s\" has %zu values; expected %zu, one less than its ratings have "
                        "different values",
                        DSC_ARRAY_THRESHOLD_STEPS, steps->shape[0], n);
    }
    copy_table(model->threshold_steps, steps);
    dsc_model_set_thresholds(model);
    if (!dsc_ordinal_is_bounded(&model->ordinal)) {
        return dsc_fail(err, DSC_E_MODEL, r->path,
                        "its thresholds are not moderate numbers in ascending order");
    }
    return DSC_OK;
}

static dsc_status fill_times(const dsc_model_reading *r, dsc_recommender *model,
                             const dsc_tensor tables[N_TABLES], dsc_error *err) {
    const size_t n_sessions = model->clock.n_sessions;
    if (model->session_biases != NULL && tables[SESSION_BIASES].shape[0] != n_sessions) {
        return dsc_fail(
            err, DSC_E_MODEL, r->path,
            "array \"%s\" has %zu values; expected %zu, the number of its users' sessions",
            DSC_ARRAY_SESSION_BIASES, tables[SESSION_BIASES].shape[0], n_sessions);
    }
    if (model->item_time_biases != NULL) {
        copy_table(model->item_time_biases, &tables[TIME_BIASES]);
    }
    if (model->session_biases != NULL) {
        copy_table(model->session_biases, &tables[SESSION_BIASES]);
    }
    return DSC_OK;
}

static void fill_vectors(const dsc_recommender *model, float *to, const dsc_tensor *from) {
    if (from->element == DSC_BF16) {
        model->kernels->widen_bf16(to, from->data, from->shape[0] * from->shape[1]);
    } else {
        copy_table(to, from);
    }
}

static void fill_tables(dsc_recommender *model, const dsc_tensor tables[N_TABLES]) {
    fill_vectors(model, model->user_vectors, &tables[USER_VECTORS]);
    fill_vectors(model, model->item_vectors, &tables[ITEM_VECTORS]);
    copy_table(model->user_biases, &tables[USER_BIASES]);
    copy_table(model->item_biases, &tables[ITEM_BIASES]);
    if (model->rated_vectors != NULL) {
        copy_table(model->rated_vectors, &tables[RATED_VECTORS]);
    }
    if (model->rater_vectors != NULL) {
        copy_table(model->rater_vectors, &tables[RATER_VECTORS]);
    }
}

dsc_status dsc_reading_assemble(dsc_recommender **out, dsc_model_reading *r,
                                const dsc_recommender *first, dsc_error *err) {
    dsc_tensor tables[N_TABLES];
    dsc_error reason = {0};
    *out = NULL;
    dsc_status status = get_tables(r, tables, err);
    if (status != DSC_OK) {
        return status;
    }
    if (first != NULL) {
        status = dsc_model_create_beside(out, &r->config, first, &reason);
    } else {
        dsc_ground *ground;
        status = dsc_ground_create(&ground, r->users, r->items, &r->ratings, &reason);
        if (status == DSC_OK) {
            r->users = NULL;
            r->items = NULL;
            ground->feedback =
                r->config.is_implicit ? DSC_FEEDBACK_IMPLICIT : DSC_FEEDBACK_EXPLICIT;
            status = dsc_model_create(out, &r->config, ground, &reason);
        }
    }
    if (status == DSC_E_DATA) { /* ratings that an ordinal loss cannot have had */
        return dsc_fail(err, DSC_E_MODEL, r->path, "its ratings %s", reason.message);
    }
    if (status != DSC_OK) {
        return dsc_fail(err, status, reason.where, "%s", reason.message);
    }
    dsc_recommender *model = *out;
    fill_tables(model, tables);
    status = fill_thresholds(r, model, &tables[THRESHOLD_STEPS], err);
    if (status == DSC_OK) {
        status = fill_times(r, model, tables, err);
    }
    const dsc_statistics measured = model->statistics;
    model->statistics = r->statistics; /* weighed histories look at mean and spread */
    dsc_model_refresh(model);
    if (status == DSC_OK) {
        status = fill_network(r, model->network, err);
    }
    if (status == DSC_OK) {
        status = check_whole(r, model, &measured, err);
    }
    if (status != DSC_OK) {
        dsc_recommender_destroy(model);
        *out = NULL;
    }
    return status;
}
