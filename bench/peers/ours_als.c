/* Our side of bench/peers/alternating_least_squares.py: vectors of interactions by half steps, each three
 * steps of conjugate gradients a row.
 *
 *     ours_als --file RATINGS [-k N] [--threads N] --iterations N [--model MODEL]
 *
 * Each turn is one whole training, from the interactions in memory to the model; its amount is iterations, each
 * of which goes towards the minimum for all users and all items. With --model it trains once and writes MODEL instead, and says
 * the weight of a pair of (111). L2 is next to nothing, so that both sides have one minimum: its strength is
 * another matter in each program. */
#include "../bench.h"
#include "descent/isa.h"
#include "descent/ratings.h"
#include "descent/recommender.h"

/* Of the configuration: keeps the equations solvable, and weighs nothing. */
#define RIDGE 1e-7

static dsc_recommender *train(const dsc_ratings *ratings, const dsc_recommender_config *config) {
    dsc_recommender *model;
    dsc_error err;
    bench_require(dsc_recommender_train(&model, ratings, config, NULL, NULL, &err), &err);
    return model;
}

static void write_model(const dsc_ratings *ratings, const dsc_recommender_config *config,
                        const char *path) {
    dsc_error err;
    dsc_recommender *model = train(ratings, config);
    bench_require(dsc_recommender_save(model, path, &err), &err);
    dsc_ratings_summary summary;
    dsc_ratings_summarize(ratings, &summary);
    bench_print_record(
        (bench_field[]){{"pair_weight", NULL, config->unobserved_weight * summary.density}, {0}});
    dsc_recommender_destroy(model);
}

static void take_turns(const dsc_ratings *ratings, const dsc_recommender_config *config) {
    bench_print_record((bench_field[]){{"ready", NULL, 1}, {"isa", dsc_isa_name(), 0}, {0}});
    while (bench_wait_for_turn()) {
        const double begin_s = bench_now_s(), worked_begin_s = bench_worked_s();
        dsc_recommender *model = train(ratings, config);
        bench_print_record((bench_field[]){{"amount", NULL, (double)config->max_epochs},
                                           {"seconds", NULL, bench_now_s() - begin_s},
                                           {"worked_s", NULL, bench_worked_s() - worked_begin_s},
                                           {0}});
        dsc_recommender_destroy(model);
    }
}

int main(int argc, char **argv) {
    const char *path = bench_option(argc, argv, "--model", NULL);
    const dsc_ratings_format format = {.feedback = DSC_FEEDBACK_IMPLICIT};
    dsc_ratings *ratings;
    dsc_error err;
    bench_require(
        dsc_ratings_read(&ratings, bench_option(argc, argv, "--file", "-"), &format, NULL, &err),
        &err);
    dsc_recommender_config config = dsc_recommender_config_implicit(DSC_FORM_IALS, 0);
    config.n_factors = strtoul(bench_option(argc, argv, "-k", "64"), NULL, 10);
    config.n_threads = strtoul(bench_option(argc, argv, "--threads", "1"), NULL, 10);
    config.max_epochs = strtoul(bench_option(argc, argv, "--iterations", "10"), NULL, 10);
    config.ridge.vectors = RIDGE;
    if (path != NULL) {
        write_model(ratings, &config, path);
    } else {
        take_turns(ratings, &config);
    }
    dsc_ratings_destroy(ratings);
    return EXIT_SUCCESS;
}
