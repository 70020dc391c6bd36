/* One training, as a part of a call of dsc_recommender_train: a trial of strengths, or the training
 * itself. */
#ifndef DSC_RECOMMENDER_TRAINING_H
#define DSC_RECOMMENDER_TRAINING_H

#include <stddef.h>
#include <time.h>

#include "recommender/model.h"

/* What the call has to say to each of its trainings. */
typedef struct dsc_training_frame {
    double user_share;    /* of the users, drawn at random, whose ratings are used at all; 1: all */
    size_t trial;         /* from 1; 0: the training itself */
    double trial_scale;   /* reported with it */
    bool without_history; /* likewise */
    double trial_rmse;    /* the lowest of the trials before; NAN: none */
    dsc_training_watcher watcher; /* NULL: none */
    void *user;                   /* handed to the watcher */
    struct timespec begin;        /* of the call, CLOCK_MONOTONIC */
} dsc_training_frame;

/* Trains by `config`, whose choose_ridge is not looked at. A trial runs to its end and gives the last
 * epoch, as the training itself does without a holdout: the error on the way there goes up and down,
 * and says nothing about strengths. Otherwise as dsc_recommender_train. */
dsc_status dsc_training_run(dsc_recommender **out, const dsc_ratings *ratings,
                            const dsc_recommender_config *config, const dsc_training_frame *frame,
                            dsc_error *err);

/* The same by the ratings and the configuration of a model, which is taken over: it becomes *out, or
 * is destroyed after a failure. */
dsc_status dsc_training_of_model(dsc_recommender **out, dsc_recommender *model,
                                 const dsc_training_frame *frame, dsc_error *err);

#endif
