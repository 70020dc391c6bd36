/* Sample: the first lines of a text and what their fields are called. */
#include "text/sample.h"

#include <stdbool.h>
#include <string.h>

/* From the rarest inside ids and titles to the most common. */
const dsc_delimiter dsc_delimiters[DSC_N_DELIMITERS] = {
    DSC_DELIMITER_TAB,   DSC_DELIMITER_DOUBLE_COLON, DSC_DELIMITER_SEMICOLON,
    DSC_DELIMITER_COMMA, DSC_DELIMITER_PIPE,         DSC_DELIMITER_BLANK};

void dsc_sample_take(dsc_sample *sample, const dsc_lines *lines) {
    size_t n_left;
    bool is_all;
    /* Splitting never writes; only dsc_field_unescape does, which nobody applies to a sample. */
    char *p = (char *)(uintptr_t)dsc_lines_peek(lines, &n_left, &is_all);
    sample->n = 0;
    for (uint64_t number = lines->n_lines + 1; n_left > 0 && sample->n < DSC_SAMPLE_LINES;
         number++) {
        const char *newline = memchr(p, '\n', n_left);
        if (newline == NULL && !is_all && sample->n > 0) {
            return;
        }
        size_t length = newline != NULL ? (size_t)(newline - p) : n_left;
        size_t n_taken = newline != NULL ? length + 1 : length;
        if (length > 0 && p[length - 1] == '\r') {
            length--;
        }
        if (!dsc_is_blank_line(p, length)) {
            sample->line[sample->n++] = (dsc_sample_line){p, length, number};
        }
        p += n_taken;
        n_left -= n_taken;
    }
}

size_t dsc_sample_agreement(const dsc_sample *sample, dsc_splitter splitter, size_t min_fields) {
    size_t n_fields[DSC_SAMPLE_LINES];
    size_t best = 0;
    for (size_t i = 0; i < sample->n; i++) {
        n_fields[i] = dsc_fields_count(splitter, sample->line[i].bytes, sample->line[i].length);
        size_t n_equal = 0;
        for (size_t j = 0; j <= i; j++) {
            n_equal += n_fields[j] == n_fields[i];
        }
        if (n_fields[i] >= min_fields && n_equal > best) {
            best = n_equal;
        }
    }
    return best;
}

size_t dsc_sample_n_columns(const dsc_sample *sample, dsc_splitter splitter, size_t first) {
    size_t n_fields[DSC_SAMPLE_LINES];
    size_t most = 0;
    size_t n_columns = 0;
    for (size_t i = first; i < sample->n; i++) {
        n_fields[i] = dsc_fields_count(splitter, sample->line[i].bytes, sample->line[i].length);
    }
    for (size_t i = first; i < sample->n; i++) {
        size_t n_equal = 0;
        for (size_t j = first; j < sample->n; j++) {
            n_equal += n_fields[j] == n_fields[i];
        }
        bool is_better = n_equal > most || (n_equal == most && n_fields[i] < n_columns);
        if (n_fields[i] > 0 && is_better) {
            most = n_equal;
            n_columns = n_fields[i];
        }
    }
    return n_columns;
}
