/* A scan as text for people: curvature, the loss of one step, a table, a plot, a conclusion. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "output.h"
#include "scan.h"

enum { NUMBER_LENGTH = 40, LINE_WIDTH = 78, MIN_WIDTH = 60 };

/* Where a larger share of the first loss is left, "converges" alone would sound too good. */
#define LEFT_SHARE 0.01

const char *cli_exact(double value, char out[CLI_EXACT_LENGTH]) {
    int digits = 1;
    do {
        snprintf(out, CLI_EXACT_LENGTH, "%.*g", digits, value);
    } while (strtod(out, NULL) != value && ++digits <= 17);
    if (value >= 1 && value < 1e6 && digits < 6) {
        snprintf(out, CLI_EXACT_LENGTH, "%.6g", value); /* 10, not 1e+01 */
    }
    return out;
}

bool cli_scan_has_norm(const cli_scan *scan) {
    switch (dsc_network_loss(scan->file->net)) {
    case DSC_HALF_SUM_OF_SQUARES:
    case DSC_MEAN_SQUARED_ERROR:
    case DSC_MEAN_ABSOLUTE_ERROR:
    case DSC_HUBER:
        return true;
    case DSC_BINARY_CROSS_ENTROPY:
    case DSC_CROSS_ENTROPY:
    case DSC_HINGE:
        return false;
    }
    return false;
}

double cli_scan_error(const cli_scan *scan, const cli_scan_row *row) {
    return cli_scan_has_norm(scan) ? row->result.last_norm : row->result.last_loss;
}

double cli_scan_first_error(const cli_scan *scan) {
    const dsc_scan_result *first = &scan->rows[0].result;
    return cli_scan_has_norm(scan) ? first->first_norm : first->first_loss;
}

const char *cli_scan_error_name(const cli_scan *scan) {
    return cli_scan_has_norm(scan) ? "error norm" : "loss";
}

/* "1.3608e-05" with as many significant digits as asked for. */
static const char *number(const cli_scan *scan, double value, char out[NUMBER_LENGTH]) {
    snprintf(out, NUMBER_LENGTH, "%.*g", (int)scan->precision, value);
    return out;
}

/* --- before the first step ---------------------------------------------------------------------
 */

static void print_curvature(const cli_scan *scan) {
    const dsc_curvature *c = &scan->curvature;
    char a[NUMBER_LENGTH], b[NUMBER_LENGTH];
    printf("\nCurvature of the loss at the start\n");
    if (!scan->has_curvature) {
        printf("  not known: %s\n", scan->curvature_reason);
        return;
    }
    printf("  largest        %s%s\n", number(scan, c->largest, a),
           c->is_exact ? "" : ", at least: the iteration did not settle");
    if (c->largest_magnitude != c->largest) {
        printf("  most negative  %s, farther from zero: downward it curves more\n",
               number(scan, c->largest_magnitude, b));
    }
    if (isfinite(c->rate_bound)) {
        printf("  2 / largest    %s: with a larger rate the first steps overshoot where the\n"
               "                 loss is most curved\n",
               number(scan, c->rate_bound, a));
    } else {
        printf("  2 / largest    no bound: the loss curves upward in no direction\n");
    }
}

/* Prints the terms of the polynomial, wrapped between terms. */
static void print_terms(const dsc_step_polynomial *p) {
    size_t column = (size_t)printf("  loss(r) =");
    for (size_t k = 0; k <= p->degree; k++) {
        char term[96], power[32] = "";
        const double c = p->coefficients[k];
        if (c == 0 && k > 0) {
            continue;
        }
        if (k > 0) {
            snprintf(power, sizeof power, k > 1 ? " r^%zu" : " r", k);
        }
        const char *sign = c < 0 ? " - " : k > 0 ? " + " : " ";
        snprintf(term, sizeof term, "%s%.10g%s", sign, fabs(c), power);
        if (column + strlen(term) > LINE_WIDTH) {
            column = (size_t)printf("\n           ") - 1;
        }
        column += (size_t)printf("%s", term);
    }
    putchar('\n');
}

static void print_one_step(const cli_scan *scan) {
    const dsc_step_polynomial *p = &scan->polynomial;
    char a[NUMBER_LENGTH], b[NUMBER_LENGTH];
    if (!scan->has_polynomial) {
        if (scan->polynomial_reason[0] != '\0') {
            printf("\nLoss after one step at rate r\n  not known: %s\n", scan->polynomial_reason);
        }
        return;
    }
    printf("\nLoss after one step at rate r, exactly\n");
    print_terms(p);
    if (p->has_fall) {
        printf("  smallest at r = %s, where it is %s\n", number(scan, p->best_rate, a),
               number(scan, p->best_loss, b));
        printf("  lowered by every r up to %s, where it is %s again\n",
               number(scan, p->limit_rate, a), number(scan, p->coefficients[0], b));
    } else {
        printf("  the gradient is zero: no rate lowers it\n");
    }
}

/* --- the table ---------------------------------------------------------------------------------
 */

static void describe(const cli_scan *scan, const cli_scan_row *row, char *out, size_t length) {
    const dsc_scan_result *r = &row->result;
    char low[NUMBER_LENGTH], high[NUMBER_LENGTH];
    const char *name = dsc_scan_verdict_name(r->verdict);
    const char *own = row->rate == scan->file->rate ? " (the file's rate)" : "";
    if (r->verdict == DSC_SCAN_OVERFLOWS) {
        snprintf(out, length, "%s after step %zu%s", name, r->overflow_step, own);
    } else if (r->verdict == DSC_SCAN_OSCILLATES) {
        snprintf(out, length, "%s, loss %s to %s%s", name, number(scan, r->quarter_low, low),
                 number(scan, r->quarter_high, high), own);
    } else if (r->verdict == DSC_SCAN_CONVERGES && r->last_loss > LEFT_SHARE * r->first_loss) {
        snprintf(out, length, "%s to loss %s%s", name, number(scan, r->last_loss, low), own);
    } else {
        snprintf(out, length, "%s%s", name, own);
    }
}

static int print_table(const cli_scan *scan) {
    static const cli_column columns[] = {{"rate", true, false},
                                         {"error norm", true, false},
                                         {"loss", true, false},
                                         {"grows at", true, false},
                                         {"verdict", false, false}};
    static const cli_column without_norm[] = {{"rate", true, false},
                                              {"loss", true, false},
                                              {"grows at", true, false},
                                              {"verdict", false, false}};
    const bool has_norm = cli_scan_has_norm(scan);
    cli_table *table = has_norm ? cli_table_create(columns, CLI_COUNT(columns))
                                : cli_table_create(without_norm, CLI_COUNT(without_norm));
    for (size_t i = 0; i < scan->n_rows; i++) {
        const cli_scan_row *row = &scan->rows[i];
        const dsc_scan_result *r = &row->result;
        const bool is_whole = r->overflow_step == 0;
        char rate[CLI_EXACT_LENGTH], norm[NUMBER_LENGTH], loss[NUMBER_LENGTH];
        char grows_at[32] = "-", verdict[160];
        if (r->grows_at > 0) {
            snprintf(grows_at, sizeof grows_at, "step %zu", r->grows_at);
        }
        describe(scan, row, verdict, sizeof verdict);
        dsc_id cells[CLI_COUNT(columns)];
        size_t n = 0;
        cells[n++] = cli_id(cli_exact(row->rate, rate));
        if (has_norm) {
            cells[n++] = cli_id(is_whole ? number(scan, r->last_norm, norm) : "-");
        }
        cells[n++] = cli_id(is_whole ? number(scan, r->last_loss, loss) : "-");
        cells[n++] = cli_id(grows_at);
        cells[n++] = cli_id(verdict);
        cli_table_add(table, cells);
    }
    return cli_table_print(table);
}

/* --- the conclusion ----------------------------------------------------------------------------
 */

static bool is_settling(const dsc_scan_result *result) {
    return result->verdict == DSC_SCAN_CONVERGES || result->verdict == DSC_SCAN_FALLING;
}

/* Neither up nor down: at rest from the start, or by steps that are too small to show. */
static bool is_unmoved(const dsc_scan_result *result) {
    return is_settling(result) && result->last_loss == result->first_loss;
}

static bool is_coming_down(const dsc_scan_result *result) {
    return is_settling(result) && result->last_loss < result->first_loss;
}

static void print_no_fall(const cli_scan *scan) {
    const dsc_scan_result *lowest = &scan->rows[0].result;
    char rate[CLI_EXACT_LENGTH];
    if (is_unmoved(lowest) && lowest->verdict == DSC_SCAN_CONVERGES) {
        printf("The network is at rest from the start: there is nothing to bring down.\n");
    } else if (is_unmoved(lowest)) {
        printf("Rate %s is too small to show in %zu steps; try larger ones.\n",
               cli_exact(scan->rows[0].rate, rate), scan->n_steps);
    } else {
        printf("%s the error down: try rates below %s.\n",
               scan->n_rows == 1 ? "This rate does not bring" : "None of these rates brings",
               cli_exact(scan->rows[0].rate, rate));
    }
}

/* At rest, but far above where another rate leads: thrown to where its slope is gone. */
static bool is_stuck(const dsc_scan_result *result, const dsc_scan_result *best) {
    return result->verdict == DSC_SCAN_CONVERGES &&
           result->last_loss > LEFT_SHARE * result->first_loss &&
           best->last_loss < LEFT_SHARE * result->last_loss;
}

/* The rate that brings the error down furthest; NULL: none does. */
static const cli_scan_row *best_of(const cli_scan *scan) {
    const cli_scan_row *best = NULL;
    for (size_t i = 0; i < scan->n_rows; i++) {
        const cli_scan_row *row = &scan->rows[i];
        if (is_coming_down(&row->result) &&
            (best == NULL || cli_scan_error(scan, row) < cli_scan_error(scan, best))) {
            best = row;
        }
    }
    return best;
}

/* Which rate brings the error down furthest, and up to which it comes down. */
static void print_conclusion(const cli_scan *scan) {
    const cli_scan_row *best = best_of(scan), *last_good = best, *first_bad = NULL;
    char rate[CLI_EXACT_LENGTH], error[NUMBER_LENGTH];
    putchar('\n');
    if (best == NULL) {
        print_no_fall(scan);
        return;
    }
    for (size_t i = 0; i < scan->n_rows; i++) {
        const cli_scan_row *row = &scan->rows[i];
        if (is_coming_down(&row->result) && !is_stuck(&row->result, &best->result)) {
            last_good = row;
        } else if (first_bad == NULL && !is_unmoved(&row->result)) {
            first_bad = row;
        }
    }
    printf("Smallest %s: %s with rate %s.\n", cli_scan_error_name(scan),
           number(scan, cli_scan_error(scan, best), error), cli_exact(best->rate, rate));
    if (first_bad == NULL) {
        printf("%s the error down; larger ones may as well.\n",
               scan->n_rows == 1 ? "This rate brings" : "All of these rates bring");
    } else if (first_bad->rate > last_good->rate) {
        printf("The error comes down with every rate up to %s", cli_exact(last_good->rate, rate));
        printf(", and with none from %s on.\n", cli_exact(first_bad->rate, rate));
    } else {
        printf("From rate %s on the error comes down with some rates only.\n",
               cli_exact(first_bad->rate, rate));
    }
}

int cli_scan_text(const cli_scan *scan, cli_plot_style style) {
    const cli_network_file *file = scan->file;
    char norm[NUMBER_LENGTH], loss[NUMBER_LENGTH];
    const dsc_scan_result *first = &scan->rows[0].result;
    printf("%s\n", file->description != NULL ? file->description : file->name);
    printf("%zu sample%s, %zu layer%s, %zu parameters, loss %s\n", file->input.n_rows,
           file->input.n_rows == 1 ? "" : "s", dsc_network_n_layers(file->net),
           dsc_network_n_layers(file->net) == 1 ? "" : "s", dsc_network_n_parameters(file->net),
           dsc_loss_name(dsc_network_loss(file->net)));
    printf("Before the first step: ");
    if (cli_scan_has_norm(scan)) {
        printf("error norm %s, ", number(scan, first->first_norm, norm));
    }
    printf("loss %s\n", number(scan, first->first_loss, loss));
    print_curvature(scan);
    print_one_step(scan);
    printf("\nAfter %zu step%s\n", scan->n_steps, scan->n_steps == 1 ? "" : "s");
    const int status = print_table(scan);
    if (style != CLI_PLOT_NONE && status == CLI_DONE) {
        putchar('\n');
        cli_scan_plot(scan, style, cli_text_width(MIN_WIDTH));
    }
    if (status == CLI_DONE) {
        print_conclusion(scan);
    }
    return status;
}
