/* The trace as one JSON document, written as the run goes on. */
#ifndef DESCENT_CLI_TRACE_JSON_H
#define DESCENT_CLI_TRACE_JSON_H

#include <stdbool.h>

#include "descent/trace.h"
#include "network_file.h"

/* The document up to its list of entries. DSC_OK or DSC_E_MEMORY. */
dsc_status cli_trace_json_begin(const cli_network_file *file, const dsc_trace_config *config);

/* A dsc_trace_sink; `user` is a bool that says whether an entry was written before.
 * DSC_E_MEMORY, or DSC_E_CANCELLED when stdout takes no more. */
dsc_status cli_trace_json_show(const dsc_trace_entry *entry, void *user);

/* The result and the end; `outcome` is the closing sentence. */
dsc_status cli_trace_json_end(const dsc_trace_result *result, const char *outcome);

#endif
