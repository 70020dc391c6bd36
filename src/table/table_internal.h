/* The inside of a table, for the readers that fill it and the encodings that look into it. */
#ifndef DSC_TABLE_INTERNAL_H
#define DSC_TABLE_INTERNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "descent/table.h"
#include "text/id_map.h"
#include "text/input.h"

/* Elements of a column in memory, in the machine's byte order. */
typedef enum dsc_value_type {
    DSC_VALUE_U8,
    DSC_VALUE_I8,
    DSC_VALUE_U16,
    DSC_VALUE_I16,
    DSC_VALUE_U32,
    DSC_VALUE_I32,
    DSC_VALUE_U64,
    DSC_VALUE_I64,
    DSC_VALUE_F32,
    DSC_VALUE_F64
} dsc_value_type;

typedef struct dsc_column {
    char *name; /* owned */
    dsc_column_kind kind;
    size_t n_missing;
    /* numeric: value of row r at values + r * stride */
    const unsigned char *values; /* into `number` or the table's block */
    size_t stride;               /* bytes */
    dsc_value_type element;
    double *number;     /* (n_rows) owned; NULL: the values are in the block, or not numbers */
    uint32_t *category; /* categorical: (n_rows) owned */
    dsc_id_map *category_map; /* categorical: owned */
} dsc_column;

struct dsc_table {
    char *name; /* owned */
    size_t n_rows;
    size_t n_columns;
    dsc_column *columns; /* (n_columns) owned */
    bool has_names;
    uint64_t *line;    /* (n_rows) owned; NULL: the form has no lines */
    void *block;       /* elements of an IDX or NPY file, owned; NULL: the form is text */
    void *label_block; /* those of a labels file */
    bool has_label;    /* the last column is a label, which was read from another file */
};

/* Decides what the columns are read as: sets the kind, which may be DETECT, of every column of a
 * table that has its columns and their names, but no rows yet. */
typedef struct dsc_kind_rule {
    dsc_status (*apply)(const void *context, dsc_table *table, dsc_error *err);
    const void *context;
} dsc_kind_rule;

/* What the readers of all forms are given. */
typedef struct dsc_table_job {
    const dsc_table_format *format; /* never NULL */
    dsc_kind_rule rule;
    dsc_table *label;         /* NULL, or a table of one column that becomes the label; owned until
                                 dsc_table_make_columns takes its column */
    dsc_table_report *report; /* never NULL */
} dsc_table_job;

/* Opens `path`, or `length` bytes when it is NULL, and reads a table under `rule`. */
typedef struct dsc_table_source {
    const char *path; /* NULL: memory */
    const void *bytes;
    size_t length;
    const char *name; /* of memory */
} dsc_table_source;
dsc_status dsc_table_read_by_rule(dsc_table **out, const dsc_table_source *source,
                                  const dsc_table_format *format, dsc_kind_rule rule,
                                  dsc_table_report *report, dsc_error *err);

/* Readers of one form. Each takes `input` over. */
dsc_status dsc_table_read_text(dsc_table *table, dsc_input *input, dsc_table_job *job,
                               dsc_error *err);
dsc_status dsc_table_read_idx(dsc_table *table, dsc_input *input, dsc_table_job *job,
                              dsc_error *err);
dsc_status dsc_table_read_npy(dsc_table *table, dsc_input *input, dsc_table_job *job,
                              dsc_error *err);

/* Makes `n` columns without values, and one for the label. Names are numbers where names[i] is
 * NULL; `names` NULL: all of them. Names are copied. Returns DSC_OK; DSC_E_MEMORY. */
dsc_status dsc_table_make_columns(dsc_table *table, size_t n, const char *const *names,
                                  dsc_table_job *job, dsc_error *err);

/* Checks the label against the table's rows, gives it the kind that is asked for, and counts.
 * To be called last. Returns DSC_OK; DSC_E_DATA; DSC_E_MEMORY. */
dsc_status dsc_table_finish(dsc_table *table, dsc_table_job *job, dsc_error *err);

/* Gives a column with values the kind that its `kind` asks for. */
dsc_status dsc_table_convert(dsc_table *table, size_t column, dsc_column_kind kind, dsc_error *err);

/* Fills *err with DSC_E_DATA at "name:line", or "name" and the row in the message. */
dsc_status dsc_table_fail_row(const dsc_table *table, size_t row, dsc_error *err,
                              const char *format, ...) DSC_PRINTF(4, 5);

/* A finite number with the fewest digits that read back as the same; returns the length. */
#define DSC_NUMBER_TEXT_BYTES 32
size_t dsc_number_text(double value, char out[DSC_NUMBER_TEXT_BYTES]);

/* A terminated copy, freed with free(); NULL: no memory. */
char *dsc_copy_text(const char *text);

/* What a refusal of a missing value ends with. */
#define DSC_MISSING_ADVICE "; fill missing values, leave the column out, or take the line out"

#endif
