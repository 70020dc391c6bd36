/* Reading a model: every array and every setting is checked before it is believed.
 *
 * The container has been checked by then (store/safetensors.h): what is left are settings out of
 * range, shapes that contradict each other, indices that point nowhere, values that are not finite.
 */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "descent/blend.h"
#include "descent/norms.h"
#include "recommender/member.h"
#include "recommender/model_file.h"
#include "store/safetensors.h"

typedef struct reading {
    const char *path;
    dsc_safetensors *file;
    bool is_version_1, is_version_3;
    char prefix[DSC_MODEL_NAME_LENGTH]; /* of the names of the model that is being read */
    char *name;           /* (2 DSC_MODEL_NAME_LENGTH) the last name, with its prefix */
    bool has_ridge_power; /* of that model */
    bool has_times;       /* of ratings; in a blend, whose members have configurations */
    dsc_recommender_config config;
    dsc_statistics statistics;
    size_t n_users, n_items;
    dsc_id_map *users; /* NULL, as the next two are empty, when a model has them */
    dsc_id_map *items;
    dsc_sparse_matrix ratings;
} reading;

static const char *with_prefix(const reading *r, const char *own) {
    snprintf(r->name, (size_t)2 * DSC_MODEL_NAME_LENGTH, "%s%s", r->prefix, own);
    return r->name;
}

static dsc_status get_text(const reading *r, const char *key, const char **out, dsc_error *err) {
    *out = dsc_safetensors_metadata(r->file, with_prefix(r, key));
    if (*out == NULL) {
        return dsc_fail(err, DSC_E_MODEL, r->path, "has no \"%s\" in its metadata", r->name);
    }
    return DSC_OK;
}

/* A whole number up to the end of the text or to `end_mark`; *text moves to that place. */
static bool parse_number(const char **text, char end_mark, uint64_t *out) {
    char *end;
    if (**text < '0' || **text > '9') {
        return false;
    }
    errno = 0;
    *out = strtoull(*text, &end, 10);
    if (errno != 0 || (*end != '\0' && *end != end_mark)) {
        return false;
    }
    *text = end;
    return true;
}

static dsc_status get_number(const reading *r, const char *key, uint64_t *out, dsc_error *err) {
    const char *text;
    dsc_status status = get_text(r, key, &text, err);
    if (status != DSC_OK) {
        return status;
    }
    const char *rest = text;
    if (!parse_number(&rest, '\0', out)) {
        return dsc_fail(err, DSC_E_MODEL, r->path, "metadata \"%s\" is \"%s\"; expected a number",
                        r->name, text);
    }
    return DSC_OK;
}

static dsc_status get_size(const reading *r, const char *key, size_t *out, dsc_error *err) {
    uint64_t value = 0;
    dsc_status status = get_number(r, key, &value, err);
    *out = (size_t)value;
    return status;
}

static dsc_status get_flag(const reading *r, const char *key, bool *out, dsc_error *err) {
    const char *text;
    dsc_status status = get_text(r, key, &text, err);
    if (status != DSC_OK) {
        return status;
    }
    *out = strcmp(text, "true") == 0;
    if (!*out && strcmp(text, "false") != 0) {
        return dsc_fail(err, DSC_E_MODEL, r->path,
                        "metadata \"%s\" is \"%s\"; expected true or false", r->name, text);
    }
    return DSC_OK;
}

static dsc_status get_hidden(reading *r, dsc_error *err) {
    const char *text;
    dsc_status status = get_text(r, DSC_KEY_HIDDEN, &text, err);
    if (status != DSC_OK) {
        return status;
    }
    for (const char *rest = text;; rest++) {
        uint64_t width;
        if (r->config.n_hidden == DSC_MAX_HIDDEN || !parse_number(&rest, ',', &width)) {
            return dsc_fail(err, DSC_E_MODEL, r->path,
                            "metadata \"%s\" is \"%s\"; expected %d to %d widths", r->name, text,
                            DSC_MIN_HIDDEN, DSC_MAX_HIDDEN);
        }
        r->config.hidden[r->config.n_hidden++] = (size_t)width;
        if (*rest == '\0') {
            return DSC_OK;
        }
    }
}

static dsc_status get_names(reading *r, dsc_error *err) {
    const char *text;
    dsc_status status = get_text(r, DSC_KEY_ACTIVATION, &text, err);
    if (status == DSC_OK && !dsc_activation_from_name(text, &r->config.activation)) {
        return dsc_fail(err, DSC_E_MODEL, r->path, "\"%s\" is not an activation known here", text);
    }
    if (status == DSC_OK) {
        status = get_text(r, DSC_KEY_OPTIMIZER, &text, err);
    }
    if (status == DSC_OK && !dsc_optimizer_from_name(text, &r->config.optimizer.kind)) {
        return dsc_fail(err, DSC_E_MODEL, r->path, "\"%s\" is not an optimizer known here", text);
    }
    return status;
}

static dsc_status get_format(reading *r, dsc_error *err) {
    const char *format = dsc_safetensors_metadata(r->file, DSC_KEY_FORMAT);
    if (format == NULL || strcmp(format, DSC_MODEL_FORMAT) != 0) {
        return dsc_fail(err, DSC_E_MODEL, r->path,
                        "is not a recommender of descent: its format is \"%s\"; expected \"%s\"",
                        format != NULL ? format : "", DSC_MODEL_FORMAT);
    }
    const char *version;
    dsc_status status = get_text(r, DSC_KEY_FORMAT_VERSION, &version, err);
    if (status != DSC_OK) {
        return status;
    }
    r->is_version_1 = strcmp(version, DSC_MODEL_FORMAT_VERSION_1) == 0;
    r->is_version_3 = strcmp(version, DSC_MODEL_FORMAT_VERSION_3) == 0;
    if (!r->is_version_1 && !r->is_version_3 && strcmp(version, DSC_MODEL_FORMAT_VERSION) != 0) {
        return dsc_fail(err, DSC_E_MODEL, r->path,
                        "has format version \"%s\"; this program reads versions %s to %s", version,
                        DSC_MODEL_FORMAT_VERSION_1, DSC_MODEL_FORMAT_VERSION_3);
    }
    return DSC_OK;
}

/* What version 3 added; each key may be missing. */
static dsc_status get_version_3(reading *r, dsc_error *err) {
    uint64_t n_time_bins = 0;
    const struct {
        const char *key;
        uint64_t *to;
    } numbers[] = {{DSC_KEY_N_TIME_BINS, &n_time_bins},
                   {DSC_KEY_SESSION_GAP, &r->config.session_gap}};
    const char *loss = dsc_safetensors_metadata(r->file, with_prefix(r, DSC_KEY_LOSS));
    dsc_status status = DSC_OK;
    for (size_t i = 0; status == DSC_OK && r->is_version_3 && i < 2; i++) {
        if (dsc_safetensors_metadata(r->file, with_prefix(r, numbers[i].key)) != NULL) {
            status = get_number(r, numbers[i].key, numbers[i].to, err);
        }
    }
    r->config.n_time_bins = (size_t)n_time_bins;
    if (status != DSC_OK) {
        return status;
    }
    if (r->is_version_3 && loss != NULL && !dsc_rating_loss_from_name(loss, &r->config.loss)) {
        return dsc_fail(err, DSC_E_MODEL, r->path, "\"%s\" is not a loss known here", loss);
    }
    r->has_ridge_power = false;
    return r->is_version_3 &&
                   dsc_safetensors_metadata(r->file, with_prefix(r, DSC_KEY_RIDGE_BY_COUNT)) != NULL
               ? get_flag(r, DSC_KEY_RIDGE_BY_COUNT, &r->has_ridge_power, err)
               : DSC_OK;
}

static dsc_status get_parts(reading *r, dsc_error *err) {
    if (r->is_version_1) {
        r->config.use_network = true;
        return DSC_OK;
    }
    const struct {
        const char *key;
        bool *to;
    } parts[] = {
        {DSC_KEY_USE_DOT, &r->config.use_dot},
        {DSC_KEY_USE_NETWORK, &r->config.use_network},
        {DSC_KEY_USER_HISTORY, &r->config.use_user_history},
        {DSC_KEY_ITEM_HISTORY, &r->config.use_item_history},
        {DSC_KEY_USE_LBFGS, &r->config.use_lbfgs},
    };
    dsc_status status = DSC_OK;
    for (size_t i = 0; status == DSC_OK && i < sizeof parts / sizeof parts[0]; i++) {
        status = get_flag(r, parts[i].key, parts[i].to, err);
    }
    if (status == DSC_OK && dsc_model_has_minibatch_histories(&r->config) && !r->is_version_3) {
        return dsc_fail(err, DSC_E_MODEL, r->path,
                        "setting use_lbfgs is off, and there are histories; expected format "
                        "version %s for that",
                        DSC_MODEL_FORMAT_VERSION_3);
    }
    return status;
}

/* What version 3 can say of sides; each key may be missing. */
static dsc_status get_sides(reading *r, dsc_error *err) {
    const struct {
        const char *key;
        bool *to;
    } flags[] = {{DSC_KEY_WEIGH_USERS, &r->config.weigh_user_history},
                 {DSC_KEY_WEIGH_ITEMS, &r->config.weigh_item_history},
                 {DSC_KEY_SHARE_USERS, &r->config.share_user_vector},
                 {DSC_KEY_SHARE_ITEMS, &r->config.share_item_vector}};
    const struct {
        const char *key;
        dsc_activation *to;
    } activations[] = {{DSC_KEY_USER_SIDE, &r->config.user_activation},
                       {DSC_KEY_ITEM_SIDE, &r->config.item_activation}};
    dsc_status status = DSC_OK;
    for (size_t i = 0; status == DSC_OK && i < sizeof flags / sizeof flags[0]; i++) {
        if (dsc_safetensors_metadata(r->file, with_prefix(r, flags[i].key)) != NULL) {
            status = get_flag(r, flags[i].key, flags[i].to, err);
        }
    }
    for (size_t i = 0; i < sizeof activations / sizeof activations[0]; i++) {
        const char *name = dsc_safetensors_metadata(r->file, with_prefix(r, activations[i].key));
        if (status == DSC_OK && name != NULL &&
            !dsc_activation_from_name(name, activations[i].to)) {
            status = dsc_fail(err, DSC_E_MODEL, r->path,
                              "metadata \"%s\" is \"%s\", which is not an activation known here",
                              r->name, name);
        }
    }
    return status;
}

/* What version 3 knows of interactions; the settings of ratings where it is not there. */
static dsc_status get_interactions(reading *r, dsc_error *err) {
    const dsc_recommender_config ratings = dsc_recommender_config_of(DSC_FORM_DOT, 0);
    r->config.unobserved_weight = ratings.unobserved_weight;
    r->config.n_negatives = ratings.n_negatives;
    r->statistics.train_loss = r->statistics.validation_ndcg = (double)NAN;
    if (!r->is_version_3 ||
        dsc_safetensors_metadata(r->file, with_prefix(r, DSC_KEY_IS_IMPLICIT)) == NULL) {
        return DSC_OK;
    }
    dsc_status status = get_flag(r, DSC_KEY_IS_IMPLICIT, &r->config.is_implicit, err);
    if (status != DSC_OK || !r->config.is_implicit) {
        return status;
    }
    status = get_flag(r, DSC_KEY_USE_ALS, &r->config.use_als, err);
    if (status == DSC_OK) {
        status = get_size(r, DSC_KEY_N_NEGATIVES, &r->config.n_negatives, err);
    }
    return status;
}

static dsc_status get_metadata(reading *r, dsc_error *err) {
    const struct {
        const char *key;
        size_t *to;
    } sizes[] = {
        {DSC_KEY_N_FACTORS, &r->config.n_factors},
        {DSC_KEY_BATCH_SIZE, &r->config.batch_size},
        {DSC_KEY_MAX_EPOCHS, &r->config.max_epochs},
        {DSC_KEY_PATIENCE, &r->config.patience},
        {DSC_KEY_BEST_EPOCH, &r->statistics.best_epoch},
        {DSC_KEY_N_EPOCHS, &r->statistics.n_epochs},
    };
    dsc_status status = DSC_OK;
    for (size_t i = 0; status == DSC_OK && i < sizeof sizes / sizeof sizes[0]; i++) {
        status = get_size(r, sizes[i].key, sizes[i].to, err);
    }
    r->config.average_epochs = 1;
    if (status == DSC_OK &&
        dsc_safetensors_metadata(r->file, with_prefix(r, DSC_KEY_AVERAGE_EPOCHS)) != NULL) {
        status = get_size(r, DSC_KEY_AVERAGE_EPOCHS, &r->config.average_epochs, err);
    }
    if (status == DSC_OK) {
        status = get_number(r, DSC_KEY_SEED, &r->config.seed, err);
    }
    if (status == DSC_OK) {
        status = get_parts(r, err);
    }
    if (status == DSC_OK && r->is_version_3) {
        status = get_sides(r, err);
    }
    if (status == DSC_OK) {
        status = get_flag(r, DSC_KEY_USE_BIASES, &r->config.use_biases, err);
    }
    if (status == DSC_OK) {
        status = get_flag(r, DSC_KEY_USE_MEAN, &r->config.use_mean, err);
    }
    if (status == DSC_OK) {
        status = get_names(r, err);
    }
    if (status == DSC_OK) {
        status = get_version_3(r, err);
    }
    if (status == DSC_OK) {
        status = get_interactions(r, err);
    }
    const dsc_statistics *s = &r->statistics;
    if (status == DSC_OK &&
        (s->best_epoch == 0 || s->best_epoch > s->n_epochs || s->n_epochs > r->config.max_epochs)) {
        return dsc_fail(err, DSC_E_MODEL, r->path,
                        "best_epoch %zu, n_epochs %zu and max_epochs %zu are not in ascending "
                        "order from 1",
                        s->best_epoch, s->n_epochs, r->config.max_epochs);
    }
    return status == DSC_OK ? get_hidden(r, err) : status;
}

static dsc_status get_vector(const reading *r, const char *name, dsc_element element, size_t n,
                             dsc_tensor *out, dsc_error *err) {
    return dsc_safetensors_tensor(r->file, with_prefix(r, name), element, 1, &n, out, err);
}

/* Others keep 0, which nothing looks at. */
static dsc_status get_minibatch_histories(reading *r, dsc_error *err) {
    dsc_tensor array;
    if (!dsc_model_has_minibatch_histories(&r->config)) {
        return DSC_OK;
    }
    dsc_status status = get_vector(r, DSC_ARRAY_MINIBATCH_HISTORIES, DSC_F64,
                                   DSC_N_MINIBATCH_HISTORIES, &array, err);
    if (status == DSC_OK) {
        const double *value = array.data;
        r->config.l2_user_history = value[DSC_MINIBATCH_L2_USER_HISTORY];
        r->config.l2_item_history = value[DSC_MINIBATCH_L2_ITEM_HISTORY];
        r->config.history_dropout = value[DSC_MINIBATCH_DROPOUT];
    }
    return status;
}

static dsc_status get_time_ridge(reading *r, dsc_error *err) {
    dsc_tensor array;
    if (!dsc_uses_time(&r->config)) {
        return DSC_OK;
    }
    dsc_status status =
        get_vector(r, DSC_ARRAY_TIME_RIDGE, DSC_F64, DSC_N_TIME_RIDGES, &array, err);
    if (status == DSC_OK) {
        const double *value = array.data;
        r->config.ridge.time_bins = value[DSC_TIME_RIDGE_BINS];
        r->config.ridge.sessions = value[DSC_TIME_RIDGE_SESSIONS];
    }
    return status;
}

/* Behind the ridges. Without it all vectors are held alike. */
static dsc_status get_ridge_power(reading *r, dsc_error *err) {
    dsc_tensor array;
    if (!r->has_ridge_power) {
        return DSC_OK;
    }
    dsc_status status = get_vector(r, DSC_ARRAY_RIDGE_POWER, DSC_F64, 1, &array, err);
    if (status == DSC_OK) {
        r->config.ridge.power = *(const double *)array.data;
    }
    return status;
}

static dsc_status get_interaction_numbers(reading *r, dsc_error *err) {
    dsc_tensor array;
    dsc_status status =
        get_vector(r, DSC_ARRAY_INTERACTIONS, DSC_F64, DSC_N_INTERACTIONS, &array, err);
    if (status != DSC_OK) {
        return status;
    }
    const double *value = array.data;
    r->config.unobserved_weight = value[DSC_INTERACTIONS_UNOBSERVED_WEIGHT];
    r->statistics.train_loss = value[DSC_INTERACTIONS_TRAIN_LOSS];
    r->statistics.validation_ndcg =
        r->config.holdout > 0 ? value[DSC_INTERACTIONS_VALIDATION_NDCG] : (double)NAN;
    return DSC_OK;
}

static dsc_status get_hyperparameters(reading *r, dsc_error *err) {
    dsc_tensor array;
    const size_t n = r->is_version_1 ? DSC_N_HYPERPARAMETERS_1 : DSC_N_HYPERPARAMETERS;
    dsc_status status = get_vector(r, DSC_ARRAY_HYPERPARAMETERS, DSC_F64, n, &array, err);
    if (status != DSC_OK) {
        return status;
    }
    const double *value = array.data;
    r->config.optimizer.rate = value[DSC_HYPER_RATE];
    r->config.optimizer.momentum = value[DSC_HYPER_MOMENTUM];
    r->config.optimizer.beta1 = value[DSC_HYPER_BETA1];
    r->config.optimizer.beta2 = value[DSC_HYPER_BETA2];
    r->config.optimizer.epsilon = value[DSC_HYPER_EPSILON];
    r->config.l2_vectors = value[DSC_HYPER_L2_VECTORS];
    r->config.l2_biases = value[DSC_HYPER_L2_BIASES];
    r->config.l2_network = value[DSC_HYPER_L2_NETWORK];
    r->config.holdout = value[DSC_HYPER_HOLDOUT];
    if (!r->is_version_1) {
        r->config.ridge = (dsc_ridge){.vectors = value[DSC_HYPER_RIDGE_VECTORS],
                                      .user_history = value[DSC_HYPER_RIDGE_USER_HISTORY],
                                      .item_history = value[DSC_HYPER_RIDGE_ITEM_HISTORY],
                                      .biases = value[DSC_HYPER_RIDGE_BIASES],
                                      .network = value[DSC_HYPER_RIDGE_NETWORK]};
    }
    status = get_minibatch_histories(r, err);
    if (status == DSC_OK) {
        status = get_time_ridge(r, err);
    }
    if (status == DSC_OK) {
        status = get_ridge_power(r, err);
    }
    if (status == DSC_OK && r->config.is_implicit) {
        status = get_interaction_numbers(r, err);
    }
    if (status != DSC_OK) {
        return status;
    }
    dsc_error reason = {0};
    status = dsc_recommender_config_check(&r->config, &reason);
    if (status == DSC_E_MEMORY) {
        return dsc_fail(err, status, "", "%s", reason.message);
    }
    return status == DSC_OK ? DSC_OK
                            : dsc_fail(err, DSC_E_MODEL, r->path, "setting %s%s %s", r->prefix,
                                       reason.where, reason.message);
}

/* `has_holdout`: a validation error is there. */
static dsc_status get_statistics(reading *r, bool has_holdout, dsc_error *err) {
    dsc_tensor array;
    dsc_status status = get_vector(r, DSC_ARRAY_STATISTICS, DSC_F64, DSC_N_STATISTICS, &array, err);
    if (status != DSC_OK) {
        return status;
    }
    const double *value = array.data;
    bool is_good = true;
    for (size_t i = 0; i < DSC_N_STATISTICS; i++) {
        is_good = is_good && isfinite(value[i]);
    }
    dsc_statistics *s = &r->statistics;
    s->mean = value[DSC_STATISTIC_MEAN];
    s->spread = value[DSC_STATISTIC_SPREAD];
    s->min = value[DSC_STATISTIC_MIN];
    s->max = value[DSC_STATISTIC_MAX];
    s->train_rmse = value[DSC_STATISTIC_TRAIN_RMSE];
    s->validation_rmse = has_holdout ? value[DSC_STATISTIC_VALIDATION_RMSE] : (double)NAN;
    if (r->config.is_implicit) {
        is_good = is_good && s->mean == 0 && s->spread == 1 && s->min == 1 && s->max == 1;
        s->train_rmse = s->validation_rmse = (double)NAN;
        if (!is_good || !(isfinite(s->train_loss) && s->train_loss >= 0) ||
            s->validation_ndcg < 0 || s->validation_ndcg > 1) {
            return dsc_fail(err, DSC_E_MODEL, r->path,
                            "its statistics are not those of interactions: mean %g, spread %g, "
                            "scale %g to %g, loss %g, NDCG@10 %g",
                            s->mean, s->spread, s->min, s->max, s->train_loss, s->validation_ndcg);
        }
        return DSC_OK;
    }
    if (!is_good || s->spread <= 0 || s->min > s->mean || s->mean > s->max || s->train_rmse < 0 ||
        s->validation_rmse < 0) {
        return dsc_fail(err, DSC_E_MODEL, r->path,
                        "its statistics are not those of ratings: mean %g, spread %g, scale %g to "
                        "%g, errors %g and %g",
                        s->mean, s->spread, s->min, s->max, s->train_rmse, s->validation_rmse);
    }
    return DSC_OK;
}

static dsc_status get_ids(const reading *r, const char *offsets_name, const char *bytes_name,
                          dsc_id_map **out, dsc_error *err) {
    dsc_tensor offsets, bytes;
    dsc_status status = get_vector(r, offsets_name, DSC_I64, SIZE_MAX, &offsets, err);
    if (status == DSC_OK) {
        status = get_vector(r, bytes_name, DSC_U8, SIZE_MAX, &bytes, err);
    }
    if (status != DSC_OK) {
        return status;
    }
    /* A negative offset becomes one that lies beyond the bytes, and is refused as such. */
    dsc_error reason = {0};
    status = offsets.shape[0] < 2
                 ? dsc_fail(&reason, DSC_E_DATA, "", "there are none")
                 : dsc_id_map_from_bytes(out, bytes.data, bytes.shape[0], offsets.data,
                                         offsets.shape[0] - 1, &reason);
    if (status == DSC_E_MEMORY) {
        return dsc_fail(err, status, "", "%s", reason.message);
    }
    return status == DSC_OK ? DSC_OK
                            : dsc_fail(err, DSC_E_MODEL, r->path, "array \"%s\": %s", bytes_name,
                                       reason.message);
}

/* Row starts ascending from 0 to the end, columns ascending in each row, values on the scale. */
static bool are_ratings_good(const dsc_sparse_matrix *m, const dsc_statistics *s) {
    if (m->start[0] != 0 || m->start[m->n_rows] != m->n_entries) {
        return false;
    }
    for (size_t row = 0; row < m->n_rows; row++) {
        if (m->start[row] > m->start[row + 1] || m->start[row + 1] > m->n_entries) {
            return false;
        }
        for (uint64_t e = m->start[row]; e < m->start[row + 1]; e++) {
            const double value = (double)m->value[e];
            if (m->column[e] >= m->n_cols ||
                (e > m->start[row] && m->column[e] <= m->column[e - 1]) ||
                !(value >= s->min && value <= s->max)) {
                return false;
            }
        }
    }
    return true;
}

static dsc_status get_ratings(reading *r, dsc_error *err) {
    const size_t n_users = r->n_users, n_items = r->n_items;
    dsc_tensor start, item, value, time;
    const bool has_time = r->has_times || dsc_uses_time(&r->config);
    dsc_status status = get_vector(r, DSC_ARRAY_RATINGS_START, DSC_I64, n_users + 1, &start, err);
    if (status == DSC_OK) {
        status = get_vector(r, DSC_ARRAY_RATINGS_ITEM, DSC_I32, SIZE_MAX, &item, err);
    }
    if (status == DSC_OK) {
        status = get_vector(r, DSC_ARRAY_RATINGS_VALUE, DSC_F32, item.shape[0], &value, err);
    }
    if (status == DSC_OK && has_time) {
        status = get_vector(r, DSC_ARRAY_RATINGS_TIME, DSC_I64, item.shape[0], &time, err);
    }
    if (status == DSC_OK) {
        status =
            dsc_sparse_matrix_init(&r->ratings, n_users, n_items, item.shape[0], has_time, err);
    }
    if (status != DSC_OK) {
        return status;
    }
    dsc_sparse_matrix *m = &r->ratings;
    memcpy(m->start, start.data, (n_users + 1) * sizeof *m->start);
    memcpy(m->column, item.data, m->n_entries * sizeof *m->column);
    memcpy(m->value, value.data, m->n_entries * sizeof *m->value);
    if (has_time) {
        memcpy(m->time, time.data, m->n_entries * sizeof *m->time);
    }
    if (m->n_entries == 0 || !are_ratings_good(m, &r->statistics)) {
        return dsc_fail(err, DSC_E_MODEL, r->path,
                        "its ratings are not a sparse matrix of %zu users and %zu items inside the "
                        "scale",
                        n_users, n_items);
    }
    return DSC_OK;
}

/* A single-precision array of the given shape whose values are all finite; owned by the file. */
static dsc_status get_floats(const reading *r, const char *name, size_t n_dimensions,
                             const size_t *shape, dsc_tensor *out, dsc_error *err) {
    dsc_status status = dsc_safetensors_tensor(r->file, with_prefix(r, name), DSC_F32, n_dimensions,
                                               shape, out, err);
    if (status != DSC_OK) {
        return status;
    }
    const float *value = out->data;
    const size_t n = out->shape[0] * out->shape[1];
    for (size_t i = 0; i < n; i++) {
        if (!isfinite(value[i])) {
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
static dsc_status get_tables(const reading *r, dsc_tensor tables[N_TABLES], dsc_error *err) {
    const size_t n_users = r->n_users, n_items = r->n_items;
    const size_t k = r->config.n_factors;
    const struct {
        const char *name;
        size_t n_dimensions;
        size_t shape[2];
        bool is_there;
    } expected[N_TABLES] = {
        [USER_VECTORS] = {DSC_ARRAY_USER_VECTORS,
                          2,
                          {r->config.share_user_vector ? 1 : n_users, k},
                          true},
        [ITEM_VECTORS] = {DSC_ARRAY_ITEM_VECTORS,
                          2,
                          {r->config.share_item_vector ? 1 : n_items, k},
                          true},
        [USER_BIASES] = {DSC_ARRAY_USER_BIASES, 1, {n_users, 1}, true},
        [ITEM_BIASES] = {DSC_ARRAY_ITEM_BIASES, 1, {n_items, 1}, true},
        [RATED_VECTORS] = {DSC_ARRAY_RATED_VECTORS, 2, {n_items, k}, r->config.use_user_history},
        [RATER_VECTORS] = {DSC_ARRAY_RATER_VECTORS, 2, {n_users, k}, r->config.use_item_history},
        [TIME_BIASES] = {DSC_ARRAY_TIME_BIASES,
                         2,
                         {n_items, r->config.n_time_bins},
                         r->config.n_time_bins > 0},
        [SESSION_BIASES] = {DSC_ARRAY_SESSION_BIASES, 1, {SIZE_MAX, 1}, r->config.session_gap > 0},
        [THRESHOLD_STEPS] = {DSC_ARRAY_THRESHOLD_STEPS,
                             1,
                             {SIZE_MAX, 1},
                             r->config.loss == DSC_LOSS_ORDINAL},
    };
    dsc_status status = DSC_OK;
    for (size_t t = 0; status == DSC_OK && t < N_TABLES; t++) {
        if (expected[t].is_there) {
            status = get_floats(r, expected[t].name, expected[t].n_dimensions, expected[t].shape,
                                &tables[t], err);
        }
    }
    return status;
}

static void copy_table(float *to, const dsc_tensor *from) {
    memcpy(to, from->data, from->shape[0] * from->shape[1] * sizeof *to);
}

static dsc_status fill_network(const reading *r, dsc_network *network, dsc_error *err) {
    dsc_status status = DSC_OK;
    const size_t n_layers = network != NULL ? dsc_network_n_layers(network) : 0;
    for (size_t l = 0; status == DSC_OK && l < n_layers; l++) {
        char name[48];
        dsc_tensor weights, bias;
        const dsc_matrix own = dsc_network_weights(network, l);
        const size_t shape[2] = {own.n_rows, own.n_cols};
        snprintf(name, sizeof name, DSC_ARRAY_WEIGHTS, l);
        status = get_floats(r, name, 2, shape, &weights, err);
        if (status == DSC_OK) {
            snprintf(name, sizeof name, DSC_ARRAY_BIAS, l);
            status = get_floats(r, name, 1, &own.n_cols, &bias, err);
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
static dsc_status check_whole(const reading *r, const dsc_recommender *model,
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
static dsc_status fill_thresholds(const reading *r, dsc_recommender *model, const dsc_tensor *steps,
                                  dsc_error *err) {
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

static dsc_status fill_times(const reading *r, dsc_recommender *model,
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

static void fill_tables(dsc_recommender *model, const dsc_tensor tables[N_TABLES]) {
    copy_table(model->user_vectors, &tables[USER_VECTORS]);
    copy_table(model->item_vectors, &tables[ITEM_VECTORS]);
    copy_table(model->user_biases, &tables[USER_BIASES]);
    copy_table(model->item_biases, &tables[ITEM_BIASES]);
    if (model->rated_vectors != NULL) {
        copy_table(model->rated_vectors, &tables[RATED_VECTORS]);
    }
    if (model->rater_vectors != NULL) {
        copy_table(model->rater_vectors, &tables[RATER_VECTORS]);
    }
}

/* The parts of `r` become the model's.
 *   first  [in]  the model that has the ids and ratings; NULL: `r` has them, and loses them */
static dsc_status assemble(dsc_recommender **out, reading *r, const dsc_recommender *first,
                           dsc_error *err) {
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
        status = dsc_model_create(out, &r->config, r->users, r->items, &r->ratings, &reason);
        r->users = NULL;
        r->items = NULL;
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

/* Ids and ratings, which are inside the scale of the statistics. */
static dsc_status get_ground(reading *r, dsc_error *err) {
    dsc_status status = get_ids(r, DSC_ARRAY_USER_ID_OFFSETS, DSC_ARRAY_USER_IDS, &r->users, err);
    if (status == DSC_OK) {
        status = get_ids(r, DSC_ARRAY_ITEM_ID_OFFSETS, DSC_ARRAY_ITEM_IDS, &r->items, err);
    }
    if (status != DSC_OK) {
        return status;
    }
    r->n_users = dsc_id_map_count(r->users);
    r->n_items = dsc_id_map_count(r->items);
    return get_ratings(r, err);
}

static dsc_status load_single(dsc_recommender **out, reading *r, dsc_error *err) {
    dsc_status status = get_metadata(r, err);
    if (status == DSC_OK) {
        status = get_hyperparameters(r, err);
    }
    if (status == DSC_OK) {
        status = get_statistics(r, r->config.holdout > 0, err);
    }
    if (status == DSC_OK) {
        status = get_ground(r, err);
    }
    return status == DSC_OK ? assemble(out, r, NULL, err) : status;
}

/* --- blends ----------------------------------------------------------------------------------- */

/* Above 0, downwards, with the sum 1 but for rounding. */
static dsc_status get_weights(const reading *r, size_t n, double *out, dsc_error *err) {
    dsc_tensor array;
    dsc_status status = get_vector(r, DSC_ARRAY_MEMBER_WEIGHTS, DSC_F64, n, &array, err);
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
    return a->mean == b->mean && a->spread == b->spread && a->min == b->min && a->max == b->max;
}

/* Whether a member looks at the times of ratings, or has metadata that will be refused. */
static bool has_times(reading *r, size_t n) {
    bool found = false;
    for (size_t m = 0; m < n; m++) {
        snprintf(r->prefix, sizeof r->prefix, DSC_MEMBER_PREFIX, m);
        found = found ||
                dsc_safetensors_metadata(r->file, with_prefix(r, DSC_KEY_N_TIME_BINS)) != NULL ||
                dsc_safetensors_metadata(r->file, with_prefix(r, DSC_KEY_SESSION_GAP)) != NULL;
    }
    r->prefix[0] = '\0';
    return found;
}

static dsc_status load_member(dsc_recommender **out, reading *r, size_t m,
                              const dsc_recommender *first, dsc_error *err) {
    const dsc_statistics of_blend = r->statistics;
    r->config = (dsc_recommender_config){0};
    r->statistics = (dsc_statistics){0};
    snprintf(r->prefix, sizeof r->prefix, DSC_MEMBER_PREFIX, m);
    dsc_status status = get_metadata(r, err);
    if (status == DSC_OK) {
        status = get_hyperparameters(r, err);
    }
    if (status == DSC_OK) {
        status = get_statistics(r, r->config.holdout > 0, err);
    }
    if (status == DSC_OK &&
        dsc_safetensors_metadata(r->file, with_prefix(r, DSC_KEY_N_MEMBERS)) != NULL) {
        status = dsc_fail(err, DSC_E_MODEL, r->path, "member %zu is a blend itself", m + 1);
    }
    if (status == DSC_OK && !are_of_same_ratings(&of_blend, &r->statistics)) {
        status =
            dsc_fail(err, DSC_E_MODEL, r->path,
                     "member %zu has other statistics of the ratings than those before it", m + 1);
    }
    return status == DSC_OK ? assemble(out, r, first, err) : status;
}

static dsc_status load_blend(dsc_recommender **out, reading *r, dsc_error *err) {
    size_t n = 0;
    double weights[DSC_MAX_MEMBERS];
    dsc_recommender *models[DSC_MAX_MEMBERS] = {NULL};
    dsc_status status = get_size(r, DSC_KEY_N_MEMBERS, &n, err);
    if (status == DSC_OK && (n < 1 || n > DSC_MAX_MEMBERS)) {
        status = dsc_fail(err, DSC_E_MODEL, r->path, "has %zu members; expected 1 to %d", n,
                          DSC_MAX_MEMBERS);
    }
    if (status == DSC_OK) {
        status = get_statistics(r, true, err);
    }
    if (status == DSC_OK) {
        status = get_weights(r, n, weights, err);
    }
    if (status == DSC_OK) {
        r->has_times = has_times(r, n);
        status = get_ground(r, err);
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
    reading r = {.path = path, .name = name};
    *out = NULL;
    dsc_status status = dsc_safetensors_open(&r.file, path, err);
    if (status != DSC_OK) {
        return status;
    }
    status = get_format(&r, err);
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
