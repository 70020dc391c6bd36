/* dsc_recommender_train: the choice of strengths and histories by trials, then the training. */
#include <math.h>
#include <time.h>

#include "base/error.h"
#include "recommender/training.h"

/* A trial's size, and how far from 1 the multiples go. */
enum { MAX_TRIAL_RATINGS = 100000, MAX_TRIAL_EPOCHS = 120, MAX_DOUBLINGS = 6 };

/* What is tried are powers of the root of 2: place p stands for its (p - MIDDLE)th. */
enum { MIDDLE = 2 * MAX_DOUBLINGS, N_PLACES = 2 * MIDDLE + 1 };
static const double trial_holdout = 0.1;

typedef struct choice {
    const dsc_ratings *ratings;
    dsc_recommender_config config;
    dsc_training_frame frame; /* of the next trial or of the training */
    double rmse[N_PLACES];    /* of the trials; NAN: not tried */
    int best;                 /* the place with the lowest of them */
} choice;

static double scale_of(double place) {
    return exp2((place - MIDDLE) / 2);
}

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
    c->frame.without_history =
        config.choose_history && !config.use_user_history && !config.use_item_history;
    dsc_recommender *model = NULL;
    dsc_status status = dsc_training_run(&model, c->ratings, &config, &c->frame, err);
    if (status == DSC_OK) {
        *rmse = model->statistics.validation_rmse;
        c->frame.trial_rmse = fmin(c->frame.trial_rmse, *rmse);
    }
    dsc_recommender_destroy(model);
    return status;
}

/* Takes the place, if it is not known yet, and says whether it has the lowest error so far. */
static dsc_status try_place(choice *c, int place, bool *is_best, dsc_error *err) {
    dsc_status status = DSC_OK;
    *is_best = false;
    if (isnan(c->rmse[place])) {
        status = run_trial(c, scale_of(place), &c->rmse[place], err);
    }
    if (status == DSC_OK && c->rmse[place] < c->rmse[c->best]) {
        c->best = place;
        *is_best = true;
    }
    return status;
}

/* Goes by `step` from the middle as long as that lowers the error. */
static dsc_status walk(choice *c, int step, dsc_error *err) {
    bool is_best = true;
    dsc_status status = DSC_OK;
    for (int place = MIDDLE + step; status == DSC_OK && is_best && place >= 0 && place < N_PLACES;
         place += step) {
        status = try_place(c, place, &is_best, err);
    }
    return status;
}

/* The lowest point of the parabola through the best place and its neighbours. (161) */
static double lowest_place(const choice *c) {
    const int at = c->best;
    if (at == 0 || at == N_PLACES - 1) {
        return at;
    }
    const double left = c->rmse[at - 1], right = c->rmse[at + 1];
    const double curvature = left - 2 * c->rmse[at] + right;
    return curvature > 0 ? at + (left - right) / (2 * curvature) : at;
}

/* Leaves the histories out where that lowers the error at the usual strength. Where each item has
 * thousands of raters, or each user thousands of ratings, their sums say little, and full batches
 * take long to find out. */
static dsc_status choose_history(choice *c, dsc_error *err) {
    const dsc_recommender_config with = c->config;
    if (!with.choose_history || !(with.use_user_history || with.use_item_history)) {
        return DSC_OK;
    }
    double rmse;
    c->config.use_user_history = c->config.use_item_history = false;
    dsc_status status = run_trial(c, 1, &rmse, err);
    if (status == DSC_OK && rmse < c->rmse[MIDDLE]) {
        c->rmse[MIDDLE] = rmse;
    } else {
        c->config = with;
    }
    return status;
}

/* Scales config->ridge. Where there are too few ratings to hold some out, it stays. */
static dsc_status choose_ridge(choice *c, dsc_error *err) {
    bool is_best;
    if (dsc_ratings_by_user(c->ratings).n_entries < 30) {
        return DSC_OK;
    }
    for (int place = 0; place < N_PLACES; place++) {
        c->rmse[place] = (double)NAN;
    }
    c->best = MIDDLE;
    dsc_status status = try_place(c, MIDDLE, &is_best, err);
    if (status == DSC_OK) {
        status = choose_history(c, err);
    }
    if (status == DSC_OK) {
        status = walk(c, -2, err);
    }
    if (status == DSC_OK && c->best == MIDDLE) {
        status = walk(c, 2, err);
    }
    const int coarse = c->best;
    for (int place = coarse - 1; status == DSC_OK && place <= coarse + 1; place += 2) {
        if (place >= 0 && place < N_PLACES) {
            status = try_place(c, place, &is_best, err);
        }
    }
    if (status == DSC_OK) {
        scale_ridge(&c->config.ridge, scale_of(lowest_place(c)));
    }
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
    c.config.choose_ridge = c.config.choose_history = false;
    c.frame.user_share = 1;
    c.frame.trial = 0;
    c.frame.without_history = false;
    return dsc_training_run(out, ratings, &c.config, &c.frame, err);
}
