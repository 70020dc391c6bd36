/* Tables: plain data with named columns, read from text, IDX or NPY.
 *
 * A dsc_table is read once and const from then on, so that threads may share it freely. Rows and
 * columns are counted from 0 in this interface, and from 1 in messages and in what people type.
 * What becomes of a table before a network sees it is in descent/encoding.h. */
#ifndef DESCENT_TABLE_H
#define DESCENT_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "descent/delimited.h"
#include "descent/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The most rows of a table: DSC_NO_INDEX stays free. */
#define DSC_MAX_TABLE_ROWS ((size_t)UINT32_MAX - 1)

/* --- reading ------------------------------------------------------------------------------- */

/* What the values of a column are. */
typedef enum dsc_column_kind {
    DSC_COLUMN_NUMERIC = 0,     /* finite numbers, double */
    DSC_COLUMN_CATEGORICAL = 1, /* strings, each a dense category index in order of appearance */
    DSC_COLUMN_IGNORED = 2,     /* counted and named, but not read and not checked */
    DSC_COLUMN_DETECT = 3       /* only asked for: categorical when none of the first 64 lines has a
                                   number (or what was meant for one) there, else numeric */
} dsc_column_kind;

/* What a column is to be read as. */
typedef struct dsc_column_choice {
    const char *column; /* a name, or a number from 1, or from -1 at the end; see dsc_table_find */
    dsc_column_kind kind; /* any */
} dsc_column_choice;

/* What to do at a missing value. */
typedef enum dsc_missing {
    DSC_MISSING_REFUSE = 0, /* a missing value is an error */
    DSC_MISSING_KEEP = 1    /* it is kept as missing, for an encoding to fill */
} dsc_missing;

/* All zero is the default: everything detected, every column numeric, no value may be missing. */
typedef struct dsc_table_format {
    dsc_delimiter delimiter; /* of text; not looked at for IDX and NPY, nor is `header` */
    dsc_header header;       /* of text */
    dsc_missing missing;     /* in columns that are not ignored */
    /* What stands for a missing value in text besides an empty field, compared without regard to
     * case; NULL: "NA", "N/A", "NaN", "null", "?". */
    const char *const *missing_words;
    size_t n_missing_words; /* not looked at where missing_words is NULL */
    /* (n_choices) columns that are not numeric; two for one column must agree, but that
     * DSC_COLUMN_DETECT yields to any other. */
    const dsc_column_choice *choices;
    size_t n_choices; /* 0: none */
    /* NULL, or a second file (IDX, NPY or text) with one column and as many rows, which becomes
     * the last column, named "label". */
    const char *labels_path;
} dsc_table_format;

/* What was found while reading. */
typedef struct dsc_table_report {
    const char *form;        /* "text", "IDX", "NPY"; static */
    const char *compression; /* "none", "gzip", "zstd"; static */
    const char *delimiter;   /* "comma", "tab", ...; "none" where the form is not text; static */
    bool has_header;         /* as found or as set */
    size_t n_columns;        /* with ignored ones and the label */
    size_t n_ignored;        /* columns */
    uint64_t n_lines;        /* of text, header and empty ones too; 0: the form is not text */
    uint64_t n_empty;        /* lines with nothing but blanks, which are passed over */
    uint64_t n_missing;      /* values, in columns that are not ignored */
    uint64_t n_bytes;        /* after decompression */
} dsc_table_report;

/* Columns of numbers and of categories; const after reading, so that threads may share it. */
typedef struct dsc_table dsc_table;

/* Reads a table; its form is told by the first bytes.
 *   Text: one row a line, LF or CR LF, delimiters and quotes as in ratings files. The first line
 *     is taken for a header when it holds no number while a column below it does, or when it
 *     stands alone. Columns without a header, or without a name in it, are called by their number
 *     from 1.
 *   IDX (the format of MNIST): any element type; all dimensions but the first are flattened to
 *     columns, the last dimension changing fastest.
 *   NPY: versions 1 to 3, elements f4, f8, i1 to i8, u1 to u8 and b1 of either byte order, C or
 *     Fortran order; one dimension is one column, more than two (C order only) are flattened as for
 *     IDX. NaN is a missing value. 64-bit integers beyond 2^53 are rounded to double.
 *   path    [in]   a file, plain, gzip or zstd (told by its first bytes); "-" is standard input
 *   format  [in]   NULL: the default
 *   report  [out]  NULL allowed; written on success only
 *   out     [out]  freed with dsc_table_destroy; NULL after a failure
 * Returns DSC_OK; DSC_E_DATA with err->where "path:line:column" (both from 1, column in bytes) for
 * text and the path for the other forms; DSC_E_IO; DSC_E_ARGUMENT a format that contradicts itself
 * or names a column that is not there; DSC_E_MEMORY.
 * Errors of data: no rows (an empty file, a header alone), a row with more or fewer fields than
 * others, text or a number that is not finite in a numeric column, a missing value where they are
 * refused, two columns of one name, a quote that does not close on its line, a zero byte, UTF-16, a
 * line longer than 1 MiB; a file that is shorter or longer than its header says, an unknown element
 * type, a shape without elements or too large; labels that are not one column or not as many. */
dsc_status dsc_table_read(dsc_table **out, const char *path, const dsc_table_format *format,
                          dsc_table_report *report, dsc_error *err);

/* The same from `length` bytes in memory, uncompressed, borrowed; `name` stands in messages. */
dsc_status dsc_table_read_memory(dsc_table **out, const void *bytes, size_t length,
                                 const char *name, const dsc_table_format *format,
                                 dsc_table_report *report, dsc_error *err);

void dsc_table_destroy(dsc_table *table); /* NULL is allowed */

/* --- looking ------------------------------------------------------------------------------- */

/* The shape. */
size_t dsc_table_n_rows(const dsc_table *table);    /* at least 1 */
size_t dsc_table_n_columns(const dsc_table *table); /* at least 1 */

/* The file's name as messages have it; owned by the table. */
const char *dsc_table_name(const dsc_table *table);

/* True when the names of the columns come from a header. */
bool dsc_table_has_names(const dsc_table *table);

/* The column's name, terminated, distinct from all others; owned by the table. */
const char *dsc_table_column_name(const dsc_table *table, size_t column);

/* Never DSC_COLUMN_DETECT. */
dsc_column_kind dsc_table_column_kind(const dsc_table *table, size_t column);

/* Missing values of a column; 0 of an ignored one. */
size_t dsc_table_n_missing(const dsc_table *table, size_t column);

/* A value of a numeric column; NaN where it is missing. Row and column are not checked. */
double dsc_table_number(const dsc_table *table, size_t row, size_t column);

/* A value of a categorical column as an index below dsc_table_n_categories; DSC_NO_INDEX where it
 * is missing. */
uint32_t dsc_table_category(const dsc_table *table, size_t row, size_t column);

/* Categories of a categorical column, 0 for other kinds; and one's text, owned by the table. */
size_t dsc_table_n_categories(const dsc_table *table, size_t column);
dsc_id dsc_table_category_text(const dsc_table *table, size_t column, uint32_t category);

/* The line that a row of text stands on, from 1; 0: the form is not text. */
uint64_t dsc_table_line(const dsc_table *table, size_t row);

/* The column that `selector` means: the one of this name, or else a number from 1, or from -1 at
 * the end backwards.
 * Returns DSC_OK; DSC_E_ARGUMENT naming the columns that there are; *out is untouched then. */
dsc_status dsc_table_find(const dsc_table *table, const char *selector, size_t *out,
                          dsc_error *err);

/* Numbers the distinct values of a column 0 .. *n - 1, for dsc_split_*: strata.
 *   out  [out]  (n_rows); numeric values are numbered in ascending order; missing values are one
 *               stratum more, the last
 * Returns DSC_OK; DSC_E_ARGUMENT an ignored column; DSC_E_MEMORY. */
dsc_status dsc_table_strata(const dsc_table *table, size_t column, uint32_t *out, size_t *n,
                            dsc_error *err);

#ifdef __cplusplus
}
#endif
#endif
