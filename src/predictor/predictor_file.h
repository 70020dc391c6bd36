/* What predictor_save.c and predictor_load.c agree on; docs/model-file.md describes it. */
#ifndef DSC_PREDICTOR_PREDICTOR_FILE_H
#define DSC_PREDICTOR_PREDICTOR_FILE_H

#define DSC_PREDICTOR_VERSION "1"

/* Metadata of whole numbers and names; the shape of the network is the network's own. */
#define DSC_KEY_OPTIMIZER       "fit.optimizer" /* a name, or "lbfgs" */
#define DSC_KEY_SCHEDULE        "fit.schedule"
#define DSC_KEY_SCHEDULE_EVERY  "fit.schedule_every"
#define DSC_KEY_SCHEDULE_EPOCHS "fit.schedule_epochs"
#define DSC_KEY_SCHEDULE_WAIT   "fit.schedule_patience"
#define DSC_KEY_NESTEROV        "fit.nesterov"
#define DSC_KEY_BALANCES        "fit.balances_classes"
#define DSC_KEY_MAX_EPOCHS      "fit.max_epochs"
#define DSC_KEY_BATCH_SIZE      "fit.batch_size"
#define DSC_KEY_PATIENCE        "fit.patience"
#define DSC_KEY_SEED            "fit.seed"
#define DSC_KEY_N_ROWS          "fit.n_rows"
#define DSC_KEY_N_HELD_OUT      "fit.n_held_out"
#define DSC_KEY_N_EPOCHS        "fit.n_epochs"
#define DSC_KEY_BEST_EPOCH      "fit.best_epoch"
#define DSC_KEY_STOPPED_EARLY   "fit.has_stopped_early"

#define DSC_NAME_LBFGS "lbfgs"

/* Array "fit.hyperparameters", F64. */
#define DSC_ARRAY_HYPERPARAMETERS "fit.hyperparameters"
enum {
    DSC_FIT_RATE,
    DSC_FIT_MOMENTUM,
    DSC_FIT_BETA1,
    DSC_FIT_BETA2,
    DSC_FIT_EPSILON,
    DSC_FIT_DECAY,
    DSC_FIT_L1,
    DSC_FIT_L2,
    DSC_FIT_CLIP_NORM,
    DSC_FIT_HOLDOUT,
    DSC_FIT_WARMUP,
    DSC_FIT_FACTOR,
    DSC_FIT_FLOOR,
    DSC_N_FIT_REALS
};

/* Array "fit.results", F64. */
#define DSC_ARRAY_RESULTS "fit.results"
enum {
    DSC_RESULT_TRAIN_LOSS,
    DSC_RESULT_VALIDATION_LOSS, /* 0 where no row was held out */
    DSC_RESULT_SCORE,
    DSC_RESULT_BASELINE,
    DSC_N_RESULTS
};

/* Array "class_counts", I64, one a class: rows that were trained on; of a classification alone. */
#define DSC_ARRAY_CLASS_COUNTS "class_counts"

#endif
