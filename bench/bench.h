/* What the benchmarks share: a clock, the best of several runs, records that another program can
 * read, turns with another program, and giving up with a message. */
#ifndef DESCENT_BENCH_H
#define DESCENT_BENCH_H

#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "descent/status.h"

/* Seconds of a clock that only runs forward. */
static inline double bench_now_s(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

/* Seconds that processors worked for this program: other programs take none of them. */
static inline double bench_worked_s(void) {
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

/* Ends the program when a call failed: a figure from a run that failed means nothing. */
static inline void bench_require(dsc_status status, const dsc_error *err) {
    if (status != DSC_OK) {
        fprintf(stderr, "%s: %s (%s)\n", err->where, err->message, dsc_status_name(status));
        exit(EXIT_FAILURE);
    }
}

/* Seconds of one call of `body`: the best of 5 rounds of about 0.1 s each, since everything that
 * disturbs a run makes it slower. */
static inline double bench_best_s(void (*body)(void *), void *argument) {
    enum { N_ROUNDS = 5 };
    const double round_s = 0.1;
    double best_s = 0;
    for (int round = 0; round < N_ROUNDS; round++) {
        const double begin_s = bench_now_s();
        double elapsed_s = 0;
        size_t n_calls = 0;
        do {
            body(argument);
            n_calls++;
            elapsed_s = bench_now_s() - begin_s;
        } while (elapsed_s < round_s);
        const double call_s = elapsed_s / (double)n_calls;
        if (round == 0 || call_s < best_s) {
            best_s = call_s;
        }
    }
    return best_s;
}

/* Whether one of the arguments is this word, such as "--json" or "--turns". */
static inline bool bench_has_option(int argc, char **argv, const char *word) {
    bool is_found = false;
    for (int i = 1; i < argc; i++) {
        is_found = is_found || strcmp(argv[i], word) == 0;
    }
    return is_found;
}

/* What follows the word among the arguments, such as 1024 behind "--batch"; `otherwise` where it is
 * not there. */
static inline const char *bench_option(int argc, char **argv, const char *word,
                                       const char *otherwise) {
    const char *value = otherwise;
    for (int i = 1; i + 1 < argc; i++) {
        value = strcmp(argv[i], word) == 0 ? argv[i + 1] : value;
    }
    return value;
}

/* One member of a record: a text, or where that is NULL a number. */
typedef struct bench_field {
    const char *name; /* NULL ends a list of fields */
    const char *text; /* without quotes, backslashes and control characters */
    double number;    /* what is not finite is written as null */
} bench_field;

/* Prints a record as one line of JSON, at once, so that who reads it need not wait. */
static inline void bench_print_record(const bench_field *fields) {
    for (const bench_field *f = fields; f->name != NULL; f++) {
        printf("%s\"%s\": ", f == fields ? "{" : ", ", f->name);
        if (f->text != NULL) {
            printf("\"%s\"", f->text);
        } else if (isfinite(f->number)) {
            printf("%.9g", f->number);
        } else {
            printf("null");
        }
    }
    puts("}");
    fflush(stdout);
}

/* Least length of a burst between two turns. */
#define BENCH_BURST_S 0.3

/* Waits until another program, which measures something else meanwhile, writes a line to standard
 * input; false when it has closed it, and the benchmark ends. */
static inline bool bench_wait_for_turn(void) {
    int c;
    do {
        c = getchar();
    } while (c != EOF && c != '\n');
    return c == '\n';
}

#endif
