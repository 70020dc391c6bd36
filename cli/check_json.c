/* The report of `descent net check` as one JSON document. */
#include <jansson.h>
#include <stdlib.h>

#include "check_report.h"
#include "options.h"
#include "output.h"

/* 17 significant digits give back the very same double. */
#define FLAGS (JSON_REAL_PRECISION(17) | JSON_INDENT(1))

/* What becomes a cell of a matrix. */
typedef json_t *(*cell_writer)(const cli_check_report *report, const cli_value *value, size_t cell);

static json_t *cell_in_double(const cli_check_report *report, const cli_value *value, size_t cell) {
    (void)report;
    return json_real(value->truth[cell]);
}

/* "49/3"; null for a norm. */
static json_t *cell_in_fractions(const cli_check_report *report, const cli_value *value,
                                 size_t cell) {
    if (!report->shows_fractions || !cli_exact_has(value)) {
        return json_null();
    }
    char *text = cli_exact_text(cli_exact_cells(report->judge->exact, value)[cell]);
    json_t *string = text != NULL ? json_string(text) : NULL;
    free(text);
    return string;
}

/* A list of rows, or the cell alone of a number. NULL: no memory. */
static json_t *matrix_of(const cli_check_report *report, const cli_value *value,
                         cell_writer write) {
    if (value->is_number) {
        return write(report, value, 0);
    }
    json_t *rows = json_array();
    for (size_t i = 0; i < value->n_rows; i++) {
        json_t *row = json_array();
        for (size_t j = 0; j < value->n_cols; j++) {
            if (json_array_append_new(row, write(report, value, i * value->n_cols + j)) != 0) {
                json_decref(row);
                row = NULL;
                break;
            }
        }
        if (json_array_append_new(rows, row) != 0) {
            json_decref(rows);
            return NULL;
        }
    }
    return rows;
}

/* Name, shape, formula, meaning, and with `has_value` the right value. */
static json_t *value_of(const cli_check_report *report, const cli_value *value, bool has_value) {
    json_t *object =
        json_pack("{s:s, s:s, s:s, s:b, s:I, s:I}", "name", value->name, "formula", value->formula,
                  "meaning", value->meaning, "is_number", (int)value->is_number, "rows",
                  (json_int_t)value->n_rows, "columns", (json_int_t)value->n_cols);
    if (has_value &&
        json_object_set_new(object, "value", matrix_of(report, value, cell_in_double)) != 0) {
        json_decref(object);
        return NULL;
    }
    if (has_value && report->shows_fractions &&
        json_object_set_new(object, "exact", matrix_of(report, value, cell_in_fractions)) != 0) {
        json_decref(object);
        return NULL;
    }
    return object;
}

static json_t *cells_of(const cli_check_report *report, const cli_answer *answer,
                        const cli_finding *finding) {
    const cli_value *value = &report->values->items[answer->value];
    json_t *cells = json_array();
    for (size_t i = 0; i < cli_value_size(value); i++) {
        const size_t row = i / value->n_cols + 1, column = i % value->n_cols + 1;
        if (finding->is_wrong[i]) {
            json_array_append_new(cells,
                                  json_pack("{s:I, s:I, s:s, s:o, s:o}", "row", (json_int_t)row,
                                            "column", (json_int_t)column, "found", answer->texts[i],
                                            "right", cell_in_double(report, value, i), "exact",
                                            cell_in_fractions(report, value, i)));
        }
    }
    return cells;
}

static json_t *causes_of(const cli_check_report *report, const cli_finding *finding) {
    json_t *causes = json_array();
    for (size_t i = 0; i < finding->n_causes; i++) {
        const cli_cause *cause = &finding->causes[i];
        json_array_append_new(causes, json_pack("{s:s, s:s, s:s}", "mistake", cause->id, "at",
                                                report->values->items[cause->at].name, "text",
                                                cause->text));
    }
    return causes;
}

static json_t *sources_of(const cli_check_report *report, const cli_finding *finding) {
    json_t *sources = json_array();
    for (size_t i = 0; i < finding->n_sources; i++) {
        json_array_append_new(sources,
                              json_string(report->values->items[finding->sources[i]].name));
    }
    return sources;
}

static json_t *answer_of(const cli_check_report *report, size_t i) {
    static const char *const verdicts[] = {
        [CLI_RIGHT] = "right", [CLI_WRONG] = "wrong", [CLI_FOLLOWS] = "follows"};
    const cli_answer *answer = &report->answers->items[i];
    const cli_finding *finding = &report->findings[i];
    json_t *object = value_of(report, &report->values->items[answer->value], true);
    json_t *verdict =
        json_pack("{s:s, s:b, s:o, s:o, s:b, s:o}", "verdict", verdicts[finding->verdict],
                  "is_coarse", (int)(finding->coarse != CLI_NO_VALUE), "wrong_cells",
                  cells_of(report, answer, finding), "given_your", sources_of(report, finding),
                  "is_rounding", (int)(finding->n_sources > 0 && finding->is_rounding), "causes",
                  causes_of(report, finding));
    if (json_object_update(object, verdict) != 0) {
        json_decref(object);
        object = NULL;
    }
    json_decref(verdict);
    return object;
}

static json_t *document_of(const cli_check_report *report) {
    json_t *values = json_array();
    const bool is_list = report->answers->n == 0;
    for (size_t i = 0; is_list && i < report->values->n; i++) {
        if (report->values->items[i].kind != CLI_V_GIVEN) {
            json_array_append_new(
                values, value_of(report, &report->values->items[i], report->shows_fractions));
        }
    }
    for (size_t i = 0; i < report->answers->n; i++) {
        json_array_append_new(values, answer_of(report, i));
    }
    json_t *tolerance = report->judge->has_tolerance
                            ? json_real(cli_exact_double(report->judge->tolerance))
                            : json_null();
    return json_pack(
        "{s:s?, s:b, s:o, s:o, s:I, s:I, s:I, s:o}", "description",
        report->values->file->description, "is_exact", (int)(report->judge->exact != NULL),
        "obstacle", report->obstacle[0] != '\0' ? json_string(report->obstacle) : json_null(),
        "tolerance", tolerance, "right", (json_int_t)cli_check_count(report, CLI_RIGHT), "wrong",
        (json_int_t)cli_check_count(report, CLI_WRONG), "follows",
        (json_int_t)cli_check_count(report, CLI_FOLLOWS), "values", values);
}

int cli_check_json(const cli_check_report *report) {
    json_t *document = document_of(report);
    if (document == NULL) {
        return cli_no_memory();
    }
    const bool is_written = json_dumpf(document, stdout, FLAGS) == 0;
    json_decref(document);
    putchar('\n');
    return is_written || cli_stdout_failed() ? CLI_DONE : cli_no_memory();
}
