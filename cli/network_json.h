/* Checked access to the values of a network file: types, keys, matrices.
 *
 * A place in the file is written as in JavaScript, "layers[1].weights[0]". Every function prints a
 * message with the place, what was found and what was expected, before it returns a failure. */
#ifndef DESCENT_CLI_NETWORK_JSON_H
#define DESCENT_CLI_NETWORK_JSON_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "descent/matrix.h"
#include "report.h"

/* A value of the file, and where it stands. */
typedef struct cli_json_place {
    const char *file;
    char path[128]; /* "" for the whole document */
    json_t *value;  /* borrowed */
} cli_json_place;

/* "FILE: PATH: MESSAGE" on stderr; returns CLI_BAD_DATA. */
int cli_json_bad(const cli_json_place *at, const char *format, ...) CLI_PRINTF(2, 3);

/* What kind of value it is, for messages: "an object", "a number", "true". */
const char *cli_json_type_name(const json_t *value);

/* A key that an object may have. */
typedef struct cli_json_key {
    const char *name;
    const char *expected; /* "a number above 0"; what the message about a missing key says */
    bool is_optional;
} cli_json_key;

/* CLI_GO_ON when the value is an object with all keys that must be there and no other. */
int cli_json_check_keys(const cli_json_place *at, const cli_json_key *keys, size_t n_keys);

/* The value of a key; its `value` is NULL when the object has none. */
cli_json_place cli_json_member(const cli_json_place *at, const char *key);

/* Element i of a list. */
cli_json_place cli_json_element(const cli_json_place *at, size_t i);

/* CLI_GO_ON when the value is a list of at least one element. `what` such as "a list of layers". */
int cli_json_check_list(const cli_json_place *at, const char *what);

/* CLI_GO_ON and *out when the value is a string, borrowed from the document. */
int cli_json_text_of(const cli_json_place *at, const char *what, const char **out);

/* CLI_GO_ON and *out when the value is a number. */
int cli_json_number_of(const cli_json_place *at, const char *what, double *out);

/* CLI_GO_ON and *out when the value is true or false. */
int cli_json_truth_of(const cli_json_place *at, const char *what, bool *out);

/* How many there must be, and why: "one for each row of input". n of 0: any number. */
typedef struct cli_json_count {
    size_t n;
    const char *reason;
} cli_json_count;

/* A matrix from a list of rows, all of the same length.
 *   out  [out]  its data is to be freed with free(); untouched after a failure */
int cli_json_matrix(const cli_json_place *at, cli_json_count rows, cli_json_count columns,
                    dsc_matrix *out);

/* A matrix of one row from a list of numbers; otherwise the same. */
int cli_json_row(const cli_json_place *at, cli_json_count columns, dsc_matrix *out);

#endif
