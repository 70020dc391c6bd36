/* Results on stdout in one of three forms: tables for people, JSON and CSV for programs. */
#include "output.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "command.h"
#include "text.h"

enum {
    GAP = 2,           /* blanks between columns */
    SMALLEST_CUT = 12, /* a column is never cut below this width */
    JSON_DIGITS = 9    /* a float survives printing and reading with 9 significant digits */
};

struct cli_table {
    const cli_column *columns;
    size_t n_columns;
    char **cells; /* (n_rows * n_columns), valid UTF-8 */
    size_t n_cells;
    size_t capacity;
    bool has_failed;
};

int cli_no_memory(void) {
    return cli_fail_at(CLI_FAILED, NULL, "there is not enough memory");
}

int cli_form_check(const char *command, const cli_form *form) {
    if (form->is_json && form->is_csv) {
        return cli_usage_error(command, "--json, --csv", "only one of them can be used at a time");
    }
    return CLI_GO_ON;
}

bool cli_stdout_failed(void) {
    return ferror(stdout) != 0;
}

size_t cli_terminal_width(int fd) {
    struct winsize size;
    return isatty(fd) && ioctl(fd, TIOCGWINSZ, &size) == 0 ? size.ws_col : 0;
}

size_t cli_text_width(size_t least) {
    const size_t width = cli_terminal_width(STDOUT_FILENO);
    return width == 0 ? 80 : width < least ? least : width;
}

cli_table *cli_table_create(const cli_column *columns, size_t n_columns) {
    cli_table *table = calloc(1, sizeof *table);
    if (table != NULL) {
        table->columns = columns;
        table->n_columns = n_columns;
    }
    return table;
}

static bool make_room(cli_table *table) {
    if (table->n_cells + table->n_columns <= table->capacity) {
        return true;
    }
    size_t capacity = 2 * table->capacity + 16 * table->n_columns;
    char **cells = realloc(table->cells, capacity * sizeof *cells);
    if (cells == NULL) {
        return false;
    }
    table->cells = cells;
    table->capacity = capacity;
    return true;
}

void cli_table_add(cli_table *table, const dsc_id *cells) {
    if (table == NULL || table->has_failed || !make_room(table)) {
        if (table != NULL) {
            table->has_failed = true;
        }
        return;
    }
    for (size_t i = 0; i < table->n_columns; i++) {
        char *cell = cli_terminal_copy(cells[i]);
        if (cell == NULL) {
            table->has_failed = true;
            return;
        }
        table->cells[table->n_cells++] = cell;
    }
}

static void print_cell(const char *text, size_t width, bool is_right, bool is_last) {
    size_t own = cli_width(text);
    int padding = width > own ? (int)(width - own) : 0;
    if (is_right) {
        printf("%*s%s", padding, "", text);
    } else {
        printf("%s%*s", text, is_last ? 0 : padding, "");
    }
    printf("%*s", is_last ? 0 : GAP, "");
}

/* Column widths that the cells need, those of is_cut narrowed to what the terminal has. */
static void measure(const cli_table *table, size_t *widths) {
    size_t total = 0;
    for (size_t c = 0; c < table->n_columns; c++) {
        widths[c] = cli_width(table->columns[c].name);
        for (size_t i = c; i < table->n_cells; i += table->n_columns) {
            size_t width = cli_width(table->cells[i]);
            widths[c] = width > widths[c] ? width : widths[c];
        }
        total += widths[c] + (c > 0 ? GAP : 0);
    }
    size_t available = cli_terminal_width(STDOUT_FILENO);
    for (size_t c = 0; c < table->n_columns && available > 0 && total > available; c++) {
        if (table->columns[c].is_cut && widths[c] > SMALLEST_CUT) {
            size_t spare = widths[c] - SMALLEST_CUT;
            size_t cut = total - available < spare ? total - available : spare;
            widths[c] -= cut;
            total -= cut;
        }
    }
}

static void print_rows(cli_table *table, const size_t *widths) {
    for (size_t c = 0; c < table->n_columns; c++) {
        print_cell(table->columns[c].name, widths[c], table->columns[c].is_right,
                   c + 1 == table->n_columns);
    }
    putchar('\n');
    for (size_t i = 0; i < table->n_cells; i++) {
        size_t c = i % table->n_columns;
        bool is_last = c + 1 == table->n_columns;
        cli_cut(table->cells[i], widths[c]);
        print_cell(table->cells[i], widths[c], table->columns[c].is_right, is_last);
        if (is_last) {
            putchar('\n');
        }
    }
}

int cli_table_print(cli_table *table) {
    if (table == NULL) {
        return cli_no_memory();
    }
    size_t *widths = calloc(table->n_columns, sizeof *widths);
    bool is_good = !table->has_failed && widths != NULL;
    if (is_good) {
        measure(table, widths);
        print_rows(table, widths);
    }
    for (size_t i = 0; i < table->n_cells; i++) {
        free(table->cells[i]);
    }
    free(widths);
    free(table->cells);
    free(table);
    return is_good ? CLI_DONE : cli_no_memory();
}

static bool needs_quotes(dsc_id cell) {
    for (size_t i = 0; i < cell.length; i++) {
        if (strchr(",\"\r\n", cell.bytes[i]) != NULL) { /* also a zero byte */
            return true;
        }
    }
    /* Readers take blanks at the ends away unless they are quoted. */
    return cell.length > 0 && (cell.bytes[0] == ' ' || cell.bytes[cell.length - 1] == ' ');
}

void cli_csv_write(FILE *file, const dsc_id *cells, size_t n_cells) {
    for (size_t i = 0; i < n_cells; i++) {
        if (i > 0) {
            putc(',', file);
        }
        if (!needs_quotes(cells[i])) {
            fwrite(cells[i].bytes, 1, cells[i].length, file);
            continue;
        }
        putc('"', file);
        for (size_t j = 0; j < cells[i].length; j++) {
            if (cells[i].bytes[j] == '"') {
                putc('"', file);
            }
            putc(cells[i].bytes[j], file);
        }
        putc('"', file);
    }
    putc('\n', file);
}

void cli_csv_row(const dsc_id *cells, size_t n_cells) {
    cli_csv_write(stdout, cells, n_cells);
}

json_t *cli_json_text(dsc_id text) {
    size_t length = 0;
    char *copy = cli_utf8_copy(text, &length);
    json_t *string = copy != NULL ? json_stringn_nocheck(copy, length) : NULL;
    free(copy);
    return string;
}

void cli_json_append_titled(json_t **list, json_t *entry, dsc_id title) {
    if (title.bytes != NULL && json_object_set_new(entry, "title", cli_json_text(title)) != 0) {
        json_decref(entry);
        entry = NULL;
    }
    if (json_array_append_new(*list, entry) != 0) {
        json_decref(*list);
        *list = NULL;
    }
}

json_t *cli_json_real(double value) {
    return isfinite(value) ? json_real(value) : json_null();
}

int cli_json_print(json_t *document) {
    if (document == NULL) {
        return cli_no_memory();
    }
    bool is_good =
        json_dumpf(document, stdout, JSON_INDENT(2) | JSON_REAL_PRECISION(JSON_DIGITS)) == 0;
    json_decref(document);
    putchar('\n');
    /* What stdout refused is reported when it is closed. */
    return is_good || cli_stdout_failed() ? CLI_DONE : cli_no_memory();
}

cli_json_array cli_json_array_begin(void) {
    putchar('[');
    return (cli_json_array){0};
}

void cli_json_array_add(cli_json_array *array, json_t *element) {
    if (element == NULL) {
        array->has_failed = true;
        return;
    }
    fputs(array->n++ > 0 ? ",\n " : "\n ", stdout);
    if (json_dumpf(element, stdout, JSON_REAL_PRECISION(JSON_DIGITS)) != 0 &&
        !cli_stdout_failed()) {
        array->has_failed = true;
    }
    json_decref(element);
}

int cli_json_array_end(cli_json_array *array) {
    fputs(array->n > 0 ? "\n]\n" : "]\n", stdout);
    return array->has_failed ? cli_no_memory() : CLI_DONE;
}
