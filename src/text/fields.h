/* Fields: splits one line at its delimiters, with quotes and blanks around fields taken off.
 *
 * A field in quotes may hold the delimiter, and a quote written twice. */
#ifndef DSC_TEXT_FIELDS_H
#define DSC_TEXT_FIELDS_H

#include <stdbool.h>
#include <stddef.h>

#include "descent/delimited.h"
#include "text/lines.h"

typedef struct dsc_field {
    char *bytes;
    size_t length;
    bool has_escapes; /* holds "" for ", until dsc_field_unescape */
} dsc_field;

typedef struct dsc_splitter {
    dsc_delimiter delimiter; /* not DSC_DELIMITER_DETECT */
    bool has_quotes;         /* false: a quote is a character like any other */
} dsc_splitter;

/* Splits bytes[0 .. length), behind which DSC_LINE_SLACK bytes must be readable, into at most
 * `max_fields` fields; what follows is not looked at.
 *   fault  [out]  message NULL, or a quote that does not close, or text behind a closing quote
 * Returns the number of fields found; those before a fault are good. */
size_t dsc_fields_split(dsc_splitter splitter, char *bytes, size_t length, dsc_field *fields,
                        size_t max_fields, dsc_text_fault *fault);

/* Behind the last byte of a line that its fields reach to: blanks at its end delimit nothing. */
char *dsc_fields_end(dsc_splitter splitter, char *bytes, size_t length);

/* The next field of a line that may have any number of them.
 *   at     [in,out]  where it begins, at first the line's first byte; then where the next one does,
 *                    NULL when it was the last one or at a fault
 *   end    [in]      dsc_fields_end of the line
 *   fault  [out]     as above, but with columns counted from *at
 * Returns false at a fault, *field is then undefined. */
bool dsc_fields_next(dsc_splitter splitter, char **at, char *end, dsc_field *field,
                     dsc_text_fault *fault);

/* The number of fields of a whole line; 0 when it has a fault. */
size_t dsc_fields_count(dsc_splitter splitter, char *bytes, size_t length);

/* The error of a line with more fields than the n_expected of other lines: a delimiter inside an id
 * or a title, if nothing says that it is one, shifts or cuts what follows.
 *   surplus  [in]  the first field too many
 *   advice   [in]  what to do if the line is right, to follow "; "; "" for none
 * Returns DSC_E_DATA. */
#define dsc_fail_surplus(...) (dsc_surplus_error_set(__VA_ARGS__), (dsc_status)DSC_E_DATA)
void dsc_surplus_error_set(const dsc_lines *lines, const dsc_line *line, dsc_splitter splitter,
                           size_t n_expected, const dsc_field *surplus, const char *advice,
                           dsc_error *err);

/* Makes "" one quote, in place. */
void dsc_field_unescape(dsc_field *field);

/* True for a line with nothing but blanks and tabs. */
bool dsc_is_blank_line(const char *bytes, size_t length);

/* The first byte of a delimiter; a blank for DSC_DELIMITER_BLANK. */
char dsc_delimiter_byte(dsc_delimiter delimiter);

/* "comma", "tab", "\"::\"", "blank", "semicolon", "pipe"; static. */
const char *dsc_delimiter_name(dsc_delimiter delimiter);

#endif
