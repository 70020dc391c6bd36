/* Reading ratings: descent with one thread, two, as many as there are processors, and without vectors, against a plain
 * fscanf loop and a loop that only counts newlines, on a made-up file with the columns, the number of
 * items and the ratings a user of MovieLens 20M, and a quarter of its rows, or on a file of that form.
 *
 *     bench_reading [users, default 34000, or FILE] [rounds, default 5]
 *
 * All read the same file, in alternation, from the page cache; all must see the same number and sum
 * of ratings. The peer parses with fscanf and keeps the four numbers in arrays: less work than
 * ours, which also maps ids and sorts; its columns are what there is before it sorts, ids
 * mapped. Elapsed time is what a user waits; the time of
 * the processor is the fairer figure on a machine that does other work too. The last line is all of it
 * as JSON. */
#include <fcntl.h>
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
#include "descent/isa.h"
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
    double columns_s; /* elapsed before sorting; 0: not ours */
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

static bool read_with_descent(const char *path, size_t n_threads, seen *out) {
    const dsc_ratings_format format = {.n_threads = n_threads};
    dsc_ratings_report report;
    dsc_ratings *ratings;
    dsc_error err;
    double begin_s = bench_now_s();
    double processor_begin_s = processor_s();
    if (dsc_ratings_read(&ratings, path, &format, &report, &err) != DSC_OK) {
        fprintf(stderr, "bench_reading: %s: %s\n", err.where, err.message);
        return false;
    }
    out->elapsed_s = bench_now_s() - begin_s;
    out->processor_s = processor_s() - processor_begin_s;
    out->columns_s = report.columns_s;
    dsc_sparse by_user = dsc_ratings_by_user(ratings);
    out->n = by_user.n_entries + (size_t)report.n_duplicates;
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

/* The least that reading can be: every byte looked at once, in pieces that stay in the cache. */
static bool count_newlines(const char *path, seen *out) {
    enum { PIECE = 256 * 1024, LANES = 64, MOST = 255 };
    static unsigned char piece[PIECE];
    const double begin_s = bench_now_s();
    const double processor_begin_s = processor_s();
    const int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t n_read = 0;
    out->n = 0;
    while (fd >= 0 && (n_read = read(fd, piece, PIECE)) > 0) {
        memset(piece + n_read, 0, (size_t)(PIECE - n_read));
        for (size_t at = 0; at < (size_t)n_read;) {
            unsigned char count[LANES] = {0}; /* at most MOST each */
            for (size_t i = 0; i < MOST && at < (size_t)n_read; i++, at += LANES) {
                for (size_t lane = 0; lane < LANES; lane++) {
                    count[lane] = (unsigned char)(count[lane] + (piece[at + lane] == '\n'));
                }
            }
            for (size_t lane = 0; lane < LANES; lane++) {
                out->n += count[lane];
            }
        }
    }
    out->elapsed_s = bench_now_s() - begin_s;
    out->processor_s = processor_s() - processor_begin_s;
    if (fd >= 0) {
        close(fd);
    }
    return fd >= 0 && n_read == 0;
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
    double columns_s[MAX_ROUNDS];
} times;

/* What is compared. */
enum { ONE_THREAD, TWO_THREADS, ALL_THREADS, PLAIN_C, FSCANF, NEWLINES, N_WAYS };

static const char *const names[N_WAYS] = {"descent, 1 thread",
                                          "descent, 2 threads",
                                          "descent, all threads",
                                          "descent, 1 thread, plain C",
                                          "fscanf",
                                          "newlines counted"};

static bool run_way(size_t way, const char *path, size_t n_ratings, row *rows, seen *out) {
    static const size_t n_threads[] = {1, 2, 0, 1};
    dsc_isa_set(way == PLAIN_C ? "c" : NULL, NULL);
    switch (way) {
    case FSCANF:
        return read_with_fscanf(path, n_ratings, rows, out);
    case NEWLINES:
        return count_newlines(path, out);
    default:
        return read_with_descent(path, n_threads[way], out);
    }
}

static bool is_same(const seen *a, const seen *b) {
    return a->n == b->n && fabs(a->sum - b->sum) <= 1e-6;
}

static void print(times *of_ways, double megabytes) {
    double elapsed_s[N_WAYS], busy_s[N_WAYS];
    for (size_t way = 0; way < N_WAYS; way++) {
        elapsed_s[way] = of_ways[way].elapsed_s[0];
        busy_s[way] = of_ways[way].processor_s[0];
    }
    for (size_t way = 0; way < N_WAYS; way++) {
        printf(
            "%-26s elapsed %.3f s, %7.1f MB/s; processor %.3f s, %7.1f MB/s; %5.2f of one thread's "
            "speed, %.3f of counting's\n",
            names[way], elapsed_s[way], megabytes / elapsed_s[way], busy_s[way],
            megabytes / busy_s[way], elapsed_s[ONE_THREAD] / elapsed_s[way],
            elapsed_s[NEWLINES] / elapsed_s[way]);
        if (of_ways[way].columns_s[0] > 0) {
            printf("%-26s elapsed %.3f s, %7.1f MB/s\n", "    of that, to columns",
                   of_ways[way].columns_s[0], megabytes / of_ways[way].columns_s[0]);
        }
    }
    printf("{\"megabytes\": %.1f", megabytes);
    for (size_t way = 0; way < N_WAYS; way++) {
        printf(", \"%s\": {\"elapsed_s\": %.4f, \"processor_s\": %.4f, \"columns_s\": %.4f}",
               names[way], elapsed_s[way], busy_s[way], of_ways[way].columns_s[0]);
    }
    printf("}\n");
}

static bool run(const char *path, size_t n_rounds) {
    static times of_ways[N_WAYS];
    struct stat status;
    seen first;
    if (stat(path, &status) != 0 || !read_with_descent(path, 1, &first)) {
        return false;
    }
    row *rows = reallocarray(NULL, first.n, sizeof *rows);
    bool is_good = rows != NULL;
    const double megabytes = (double)status.st_size / 1e6;
    printf("%.1f MB, %zu ratings, medians of %zu rounds in alternation\n", megabytes, first.n,
           n_rounds);
    for (size_t round = 0; round < n_rounds && is_good; round++) {
        for (size_t way = 0; way < N_WAYS && is_good; way++) {
            seen found = {0};
            is_good = run_way(way, path, first.n, rows, &found);
            if (is_good && way != NEWLINES && !is_same(&found, &first)) {
                fprintf(stderr,
                        "bench_reading: %s saw %zu ratings of sum %.1f, descent %zu, %.1f\n",
                        names[way], found.n, found.sum, first.n, first.sum);
                is_good = false;
            }
            of_ways[way].elapsed_s[round] = found.elapsed_s;
            of_ways[way].processor_s[round] = found.processor_s;
            of_ways[way].columns_s[round] = found.columns_s;
        }
    }
    free(rows);
    if (!is_good) {
        return false;
    }
    for (size_t way = 0; way < N_WAYS; way++) {
        of_ways[way].elapsed_s[0] = median(of_ways[way].elapsed_s, n_rounds);
        of_ways[way].processor_s[0] = median(of_ways[way].processor_s, n_rounds);
        of_ways[way].columns_s[0] = median(of_ways[way].columns_s, n_rounds);
    }
    print(of_ways, megabytes);
    return true;
}

/* A made-up file, which goes when the run is over. */
static bool run_made_up(size_t n_users, size_t n_rounds) {
    const char *folder = getenv("TMPDIR");
    char path[4096];
    snprintf(path, sizeof path, "%s/bench_reading-XXXXXX", folder != NULL ? folder : "/tmp");
    int fd = mkstemp(path);
    if (fd < 0) {
        perror(path);
        return false;
    }
    const bool is_good = write_file(fd, n_users) > 0 && run(path, n_rounds);
    unlink(path);
    return is_good;
}

int main(int argc, char **argv) {
    char *end = NULL;
    const size_t n_users = argc > 1 ? strtoul(argv[1], &end, 10) : 34000;
    const size_t n_rounds = argc > 2 ? strtoul(argv[2], NULL, 10) : 5;
    const bool is_file = end != NULL && *end != '\0';
    if ((n_users < 1 && !is_file) || n_rounds < 1 || n_rounds > MAX_ROUNDS) {
        fprintf(stderr, "usage: bench_reading [users or FILE] [rounds, at most %d]\n", MAX_ROUNDS);
        return 2;
    }
    return (is_file ? run(argv[1], n_rounds) : run_made_up(n_users, n_rounds)) ? 0 : 1;
}
