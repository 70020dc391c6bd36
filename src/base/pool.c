/* The pool of threads: parts are taken from tickets, so that a thread that wakes late costs no wait.
 *
 * Every thread has a ticket, for each n_threads-th part, and takes from those of others when its own
 * has no more: what a part wrote in one job is then still in the cache of the thread that most
 * likely takes the same part in the next. A ticket holds the job's number in its upper half and in
 * its lower half how many of its parts are taken. A thread reads the ticket, then the job, and takes
 * the part by compare and exchange: had the job changed meanwhile, the ticket would have too. That is
 * so on every processor since the job is stored with release after the tickets are closed, and read with
 * acquire. */

#include "base/pool.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/pause.h"

/* Looks at the tickets, or at what is done, before a thread goes to sleep. By processor each takes a fiftieth to a twentieth of
 * a microsecond, all together a sixteenth to a seventh of a millisecond: longer than the pause between
 * two jobs of one training step and than it takes to wake up, far shorter than what a person notices. */
enum { N_LOOKS = 3000 };

/* The lower half of a ticket that has no parts to give. */
#define CLOSED UINT32_MAX

/* Each in a cache line of its own. */
typedef struct ticket {
    _Alignas(DSC_ALIGNMENT) _Atomic uint64_t value;
} ticket;

typedef struct worker {
    dsc_pool *pool;
    size_t number; /* from 1; the caller's thread is 0 */
    pthread_t thread;
} worker;

struct dsc_pool {
    size_t n_threads;
    size_t n_started; /* of the workers */
    worker *workers;  /* (n_threads - 1) */
    ticket *tickets;  /* (n_threads) */
    /* The job; changed while all tickets are closed alone. */
    _Atomic size_t n_parts;
    _Atomic size_t n_tickets; /* that give parts: the first of them */
    _Atomic dsc_part_runner run;
    void *_Atomic job;
    _Atomic size_t n_done; /* parts */
    atomic_bool is_ending;
    pthread_mutex_t lock; /* held to sleep and to wake */
    pthread_cond_t has_work;
    pthread_cond_t is_done;
};

/* A part that a thread has taken. */
typedef struct taken {
    dsc_part_runner run;
    void *job;
    size_t n_parts;
    size_t part;
} taken;

size_t dsc_processor_count(void) {
    cpu_set_t processors;
    if (sched_getaffinity(0, sizeof processors, &processors) != 0) {
        return 1; /* more than a set has room for: do not guess */
    }
    const int n = CPU_COUNT(&processors);
    return n > 0 ? (size_t)n : 1;
}

/* The part that comes next from a ticket of that value; a job's number of parts or more: none. */
static size_t part_of(const dsc_pool *pool, uint64_t value, size_t owner) {
    const size_t step = atomic_load_explicit(&pool->n_tickets, memory_order_acquire);
    return (uint32_t)value == CLOSED ? SIZE_MAX : owner + (uint32_t)value * step;
}

static bool has_parts(dsc_pool *pool) {
    const size_t n = atomic_load_explicit(&pool->n_tickets, memory_order_acquire);
    for (size_t owner = 0; owner < n; owner++) {
        const uint64_t value =
            atomic_load_explicit(&pool->tickets[owner].value, memory_order_acquire);
        if (part_of(pool, value, owner) <
            atomic_load_explicit(&pool->n_parts, memory_order_acquire)) {
            return true;
        }
    }
    return false;
}

static bool take_from(dsc_pool *pool, size_t owner, taken *out) {
    _Atomic uint64_t *from = &pool->tickets[owner].value;
    uint64_t value = atomic_load_explicit(from, memory_order_acquire);
    do {
        out->part = part_of(pool, value, owner);
        out->n_parts = atomic_load_explicit(&pool->n_parts, memory_order_acquire);
        out->run = atomic_load_explicit(&pool->run, memory_order_acquire);
        out->job = atomic_load_explicit(&pool->job, memory_order_acquire);
        if (out->part >= out->n_parts) {
            return false;
        }
    } while (!atomic_compare_exchange_weak_explicit(from, &value, value + 1, memory_order_acq_rel,
                                                    memory_order_acquire));
    return true;
}

/* From the thread's own ticket, then from those of the others. */
static bool take(dsc_pool *pool, size_t thread, taken *out) {
    const size_t n = atomic_load_explicit(&pool->n_tickets, memory_order_acquire);
    for (size_t i = 0; i < n; i++) {
        if (take_from(pool, (thread + i) % n, out)) {
            return true;
        }
    }
    return false;
}

static void run_taken(dsc_pool *pool, const taken *t, size_t thread) {
    t->run(t->job, t->part, thread);
    if (atomic_fetch_add_explicit(&pool->n_done, 1, memory_order_acq_rel) + 1 == t->n_parts) {
        pthread_mutex_lock(&pool->lock);
        pthread_cond_signal(&pool->is_done);
        pthread_mutex_unlock(&pool->lock);
    }
}

static void sleep_until_needed(dsc_pool *pool) {
    pthread_mutex_lock(&pool->lock);
    while (!atomic_load(&pool->is_ending) && !has_parts(pool)) {
        pthread_cond_wait(&pool->has_work, &pool->lock);
    }
    pthread_mutex_unlock(&pool->lock);
}

static void *work(void *argument) {
    const worker *self = argument;
    dsc_pool *pool = self->pool;
    size_t looks = 0;
    while (!atomic_load_explicit(&pool->is_ending, memory_order_relaxed)) {
        taken t;
        if (take(pool, self->number, &t)) {
            run_taken(pool, &t, self->number);
            looks = 0;
        } else if (++looks < N_LOOKS) {
            dsc_pause();
        } else {
            sleep_until_needed(pool);
            looks = 0;
        }
    }
    return NULL;
}

/* With all signals blocked, so that they go to the threads of the program. */
static dsc_status start_workers(dsc_pool *pool, dsc_error *err) {
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    while (pool->n_started + 1 < pool->n_threads) {
        worker *w = &pool->workers[pool->n_started];
        *w = (worker){.pool = pool, .number = pool->n_started + 1};
        if (pthread_create(&w->thread, NULL, work, w) != 0) {
            break;
        }
        pool->n_started++;
    }
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return pool->n_started + 1 == pool->n_threads
               ? DSC_OK
               : dsc_fail(err, DSC_E_MEMORY, "threads", "the system gave %zu of %zu",
                          pool->n_started + 1, pool->n_threads);
}

dsc_status dsc_pool_create(dsc_pool **out, size_t n_threads, dsc_error *err) {
    *out = NULL;
    if (n_threads > DSC_MAX_THREADS) {
        return dsc_fail(err, DSC_E_ARGUMENT, "n_threads", "is %zu; expected 0 to %d", n_threads,
                        (int)DSC_MAX_THREADS);
    }
    dsc_pool *pool = dsc_alloc(1, sizeof *pool);
    if (pool == NULL) {
        return dsc_fail_memory(err, "the threads");
    }
    const size_t n_processors = dsc_processor_count();
    pool->n_threads = n_threads > 0                    ? n_threads
                      : n_processors < DSC_MAX_THREADS ? n_processors
                                                       : DSC_MAX_THREADS;
    pthread_mutex_init(&pool->lock, NULL);
    pthread_cond_init(&pool->has_work, NULL);
    pthread_cond_init(&pool->is_done, NULL);
    pool->workers = dsc_alloc(pool->n_threads, sizeof *pool->workers);
    pool->tickets = dsc_alloc(pool->n_threads, sizeof *pool->tickets);
    const bool has_memory = pool->workers != NULL && pool->tickets != NULL;
    for (size_t t = 0; has_memory && t < pool->n_threads; t++) {
        atomic_init(&pool->tickets[t].value, CLOSED);
    }
    dsc_status status = has_memory ? start_workers(pool, err) : dsc_fail_memory(err, "the threads");
    if (status != DSC_OK) {
        dsc_pool_destroy(pool);
        return status;
    }
    *out = pool;
    return DSC_OK;
}

dsc_status dsc_pool_create_for(dsc_pool **out, size_t n_threads, size_t n_parts, dsc_error *err) {
    const size_t n = n_threads > 0 ? n_threads : dsc_processor_count();
    const size_t most = n_parts > 0 ? n_parts : 1;
    return dsc_pool_create(out, n_threads <= DSC_MAX_THREADS && n > most ? most : n_threads, err);
}

void dsc_pool_destroy(dsc_pool *pool) {
    if (pool == NULL) {
        return;
    }
    pthread_mutex_lock(&pool->lock);
    atomic_store(&pool->is_ending, true);
    pthread_cond_broadcast(&pool->has_work);
    pthread_mutex_unlock(&pool->lock);
    for (size_t i = 0; i < pool->n_started; i++) {
        pthread_join(pool->workers[i].thread, NULL);
    }
    pthread_cond_destroy(&pool->is_done);
    pthread_cond_destroy(&pool->has_work);
    pthread_mutex_destroy(&pool->lock);
    dsc_free(pool->workers);
    dsc_free(pool->tickets);
    dsc_free(pool);
}

size_t dsc_pool_n_threads(const dsc_pool *pool) {
    return pool != NULL ? pool->n_threads : 1;
}

static void set_tickets(dsc_pool *pool, size_t n, uint64_t value) {
    for (size_t t = 0; t < n; t++) {
        atomic_store_explicit(&pool->tickets[t].value, value, memory_order_release);
    }
}

/* Opens the tickets of a new job and wakes who sleeps. */
static void publish(dsc_pool *pool, size_t n_tickets, size_t n_parts, dsc_part_runner run,
                    void *job) {
    const uint64_t before = atomic_load_explicit(&pool->tickets[0].value, memory_order_relaxed);
    const uint64_t number = (before >> 32) + 1;
    set_tickets(pool, pool->n_threads, number << 32 | CLOSED);
    atomic_store_explicit(&pool->n_parts, n_parts, memory_order_release);
    atomic_store_explicit(&pool->n_tickets, n_tickets, memory_order_release);
    atomic_store_explicit(&pool->run, run, memory_order_release);
    atomic_store_explicit(&pool->job, job, memory_order_release);
    atomic_store_explicit(&pool->n_done, 0, memory_order_relaxed);
    pthread_mutex_lock(&pool->lock);
    set_tickets(pool, n_tickets, number << 32);
    pthread_cond_broadcast(&pool->has_work);
    pthread_mutex_unlock(&pool->lock);
}

static bool are_done(dsc_pool *pool, size_t n_parts) {
    return atomic_load_explicit(&pool->n_done, memory_order_acquire) == n_parts;
}

static void wait_until_done(dsc_pool *pool, size_t n_parts) {
    for (size_t looks = 0; looks < N_LOOKS; looks++) {
        if (are_done(pool, n_parts)) {
            return;
        }
        dsc_pause();
    }
    pthread_mutex_lock(&pool->lock);
    while (!are_done(pool, n_parts)) {
        pthread_cond_wait(&pool->is_done, &pool->lock);
    }
    pthread_mutex_unlock(&pool->lock);
}

static void run_parts(dsc_pool *pool, size_t n_tickets, size_t n_parts, dsc_part_runner run,
                      void *job) {
    if (dsc_pool_n_threads(pool) == 1 || n_parts <= 1) {
        for (size_t part = 0; part < n_parts; part++) {
            run(job, part, 0);
        }
        return;
    }
    publish(pool, n_tickets, n_parts, run, job);
    taken t;
    while (take(pool, 0, &t)) {
        run_taken(pool, &t, 0);
    }
    wait_until_done(pool, n_parts);
}

void dsc_pool_run(dsc_pool *pool, size_t n_parts, dsc_part_runner run, void *job) {
    const size_t n_threads = dsc_pool_n_threads(pool);
    run_parts(pool, n_threads < n_parts ? n_threads : n_parts, n_parts, run, job);
}

void dsc_pool_run_ascending(dsc_pool *pool, size_t n_parts, dsc_part_runner run, void *job) {
    run_parts(pool, 1, n_parts, run, job);
}
