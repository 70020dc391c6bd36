/* The parts of a trace as JSON values, for the formats that are built of them. */
#ifndef DESCENT_CLI_TRACE_JSON_H
#define DESCENT_CLI_TRACE_JSON_H

#include <jansson.h>

#include "trace_format.h"

/* Where a value is written: inside a page each "<" becomes \u003c, so that none ends the script
 * element that holds it. */
typedef enum cli_json_use { CLI_JSON_ALONE = 0, CLI_JSON_IN_HTML = 1 } cli_json_use;

/* Description (or null), inputs, layers and loss. NULL: no memory. */
json_t *cli_trace_json_network(const cli_network_file *file);

/* Every field of an entry, `value` only when asked for. NULL: no memory. */
json_t *cli_trace_json_entry(const dsc_trace_entry *entry, bool has_value);

/* Writes a value to stdout with all digits of its numbers and releases it; NULL stands for "no
 * memory". DSC_OK, DSC_E_MEMORY, or DSC_E_CANCELLED when stdout takes no more. */
dsc_status cli_trace_json_write(json_t *value, cli_json_use use);

#endif
