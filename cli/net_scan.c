/* `descent net scan`: which learning rates a small network stands, and why. */
#include <langinfo.h>
#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "descent/file.h"
#include "destination.h"
#include "output.h"
#include "scan.h"
#include "scan_options.h"
#include "scan_progress.h"

/* Steps enough to tell a slow fall from rest; fewer where they would take long, but never fewer
 * than FEWEST_STEPS, which still make quarters of some length. */
enum { MOST_STEPS = 5000, FEWEST_STEPS = 300, FEWEST_PRODUCTS = 100 };

/* Multiplications of a whole scan, and of its curvature: a few seconds each. */
#define WORK 5e9

/* Multiplications of a pass forward and back. */
static double work_of_step(const cli_network_file *file) {
    return 3.0 * (double)file->input.n_rows * (double)dsc_network_n_parameters(file->net);
}

/* Halves MOST_STEPS until the scan is no more work than WORK. */
static size_t steps_for(const cli_network_file *file, size_t n_rates) {
    const double step = work_of_step(file) * (double)n_rates;
    size_t n = MOST_STEPS;
    while (n / 2 >= FEWEST_STEPS && (double)n * step > WORK) {
        n /= 2;
    }
    return n;
}

/* What is wrong with the library's answer, unless a reason is all that is asked for. */
static int report(dsc_status status, const dsc_error *err) {
    if (status == DSC_E_CANCELLED) {
        return cli_fail_at(CLI_INTERRUPTED, NULL, "interrupted; nothing was written");
    }
    return status == DSC_E_MEMORY ? cli_no_memory() : cli_fail(err);
}

static void keep_reason(char *out, size_t length, const dsc_error *err) {
    snprintf(out, length, "%s: %s", err->where, err->message);
}

/* The curvature, or the reason why there is none. */
static int measure_curvature(cli_scan *scan, cli_scan_progress *progress) {
    dsc_error err;
    dsc_hessian *hessian = NULL;
    dsc_curvature_config config = dsc_curvature_defaults();
    /* A product is about two steps. */
    const double most = fmax(FEWEST_PRODUCTS, WORK / (2 * work_of_step(scan->file)));
    config.max_products = most < (double)config.max_products ? (size_t)most : config.max_products;
    config.keep_going = cli_scan_progress_step;
    config.user = progress;
    dsc_status status =
        dsc_hessian_create(&hessian, scan->file->net, scan->file->input, scan->file->target, &err);
    if (status == DSC_OK) {
        status = dsc_hessian_curvature(hessian, &config, &scan->curvature, &err);
    }
    dsc_hessian_destroy(hessian);
    scan->has_curvature = status == DSC_OK;
    if (status == DSC_E_CANCELLED || status == DSC_E_MEMORY) {
        return report(status, &err);
    }
    if (status != DSC_OK) {
        keep_reason(scan->curvature_reason, sizeof scan->curvature_reason, &err);
    }
    return CLI_GO_ON;
}

static int multiply_out(cli_scan *scan) {
    dsc_error err;
    if (!dsc_step_polynomial_exists(scan->file->net)) {
        return CLI_GO_ON;
    }
    const dsc_status status = dsc_step_polynomial_init(&scan->polynomial, scan->file->net,
                                                       scan->file->input, scan->file->target, &err);
    scan->has_polynomial = status == DSC_OK;
    if (status == DSC_E_MEMORY) {
        return report(status, &err);
    }
    if (status != DSC_OK) {
        keep_reason(scan->polynomial_reason, sizeof scan->polynomial_reason, &err);
    }
    return CLI_GO_ON;
}

static int scan_rates(cli_scan *scan, const cli_scan_request *asked, cli_scan_progress *progress) {
    double rates[CLI_MAX_RATES + 1];
    const double bound = scan->has_curvature ? scan->curvature.rate_bound : (double)NAN;
    cli_rates_choose(&asked->rates, bound, scan->file->rate, rates, &scan->n_rows);
    scan->rows = calloc(scan->n_rows, sizeof *scan->rows);
    if (scan->rows == NULL) {
        return cli_no_memory();
    }
    scan->n_steps = asked->n_steps != (size_t)CLI_NOT_GIVEN ? asked->n_steps
                                                            : steps_for(scan->file, scan->n_rows);
    for (size_t i = 0; i < scan->n_rows; i++) {
        const dsc_scan_config config = {.rate = rates[i],
                                        .n_steps = scan->n_steps,
                                        .keep_going = cli_scan_progress_step,
                                        .user = progress};
        cli_scan_progress_rate(progress, i + 1, scan->n_rows);
        dsc_error err;
        scan->rows[i].rate = rates[i];
        const dsc_status status =
            dsc_scan_rate(scan->file->net, scan->file->input, scan->file->target, &config,
                          &scan->rows[i].result, &err);
        if (status != DSC_OK) {
            return report(status, &err);
        }
    }
    return CLI_GO_ON;
}

static cli_plot_style style_of(size_t plot) {
    if (plot == CLI_SCAN_PLOT_AUTO) {
        /* The user's locale is asked for its encoding only; numbers keep their point. */
        const bool is_utf8 =
            setlocale(LC_CTYPE, "") != NULL && strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
        setlocale(LC_CTYPE, "C");
        return isatty(STDOUT_FILENO) && is_utf8 ? CLI_PLOT_UNICODE : CLI_PLOT_ASCII;
    }
    return plot == CLI_SCAN_PLOT_NONE      ? CLI_PLOT_NONE
           : plot == CLI_SCAN_PLOT_UNICODE ? CLI_PLOT_UNICODE
                                           : CLI_PLOT_ASCII;
}

static int show(const cli_scan *scan, const cli_scan_request *asked) {
    if (asked->format == CLI_SCAN_JSON) {
        return cli_scan_json(scan);
    }
    return asked->format == CLI_SCAN_CSV ? cli_scan_csv(scan)
                                         : cli_scan_text(scan, style_of(asked->plot));
}

/* The picture, whole or not at all. */
static int write_svg(const cli_scan *scan, const char *path) {
    char *text = NULL;
    size_t length = 0;
    FILE *out = open_memstream(&text, &length);
    if (out == NULL) {
        return cli_no_memory();
    }
    cli_scan_svg(scan, out);
    const bool is_whole = ferror(out) == 0;
    int status = CLI_GO_ON;
    dsc_error err;
    if (fclose(out) != 0 || !is_whole) {
        status = cli_no_memory();
    } else if (dsc_file_write(path, text, length, &err) != DSC_OK) {
        status = cli_fail(&err);
    }
    free(text);
    return status;
}

static int scan_file(const cli_network_file *file, const cli_scan_request *asked) {
    cli_scan scan = {.file = file, .precision = asked->precision};
    cli_scan_progress progress;
    int status = CLI_GO_ON;
    cli_scan_progress_begin(&progress);
    if (status == CLI_GO_ON) {
        status = measure_curvature(&scan, &progress);
    }
    if (status == CLI_GO_ON) {
        status = multiply_out(&scan);
    }
    if (status == CLI_GO_ON) {
        status = scan_rates(&scan, asked, &progress);
    }
    cli_scan_progress_end(&progress);
    if (status == CLI_GO_ON && asked->svg != NULL) {
        status = write_svg(&scan, asked->svg);
    }
    if (status == CLI_GO_ON) {
        status = show(&scan, asked);
    }
    dsc_step_polynomial_clear(&scan.polynomial);
    free(scan.rows);
    return status;
}

int cli_net_scan(int argc, char **argv) {
    cli_scan_request asked;
    int status = cli_scan_parse(&asked, argc, argv);
    if (status != CLI_GO_ON) {
        return status;
    }
    if (asked.svg != NULL) {
        const cli_destination to = {"net scan", "--svg", "picture", asked.svg};
        status = cli_check_destination(&to, asked.path, "the file of the network");
        if (status != CLI_GO_ON) {
            return status;
        }
    }
    cli_network_file file;
    status = cli_network_file_read(&file, asked.path);
    if (status == CLI_GO_ON) {
        status = scan_file(&file, &asked);
    }
    cli_network_file_clear(&file);
    return status;
}
