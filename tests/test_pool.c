/* The pool of threads: every part once, whatever the number of threads, and the same sums. */
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include <cmocka.h>

#include "base/pool.h"
#include "base/turn.h"
#include "fail_alloc.h"

enum { MAX_PARTS = 1000, N_JOBS = 400 };
static const size_t thread_counts[] = {1, 2, 3, 8};
enum { N_COUNTS = sizeof thread_counts / sizeof thread_counts[0] };

static dsc_pool *pool_of(size_t n_threads) {
    dsc_pool *pool = NULL;
    assert_int_equal(dsc_pool_create(&pool, n_threads, NULL), DSC_OK);
    assert_int_equal(dsc_pool_n_threads(pool), n_threads);
    return pool;
}

/* What the parts of one job leave behind. */
typedef struct marks {
    atomic_int n_runs[MAX_PARTS];
    atomic_int n_inside[8]; /* parts that a thread is running */
    atomic_bool was_shared; /* a thread's number was used by two at once */
    atomic_bool went_back;  /* a thread ran a part after a higher one */
    size_t next[8];         /* behind the part that a thread ran last */
    size_t n_threads;
} marks;

static void mark(void *job, size_t part, size_t thread) {
    marks *m = job;
    if (thread >= m->n_threads || atomic_fetch_add(&m->n_inside[thread], 1) != 0) {
        atomic_store(&m->was_shared, true);
    }
    atomic_fetch_add(&m->n_runs[part], 1);
    if (thread < m->n_threads && part < m->next[thread]) {
        atomic_store(&m->went_back, true);
    }
    m->next[thread % 8] = part + 1;
    if (thread < m->n_threads) {
        atomic_fetch_sub(&m->n_inside[thread], 1);
    }
}

static void every_part_runs_once(void **state) {
    (void)state;
    const size_t part_counts[] = {0, 1, 2, 7, MAX_PARTS};
    for (size_t c = 0; c < N_COUNTS; c++) {
        dsc_pool *pool = pool_of(thread_counts[c]);
        for (size_t job = 0; job < N_JOBS; job++) {
            const size_t n_parts = part_counts[job % (sizeof part_counts / sizeof part_counts[0])];
            const bool ascends = job % 3 == 0;
            marks m = {.n_threads = thread_counts[c]};
            (ascends ? dsc_pool_run_ascending : dsc_pool_run)(pool, n_parts, mark, &m);
            assert_false(atomic_load(&m.was_shared));
            assert_false(ascends && atomic_load(&m.went_back));
            for (size_t part = 0; part < MAX_PARTS; part++) {
                assert_int_equal(atomic_load(&m.n_runs[part]), part < n_parts ? 1 : 0);
            }
        }
        dsc_pool_destroy(pool);
    }
}

/* Two sums whose value depends on the order of what is added. */
enum { N_TURNS = 2 };

typedef struct ordered_sums {
    dsc_turn turns[N_TURNS];
    uint64_t sums[N_TURNS];
} ordered_sums;

static uint64_t append(uint64_t sum, size_t part) {
    return sum * 1000003 + part;
}

/* Parts take time of their own before, and each turn may wait for a part that is not yet run. */
static void append_in_turn(void *job, size_t part, size_t thread) {
    ordered_sums *o = job;
    (void)thread;
    for (volatile size_t i = 0; i < (part * 7919) % 500; i++) {
    }
    for (size_t t = 0; t < N_TURNS; t++) {
        dsc_turn_wait(&o->turns[t], part);
        o->sums[t] = append(o->sums[t], part);
        dsc_turn_end(&o->turns[t], part);
    }
}

static void turns_come_in_the_order_of_the_parts(void **state) {
    (void)state;
    uint64_t expected = 0;
    for (size_t part = 0; part < MAX_PARTS; part++) {
        expected = append(expected, part);
    }
    for (size_t c = 0; c < N_COUNTS; c++) {
        dsc_pool *pool = pool_of(thread_counts[c]);
        ordered_sums o;
        for (size_t job = 0; job < 10; job++) {
            for (size_t t = 0; t < N_TURNS; t++) {
                dsc_turn_begin(&o.turns[t]);
                o.sums[t] = 0;
            }
            dsc_pool_run_ascending(pool, MAX_PARTS, append_in_turn, &o);
            for (size_t t = 0; t < N_TURNS; t++) {
                assert_true(o.sums[t] == expected);
            }
        }
        dsc_pool_destroy(pool);
    }
}

/* Threads that have gone to sleep are woken by the next job. */
static void sleepers_wake(void **state) {
    (void)state;
    dsc_pool *pool = pool_of(3);
    for (int i = 0; i < 5; i++) {
        nanosleep(&(struct timespec){.tv_nsec = 3000000}, NULL);
        marks m = {.n_threads = 3};
        dsc_pool_run(pool, 50, mark, &m);
        for (size_t part = 0; part < 50; part++) {
            assert_int_equal(atomic_load(&m.n_runs[part]), 1);
        }
    }
    dsc_pool_destroy(pool);
}

/* What the parts wrote without any atomic is there for the caller, and for the next job. */
static void add_one(void *job, size_t part, size_t thread) {
    (void)thread;
    ((size_t *)job)[part]++;
}

static void jobs_follow_each_other(void **state) {
    (void)state;
    dsc_pool *pool = pool_of(4);
    size_t counts[64] = {0};
    for (size_t i = 0; i < N_JOBS; i++) {
        dsc_pool_run(pool, 64, add_one, counts);
        assert_int_equal(counts[i % 64], i + 1);
    }
    dsc_pool_destroy(pool);
}

static void no_pool_is_one_thread_in_order(void **state) {
    (void)state;
    size_t counts[5] = {0};
    dsc_pool_run(NULL, 5, add_one, counts);
    for (size_t i = 0; i < 5; i++) {
        assert_int_equal(counts[i], 1);
    }
    assert_int_equal(dsc_pool_n_threads(NULL), 1);
    dsc_pool_destroy(NULL);
}

static void zero_takes_the_processors(void **state) {
    (void)state;
    dsc_pool *pool = NULL;
    assert_int_equal(dsc_pool_create(&pool, 0, NULL), DSC_OK);
    assert_int_equal(dsc_pool_n_threads(pool), dsc_processor_count());
    assert_true(dsc_processor_count() >= 1);
    dsc_pool_destroy(pool);
}

static void parts_bound_the_threads(void **state) {
    (void)state;
    static const size_t asked[][3] = {{8, 3, 3}, {2, 3, 2}, {8, 0, 1}, {1, 9, 1}, {0, 1, 1}};
    for (size_t i = 0; i < sizeof asked / sizeof asked[0]; i++) {
        dsc_pool *pool;
        assert_int_equal(dsc_pool_create_for(&pool, asked[i][0], asked[i][1], NULL), DSC_OK);
        assert_int_equal(dsc_pool_n_threads(pool), asked[i][2]);
        dsc_pool_destroy(pool);
    }
    dsc_pool *pool;
    assert_int_equal(dsc_pool_create_for(&pool, DSC_MAX_THREADS + 1, 1, NULL), DSC_E_ARGUMENT);
    assert_null(pool);
}

static void too_many_are_refused(void **state) {
    (void)state;
    dsc_pool *pool = (dsc_pool *)&pool;
    dsc_error err;
    assert_int_equal(dsc_pool_create(&pool, DSC_MAX_THREADS + 1, &err), DSC_E_ARGUMENT);
    assert_null(pool);
    assert_string_equal(err.where, "n_threads");
    assert_string_equal(err.message, "is 1025; expected 0 to 1024");
}

/* A signal to the process must reach the program's own threads: those of the pool block it. */
static void block_check(void *job, size_t part, size_t thread) {
    (void)part;
    sigset_t blocked;
    pthread_sigmask(SIG_SETMASK, NULL, &blocked);
    if (thread > 0 && sigismember(&blocked, SIGINT) != 1) {
        atomic_store((atomic_bool *)job, false);
    }
    nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL); /* so that others get parts too */
}

static void signals_are_left_to_the_caller(void **state) {
    (void)state;
    dsc_pool *pool = pool_of(3);
    atomic_bool are_blocked = true;
    dsc_pool_run(pool, 12, block_check, &are_blocked);
    assert_true(atomic_load(&are_blocked));
    sigset_t blocked;
    pthread_sigmask(SIG_SETMASK, NULL, &blocked);
    assert_int_equal(sigismember(&blocked, SIGINT), 0);
    dsc_pool_destroy(pool);
}

static dsc_status attempt_pool(void *context, dsc_error *err) {
    (void)context;
    dsc_pool *pool = NULL;
    dsc_status status = dsc_pool_create(&pool, 1, err);
    assert_int_equal(status == DSC_OK, pool != NULL);
    dsc_pool_destroy(pool);
    return status;
}

static void failed_allocations_are_told(void **state) {
    (void)state;
    fail_alloc_each(attempt_pool, NULL, 2);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_part_runs_once),
        cmocka_unit_test(turns_come_in_the_order_of_the_parts),
        cmocka_unit_test(sleepers_wake),
        cmocka_unit_test(jobs_follow_each_other),
        cmocka_unit_test(no_pool_is_one_thread_in_order),
        cmocka_unit_test(zero_takes_the_processors),
        cmocka_unit_test(parts_bound_the_threads),
        cmocka_unit_test(too_many_are_refused),
        cmocka_unit_test(signals_are_left_to_the_caller),
        cmocka_unit_test(failed_allocations_are_told),
    };
    return cmocka_run_group_tests_name("pool", tests, NULL, NULL);
}
