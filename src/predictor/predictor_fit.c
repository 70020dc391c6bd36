/* Fitting a predictor: rows held out, encoding, network, training, score. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "descent/split.h"
#include "predictor/predictor_internal.h"

/* Bounds of the epochs that are chosen for DSC_PREDICTOR_STEPS; iterations of L-BFGS. */
enum { MIN_EPOCHS = 20, MAX_EPOCHS = 1000, LBFGS_ITERATIONS = 200 };

typedef struct fitting {
    const dsc_predictor_source *source;
    size_t n_rows; /* of the source */
    dsc_predictor *predictor;
    dsc_rows held; /* rows held out, none where the holdout is 0 */
    dsc_rows kept; /* and the others, to train on; NULL: all of the source */
    dsc_samples train;
    dsc_samples validation;
} fitting;

static dsc_status find_target(const fitting *f, size_t *column, dsc_task *task, dsc_error *err) {
    const dsc_table *table = f->source->table;
    const char *selector = f->source->encoding.target;
    dsc_status status = dsc_table_find(table, selector != NULL ? selector : "-1", column, err);
    if (status == DSC_OK) {
        *task = f->source->encoding.task;
        if (*task == DSC_TASK_DETECT) {
            *task = dsc_table_column_kind(table, *column) == DSC_COLUMN_CATEGORICAL
                        ? DSC_TASK_CLASSIFICATION
                        : DSC_TASK_REGRESSION;
        }
    }
    return status;
}

/* The row of the table that is number i of the source. */
static uint32_t row_at(const fitting *f, size_t i) {
    return f->source->rows != NULL ? f->source->rows[i] : (uint32_t)i;
}

/* The class of each row of the source: (n_rows), freed with dsc_free. */
static dsc_status list_strata(const fitting *f, size_t column, uint32_t **out, dsc_error *err) {
    size_t n_strata;
    const size_t n_table = dsc_table_n_rows(f->source->table);
    uint32_t *all = dsc_alloc(n_table, sizeof *all);
    *out = dsc_alloc(f->n_rows, sizeof **out);
    dsc_status status = all != NULL && *out != NULL
                            ? dsc_table_strata(f->source->table, column, all, &n_strata, err)
                            : dsc_fail_memory(err, "the strata of the rows");
    for (size_t i = 0; status == DSC_OK && i < f->n_rows; i++) {
        if (row_at(f, i) >= n_table) {
            status = dsc_fail(err, DSC_E_ARGUMENT, "rows", "found row %u of a table of %zu rows",
                              row_at(f, i), n_table);
            break;
        }
        (*out)[i] = all[row_at(f, i)];
    }
    dsc_free(all);
    return status;
}

static dsc_status hold_out(fitting *f, dsc_error *err) {
    const dsc_predictor_config *config = &f->predictor->info.config;
    if (f->n_rows < 2) {
        return dsc_fail(err, DSC_E_DATA, dsc_table_name(f->source->table),
                        "has %zu row%s to train on; expected at least 2", f->n_rows,
                        f->n_rows == 1 ? "" : "s");
    }
    if (!(config->holdout > 0)) {
        return DSC_OK;
    }
    size_t column;
    dsc_task task;
    uint32_t *stratum = NULL;
    dsc_status status = find_target(f, &column, &task, err);
    if (status == DSC_OK && task == DSC_TASK_CLASSIFICATION) {
        status = list_strata(f, column, &stratum, err);
    }
    if (status == DSC_OK) {
        status = dsc_split_holdout(f->source->rows, f->n_rows, config->holdout, stratum,
                                   config->fit.seed, &f->kept, &f->held, err);
    }
    dsc_free(stratum);
    return status;
}

/* The hinge is a loss of targets -1 and 1. */
static void sign_targets(dsc_samples *samples) {
    for (size_t i = 0; i < samples->n_rows * samples->n_outputs; i++) {
        samples->target[i] = 2 * samples->target[i] - 1;
    }
}

static dsc_status encode(fitting *f, dsc_error *err) {
    dsc_predictor *p = f->predictor;
    const dsc_table *table = f->source->table;
    const bool has_kept = f->kept.row != NULL;
    const uint32_t *rows = has_kept ? f->kept.row : f->source->rows;
    const size_t n_rows = has_kept ? f->kept.n : f->n_rows;
    dsc_status status =
        dsc_encoding_fit(&p->encoding, table, rows, n_rows, &f->source->encoding, err);
    if (status == DSC_OK) {
        status = dsc_encoding_apply(p->encoding, table, rows, n_rows, true, &f->train, err);
    }
    if (status == DSC_OK && f->held.n > 0) {
        status = dsc_encoding_apply(p->encoding, table, f->held.row, f->held.n, true,
                                    &f->validation, err);
    }
    if (status != DSC_OK) {
        return status;
    }
    p->info.task = dsc_encoding_task(p->encoding);
    p->info.n_rows = f->train.n_rows;
    p->info.n_held_out = f->held.n;
    status = dsc_predictor_settle_loss(&p->info.config, p->info.task, err);
    if (status == DSC_OK && p->info.config.loss == DSC_HINGE) {
        sign_targets(&f->train);
        sign_targets(&f->validation);
    }
    return status;
}

static dsc_status count_classes(fitting *f, dsc_error *err) {
    dsc_predictor *p = f->predictor;
    if (p->info.task == DSC_TASK_REGRESSION) {
        return DSC_OK;
    }
    p->class_count = dsc_alloc(f->train.n_outputs, sizeof *p->class_count);
    if (p->class_count == NULL) {
        return dsc_fail_memory(err, "the counts of the classes");
    }
    for (size_t i = 0; i < f->train.n_rows; i++) {
        p->class_count[f->train.category[i]]++;
    }
    return DSC_OK;
}

/* n / (k n_c), whose mean over the rows is 1; every class has rows. */
static double *balanced_weights(const fitting *f) {
    const size_t k = f->train.n_outputs;
    double *weights = dsc_alloc(k, sizeof *weights);
    for (size_t c = 0; weights != NULL && c < k; c++) {
        weights[c] = (double)f->train.n_rows / ((double)k * (double)f->predictor->class_count[c]);
    }
    return weights;
}

/* He's start suits what is linear above 0; the others have slopes near 1 about 0, as Glorot has. */
static dsc_init init_of(dsc_activation activation) {
    switch (activation) {
    case DSC_RELU:
    case DSC_LEAKY_RELU:
    case DSC_ELU:
    case DSC_SOFTPLUS:
    case DSC_GELU:
    case DSC_SWISH:
        return DSC_INIT_HE;
    case DSC_IDENTITY:
    case DSC_SIGMOID:
    case DSC_TANH:
    case DSC_SOFTMAX:
        break;
    }
    return DSC_INIT_GLOROT;
}

static dsc_status build_network(fitting *f, dsc_error *err) {
    dsc_predictor *p = f->predictor;
    const dsc_predictor_config *config = &p->info.config;
    dsc_layer_config layers[DSC_MAX_PREDICTOR_HIDDEN + 1];
    for (size_t l = 0; l < config->n_hidden; l++) {
        layers[l] = (dsc_layer_config){.n_out = config->hidden[l],
                                       .activation = config->activation,
                                       .has_bias = true,
                                       .has_norm = config->has_norm,
                                       .dropout = config->dropout};
    }
    layers[config->n_hidden] = (dsc_layer_config){.n_out = f->train.n_outputs, .has_bias = true};
    double *weights = config->balances_classes ? balanced_weights(f) : NULL;
    if (config->balances_classes && weights == NULL) {
        return dsc_fail_memory(err, "the weights of the classes");
    }
    dsc_status status = dsc_network_create(&p->network,
                                           &(dsc_network_config){.precision = DSC_FLOAT32,
                                                                 .n_in = f->train.n_inputs,
                                                                 .n_layers = config->n_hidden + 1,
                                                                 .layers = layers,
                                                                 .loss = config->loss,
                                                                 .class_weights = weights},
                                           err);
    dsc_free(weights);
    if (status == DSC_OK) {
        dsc_network_init(p->network, init_of(config->activation), config->fit.seed);
        p->info.n_parameters = dsc_network_n_parameters(p->network);
    }
    return status;
}

static void settle_epochs(dsc_fit_config *config, size_t n_rows) {
    if (config->max_epochs == 0) {
        const size_t steps = (n_rows + config->batch_size - 1) / config->batch_size;
        const size_t epochs = (DSC_PREDICTOR_STEPS + steps - 1) / steps;
        config->max_epochs = config->use_lbfgs     ? LBFGS_ITERATIONS
                             : epochs < MIN_EPOCHS ? MIN_EPOCHS
                             : epochs > MAX_EPOCHS ? MAX_EPOCHS
                                                   : epochs;
    }
    if (config->schedule.kind == DSC_COSINE && config->schedule.n_epochs == 0) {
        config->schedule.n_epochs = config->max_epochs;
    }
}

static dsc_status train(fitting *f, dsc_fit_watcher watcher, void *user, dsc_error *err) {
    dsc_predictor *p = f->predictor;
    const dsc_samples *t = &f->train, *v = &f->validation;
    settle_epochs(&p->info.config.fit, t->n_rows);
    dsc_fit_data data = {.x = dsc_matrix_f32(t->input, t->n_rows, t->n_inputs),
                         .y = dsc_matrix_f32(t->target, t->n_rows, t->n_outputs)};
    if (v->n_rows > 0) {
        data.x_validation = dsc_matrix_f32(v->input, v->n_rows, v->n_inputs);
        data.y_validation = dsc_matrix_f32(v->target, v->n_rows, v->n_outputs);
    }
    return dsc_fit(p->network, &data, &p->info.config.fit, watcher, user, &p->info.result, err);
}

static dsc_status measure_score(fitting *f, dsc_error *err) {
    dsc_predictor_info *info = &f->predictor->info;
    dsc_predictor_evaluation evaluation;
    dsc_status status = dsc_predictor_evaluate_samples(
        f->predictor, f->held.n > 0 ? &f->validation : &f->train, &evaluation, err);
    if (status == DSC_OK) {
        const bool is_regression = info->task == DSC_TASK_REGRESSION;
        info->score =
            is_regression ? evaluation.regression.rmse : evaluation.classification.accuracy;
        info->baseline = is_regression ? evaluation.regression_baseline.rmse
                                       : evaluation.classification_baseline.accuracy;
        dsc_predictor_evaluation_clear(&evaluation);
    }
    return status;
}

static dsc_status prepare(fitting *f, dsc_error *err) {
    dsc_status status = dsc_predictor_config_check(&f->predictor->info.config, err);
    if (status == DSC_OK) {
        status = hold_out(f, err);
    }
    if (status == DSC_OK) {
        status = encode(f, err);
    }
    if (status == DSC_OK) {
        status = count_classes(f, err);
    }
    return status == DSC_OK ? build_network(f, err) : status;
}

dsc_status dsc_predictor_fit(dsc_predictor **out, const dsc_predictor_source *source,
                             const dsc_predictor_config *config, dsc_fit_watcher watcher,
                             void *user, dsc_error *err) {
    fitting f = {.source = source,
                 .n_rows = source->rows != NULL ? source->n_rows : dsc_table_n_rows(source->table),
                 .predictor = dsc_alloc(1, sizeof *f.predictor)};
    *out = NULL;
    if (f.predictor == NULL) {
        return dsc_fail_memory(err, "a predictor");
    }
    f.predictor->info.config = config != NULL ? *config : dsc_predictor_config_default();
    dsc_status status = prepare(&f, err);
    if (status == DSC_OK) {
        status = train(&f, watcher, user, err);
        const bool is_worth_keeping =
            status == DSC_OK || status == DSC_E_CANCELLED || status == DSC_E_NONFINITE;
        if (is_worth_keeping && f.predictor->info.result.best_epoch > 0) {
            dsc_error reason;
            dsc_status measured = measure_score(&f, &reason);
            if (measured == DSC_OK) {
                *out = f.predictor;
                f.predictor = NULL;
            } else if (status == DSC_OK) {
                status = measured;
                if (err != NULL) {
                    *err = reason;
                }
            }
        }
    }
    dsc_rows_clear(&f.kept);
    dsc_rows_clear(&f.held);
    dsc_samples_clear(&f.train);
    dsc_samples_clear(&f.validation);
    dsc_predictor_destroy(f.predictor);
    return status;
}
