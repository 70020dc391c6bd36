/* What the formats of a trace for people share: headings and the title. */
#include "trace_format.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "text.h"

bool cli_trace_is_number(const dsc_trace_entry *entry) {
    return entry->shapes[0] == '\0';
}

void cli_trace_name(const dsc_trace_entry *entry, char name[CLI_HEADING_LENGTH]) {
    snprintf(name, CLI_HEADING_LENGTH, "%s%s", entry->phase == DSC_TRACE_UPDATE ? "new " : "",
             entry->name);
}

bool cli_trace_next(cli_trace *trace, const dsc_trace_entry *entry,
                    char heading[CLI_HEADING_LENGTH]) {
    static const char *const phases[] = {
        [DSC_TRACE_FORWARD] = "forward pass",
        [DSC_TRACE_ERROR] = "error",
        [DSC_TRACE_BACKWARD] = "gradients, all at the old weights",
        [DSC_TRACE_UPDATE] = "update",
    };
    const size_t n_steps = trace->config->n_steps;
    const bool is_new =
        !trace->has_begun || entry->step != trace->step || entry->phase != trace->phase;
    trace->has_begun = true;
    trace->step = entry->step;
    trace->phase = entry->phase;
    trace->was_number = cli_trace_is_number(entry);
    if (entry->step > n_steps) {
        snprintf(heading, CLI_HEADING_LENGTH, "After step %zu: %s", n_steps,
                 entry->phase == DSC_TRACE_FORWARD ? "forward pass with the new weights"
                                                   : "new error");
    } else if (entry->step > 0) {
        snprintf(heading, CLI_HEADING_LENGTH, "Step %zu: %s", entry->step, phases[entry->phase]);
    } else {
        snprintf(heading, CLI_HEADING_LENGTH, "Given");
    }
    return is_new;
}

void cli_trace_number(const cli_trace *trace, const dsc_trace_entry *entry,
                      char out[CLI_NUMBER_LENGTH]) {
    cli_format_number(dsc_matrix_at(entry->value, 0, 0), trace->precision, out);
}

void cli_trace_print_layers(const cli_trace *trace, const char *arrow) {
    const dsc_network *net = trace->file->net;
    printf("%zu", dsc_network_n_in(net));
    for (size_t l = 0; l < dsc_network_n_layers(net); l++) {
        printf("%s%zu", arrow, dsc_network_layer(net, l).n_out);
    }
}

const char *cli_trace_loss(const cli_trace *trace) {
    return dsc_loss_name(dsc_network_loss(trace->file->net));
}

char *cli_trace_title(const cli_network_file *file) {
    static const char blanks[] = " \t\n\v\f\r";
    const char *text = file->description;
    char *line = strdup(text != NULL && text[strspn(text, blanks)] != '\0' ? text : file->name);
    if (line == NULL) {
        return NULL;
    }
    for (char *p = line; (p = strpbrk(p, blanks + 1)) != NULL;) {
        *p = ' ';
    }
    char *title = cli_terminal_copy(cli_id(line));
    free(line);
    return title;
}
