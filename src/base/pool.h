/* A pool of threads that shares out the numbered parts of a job.
 *
 * What a part does depends on its number alone, never on the thread that runs it or on how many
 * there are: with sums kept a part and added up in the order of the parts, the result is the same
 * bytes with any number of threads. A thread has every n-th part, n being the threads, and then helps the
 * others: what it runs need not ascend. */
#ifndef DSC_BASE_POOL_H
#define DSC_BASE_POOL_H

#include <stddef.h>

#include "descent/status.h"

typedef struct dsc_pool dsc_pool;

/* The most threads that a pool can have, and the most parts that a job can have. */
enum { DSC_MAX_THREADS = 1024, DSC_MAX_PARTS = 1 << 30 };

/* How many threads the processors that this process may use can run at once; at least 1. */
size_t dsc_processor_count(void);

/* A pool of n threads, 1 .. DSC_MAX_THREADS, of which the caller's is one; 0: as many as there are
 * processors. Idle threads wait for a moment in a loop, then sleep. Signals are left to the
 * caller's thread.
 * Returns DSC_OK; DSC_E_ARGUMENT too many; DSC_E_MEMORY, also where the system gives no more threads;
 * *out is NULL after a failure. */
dsc_status dsc_pool_create(dsc_pool **out, size_t n_threads, dsc_error *err);

/* The same for jobs of at most n_parts parts: no more threads than can have one. */
dsc_status dsc_pool_create_for(dsc_pool **out, size_t n_threads, size_t n_parts, dsc_error *err);
void dsc_pool_destroy(dsc_pool *pool); /* NULL is allowed */

/* 1 for NULL. */
size_t dsc_pool_n_threads(const dsc_pool *pool);

/* One part of a job.
 *   part    below the job's n_parts
 *   thread  below dsc_pool_n_threads: two parts that run at once have different ones */
typedef void (*dsc_part_runner)(void *job, size_t part, size_t thread);

/* Runs every part once and returns when all are done; what the parts wrote is then visible to the
 * caller. One job at a time, and none from within a part. NULL for the pool: the caller's thread
 * runs all parts, in ascending order. Allocates nothing.
 *   n_parts  at most DSC_MAX_PARTS; 0: nothing to do */
void dsc_pool_run(dsc_pool *pool, size_t n_parts, dsc_part_runner run, void *job);

/* The same, where a part is taken when all lower ones have been, and run at once: a thread that has run a part runs only
 * higher ones after it, and a part may wait for lower ones (turn.h). For parts that leave something with their
 * thread, or for the next. */
void dsc_pool_run_ascending(dsc_pool *pool, size_t n_parts, dsc_part_runner run, void *job);

#endif
