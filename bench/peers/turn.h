/* Turns of a training that calls us after each epoch: bursts of whole epochs, as long as BENCH_BURST_S at least, each told
 * by a record when it ends (bench.h). */
#ifndef DESCENT_BENCH_TURN_H
#define DESCENT_BENCH_TURN_H

#include "../bench.h"
#include "descent/isa.h"

/* All zero before the first epoch, which warms up. */
typedef struct bench_turn {
    bool is_started;
    double begin_s, worked_begin_s;
    uint64_t n_samples; /* since then */
} bench_turn;

/* After an epoch of n_samples: ends a burst that has been long enough and waits for the next; false: there is
 * none. */
static inline bool bench_end_epoch(bench_turn *t, uint64_t n_samples) {
    if (!t->is_started) {
        bench_print_record((bench_field[]){{"ready", NULL, 1}, {"isa", dsc_isa_name(), 0}, {0}});
    } else {
        t->n_samples += n_samples;
        const double seconds = bench_now_s() - t->begin_s;
        if (seconds < BENCH_BURST_S) {
            return true;
        }
        bench_print_record((bench_field[]){{"amount", NULL, (double)t->n_samples},
                                           {"seconds", NULL, seconds},
                                           {"worked_s", NULL, bench_worked_s() - t->worked_begin_s},
                                           {0}});
    }
    if (!bench_wait_for_turn()) {
        return false;
    }
    *t = (bench_turn){true, bench_now_s(), bench_worked_s(), 0};
    return true;
}

#endif
