/* Speed of every kernel by instruction set: bench_kernels [--isa NAME] [--only WORD] [--markdown]
 *
 * --isa: that set and plain C alone, as with DESCENT_ISA; --only: kernels with that word in their name;
 * --markdown: the tables of docs/performance.md. One thread. The bursts of all sets, of the peak of the core
 * and of memcpy take turns, time is the processor's, and the best burst of each counts: what else runs on
 * the machine only makes them slower. A result that is not that of plain C ends the program. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../bench.h"
#include "../fma_peak.h"
#include "descent/isa.h"
#include "report.h"

/* N_PEAK: rounds of the loop that finds the peak, in one call. */
enum { N_ROUNDS = 7, N_PEAK = 1000 };

static const double burst_s = 0.005;

/* One kernel at one size, ready to be called by one set. */
typedef struct contestant {
    const kernel_set *set;
    fma_peak peak;
    kernel_problem problem;
} contestant;

typedef struct copy {
    unsigned char *to, *from;
    size_t n;
} copy;

static void call_kernel(void *argument) {
    contestant *c = argument;
    problem_run(&c->problem, c->set);
}

static void call_peak(void *argument) {
    static volatile float sink;
    sink = ((const contestant *)argument)->peak.rounds(N_PEAK);
    (void)sink;
}

static void call_copy(void *argument) {
    const copy *c = argument;
    memcpy(c->to, c->from, c->n);
    __asm__ volatile("" : : "r"(c->to) : "memory"); /* what nobody reads is copied nevertheless */
}

/* Seconds of one call in a burst, if they are fewer than the best so far. */
static void run_burst(void (*body)(void *), void *argument, double *best_s) {
    /* the clock takes as long as a small call: it is read after ever more of them */
    size_t n = 0, chunk = 1;
    const double begin_s = bench_worked_s();
    double elapsed_s = 0;
    while (elapsed_s < burst_s) {
        for (size_t i = 0; i < chunk; i++) {
            body(argument);
        }
        n += chunk;
        chunk *= elapsed_s < burst_s / 16 ? 2 : 1;
        elapsed_s = bench_worked_s() - begin_s;
    }
    *best_s = fmin(*best_s, elapsed_s / (double)n);
}

static void give_up(const char *set, const kernel_problem *p, const char *fault) {
    fprintf(stderr, "%s of %s: %s\n", p->of->name, set, fault);
    exit(EXIT_FAILURE);
}

/* After one call each: against the last one, which is plain C. */
static void check(contestant *contestants, size_t n) {
    for (size_t i = 0; i < n; i++) {
        call_kernel(&contestants[i]);
    }
    for (size_t i = 0; i < n; i++) {
        char fault[160];
        const kernel_problem *p = &contestants[i].problem;
        if (!problem_agrees(p, &contestants[n - 1].problem, fault, sizeof fault)) {
            give_up(contestants[i].set->name, p, fault);
        }
    }
}

/* Fills the seconds of calls, and by their best turns what they are a share of. */
static void take_turns(contestant *contestants, size_t n, copy *copied, kernel_figures *f) {
    double peak_s[MOST_SETS], copy_s = INFINITY;
    for (size_t i = 0; i < n; i++) {
        peak_s[i] = f->call_s[i] = INFINITY;
    }
    for (size_t round = 0; round < N_ROUNDS; round++) {
        for (size_t i = 0; i < n; i++) {
            if (f->operations == 0) {
                run_burst(call_copy, copied, &copy_s);
            } else if (contestants[i].peak.rounds != NULL) {
                run_burst(call_peak, &contestants[i], &peak_s[i]);
            }
            run_burst(call_kernel, &contestants[i], &f->call_s[i]);
        }
    }
    for (size_t i = 0; i < n; i++) {
        f->peak[i] = N_PEAK * (double)contestants[i].peak.operations / peak_s[i];
    }
    f->copied = 2 * (double)copied->n / copy_s;
}

static void measure(const kernel_report *report, const kernel_case *of, const size_t *size) {
    contestant contestants[MOST_SETS];
    const size_t n = report->n_sets;
    for (size_t i = 0; i < n; i++) {
        contestants[i].set = &report->sets[i];
        contestants[i].peak = fma_peak_of(report->sets[i].name);
        contestants[i].problem = problem_create(of, size, DRAWN_USUAL, true);
    }
    check(contestants, n);
    const kernel_problem *p = &contestants[0].problem;
    kernel_figures f = {.of = of, .size = size, .operations = p->operations, .bytes = p->bytes};
    copy copied = {.n = (size_t)p->bytes / 2};
    const size_t room = (copied.n / 64 + 1) * 64;
    copied.to = aligned_alloc(64, room);
    copied.from = aligned_alloc(64, room);
    if (copied.to == NULL || copied.from == NULL) {
        give_up("memcpy", p, "no memory");
    }
    memset(copied.to, 0, room);
    memset(copied.from, 1, room);
    take_turns(contestants, n, &copied, &f);
    report_figures(report, &f);
    free(copied.from);
    free(copied.to);
    for (size_t i = 0; i < n; i++) {
        if (!problem_destroy(&contestants[i].problem)) {
            give_up(contestants[i].set->name, &contestants[i].problem, "wrote outside an array");
        }
    }
}

/* Leaves that set, and plain C, which is the last. */
static void keep_set(kernel_report *report, kernel_set *sets, const char *name) {
    dsc_error err;
    bench_require(dsc_isa_set(name, &err), &err);
    size_t i = 0;
    while (strcmp(sets[i].name, name) != 0) {
        i++;
    }
    const kernel_set plain = sets[report->n_sets - 1];
    sets[0] = sets[i];
    sets[1] = plain;
    report->n_sets = strcmp(name, plain.name) == 0 ? 1 : 2;
}

int main(int argc, char **argv) {
    kernel_set sets[MOST_SETS];
    kernel_report report = {.sets = sets, .n_sets = kernel_sets(sets)};
    const char *isa = getenv("DESCENT_ISA"), *word = "";
    for (int i = 1; i < argc; i++) {
        const bool has_value = i + 1 < argc;
        if (strcmp(argv[i], "--markdown") == 0) {
            report.is_markdown = true;
        } else if (strcmp(argv[i], "--isa") == 0 && has_value) {
            isa = argv[++i];
        } else if (strcmp(argv[i], "--only") == 0 && has_value) {
            word = argv[++i];
        } else {
            fputs("usage: bench_kernels [--isa NAME] [--only WORD] [--markdown]\n", stderr);
            return 2;
        }
    }
    if (isa != NULL && isa[0] != '\0') {
        keep_set(&report, sets, isa);
    }
    report_begin(&report);
    for (const kernel_group *group = kernel_groups; group->title != NULL; group++) {
        bool is_begun = false;
        for (const kernel_case *c = group->cases; !is_last_case(c); c++) {
            for (size_t i = 0; i < MOST_TIMED && c->timed[i][0] != 0; i++) {
                if (strstr(c->name, word) == NULL) {
                    continue;
                }
                if (!is_begun) {
                    report_group(&report, group);
                    is_begun = true;
                }
                measure(&report, c, c->timed[i]);
            }
        }
    }
    return EXIT_SUCCESS;
}
