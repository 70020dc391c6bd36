/* Waiting for a turn: in a loop for as long as a turn takes, then by leaving the processor to others. */
#include "base/turn.h"

#include <sched.h>

#include "base/pause.h"

/* Looks before the processor is given away: some tens of microseconds, longer than several turns take. */
enum { N_LOOKS = 1000 };

void dsc_turn_begin(dsc_turn *turn) {
    atomic_store_explicit(&turn->next, 0, memory_order_relaxed);
}

void dsc_turn_wait(dsc_turn *turn, size_t part) {
    for (size_t looks = 0; atomic_load_explicit(&turn->next, memory_order_acquire) != part;
         looks++) {
        if (looks < N_LOOKS) {
            dsc_pause();
        } else {
            sched_yield();
        }
    }
}

void dsc_turn_end(dsc_turn *turn, size_t part) {
    atomic_store_explicit(&turn->next, part + 1, memory_order_release);
}
