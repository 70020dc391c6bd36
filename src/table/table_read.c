/* Reading a table: tells the form by the first bytes, reads the labels first, then the rows. */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "table/table_internal.h"

#define NPY_MAGIC "\x93NUMPY"

/* --- which kind each column has ------------------------------------------------------------ */

static dsc_column_kind usual_kind(const dsc_table *table, size_t column) {
    return table->has_label && column + 1 == table->n_columns ? DSC_COLUMN_DETECT
                                                              : DSC_COLUMN_NUMERIC;
}

/* One choice for a column. Of two for the same one, to detect it yields to the other. */
static dsc_status choose(dsc_table *table, size_t column, dsc_column_kind kind, dsc_error *err) {
    static const char *const kinds[] = {"numbers", "categorical", "ignored"};
    const dsc_column_kind before = table->columns[column].kind;
    if (before != kind && before != usual_kind(table, column) && before != DSC_COLUMN_DETECT) {
        return kind == DSC_COLUMN_DETECT
                   ? DSC_OK
                   : dsc_fail(err, DSC_E_ARGUMENT, dsc_table_name(table),
                              "column \"%s\" is said to be %s and %s; expected one of them",
                              dsc_table_column_name(table, column), kinds[before], kinds[kind]);
    }
    table->columns[column].kind = kind;
    return DSC_OK;
}

/* The rule of dsc_table_read: numeric, but for what the caller chose. */
static dsc_status apply_choices(const void *context, dsc_table *table, dsc_error *err) {
    const dsc_table_format *format = context;
    for (size_t c = 0; c < table->n_columns; c++) {
        table->columns[c].kind = usual_kind(table, c);
    }
    for (size_t i = 0; i < format->n_choices; i++) {
        size_t column;
        dsc_status status = dsc_table_find(table, format->choices[i].column, &column, err);
        if (status == DSC_OK) {
            status = choose(table, column, format->choices[i].kind, err);
        }
        if (status != DSC_OK) {
            return status;
        }
    }
    return DSC_OK;
}

static dsc_status check_format(const dsc_table_format *format, const char *path, dsc_error *err) {
    if ((unsigned)format->delimiter > DSC_DELIMITER_PIPE ||
        (unsigned)format->header > DSC_HEADER_NO || (unsigned)format->missing > DSC_MISSING_KEEP) {
        return dsc_fail(err, DSC_E_ARGUMENT, "format",
                        "the delimiter, header or missing setting is none of its values");
    }
    for (size_t i = 0; i < format->n_choices; i++) {
        if ((unsigned)format->choices[i].kind > DSC_COLUMN_DETECT) {
            return dsc_fail(err, DSC_E_ARGUMENT, "format",
                            "the kind of column \"%s\" is none of its values",
                            format->choices[i].column);
        }
    }
    if (path != NULL && format->labels_path != NULL && strcmp(path, "-") == 0 &&
        strcmp(format->labels_path, "-") == 0) {
        return dsc_fail(err, DSC_E_ARGUMENT, "format",
                        "rows and labels cannot both come from standard input");
    }
    return DSC_OK;
}

/* --- one file ------------------------------------------------------------------------------ */

static dsc_status open_source(dsc_input **input, const dsc_table_source *source, dsc_error *err) {
    return source->path != NULL
               ? dsc_input_open(input, source->path, err)
               : dsc_input_open_memory(input, source->bytes, source->length, source->name, err);
}

typedef dsc_status (*form_reader)(dsc_table *table, dsc_input *input, dsc_table_job *job,
                                  dsc_error *err);

/* By the first bytes: no text begins with two zero bytes or with NPY's magic. */
static form_reader choose_reader(const char *bytes, size_t n, dsc_table_report *report) {
    if (n >= 2 && bytes[0] == 0 && bytes[1] == 0) {
        report->form = "IDX";
        return dsc_table_read_idx;
    }
    if (n >= strlen(NPY_MAGIC) && memcmp(bytes, NPY_MAGIC, strlen(NPY_MAGIC)) == 0) {
        report->form = "NPY";
        return dsc_table_read_npy;
    }
    report->form = "text";
    return dsc_table_read_text;
}

/* Reads a table of one file. */
static dsc_status read_file(dsc_table **out, const dsc_table_source *source, dsc_table_job *job,
                            dsc_error *err) {
    *out = NULL;
    dsc_input *input = NULL;
    dsc_status status = open_source(&input, source, err);
    if (status != DSC_OK) {
        return status;
    }
    dsc_table *table = calloc(1, sizeof *table);
    if (table != NULL) {
        table->name = dsc_copy_text(dsc_input_name(input));
    }
    if (table == NULL || table->name == NULL) {
        status = dsc_fail_memory(err, "a table");
        goto done;
    }
    char first[DSC_LOOK_BYTES];
    size_t n;
    status = dsc_input_look(input, first, sizeof first, &n, err);
    if (status != DSC_OK) {
        goto done;
    }
    job->report->compression = dsc_input_compression(input);
    job->report->delimiter = "none";
    form_reader reader = choose_reader(first, n, job->report);
    status = reader(table, input, job, err);
    input = NULL;
    if (status == DSC_OK) {
        status = dsc_table_finish(table, job, err);
    }
done:
    dsc_input_close(input);
    if (status != DSC_OK) {
        dsc_table_destroy(table);
        return status;
    }
    *out = table;
    return DSC_OK;
}

/* The only column of a file of labels, whatever kind it turns out to be. */
static dsc_status read_labels(dsc_table **out, const dsc_table_format *format, dsc_error *err) {
    static const dsc_column_choice any_kind = {"1", DSC_COLUMN_DETECT};
    dsc_table_format own = {.missing = format->missing,
                            .missing_words = format->missing_words,
                            .n_missing_words = format->n_missing_words,
                            .choices = &any_kind,
                            .n_choices = 1};
    dsc_table_source source = {.path = format->labels_path};
    dsc_table_report report = {0};
    dsc_table_job job = {&own, {apply_choices, &own}, NULL, &report};
    dsc_status status = read_file(out, &source, &job, err);
    if (status == DSC_OK && (*out)->n_columns != 1) {
        status =
            dsc_fail(err, DSC_E_DATA, (*out)->name,
                     "found %zu columns, expected one: a label for each row", (*out)->n_columns);
        dsc_table_destroy(*out);
        *out = NULL;
    }
    return status;
}

dsc_status dsc_table_read_by_rule(dsc_table **out, const dsc_table_source *source,
                                  const dsc_table_format *format, dsc_kind_rule rule,
                                  dsc_table_report *report, dsc_error *err) {
    *out = NULL;
    dsc_status status = check_format(format, source->path, err);
    if (status != DSC_OK) {
        return status;
    }
    dsc_table *label = NULL;
    if (format->labels_path != NULL) {
        status = read_labels(&label, format, err);
        if (status != DSC_OK) {
            return status;
        }
    }
    dsc_table_report found = {0};
    dsc_table_job job = {format, rule, label, &found};
    status = read_file(out, source, &job, err);
    if (status == DSC_OK && report != NULL) {
        *report = found;
    }
    dsc_table_destroy(label);
    return status;
}

static const dsc_table_format all_detected = {0};

dsc_status dsc_table_read(dsc_table **out, const char *path, const dsc_table_format *format,
                          dsc_table_report *report, dsc_error *err) {
    const dsc_table_source source = {.path = path};
    format = format != NULL ? format : &all_detected;
    return dsc_table_read_by_rule(out, &source, format, (dsc_kind_rule){apply_choices, format},
                                  report, err);
}

dsc_status dsc_table_read_memory(dsc_table **out, const void *bytes, size_t length,
                                 const char *name, const dsc_table_format *format,
                                 dsc_table_report *report, dsc_error *err) {
    const dsc_table_source source = {NULL, bytes, length, name};
    format = format != NULL ? format : &all_detected;
    return dsc_table_read_by_rule(out, &source, format, (dsc_kind_rule){apply_choices, format},
                                  report, err);
}
