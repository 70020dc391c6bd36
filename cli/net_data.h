/* Tables on the command line: the options that say how to read them, and the report. */
#ifndef DESCENT_CLI_NET_DATA_H
#define DESCENT_CLI_NET_DATA_H

#include "descent/predictor.h"
#include "descent/split.h"
#include "descent/table.h"
#include "options.h"
#include "reading.h"

typedef struct cli_net_data {
    const char *path;
    const char *labels_path; /* NULL: none */
    const char *rows_path;   /* NULL: all rows */
    cli_reading reading;     /* delimiter and header alone */
} cli_net_data;

/* Fills a table with the options --delimiter, --header, --labels and --rows. */
enum { CLI_N_DATA_OPTIONS = 4 };
void cli_net_data_options(cli_net_data *data, cli_option options[CLI_N_DATA_OPTIONS]);

/* A table and the rows of it that count. */
typedef struct cli_net_table {
    dsc_table *table;
    dsc_rows rows; /* where --rows was given */
    bool has_rows;
} cli_net_table;

/* The rows for the library: NULL where all count; and how many. */
const uint32_t *cli_net_rows(const cli_net_table *table);
size_t cli_net_n_rows(const cli_net_table *table);

void cli_net_table_clear(cli_net_table *table);

/* Reads a table to learn from; `choices` say what columns are not numbers.
 * Returns CLI_GO_ON, or an exit status after a message. */
typedef struct cli_net_choices {
    const dsc_column_choice *choices; /* (n) */
    size_t n;
    bool keeps_missing;
} cli_net_choices;
int cli_net_read(cli_net_table *out, const cli_net_data *data, const cli_net_choices *choices,
                 bool is_quiet);

/* Reads a table for a model, which says what columns it needs; and tells of categories that the
 * model does not know. */
int cli_net_read_for(cli_net_table *out, const dsc_predictor *predictor, const cli_net_data *data,
                     bool needs_target, bool is_quiet);

/* The argument MODEL of the commands of networks, and its loading. */
#define CLI_PREDICTOR_ARGUMENT(path)                                                               \
    { "MODEL", "a model file, as descent net fit writes it", &(path), false }
int cli_load_predictor(dsc_predictor **out, const char *path);

#endif
