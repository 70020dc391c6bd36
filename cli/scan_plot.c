/* The plot of a scan for a terminal: a bar a rate, as long as its error is large, on a log scale.
 *
 * Rates that lie close together stay apart, for each has a line of its own; a line across shows
 * where 2 / curvature lies among them. */
#include <math.h>
#include <string.h>

#include "output.h"
#include "scan.h"

enum { MAX_BARS = 72, MIN_BARS = 20, LABEL_LENGTH = 16 };

typedef struct style {
    const char *eighths[9]; /* [0] is blank, [8] a full cell */
    const char *start;      /* the error before the first step */
    const char *line;       /* 2 / curvature */
    const char *overflow;   /* a bar without a length */
    const char *marks[DSC_SCAN_N_VERDICTS];
} style;

static const style ascii = {.eighths = {" ", " ", " ", " ", "#", "#", "#", "#", "#"},
                            .start = ":",
                            .line = "-",
                            .overflow = ".",
                            .marks = {"o", "v", "~", "^", "x"}};

static const style unicode = {.eighths = {" ", "▏", "▎", "▍", "▌", "▋", "▊", "▉", "█"},
                              .start = "┊",
                              .line = "─",
                              .overflow = "╌",
                              .marks = {"●", "▼", "◆", "▲", "✕"}};

typedef struct axis {
    double low, high; /* decimal exponents at both ends */
    size_t n_cells;
    size_t label_width; /* of the rates */
} axis;

/* Cells from the left end, with fractions. */
static double position(const axis *a, double error) {
    if (!(error > 0)) {
        return 0;
    }
    const double share = (log10(error) - a->low) / (a->high - a->low);
    return fmin(fmax(share, 0), 1) * (double)a->n_cells;
}

/* Whole decades around every error that is a number, and around that before the first step. */
static axis axis_of(const cli_scan *scan, size_t width) {
    axis a = {.low = INFINITY, .high = -INFINITY};
    for (size_t i = 0; i <= scan->n_rows; i++) {
        const bool is_first = i == scan->n_rows;
        const double error =
            is_first ? cli_scan_first_error(scan) : cli_scan_error(scan, &scan->rows[i]);
        const bool is_shown = is_first || scan->rows[i].result.overflow_step == 0;
        if (is_shown && error > 0) {
            a.low = fmin(a.low, floor(log10(error)));
            a.high = fmax(a.high, ceil(log10(error)));
        }
        char rate[CLI_EXACT_LENGTH];
        const size_t length = is_first ? 0 : strlen(cli_exact(scan->rows[i].rate, rate));
        a.label_width = length > a.label_width ? length : a.label_width;
    }
    if (!(a.low < a.high)) {
        a.low = isfinite(a.low) ? a.low - 1 : -1;
        a.high = a.low + 2;
    }
    /* Label, " |", the bar, " x". */
    const size_t taken = a.label_width + 6;
    a.n_cells = width > taken + MIN_BARS ? width - taken : MIN_BARS;
    a.n_cells = a.n_cells > MAX_BARS ? MAX_BARS : a.n_cells;
    return a;
}

static void print_bar(const cli_scan *scan, const style *s, const axis *a,
                      const cli_scan_row *row) {
    const bool is_whole = row->result.overflow_step == 0;
    const double end = is_whole ? position(a, cli_scan_error(scan, row)) : (double)a->n_cells;
    const size_t start =
        (size_t)fmin(position(a, cli_scan_first_error(scan)), (double)a->n_cells - 1);
    char rate[CLI_EXACT_LENGTH];
    printf("  %*s |", (int)a->label_width, cli_exact(row->rate, rate));
    for (size_t i = 0; i < a->n_cells; i++) {
        const double share = fmin(fmax(end - (double)i, 0), 1);
        const char *cell = is_whole ? s->eighths[(size_t)(share * 8 + 0.5)] : s->overflow;
        fputs(strcmp(cell, " ") == 0 && i == start ? s->start : cell, stdout);
    }
    printf(" %s\n", s->marks[row->result.verdict]);
}

static void print_bound(const cli_scan *scan, const style *s, const axis *a) {
    printf("  %*s |", (int)a->label_width, "");
    char label[64];
    const int length =
        snprintf(label, sizeof label, " 2 / curvature = %.3g ", scan->curvature.rate_bound);
    for (size_t i = 0; i < a->n_cells; i++) {
        if (i == 2) {
            fputs(label, stdout);
            i += (size_t)length - 1;
        } else {
            fputs(s->line, stdout);
        }
    }
    putchar('\n');
}

/* Exponents of ten below the bars, as many as have room. */
static void print_scale(const axis *a) {
    char line[MAX_BARS + LABEL_LENGTH + 1];
    memset(line, ' ', sizeof line);
    line[sizeof line - 1] = '\0';
    const size_t n_decades = (size_t)(a->high - a->low);
    const double per_decade = (double)a->n_cells / (double)n_decades;
    const size_t every = (size_t)fmax(1, ceil(8 / per_decade));
    size_t used = 0;
    for (size_t i = 0; i <= n_decades; i += every) {
        char label[LABEL_LENGTH];
        const int length = snprintf(label, sizeof label, "1e%d", (int)a->low + (int)i);
        const size_t at = (size_t)((double)i * per_decade);
        memcpy(line + at, label, (size_t)length);
        used = at + (size_t)length;
    }
    line[used] = '\0';
    printf("  %*s %s\n", (int)a->label_width + 1, "", line);
}

static void print_legend(const cli_scan *scan, const style *s) {
    bool is_used[DSC_SCAN_N_VERDICTS] = {false};
    for (size_t i = 0; i < scan->n_rows; i++) {
        is_used[scan->rows[i].result.verdict] = true;
    }
    for (int v = 0; v < DSC_SCAN_N_VERDICTS; v++) {
        if (is_used[v]) {
            printf("  %s %s", s->marks[v], dsc_scan_verdict_name((dsc_scan_verdict)v));
        }
    }
    putchar('\n');
}

void cli_scan_plot(const cli_scan *scan, cli_plot_style chosen, size_t width) {
    const style *s = chosen == CLI_PLOT_UNICODE ? &unicode : &ascii;
    const axis a = axis_of(scan, width);
    const bool has_bound = scan->has_curvature && isfinite(scan->curvature.rate_bound);
    bool is_bound_shown = !has_bound;
    printf("%s after %zu step%s, by rate  (%s before the first step)\n",
           cli_scan_has_norm(scan) ? "Error norm" : "Loss", scan->n_steps,
           scan->n_steps == 1 ? "" : "s", s->start);
    for (size_t i = 0; i < scan->n_rows; i++) {
        if (!is_bound_shown && scan->rows[i].rate > scan->curvature.rate_bound) {
            print_bound(scan, s, &a);
            is_bound_shown = true;
        }
        print_bar(scan, s, &a, &scan->rows[i]);
    }
    if (!is_bound_shown) {
        print_bound(scan, s, &a);
    }
    print_scale(&a);
    print_legend(scan, s);
}
