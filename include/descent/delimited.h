/* Delimited text: what separates its fields, and the strings in them.
 *
 * Shared by the headers that read such text, descent/ratings.h, descent/pairs.h and
 * descent/table.h. */
#ifndef DESCENT_DELIMITED_H
#define DESCENT_DELIMITED_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* "There is no such index": of a user, an item, a category. */
#define DSC_NO_INDEX UINT32_MAX

/* A string of any bytes with its length; not terminated. Borrowed from whoever hands it out. */
typedef struct dsc_id {
    const char *bytes; /* (length) */
    size_t length;     /* in bytes */
} dsc_id;

/* What separates the fields of a line. */
typedef enum dsc_delimiter {
    DSC_DELIMITER_DETECT = 0,
    DSC_DELIMITER_COMMA = 1,
    DSC_DELIMITER_TAB = 2,
    DSC_DELIMITER_DOUBLE_COLON = 3, /* "::" */
    DSC_DELIMITER_BLANK = 4,        /* one or more blanks or tabs */
    DSC_DELIMITER_SEMICOLON = 5,
    DSC_DELIMITER_PIPE = 6 /* "|" */
} dsc_delimiter;

/* Whether the first line names the columns. */
typedef enum dsc_header { DSC_HEADER_DETECT = 0, DSC_HEADER_YES = 1, DSC_HEADER_NO = 2 } dsc_header;

#ifdef __cplusplus
}
#endif
#endif
