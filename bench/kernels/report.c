/* The tables of what was measured: see report.h. */
#include "report.h"

#include <stdio.h>
#include <string.h>

static const char explanation[] = "One thread, the best of some bursts in turns. Behind a set's "
                                  "GFLOP/s or GB/s: their share of what the\n"
                                  "core does at best, which for GFLOP/s are fused multiplications "
                                  "and additions of that set, and for GB/s is\n"
                                  "memcpy of as many bytes; and how many times as fast as plain C "
                                  "it is. GB/s are those of what must be read\n"
                                  "and written. Every result was compared with that of plain C.\n";

void report_begin(const kernel_report *report) {
    if (!report->is_markdown) {
        fputs(explanation, stdout);
    }
}

void report_group(const kernel_report *report, const kernel_group *group) {
    const size_t n_vector_sets = report->n_sets - 1;
    if (report->is_markdown) {
        printf("\n| %s: %s | | | plain C |", group->title, group->sizes);
        for (size_t i = 0; i < n_vector_sets; i++) {
            printf(" %s |", report->sets[i].name);
        }
        fputs("\n| --- | --- | --- | ---: |", stdout);
        for (size_t i = 0; i < n_vector_sets; i++) {
            fputs(" ---: |", stdout);
        }
    } else {
        char title[80];
        snprintf(title, sizeof title, "%s (%s)", group->title, group->sizes);
        printf("\n%-56s %8s", title, "c");
        for (size_t i = 0; i < n_vector_sets; i++) {
            printf(" %9s  share  x c", report->sets[i].name);
        }
    }
    putchar('\n');
}

static void write_size(char *text, size_t room, const size_t *size) {
    size_t used = 0;
    for (size_t d = 0; d < MOST_SIZES && size[d] != 0 && used < room; d++) {
        used += (size_t)snprintf(text + used, room - used, "%s%zu", d > 0 ? " x " : "", size[d]);
    }
}

/* In billions a second. */
static double rate_of(const kernel_figures *f, size_t set) {
    return (f->operations > 0 ? f->operations : f->bytes) / f->call_s[set] * 1e-9;
}

/* In hundredths; negative: there is nothing to compare with. */
static double share_of(const kernel_figures *f, size_t set) {
    const double best = f->operations > 0 ? f->peak[set] : f->copied;
    return best > 0 ? 100 * rate_of(f, set) * 1e9 / best : -1;
}

static void print_set(const kernel_report *report, const kernel_figures *f, size_t set) {
    const double share = share_of(f, set), ratio = rate_of(f, set) / rate_of(f, report->n_sets - 1);
    char of_best[16] = "";
    if (share >= 0) {
        snprintf(of_best, sizeof of_best, "%.0f %%", share);
    }
    if (report->is_markdown) {
        printf(" %.1f (%s) x %.1f |", rate_of(f, set), of_best, ratio);
    } else {
        printf(" %9.1f %6s %4.1f", rate_of(f, set), of_best, ratio);
    }
}

void report_figures(const kernel_report *report, const kernel_figures *f) {
    const size_t plain = report->n_sets - 1;
    const char *unit = f->operations > 0 ? "GFLOP/s" : "GB/s";
    char size[64] = "";
    write_size(size, sizeof size, f->size);
    if (report->is_markdown) {
        printf("| %s | %s | %s | %.1f |", f->of->name, size, unit, rate_of(f, plain));
    } else {
        printf("%-29s %-18s %-7s %8.1f", f->of->name, size, unit, rate_of(f, plain));
    }
    for (size_t i = 0; i < plain; i++) {
        print_set(report, f, i);
    }
    putchar('\n');
    fflush(stdout);
}
