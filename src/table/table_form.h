/* Table form: which delimiter, header and number of columns a text of rows has. */
#ifndef DSC_TABLE_FORM_H
#define DSC_TABLE_FORM_H

#include <stdbool.h>
#include <stddef.h>

#include "descent/table.h"
#include "text/fields.h"
#include "text/lines.h"
#include "text/sample.h"

typedef struct dsc_table_form {
    dsc_splitter splitter;
    bool has_header;
    size_t n_columns; /* 0: there is no line without a fault */
} dsc_table_form;

/* Tells the form from the first lines.
 * Returns DSC_OK; DSC_E_DATA a header that names more or fewer columns than the lines below have.
 */
dsc_status dsc_table_form_detect(dsc_table_form *out, const dsc_table_format *format,
                                 const dsc_sample *sample, const dsc_lines *lines, dsc_error *err);

/* True for what stands for a missing value. */
bool dsc_is_missing(const dsc_table_format *format, const dsc_field *field);

/* A number, or what was meant for one: "4,5", "inf", "0x10", "1e999". */
bool dsc_is_number_like(const dsc_field *field);

#endif
