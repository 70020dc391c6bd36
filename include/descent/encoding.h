/* Encodings: how the rows of a table become the numbers that a network takes and gives.
 *
 * An encoding is fitted on the training rows alone and then applied to any table with the same
 * columns, so that nothing of other rows flows into what the network sees. It is const once it is
 * made, and may be shared by any number of threads.
 *
 * A numeric feature is one input: (x - shift) / scale. A categorical feature of k categories is k
 * inputs, 1 for the row's category and 0 for the others; they are not scaled. The target of a
 * regression is one output, always standardised; that of a classification is one output a class,
 * 1 for the row's class and 0 for the others. */
#ifndef DESCENT_ENCODING_H
#define DESCENT_ENCODING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "descent/matrix.h"
#include "descent/status.h"
#include "descent/table.h"

#ifdef __cplusplus
extern "C" {
#endif

/* How rows of a table become inputs and targets of a network; const after fitting. */
typedef struct dsc_encoding dsc_encoding;

/* --- fitting ------------------------------------------------------------------------------- */

/* What the target is for. */
typedef enum dsc_task {
    DSC_TASK_DETECT = 0, /* only asked for: by the kind of the target column */
    DSC_TASK_REGRESSION = 1,
    DSC_TASK_CLASSIFICATION = 2
} dsc_task;

/* What stands in for a missing value of a feature. */
typedef enum dsc_fill {
    DSC_FILL_REFUSE = 0,   /* a missing value is an error */
    DSC_FILL_CONSTANT = 1, /* fill_value, fill_category */
    DSC_FILL_MEAN = 2,     /* of the training rows; of categories the most frequent */
    DSC_FILL_MEDIAN = 3,   /* likewise; of an even number of values the mean of the middle two */
    DSC_FILL_MOST_FREQUENT =
        4 /* the smallest of several numbers, the first by bytes of categories */
} dsc_fill;

/* What becomes of a category that was not there in training. */
typedef enum dsc_unseen {
    DSC_UNSEEN_REFUSE = 0, /* a category that no training row has is an error */
    DSC_UNSEEN_ZEROS =
        1 /* all inputs of the feature are 0; a missing one that nothing fills, too */
} dsc_unseen;

/* How a number becomes an input: (number - shift) / scale. */
typedef enum dsc_scaling {
    DSC_SCALING_STANDARD = 0, /* shift: the mean, scale: the standard deviation, of training rows */
    DSC_SCALING_RANGE = 1,    /* shift: the smallest value, scale: largest - smallest */
    DSC_SCALING_NONE = 2      /* shift 0, scale 1 */
} dsc_scaling;

/* The most categories of one feature and classes of one target, unless the config says more. */
#define DSC_DEFAULT_MAX_CATEGORIES 1000

/* All zero is the default. Strings are borrowed until the call returns. */
typedef struct dsc_encoding_config {
    dsc_task task;               /* regression onto text is an error of data */
    const char *target;          /* a selector of dsc_table_find; NULL: the last column */
    const char *const *features; /* (n_features) selectors, in the order of the inputs; NULL: all */
    size_t n_features;           /* columns but the target and the ignored ones */
    dsc_scaling scaling;         /* of the features; constant columns have scale 1 */
    dsc_fill fill;               /* of the features; a missing target is an error */
    double fill_value;           /* of DSC_FILL_CONSTANT, in the column's unit */
    const char *fill_category;   /* likewise; NULL: the most frequent one */
    dsc_unseen unseen;           /* of the features; an unseen class is an error */
    size_t
        max_categories; /* more are an error, for a column of ids is no category; 0: the default */
} dsc_encoding_config;

/* Fits an encoding. Means are summed in the order of `rows`.
 *   rows    [in]   (n_rows) of the table, the training rows; NULL: all, n_rows is not looked at
 *   config  [in]   NULL: the default
 *   out     [out]  freed with dsc_encoding_destroy; NULL after a failure; independent of the table
 * Returns DSC_OK; DSC_E_ARGUMENT a setting outside its values, a column that is not there, is
 * ignored or is chosen twice, no feature, a row out of range, no rows; DSC_E_DATA a missing value
 * that is not filled (a target's never is), a column without any value to fill from, regression
 * onto text, too many categories, fewer than 2 classes, values too large to scale; DSC_E_MEMORY.
 * Math docs/math.md (79). */
dsc_status dsc_encoding_fit(dsc_encoding **out, const dsc_table *table, const uint32_t *rows,
                            size_t n_rows, const dsc_encoding_config *config, dsc_error *err);

void dsc_encoding_destroy(dsc_encoding *encoding); /* NULL is allowed */

/* --- applying ------------------------------------------------------------------------------ */

/* Reads a table to apply `encoding` to: the columns that it needs, as the kinds that it was fitted
 * on; all others are ignored and may lack. Columns are found by name where the training table had a
 * header and this one has one too; else by their place, which then needs as many columns as the
 * training table had, or one fewer, the target, unless `needs_target`.
 *   format  [in]  NULL: the default; its choices must be empty (DSC_E_ARGUMENT). Missing values are
 *                 kept, whatever it says: dsc_encoding_apply fills or refuses them.
 * Otherwise as dsc_table_read; DSC_E_DATA also for a column that lacks, naming it. */
dsc_status dsc_encoding_read(const dsc_encoding *encoding, dsc_table **out, const char *path,
                             bool needs_target, const dsc_table_format *format,
                             dsc_table_report *report, dsc_error *err);

/* The same from memory; see dsc_table_read_memory. */
dsc_status dsc_encoding_read_memory(const dsc_encoding *encoding, dsc_table **out,
                                    const void *bytes, size_t length, const char *name,
                                    bool needs_target, const dsc_table_format *format,
                                    dsc_table_report *report, dsc_error *err);

/* Encoded rows, all owned by this struct. Pointers are 64-byte aligned. */
typedef struct dsc_samples {
    size_t n_rows;      /* as many as were asked for */
    size_t n_inputs;    /* of the network: dsc_encoding_n_inputs */
    size_t n_outputs;   /* dsc_encoding_n_outputs */
    float *input;       /* (n_rows, n_inputs) row-major */
    float *target;      /* (n_rows, n_outputs) row-major; NULL: applied without the target */
    double *value;      /* (n_rows) the target in its own unit; NULL: no target or classification */
    uint32_t *category; /* (n_rows) the class, below n_outputs; NULL: no target or regression */
} dsc_samples;

/* Encodes rows of a table: the one it was fitted on, one from dsc_encoding_read, or any with the
 * same columns.
 *   rows         [in]   (n_rows) of the table, in the order wanted; NULL: all, n_rows is not
 *                       looked at
 *   with_target  [in]   false: the target column is not looked at and need not be there
 *   out          [out]  freed with dsc_samples_clear; all zero after a failure
 * Returns DSC_OK; DSC_E_ARGUMENT a row out of range; DSC_E_DATA with err->where "path:line" (or
 * "path", and the row in the message, where the form has no lines): a column that lacks or is of
 * another kind, a missing value that is not filled, an unseen category or class, a value too large
 * for a float; DSC_E_MEMORY. */
dsc_status dsc_encoding_apply(const dsc_encoding *encoding, const dsc_table *table,
                              const uint32_t *rows, size_t n_rows, bool with_target,
                              dsc_samples *out, dsc_error *err);

/* Frees what the struct owns and makes it all zero, which may be cleared again. */
void dsc_samples_clear(dsc_samples *samples);

/* Outputs of a regression back in the target's unit: shift + scale * output.
 *   output  [in]   (n) as the network gives them
 *   value   [out]  (n) */
void dsc_encoding_values(const dsc_encoding *encoding, const float *output, size_t n,
                         double *value);

/* --- looking ------------------------------------------------------------------------------- */

/* What was fitted. */
dsc_task dsc_encoding_task(const dsc_encoding *encoding); /* never DSC_TASK_DETECT */
size_t dsc_encoding_n_inputs(const dsc_encoding *encoding);
size_t dsc_encoding_n_outputs(const dsc_encoding *encoding); /* 1, or the number of classes */
size_t dsc_encoding_n_features(const dsc_encoding *encoding);

/* Name and text of a class; numbers are written with the fewest digits that read back as the same.
 * Classes are in numeric order when all are numbers, else ordered by their bytes. Owned by the
 * encoding; `index` is below n_outputs of a classification. */
dsc_id dsc_encoding_class(const dsc_encoding *encoding, size_t index);

/* The target of an encoding. */
typedef struct dsc_target_info {
    dsc_id name;          /* owned by the encoding */
    size_t column;        /* of the training table, from 0 */
    dsc_column_kind kind; /* as it was read for training */
    double shift;         /* of a regression; 0 and 1 of a classification */
    double scale;         /* likewise; > 0 */
} dsc_target_info;

/* A feature of an encoding: one column of the table, one or more inputs. */
typedef struct dsc_feature_info {
    dsc_id name;            /* owned by the encoding */
    size_t column;          /* of the training table, from 0 */
    dsc_column_kind kind;   /* numeric or categorical */
    size_t first_input;     /* the feature's inputs are first_input .. first_input + n_inputs - 1 */
    size_t n_inputs;        /* 1, or the number of categories */
    double shift;           /* 0 and 1 of a categorical one */
    double scale;           /* > 0 */
    bool has_fill;          /* false: a missing value is an error */
    double fill;            /* of a numeric one, in the column's unit */
    uint32_t fill_category; /* of a categorical one, below n_inputs */
} dsc_feature_info;

/* The target; a feature, below n_features. */
dsc_target_info dsc_encoding_target(const dsc_encoding *encoding);
dsc_feature_info dsc_encoding_feature(const dsc_encoding *encoding, size_t feature);

/* The text of a category of a feature; `category` is below its n_inputs. Owned by the encoding. */
dsc_id dsc_encoding_category(const dsc_encoding *encoding, size_t feature, size_t category);

/* --- as flat parts, for files ------------------------------------------------------------------
 */

/* An encoding as a few arrays and numbers. Strings lie one after the other in `strings`, number i
 * from offset[i] to offset[i + 1]: the names of the features, the target's name, the categories of
 * each feature in turn, the classes. */
typedef struct dsc_encoding_parts {
    uint32_t task;                 /* dsc_task, not DETECT */
    uint32_t unseen;               /* dsc_unseen */
    uint32_t has_names;            /* 1: names come from a header, 0: they are numbers */
    uint32_t target_kind;          /* dsc_column_kind, numeric or categorical */
    uint64_t n_columns;            /* of the training table */
    uint64_t target_column;        /* from 0 */
    double target_shift;           /* as of dsc_target_info */
    double target_scale;           /* likewise */
    uint64_t n_features;           /* at least 1 */
    uint64_t n_classes;            /* 0 of a regression */
    uint64_t n_strings;            /* n_features + 1 + all categories + n_classes */
    const uint64_t *column;        /* (n_features) from 0 */
    const uint64_t *n_categories;  /* (n_features) 0: the feature is numeric */
    const double *shift;           /* (n_features) */
    const double *scale;           /* (n_features) */
    const double *fill;            /* (n_features) 0 where there is none */
    const uint64_t *fill_category; /* (n_features) 0 where there is none */
    const uint8_t *has_fill;       /* (n_features) 0 or 1 */
    const char *strings;           /* (offset[n_strings]) bytes */
    const uint64_t *offset;        /* (n_strings + 1) */
} dsc_encoding_parts;

/* The parts of an encoding; all pointers are into it. */
dsc_encoding_parts dsc_encoding_as_parts(const dsc_encoding *encoding);

/* An encoding of parts, which are copied and trusted in nothing but that the arrays are as long as
 * their comments say.
 *   n_string_bytes  [in]  bytes that are readable at parts->strings
 *   where           [in]  what stands in err->where, such as the file's name
 * Returns DSC_OK; DSC_E_MODEL parts that no dsc_encoding_as_parts gives, naming the first;
 * DSC_E_MEMORY; *out is NULL after a failure. */
dsc_status dsc_encoding_from_parts(dsc_encoding **out, const dsc_encoding_parts *parts,
                                   size_t n_string_bytes, const char *where, dsc_error *err);

#ifdef __cplusplus
}
#endif
#endif
