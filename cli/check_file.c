/* The key "check" of a network file: a person's own values, as they wrote them. */
#include "check_file.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "network_json.h"
#include "options.h"
#include "output.h"
#include "suggest.h"

enum { SHOWN = 40 }; /* characters of a wrong text in a message */

/* --- names -------------------------------------------------------------------------------------
 */

/* What the trace calls a name that a person may well use; "" when it is no such name. */
static void translate(const cli_values *values, const char *name, char out[160]) {
    const char *rest = strncmp(name, "new ", 4) == 0 ? name + 4 : name;
    const char *when = rest == name ? "" : "new ";
    const size_t n_layers = dsc_network_n_layers(values->file->net);
    const bool is_d = rest[0] == 'd';
    const char letter = rest[is_d];
    out[0] = '\0';
    if ((letter != 'Z' && letter != 'A') || !isdigit((unsigned char)rest[is_d + 1])) {
        return;
    }
    char *end;
    const unsigned long number = strtoul(rest + is_d + 1, &end, 10);
    if (*end != '\0' || number < 1 || number > n_layers) {
        return;
    }
    char instead[CLI_VALUE_NAME];
    snprintf(instead, sizeof instead, number == n_layers ? "%s%sprediction" : "%s%sA%lu", when,
             is_d ? "d" : "", number);
    if (cli_values_find(values, instead) == CLI_NO_VALUE) {
        return;
    }
    if (letter == 'A') {
        snprintf(out, 160, "the output of the last layer is called \"%s\"", instead);
    } else {
        snprintf(out, 160, "layer %lu is the identity, where this is the same as \"%s\"", number,
                 instead);
    }
}

static int report_name(const cli_json_place *at, const cli_values *values, const char *name) {
    char hint[160];
    translate(values, name, hint);
    if (hint[0] != '\0') {
        return cli_json_bad(at, "unknown name \"%s\"; %s", name, hint);
    }
    const char **names = calloc(values->n, sizeof *names);
    if (names == NULL) {
        return cli_no_memory();
    }
    size_t n = 0;
    for (size_t i = 0; i < values->n; i++) {
        if (values->items[i].kind != CLI_V_GIVEN) {
            names[n++] = values->items[i].name;
        }
    }
    const char *nearest = cli_suggest(name, names, n);
    free(names);
    if (nearest != NULL) {
        return cli_json_bad(at, "unknown name \"%s\"; did you mean \"%s\"?", name, nearest);
    }
    return cli_json_bad(at,
                        "unknown name \"%s\"; descent net check without the key \"check\" lists "
                        "the names",
                        name);
}

static int find_value(const cli_json_place *at, const cli_values *values, const char *name,
                      size_t *out) {
    *out = cli_values_find(values, name);
    if (*out == CLI_NO_VALUE) {
        return report_name(at, values, name);
    }
    if (values->items[*out].kind != CLI_V_GIVEN) {
        return CLI_GO_ON;
    }
    if (strchr("XY", name[0]) == NULL) {
        return cli_json_bad(at, "\"%s\" is given; after the step it is called \"new %s\"", name,
                            name);
    }
    return cli_json_bad(at, "\"%s\" is given, expected a value that is computed", name);
}

/* --- numbers -----------------------------------------------------------------------------------
 */

/* What a value of the document is, in a message: numbers have become strings, and are shown. */
static void describe(const json_t *value, char out[SHOWN + 16]) {
    if (json_is_string(value)) {
        const char *text = json_string_value(value);
        cli_written number;
        mpq_init(number.value);
        const bool is_number = cli_written_read(&number, text) == NULL;
        mpq_clear(number.value);
        snprintf(out, SHOWN + 16, is_number ? "%.*s%s" : "\"%.*s%s\"", SHOWN, text,
                 strlen(text) > SHOWN ? "..." : "");
    } else {
        const char *kind = json_is_object(value)  ? "an object"
                           : json_is_array(value) ? "a list"
                           : json_is_null(value)  ? "null"
                           : json_is_true(value)  ? "true"
                                                  : "false";
        snprintf(out, SHOWN + 16, "%s", kind);
    }
}

static int bad_type(const cli_json_place *at, const char *expected) {
    char found[SHOWN + 16];
    describe(at->value, found);
    return cli_json_bad(at, "found %s, expected %s", found, expected);
}

static int read_cell(const cli_json_place *at, cli_answer *answer, size_t i) {
    if (!json_is_string(at->value)) {
        return bad_type(at, "a number, or a string such as \"1/3\"");
    }
    const char *expected = cli_written_read(&answer->cells[i], json_string_value(at->value));
    if (expected != NULL) {
        return bad_type(at, expected);
    }
    answer->texts[i] = strdup(json_string_value(at->value));
    answer->found[i] = cli_exact_double(answer->cells[i].value);
    return answer->texts[i] != NULL ? CLI_GO_ON : cli_no_memory();
}

/* --- shapes ------------------------------------------------------------------------------------
 */

/* A list of n_cols numbers into row i. */
static int read_row(const cli_json_place *at, const cli_value *value, cli_answer *answer,
                    size_t i) {
    if (!json_is_array(at->value)) {
        return bad_type(at, "a row: a list of numbers");
    }
    const size_t found = json_array_size(at->value);
    if (found != value->n_cols) {
        return cli_json_bad(at, "found %zu number%s, expected %zu: %s is %zu x %zu", found,
                            found == 1 ? "" : "s", value->n_cols, value->name, value->n_rows,
                            value->n_cols);
    }
    int status = CLI_GO_ON;
    for (size_t j = 0; status == CLI_GO_ON && j < found; j++) {
        const cli_json_place cell = cli_json_element(at, j);
        status = read_cell(&cell, answer, i * value->n_cols + j);
    }
    return status;
}

/* Whether the list has the value's shape with rows and columns exchanged. */
static bool is_transposed(const json_t *rows, const cli_value *value) {
    bool is = value->n_rows != value->n_cols && json_array_size(rows) == value->n_cols;
    for (size_t i = 0; is && i < value->n_cols; i++) {
        is = json_array_size(json_array_get(rows, i)) == value->n_rows;
    }
    return is;
}

static int read_matrix(const cli_json_place *at, const cli_value *value, cli_answer *answer) {
    if (!json_is_array(at->value)) {
        return bad_type(at, "a matrix: a list of rows, each a list of numbers");
    }
    const json_t *first = json_array_get(at->value, 0);
    if (value->n_rows == 1 && first != NULL && !json_is_array(first)) {
        return read_row(at, value, answer, 0); /* one row, as "bias" is written */
    }
    if (is_transposed(at->value, value)) {
        return cli_json_bad(at,
                            "found a %zu x %zu matrix, expected %zu x %zu: rows and columns "
                            "are exchanged",
                            value->n_cols, value->n_rows, value->n_rows, value->n_cols);
    }
    const size_t found = json_array_size(at->value);
    if (found != value->n_rows) {
        return cli_json_bad(at, "found %zu row%s, expected %zu: %s is %zu x %zu", found,
                            found == 1 ? "" : "s", value->n_rows, value->name, value->n_rows,
                            value->n_cols);
    }
    int status = CLI_GO_ON;
    for (size_t i = 0; status == CLI_GO_ON && i < found; i++) {
        const cli_json_place row = cli_json_element(at, i);
        status = read_row(&row, value, answer, i);
    }
    return status;
}

/* How many places the cells are written with: a whole number among decimals has dropped zeros. */
static void settle_digits(cli_answer *answer, size_t n_cells) {
    answer->is_whole = true;
    for (size_t i = 0; i < n_cells; i++) {
        const cli_written *cell = &answer->cells[i];
        if (cell->form == CLI_WRITTEN_DECIMAL) {
            answer->decimals =
                cell->decimals > answer->decimals ? cell->decimals : answer->decimals;
            answer->is_whole = false;
        }
    }
}

static int read_answer(const cli_json_place *at, const cli_value *value, cli_answer *answer) {
    const size_t n_cells = cli_value_size(value);
    answer->cells = calloc(n_cells, sizeof *answer->cells);
    answer->texts = calloc(n_cells, sizeof *answer->texts);
    answer->found = calloc(n_cells, sizeof *answer->found);
    for (size_t i = 0; answer->cells != NULL && i < n_cells; i++) {
        mpq_init(answer->cells[i].value);
    }
    if (answer->cells == NULL || answer->texts == NULL || answer->found == NULL) {
        return cli_no_memory();
    }
    int status = value->is_number ? read_cell(at, answer, 0) : read_matrix(at, value, answer);
    if (status == CLI_GO_ON) {
        settle_digits(answer, n_cells);
    }
    return status;
}

static int compare_places(const void *a, const void *b) {
    const size_t first = ((const cli_answer *)a)->value, second = ((const cli_answer *)b)->value;
    return first < second ? -1 : first > second;
}

static int read_members(cli_answers *out, const cli_json_place *check) {
    int status = CLI_GO_ON;
    for (void *i = json_object_iter(check->value); status == CLI_GO_ON && i != NULL;
         i = json_object_iter_next(check->value, i)) {
        cli_json_place at = {.file = check->file, .value = json_object_iter_value(i)};
        size_t value;
        status = find_value(check, out->values, json_object_iter_key(i), &value);
        if (status == CLI_GO_ON) {
            snprintf(at.path, sizeof at.path, "check[\"%s\"]", out->values->items[value].name);
            out->items[out->n].value = value;
            status = read_answer(&at, &out->values->items[value], &out->items[out->n++]);
        }
    }
    return status;
}

int cli_answers_read(cli_answers *out, const cli_values *values, json_t *document) {
    *out = (cli_answers){.values = values};
    const cli_json_place root = {.file = values->file->name, .value = document};
    const cli_json_place check = cli_json_member(&root, "check");
    if (check.value == NULL) {
        return CLI_GO_ON;
    }
    if (!json_is_object(check.value)) {
        return bad_type(&check, "an object such as {\"A1\": [[7, 15], [0, 1]]}");
    }
    if (json_object_size(check.value) == 0) {
        return cli_json_bad(&check, "found no value, expected one or more; without the key "
                                    "\"check\" the names are listed");
    }
    out->items = calloc(json_object_size(check.value), sizeof *out->items);
    if (out->items == NULL) {
        return cli_no_memory();
    }
    int status = read_members(out, &check);
    qsort(out->items, out->n, sizeof *out->items, compare_places);
    return status;
}

void cli_answers_clear(cli_answers *answers) {
    for (size_t i = 0; i < answers->n; i++) {
        cli_answer *answer = &answers->items[i];
        const size_t n_cells = cli_value_size(&answers->values->items[answer->value]);
        for (size_t k = 0; k < n_cells; k++) {
            if (answer->cells != NULL) {
                mpq_clear(answer->cells[k].value);
            }
            if (answer->texts != NULL) {
                free(answer->texts[k]);
            }
        }
        free(answer->cells);
        free(answer->texts);
        free(answer->found);
    }
    free(answers->items);
    *answers = (cli_answers){0};
}
