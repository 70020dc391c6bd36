/* The baseline that takes some training: a biased dot product of the ratings that a model holds. */
#include <math.h>
#include <time.h>

#include "descent/evaluation.h"
#include "recommender/training.h"

/* What a dot product without histories gains by longer vectors and more iterations is within
 * 0.001 of the error: docs/accuracy.md. */
enum { N_FACTORS = 16, N_ITERATIONS = 60 };

/* Of the usual strength, which is that of vectors with histories: 12 for 80,000 ratings. */
static const double share_of_ridge = 12 / 15.3;

dsc_status dsc_recommender_train_dot(dsc_recommender **out, const dsc_recommender *model,
                                     size_t n_threads, dsc_training_watcher watcher, void *user,
                                     dsc_error *err) {
    dsc_training_frame frame = {
        .user_share = 1, .trial_rmse = (double)NAN, .watcher = watcher, .user = user};
    dsc_recommender_config config =
        dsc_recommender_config_of(DSC_FORM_DOT, model->ratings.n_entries);
    config.choose_ridge = false;
    config.ridge.vectors *= share_of_ridge;
    config.ridge.power = 0; /* as its strength was chosen */
    config.n_factors = N_FACTORS;
    config.max_epochs = N_ITERATIONS;
    config.n_threads = n_threads;
    dsc_recommender *untrained;
    *out = NULL;
    clock_gettime(CLOCK_MONOTONIC, &frame.begin);
    dsc_status status = dsc_model_from_model(&untrained, &config, model, err);
    return status == DSC_OK ? dsc_training_of_model(out, untrained, &frame, err) : status;
}
