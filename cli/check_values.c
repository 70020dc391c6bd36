/* The values of one training step that can be checked, from the library's trace. */
#include "check_values.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "options.h"
#include "output.h"

size_t cli_value_size(const cli_value *value) {
    return value->n_rows * value->n_cols;
}

void cli_value_shape(const cli_value *value, char out[CLI_VALUE_NAME]) {
    if (value->is_number) {
        snprintf(out, CLI_VALUE_NAME, "number");
    } else {
        snprintf(out, CLI_VALUE_NAME, "%zu x %zu", value->n_rows, value->n_cols);
    }
}

size_t cli_values_find(const cli_values *values, const char *name) {
    for (size_t i = 0; i < values->n; i++) {
        if (strcmp(values->items[i].name, name) == 0) {
            return i;
        }
    }
    return CLI_NO_VALUE;
}

/* Room for every truth in one block. */
static int allocate(cli_values *out) {
    size_t total = 0;
    for (size_t i = 0; i < out->n; i++) {
        total += cli_value_size(&out->items[i]); /* each has been in memory before: no overflow */
    }
    out->memory = total > 0 ? calloc(total, sizeof *out->memory) : NULL;
    if (out->memory == NULL) {
        return cli_no_memory();
    }
    double *next = out->memory;
    for (size_t i = 0; i < out->n; i++) {
        out->items[i].truth = next;
        next += cli_value_size(&out->items[i]);
    }
    return CLI_GO_ON;
}

/* Whether a word is such as "W1", "gain1". */
static bool is_layer_name(const char *word, size_t length) {
    const size_t stem = strncmp(word, "gain", 4) == 0    ? 4
                        : strncmp(word, "shift", 5) == 0 ? 5
                        : strchr("WbZNA", *word) != NULL ? 1
                                                         : length;
    return stem < length && isdigit((unsigned char)word[stem]);
}

/* Copies a formula with "new " before the names of values that the step has changed. */
static void renew_formula(char out[CLI_VALUE_TEXT], const char *formula) {
    size_t used = 0;
    for (const char *at = formula; *at != '\0' && used + 8 < CLI_VALUE_TEXT;) {
        const size_t word = strspn(at, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                                       "0123456789");
        const bool is_layer = is_layer_name(at, word);
        const bool is_whole = (word == 10 && strncmp(at, "prediction", 10) == 0) ||
                              (word == 5 && strncmp(at, "error", 5) == 0);
        const size_t n = word > 0 ? word : 1;
        used += (size_t)snprintf(out + used, CLI_VALUE_TEXT - used, "%s%.*s",
                                 is_layer || is_whole ? "new " : "", (int)n, at);
        at += n;
    }
}

/* A dsc_trace_sink; `user` is the cli_values. */
static dsc_status take(const dsc_trace_entry *entry, void *user) {
    cli_values *values = user;
    const bool is_new = entry->phase == DSC_TRACE_UPDATE || entry->step > 1;
    char name[CLI_VALUE_NAME];
    snprintf(name, sizeof name, "%s%s", is_new ? "new " : "", entry->name);
    const size_t i = cli_values_find(values, name);
    if (i == CLI_NO_VALUE) {
        return DSC_OK;
    }
    cli_value *value = &values->items[i];
    for (size_t k = 0; k < cli_value_size(value); k++) {
        value->truth[k] = dsc_matrix_at(entry->value, 0, k);
    }
    if (entry->step > 1) {
        renew_formula(value->formula, entry->formula);
    } else {
        snprintf(value->formula, sizeof value->formula, "%s", entry->formula);
    }
    snprintf(value->meaning, sizeof value->meaning, "%s", entry->meaning);
    value->phase = entry->phase;
    values->n_filled++;
    return DSC_OK;
}

int cli_values_make(cli_values *out, const cli_network_file *file) {
    *out = (cli_values){.file = file};
    int status = cli_values_list(out);
    if (status == CLI_GO_ON) {
        status = allocate(out);
    }
    if (status != CLI_GO_ON) {
        return status;
    }
    const dsc_trace_config config = {.rate = file->rate, .n_steps = 1};
    dsc_error err;
    const dsc_status run =
        dsc_trace_run(file->net, file->input, file->target, &config, take, out, NULL, &err);
    if (run != DSC_OK) {
        return run == DSC_E_MEMORY ? cli_no_memory() : cli_fail(&err);
    }
    return out->n_filled == out->n
               ? CLI_GO_ON
               : cli_fail_at(CLI_FAILED, "net check", "the trace gave %zu values of %zu",
                             out->n_filled, out->n);
}

void cli_values_clear(cli_values *values) {
    free(values->items);
    free(values->memory);
    *values = (cli_values){0};
}
