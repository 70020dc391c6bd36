/* Sample: the first lines of a text, from which delimiter, header and columns are told. */
#ifndef DSC_TEXT_SAMPLE_H
#define DSC_TEXT_SAMPLE_H

#include <stddef.h>
#include <stdint.h>

#include "text/fields.h"
#include "text/lines.h"

#define DSC_SAMPLE_LINES  64
#define DSC_SAMPLE_FIELDS 64 /* columns beyond are not looked at */

typedef struct dsc_sample_line {
    char *bytes;
    size_t length;
    uint64_t number; /* from 1 */
} dsc_sample_line;

/* Lines that are not blank, borrowed from the buffer of a dsc_lines. */
typedef struct dsc_sample {
    dsc_sample_line line[DSC_SAMPLE_LINES];
    size_t n;
} dsc_sample;

/* The lines to come; complete ones only, unless the first one is not. */
void dsc_sample_take(dsc_sample *sample, const dsc_lines *lines);

/* The number of lines that have the most common number of fields, where that is at least
 * min_fields; else 0. */
size_t dsc_sample_agreement(const dsc_sample *sample, dsc_splitter splitter, size_t min_fields);

/* The most common number of fields of the lines from `first` on, the smallest of several; 0 when
 * there is no such line without a fault. */
size_t dsc_sample_n_columns(const dsc_sample *sample, dsc_splitter splitter, size_t first);

/* The delimiters to try, the first being preferred when several fit as well. */
#define DSC_N_DELIMITERS 6
extern const dsc_delimiter dsc_delimiters[DSC_N_DELIMITERS];

#endif
