/* The trace as text for people, and the sentence that closes it. */
#ifndef DESCENT_CLI_TRACE_TEXT_H
#define DESCENT_CLI_TRACE_TEXT_H

#include <stdbool.h>
#include <stddef.h>

#include "descent/trace.h"
#include "network_file.h"

typedef struct cli_trace_text {
    size_t n_steps;
    size_t precision; /* most decimals of a number */
    size_t width;     /* columns of the terminal */
    size_t step;      /* what was shown last */
    dsc_trace_phase phase;
    bool was_number;
    bool has_begun;
} cli_trace_text;

/* The network's shape, loss and rate, and how to read the formulas. */
void cli_trace_text_begin(const cli_network_file *file, const dsc_trace_config *config);

/* A dsc_trace_sink; `user` is the cli_trace_text. DSC_E_MEMORY, or DSC_E_CANCELLED when stdout
 * takes no more. */
dsc_status cli_trace_text_show(const dsc_trace_entry *entry, void *user);

enum { CLI_SENTENCE_LENGTH = 512 };

/* How the error moved, in one sentence without its full stop.
 *   where  [in]  the value that overflowed, such as "step 7, A2"; NULL: none did */
void cli_trace_sentence(const dsc_trace_result *result, const dsc_trace_config *config,
                        size_t precision, const char *where, char out[CLI_SENTENCE_LENGTH]);

#endif
