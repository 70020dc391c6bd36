/* Table form: tries every delimiter on the first lines and keeps the one that explains most.
 *
 * A delimiter explains a line when the line has as many fields as most others, and explains a field
 * when the field is a number. */
#include "table/table_form.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/error.h"
#include "base/memory.h"
#include "text/number.h"

typedef struct fields {
    dsc_field field[DSC_SAMPLE_FIELDS];
    size_t n;
} fields;

static void split_line(fields *out, const dsc_sample *sample, size_t line, dsc_splitter splitter) {
    dsc_text_fault fault;
    out->n = dsc_fields_split(splitter, sample->line[line].bytes, sample->line[line].length,
                              out->field, DSC_SAMPLE_FIELDS, &fault);
}

bool dsc_is_number_like(const dsc_field *field) {
    double ignored;
    switch (dsc_number_double(field->bytes, field->length, &ignored)) {
    case DSC_NUMBER_OK:
    case DSC_NUMBER_DECIMAL_COMMA:
    case DSC_NUMBER_NOT_FINITE:
    case DSC_NUMBER_HEXADECIMAL:
    case DSC_NUMBER_TOO_LARGE:
        return true;
    case DSC_NUMBER_EMPTY:
    case DSC_NUMBER_NOT_A_NUMBER:
    case DSC_NUMBER_TOO_LONG:
        break;
    }
    return false;
}

bool dsc_is_missing(const dsc_table_format *format, const dsc_field *field) {
    static const char *const usual_words[] = {"NA", "N/A", "NaN", "null", "?"};
    bool is_usual = format->missing_words == NULL;
    const char *const *words = is_usual ? usual_words : format->missing_words;
    size_t n_words =
        is_usual ? sizeof usual_words / sizeof usual_words[0] : format->n_missing_words;
    bool is_missing = field->length == 0;
    for (size_t i = 0; i < n_words && !is_missing; i++) {
        is_missing = field->length == strlen(words[i]) &&
                     strncasecmp(field->bytes, words[i], field->length) == 0;
    }
    return is_missing;
}

/* How well a delimiter explains the sample: the share of the lines that agree on a number of
 * fields, and the share of the fields that are numbers. 0: it divides nothing. */
static double score(const dsc_sample *sample, dsc_splitter splitter) {
    size_t n_agree = dsc_sample_agreement(sample, splitter, 2);
    size_t n_fields = 0;
    size_t n_numbers = 0;
    for (size_t i = 0; i < sample->n; i++) {
        fields line;
        split_line(&line, sample, i, splitter);
        for (size_t c = 0; c < line.n; c++) {
            n_numbers += dsc_is_number_like(&line.field[c]);
        }
        n_fields += line.n;
    }
    if (n_agree == 0 || n_fields == 0) {
        return 0;
    }
    return (double)n_agree / (double)sample->n + (double)n_numbers / (double)n_fields;
}

static dsc_delimiter detect_delimiter(const dsc_sample *sample) {
    dsc_delimiter best = DSC_DELIMITER_COMMA;
    double best_score = 0;
    for (size_t i = 0; i < DSC_N_DELIMITERS; i++) {
        double s = score(sample, (dsc_splitter){dsc_delimiters[i], true});
        if (s > best_score) {
            best = dsc_delimiters[i];
            best_score = s;
        }
    }
    return best;
}

/* A header holds words alone, and one of them above a number; or it stands alone. */
static bool detect_header(const dsc_sample *sample, dsc_splitter splitter,
                          const dsc_table_format *format) {
    fields first;
    split_line(&first, sample, 0, splitter);
    size_t n_words = 0;
    for (size_t c = 0; c < first.n; c++) {
        bool is_missing = dsc_is_missing(format, &first.field[c]);
        if (!is_missing && dsc_is_number_like(&first.field[c])) {
            return false;
        }
        n_words += !is_missing;
    }
    if (sample->n == 1) {
        return n_words > 0;
    }
    for (size_t i = 1; i < sample->n; i++) {
        fields line;
        split_line(&line, sample, i, splitter);
        for (size_t c = 0; c < line.n && c < first.n; c++) {
            if (!dsc_is_missing(format, &first.field[c]) && dsc_is_number_like(&line.field[c])) {
                return true;
            }
        }
    }
    return false;
}

/* Whether a line below the first has n fields: then lines without are the ones in error. */
static bool has_line_of(const dsc_sample *sample, dsc_splitter splitter, size_t n) {
    for (size_t i = 1; i < sample->n; i++) {
        if (dsc_fields_count(splitter, sample->line[i].bytes, sample->line[i].length) == n) {
            return true;
        }
    }
    return false;
}

/* The fault of a header that has one. */
static dsc_status fail_header(const dsc_lines *lines, const dsc_sample_line *header,
                              dsc_splitter splitter, dsc_error *err) {
    size_t max_fields = header->length + 1;
    dsc_field *all = reallocarray(NULL, max_fields, sizeof *all);
    if (all == NULL) {
        return dsc_fail_memory(err, "the fields of a line");
    }
    dsc_text_fault fault;
    dsc_fields_split(splitter, header->bytes, header->length, all, max_fields, &fault);
    free(all);
    return dsc_lines_fail(lines, header->number, fault.column, err, "%s", fault.message);
}

dsc_status dsc_table_form_detect(dsc_table_form *out, const dsc_table_format *format,
                                 const dsc_sample *sample, const dsc_lines *lines, dsc_error *err) {
    bool is_known = format->delimiter != DSC_DELIMITER_DETECT;
    *out = (dsc_table_form){
        .splitter = {is_known ? format->delimiter : detect_delimiter(sample), true}};
    if (sample->n == 0) {
        return DSC_OK;
    }
    out->has_header =
        format->header == DSC_HEADER_YES ||
        (format->header == DSC_HEADER_DETECT && detect_header(sample, out->splitter, format));
    out->n_columns = dsc_sample_n_columns(sample, out->splitter, out->has_header);
    if (!out->has_header) {
        return DSC_OK;
    }
    const dsc_sample_line *header = &sample->line[0];
    size_t n_names = dsc_fields_count(out->splitter, header->bytes, header->length);
    if (n_names == 0) {
        return fail_header(lines, header, out->splitter, err);
    }
    size_t n = out->n_columns;
    if (n != 0 && n != n_names && !has_line_of(sample, out->splitter, n_names)) {
        return dsc_lines_fail(lines, header->number, header->length + 1, err,
                              "the header names %zu column%s, expected %zu: the lines below have "
                              "%zu field%s separated by %s",
                              n_names, n_names == 1 ? "" : "s", n, n, n == 1 ? "" : "s",
                              dsc_delimiter_name(out->splitter.delimiter));
    }
    out->n_columns = n_names;
    return DSC_OK;
}
