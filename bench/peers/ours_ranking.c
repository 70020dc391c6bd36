/* Our side of bench/peers/ranking.py: the 10 best of all items that a user has not rated.
 *
 *     ours_ranking --model MODEL [--one] [--threads N] [--print N]
 *     ours_ranking --model MODEL --file RATINGS [-k N]
 *
 * In turns it ranks for one user after the other, many a burst, by the same warm scorer (--one); --print writes the lists of the
 * first N users instead. With --file it trains a tower 2k-k-k/2-k/4-1 for one epoch and writes MODEL. */
#include "../bench.h"
#include "descent/isa.h"
#include "descent/ratings.h"
#include "descent/recommender.h"

enum { N_BEST = 10, N_PART = 64 };

#define BURST_S 0.3

static void make_model(const char *path, const char *file, size_t k) {
    dsc_recommender_config config = dsc_recommender_config_of(DSC_FORM_PERCEPTRON, 0);
    dsc_ratings *ratings;
    dsc_recommender *model;
    dsc_error err;
    config.n_factors = k;
    config.n_hidden = 3;
    for (size_t l = 0; l < config.n_hidden; l++) {
        config.hidden[l] = k >> l;
    }
    config.use_biases = false;
    config.max_epochs = 1;
    config.holdout = 0;
    bench_require(dsc_ratings_read(&ratings, file, NULL, NULL, &err), &err);
    bench_require(dsc_recommender_train(&model, ratings, &config, NULL, NULL, &err), &err);
    bench_require(dsc_recommender_save(model, path, &err), &err);
    dsc_recommender_destroy(model);
    dsc_ratings_destroy(ratings);
}

/* The items of one list and their predictions, as texts of numbers. */
static void print_list(uint32_t user, const dsc_recommendation *best, size_t n) {
    char items[N_BEST * 12] = "", ratings[N_BEST * 16] = "";
    size_t i_end = 0, r_end = 0;
    for (size_t i = 0; i < n; i++) {
        i_end += (size_t)snprintf(items + i_end, sizeof items - i_end, "%u ", best[i].item);
        r_end += (size_t)snprintf(ratings + r_end, sizeof ratings - r_end, "%.7g ",
                                  (double)best[i].rating);
    }
    bench_print_record((bench_field[]){
        {"user", NULL, (double)user}, {"items", items, 0}, {"ratings", ratings, 0}, {0}});
}

static void print_lists(dsc_scorer *scorer, uint32_t n_users) {
    for (uint32_t user = 0; user < n_users; user++) {
        dsc_recommendation best[N_BEST];
        size_t n;
        dsc_scorer_recommend(scorer, user, N_BEST, best, &n);
        print_list(user, best, n);
    }
}

static void take_turns(dsc_scorer *scorer, uint32_t n_users) {
    uint32_t user = 0;
    bench_print_record((bench_field[]){{"ready", NULL, 1}, {"isa", dsc_isa_name(), 0}, {0}});
    while (bench_wait_for_turn()) {
        const double begin_s = bench_now_s(), worked_begin_s = bench_worked_s();
        size_t n_done = 0;
        do {
            for (size_t i = 0; i < N_PART; i++) {
                dsc_recommendation best[N_BEST];
                size_t n;
                dsc_scorer_recommend(scorer, user, N_BEST, best, &n);
                user = user + 1 < n_users ? user + 1 : 0;
            }
            n_done += N_PART;
        } while (bench_now_s() - begin_s < BURST_S);
        bench_print_record((bench_field[]){{"amount", NULL, (double)n_done},
                                           {"seconds", NULL, bench_now_s() - begin_s},
                                           {"worked_s", NULL, bench_worked_s() - worked_begin_s},
                                           {0}});
    }
}

int main(int argc, char **argv) {
    const char *path = bench_option(argc, argv, "--model", "model.safetensors");
    const char *file = bench_option(argc, argv, "--file", NULL);
    const char *n_printed = bench_option(argc, argv, "--print", NULL);
    dsc_recommender *model;
    dsc_recommender_info info;
    dsc_scorer *scorer;
    dsc_error err;
    if (file != NULL) {
        make_model(path, file, strtoul(bench_option(argc, argv, "-k", "32"), NULL, 10));
        return EXIT_SUCCESS;
    }
    bench_require(dsc_recommender_load(&model, path, &err), &err);
    bench_require(dsc_scorer_create(&scorer, model, &err), &err);
    dsc_recommender_get_info(model, &info);
    if (n_printed != NULL) {
        print_lists(scorer, (uint32_t)strtoul(n_printed, NULL, 10));
    } else {
        take_turns(scorer, (uint32_t)info.n_users);
    }
    dsc_scorer_destroy(scorer);
    dsc_recommender_destroy(model);
    return EXIT_SUCCESS;
}
