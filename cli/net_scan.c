/* `descent net scan`: which learning rates a small network stands, and why. */
#include <langinfo.h>
#include <locale.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "output.h"
#include "progress.h"
#include "scan.h"
#include "scan_rates.h"
#include "whole_file.h"

enum { FORMAT_TEXT, FORMAT_JSON, FORMAT_CSV };
enum { PLOT_AUTO, PLOT_UNICODE, PLOT_ASCII, PLOT_NONE };

/* Steps enough to tell a slow fall from rest; fewer where they would take long, but never fewer
 * than FEWEST_STEPS, which still make quarters of some length. */
enum { MOST_STEPS = 5000, FEWEST_STEPS = 300, MAX_STEPS = 10000000 };

/* Multiplications of a whole scan: a few seconds. */
#define WORK 5e9

typedef struct request {
    const char *path; /* NULL: the built-in example */
    cli_rates_request rates;
    size_t n_steps; /* CLI_NOT_GIVEN: by the size of the network */
    size_t precision;
    size_t format;
    size_t plot;
    const char *svg; /* NULL: none */
} request;

static const char *const formats[] = {"text", "json", "csv", NULL};
static const char *const plots[] = {"auto", "unicode", "ascii", "none", NULL};

static const char summary[] =
    "Tries learning rates on a small network: for each one the error after many steps of gradient "
    "descent, the first step in which the loss grows, and a verdict. Before that it measures how "
    "curved the loss is at the start, which says from which rate on steps overshoot, and for a "
    "linear network works out the loss of the first step for every rate at once. docs/net-scan.md "
    "defines the verdicts.";

static int parse(request *out, int argc, char **argv) {
    *out = (request){.rates = {.from = NAN, .to = NAN, .n_points = (size_t)CLI_NOT_GIVEN},
                     .n_steps = (size_t)CLI_NOT_GIVEN,
                     .precision = 5};
    const cli_interval positive = {0, INFINITY, true, false};
    const cli_option rates[] = {
        {.type = CLI_STRING,
         .name = "rates",
         .letter = 'r',
         .value = "X,X,...",
         .help =
             "these rates, each more than 0; without rates or a range: 13 around 2 / curvature, "
             "and the file's own",
         .target = &out->rates.list},
        {.type = CLI_REAL,
         .name = "from",
         .help = "the smallest rate of a range",
         .target = &out->rates.from,
         .interval = positive},
        {.type = CLI_REAL,
         .name = "to",
         .help = "the largest rate of a range",
         .target = &out->rates.to,
         .interval = positive},
        {.type = CLI_SIZE,
         .name = "points",
         .help = "how many rates a range has; 13 when not given",
         .target = &out->rates.n_points,
         .whole_min = 2,
         .whole_max = CLI_MAX_RATES},
        {.type = CLI_FLAG,
         .name = "log",
         .help = "each rate of a range the same multiple of the one before, instead of the same "
                 "distance from it",
         .target = &out->rates.is_log},
    };
    const cli_option run[] = {
        {.type = CLI_SIZE,
         .name = "steps",
         .letter = 'n',
         .help = "steps with each rate, all samples in each; 5000 when not given, fewer for a "
                 "network that is not small",
         .target = &out->n_steps,
         .whole_min = 1,
         .whole_max = MAX_STEPS},
    };
    const cli_option output[] = {
        {.type = CLI_SIZE,
         .name = "precision",
         .letter = 'p',
         .help = "significant digits of a number in the text; JSON and CSV have them all",
         .target = &out->precision,
         .whole_min = 1,
         .whole_max = 17},
        {.type = CLI_CHOICE,
         .name = "format",
         .letter = 'f',
         .help = "text for people, one JSON document, or a table of comma-separated values",
         .target = &out->format,
         .choices = formats},
        {.type = CLI_CHOICE,
         .name = "plot",
         .help = "how the text draws its plot; auto is unicode on a terminal that knows it, else "
                 "ascii",
         .target = &out->plot,
         .choices = plots},
        {.type = CLI_STRING,
         .name = "svg",
         .value = "FILE",
         .help = "also write the plot as an SVG picture",
         .target = &out->svg},
    };
    const cli_argument arguments[] = {
        {"FILE.json",
         "the network with its weights, input, target, loss and rate, as docs/network-file.md "
         "describes; - is standard input; without it the built-in example is scanned",
         &out->path, true},
    };
    const cli_option_group groups[] = {
        {"Rates", rates, CLI_COUNT(rates)},
        {"Run", run, CLI_COUNT(run)},
        {"Output", output, CLI_COUNT(output)},
    };
    const cli_syntax syntax = {
        .command = "net scan",
        .summary = summary,
        .arguments = arguments,
        .n_arguments = CLI_COUNT(arguments),
        .groups = groups,
        .n_groups = CLI_COUNT(groups),
        .notes =
            "Examples:\n"
            "  descent net scan\n"
            "  descent net scan --rates 0.002,0.003,0.0031,0.0032,0.005,0.05\n"
            "  descent net scan net.json --from 0.001 --to 1 --points 20 --log --svg net.svg\n",
    };
    const int status = cli_parse(&syntax, argc, argv);
    return status == CLI_GO_ON ? cli_rates_check(&out->rates) : status;
}

static bool keep_going(void *user) {
    (void)user;
    return !cli_progress_is_interrupted();
}

/* Halves MOST_STEPS until the scan is no more work than WORK. */
static size_t steps_for(const cli_network_file *file, size_t n_rates) {
    const double step = 3.0 * (double)file->input.n_rows *
                        (double)dsc_network_n_parameters(file->net) * (double)n_rates;
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

/* The curvature, or the reason why there is none. */
static int measure_curvature(cli_scan *scan) {
    dsc_error err;
    dsc_hessian *hessian = NULL;
    dsc_curvature_config config = dsc_curvature_defaults();
    config.keep_going = keep_going;
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
        snprintf(scan->curvature_reason, sizeof scan->curvature_reason, "%s: %s", err.where,
                 err.message);
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
    return status == DSC_E_MEMORY ? report(status, &err) : CLI_GO_ON;
}

static int scan_rates(cli_scan *scan, const request *asked) {
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
        const dsc_scan_config config = {
            .rate = rates[i], .n_steps = scan->n_steps, .keep_going = keep_going};
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
    if (plot == PLOT_AUTO) {
        /* The user's locale is asked for its encoding only; numbers keep their point. */
        const bool is_utf8 =
            setlocale(LC_CTYPE, "") != NULL && strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
        setlocale(LC_CTYPE, "C");
        return isatty(STDOUT_FILENO) && is_utf8 ? CLI_PLOT_UNICODE : CLI_PLOT_ASCII;
    }
    return plot == PLOT_NONE      ? CLI_PLOT_NONE
           : plot == PLOT_UNICODE ? CLI_PLOT_UNICODE
                                  : CLI_PLOT_ASCII;
}

static int show(const cli_scan *scan, const request *asked) {
    if (asked->format == FORMAT_JSON) {
        return cli_scan_json(scan);
    }
    return asked->format == FORMAT_CSV ? cli_scan_csv(scan)
                                       : cli_scan_text(scan, style_of(asked->plot));
}

static int scan_file(const cli_network_file *file, const request *asked) {
    cli_scan scan = {.file = file, .precision = asked->precision};
    cli_whole_file svg = {0};
    cli_progress progress;
    int status = asked->svg != NULL ? cli_whole_file_open(&svg, asked->svg) : CLI_GO_ON;
    cli_progress_begin(&progress, true);
    if (status == CLI_GO_ON) {
        status = measure_curvature(&scan);
    }
    if (status == CLI_GO_ON) {
        status = multiply_out(&scan);
    }
    if (status == CLI_GO_ON) {
        status = scan_rates(&scan, asked);
    }
    cli_progress_end(&progress);
    if (status == CLI_GO_ON && asked->svg != NULL) {
        cli_scan_svg(&scan, svg.out);
        status = cli_whole_file_commit(&svg);
        status = status == CLI_DONE ? CLI_GO_ON : status;
    }
    if (status == CLI_GO_ON) {
        status = show(&scan, asked);
    }
    cli_whole_file_discard(&svg);
    dsc_step_polynomial_clear(&scan.polynomial);
    free(scan.rows);
    return status;
}

int cli_net_scan(int argc, char **argv) {
    request asked;
    int status = parse(&asked, argc, argv);
    if (status != CLI_GO_ON) {
        return status;
    }
    cli_network_file file;
    status = cli_network_file_read(&file, asked.path);
    if (status == CLI_GO_ON) {
        status = scan_file(&file, &asked);
    }
    cli_network_file_clear(&file);
    return status;
}
