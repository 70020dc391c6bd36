/* Our side of bench/peers/training_seed_model.py: training by minibatches, an epoch a burst.
 *
 *     ours_training --file RATINGS [-k N] [--batch N] [--optimizer sgd|adam] [--rate X] [--threads N]
 *                   [--hidden N,N,...] [--start MODEL | --curve N]
 *
 * The model is vectors of k each for users and items into a tower 2k-k-k/2-k/4-1, or of the hidden layers given, with
 * rectifiers, without biases of users and items and without L2. By itself it takes turns (turn.h), whole
 * epochs with shuffle and all. With --start it writes the model with which training
 * starts, with --curve the error of each of N epochs from that start; a batch that holds all ratings
 * then makes each epoch one step whose samples have no order. */
#include <math.h>

#include "descent/ratings.h"
#include "descent/recommender.h"
#include "turn.h"

/* So small that no weight moves: what is saved after an epoch is the start. */
#define NO_RATE 1e-30

static bool take_turn(const dsc_training_progress *progress, void *user) {
    return !progress->is_epoch_end || bench_end_epoch(user, progress->n_total);
}

static bool print_curve(const dsc_training_progress *progress, void *user) {
    (void)user;
    if (progress->is_epoch_end) {
        bench_print_record((bench_field[]){{"epoch", NULL, (double)progress->epoch},
                                           {"train_rmse", NULL, progress->train_rmse},
                                           {0}});
    }
    return true;
}

/* From a list of widths; of an empty one k, k / 2, k / 4. */
static void set_hidden(dsc_recommender_config *config, const char *text) {
    char *end;
    config->n_hidden = *text == '\0' ? 3 : 0;
    for (size_t l = 0; l < config->n_hidden; l++) {
        config->hidden[l] = config->n_factors >> l;
    }
    while (config->n_hidden < DSC_MAX_HIDDEN && *text != '\0') {
        config->hidden[config->n_hidden++] = strtoul(text, &end, 10);
        text = *end == ',' ? end + 1 : end;
    }
}

static dsc_recommender_config tower(int argc, char **argv) {
    dsc_recommender_config config = dsc_recommender_config_of(DSC_FORM_PERCEPTRON, 0);
    const double rate = strtod(bench_option(argc, argv, "--rate", "0.01"), NULL);
    const bool is_adam = strcmp(bench_option(argc, argv, "--optimizer", "sgd"), "adam") == 0;
    config.n_factors = strtoul(bench_option(argc, argv, "-k", "32"), NULL, 10);
    set_hidden(&config, bench_option(argc, argv, "--hidden", ""));
    config.activation = DSC_RELU;
    config.use_biases = false;
    config.optimizer = is_adam ? dsc_adam(rate) : dsc_sgd(rate);
    config.l2_vectors = config.l2_biases = config.l2_network = 0;
    config.batch_size = strtoul(bench_option(argc, argv, "--batch", "1024"), NULL, 10);
    config.max_epochs = SIZE_MAX / 2;
    config.holdout = 0;
    config.average_epochs = 1;
    config.n_threads = strtoul(bench_option(argc, argv, "--threads", "1"), NULL, 10);
    return config;
}

int main(int argc, char **argv) {
    const char *start = bench_option(argc, argv, "--start", NULL);
    const char *curve = bench_option(argc, argv, "--curve", NULL);
    dsc_recommender_config config = tower(argc, argv);
    bench_turn t = {0};
    dsc_training_watcher watcher = take_turn;
    dsc_ratings *ratings;
    dsc_recommender *model;
    dsc_error err;
    bench_require(
        dsc_ratings_read(&ratings, bench_option(argc, argv, "--file", "-"), NULL, NULL, &err),
        &err);
    if (start != NULL) {
        config.optimizer = dsc_sgd(NO_RATE);
        config.max_epochs = 1;
        watcher = NULL;
    } else if (curve != NULL) {
        config.max_epochs = strtoul(curve, NULL, 10);
        watcher = print_curve;
    }
    const dsc_status status = dsc_recommender_train(&model, ratings, &config, watcher, &t, &err);
    if (status != DSC_E_CANCELLED) {
        bench_require(status, &err);
    }
    if (start != NULL) {
        bench_require(dsc_recommender_save(model, start, &err), &err);
    }
    dsc_recommender_destroy(model);
    dsc_ratings_destroy(ratings);
    return EXIT_SUCCESS;
}
