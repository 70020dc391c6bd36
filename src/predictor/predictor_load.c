/* Reading a predictor: every part is checked, and that the parts are of one predictor. */
#include <math.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "predictor/encoding_parts.h"
#include "predictor/network_parts.h"
#include "predictor/predictor_file.h"
#include "predictor/predictor_internal.h"
#include "store/formats.h"

static dsc_status get_names(const dsc_part_reader *reader, dsc_predictor_config *config,
                            dsc_error *err) {
    const char *text;
    dsc_status status = dsc_part_get_text(reader, DSC_KEY_OPTIMIZER, &text, err);
    if (status != DSC_OK) {
        return status;
    }
    config->fit.use_lbfgs = strcmp(text, DSC_NAME_LBFGS) == 0;
    config->fit.optimizer.kind = DSC_ADAM;
    if (!config->fit.use_lbfgs && !dsc_optimizer_from_name(text, &config->fit.optimizer.kind)) {
        return dsc_fail(err, DSC_E_MODEL, reader->path, "\"%s\" is not an optimizer known here",
                        text);
    }
    status = dsc_part_get_text(reader, DSC_KEY_SCHEDULE, &text, err);
    if (status == DSC_OK && !dsc_schedule_from_name(text, &config->fit.schedule.kind)) {
        return dsc_fail(err, DSC_E_MODEL, reader->path, "\"%s\" is not a schedule known here",
                        text);
    }
    if (status == DSC_OK) {
        status =
            dsc_part_get_flag(reader, DSC_KEY_NESTEROV, &config->fit.optimizer.is_nesterov, err);
    }
    if (status == DSC_OK) {
        status = dsc_part_get_flag(reader, DSC_KEY_BALANCES, &config->balances_classes, err);
    }
    return status;
}

static dsc_status get_counts(const dsc_part_reader *reader, dsc_predictor_info *info,
                             dsc_error *err) {
    dsc_fit_config *fit = &info->config.fit;
    const struct {
        const char *key;
        size_t *to;
    } sizes[] = {
        {DSC_KEY_SCHEDULE_EVERY, &fit->schedule.every},
        {DSC_KEY_SCHEDULE_EPOCHS, &fit->schedule.n_epochs},
        {DSC_KEY_SCHEDULE_WAIT, &fit->schedule.patience},
        {DSC_KEY_MAX_EPOCHS, &fit->max_epochs},
        {DSC_KEY_BATCH_SIZE, &fit->batch_size},
        {DSC_KEY_PATIENCE, &fit->patience},
        {DSC_KEY_N_ROWS, &info->n_rows},
        {DSC_KEY_N_HELD_OUT, &info->n_held_out},
        {DSC_KEY_N_EPOCHS, &info->result.n_epochs},
        {DSC_KEY_BEST_EPOCH, &info->result.best_epoch},
    };
    dsc_status status = dsc_part_get_number(reader, DSC_KEY_SEED, &fit->seed, err);
    for (size_t i = 0; status == DSC_OK && i < sizeof sizes / sizeof sizes[0]; i++) {
        status = dsc_part_get_size(reader, sizes[i].key, sizes[i].to, err);
    }
    if (status == DSC_OK) {
        status =
            dsc_part_get_flag(reader, DSC_KEY_STOPPED_EARLY, &info->result.has_stopped_early, err);
    }
    const dsc_fit_result *r = &info->result;
    if (status == DSC_OK &&
        (r->best_epoch == 0 || r->best_epoch > r->n_epochs || r->n_epochs > fit->max_epochs)) {
        return dsc_fail(err, DSC_E_MODEL, reader->path,
                        "best_epoch %zu, n_epochs %zu and max_epochs %zu are not in ascending "
                        "order from 1",
                        r->best_epoch, r->n_epochs, fit->max_epochs);
    }
    if (status == DSC_OK && info->n_rows == 0) {
        return dsc_fail(err, DSC_E_MODEL, reader->path, "was trained on 0 rows; expected some");
    }
    return status;
}

static dsc_status get_reals(const dsc_part_reader *reader, dsc_predictor_info *info,
                            dsc_error *err) {
    const double *real = NULL, *result = NULL;
    dsc_fit_config *fit = &info->config.fit;
    dsc_status status =
        dsc_part_get_reals(reader, DSC_ARRAY_HYPERPARAMETERS, DSC_N_FIT_REALS, &real, err);
    if (status == DSC_OK) {
        status = dsc_part_get_reals(reader, DSC_ARRAY_RESULTS, DSC_N_RESULTS, &result, err);
    }
    if (status != DSC_OK) {
        return status;
    }
    fit->optimizer.rate = real[DSC_FIT_RATE];
    fit->optimizer.momentum = real[DSC_FIT_MOMENTUM];
    fit->optimizer.beta1 = real[DSC_FIT_BETA1];
    fit->optimizer.beta2 = real[DSC_FIT_BETA2];
    fit->optimizer.epsilon = real[DSC_FIT_EPSILON];
    fit->optimizer.decay = real[DSC_FIT_DECAY];
    fit->l1 = real[DSC_FIT_L1];
    fit->l2 = real[DSC_FIT_L2];
    fit->clip_norm = real[DSC_FIT_CLIP_NORM];
    info->config.holdout = real[DSC_FIT_HOLDOUT];
    fit->schedule.warmup = real[DSC_FIT_WARMUP];
    fit->schedule.factor = real[DSC_FIT_FACTOR];
    fit->schedule.floor = real[DSC_FIT_FLOOR];
    info->result.train_loss = result[DSC_RESULT_TRAIN_LOSS];
    info->result.validation_loss =
        info->n_held_out > 0 ? result[DSC_RESULT_VALIDATION_LOSS] : (double)NAN;
    info->score = result[DSC_RESULT_SCORE];
    info->baseline = result[DSC_RESULT_BASELINE];
    return DSC_OK;
}

/* The settings that the network itself holds. */
static dsc_status take_from_network(const char *path, dsc_predictor *p, dsc_error *err) {
    dsc_predictor_config *config = &p->info.config;
    const size_t n_hidden = dsc_network_n_layers(p->network) - 1;
    const dsc_layer_config first = dsc_network_layer(p->network, 0);
    if (n_hidden > DSC_MAX_PREDICTOR_HIDDEN) {
        return dsc_fail(err, DSC_E_MODEL, path, "has %zu hidden layers; expected at most %d",
                        n_hidden, DSC_MAX_PREDICTOR_HIDDEN);
    }
    if (dsc_network_precision(p->network) != DSC_FLOAT32 ||
        dsc_network_layer(p->network, n_hidden).activation != DSC_IDENTITY) {
        return dsc_fail(err, DSC_E_MODEL, path,
                        "its network is not of single precision with a linear output");
    }
    config->n_hidden = n_hidden;
    config->activation = n_hidden > 0 ? first.activation : DSC_RELU;
    config->has_norm = n_hidden > 0 && first.has_norm;
    config->dropout = n_hidden > 0 ? first.dropout : 0;
    config->has_loss = true;
    config->loss = dsc_network_loss(p->network);
    for (size_t l = 0; l < n_hidden; l++) {
        const dsc_layer_config layer = dsc_network_layer(p->network, l);
        config->hidden[l] = layer.n_out;
        if (layer.activation != first.activation || layer.has_norm != first.has_norm ||
            layer.dropout < first.dropout || layer.dropout > first.dropout) {
            return dsc_fail(err, DSC_E_MODEL, path,
                            "hidden layer %zu differs from the first in activation, norm or "
                            "dropout; expected all alike",
                            l + 1);
        }
    }
    p->info.n_parameters = dsc_network_n_parameters(p->network);
    return DSC_OK;
}

/* What only the whole can show: settings out of range, a network that the encoding does not fit. */
static dsc_status check_whole(const char *path, dsc_predictor *p, dsc_error *err) {
    const size_t n_inputs = dsc_encoding_n_inputs(p->encoding);
    const size_t n_outputs = dsc_encoding_n_outputs(p->encoding);
    if (dsc_network_n_in(p->network) != n_inputs || dsc_network_n_out(p->network) != n_outputs) {
        return dsc_fail(err, DSC_E_MODEL, path,
                        "its network has %zu inputs and %zu outputs, its encoding %zu and %zu",
                        dsc_network_n_in(p->network), dsc_network_n_out(p->network), n_inputs,
                        n_outputs);
    }
    dsc_error reason = {0};
    dsc_status status = dsc_predictor_config_check(&p->info.config, &reason);
    if (status == DSC_OK) {
        status = dsc_predictor_settle_loss(&p->info.config, p->info.task, &reason);
    }
    if (status == DSC_E_MEMORY) {
        return dsc_fail(err, status, "", "%s", reason.message);
    }
    const dsc_predictor_info *info = &p->info;
    if (status == DSC_OK && (!(info->score >= 0) || !(info->baseline >= 0))) {
        return dsc_fail(err, DSC_E_MODEL, path, "its score %g or its baseline %g is below 0",
                        info->score, info->baseline);
    }
    return status == DSC_OK
               ? DSC_OK
               : dsc_fail(err, DSC_E_MODEL, path, "setting %s %s", reason.where, reason.message);
}

static dsc_status get_class_counts(const dsc_part_reader *reader, dsc_predictor *p,
                                   dsc_error *err) {
    if (p->info.task == DSC_TASK_REGRESSION) {
        return DSC_OK;
    }
    const size_t k = dsc_encoding_n_outputs(p->encoding);
    dsc_tensor counts;
    dsc_status status =
        dsc_part_get_vector(reader, DSC_ARRAY_CLASS_COUNTS, DSC_I64, k, &counts, err);
    if (status != DSC_OK) {
        return status;
    }
    p->class_count = dsc_alloc(k, sizeof *p->class_count);
    if (p->class_count == NULL) {
        return dsc_fail_memory(err, "the counts of the classes");
    }
    memcpy(p->class_count, counts.data, k * sizeof *p->class_count);
    uint64_t left = p->info.n_rows;
    for (size_t c = 0; c < k; c++) {
        if (p->class_count[c] > left) {
            left = 1;
            break;
        }
        left -= p->class_count[c];
    }
    return left == 0 ? DSC_OK
                     : dsc_fail(err, DSC_E_MODEL, reader->path,
                                "array \"" DSC_ARRAY_CLASS_COUNTS
                                "\" does not add up to the %zu rows that it was trained on",
                                p->info.n_rows);
}

static dsc_status get_parts(const dsc_part_reader *reader, dsc_predictor *p, dsc_error *err) {
    dsc_status status = get_names(reader, &p->info.config, err);
    if (status == DSC_OK) {
        status = get_counts(reader, &p->info, err);
    }
    if (status == DSC_OK) {
        status = get_reals(reader, &p->info, err);
    }
    if (status == DSC_OK) {
        status = dsc_encoding_get_parts(&p->encoding, reader, err);
    }
    if (status == DSC_OK) {
        p->info.task = dsc_encoding_task(p->encoding);
        status = get_class_counts(reader, p, err);
    }
    if (status == DSC_OK) {
        status = dsc_network_from_parts(&p->network, reader, err);
    }
    if (status == DSC_OK) {
        status = take_from_network(reader->path, p, err);
    }
    return status == DSC_OK ? check_whole(reader->path, p, err) : status;
}

dsc_status dsc_predictor_load(dsc_predictor **out, const char *path, dsc_error *err) {
    dsc_part_reader reader;
    *out = NULL;
    dsc_status status =
        dsc_part_reader_open(&reader, path, DSC_FORMAT_PREDICTOR, DSC_PREDICTOR_VERSION, err);
    if (status != DSC_OK) {
        return status;
    }
    dsc_predictor *predictor = dsc_alloc(1, sizeof *predictor);
    status = predictor != NULL ? get_parts(&reader, predictor, err)
                               : dsc_fail_memory(err, "a predictor");
    dsc_part_reader_close(&reader);
    if (status != DSC_OK) {
        dsc_predictor_destroy(predictor);
        return status;
    }
    *out = predictor;
    return DSC_OK;
}
