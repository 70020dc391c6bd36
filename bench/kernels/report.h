/* What was measured of one kernel, and the tables of it: as text, or in Markdown. */
#ifndef DESCENT_BENCH_KERNELS_REPORT_H
#define DESCENT_BENCH_KERNELS_REPORT_H

#include "cases.h"

/* Of one case at one size: the best seconds of a call of each set, and of what its speed is a share of. */
typedef struct kernel_figures {
    const kernel_case *of;
    const size_t *size;
    double operations; /* of a call; 0: its bytes count */
    double bytes;
    double call_s[MOST_SETS];
    double peak[MOST_SETS]; /* operations a second at best; 0: the set has no such loop */
    double copied;          /* bytes a second that memcpy reads and writes, of as many */
} kernel_figures;

typedef struct kernel_report {
    const kernel_set *sets;
    size_t n_sets; /* the last is plain C */
    bool is_markdown;
} kernel_report;

void report_begin(const kernel_report *report);
void report_group(const kernel_report *report, const kernel_group *group);
void report_figures(const kernel_report *report, const kernel_figures *figures);

#endif
