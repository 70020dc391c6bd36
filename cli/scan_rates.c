/* The learning rates of a scan, from what the command line says. */
#include "scan_rates.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "options.h"
#include "scan.h"

static const char command[] = "net scan";

/* The automatic range: this many rates, each sqrt(2) times the one before, so that the middle one
 * is the bound and the ends are 8 times below and above it. */
enum { AUTOMATIC_POINTS = 13, DEFAULT_POINTS = 13 };

/* Reads "0.002,0.003"; out NULL: only checks. */
static int read_list(const char *text, double *out, size_t *n) {
    *n = 0;
    for (;;) {
        char piece[64], problem[512];
        const size_t length = strcspn(text, ",");
        double rate = 0;
        const cli_option one = {
            .type = CLI_REAL, .target = &rate, .interval = {0, INFINITY, true, false}};
        snprintf(piece, sizeof piece, "%.*s", (int)(length < 63 ? length : 63), text);
        if (!cli_option_set(&one, piece, problem, sizeof problem)) {
            return cli_usage_error(command, "--rates", "rate %zu: %s", *n + 1, problem);
        }
        if (*n == CLI_MAX_RATES) {
            return cli_usage_error(command, "--rates", "found more than %d rates; expected 1 to %d",
                                   CLI_MAX_RATES, CLI_MAX_RATES);
        }
        if (out != NULL) {
            out[*n] = rate;
        }
        ++*n;
        if (text[length] == '\0') {
            return CLI_GO_ON;
        }
        text += length + 1;
    }
}

static bool has_range(const cli_rates_request *r) {
    return !isnan(r->from) || !isnan(r->to);
}

int cli_rates_check(const cli_rates_request *r) {
    size_t n;
    const bool has_shape = r->n_points != CLI_NOT_GIVEN || r->is_log;
    if (r->list != NULL && (has_range(r) || has_shape)) {
        return cli_usage_error(command, "--rates",
                               "a list of rates does not go with --from, --to, --points or --log");
    }
    if (r->list != NULL) {
        return read_list(r->list, NULL, &n);
    }
    if (has_range(r) && (isnan(r->from) || isnan(r->to))) {
        return cli_usage_error(command, isnan(r->from) ? "--to" : "--from",
                               "a range has two ends; expected %s as well",
                               isnan(r->from) ? "--from" : "--to");
    }
    if (!has_range(r) && has_shape) {
        return cli_usage_error(command, r->is_log ? "--log" : "--points",
                               "says how a range is cut; expected --from and --to as well");
    }
    if (has_range(r) && !(r->from < r->to)) {
        return cli_usage_error(command, "--from, --to",
                               "the range goes from %g to %g; expected the smaller rate first",
                               r->from, r->to);
    }
    return CLI_GO_ON;
}

/* Rounded so that the rate can be read and typed; what is run is the rounded one. */
static double rounded(double rate, int digits) {
    char text[32];
    snprintf(text, sizeof text, "%.*g", digits, rate);
    return strtod(text, NULL);
}

static int compare(const void *a, const void *b) {
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void fill_range(const cli_rates_request *r, double *out, size_t n) {
    for (size_t i = 0; i < n; i++) {
        const double share = (double)i / (double)(n - 1);
        /* Not by the ratio of the ends, which may be too large for a number. */
        const double rate = r->is_log ? exp((1 - share) * log(r->from) + share * log(r->to))
                                      : (1 - share) * r->from + share * r->to;
        out[i] = i == 0 ? r->from : i + 1 == n ? r->to : rounded(rate, 6);
    }
}

static size_t fill_automatic(double middle, double file_rate, double *out) {
    size_t n = 0;
    for (int i = 0; i < AUTOMATIC_POINTS; i++) {
        const int from_middle = i - AUTOMATIC_POINTS / 2;
        const double rate = rounded(middle * pow(2, 0.5 * from_middle), 3);
        if (rate > 0 && isfinite(rate)) {
            out[n++] = rate;
        }
    }
    out[n++] = file_rate;
    return n;
}

void cli_rates_choose(const cli_rates_request *r, double bound, double file_rate, double *out,
                      size_t *n) {
    if (r->list != NULL) {
        (void)read_list(r->list, out, n);
    } else if (has_range(r)) {
        *n = r->n_points == CLI_NOT_GIVEN ? DEFAULT_POINTS : r->n_points;
        fill_range(r, out, *n);
    } else {
        *n = fill_automatic(isfinite(bound) ? bound : file_rate, file_rate, out);
    }
    qsort(out, *n, sizeof *out, compare);
    size_t n_kept = 0;
    for (size_t i = 0; i < *n; i++) {
        if (i == 0 || out[i] != out[n_kept - 1]) {
            out[n_kept++] = out[i];
        }
    }
    *n = n_kept;
}
