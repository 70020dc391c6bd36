/* Speed of training a recommender by minibatches: vectors of k each, tower 2k-k-k/2-k/4-1.
 *
 *     bench_training [part of a line's name, default all lines]
 *
 * Made-up ratings of the size of MovieLens 1M, and as many of 138,000 users and 27,000 items. Between
 * two reports of the training, a hundred an epoch, runs a burst of the loop that finds the core's peak.
 * What else runs on the machine only makes a turn slower: samples a second, and share of the peak, are
 * those that a tenth of the turns exceeds. Time is the processor's for one thread, and elapsed for
 * more. What an epoch does besides its steps (the shuffle, the mean of weights) is in the last speed
 * alone. A multiplication and an addition are two operations; a sample takes 6 a weight of the network.
 *
 * Lines of bf16 keep the vectors as bfloat16.
 *
 * A run whose errors differ from those of the first run of its settings ends the program: another
 * number of threads must give the same, plain C the same to rounding. */
#include <math.h>
#include <string.h>

#include "bench.h"
#include "descent/isa.h"
#include "descent/random.h"
#include "descent/ratings.h"
#include "descent/recommender.h"
#include "fma_peak.h"

enum { MAX_TURNS = 1000, N_PEAK = 4000, MAX_LINE = 48, N_EPOCHS = 3 };

static const struct size {
    const char *name;
    size_t n_users, n_items, n_draws;
} sizes[] = {
    {"6040 x 3706", 6040, 3706, 1200000},
    {"138000 x 27000", 138000, 27000, 3000000},
};

static const size_t factors[] = {32, 64};
static const size_t batches[] = {256, 1024, 8192, 65536};
static const size_t threads[] = {1, 2};

/* How steps are made and what vectors are kept as. */
static const struct way {
    const char *name;
    bool is_adam, use_bf16;
} ways[] = {
    {"sgd", false, false},
    {"adam", true, false},
    {"bf16 sgd", false, true},
    {"bf16 adam", true, true},
};

typedef struct turns {
    fma_peak peak;
    clockid_t clock;
    double last_s;   /* the end of the turn before */
    double paused_s; /* all bursts of the peak */
    uint64_t n_done;
    size_t n;
    double samples_s[MAX_TURNS]; /* a second */
    double peak_s[MAX_TURNS];    /* operations a second */
    double train_rmse;
} turns;

/* Popular items and busy users are drawn more often; freed with dsc_ratings_destroy. */
static dsc_ratings *make_ratings(const struct size *s) {
    dsc_random random = dsc_random_stream(1, 0, 0);
    char *text = malloc((s->n_draws + 1) * MAX_LINE);
    dsc_ratings *ratings = NULL;
    dsc_error err;
    if (text == NULL) {
        fputs("no memory for the ratings\n", stderr);
        exit(EXIT_FAILURE);
    }
    size_t length = (size_t)sprintf(text, "user,item,rating\n");
    for (size_t i = 0; i < s->n_draws; i++) {
        const double u = dsc_random_uniform(&random), v = dsc_random_uniform(&random);
        const size_t user = (size_t)(u * u * (double)s->n_users);
        const size_t item = (size_t)(v * v * v * (double)s->n_items);
        /* numbers that have nothing to do with how often each is drawn */
        length += (size_t)sprintf(text + length, "%zu,%zu,%u\n", user * 7919 % s->n_users,
                                  item * 7919 % s->n_items, 1 + dsc_random_below(&random, 5));
    }
    bench_require(dsc_ratings_read_memory(&ratings, text, length, "made up", NULL, NULL, &err),
                  &err);
    free(text);
    return ratings;
}

static double clock_s(clockid_t clock) {
    struct timespec now;
    clock_gettime(clock, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

static bool take_turn(const dsc_training_progress *progress, void *user) {
    static volatile float sink;
    turns *t = user;
    const double now_s = clock_s(t->clock), worked_s = now_s - t->last_s;
    const double n = (double)progress->n_done - (double)t->n_done;
    sink = t->peak.rounds != NULL ? t->peak.rounds(N_PEAK) : 0;
    (void)sink;
    t->last_s = clock_s(t->clock);
    t->paused_s += t->last_s - now_s;
    t->n_done = progress->n_done;
    t->train_rmse = progress->train_rmse;
    if (!progress->is_epoch_end && n > 0 && t->n < MAX_TURNS) {
        t->samples_s[t->n] = n / worked_s;
        t->peak_s[t->n] = N_PEAK * (double)t->peak.operations / (t->last_s - now_s);
        t->n++;
    }
    return true;
}

static int compare_doubles(const void *a, const void *b) {
    double x, y;
    memcpy(&x, a, sizeof x);
    memcpy(&y, b, sizeof y);
    return (x > y) - (x < y);
}

/* What a tenth of them exceeds. */
static double best_tenth(double *values, size_t n) {
    qsort(values, n, sizeof *values, compare_doubles);
    return n > 0 ? values[n - 1 - n / 100] : (double)NAN;
}

static dsc_recommender_config tower(size_t k, size_t batch, const struct way *way) {
    dsc_recommender_config config = dsc_recommender_config_of(DSC_FORM_PERCEPTRON, 0);
    config.n_factors = k;
    config.n_hidden = 3;
    for (size_t l = 0; l < config.n_hidden; l++) {
        config.hidden[l] = k >> l;
    }
    config.activation = DSC_RELU;
    config.use_biases = false;
    config.optimizer = way->is_adam ? dsc_adam(0.001) : dsc_sgd(0.02);
    config.use_bf16 = way->use_bf16;
    config.l2_vectors = config.l2_biases = config.l2_network = 0;
    config.batch_size = batch;
    config.max_epochs = N_EPOCHS;
    config.average_epochs = 1;
    config.holdout = 0;
    return config;
}

/* Operations of one sample. */
static double work_of(const dsc_recommender_config *config) {
    size_t n_weights = 0, n_in = 2 * config->n_factors;
    for (size_t l = 0; l < config->n_hidden; l++) {
        n_weights += n_in * config->hidden[l];
        n_in = config->hidden[l];
    }
    return 6 * (double)(n_weights + n_in);
}

static turns train(const dsc_ratings *ratings, const dsc_recommender_config *config,
                   double *elapsed_s) {
    turns t = {.peak = fma_peak_of(dsc_isa_name()),
               .clock = config->n_threads == 1 ? CLOCK_PROCESS_CPUTIME_ID : CLOCK_MONOTONIC};
    dsc_recommender *model;
    dsc_error err;
    const double begin_s = t.last_s = clock_s(t.clock);
    bench_require(dsc_recommender_train(&model, ratings, config, take_turn, &t, &err), &err);
    *elapsed_s = clock_s(t.clock) - begin_s - t.paused_s;
    dsc_recommender_destroy(model);
    return t;
}

static void require_same(double got, double expected, double tolerance, const char *what) {
    if (!(fabs(got - expected) <= tolerance * expected)) {
        fprintf(stderr, "the error of %s is %.9g; expected %.9g\n", what, got, expected);
        exit(EXIT_FAILURE);
    }
}

static void measure(const struct size *s, const dsc_ratings *ratings, const struct way *way,
                    size_t k, size_t batch, const char *filter) {
    double first_rmse = 0;
    for (size_t i = 0; i < sizeof threads / sizeof threads[0]; i++) {
        dsc_recommender_config config = tower(k, batch, way);
        config.n_threads = threads[i];
        char name[80];
        snprintf(name, sizeof name, "%s, k = %zu, %s, batch %zu, threads %zu", s->name, k,
                 way->name, batch, threads[i]);
        if (strstr(name, filter) == NULL) {
            continue;
        }
        double elapsed_s;
        turns t = train(ratings, &config, &elapsed_s);
        if (first_rmse > 0) {
            require_same(t.train_rmse, first_rmse, 0, name);
        }
        first_rmse = t.train_rmse;
        const double samples_s = best_tenth(t.samples_s, t.n);
        const double peak_s = best_tenth(t.peak_s, t.n);
        const double n = (double)dsc_ratings_by_user(ratings).n_entries * N_EPOCHS;
        printf("%-52s %7.2f %5.0f %% %8.1f %7.2f   %.6f\n", name, samples_s * 1e-6,
               100 * work_of(&config) * samples_s / peak_s, peak_s * 1e-9, n / elapsed_s * 1e-6,
               t.train_rmse);
        fflush(stdout);
    }
}

/* A short training by plain C and by the instruction set in use. */
static void check(void) {
    const struct size small = {"small", 200, 100, 6000};
    dsc_ratings *ratings = make_ratings(&small);
    const char *isa = dsc_isa_name();
    for (size_t w = 0; w < sizeof ways / sizeof ways[0]; w++) {
        const dsc_recommender_config config = tower(32, 256, &ways[w]);
        double elapsed_s;
        dsc_error err;
        const double rmse = train(ratings, &config, &elapsed_s).train_rmse;
        bench_require(dsc_isa_set("c", &err), &err);
        /* a rounding apart, bfloat16 may fall the other way: by 1 in 256 of one number */
        require_same(rmse, train(ratings, &config, &elapsed_s).train_rmse,
                     ways[w].use_bf16 ? 1e-3 : 1e-5, isa);
        bench_require(dsc_isa_set(isa, &err), &err);
    }
    dsc_ratings_destroy(ratings);
}

int main(int argc, char **argv) {
    const char *filter = argc > 1 ? argv[1] : "";
    check();
    puts(
        "Training by minibatches              million samples/s, share of one core's peak of FMA,\n"
        "                                     that peak in GFLOP/s, million samples/s of whole "
        "epochs, "
        "error");
    for (size_t s = 0; s < sizeof sizes / sizeof sizes[0]; s++) {
        dsc_ratings *ratings = make_ratings(&sizes[s]);
        for (size_t f = 0; f < sizeof factors / sizeof factors[0]; f++) {
            for (size_t b = 0; b < sizeof batches / sizeof batches[0]; b++) {
                for (size_t w = 0; w < sizeof ways / sizeof ways[0]; w++) {
                    measure(&sizes[s], ratings, &ways[w], factors[f], batches[b], filter);
                }
            }
        }
        dsc_ratings_destroy(ratings);
    }
    return EXIT_SUCCESS;
}
