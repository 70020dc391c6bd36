/* Columns of a text: their names from the header, and what the first lines say about their kind. */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "table/text_reader.h"

typedef struct named {
    const char *name;
    size_t column;
} named;

static int compare_named(const void *a, const void *b) {
    const named *x = a;
    const named *y = b;
    int order = strcmp(x->name, y->name);
    return order != 0 ? order : (x->column > y->column) - (x->column < y->column);
}

static dsc_status check_distinct(const dsc_text_reader *r, const dsc_sample_line *header,
                                 dsc_error *err) {
    size_t n = r->form.n_columns;
    named *sorted = reallocarray(NULL, n, sizeof *sorted);
    if (sorted == NULL) {
        return dsc_fail_memory(err, "the names of columns");
    }
    for (size_t c = 0; c < n; c++) {
        sorted[c] = (named){r->table->columns[c].name, c};
    }
    qsort(sorted, n, sizeof *sorted, compare_named);
    dsc_status status = DSC_OK;
    for (size_t i = 1; i < n && status == DSC_OK; i++) {
        size_t c = sorted[i].column;
        if (strcmp(sorted[i - 1].name, sorted[i].name) == 0) {
            status = dsc_lines_fail(
                &r->lines, header->number, (size_t)(r->fields[c].bytes - header->bytes) + 1, err,
                "columns %zu and %zu are both named \"%s\"; expected names that differ",
                sorted[i - 1].column + 1, c + 1,
                dsc_show(sorted[i].name, strlen(sorted[i].name)).text);
        }
    }
    free(sorted);
    return status;
}

/* A terminated copy of a field, unescaped; "" stays NULL, as a name that lacks. */
static dsc_status copy_name(char **out, const dsc_field *field, dsc_error *err) {
    *out = NULL;
    if (field->length == 0) {
        return DSC_OK;
    }
    *out = malloc(field->length + 1);
    if (*out == NULL) {
        return dsc_fail_memory(err, "the names of columns");
    }
    memcpy(*out, field->bytes, field->length);
    dsc_field copy = {*out, field->length, field->has_escapes};
    if (copy.has_escapes) {
        dsc_field_unescape(&copy);
    }
    (*out)[copy.length] = '\0';
    return DSC_OK;
}

dsc_status dsc_text_name_columns(dsc_text_reader *r, const dsc_sample *sample, dsc_error *err) {
    size_t n = r->form.n_columns;
    if (!r->form.has_header) {
        return dsc_table_make_columns(r->table, n, NULL, r->job, err);
    }
    dsc_text_fault fault;
    const dsc_sample_line *header = &sample->line[0];
    dsc_fields_split(r->form.splitter, header->bytes, header->length, r->fields, n, &fault);
    char **names = calloc(n, sizeof *names);
    if (names == NULL) {
        return dsc_fail_memory(err, "the names of columns");
    }
    dsc_status status = DSC_OK;
    for (size_t c = 0; c < n && status == DSC_OK; c++) {
        status = copy_name(&names[c], &r->fields[c], err);
    }
    if (status == DSC_OK) {
        status = dsc_table_make_columns(r->table, n, (const char *const *)names, r->job, err);
    }
    if (status == DSC_OK) {
        r->table->has_names = true;
        status = check_distinct(r, header, err);
    }
    for (size_t c = 0; c < n; c++) {
        free(names[c]);
    }
    free(names);
    return status;
}

void dsc_text_detect_kinds(dsc_text_reader *r, const dsc_sample *sample) {
    size_t n = r->form.n_columns;
    for (size_t c = 0; c < n; c++) {
        if (r->table->columns[c].kind != DSC_COLUMN_DETECT) {
            continue;
        }
        size_t n_numbers = 0;
        size_t n_words = 0;
        for (size_t i = r->form.has_header; i < sample->n; i++) {
            dsc_text_fault fault;
            size_t n_found = dsc_fields_split(r->form.splitter, sample->line[i].bytes,
                                              sample->line[i].length, r->fields, n, &fault);
            if (c < n_found && !dsc_is_missing(r->job->format, &r->fields[c])) {
                bool is_number = dsc_is_number_like(&r->fields[c]);
                n_numbers += is_number;
                n_words += !is_number;
            }
        }
        r->table->columns[c].kind =
            n_numbers == 0 && n_words > 0 ? DSC_COLUMN_CATEGORICAL : DSC_COLUMN_NUMERIC;
    }
}
