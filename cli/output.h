/* Results on stdout in one of three forms: tables for people, JSON and CSV for programs. */
#ifndef DESCENT_CLI_OUTPUT_H
#define DESCENT_CLI_OUTPUT_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "descent/ratings.h"
#include "options.h"
#include "text.h"

#define CLI_COUNT(array) (sizeof(array) / sizeof(array)[0])

/* --- choosing ----------------------------------------------------------------------------------
 */

typedef struct cli_form {
    bool is_json;
    bool is_csv; /* neither: a table */
} cli_form;

/* The rows --json and --csv of an option table. */
#define CLI_JSON_OPTION(form)                                                                      \
    {                                                                                              \
        .type = CLI_FLAG, .name = "json", .help = "print one JSON document",                       \
        .target = &(form).is_json                                                                  \
    }
#define CLI_CSV_OPTION(form)                                                                       \
    {                                                                                              \
        .type = CLI_FLAG, .name = "csv",                                                           \
        .help = "print comma-separated values with a header line", .target = &(form).is_csv        \
    }

/* The row --quiet; `target` is a bool. */
#define CLI_QUIET_OPTION(is_quiet)                                                                 \
    {                                                                                              \
        .type = CLI_FLAG, .name = "quiet", .letter = 'q',                                          \
        .help = "say nothing but warnings and errors", .target = &(is_quiet)                       \
    }

/* CLI_GO_ON, or CLI_USAGE with a message when both were given. */
int cli_form_check(const char *command, const cli_form *form);

/* --- tables ------------------------------------------------------------------------------------
 */

typedef struct cli_column {
    const char *name;
    bool is_right; /* numbers: aligned to the right */
    bool is_cut;   /* cut where the terminal is too narrow for the table */
} cli_column;

typedef struct cli_table cli_table;

/* `columns` is borrowed until the table is printed. NULL when there is no memory, which the other
 * functions take: then cli_table_print reports it. */
cli_table *cli_table_create(const cli_column *columns, size_t n_columns);

/* Adds a row of n_columns cells, copied. */
void cli_table_add(cli_table *table, const dsc_id *cells);

/* Prints header and rows on stdout, aligned, and frees the table. Returns an exit status. */
int cli_table_print(cli_table *table);

/* --- CSV ---------------------------------------------------------------------------------------
 */

/* One line after RFC 4180, ended by LF; bytes are written as they are. */
void cli_csv_write(FILE *file, const dsc_id *cells, size_t n_cells);
void cli_csv_row(const dsc_id *cells, size_t n_cells); /* on stdout */

/* --- JSON --------------------------------------------------------------------------------------
 */

/* A string from any bytes, with U+FFFD in place of what is not UTF-8. NULL: no memory. */
json_t *cli_json_text(dsc_id text);

/* Appends an object, which is taken, to a list, with a "title" where there is one (bytes not NULL).
 * *list becomes NULL, freed, when there is no memory; NULL is allowed then. */
void cli_json_append_titled(json_t **list, json_t *entry, dsc_id title);

/* A number, or null for one that is not finite. A float keeps the digits it needs. */
json_t *cli_json_real(double value);

/* Prints the document on stdout and releases it; NULL stands for "no memory". Returns an exit
 * status. */
int cli_json_print(json_t *document);

/* An array written element by element: begin, add any number of times, end. */
typedef struct cli_json_array {
    size_t n;
    bool has_failed;
} cli_json_array;

cli_json_array cli_json_array_begin(void);
void cli_json_array_add(cli_json_array *array, json_t *element); /* releases the element */
int cli_json_array_end(cli_json_array *array);                   /* returns an exit status */

/* --- either ------------------------------------------------------------------------------------
 */

/* True when writing to stdout has failed, so that a long output may end early. */
bool cli_stdout_failed(void);

/* Columns of the terminal behind `fd`; 0 when it is none. */
size_t cli_terminal_width(int fd);

/* Columns for text on stdout: the terminal's, but at least `least`; 80 when it is none. */
size_t cli_text_width(size_t least);

/* The report of missing memory; returns CLI_FAILED. */
int cli_no_memory(void);

#endif
