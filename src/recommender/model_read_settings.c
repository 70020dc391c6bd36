/* Reading a model's settings that are metadata: whole numbers, names, what is on and off. What is unknown
 * or contradicts itself is refused; ranges are checked when model_read_numbers.c has read the rest. */
#include <math.h>
#include <string.h>

#include "base/error.h"
#include "recommender/model_reading.h"

static dsc_status get_hidden(dsc_model_reading *r, dsc_error *err) {
    const char *text;
    dsc_status status = dsc_reading_text(r, DSC_KEY_HIDDEN, &text, err);
    if (status != DSC_OK) {
        return status;
    }
    for (const char *rest = text;; rest++) {
        uint64_t width;
        if (r->config.n_hidden == DSC_MAX_HIDDEN || !dsc_reading_parse_number(&rest, ',', &width)) {
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

static dsc_status get_names(dsc_model_reading *r, dsc_error *err) {
    const char *text;
    dsc_status status = dsc_reading_text(r, DSC_KEY_ACTIVATION, &text, err);
    if (status == DSC_OK && !dsc_activation_from_name(text, &r->config.activation)) {
        return dsc_fail(err, DSC_E_MODEL, r->path, "\"%s\" is not an activation known here", text);
    }
    if (status == DSC_OK) {
        status = dsc_reading_text(r, DSC_KEY_OPTIMIZER, &text, err);
    }
    if (status == DSC_OK && !dsc_optimizer_from_name(text, &r->config.optimizer.kind)) {
        return dsc_fail(err, DSC_E_MODEL, r->path, "\"%s\" is not an optimizer known here", text);
    }
    return status;
}

dsc_status dsc_reading_format(dsc_model_reading *r, dsc_error *err) {
    const char *format = dsc_safetensors_metadata(r->file, DSC_KEY_FORMAT);
    if (format == NULL || strcmp(format, DSC_MODEL_FORMAT) != 0) {
        return dsc_fail(err, DSC_E_MODEL, r->path,
                        "is not a recommender of descent: its format is \"%s\"; expected \"%s\"",
                        format != NULL ? format : "", DSC_MODEL_FORMAT);
    }
    const char *version;
    dsc_status status = dsc_reading_text(r, DSC_KEY_FORMAT_VERSION, &version, err);
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
static dsc_status get_version_3(dsc_model_reading *r, dsc_error *err) {
    uint64_t n_time_bins = 0;
    const struct {
        const char *key;
        uint64_t *to;
    } numbers[] = {{DSC_KEY_N_TIME_BINS, &n_time_bins},
                   {DSC_KEY_SESSION_GAP, &r->config.session_gap}};
    const char *loss = dsc_safetensors_metadata(r->file, dsc_reading_name(r, DSC_KEY_LOSS));
    dsc_status status = DSC_OK;
    for (size_t i = 0; status == DSC_OK && r->is_version_3 && i < 2; i++) {
        if (dsc_safetensors_metadata(r->file, dsc_reading_name(r, numbers[i].key)) != NULL) {
            status = dsc_reading_number(r, numbers[i].key, numbers[i].to, err);
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
    const struct {
        const char *key;
        bool *to;
    } flags[] = {{DSC_KEY_USE_TWIN, &r->config.use_twin_adagrad},
                 {DSC_KEY_USE_BF16, &r->config.use_bf16},
                 {DSC_KEY_RIDGE_BY_COUNT, &r->has_ridge_power}};
    for (size_t i = 0; status == DSC_OK && r->is_version_3 && i < sizeof flags / sizeof flags[0];
         i++) {
        if (dsc_safetensors_metadata(r->file, dsc_reading_name(r, flags[i].key)) != NULL) {
            status = dsc_reading_flag(r, flags[i].key, flags[i].to, err);
        }
    }
    return status;
}

static dsc_status get_parts(dsc_model_reading *r, dsc_error *err) {
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
        status = dsc_reading_flag(r, parts[i].key, parts[i].to, err);
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
static dsc_status get_sides(dsc_model_reading *r, dsc_error *err) {
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
        if (dsc_safetensors_metadata(r->file, dsc_reading_name(r, flags[i].key)) != NULL) {
            status = dsc_reading_flag(r, flags[i].key, flags[i].to, err);
        }
    }
    for (size_t i = 0; i < sizeof activations / sizeof activations[0]; i++) {
        const char *name =
            dsc_safetensors_metadata(r->file, dsc_reading_name(r, activations[i].key));
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
static dsc_status get_interactions(dsc_model_reading *r, dsc_error *err) {
    const dsc_recommender_config ratings = dsc_recommender_config_of(DSC_FORM_DOT, 0);
    r->config.unobserved_weight = ratings.unobserved_weight;
    r->config.n_negatives = ratings.n_negatives;
    r->statistics.train_loss = r->statistics.validation_ndcg = (double)NAN;
    if (!r->is_version_3 ||
        dsc_safetensors_metadata(r->file, dsc_reading_name(r, DSC_KEY_IS_IMPLICIT)) == NULL) {
        return DSC_OK;
    }
    dsc_status status = dsc_reading_flag(r, DSC_KEY_IS_IMPLICIT, &r->config.is_implicit, err);
    if (status != DSC_OK || !r->config.is_implicit) {
        return status;
    }
    status = dsc_reading_flag(r, DSC_KEY_USE_ALS, &r->config.use_als, err);
    if (status == DSC_OK) {
        status = dsc_reading_size(r, DSC_KEY_N_NEGATIVES, &r->config.n_negatives, err);
    }
    return status;
}

dsc_status dsc_reading_metadata(dsc_model_reading *r, dsc_error *err) {
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
        status = dsc_reading_size(r, sizes[i].key, sizes[i].to, err);
    }
    r->config.average_epochs = 1;
    if (status == DSC_OK &&
        dsc_safetensors_metadata(r->file, dsc_reading_name(r, DSC_KEY_AVERAGE_EPOCHS)) != NULL) {
        status = dsc_reading_size(r, DSC_KEY_AVERAGE_EPOCHS, &r->config.average_epochs, err);
    }
    if (status == DSC_OK) {
        status = dsc_reading_number(r, DSC_KEY_SEED, &r->config.seed, err);
    }
    if (status == DSC_OK) {
        status = get_parts(r, err);
    }
    if (status == DSC_OK && r->is_version_3) {
        status = get_sides(r, err);
    }
    if (status == DSC_OK) {
        status = dsc_reading_flag(r, DSC_KEY_USE_BIASES, &r->config.use_biases, err);
    }
    if (status == DSC_OK) {
        status = dsc_reading_flag(r, DSC_KEY_USE_MEAN, &r->config.use_mean, err);
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
