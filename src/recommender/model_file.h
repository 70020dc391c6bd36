/* What those who write and who read a model file agree on: names and order of what a model file holds.
 * docs/model-file.md describes it for everyone else. */
#ifndef DSC_RECOMMENDER_MODEL_FILE_H
#define DSC_RECOMMENDER_MODEL_FILE_H

#include "descent/recommender.h"
#include "store/formats.h"

#define DSC_MODEL_FORMAT         DSC_FORMAT_RECOMMENDER
#define DSC_MODEL_FORMAT_VERSION "2"

/* Of files with something that version 2 does not know: a blend, the metadata below that are said to
 * be of version 3, and histories trained by minibatches. */
#define DSC_MODEL_FORMAT_VERSION_3 "3"

/* Of programs that knew one form alone, vectors into a network trained by minibatches: without the
 * metadata from use_dot to use_lbfgs, and without ridges. Still read. */
#define DSC_MODEL_FORMAT_VERSION_1 "1"

/* Metadata of whole numbers and names. Real numbers stand in the arrays below instead, where
 * they are exact and do not depend on a locale. */
#define DSC_KEY_FORMAT         "format"
#define DSC_KEY_FORMAT_VERSION "format_version"
#define DSC_KEY_WRITER         "writer"
#define DSC_KEY_USE_DOT        "use_dot" /* "true" or "false" */
#define DSC_KEY_USE_NETWORK    "use_network"
#define DSC_KEY_USER_HISTORY   "use_user_history"
#define DSC_KEY_ITEM_HISTORY   "use_item_history"
#define DSC_KEY_USE_LBFGS      "use_lbfgs"
#define DSC_KEY_WEIGH_USERS    "weigh_user_history" /* these six version 3; missing: false, identity */
#define DSC_KEY_WEIGH_ITEMS    "weigh_item_history"
#define DSC_KEY_SHARE_USERS    "share_user_vector"
#define DSC_KEY_SHARE_ITEMS    "share_item_vector"
#define DSC_KEY_USER_SIDE      "user_activation"
#define DSC_KEY_ITEM_SIDE      "item_activation"
#define DSC_KEY_USE_TWIN       "use_twin_adagrad" /* version 3; without it false */
#define DSC_KEY_USE_BF16       "use_bf16"         /* version 3; without it false */
#define DSC_KEY_N_FACTORS      "n_factors"
#define DSC_KEY_HIDDEN         "hidden" /* widths with commas between them */
#define DSC_KEY_ACTIVATION     "activation"
#define DSC_KEY_USE_BIASES     "use_biases"
#define DSC_KEY_USE_MEAN       "use_mean"
#define DSC_KEY_OPTIMIZER      "optimizer"
#define DSC_KEY_BATCH_SIZE     "batch_size"
#define DSC_KEY_MAX_EPOCHS     "max_epochs"
#define DSC_KEY_AVERAGE_EPOCHS "average_epochs" /* missing: 1 */
#define DSC_KEY_PATIENCE       "patience"
#define DSC_KEY_SEED           "seed"
#define DSC_KEY_BEST_EPOCH     "best_epoch"
#define DSC_KEY_N_EPOCHS       "n_epochs"
#define DSC_KEY_LOSS           "loss"           /* version 3; without it squared */
#define DSC_KEY_N_TIME_BINS    "n_time_bins"    /* version 3; without it 0 */
#define DSC_KEY_SESSION_GAP    "session_gap"    /* version 3; without it 0 */
#define DSC_KEY_RIDGE_BY_COUNT "ridge_by_count" /* "true" or "false", version 3; without it false */

/* In a blend, whose settings and arrays of one model each begin with the prefix of the member, counted
 * from 0, while ids, ratings, `statistics` and the weights have none. */
#define DSC_KEY_N_MEMBERS        "n_members"
#define DSC_MEMBER_PREFIX        "member.%zu."
#define DSC_ARRAY_MEMBER_WEIGHTS "member_weights"

/* Version 3, of interactions alone. */
#define DSC_KEY_IS_IMPLICIT "is_implicit" /* not there: false */
#define DSC_KEY_USE_ALS     "use_als"
#define DSC_KEY_N_NEGATIVES "n_negatives"

/* Array "statistics", F64. */
enum {
    DSC_STATISTIC_MEAN,
    DSC_STATISTIC_SPREAD,
    DSC_STATISTIC_MIN,
    DSC_STATISTIC_MAX,
    DSC_STATISTIC_TRAIN_RMSE,
    DSC_STATISTIC_VALIDATION_RMSE, /* 0 when the holdout is 0 or a blend had none: there is none */
    DSC_N_STATISTICS
};

/* Array "time_ridge", F64. */
enum { DSC_TIME_RIDGE_BINS, DSC_TIME_RIDGE_SESSIONS, DSC_N_TIME_RIDGES };

/* Array "hyperparameters", F64. */
enum {
    DSC_HYPER_RATE,
    DSC_HYPER_MOMENTUM,
    DSC_HYPER_BETA1,
    DSC_HYPER_BETA2,
    DSC_HYPER_EPSILON,
    DSC_HYPER_L2_VECTORS,
    DSC_HYPER_L2_BIASES,
    DSC_HYPER_L2_NETWORK,
    DSC_HYPER_HOLDOUT,
    DSC_N_HYPERPARAMETERS_1, /* so many in a file of version 1 */
    DSC_HYPER_RIDGE_VECTORS = DSC_N_HYPERPARAMETERS_1,
    DSC_HYPER_RIDGE_USER_HISTORY,
    DSC_HYPER_RIDGE_ITEM_HISTORY,
    DSC_HYPER_RIDGE_BIASES,
    DSC_HYPER_RIDGE_NETWORK,
    DSC_N_HYPERPARAMETERS
};

/* Array "interactions", F64, where is_implicit is true. */
enum {
    DSC_INTERACTIONS_UNOBSERVED_WEIGHT,
    DSC_INTERACTIONS_TRAIN_LOSS,
    DSC_INTERACTIONS_VALIDATION_NDCG, /* 0 when the holdout is 0: there is none */
    DSC_N_INTERACTIONS
};

/* The longest name, prefix included: two numbers of 20 digits at the most. */
enum { DSC_MODEL_NAME_LENGTH = 80 };

/* Array "minibatch_histories", F64: where histories were trained by minibatches. */
enum {
    DSC_MINIBATCH_L2_USER_HISTORY,
    DSC_MINIBATCH_L2_ITEM_HISTORY,
    DSC_MINIBATCH_DROPOUT,
    DSC_N_MINIBATCH_HISTORIES
};

#define DSC_ARRAY_INTERACTIONS        "interactions"
#define DSC_ARRAY_STATISTICS          "statistics"
#define DSC_ARRAY_HYPERPARAMETERS     "hyperparameters"
#define DSC_ARRAY_MINIBATCH_HISTORIES "minibatch_histories"
#define DSC_ARRAY_RIDGE_POWER         "ridge_power" /* F64, (1): where ridge_by_count is true */
#define DSC_ARRAY_USER_ID_OFFSETS     "user_id_offsets"
#define DSC_ARRAY_ITEM_ID_OFFSETS     "item_id_offsets"
#define DSC_ARRAY_RATINGS_START       "ratings_start"
#define DSC_ARRAY_RATINGS_ITEM        "ratings_item"
#define DSC_ARRAY_RATINGS_VALUE       "ratings_value"
#define DSC_ARRAY_USER_VECTORS        "user_vectors"
#define DSC_ARRAY_ITEM_VECTORS        "item_vectors"
#define DSC_ARRAY_USER_BIASES         "user_biases"
#define DSC_ARRAY_ITEM_BIASES         "item_biases"
#define DSC_ARRAY_RATED_VECTORS       "rated_vectors"       /* where use_user_history is true */
#define DSC_ARRAY_RATER_VECTORS       "rater_vectors"       /* where use_item_history is true */
#define DSC_ARRAY_RATINGS_TIME        "ratings_time"        /* where the model looks at times */
#define DSC_ARRAY_TIME_RIDGE          "time_ridge"          /* likewise */
#define DSC_ARRAY_TIME_BIASES         "item_time_biases"    /* where n_time_bins is above 0 */
#define DSC_ARRAY_SESSION_BIASES      "session_biases"      /* where session_gap is above 0 */
#define DSC_ARRAY_THRESHOLD_STEPS     "threshold_steps"     /* where loss is ordinal */
#define DSC_ARRAY_WEIGHTS             "network.%zu.weights" /* layers counted from 0 */
#define DSC_ARRAY_BIAS                "network.%zu.bias"
#define DSC_ARRAY_USER_IDS            "user_ids"
#define DSC_ARRAY_ITEM_IDS            "item_ids"

/* Whether the model has what only version 3 can say. */
static inline bool dsc_model_has_minibatch_histories(const dsc_recommender_config *config) {
    return !config->use_lbfgs && (config->use_user_history || config->use_item_history);
}

#endif
