/* `descent net trace`: every matrix of every training step of a small network. */
#include <math.h>
#include <stdint.h>
#include <stdio.h>

#include "descent/trace.h"
#include "matrix_text.h"
#include "network_file.h"
#include "options.h"
#include "output.h"
#include "trace_format.h"

/* The fewest columns in which headings do not look odd. */
enum { MIN_WIDTH = 40 };

/* What --format takes; the first is the default. */
static const cli_trace_format *const formats[] = {
    &cli_trace_text, &cli_trace_markdown, &cli_trace_latex, &cli_trace_json, &cli_trace_html};
enum { N_FORMATS = CLI_COUNT(formats) };

typedef struct request {
    const char *path; /* NULL: the built-in example */
    size_t n_steps;
    double rate; /* NAN: the file's */
    size_t precision;
    size_t format;
} request;

static int parse(request *out, int argc, char **argv) {
    const char *format_names[N_FORMATS + 1] = {NULL};
    for (size_t i = 0; i < N_FORMATS; i++) {
        format_names[i] = formats[i]->name;
    }
    *out = (request){.n_steps = 1, .rate = NAN, .precision = 4};
    const cli_option run_options[] = {
        {.type = CLI_SIZE,
         .name = "steps",
         .letter = 'n',
         .help = "gradient-descent steps, all samples in each",
         .target = &out->n_steps,
         .whole_min = 1,
         .whole_max = 1000000},
        {.type = CLI_REAL,
         .name = "rate",
         .letter = 'r',
         .help = "learning rate, instead of the file's",
         .target = &out->rate,
         .interval = {.low = 0, .high = INFINITY, .is_low_open = true}},
    };
    const cli_option output_options[] = {
        {.type = CLI_SIZE,
         .name = "precision",
         .letter = 'p',
         .help = "most decimals of a number for people; JSON has them all",
         .target = &out->precision,
         .whole_max = CLI_MAX_DECIMALS},
        {.type = CLI_CHOICE,
         .name = "format",
         .letter = 'f',
         .help = "text for a terminal, markdown for a forge, latex for a paper, json for a "
                 "program, or html: one page, without network, to step through and change",
         .target = &out->format,
         .choices = format_names},
    };
    const cli_argument arguments[] = {
        {"FILE.json",
         "the network with its weights, input, target, loss and rate, as docs/network-file.md "
         "describes; - is standard input; without it the built-in example runs",
         &out->path, true},
    };
    const cli_option_group groups[] = {
        {"Run", run_options, CLI_COUNT(run_options)},
        {"Output", output_options, CLI_COUNT(output_options)},
    };
    const cli_syntax syntax = {
        .command = "net trace",
        .summary = "Trains a small network and prints every matrix on the way: hidden layers, "
                   "prediction, error and its norms, every gradient with its formula and shapes, "
                   "the new weights, and how the error moved. A value that overflows ends the run "
                   "with its name and step and exit status 1.",
        .arguments = arguments,
        .n_arguments = CLI_COUNT(arguments),
        .groups = groups,
        .n_groups = CLI_COUNT(groups),
        .notes = "Examples:\n"
                 "  descent net trace\n"
                 "  descent net trace --rate 0.005\n"
                 "  descent net trace examples/worked-example.json --steps 3 --precision 6\n"
                 "  descent net trace --format html >trace.html\n"
                 "  descent net trace --format latex >trace.tex && pdflatex trace.tex\n",
    };
    return cli_parse(&syntax, argc, argv);
}

/* The exit status of a run, with a message when it did not reach its end. */
static int report(dsc_status status, const dsc_error *err) {
    if (status == DSC_OK || status == DSC_E_CANCELLED) {
        return CLI_DONE; /* a stdout that takes no more is reported when it is closed */
    }
    return status == DSC_E_MEMORY ? cli_no_memory() : cli_fail(err);
}

/* Runs the trace and prints it. */
static int run(const cli_network_file *file, const dsc_trace_config *config,
               const cli_trace_format *format, size_t precision) {
    cli_trace trace = {
        .file = file, .config = config, .precision = precision, .width = cli_text_width(MIN_WIDTH)};
    dsc_trace_result result;
    dsc_error err;
    dsc_status status = format->begin(&trace);
    if (status == DSC_OK) {
        status = dsc_trace_run(file->net, file->input, file->target, config, format->show, &trace,
                               &result, &err);
    }
    if (status == DSC_OK || status == DSC_E_NONFINITE) {
        char sentence[CLI_SENTENCE_LENGTH];
        cli_trace_sentence(&result, config, precision, status == DSC_OK ? NULL : err.where,
                           sentence);
        const dsc_status end = format->end(&trace, &result, sentence);
        status = end != DSC_OK ? end : status;
    }
    return report(status, &err);
}

/* Whether the format takes so many steps of this network. */
static int check_steps(const cli_network_file *file, const cli_trace_format *format,
                       size_t n_steps) {
    const size_t most = format->max_steps == NULL ? SIZE_MAX : format->max_steps(file);
    if (most == 0) {
        return cli_usage_error("net trace", "--format",
                               "%s: %zu parameters and %zu samples are too many; the other formats "
                               "take them",
                               format->name, dsc_network_n_parameters(file->net),
                               file->input.n_rows);
    }
    if (n_steps > most) {
        return cli_usage_error("net trace", "--steps",
                               "%zu is too many for --format %s of this network; expected 1 to %zu",
                               n_steps, format->name, most);
    }
    return CLI_GO_ON;
}

int cli_net_trace(int argc, char **argv) {
    request asked;
    int status = parse(&asked, argc, argv);
    if (status != CLI_GO_ON) {
        return status;
    }
    const cli_trace_format *format = formats[asked.format];
    cli_network_file file;
    status = cli_network_file_read(&file, asked.path);
    if (status == CLI_GO_ON) {
        status = check_steps(&file, format, asked.n_steps);
    }
    if (status == CLI_GO_ON) {
        const dsc_trace_config config = {.rate = isnan(asked.rate) ? file.rate : asked.rate,
                                         .n_steps = asked.n_steps};
        status = run(&file, &config, format, asked.precision);
    }
    cli_network_file_clear(&file);
    return status;
}
