/* Our side of bench/peers/ranking.py: the 10 best of all items that a user has not rated.
 *
 *     ours_ranking --model MODEL [--one] [--threads N] [--print N]
 *     ours_ranking --model MODEL --file RATINGS [-k N]
 *
 * In turns it ranks for N_PART users a call, or with --one for one user after the other by the same warm
 * scorer, many a burst; what the items of the model contribute is computed before. --print writes the lists of
 * the first N users instead. With --file it trains a tower 2k-k-k/2-k/4-1 for one epoch and writes MODEL. */
#include "../bench.h"
#include "descent/catalogue.h"
#include "descent/isa.h"
#include "descent/ratings.h"
#include "descent/recommender.h"

enum { N_BEST = 10, N_PART = 128 };

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

/* What ranks: all users by threads, or one after the other by a scorer. */
typedef struct ranker {
    dsc_recommender *model;
    dsc_catalogue *catalogue;
    dsc_scorer *scorer;
    size_t n_threads;
    bool is_one; /* user a call */
    uint32_t n_users;
    dsc_recommendation best[N_PART * N_BEST];
    size_t n_best[N_PART];
} ranker;

/* The lists of the N_PART users from `first` on, the first users following the last. */
static void rank_part(ranker *r, uint32_t first) {
    dsc_side users[N_PART];
    dsc_error err;
    for (uint32_t i = 0; i < N_PART; i++) {
        users[i] = dsc_recommender_user_side(r->model, (first + i) % r->n_users);
    }
    if (r->is_one) {
        for (size_t i = 0; i < N_PART; i++) {
            dsc_scorer_recommend_side(r->scorer, &users[i], N_BEST, r->best + i * N_BEST,
                                      &r->n_best[i]);
        }
        return;
    }
    const dsc_catalogue_query query = {users, N_PART, N_BEST, r->n_threads};
    bench_require(dsc_catalogue_recommend(r->catalogue, &query, r->best, r->n_best, &err), &err);
}

static void print_lists(ranker *r, uint32_t n_users) {
    for (uint32_t user = 0; user < n_users; user++) {
        if (user % N_PART == 0) {
            rank_part(r, user);
        }
        print_list(user, r->best + user % N_PART * N_BEST, r->n_best[user % N_PART]);
    }
}

static void take_turns(ranker *r) {
    uint32_t user = 0;
    rank_part(r, user);
    bench_print_record((bench_field[]){{"ready", NULL, 1}, {"isa", dsc_isa_name(), 0}, {0}});
    while (bench_wait_for_turn()) {
        const double begin_s = bench_now_s(), worked_begin_s = bench_worked_s();
        size_t n_done = 0;
        do {
            rank_part(r, user);
            user = (user + N_PART) % r->n_users;
            n_done += N_PART;
        } while (bench_now_s() - begin_s < BENCH_BURST_S);
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
    dsc_recommender_info info;
    dsc_error err;
    ranker *r = calloc(1, sizeof *r);
    if (r == NULL) {
        fputs("ours_ranking: no memory\n", stderr);
        return EXIT_FAILURE;
    }
    if (file != NULL) {
        make_model(path, file, strtoul(bench_option(argc, argv, "-k", "32"), NULL, 10));
        free(r);
        return EXIT_SUCCESS;
    }
    r->n_threads = strtoul(bench_option(argc, argv, "--threads", "1"), NULL, 10);
    r->is_one = bench_has_option(argc, argv, "--one");
    bench_require(dsc_recommender_load(&r->model, path, &err), &err);
    bench_require(dsc_catalogue_create(&r->catalogue, r->model, DSC_NOW, &err), &err);
    bench_require(dsc_scorer_create_on(&r->scorer, r->catalogue, &err), &err);
    dsc_recommender_get_info(r->model, &info);
    r->n_users = (uint32_t)info.n_users;
    if (n_printed != NULL) {
        print_lists(r, (uint32_t)strtoul(n_printed, NULL, 10));
    } else {
        take_turns(r);
    }
    dsc_scorer_destroy(r->scorer);
    dsc_catalogue_destroy(r->catalogue);
    dsc_recommender_destroy(r->model);
    free(r);
    return EXIT_SUCCESS;
}
