/* Predictors: a network together with the encoding of its data, from a table to predictions.
 *
 * A dsc_predictor learns one column of a table, the target, from the others: a number (regression)
 * or a class (classification). It holds all that a prediction needs: which columns, how they are
 * scaled and filled, the classes, the network, and how it was trained. Once fitted or loaded it is
 * const, and may be shared by any number of threads. */
#ifndef DESCENT_PREDICTOR_H
#define DESCENT_PREDICTOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "descent/encoding.h"
#include "descent/fit.h"
#include "descent/metrics.h"
#include "descent/network.h"
#include "descent/status.h"
#include "descent/table.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Encoding, network, settings and results; made by dsc_predictor_fit or dsc_predictor_load. */
typedef struct dsc_predictor dsc_predictor;

/* --- fitting ------------------------------------------------------------------------------- */

/* The most hidden layers of a predictor. */
#define DSC_MAX_PREDICTOR_HIDDEN 8

/* Steps that training makes where no number of epochs is set. */
#define DSC_PREDICTOR_STEPS 20000

/* How to fit; the sizes and shares are checked by dsc_predictor_fit. */
typedef struct dsc_predictor_config {
    size_t n_hidden; /* hidden layers, 0 .. DSC_MAX_PREDICTOR_HIDDEN */
    size_t
        hidden[DSC_MAX_PREDICTOR_HIDDEN]; /* their widths, 1 .. 65536; the first n_hidden count */
    dsc_activation activation;            /* of the hidden layers; the output is linear */
    bool has_norm;                        /* layer normalisation of the hidden layers */
    double dropout;                       /* of the hidden layers, 0 <= p < 1 */
    bool has_loss;                        /* false: mean squared error or cross-entropy */
    dsc_loss loss;         /* regression: mean squared error, mean absolute error or Huber, of the
                      standardised target; classification: cross-entropy, binary cross-entropy (one
                      class against the others) or hinge, which gives no probabilities */
    bool balances_classes; /* classification: weighs a class by n / (classes * n of the class), so
                              that each counts the same in the loss */
    double holdout;        /* share of the rows held out to choose the epoch, 0 .. 0.5, of every
                              class where there are some; 0: the last epoch is kept */
    dsc_fit_config fit;    /* max_epochs 0: as many as make DSC_PREDICTOR_STEPS steps, 20 to 1000;
                              its seed is that of all randomness: rows held out, first weights,
                              order, dropout */
} dsc_predictor_config;

/* Good values for tables of any size; docs/accuracy-networks.md has the figures. */
dsc_predictor_config dsc_predictor_config_default(void);

/* What to learn from; all borrowed for the call. */
typedef struct dsc_predictor_source {
    const dsc_table *table;       /* with the target */
    const uint32_t *rows;         /* (n_rows) of the table, those to hold out included; NULL: all */
    size_t n_rows;                /* of `rows` */
    dsc_encoding_config encoding; /* target, features, filling; all zero: the default */
} dsc_predictor_source;

/* Fits a predictor. Rows are held out first; the encoding is fitted on the others alone, and the
 * network trained on them from He's start for activations that are linear above 0, Glorot's else.
 *   out      [out]  freed with dsc_predictor_destroy; NULL after a failure, except that
 *                   DSC_E_CANCELLED and DSC_E_NONFINITE hand out the best epoch so far when one has
 *                   ended
 *   config   [in]   NULL: the default
 *   watcher  [in]   NULL allowed; see dsc_fit
 * Returns DSC_OK; DSC_E_ARGUMENT (err->where names the setting); DSC_E_DATA what
 * dsc_encoding_fit and dsc_encoding_apply refuse; DSC_E_NONFINITE (err->where "epoch 3, layer 2");
 * DSC_E_CANCELLED; DSC_E_MEMORY.
 * The same table, rows and settings give the same predictor, byte for byte. One thread. */
dsc_status dsc_predictor_fit(dsc_predictor **out, const dsc_predictor_source *source,
                             const dsc_predictor_config *config, dsc_fit_watcher watcher,
                             void *user, dsc_error *err);

void dsc_predictor_destroy(dsc_predictor *predictor); /* NULL is allowed */

/* --- files --------------------------------------------------------------------------------- */

/* Writes the predictor as a safetensors file (docs/model-file.md), all or nothing: see
 * dsc_recommender_save. Returns DSC_OK; DSC_E_IO; DSC_E_MEMORY. */
dsc_status dsc_predictor_save(const dsc_predictor *predictor, const char *path, dsc_error *err);

/* Reads such a file and checks all of it.
 *   out  [out]  freed with dsc_predictor_destroy; NULL after a failure
 * Returns DSC_OK; DSC_E_MODEL; DSC_E_IO; DSC_E_MEMORY. */
dsc_status dsc_predictor_load(dsc_predictor **out, const char *path, dsc_error *err);

/* --- looking ------------------------------------------------------------------------------- */

/* What a predictor is, and how well it did. */
typedef struct dsc_predictor_info {
    dsc_predictor_config config; /* as fitted, with the loss and the epochs that were chosen */
    dsc_task task;               /* regression or classification */
    size_t n_rows;               /* trained on */
    size_t n_held_out;           /* and held out */
    size_t n_parameters;         /* of the network */
    dsc_fit_result result;       /* epochs and losses */
    double score;    /* of the held-out rows, of the training rows where none were held out: the
                        RMSE in the target's unit, or the accuracy */
    double baseline; /* the same when the mean, or the most frequent class, of the training rows is
                        predicted every time */
} dsc_predictor_info;

/* Copies the facts about a predictor. */
void dsc_predictor_get_info(const dsc_predictor *predictor, dsc_predictor_info *out);

/* Whether the score is no better than the baseline, though one could be: the predictor learned
 * nothing that its features say. */
bool dsc_predictor_is_useless(const dsc_predictor *predictor);

/* Owned by the predictor. */
const dsc_encoding *dsc_predictor_encoding(const dsc_predictor *predictor);
const dsc_network *dsc_predictor_network(const dsc_predictor *predictor);

/* Rows of a class that were trained on; `index` is below the number of classes. */
uint64_t dsc_predictor_class_count(const dsc_predictor *predictor, size_t index);

/* False: a regression, or a hinge, whose outputs are no probabilities. */
bool dsc_predictor_has_probabilities(const dsc_predictor *predictor);

/* --- predicting ---------------------------------------------------------------------------- */

/* Predictions of rows, owned by this struct. */
typedef struct dsc_predictions {
    size_t n_rows;       /* predicted */
    size_t n_classes;    /* 0: regression */
    double *value;       /* (n_rows) in the target's unit; NULL: classification */
    uint32_t *category;  /* (n_rows) the class, as in dsc_encoding_class; NULL: regression */
    double *probability; /* (n_rows, n_classes), each row adds up to 1; NULL: there are none */
} dsc_predictions;

/* Predicts rows of a table, such as one from dsc_encoding_read.
 *   rows  [in]   (n_rows); NULL: all, n_rows is not looked at
 *   out   [out]  cleared with dsc_predictions_clear; all zero after a failure
 * Returns DSC_OK; what dsc_encoding_apply returns; DSC_E_NONFINITE a prediction that is not finite;
 * DSC_E_MEMORY. */
dsc_status dsc_predictor_predict(const dsc_predictor *predictor, const dsc_table *table,
                                 const uint32_t *rows, size_t n_rows, dsc_predictions *out,
                                 dsc_error *err);

/* Frees what it holds; it is all zero then. */
void dsc_predictions_clear(dsc_predictions *predictions);

/* --- evaluating ---------------------------------------------------------------------------- */

/* How good predicted classes are. */
typedef struct dsc_classification_metrics {
    double accuracy; /* share of the rows that are predicted right */
    double log_loss; /* NAN: there are no probabilities */
} dsc_classification_metrics;

/* Metrics of a predictor and of a baseline that knows no column, on the same rows. */
typedef struct dsc_predictor_evaluation {
    dsc_task task;                              /* which of the members below count */
    size_t n_rows;                              /* compared */
    dsc_regression_metrics regression;          /* of a regression */
    dsc_regression_metrics regression_baseline; /* the mean of the training rows every time */
    dsc_classification_metrics classification;  /* of a classification */
    dsc_classification_metrics classification_baseline; /* the most frequent class of the training
                                                           rows, and their shares as probabilities */
    size_t n_classes;                                   /* 0: regression */
    uint64_t *confusion; /* (n_classes, n_classes), rows truth; owned; NULL: regression */
} dsc_predictor_evaluation;

/* Compares predictions with the target column of a table; arguments and failures as above, also
 * DSC_E_DATA a class that the predictor does not know.
 *   out  [out]  cleared with dsc_predictor_evaluation_clear; all zero after a failure */
dsc_status dsc_predictor_evaluate(const dsc_predictor *predictor, const dsc_table *table,
                                  const uint32_t *rows, size_t n_rows,
                                  dsc_predictor_evaluation *out, dsc_error *err);

/* Frees what it holds; it is all zero then. */
void dsc_predictor_evaluation_clear(dsc_predictor_evaluation *evaluation);

#ifdef __cplusplus
}
#endif
#endif
