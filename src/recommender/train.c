/* dsc_recommender_train: the choice of strengths by trials, then the training. */
#include <math.h>
#include <time.h>

#include "base/error.h"
#include "recommender/training.h"

/* A trial's size, and how far from 1 the multiples go. */
enum { MAX_TRIAL_RATINGS = 100000, MAX_TRIAL_EPOCHS = 120, MAX_DOUBLINGS = 6 };
static const double trial_holdout = 0.1;

typedef struct choice {
    const dsc_ratings *ratings;
    dsc_recommender_config config;
    dsc_training_frame frame; /* of the next trial or of the training */
} choice;

/* All but the biases', which the number of ratings and their noise hardly concern. */
static void multiply_ridge(dsc_ridge *ridge, const dsc_ridge *by) {
    ridge->vectors *= by->vectors;
    ridge->user_history *= by->user_history;
    ridge->item_history *= by->item_history;
    ridge->network *= by->network;
}

static void scale_ridge(dsc_ridge *ridge, double scale) {
    multiply_ridge(ridge, &(dsc_ridge){scale, scale, scale, scale, scale});
}

/* What strengths for n ratings are multiplied by to suit n_trial of them. */
static dsc_ridge ridge_of_trial(dsc_rating_loss loss, size_t n_trial, size_t n) {
    const dsc_ridge few = dsc_usual_ridge(loss, n_trial), all = dsc_usual_ridge(loss, n);
    return (dsc_ridge){.vectors = few.vectors / all.vectors,
                       .user_history = few.user_history / all.user_history,
                       .item_history = few.item_history / all.item_history,
                       .network = few.network / all.network};
}

/* The error on held-out ratings under `scale` times the ridge. */
static dsc_status run_trial(choice *c, double scale, double *rmse, dsc_error *err) {
    const size_t n = dsc_ratings_by_user(c->ratings).n_entries;
    const size_t n_trial = n < MAX_TRIAL_RATINGS ? n : MAX_TRIAL_RATINGS;
    const dsc_ridge for_trial = ridge_of_trial(c->config.loss, n_trial, n);
    dsc_recommender_config config = c->config;
    scale_ridge(&config.ridge, scale);
    multiply_ridge(&config.ridge, &for_trial);
    config.holdout = trial_holdout;
    config.max_epochs = config.max_epochs < MAX_TRIAL_EPOCHS ? config.max_epochs : MAX_TRIAL_EPOCHS;
    c->frame.user_share = (double)n_trial / (double)n;
    c->frame.trial++;
    c->frame.trial_scale = scale;
    dsc_recommender *model = NULL;
    dsc_status status = dsc_training_run(&model, c->ratings, &config, &c->frame, err);
    if (status == DSC_OK) {
        *rmse = model->statistics.validation_rmse;
        c->frame.trial_rmse = fmin(c->frame.trial_rmse, *rmse);
    }
    dsc_recommender_destroy(model);
    return status;
}

/* Goes from scale 1 by `factor` as long as that lowers the error. */
static dsc_status walk(choice *c, double factor, double *best_scale, double *best_rmse,
                       dsc_error *err) {
    double scale = *best_scale;
    for (int i = 0; i < MAX_DOUBLINGS; i++) {
        double rmse;
        scale *= factor;
        dsc_status status = run_trial(c, scale, &rmse, err);
        if (status != DSC_OK) {
            return status;
        }
        if (!(rmse < *best_rmse)) {
            break;
        }
        *best_rmse = rmse;
        *best_scale = scale;
    }
    return DSC_OK;
}

/* Scales config->ridge. Where there are too few ratings to hold some out, it stays. */
static dsc_status choose_ridge(choice *c, dsc_error *err) {
    double scale = 1, rmse;
    if (dsc_ratings_by_user(c->ratings).n_entries < 30) {
        return DSC_OK;
    }
    dsc_status status = run_trial(c, 1, &rmse, err);
    if (status == DSC_OK) {
        status = walk(c, 0.5, &scale, &rmse, err);
    }
    if (status == DSC_OK && scale >= 1) {
        status = walk(c, 2, &scale, &rmse, err);
    }
    scale_ridge(&c->config.ridge, scale);
    return status;
}

dsc_status dsc_recommender_train(dsc_recommender **out, const dsc_ratings *ratings,
                                 const dsc_recommender_config *config, dsc_training_watcher watcher,
                                 void *user, dsc_error *err) {
    const size_t n_ratings = dsc_ratings_by_user(ratings).n_entries;
    choice c = {.ratings = ratings,
                .config = config != NULL ? *config
                                         : dsc_recommender_config_of(DSC_FORM_HISTORIES, n_ratings),
                .frame = {.trial_rmse = (double)NAN, .watcher = watcher, .user = user}};
    *out = NULL;
    clock_gettime(CLOCK_MONOTONIC, &c.frame.begin);
    dsc_status status = dsc_recommender_config_check(&c.config, err);
    if (status == DSC_OK && c.config.choose_ridge && c.config.use_lbfgs) {
        status = choose_ridge(&c, err);
    }
    if (status != DSC_OK) {
        return status;
    }
    c.config.choose_ridge = false;
    c.frame.user_share = 1;
    c.frame.trial = 0;
    return dsc_training_run(out, ratings, &c.config, &c.frame, err);
}
