/* Our side of bench/peers/matrix_factorisation.py: dot product of vectors with biases, by twin AdaGrad.
 *
 *     ours_factorisation --file TRAIN --test TEST [-k N] [--threads N] [--epochs N | --rmse X]
 *
 * Each turn is one whole training of N epochs, from the ratings in memory to the model; its record has
 * the error on the test ratings, which is computed off the clock. With --rmse it says instead how
 * many epochs it takes to that error on the test ratings. */
#include "../bench.h"
#include "descent/isa.h"
#include "descent/ratings.h"
#include "descent/recommender.h"

enum { MAX_EPOCHS = 200 };

typedef struct problem {
    dsc_ratings *train, *test;
    dsc_recommender_config config;
} problem;

static dsc_ratings *read_ratings(const char *path) {
    dsc_ratings *ratings;
    dsc_error err;
    bench_require(dsc_ratings_read(&ratings, path, NULL, NULL, &err), &err);
    return ratings;
}

/* One training of so many epochs; seconds and processor seconds of it, and the test error. */
static double train(problem *p, size_t n_epochs, double *seconds, double *worked_s) {
    dsc_recommender *model;
    dsc_evaluation evaluation;
    dsc_error err;
    p->config.max_epochs = n_epochs;
    const double begin_s = bench_now_s(), worked_begin_s = bench_worked_s();
    bench_require(dsc_recommender_train(&model, p->train, &p->config, NULL, NULL, &err), &err);
    *seconds = bench_now_s() - begin_s;
    *worked_s = bench_worked_s() - worked_begin_s;
    bench_require(dsc_recommender_evaluate(model, p->test, NULL, &evaluation, &err), &err);
    dsc_recommender_destroy(model);
    return evaluation.model.rmse;
}

/* By doubling, and then by halving what lies between. */
static void print_epochs(problem *p, double rmse) {
    double seconds, worked_s;
    size_t too_few = 0, enough = 1;
    while (enough <= MAX_EPOCHS && train(p, enough, &seconds, &worked_s) > rmse) {
        too_few = enough;
        enough *= 2;
    }
    while (enough <= MAX_EPOCHS && enough - too_few > 1) {
        const size_t middle = (too_few + enough) / 2;
        const bool is_enough = train(p, middle, &seconds, &worked_s) <= rmse;
        *(is_enough ? &enough : &too_few) = middle;
    }
    bench_print_record((bench_field[]){
        {"epochs", NULL, enough <= MAX_EPOCHS ? (double)enough : (double)NAN}, {0}});
}

static void take_turns(problem *p, size_t n_epochs) {
    bench_print_record((bench_field[]){{"ready", NULL, 1}, {"isa", dsc_isa_name(), 0}, {0}});
    while (bench_wait_for_turn()) {
        double seconds, worked_s;
        const double rmse = train(p, n_epochs, &seconds, &worked_s);
        bench_print_record((bench_field[]){{"amount", NULL, 1},
                                           {"seconds", NULL, seconds},
                                           {"worked_s", NULL, worked_s},
                                           {"check", NULL, rmse},
                                           {0}});
    }
}

int main(int argc, char **argv) {
    const char *rmse = bench_option(argc, argv, "--rmse", NULL);
    problem p = {.train = read_ratings(bench_option(argc, argv, "--file", "-")),
                 .test = read_ratings(bench_option(argc, argv, "--test", "-")),
                 .config = dsc_recommender_config_of(DSC_FORM_DOT, 0)};
    dsc_recommender_config_set_twin_adagrad(&p.config);
    p.config.n_factors = strtoul(bench_option(argc, argv, "-k", "32"), NULL, 10);
    p.config.n_threads = strtoul(bench_option(argc, argv, "--threads", "1"), NULL, 10);
    p.config.holdout = 0;
    if (rmse != NULL) {
        print_epochs(&p, strtod(rmse, NULL));
    } else {
        take_turns(&p, strtoul(bench_option(argc, argv, "--epochs", "10"), NULL, 10));
    }
    dsc_ratings_destroy(p.test);
    dsc_ratings_destroy(p.train);
    return EXIT_SUCCESS;
}
