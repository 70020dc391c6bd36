/* Checked access to the values of a network file: types, keys, matrices. */
#include "network_json.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "options.h"
#include "output.h"
#include "suggest.h"

enum { MAX_KEYS = 16 };

int cli_json_bad(const cli_json_place *at, const char *format, ...) {
    char message[512];
    char where[512];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(message, sizeof message, format, arguments);
    va_end(arguments);
    snprintf(where, sizeof where, "%s%s%s", at->file, at->path[0] != '\0' ? ": " : "", at->path);
    return cli_fail_at(CLI_BAD_DATA, where, "%s", message);
}

const char *cli_json_type_name(const json_t *value) {
    switch (json_typeof(value)) {
    case JSON_OBJECT:
        return "an object";
    case JSON_ARRAY:
        return "a list";
    case JSON_STRING:
        return "a string";
    case JSON_INTEGER:
    case JSON_REAL:
        return "a number";
    case JSON_TRUE:
        return "true";
    case JSON_FALSE:
        return "false";
    case JSON_NULL:
        return "null";
    }
    return "something unknown";
}

static int bad_type(const cli_json_place *at, const char *expected) {
    return cli_json_bad(at, "found %s, expected %s", cli_json_type_name(at->value), expected);
}

static int bad_key(const cli_json_place *at, const char *key, const char *const *names, size_t n) {
    const char *nearest = cli_suggest(key, names, n);
    if (nearest != NULL) {
        return cli_json_bad(at, "unknown key \"%s\"; did you mean \"%s\"?", key, nearest);
    }
    char list[256] = "";
    for (size_t i = 0; i < n; i++) {
        size_t used = strlen(list);
        const char *separator = i == 0 ? "" : i + 1 < n ? ", " : " or ";
        snprintf(list + used, sizeof list - used, "%s%s", separator, names[i]);
    }
    return cli_json_bad(at, "unknown key \"%s\"; expected %s", key, list);
}

int cli_json_check_keys(const cli_json_place *at, const cli_json_key *keys, size_t n_keys) {
    if (!json_is_object(at->value)) {
        return bad_type(at, "an object, { ... }");
    }
    const char *names[MAX_KEYS];
    for (size_t i = 0; i < n_keys; i++) {
        names[i] = keys[i].name;
    }
    for (void *i = json_object_iter(at->value); i != NULL;
         i = json_object_iter_next(at->value, i)) {
        size_t k = 0;
        while (k < n_keys && strcmp(names[k], json_object_iter_key(i)) != 0) {
            k++;
        }
        if (k == n_keys) {
            return bad_key(at, json_object_iter_key(i), names, n_keys);
        }
    }
    for (size_t i = 0; i < n_keys; i++) {
        if (!keys[i].is_optional && json_object_get(at->value, names[i]) == NULL) {
            return cli_json_bad(at, "the key \"%s\" is missing; expected %s", names[i],
                                keys[i].expected);
        }
    }
    return CLI_GO_ON;
}

cli_json_place cli_json_member(const cli_json_place *at, const char *key) {
    cli_json_place member = {.file = at->file, .value = json_object_get(at->value, key)};
    snprintf(member.path, sizeof member.path, "%.90s%s%s", at->path, at->path[0] != '\0' ? "." : "",
             key);
    return member;
}

cli_json_place cli_json_element(const cli_json_place *at, size_t i) {
    cli_json_place element = {.file = at->file, .value = json_array_get(at->value, i)};
    snprintf(element.path, sizeof element.path, "%.90s[%zu]", at->path, i);
    return element;
}

int cli_json_check_list(const cli_json_place *at, const char *what) {
    if (!json_is_array(at->value)) {
        return bad_type(at, what);
    }
    if (json_array_size(at->value) == 0) {
        return cli_json_bad(at, "found an empty list, expected %s", what);
    }
    return CLI_GO_ON;
}

int cli_json_text_of(const cli_json_place *at, const char *what, const char **out) {
    if (!json_is_string(at->value)) {
        return bad_type(at, what);
    }
    *out = json_string_value(at->value);
    return CLI_GO_ON;
}

int cli_json_number_of(const cli_json_place *at, const char *what, double *out) {
    if (!json_is_number(at->value)) {
        return bad_type(at, what);
    }
    *out = json_number_value(at->value);
    return CLI_GO_ON;
}

int cli_json_truth_of(const cli_json_place *at, const char *what, bool *out) {
    if (!json_is_boolean(at->value)) {
        return bad_type(at, what);
    }
    *out = json_is_true(at->value);
    return CLI_GO_ON;
}

static int check_count(const cli_json_place *at, const char *noun, cli_json_count count) {
    size_t found = json_array_size(at->value);
    if (count.n != 0 && found != count.n) {
        return cli_json_bad(at, "found %zu %s%s, expected %zu, %s", found, noun,
                            found == 1 ? "" : "s", count.n, count.reason);
    }
    return CLI_GO_ON;
}

/* The numbers of one row into out (columns.n). */
static int fill_row(const cli_json_place *at, cli_json_count columns, double *out) {
    int status = check_count(at, "number", columns);
    for (size_t j = 0; status == CLI_GO_ON && j < columns.n; j++) {
        const cli_json_place element = cli_json_element(at, j);
        status = cli_json_number_of(&element, "a number", &out[j]);
    }
    return status;
}

/* The rows into out (json_array_size, columns.n). */
static int fill_rows(const cli_json_place *at, cli_json_count columns, double *out) {
    int status = CLI_GO_ON;
    for (size_t i = 0; status == CLI_GO_ON && i < json_array_size(at->value); i++) {
        const cli_json_place row = cli_json_element(at, i);
        status = cli_json_check_list(&row, "a row: a list of numbers");
        if (status == CLI_GO_ON) {
            status = fill_row(&row, columns, out + i * columns.n);
        }
    }
    return status;
}

static int check_first_row(const cli_json_place *at, cli_json_count rows, cli_json_place *first) {
    int status = cli_json_check_list(at, "a matrix: a list of rows, each a list of numbers");
    if (status == CLI_GO_ON) {
        status = check_count(at, "row", rows);
    }
    if (status == CLI_GO_ON) {
        *first = cli_json_element(at, 0);
        status = cli_json_check_list(first, "a row: a list of numbers");
    }
    return status;
}

int cli_json_matrix(const cli_json_place *at, cli_json_count rows, cli_json_count columns,
                    dsc_matrix *out) {
    cli_json_place first;
    int status = check_first_row(at, rows, &first);
    if (status != CLI_GO_ON) {
        return status;
    }
    char reason[160];
    if (columns.n == 0) {
        snprintf(reason, sizeof reason, "as in %s", first.path);
        columns = (cli_json_count){json_array_size(first.value), reason};
    }
    size_t n_rows = json_array_size(at->value);
    double *data = calloc(n_rows, columns.n * sizeof *data);
    if (data == NULL) {
        return cli_no_memory();
    }
    status = fill_rows(at, columns, data);
    if (status != CLI_GO_ON) {
        free(data);
        return status;
    }
    *out = dsc_matrix_f64(data, n_rows, columns.n);
    return CLI_GO_ON;
}

int cli_json_row(const cli_json_place *at, cli_json_count columns, dsc_matrix *out) {
    int status = cli_json_check_list(at, "a list of numbers");
    if (status != CLI_GO_ON) {
        return status;
    }
    double *data = calloc(columns.n, sizeof *data);
    if (data == NULL) {
        return cli_no_memory();
    }
    status = fill_row(at, columns, data);
    if (status != CLI_GO_ON) {
        free(data);
        return status;
    }
    *out = dsc_matrix_f64(data, 1, columns.n);
    return CLI_GO_ON;
}
