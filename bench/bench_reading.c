/* Reading ratings: descent against a plain fscanf loop, on a made-up file with the columns, the
 * number of items and the ratings a user of MovieLens 20M, and a quarter of its rows.
 *
 *     bench_reading [users, default 34000] [rounds, default 5]
 *
 * Both read the same file, in alternation, from the page cache; both must see the same number and
 * sum of ratings. The peer parses with fscanf and keeps the four numbers in arrays: less work than
 * ours, which also maps ids, sorts and transposes. Elapsed time is what a user waits; the time of
 * the processor is the fairer figure on a machine that does other work too. */
#include <inttypes.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "bench.h"
#include "descent/random.h"
#include "descent/ratings.h"

#define MAX_ROUNDS 99

/* MovieLens 20M: 138,493 users, 26,744 items, ratings in half stars. */
#define N_ITEMS        26744
#define DRAWS_PER_USER 160 /* items drawn twice count once */

typedef struct seen {
    size_t n;
    double sum;
    double elapsed_s;
    double processor_s;
} seen;

/* Processor time of this program: what others run beside it does not count. */
static double processor_s(void) {
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static int compare_items(const void *a, const void *b) {
    unsigned x, y;
    memcpy(&x, a, sizeof x);
    memcpy(&y, b, sizeof y);
    return (x > y) - (x < y);
}

/* As the original is ordered: users ascending, and items ascending within a user. Popular items
 * come more often: by the fourth power of a uniform number, 1 % of the items have 32 % of the
 * ratings. Returns the number of ratings written, 0 for a failure. */
static size_t write_file(int fd, size_t n_users) {
    FILE *file = fdopen(fd, "w");
    if (file == NULL) {
        return 0;
    }
    size_t n_written = 0;
    dsc_random random = dsc_random_stream(1, 0, 0);
    fputs("userId,movieId,rating,timestamp\n", file);
    for (size_t user = 1; user <= n_users; user++) {
        unsigned items[DRAWS_PER_USER];
        for (size_t i = 0; i < DRAWS_PER_USER; i++) {
            double u = dsc_random_uniform(&random);
            items[i] = 1 + (unsigned)(u * u * u * u * N_ITEMS);
        }
        qsort(items, DRAWS_PER_USER, sizeof items[0], compare_items);
        for (size_t i = 0; i < DRAWS_PER_USER; i++) {
            if (i > 0 && items[i] == items[i - 1]) {
                continue;
            }
            unsigned half_stars = 1 + dsc_random_below(&random, 10);
            fprintf(file, "%zu,%u,%u.%u,%u\n", user, items[i], half_stars / 2, half_stars % 2 * 5,
                    789652000U + dsc_random_below(&random, 600000000));
            n_written++;
        }
    }
    return fclose(file) == 0 ? n_written : 0;
}

static bool read_with_descent(const char *path, seen *out) {
    dsc_ratings *ratings;
    dsc_error err;
    double begin_s = bench_now_s();
    double processor_begin_s = processor_s();
    if (dsc_ratings_read(&ratings, path, NULL, NULL, &err) != DSC_OK) {
        fprintf(stderr, "bench_reading: %s: %s\n", err.where, err.message);
        return false;
    }
    out->elapsed_s = bench_now_s() - begin_s;
    out->processor_s = processor_s() - processor_begin_s;
    dsc_sparse by_user = dsc_ratings_by_user(ratings);
    out->n = by_user.n_entries;
    out->sum = 0;
    for (size_t i = 0; i < by_user.n_entries; i++) {
        out->sum += (double)by_user.value[i];
    }
    dsc_ratings_destroy(ratings);
    return true;
}

typedef struct row {
    uint32_t user, item;
    float rating;
    int64_t time;
} row;

static bool read_with_fscanf(const char *path, size_t n_expected, row *rows, seen *out) {
    double begin_s = bench_now_s();
    double processor_begin_s = processor_s();
    FILE *file = fopen(path, "r");
    if (file == NULL) {
        return false;
    }
    char header[64];
    size_t n = 0;
    bool is_good = fgets(header, sizeof header, file) != NULL;
    while (is_good && n < n_expected &&
           fscanf(file, "%" SCNu32 ",%" SCNu32 ",%f,%" SCNd64, &rows[n].user, &rows[n].item,
                  &rows[n].rating, &rows[n].time) == 4) {
        n++;
    }
    fclose(file);
    out->elapsed_s = bench_now_s() - begin_s;
    out->processor_s = processor_s() - processor_begin_s;
    out->n = n;
    out->sum = 0;
    for (size_t i = 0; i < n; i++) {
        out->sum += (double)rows[i].rating;
    }
    return is_good;
}

static int compare_doubles(const void *a, const void *b) {
    double x, y;
    memcpy(&x, a, sizeof x);
    memcpy(&y, b, sizeof y);
    return (x > y) - (x < y);
}

static double median(double *values, size_t n) {
    qsort(values, n, sizeof *values, compare_doubles);
    return values[n / 2];
}

typedef struct times {
    double elapsed_s[MAX_ROUNDS];
    double processor_s[MAX_ROUNDS];
} times;

static double print_times(const char *name, times *t, size_t n_rounds, double megabytes) {
    double elapsed_s = median(t->elapsed_s, n_rounds);
    double busy_s = median(t->processor_s, n_rounds);
    printf("%-8s median elapsed %.3f s, %6.1f MB/s; processor %.3f s, %6.1f MB/s (best %.1f)\n",
           name, elapsed_s, megabytes / elapsed_s, busy_s, megabytes / busy_s,
           megabytes / t->processor_s[0]);
    return busy_s;
}

static bool run(const char *path, size_t n_ratings, size_t n_rounds, row *rows) {
    times ours_s, theirs_s;
    struct stat status;
    if (stat(path, &status) != 0) {
        return false;
    }
    double megabytes = (double)status.st_size / 1e6;
    printf("%.1f MB, %zu ratings, %zu rounds in alternation\n", megabytes, n_ratings, n_rounds);
    for (size_t round = 0; round < n_rounds; round++) {
        seen ours, theirs;
        if (!read_with_descent(path, &ours) || !read_with_fscanf(path, n_ratings, rows, &theirs)) {
            return false;
        }
        if (ours.n != theirs.n || fabs(ours.sum - theirs.sum) > 1e-6) {
            fprintf(stderr,
                    "bench_reading: descent saw %zu ratings of sum %.1f, fscanf %zu, %.1f\n",
                    ours.n, ours.sum, theirs.n, theirs.sum);
            return false;
        }
        ours_s.elapsed_s[round] = ours.elapsed_s;
        ours_s.processor_s[round] = ours.processor_s;
        theirs_s.elapsed_s[round] = theirs.elapsed_s;
        theirs_s.processor_s[round] = theirs.processor_s;
    }
    double ours = print_times("descent", &ours_s, n_rounds, megabytes);
    double theirs = print_times("fscanf", &theirs_s, n_rounds, megabytes);
    printf("ratio of processor times %.1f\n", theirs / ours);
    return true;
}

int main(int argc, char **argv) {
    size_t n_users = argc > 1 ? strtoul(argv[1], NULL, 10) : 34000;
    size_t n_rounds = argc > 2 ? strtoul(argv[2], NULL, 10) : 5;
    if (n_users < 1 || n_rounds < 1 || n_rounds > MAX_ROUNDS) {
        fprintf(stderr, "usage: bench_reading [users] [rounds, at most %d]\n", MAX_ROUNDS);
        return 2;
    }
    const char *folder = getenv("TMPDIR");
    char path[4096];
    snprintf(path, sizeof path, "%s/bench_reading-XXXXXX", folder != NULL ? folder : "/tmp");
    int fd = mkstemp(path);
    if (fd < 0) {
        perror(path);
        return 5;
    }
    size_t n_ratings = write_file(fd, n_users);
    row *rows = n_ratings > 0 ? reallocarray(NULL, n_ratings, sizeof *rows) : NULL;
    bool is_good = rows != NULL && run(path, n_ratings, n_rounds, rows);
    unlink(path);
    free(rows);
    return is_good ? 0 : 1;
}
