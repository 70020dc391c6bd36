/* The trace as a page that runs by itself: what is given goes in, the page computes the rest.
 *
 * The page (web/trace/, put together by trace_page.cmake) needs the network, the given matrices,
 * and for every other value its words, formula and shapes. These are taken from a run of one step
 * in which all numbers are zero, so that they are there even where the real run overflows. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "trace_json.h"
#include "trace_page.h"

/* The page computes every step anew at every change, while someone types: what a browser does of
 * it in one to two seconds, in products of two numbers, and what else takes as long as how many. */
#define MAX_PRODUCTS 1e9
enum { MAX_STEPS = 1000, OF_A_PARAMETER = 30, OF_A_ROTATION = 40 };

static size_t max_steps(const cli_network_file *file) {
    const double n_samples = (double)file->target.n_rows, n_out = (double)file->target.n_cols;
    const double n_parameters = (double)dsc_network_n_parameters(file->net);
    const double of_norm = OF_A_ROTATION * n_samples * n_out * fmin(n_samples, n_out);
    const double of_step = (3 * n_samples + OF_A_PARAMETER) * n_parameters + of_norm;
    return (size_t)fmin(MAX_STEPS, MAX_PRODUCTS / of_step);
}

static void print_page(const char *const *lines) {
    for (; *lines != NULL; lines++) {
        fputs(*lines, stdout);
    }
}

static dsc_status put(const char *key, json_t *value) {
    printf(",\n\"%s\": ", key);
    return cli_trace_json_write(value, CLI_JSON_IN_HTML);
}

static dsc_status begin(cli_trace *trace) {
    print_page(cli_trace_page_head);
    fputs("{\"network\": ", stdout);
    dsc_status status = cli_trace_json_write(cli_trace_json_network(trace->file), CLI_JSON_IN_HTML);
    if (status == DSC_OK) {
        status = put("rate", json_real(trace->config->rate));
    }
    if (status == DSC_OK) {
        status = put("steps", json_integer((json_int_t)trace->config->n_steps));
    }
    if (status == DSC_OK) {
        status = put("max_steps", json_integer((json_int_t)max_steps(trace->file)));
    }
    if (status == DSC_OK) {
        status = put("precision", json_integer((json_int_t)trace->precision));
    }
    fputs(",\n\"entries\": [", stdout);
    return status;
}

static dsc_status write_entry(cli_trace *trace, const dsc_trace_entry *entry, bool has_value) {
    fputs(trace->has_begun ? ",\n  " : "\n  ", stdout);
    trace->has_begun = true;
    return cli_trace_json_write(cli_trace_json_entry(entry, has_value), CLI_JSON_IN_HTML);
}

/* Of the real run the page gets what is given. */
static dsc_status show(const dsc_trace_entry *entry, void *user) {
    return entry->phase == DSC_TRACE_GIVEN ? write_entry(user, entry, true) : DSC_OK;
}

/* Of the run on zeros it gets the words of all that follows. */
static dsc_status show_words(const dsc_trace_entry *entry, void *user) {
    return entry->phase != DSC_TRACE_GIVEN ? write_entry(user, entry, false) : DSC_OK;
}

static dsc_status run_on_zeros(cli_trace *trace) {
    const cli_network_file *file = trace->file;
    const dsc_trace_config config = {.rate = 1, .n_steps = 1}; /* the page puts its own rate in */
    dsc_matrix input = file->input, target = file->target;
    const size_t n_input = input.n_rows * input.n_cols, n_target = target.n_rows * target.n_cols;
    double *zeros = calloc(n_input > n_target ? n_input : n_target, sizeof *zeros);
    dsc_network *net = NULL;
    dsc_status status =
        zeros == NULL ? DSC_E_MEMORY : dsc_network_copy(&net, file->net, DSC_FLOAT64, NULL);
    if (status == DSC_OK) {
        dsc_network_init(net, DSC_INIT_ZERO, 0);
        input.data = zeros;
        target.data = zeros;
        status = dsc_trace_run(net, input, target, &config, show_words, trace, NULL, NULL);
    }
    dsc_network_destroy(net);
    free(zeros);
    return status;
}

static dsc_status end(cli_trace *trace, const dsc_trace_result *result, const char *outcome) {
    (void)result;
    (void)outcome; /* the page says it itself, also after a change */
    const dsc_status status = run_on_zeros(trace);
    fputs("\n]}", stdout);
    print_page(cli_trace_page_tail);
    return status;
}

const cli_trace_format cli_trace_html = {
    .name = "html", .begin = begin, .show = show, .end = end, .max_steps = max_steps};
