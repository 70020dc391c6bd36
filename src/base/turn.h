/* Turns: what the numbered parts of a job do one after the other, in ascending order, while what they do
 * before and after goes on at once.
 *
 * For jobs of dsc_pool_run_ascending: a part waits for lower ones alone, each of which has a thread by then, so
 * that the lowest that runs never waits. */
#ifndef DSC_BASE_TURN_H
#define DSC_BASE_TURN_H

#include <stdatomic.h>
#include <stddef.h>

#include "base/memory.h"

/* In a cache line of its own. */
typedef struct dsc_turn {
    _Alignas(DSC_ALIGNMENT) _Atomic size_t next; /* the part whose turn it is */
} dsc_turn;

/* Before a job: part 0 is next. */
void dsc_turn_begin(dsc_turn *turn);

/* Returns when it is the part's turn; what those before it wrote in theirs is then visible. */
void dsc_turn_wait(dsc_turn *turn, size_t part);

/* Ends the part's turn. */
void dsc_turn_end(dsc_turn *turn, size_t part);

#endif
