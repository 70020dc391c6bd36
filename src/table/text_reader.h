/* Text reader: what is known while rows of text are read. */
#ifndef DSC_TABLE_TEXT_READER_H
#define DSC_TABLE_TEXT_READER_H

#include <stddef.h>
#include <stdint.h>

#include "table/table_form.h"
#include "table/table_internal.h"
#include "text/fields.h"
#include "text/lines.h"
#include "text/sample.h"

typedef struct dsc_text_reader {
    dsc_table *table;
    dsc_table_job *job;
    dsc_lines lines;
    dsc_table_form form;
    dsc_field *fields;   /* (form.n_columns + 1) of one line */
    size_t capacity;     /* rows that every column has room for */
    uint64_t first_line; /* the first that is not blank; 0: not read yet */
} dsc_text_reader;

/* Makes the table's columns, named by the header where there is one. Uses r->fields.
 * Returns DSC_OK; DSC_E_DATA two columns of one name; DSC_E_MEMORY. */
dsc_status dsc_text_name_columns(dsc_text_reader *r, const dsc_sample *sample, dsc_error *err);

/* DETECT becomes categorical where the sample has values but no number. Uses r->fields. */
void dsc_text_detect_kinds(dsc_text_reader *r, const dsc_sample *sample);

#endif
