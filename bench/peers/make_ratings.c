/* Makes ratings up, for all sides of a comparison: user,item,rating,time lines with a header.
 *
 *     make_ratings USERS ITEMS DRAWS SEED > FILE
 *
 * As MovieLens 20M is ordered: users ascending, and items ascending within a user, DRAWS items for each,
 * of which those drawn twice count once; popular items come more often. A rating is 3.5 and what the
 * user and the item have of a hidden taste, in N_TASTES directions, on a scale of half stars, with as
 * much noise as leaves the best of models an error near that on the original. */
#include <math.h>

#include "../bench.h"
#include "descent/random.h"

enum { N_TASTES = 8, PURPOSE_ITEM = 0, PURPOSE_USER = 1 };

typedef struct person {
    double bias, taste[N_TASTES];
} person;

static int compare_items(const void *a, const void *b) {
    unsigned x, y;
    memcpy(&x, a, sizeof x);
    memcpy(&y, b, sizeof y);
    return (x > y) - (x < y);
}

static void draw_person(person *p, dsc_random *random) {
    p->bias = 0.35 * dsc_random_normal(random);
    for (size_t t = 0; t < N_TASTES; t++) {
        p->taste[t] = 0.35 * dsc_random_normal(random);
    }
}

/* In half stars, 1 .. 10. */
static unsigned rate(const person *user, const person *item, dsc_random *random) {
    double stars = 3.5 + user->bias + item->bias + 0.8 * dsc_random_normal(random);
    for (size_t t = 0; t < N_TASTES; t++) {
        stars += user->taste[t] * item->taste[t];
    }
    return (unsigned)fmin(fmax(round(2 * stars), 1), 10);
}

static void write_user(size_t user, unsigned *drawn, size_t n_draws, const person *items,
                       size_t n_items, uint64_t seed) {
    dsc_random random = dsc_random_stream(seed, PURPOSE_USER, user);
    person taste;
    draw_person(&taste, &random);
    for (size_t i = 0; i < n_draws; i++) {
        const double u = dsc_random_uniform(&random);
        drawn[i] = (unsigned)(u * u * u * (double)n_items);
    }
    qsort(drawn, n_draws, sizeof *drawn, compare_items);
    for (size_t i = 0; i < n_draws; i++) {
        if (i > 0 && drawn[i] == drawn[i - 1]) {
            continue;
        }
        const unsigned half_stars = rate(&taste, &items[drawn[i]], &random);
        printf("%zu,%u,%u.%u,%u\n", user + 1, drawn[i] + 1, half_stars / 2, half_stars % 2 * 5,
               789652000U + dsc_random_below(&random, 600000000));
    }
}

int main(int argc, char **argv) {
    if (argc != 5) {
        fputs("usage: make_ratings USERS ITEMS DRAWS SEED > FILE\n", stderr);
        return 2;
    }
    const size_t n_users = strtoul(argv[1], NULL, 10), n_items = strtoul(argv[2], NULL, 10),
                 n_draws = strtoul(argv[3], NULL, 10);
    const uint64_t seed = strtoull(argv[4], NULL, 10);
    person *items = calloc(n_items, sizeof *items);
    unsigned *drawn = calloc(n_draws, sizeof *drawn);
    if (items == NULL || drawn == NULL) {
        fputs("make_ratings: no memory\n", stderr);
        return EXIT_FAILURE;
    }
    dsc_random random = dsc_random_stream(seed, PURPOSE_ITEM, 0);
    for (size_t i = 0; i < n_items; i++) {
        draw_person(&items[i], &random);
    }
    puts("userId,movieId,rating,timestamp");
    for (size_t user = 0; user < n_users; user++) {
        write_user(user, drawn, n_draws, items, n_items, seed);
    }
    free(drawn);
    free(items);
    return fflush(stdout) == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
