/* The options of `descent net scan`. */
#include "scan_options.h"

#include <math.h>
#include <string.h>

#include "options.h"
#include "output.h"
#include "scan.h"

enum { N_RATES = 5, N_RUN = 1, N_OUTPUT = 4, MAX_STEPS = 10000000 };

static const char summary[] =
    "Tries learning rates on a small network: for each one the error after many steps of gradient "
    "descent, the first step in which the loss grows, and a verdict. Before that it measures how "
    "curved the loss is at the start, which says from which rate on steps overshoot, and for a "
    "linear network works out the loss of the first step for every rate at once. docs/net-scan.md "
    "defines the verdicts.";

static void fill_rates(cli_scan_request *request, cli_option out[N_RATES]) {
    cli_rates_request *asked = &request->rates;
    const cli_interval positive = {0, INFINITY, true, false};
    const cli_option options[N_RATES] = {
        {.type = CLI_STRING,
         .name = "rates",
         .letter = 'r',
         .value = "X,X,...",
         .help =
             "these rates, each more than 0; without rates or a range: 13 around 2 / curvature, "
             "and the file's own",
         .target = &asked->list},
        {.type = CLI_REAL,
         .name = "from",
         .help = "the smallest rate of a range",
         .target = &asked->from,
         .interval = positive},
        {.type = CLI_REAL,
         .name = "to",
         .help = "the largest rate of a range",
         .target = &asked->to,
         .interval = positive},
        {.type = CLI_SIZE,
         .name = "points",
         .help = "how many rates a range has; 13 when not given",
         .target = &asked->n_points,
         .whole_min = 2,
         .whole_max = CLI_MAX_RATES},
        {.type = CLI_FLAG,
         .name = "log",
         .help = "each rate of a range the same multiple of the one before, instead of the same "
                 "distance from it",
         .target = &asked->is_log},
    };
    memcpy(out, options, sizeof options);
}

static void fill_run(cli_scan_request *request, cli_option out[N_RUN]) {
    out[0] = (cli_option){
        .type = CLI_SIZE,
        .name = "steps",
        .letter = 'n',
        .help = "steps with each rate, all samples in each; 5000 when not given, fewer for a "
                "network that is not small",
        .target = &request->n_steps,
        .whole_min = 1,
        .whole_max = MAX_STEPS};
}

static void fill_output(cli_scan_request *request, cli_option out[N_OUTPUT]) {
    static const char *const formats[] = {"text", "json", "csv", NULL};
    static const char *const plots[] = {"auto", "unicode", "ascii", "none", NULL};
    const cli_option options[N_OUTPUT] = {
        {.type = CLI_SIZE,
         .name = "precision",
         .letter = 'p',
         .help = "significant digits of a number in the text; JSON and CSV have them all",
         .target = &request->precision,
         .whole_min = 1,
         .whole_max = 17},
        {.type = CLI_CHOICE,
         .name = "format",
         .letter = 'f',
         .help = "text for people, one JSON document, or a table of comma-separated values",
         .target = &request->format,
         .choices = formats},
        {.type = CLI_CHOICE,
         .name = "plot",
         .help = "how the text draws its plot; auto is unicode on a terminal that knows it, else "
                 "ascii",
         .target = &request->plot,
         .choices = plots},
        {.type = CLI_STRING,
         .name = "svg",
         .value = "FILE",
         .help = "also write the plot as an SVG picture",
         .target = &request->svg},
    };
    memcpy(out, options, sizeof options);
}

int cli_scan_parse(cli_scan_request *request, int argc, char **argv) {
    cli_option rates[N_RATES], run[N_RUN], output[N_OUTPUT];
    *request =
        (cli_scan_request){.rates = {.from = NAN, .to = NAN, .n_points = (size_t)CLI_NOT_GIVEN},
                           .n_steps = (size_t)CLI_NOT_GIVEN,
                           .precision = 5};
    fill_rates(request, rates);
    fill_run(request, run);
    fill_output(request, output);
    const cli_argument arguments[] = {
        {"FILE.json",
         "the network with its weights, input, target, loss and rate, as docs/network-file.md "
         "describes; - is standard input; without it the built-in example is scanned",
         &request->path, true},
    };
    const cli_option_group groups[] = {
        {"Rates", rates, N_RATES},
        {"Run", run, N_RUN},
        {"Output", output, N_OUTPUT},
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
    return status == CLI_GO_ON ? cli_rates_check(&request->rates) : status;
}
