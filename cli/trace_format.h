/* The output formats of a trace: for each a name and three functions, and what they share. */
#ifndef DESCENT_CLI_TRACE_FORMAT_H
#define DESCENT_CLI_TRACE_FORMAT_H

#include <stdbool.h>
#include <stddef.h>

#include "descent/trace.h"
#include "matrix_text.h"
#include "network_file.h"

/* One run on its way to stdout. */
typedef struct cli_trace {
    const cli_network_file *file;
    const dsc_trace_config *config;
    size_t precision; /* most decimals of a number for people */
    size_t width;     /* columns of the terminal */
    bool has_begun;   /* an entry was shown; the three below are of the last one */
    size_t step;
    dsc_trace_phase phase;
    bool was_number;
} cli_trace;

/* The functions write to stdout and return DSC_OK, DSC_E_MEMORY, or DSC_E_CANCELLED when stdout
 * takes no more. */
typedef struct cli_trace_format {
    const char *name; /* as --format takes it */
    dsc_status (*begin)(cli_trace *trace);
    dsc_trace_sink show; /* `user` is the cli_trace */
    /* Called after a whole run and after one that ended with an overflow; `outcome` is the closing
     * sentence without its full stop. */
    dsc_status (*end)(cli_trace *trace, const dsc_trace_result *result, const char *outcome);
    size_t (*max_steps)(const cli_network_file *file); /* 0: not even one; NULL: no limit */
} cli_trace_format;

extern const cli_trace_format cli_trace_text;
extern const cli_trace_format cli_trace_markdown;
extern const cli_trace_format cli_trace_latex;
extern const cli_trace_format cli_trace_json;
extern const cli_trace_format cli_trace_html;

/* --- shared by the formats ---------------------------------------------------------------------
 */

/* True for a norm or the loss, which is one number and no matrix. */
bool cli_trace_is_number(const dsc_trace_entry *entry);

enum { CLI_HEADING_LENGTH = 96 };

/* The entry's name, "new W1" after an update. */
void cli_trace_name(const dsc_trace_entry *entry, char name[CLI_HEADING_LENGTH]);

/* Notes what is shown now. True, and its heading, such as "Step 1: forward pass", when a new part
 * begins with it. */
bool cli_trace_next(cli_trace *trace, const dsc_trace_entry *entry,
                    char heading[CLI_HEADING_LENGTH]);

/* The number of such an entry, with the decimals of the run. */
void cli_trace_number(const cli_trace *trace, const dsc_trace_entry *entry,
                      char out[CLI_NUMBER_LENGTH]);

/* The inputs and the units of each layer, "3 -> 2 -> 2" with " -> " for the arrow. */
void cli_trace_print_layers(const cli_trace *trace, const char *arrow);

const char *cli_trace_loss(const cli_trace *trace);

/* The file's description, or its name where that is blank, as one line of valid UTF-8 without control characters.
 * NULL: no memory; freed with free(). */
char *cli_trace_title(const cli_network_file *file);

enum { CLI_SENTENCE_LENGTH = 512 };

/* How the error moved, in one sentence without its full stop.
 *   where  [in]  the value that overflowed, such as "step 7, A2"; NULL: none did */
void cli_trace_sentence(const dsc_trace_result *result, const dsc_trace_config *config,
                        size_t precision, const char *where, char out[CLI_SENTENCE_LENGTH]);

#endif
