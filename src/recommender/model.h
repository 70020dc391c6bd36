/* The recommender's model: its tables, its network, and what it remembers of the ratings.
 *
 * Every learned value of the tables lies in one flat array, user vectors, item vectors, user
 * biases, item biases, and the vectors of histories, the biases of time and the thresholds' steps
 * where there are some; the network holds its own. Everything but `tables`, `network` and what follows from them is fixed when the model is
 * created. */
#ifndef DSC_RECOMMENDER_MODEL_H
#define DSC_RECOMMENDER_MODEL_H

#include "descent/fold_in.h"
#include "math/kernels.h"
#include "ratings/ground.h"
#include "recommender/clock.h"
#include "recommender/ordinal.h"
#include "recommender/side_parts.h"

/* What is measured of the ratings and of the training; all in units of the ratings. */
typedef struct dsc_statistics {
    double mean;
    double spread; /* standard deviation, 1 where all ratings are equal */
    double min;
    double max;
    double train_rmse;
    double validation_rmse; /* NAN without a holdout */
    double train_loss;      /* of interactions; else NAN */
    double validation_ndcg; /* of interactions with a holdout; else NAN */
    size_t best_epoch;
    size_t n_epochs;
} dsc_statistics;

/* One of the models that a blend is the mean of: blend.h. */
typedef struct dsc_member {
    dsc_recommender *model;        /* owned; it shares ids, ratings and baselines with the blend */
    double weight;                 /* above 0; those of all members add up to 1 */
    dsc_fold_in_config fold_in[2]; /* what suits new users, new items of this member */
} dsc_member;

/* A blend looks like its heaviest member, whose configuration, tables and network it views, where a
 * mean makes no sense; what it predicts is the mean. */
struct dsc_recommender {
    const dsc_kernels *kernels; /* in single precision; chosen when the model was made */
    dsc_recommender_config config;
    dsc_statistics statistics;
    dsc_ground *ground; /* held, for the next three, which are views into it */
    const dsc_id_map *users;
    const dsc_id_map *items;
    dsc_sparse_matrix ratings; /* (n_users, n_items), all that the file held; times: see clock */
    /* (ratings) their values instead, of interactions that were read as ratings; else NULL. */
    float *ones;
    size_t n_users;
    size_t n_items;
    dsc_side_parts user_parts; /* of the configuration */
    dsc_side_parts item_parts;
    size_t n_user_vectors; /* n_users; 1 where they share one */
    size_t n_item_vectors; /* likewise */
    size_t n_table_values;
    float *tables;        /* (n_table_values), the block that holds the next nine */
    float *user_vectors;  /* (n_user_vectors, n_factors) */
    float *item_vectors;  /* (n_item_vectors, n_factors) */
    float *user_biases;   /* (n_users) */
    float *item_biases;   /* (n_items) */
    float *rated_vectors; /* (n_items, n_factors) y_j, summed for who rated j; NULL: no history */
    float *rater_vectors; /* (n_users, n_factors) z_v, summed for what v rated; NULL: no history */
    float *item_time_biases; /* (n_items, n_time_bins) docs/math.md (148); NULL: none */
    float *session_biases;   /* (clock.n_sessions) NULL: none */
    float *threshold_steps;  /* (dsc_ordinal_n_steps) docs/math.md (141); NULL: squared loss */
    float *user_sides;       /* (n_users, n_factors) U_u, (132); user_vectors without a history */
    float *item_sides;       /* (n_items, n_factors) V_i; item_vectors without a history */
    float *usual_rated;   /* (n_factors) mean of rated_vectors over all ratings; NULL: no history,
                               or one that is weighed */
    float *usual_rater;   /* (n_factors) mean of rater_vectors, likewise */
    float *weights;       /* (ratings) of the entries of weighed histories; NULL: none is weighed */
    dsc_clock clock;      /* all zero, and the ratings without times: the model looks at none */
    float *offsets;       /* (ratings) what the time adds to each rating; NULL: nothing */
    dsc_ordinal ordinal;  /* the thresholds of the steps; no values: squared loss */
    double *user_gram;    /* (n_factors, n_factors) of user_vectors; the block that holds the next,
                             and scratch; NULL: use_als is off */
    double *item_gram;    /* the same of item_vectors */
    dsc_network *network; /* 2 n_factors inputs, 1 output, single precision; NULL: none */
    double *user_baseline; /* (n_users) docs/math.md (24); the block that holds the next three */
    double *item_baseline; /* (n_items) the same */
    double *item_appeal;   /* (n_items) docs/math.md (25) */
    uint32_t *item_count;  /* (n_items) ratings of the item */
    size_t n_members;      /* of a blend; 0: it is none */
    dsc_member *members;   /* (n_members) by weight downwards */
    bool is_member;        /* of a blend, which owns its ids, ratings and baselines */
};

/* DSC_OK, or DSC_E_ARGUMENT with the setting's name in err->where. */
dsc_status dsc_recommender_config_check(const dsc_recommender_config *config, dsc_error *err);

/* The strengths that suit so many ratings by experience. */
dsc_ridge dsc_usual_ridge(dsc_rating_loss loss, size_t n_ratings);

/* A model with zero tables and parameters from its parts.
 *   ground  [in]  its holder becomes the model; on failure it is released
 * Statistics of the ratings and baselines are computed here; those of the training are 0.
 * Returns DSC_OK; DSC_E_ARGUMENT; DSC_E_MEMORY; *out is NULL after a failure. */
dsc_status dsc_model_create(dsc_recommender **out, const dsc_recommender_config *config,
                            dsc_ground *ground, dsc_error *err);

/* A model for the blend of `first`: of the same ids, ratings and baselines, which stay the other's.
 * Nothing may be done with it before both are in a blend but fill it and destroy it. */
dsc_status dsc_model_create_beside(dsc_recommender **out, const dsc_recommender_config *config,
                                   const dsc_recommender *first, dsc_error *err);

/* Lets a model of the same ratings have the ids, ratings and baselines of `first` instead of its
 * own, which are freed. */
void dsc_model_share(dsc_recommender *model, const dsc_recommender *first);

/* dsc_model_create on the ground of ratings that were read. */
dsc_status dsc_model_from_ratings(dsc_recommender **out, const dsc_recommender_config *config,
                                  const dsc_ratings *ratings, dsc_error *err);

/* The same on the ground of another model. */
dsc_status dsc_model_from_model(dsc_recommender **out, const dsc_recommender_config *config,
                                const dsc_recommender *model, dsc_error *err);
/* How many spreads below the mean a rating stands that weighs nothing in a history, (130). Then the
 * weight says that there is a rating, and how high it is. The zero of ratings of films from 1 to 5
 * stands 3.15 below: there the weights are nearly the ratings themselves. */
enum { DSC_WEIGHT_OF_MEAN = 3 };

/* The weight of a rating in a history that ratings weigh. (130) */
float dsc_model_weight(const dsc_recommender *model, float rating);

/* Fills those of all ratings, where histories are weighed. */
void dsc_model_set_weights(dsc_recommender *model);

/* Draws the tables and the network's parameters from the configuration's seed. */
void dsc_model_init(dsc_recommender *model);

/* Allocates what the tables' sides need; of dsc_model_create, which knows the tables. Returns DSC_OK;
 * DSC_E_MEMORY. */
dsc_status dsc_model_create_sides(dsc_recommender *model, dsc_error *err);

/* Fills user_sides, item_sides, the usual vectors and the thresholds from the tables. Call it after every change of the tables. */
void dsc_model_refresh(dsc_recommender *model);

/* Fills what the time adds to each rating. */
void dsc_model_set_offsets(dsc_recommender *model);

/* Fills the thresholds alone, which training by minibatches needs after every step. */
void dsc_model_set_thresholds(dsc_recommender *model);

/* Whether a configuration looks at the times of ratings. */
bool dsc_uses_time(const dsc_recommender_config *config);

/* What a time adds to the bias of an item, of a user: (148). */
float dsc_model_item_offset(const dsc_recommender *model, uint32_t item, int64_t time);
float dsc_model_user_offset(const dsc_recommender *model, uint32_t user, int64_t time);

/* Whether every value is finite and so moderate that no prediction of any pair can overflow. */
bool dsc_model_is_bounded(const dsc_recommender *model);

#endif
