/* The trace as one JSON document, written as the run goes on, a line an entry. */
#include "trace_json.h"

#include <stdio.h>

#include "output.h"

/* 17 significant digits give back the very same double. */
#define FLAGS (JSON_REAL_PRECISION(17) | JSON_ENCODE_ANY)

static int write_plain(const char *text, size_t length, void *user) {
    (void)user;
    return fwrite(text, 1, length, stdout) == length ? 0 : -1;
}

/* "<" stands in strings only, where its code means the same. */
static int write_in_html(const char *text, size_t length, void *user) {
    (void)user;
    for (size_t i = 0; i < length; i++) {
        if ((text[i] == '<' ? fputs("\\u003c", stdout) : putchar(text[i])) == EOF) {
            return -1;
        }
    }
    return 0;
}

dsc_status cli_trace_json_write(json_t *value, cli_json_use use) {
    if (value == NULL) {
        return DSC_E_MEMORY;
    }
    const json_dump_callback_t write = use == CLI_JSON_IN_HTML ? write_in_html : write_plain;
    const bool is_good = json_dump_callback(value, write, NULL, FLAGS) == 0;
    json_decref(value);
    if (cli_stdout_failed()) {
        return DSC_E_CANCELLED;
    }
    return is_good ? DSC_OK : DSC_E_MEMORY;
}

/* Rows of numbers; NULL: no memory. */
static json_t *matrix_of(dsc_matrix m) {
    json_t *rows = json_array();
    for (size_t i = 0; i < m.n_rows; i++) {
        json_t *row = json_array();
        bool is_whole = row != NULL;
        for (size_t j = 0; is_whole && j < m.n_cols; j++) {
            is_whole = json_array_append_new(row, json_real(dsc_matrix_at(m, i, j))) == 0;
        }
        if (json_array_append_new(rows, row) != 0 || !is_whole) {
            json_decref(rows);
            return NULL;
        }
    }
    return rows;
}

static json_t *layers_of(const dsc_network *net) {
    json_t *layers = json_array();
    for (size_t l = 0; l < dsc_network_n_layers(net); l++) {
        const dsc_layer_config layer = dsc_network_layer(net, l);
        json_array_append_new(layers,
                              json_pack("{s:I, s:s, s:b, s:b}", "units", (json_int_t)layer.n_out,
                                        "activation", dsc_activation_name(layer.activation), "bias",
                                        (int)layer.has_bias, "normalize", (int)layer.has_norm));
    }
    return layers;
}

json_t *cli_trace_json_network(const cli_network_file *file) {
    return json_pack("{s:s?, s:I, s:o, s:s}", "description", file->description, "inputs",
                     (json_int_t)dsc_network_n_in(file->net), "layers", layers_of(file->net),
                     "loss", dsc_loss_name(dsc_network_loss(file->net)));
}

json_t *cli_trace_json_entry(const dsc_trace_entry *entry, bool has_value) {
    static const char *const phases[] = {
        [DSC_TRACE_GIVEN] = "given",   [DSC_TRACE_FORWARD] = "forward",
        [DSC_TRACE_ERROR] = "error",   [DSC_TRACE_BACKWARD] = "backward",
        [DSC_TRACE_UPDATE] = "update",
    };
    json_t *object = json_pack("{s:I, s:s, s:s, s:s, s:s, s:s}", "step", (json_int_t)entry->step,
                               "phase", phases[entry->phase], "name", entry->name, "formula",
                               entry->formula, "shapes", entry->shapes, "meaning", entry->meaning);
    if (has_value) {
        json_t *value = cli_trace_is_number(entry) ? json_real(dsc_matrix_at(entry->value, 0, 0))
                                                   : matrix_of(entry->value);
        if (json_object_set_new(object, "value", value) != 0) {
            json_decref(object);
            return NULL;
        }
    }
    return object;
}

static dsc_status begin(cli_trace *trace) {
    fputs("{\"network\": ", stdout);
    dsc_status status = cli_trace_json_write(cli_trace_json_network(trace->file), CLI_JSON_ALONE);
    if (status == DSC_OK) {
        fputs(",\n\"rate\": ", stdout);
        status = cli_trace_json_write(json_real(trace->config->rate), CLI_JSON_ALONE);
    }
    printf(",\n\"steps\": %zu,\n\"entries\": [", trace->config->n_steps);
    return status;
}

static dsc_status show(const dsc_trace_entry *entry, void *user) {
    cli_trace *trace = user;
    fputs(trace->has_begun ? ",\n  " : "\n  ", stdout);
    trace->has_begun = true;
    return cli_trace_json_write(cli_trace_json_entry(entry, true), CLI_JSON_ALONE);
}

static dsc_status end(cli_trace *trace, const dsc_trace_result *result, const char *outcome) {
    (void)trace;
    fputs("\n],\n\"result\": ", stdout);
    json_t *overflow_step =
        result->overflow_step > 0 ? json_integer((json_int_t)result->overflow_step) : json_null();
    dsc_status status = cli_trace_json_write(
        json_pack("{s:b, s:o, s:o, s:o, s:o, s:o, s:o, s:I, s:s}", "is_finite",
                  (int)(result->overflow_step == 0), "overflow_step", overflow_step, "first_norm",
                  json_real(result->first_norm), "last_norm", json_real(result->last_norm),
                  "largest_norm", json_real(result->largest_norm), "first_loss",
                  json_real(result->first_loss), "last_loss", json_real(result->last_loss),
                  "steps_grown", (json_int_t)result->n_grown, "outcome", outcome),
        CLI_JSON_ALONE);
    fputs("}\n", stdout);
    return status;
}

const cli_trace_format cli_trace_json = {.name = "json", .begin = begin, .show = show, .end = end};
