/* Trains the dot product with biases by twin AdaGrad and says how long it took and how well it predicts
 * held-out ratings: the side of ours in bench_factorisation.py.
 *
 *     bench_factorisation TRAIN HELD-OUT FACTORS THREADS EPOCHS [RATE L2]
 *
 * Prints: seconds, of the processor, RMSE. All training counts, from ratings in memory to the model
 * with its baselines; reading and evaluating do not. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "bench.h"
#include "descent/ratings.h"
#include "descent/recommender.h"

static double processor_s(void) {
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static dsc_ratings *read_ratings(const char *path) {
    dsc_error err;
    dsc_ratings *ratings;
    bench_require(dsc_ratings_read(&ratings, path, NULL, NULL, &err), &err);
    return ratings;
}

int main(int argc, char **argv) {
    if (argc != 6 && argc != 8) {
        fprintf(stderr, "usage: %s TRAIN HELD-OUT FACTORS THREADS EPOCHS [RATE L2]\n", argv[0]);
        return EXIT_FAILURE;
    }
    dsc_ratings *train = read_ratings(argv[1]), *held = read_ratings(argv[2]);
    dsc_recommender_config config =
        dsc_recommender_config_of(DSC_FORM_DOT, dsc_ratings_by_user(train).n_entries);
    dsc_recommender_config_set_twin_adagrad(&config);
    config.n_factors = strtoul(argv[3], NULL, 10);
    config.n_threads = strtoul(argv[4], NULL, 10);
    config.max_epochs = strtoul(argv[5], NULL, 10);
    config.holdout = 0;
    if (argc == 8) {
        config.optimizer.rate = strtod(argv[6], NULL);
        config.l2_vectors = strtod(argv[7], NULL);
    }
    dsc_error err;
    dsc_recommender *model;
    const double begin_s = bench_now_s(), begin_processor_s = processor_s();
    bench_require(dsc_recommender_train(&model, train, &config, NULL, NULL, &err), &err);
    const double end_s = bench_now_s(), end_processor_s = processor_s();
    dsc_evaluation found;
    bench_require(dsc_recommender_evaluate(model, held, NULL, &found, &err), &err);
    printf("%.4f %.4f %.6f\n", end_s - begin_s, end_processor_s - begin_processor_s,
           found.model.rmse);
    dsc_recommender_destroy(model);
    dsc_ratings_destroy(train);
    dsc_ratings_destroy(held);
    return EXIT_SUCCESS;
}
