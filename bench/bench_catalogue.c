/* Speed of ranking a whole catalogue: the best 10 of all items for many users, and for one who
 * waits.
 *
 * The models are made up, of two sizes, with a tower 2k-k-k/2-k/4-1 or a dot product; what they
 * recommend means nothing, what it costs does not depend on it. Operations are those of the
 * layers behind the first, whose halves are there before, or of the dot product: a
 * multiplication and an addition are two. Runs and the peak of the core take turns; time of one
 * thread is the processor's, of more the clock's; the best run counts. */
#include <math.h>

#include "bench.h"
#include "descent/catalogue.h"
#include "descent/isa.h"
#include "fma_peak.h"

/* N_PEAK: rounds of the loop that finds the peak, in one call. */
enum { N_ROUNDS = 5, N_BEST = 10, N_PEAK = 200000, N_WARM = 64 };

/* n_asked: users of the large one, who are many. */
typedef struct shape {
    size_t n_users, n_items, n_asked;
} shape;

static const shape shapes[] = {{6040, 3706, 6040}, {138000, 27000, 512}};

typedef struct problem {
    const shape *size;
    dsc_recommender *model;
    dsc_catalogue *catalogue;
    dsc_side *users;           /* (n_asked) */
    dsc_recommendation *found; /* (n_asked, N_BEST) */
    size_t *n_found;           /* (n_asked) */
    double operations;         /* of a pair */
} problem;

static void *must_allocate(size_t n, size_t size) {
    void *block = calloc(n, size);
    if (block == NULL) {
        fprintf(stderr, "no memory for %zu times %zu bytes\n", n, size);
        exit(EXIT_FAILURE);
    }
    return block;
}

static double worked_s(void) {
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

/* Every user and every item at least once, and few ratings. */
static dsc_ratings *make_ratings(const shape *s) {
    enum { LINE = 32 };
    const size_t n = s->n_users > 4 * s->n_items ? s->n_users : 4 * s->n_users;
    char *text = must_allocate(n + 1, LINE);
    size_t length = (size_t)snprintf(text, LINE, "user,item,rating\n");
    for (size_t p = 0; p < n; p++) {
        length += (size_t)snprintf(text + length, LINE, "%zu,%zu,%zu\n", p % s->n_users,
                                   p % s->n_items, 1 + p * 7 % 5);
    }
    dsc_ratings *ratings;
    dsc_error err;
    bench_require(dsc_ratings_read_memory(&ratings, text, length, "made up", NULL, NULL, &err),
                  &err);
    free(text);
    return ratings;
}

static void train(problem *p, dsc_form form, size_t k, const dsc_ratings *ratings) {
    dsc_recommender_config config = dsc_recommender_config_of(form, 0);
    dsc_error err;
    config.n_factors = k;
    config.use_lbfgs = config.choose_ridge = config.choose_history = false;
    config.optimizer = dsc_sgd(0.01);
    config.batch_size = 1024;
    config.max_epochs = config.average_epochs = 1;
    config.holdout = 0;
    p->operations = 2 * (double)k;
    if (form == DSC_FORM_PERCEPTRON) {
        config.n_hidden = 3;
        config.hidden[0] = k;
        config.hidden[1] = k / 2;
        config.hidden[2] = k / 4;
        p->operations = 2 * ((double)(k * k / 2) + (double)(k / 2 * k / 4) + (double)k / 4);
    }
    bench_require(dsc_recommender_train(&p->model, ratings, &config, NULL, NULL, &err), &err);
    bench_require(dsc_catalogue_create(&p->catalogue, p->model, DSC_NOW, &err), &err);
    for (uint32_t u = 0; u < p->size->n_asked; u++) {
        p->users[u] = dsc_recommender_user_side(p->model, u);
    }
}

static double time_peak(const fma_peak *peak) {
    static volatile float sink;
    const double begin_s = worked_s();
    sink = peak->rounds(N_PEAK);
    (void)sink;
    return worked_s() - begin_s;
}

static double time_all(const problem *p, size_t n_threads) {
    const dsc_catalogue_query query = {p->users, p->size->n_asked, N_BEST, n_threads};
    double (*now)(void) = n_threads == 1 ? worked_s : bench_now_s;
    dsc_error err;
    const double begin_s = now();
    bench_require(dsc_catalogue_recommend(p->catalogue, &query, p->found, p->n_found, &err), &err);
    return now() - begin_s;
}

/* Seconds of one user's list by a scorer that is there. */
static double time_one(const problem *p, dsc_scorer *scorer) {
    const double begin_s = worked_s();
    for (size_t u = 0; u < N_WARM; u++) {
        dsc_scorer_recommend_side(scorer, &p->users[u], N_BEST, p->found, p->n_found);
    }
    return (worked_s() - begin_s) / N_WARM;
}

static void measure(const problem *p, const char *name) {
    const fma_peak peak = fma_peak_of(dsc_isa_name());
    double peak_s = INFINITY, all_s[2] = {INFINITY, INFINITY}, one_s = INFINITY;
    dsc_scorer *scorer;
    dsc_error err;
    bench_require(dsc_scorer_create_on(&scorer, p->catalogue, &err), &err);
    for (size_t round = 0; round < N_ROUNDS; round++) {
        for (size_t t = 0; t < 2; t++) {
            peak_s = peak.rounds != NULL ? fmin(peak_s, time_peak(&peak)) : peak_s;
            all_s[t] = fmin(all_s[t], time_all(p, t + 1));
        }
        one_s = fmin(one_s, time_one(p, scorer));
    }
    dsc_scorer_destroy(scorer);
    const double most = N_PEAK * (double)peak.operations / peak_s;
    printf("%6zu x %5zu  %-10s", p->size->n_users, p->size->n_items, name);
    for (size_t t = 0; t < 2; t++) {
        const double users = (double)p->size->n_asked / all_s[t];
        const double pairs = users * (double)p->size->n_items;
        printf(" %9.0f %8.1f", users, pairs * 1e-6);
        if (peak.rounds != NULL) {
            printf(" %4.0f %%", 100 * pairs * p->operations / most / (double)(t + 1));
        }
    }
    printf(" %9.1f", one_s * 1e6);
    if (peak.rounds != NULL) {
        printf(" %8.1f", most * 1e-9);
    }
    putchar('\n');
}

int main(void) {
    static const size_t factors[] = {32, 64};
    printf("The best %d of a whole catalogue, %s\n"
           "                                        one thread                two threads      one "
           "user"
           "     peak\n"
           " users x items  model        users/s  Mpairs/s           users/s  Mpairs/s           us"
           "  GFLOP/s\n",
           N_BEST, dsc_isa_name());
    for (size_t s = 0; s < sizeof shapes / sizeof shapes[0]; s++) {
        dsc_ratings *ratings = make_ratings(&shapes[s]);
        problem p = {.size = &shapes[s]};
        p.users = must_allocate(p.size->n_asked, sizeof *p.users);
        p.found = must_allocate(p.size->n_asked * N_BEST, sizeof *p.found);
        p.n_found = must_allocate(p.size->n_asked, sizeof *p.n_found);
        for (size_t f = 0; f < 4; f++) {
            const dsc_form form = f < 2 ? DSC_FORM_PERCEPTRON : DSC_FORM_DOT;
            char name[32];
            snprintf(name, sizeof name, "%s %zu", f < 2 ? "tower" : "dot", factors[f % 2]);
            train(&p, form, factors[f % 2], ratings);
            measure(&p, name);
            dsc_catalogue_destroy(p.catalogue);
            dsc_recommender_destroy(p.model);
        }
        free(p.n_found);
        free(p.found);
        free(p.users);
        dsc_ratings_destroy(ratings);
    }
    return EXIT_SUCCESS;
}
