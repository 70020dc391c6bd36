/* The recommender: ratings in, predicted ratings and recommendations out.
 *
 *     rating(u, i) = mean + spread * (b_u + b_i + U_u . V_i + MLP([U_u; V_i]))   docs/math.md (18)
 *
 * clipped to the scale seen in training. U_u is a learned vector p_u and, with a history, a sum of
 * learned vectors of the items that u rated, V_i likewise q_i and a sum over its raters (50). A
 * history can weigh by the ratings, p_u can be the same for all, and an activation can follow (130)
 * to (132): with these a side is the hidden layer of an autoencoder. MLP is a dsc_network with one
 * output. Every part can be switched off. A trained dsc_recommender is const: any number of threads
 * may share it, each with a dsc_scorer of its own. */
#ifndef DESCENT_RECOMMENDER_H
#define DESCENT_RECOMMENDER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "descent/bootstrap.h"
#include "descent/network.h"
#include "descent/optimizer.h"
#include "descent/ratings.h"
#include "descent/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* A trained model. */
typedef struct dsc_recommender dsc_recommender;

/* --- training ------------------------------------------------------------------------------ */

/* How few and how many hidden layers the network of a model can have. */
#define DSC_MIN_HIDDEN 2
#define DSC_MAX_HIDDEN 5

/* Which parts a model has and how it is trained: presets of a dsc_recommender_config. */
typedef enum dsc_form {
    DSC_FORM_HISTORIES = 0,  /* dot product of vectors with histories on both sides, by L-BFGS: the
                                most accurate */
    DSC_FORM_DOT = 1,        /* dot product of plain vectors, by L-BFGS */
    DSC_FORM_PERCEPTRON = 2, /* plain vectors into a multi-layer perceptron, by Adam */
    DSC_FORM_MIXED = 3,      /* perceptron and dot product side by side, by Adam (NeuMF) */
    DSC_FORM_USER_AUTOREC =
        4, /* an autoencoder of each user's row of ratings, by L-BFGS (AutoRec) */
    DSC_FORM_ITEM_AUTOREC = 5, /* the same of each item's column */
    DSC_FORM_IALS = 6 /* of interactions: dot product of plain vectors, by implicit alternating
                                least squares */
} dsc_form;

/* "histories", "dot", "perceptron", "mixed", "user-autorec", "item-autorec", "ials"; NULL for a value
 * outside the enum. Static storage. */
const char *dsc_form_name(dsc_form form);

/* The reverse: false, and *out untouched, when it is not a name. */
bool dsc_form_from_name(const char *name, dsc_form *out);

/* What training makes small. The last three are of interactions, and compare what a user chose with
 * what the user did not: docs/math.md (115) to (119). */
typedef enum dsc_rating_loss {
    DSC_LOSS_SQUARED = 0, /* squared errors of the ratings */
    DSC_LOSS_ORDINAL = 1, /* minus the log likelihood of the ratings as marks of an ordered scale,
                             of at most 100 different values: the model gives each a probability,
                             and predicts the mean. docs/math.md (140) to (149) */
    DSC_LOSS_CROSS_ENTROPY = 2, /* of each item alone: chosen or not */
    DSC_LOSS_BPR = 3,           /* of pairs: the chosen item above one that was not */
    DSC_LOSS_SOFTMAX = 4        /* of the chosen item among all that were drawn with it */
} dsc_rating_loss;

/* "squared", "ordinal", "cross-entropy", "bpr", "softmax"; NULL for a value outside the enum. Static storage. */
const char *dsc_rating_loss_name(dsc_rating_loss loss);

/* The reverse: false, and *out untouched, when it is not a name. */
bool dsc_rating_loss_from_name(const char *name, dsc_rating_loss *out);

/* Strengths of L2 in full-batch training: strength / 2 |.|^2 is added once to half the sum of
 * squared errors, in units of the spread, or to the ordinal loss. docs/math.md (55), (146) */
typedef struct dsc_ridge {
    double vectors;      /* of p_u and q_i, where each has its own */
    double user_history; /* of the vectors that are summed for users */
    double item_history; /* of those that are summed for items */
    double biases;       /* of b_u and b_i, and of a vector that all share */
    double network;      /* of the perceptron's parameters */
    double time_bins;    /* of the items' biases in bins of time */
    double sessions;     /* of the biases of users' sessions */
    double power;        /* >= 0; the first three are for users and items with the average number of
                     ratings, and for n of them times (n / average)^power. docs/math.md (160) */
} dsc_ridge;

/* What is trained, and how. */
typedef struct dsc_recommender_config {
    bool use_dot;          /* U_u . V_i */
    bool use_network;      /* MLP([U_u; V_i]); at least one of the two */
    bool use_user_history; /* U_u = p_u + sum of y_j over the items j that u rated, over the root of
                              their number */
    bool use_item_history; /* V_i = q_i + sum of z_v over the users v who rated i, likewise */
    /* The next six are of sides with histories, and need use_lbfgs. docs/math.md (130) to (132) */
    bool
        weigh_user_history; /* the sum of a user's history weighs each y_j by the user's rating of j,
                                3 + (r - mean) / spread, instead of one over the root */
    bool weigh_item_history; /* likewise each z_v by v's rating */
    bool share_user_vector;  /* one p for all users, who then are their histories and biases */
    bool share_item_vector;  /* one q for all items, likewise */
    dsc_activation user_activation; /* of the sum U_u as a whole; DSC_IDENTITY: none */
    dsc_activation item_activation; /* of V_i, likewise */
    bool use_lbfgs; /* full-batch L-BFGS with `ridge`; where this, use_twin_adagrad and use_als are
                       false: minibatches by `optimizer` with the five l2 below */
    bool use_twin_adagrad; /* rating by rating on threads, each at the rates of its user and its
                              item: use_dot alone, squared loss; `optimizer.rate`, l2_vectors and
                              l2_biases count, these for half the squared error; average_epochs is 1.
                              docs/math.md (180) to (189) */
    bool is_implicit; /* every rating is an interaction, a 1 whatever its value, and what is not
                              there a 0; the model has scores, not ratings: docs/ranking.md */
    bool use_als;     /* implicit alternating least squares: use_dot alone, without biases */
    double
        unobserved_weight; /* > 0, of all pairs of user and item together, which pull predictions to
                                 0, as a multiple of that of the interactions, which pull them to 1;
                                 als alone */
    size_t n_negatives;  /* items drawn for each interaction, 1 .. 1000; the losses of interactions
                                 alone */
    dsc_ridge ridge;     /* L2 of full batches */
    bool choose_ridge;   /* multiply `ridge`, but for biases, by the factor that serves held-out
                          ratings best, (161): a tenth, of at most 100,000 ratings of users drawn at
                          random. The trained model's configuration has the result */
    bool choose_history; /* with choose_ridge: leave the histories out where a trial without them
                            serves held-out ratings better. Likewise */
    size_t n_factors;    /* length of a user's and of an item's vector, 1 .. 1024 */
    size_t n_hidden;     /* hidden layers, DSC_MIN_HIDDEN .. DSC_MAX_HIDDEN */
    size_t hidden[DSC_MAX_HIDDEN]; /* their widths, 1 .. 4096 each; the first n_hidden count */
    dsc_activation activation;     /* of the hidden layers; the output is linear */
    bool use_biases;               /* b_u and b_i; false: both are 0 */
    bool use_mean;        /* the mean training rating; false: 0. Squared loss alone: the thresholds
                             of an ordinal one hold where ratings lie */
    dsc_rating_loss loss; /* what training makes small */
    size_t n_time_bins; /* b_i,bin: an item's bias in each of so many bins of the training span that
                              hold equally many ratings, 0 .. 1000; 0: none. The time of rating,
                              docs/math.md (148); needs times, and use_lbfgs */
    uint64_t session_gap; /* b_u,session: a bias of each of a user's sessions, which ends where no
                              rating follows within so many seconds; 0: none; likewise */
    dsc_optimizer_config optimizer; /* for the network and, row by row, for vectors and biases */
    double l2_vectors; /* >= 0, added as l2 * value to the gradient of every vector that a minibatch
                          touches, once for each of its ratings in the batch, mean over the batch */
    double l2_user_history; /* >= 0, the same for y_j, whom each rating of a user who rated n items
                               touches 1 / n times: docs/math.md (171) */
    double l2_item_history; /* likewise for z_v */
    double l2_biases;       /* the same for b_u and b_i */
    double l2_network;      /* >= 0, l2 / sqrt(number of ratings) * value at every step, for the
                          network's parameters: one strength for small and large files */
    double history_dropout; /* 0 <= p < 1: in each step every entry of a history is left out with
                               this probability; 0 with use_lbfgs, whose objective must be one
                               function. docs/math.md (173) */
    bool
        use_bf16; /* the vectors of users and items are trained and kept in model files as bfloat16,
                      8 bits of precision and half as long as floats: minibatches without histories
                      alone. All else stays float. docs/math.md (204) to (207) */
    size_t batch_size;     /* ratings a step, 1 .. 2^20; minibatches alone */
    size_t max_epochs;     /* at least 1; iterations of L-BFGS */
    size_t average_epochs; /* 1 .. 1000: what is validated and kept after an epoch is a running mean
                              of the weights over about the last so many epochs, 1: those of the
                              epoch alone; minibatches alone. docs/math.md (174) */
    size_t patience;       /* epochs without a better validation error after which training ends */
    double holdout; /* share of the ratings held out for early stopping, 0 .. 0.5; 0: train for
                          max_epochs and keep the last epoch */
    uint64_t seed;  /* the same seed, ratings and configuration give the same bytes */
    /* 0 .. 1024; 0: as many as processors may be used. Any number gives the same bytes, and it is not
     * kept in model files. Minibatches use at most 64, a tile of 128 samples each. */
    size_t n_threads;
} dsc_recommender_config;

/* From so many ratings on, the forms of L-BFGS have longer vectors by default. */
#define DSC_MANY_RATINGS 300000

/* Good values for a form and a number of interactions; of forms without others that is
 * dsc_recommender_config_of of DSC_FORM_IALS. How they were chosen is in docs/ranking.md. */
dsc_recommender_config dsc_recommender_config_implicit(dsc_form form, size_t n_interactions);

/* Good values for a form and a number of ratings, of any scale; the figures and how they were
 * chosen are in docs/accuracy.md. */
dsc_recommender_config dsc_recommender_config_of(dsc_form form, size_t n_ratings);

/* Gives the configuration a loss, with strengths of L2 that suit it and so many ratings: those of
 * dsc_recommender_config_of are for DSC_LOSS_SQUARED. */
void dsc_recommender_config_set_loss(dsc_recommender_config *config, dsc_rating_loss loss,
                                     size_t n_ratings);

/* Lets twin AdaGrad train a configuration of DSC_FORM_DOT: it is several times as fast as L-BFGS, and
 * nearly as accurate. The rate, strengths of L2, epochs and what is held out to end in time are those
 * that suit it; docs/performance.md has the figures. */
void dsc_recommender_config_set_twin_adagrad(dsc_recommender_config *config);

/* Where training stands. Errors are in units of the ratings. */
typedef struct dsc_training_progress {
    size_t trial;           /* from 1 while strengths are being chosen, 0 in the training itself */
    double trial_scale;     /* the multiple of the ridge that is tried */
    bool without_history;   /* the trial leaves out histories that the configuration has */
    double trial_rmse;      /* the lowest of the trials that have ended; NAN: none */
    size_t epoch;           /* the running or just ended epoch, from 1 */
    size_t max_epochs;      /* as configured */
    uint64_t n_done;        /* ratings passed in this epoch */
    uint64_t n_total;       /* ratings of an epoch */
    bool is_epoch_end;      /* only then the errors below belong to `epoch` */
    bool is_full_batch;     /* an epoch is one iteration over all ratings at once */
    double train_rmse;      /* over the epoch's minibatches, each before its step */
    double validation_rmse; /* NAN without a holdout */
    size_t best_epoch;      /* 0 before the first has ended */
    double best_validation_rmse; /* NAN without a holdout */
    bool is_implicit;            /* the two above are NAN, and these count instead */
    double train_loss;           /* mean over the epoch's interactions; of the whole under als */
    double validation_ndcg;      /* NDCG@10 of held-out interactions; NAN without a holdout */
    double best_validation_ndcg; /* NAN without a holdout */
    double elapsed_s;            /* since training began */
} dsc_training_progress;

/* Called at the end of each epoch and several times within it. A return of false ends training
 * after the current step: dsc_recommender_train then returns DSC_E_CANCELLED. */
typedef bool (*dsc_training_watcher)(const dsc_training_progress *progress, void *user);

/* Trains a model.
 *   out      [out]  freed with dsc_recommender_destroy; NULL after a failure, except that
 *                   DSC_E_CANCELLED hands out the best epoch so far when one has ended
 *   ratings  [in]   users, items and ratings by user are not copied: the model shares them. Either may
 *                   be destroyed first
 *   config   [in]   NULL: that of DSC_FORM_HISTORIES
 *   watcher  [in]   NULL allowed
 * Returns DSC_OK; DSC_E_ARGUMENT (err->where names the setting); DSC_E_DATA fewer than 2 ratings
 * left to train on; DSC_E_NONFINITE (err->where names the epoch); DSC_E_MEMORY; DSC_E_CANCELLED.
 * Cost: O(epochs * ratings * (n_factors + network weights)); the choice of a ridge adds five or
 * more trainings of at most 120 epochs. Memory: for each rating 4 to 24 bytes while it trains, more for
 * what is held out; after it 4 for each of weights of histories, what times add, and ones in place of
 * ratings (docs/library.md). Threads: n_threads. Math: docs/math.md (18) to (23), (50) to (55), (160),
 * (161), (170) to (173). */
dsc_status dsc_recommender_train(dsc_recommender **out, const dsc_ratings *ratings,
                                 const dsc_recommender_config *config, dsc_training_watcher watcher,
                                 void *user, dsc_error *err);

void dsc_recommender_destroy(dsc_recommender *model); /* NULL is allowed */

/* --- model files ---------------------------------------------------------------------------- */

/* Writes the model as a safetensors file (docs/model-file.md), all or nothing: to a temporary file
 * beside `path`, flushed to the disk, then renamed over `path`. After a failure no
 * temporary file is left and the old file, if any, is as it was, except that a failure to flush the
 * directory comes after the rename: the new file is then in place, and the message says so.
 * Returns DSC_OK; DSC_E_IO; DSC_E_MEMORY. */
dsc_status dsc_recommender_save(const dsc_recommender *model, const char *path, dsc_error *err);

/* Reads a model file and checks all of it: structure, checksum, shapes, index ranges, finite
 * values.
 *
 *   out  [out]  freed with dsc_recommender_destroy; NULL after a failure
 *
 * Returns DSC_OK; DSC_E_MODEL; DSC_E_IO; DSC_E_MEMORY.
 * Threads: the baselines of millions of ratings are found by as many as processors may be used. */
dsc_status dsc_recommender_load(dsc_recommender **out, const char *path, dsc_error *err);

/* --- looking -------------------------------------------------------------------------------- */

/* A model in a few numbers. */
typedef struct dsc_recommender_info {
    dsc_recommender_config config; /* as trained */
    size_t n_users;                /* that the model knows */
    size_t n_items;                /* likewise */
    size_t n_ratings;              /* of the training file, holdout included */
    size_t n_parameters;           /* vectors, biases, network and thresholds together */
    size_t n_sessions;             /* of all users; 0 where they have no biases */
    double mean;                   /* mean training rating */
    double spread;                 /* their standard deviation; 1 where all are equal */
    double min;                    /* the scale */
    double max;                    /* its upper end */
    size_t best_epoch;             /* the epoch whose weights were kept */
    size_t n_epochs;               /* epochs that were run */
    double train_rmse;             /* of the best epoch, before bfloat16 rounds what is kept */
    double validation_rmse;        /* of the best epoch; NAN without a holdout */
    double train_loss;             /* of interactions, as in dsc_training_progress; else NAN */
    double validation_ndcg;        /* likewise */
} dsc_recommender_info;

/* Cannot fail. */
void dsc_recommender_get_info(const dsc_recommender *model, dsc_recommender_info *out);

/* External ids of dense indices, and the reverse (DSC_NO_INDEX: not seen in training). The ids are
 * owned by the model. */
dsc_id dsc_recommender_user_id(const dsc_recommender *model, uint32_t user);
dsc_id dsc_recommender_item_id(const dsc_recommender *model, uint32_t item);
uint32_t dsc_recommender_find_user(const dsc_recommender *model, dsc_id id);
uint32_t dsc_recommender_find_item(const dsc_recommender *model, dsc_id id);

/* The training ratings, rows users, columns items, with times where the model looks at them; a view
 * into the model. */
dsc_sparse dsc_recommender_ratings(const dsc_recommender *model);

/* The learned tables and the network, views into the model: user vectors (n_users, n_factors), item
 * vectors (n_items, n_factors), or (1, n_factors) where all share one; biases (n_users, 1) and
 * (n_items, 1). */
dsc_matrix dsc_recommender_user_vectors(const dsc_recommender *model);
dsc_matrix dsc_recommender_item_vectors(const dsc_recommender *model);
dsc_matrix dsc_recommender_user_biases(const dsc_recommender *model);
dsc_matrix dsc_recommender_item_biases(const dsc_recommender *model);
const dsc_network *dsc_recommender_network(const dsc_recommender *model); /* NULL: it has none */

/* --- predicting ------------------------------------------------------------------------------ */

/* Scratch for predictions, one a thread; borrows the model until it is destroyed. */
typedef struct dsc_scorer dsc_scorer;
dsc_status dsc_scorer_create(dsc_scorer **out, const dsc_recommender *model, dsc_error *err);
void dsc_scorer_destroy(dsc_scorer *scorer); /* NULL is allowed */

/* From what a prediction was made. */
typedef enum dsc_basis {
    DSC_BASIS_MODEL = 0,     /* user and item known: the whole model */
    DSC_BASIS_USER_BIAS = 1, /* unknown item: mean and the user's baseline bias */
    DSC_BASIS_ITEM_BIAS = 2, /* unknown user: mean and the item's baseline bias */
    DSC_BASIS_MEAN = 3,      /* both unknown: the mean */
    DSC_BASIS_FOLD_IN = 4    /* the whole model, one of the two or both by descent/fold_in.h */
} dsc_basis;

/* "model", "user bias", "item bias", "mean", "fold-in". Static storage. */
const char *dsc_basis_name(dsc_basis basis);

/* A time after all others: the last bin, and no session that has been. */
#define DSC_NOW INT64_MAX

/* The time for which a scorer predicts, DSC_NOW at first; models that do not look at times do not
 * look at it. Seconds since 1970. */
void dsc_scorer_set_time(dsc_scorer *scorer, int64_t time);

/* Predicts n pairs, for the time of the scorer. A model of interactions gives scores, of which the higher is the likelier: they
 * order the items of one user, and are no ratings and no probabilities. Of an unknown user they are
 * the share of users who chose the item.
 *   user, item  [in]   (n) dense indices or DSC_NO_INDEX, which falls back as dsc_basis says;
 *                      other values must be below n_users and n_items
 *   rating      [out]  (n) inside the scale
 *   basis       [out]  (n), NULL allowed
 * Cannot fail. Allocates nothing. The same pair gives the same bytes in any batch. */
void dsc_scorer_predict(dsc_scorer *scorer, size_t n, const uint32_t *user, const uint32_t *item,
                        float *rating, dsc_basis *basis);

/* The same with a time of each pair, (n); NULL: that of the scorer. */
void dsc_scorer_predict_at(dsc_scorer *scorer, size_t n, const uint32_t *user, const uint32_t *item,
                           const int64_t *time, float *rating, dsc_basis *basis);

/* What recommendations are ordered by: predictions of n items for one user before clipping, so that
 * those beyond the end of the scale keep their order.
 *   user   [in]   a dense index, or DSC_NO_INDEX for someone unknown: docs/math.md (25) then
 *   item   [in]   (n) dense indices below n_items
 *   score  [out]  (n)
 * Cannot fail. Allocates nothing. The same pair gives the same bytes in any batch. */
void dsc_scorer_score(dsc_scorer *scorer, uint32_t user, size_t n, const uint32_t *item,
                      double *score);

/* One item for one user. */
typedef struct dsc_recommendation {
    uint32_t item; /* dense index */
    float rating;  /* predicted, inside the scale; a score where the model is of interactions */
    uint32_t n_ratings; /* how many rated the item in training */
} dsc_recommendation;

/* The n items with the highest predicted rating among those the user has not rated; ties, also
 * among those clipped to the end of the scale, by the prediction before clipping and then by item
 * index.
 *
 *   user   [in]   a dense index, or DSC_NO_INDEX for someone unknown: then the items that are
 *                 popular and well rated, by docs/math.md (25), or
 *                 of interactions the most popular
 *   out    [out]  room for n
 *   n_out  [out]  how many were found, less than n when the catalogue ends
 *
 * Cannot fail. Allocates nothing but what the scorer holds. */
void dsc_scorer_recommend(dsc_scorer *scorer, uint32_t user, size_t n, dsc_recommendation *out,
                          size_t *n_out);

/* --- evaluating ------------------------------------------------------------------------------ */

/* How far predictions are off, in units of the ratings. docs/metrics.md (80), (81) */
typedef struct dsc_errors {
    double rmse;      /* root of the mean squared error, over all pairs */
    double mae;       /* mean absolute error, over all pairs */
    double user_rmse; /* mean over the users of each one's own RMSE: everybody counts the same */
    double user_mae;  /* likewise */
    dsc_range rmse_range, mae_range, user_rmse_range, user_mae_range; /* NAN where not asked for */
} dsc_errors;

/* A model beside two baselines that need no training to speak of. */
typedef struct dsc_evaluation {
    size_t n_pairs;          /* of the test ratings: all of them */
    size_t n_users;          /* who have test ratings */
    size_t n_unknown_users;  /* distinct users of the test ratings whom the model does not know */
    size_t n_unknown_items;  /* likewise */
    size_t n_folded_users;   /* who came after training, by descent/evaluation.h; not unknown */
    size_t n_folded_items;   /* likewise */
    size_t n_fallback_pairs; /* pairs with an unknown user or item, part of every figure */
    size_t n_seen_pairs;     /* pairs that the model was trained on: more than 0 flatters it */
    dsc_errors model;        /* what is evaluated */
    dsc_errors mean;         /* baseline: the mean training rating */
    dsc_errors biases;       /* baseline: mean + b_u + b_i without vectors, docs/math.md (24) */
    dsc_errors fallback;     /* baseline: the model without what came after training; NAN where
                                nothing did, by dsc_recommender_evaluate */
} dsc_evaluation;

/* Compares predictions with known ratings, all pairs, on the model's side by external id, each for
 * its time where the test ratings have one, else for DSC_NOW.
 *   bootstrap  [in]  how to make the confidence intervals; NULL: none
 * Returns DSC_OK; DSC_E_DATA test ratings that are implicit feedback, which has no values to predict;
 * DSC_E_ARGUMENT a bad bootstrap setting, a model of interactions; DSC_E_MEMORY. One thread;
 * descent/evaluation.h has the same for several. */
dsc_status dsc_recommender_evaluate(const dsc_recommender *model, const dsc_ratings *test,
                                    const dsc_bootstrap *bootstrap, dsc_evaluation *out,
                                    dsc_error *err);

#ifdef __cplusplus
}
#endif
#endif
