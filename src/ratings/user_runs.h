/* User runs: whose some ratings are, as many at a time as stand one after the other. */
#ifndef DSC_RATINGS_USER_RUNS_H
#define DSC_RATINGS_USER_RUNS_H

#include <stddef.h>
#include <stdint.h>

#include "base/memory.h"

typedef struct dsc_user_run {
    uint32_t user;
    uint32_t n; /* ratings, at least one */
} dsc_user_run;

/* All zero is valid and empty; `run` is freed with free(). */
typedef struct dsc_user_runs {
    dsc_user_run *run; /* (n) neighbours are of different users */
    size_t n;
    size_t capacity;
} dsc_user_runs;

/* n more ratings of `user`; false: no memory. */
static inline bool dsc_user_runs_add(dsc_user_runs *runs, uint32_t user, size_t n) {
    if (runs->n > 0 && runs->run[runs->n - 1].user == user) {
        runs->run[runs->n - 1].n += (uint32_t)n;
        return true;
    }
    if (runs->n == runs->capacity) {
        void *run = runs->run;
        const bool has_memory = dsc_grow(&run, &runs->capacity, runs->n + 1, sizeof *runs->run);
        runs->run = run;
        if (!has_memory) {
            return false;
        }
    }
    runs->run[runs->n++] = (dsc_user_run){user, (uint32_t)n};
    return true;
}

#endif
