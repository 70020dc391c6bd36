/* The inside of an encoding. */
#ifndef DSC_ENCODING_INTERNAL_H
#define DSC_ENCODING_INTERNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "descent/encoding.h"
#include "text/id_map.h"

/* Made by dsc_encoding_from_parts alone, which is given what was fitted or what a file holds. */
struct dsc_encoding {
    dsc_encoding_parts parts; /* its arrays are the owned ones below */
    uint64_t *column;
    uint64_t *n_categories;
    double *shift;
    double *scale;
    double *fill;
    uint64_t *fill_category;
    uint8_t *has_fill;
    char *strings;
    uint64_t *offset;
    size_t n_inputs;
    size_t n_outputs;
    size_t *first_input;  /* (n_features) */
    size_t *first_string; /* (n_features + 1) of its categories; the last one: of the classes */
    dsc_id_map **category_map; /* (n_features) category to index; NULL: the feature is numeric */
    dsc_id_map *class_map;     /* of a categorical target */
    double *class_number;      /* (n_classes) ascending; of a numeric target of a classification */
};

/* String number i of the parts. */
dsc_id dsc_encoding_string(const dsc_encoding *encoding, size_t i);

/* Where the columns of an encoding are in a table. */
typedef struct dsc_column_match {
    size_t *feature; /* (n_features) columns of the table; freed with free() */
    size_t target;   /* SIZE_MAX: not there */
} dsc_column_match;

/* By name where both have names, else by place. Returns DSC_OK; DSC_E_DATA naming what lacks;
 * DSC_E_MEMORY. */
dsc_status dsc_encoding_match(const dsc_encoding *encoding, const dsc_table *table,
                              bool needs_target, dsc_column_match *out, dsc_error *err);

/* Purely of numbers: how a column is scaled. */
typedef struct dsc_column_fit {
    double shift;
    double scale;
    bool has_fill;
    double fill;
} dsc_column_fit;

/* Fits shift, scale and fill to `rows` of a numeric column. Returns DSC_OK; DSC_E_DATA;
 * DSC_E_MEMORY.
 */
dsc_status dsc_column_fit_numbers(const dsc_table *table, size_t column, const uint32_t *rows,
                                  size_t n_rows, const dsc_encoding_config *config,
                                  dsc_column_fit *out, dsc_error *err);

#endif
