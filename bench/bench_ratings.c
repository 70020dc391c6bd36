/* Speed of reading ratings from text in memory: bytes to sparse matrix, one thread. */
#include "descent/ratings.h"

#include "bench.h"
#include "descent/random.h"

enum { N_RATINGS = 4000000, N_USERS = 50000, N_ITEMS = 10000, MAX_LINE = 48 };

/* Made-up ratings as "user<delimiter>item<delimiter>rating<delimiter>time" lines, user after user
 * as in most files, or in no order, which no cache likes. */
static char *make_text(const char *delimiter, bool is_shuffled, size_t *length) {
    char *text = malloc((size_t)N_RATINGS * MAX_LINE);
    if (text == NULL) {
        fputs("no memory for the text\n", stderr);
        exit(EXIT_FAILURE);
    }
    dsc_random random = dsc_random_stream(1, 0, 0);
    size_t n = 0;
    for (int i = 0; i < N_RATINGS; i++) {
        const unsigned user =
            is_shuffled ? dsc_random_below(&random, N_USERS) : (unsigned)i / (N_RATINGS / N_USERS);
        const unsigned item = dsc_random_below(&random, N_ITEMS);
        const unsigned rating = dsc_random_below(&random, 10);
        const unsigned time = 880000000 + dsc_random_below(&random, 20000000);
        n += (size_t)snprintf(text + n, MAX_LINE, "%u%s%u%s%u.%u%s%u\n", user, delimiter, item,
                              delimiter, rating / 2 + 1, rating % 2 * 5, delimiter, time);
    }
    *length = n;
    return text;
}

static void measure(const char *name, const char *delimiter, bool is_shuffled) {
    enum { N_ROUNDS = 3 };
    size_t length;
    char *text = make_text(delimiter, is_shuffled, &length);
    double best_s = 0;
    for (int round = 0; round < N_ROUNDS; round++) {
        dsc_ratings *ratings;
        dsc_error err;
        const double begin_s = bench_now_s();
        bench_require(dsc_ratings_read_memory(&ratings, text, length, name, NULL, NULL, &err),
                      &err);
        const double elapsed_s = bench_now_s() - begin_s;
        dsc_ratings_destroy(ratings);
        if (round == 0 || elapsed_s < best_s) {
            best_s = elapsed_s;
        }
    }
    printf("%-16s %8.0f %14.1f\n", name, (double)length / best_s * 1e-6,
           (double)N_RATINGS / best_s * 1e-6);
    free(text);
}

int main(void) {
    printf("Reading %d ratings, one thread\n", N_RATINGS);
    puts("delimiter            MB/s    M ratings/s");
    measure("comma", ",", false);
    measure("tab", "\t", false);
    measure("\"::\"", "::", false);
    measure("blank", " ", false);
    measure("comma, shuffled", ",", true);
    return EXIT_SUCCESS;
}
