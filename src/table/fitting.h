/* Fitting: what is collected while an encoding is fitted to its training rows. */
#ifndef DSC_TABLE_FITTING_H
#define DSC_TABLE_FITTING_H

#include <stddef.h>
#include <stdint.h>

#include "descent/encoding.h"
#include "table/category_order.h"

typedef struct dsc_fitting {
    const dsc_table *table;
    const uint32_t *rows;
    size_t n_rows;
    const dsc_encoding_config *config;
    size_t max_categories;
    size_t *feature; /* (n_features) columns */
    dsc_encoding_parts parts;
    /* The arrays of the parts, (n_features). */
    uint64_t *column;
    uint64_t *n_categories;
    double *shift;
    double *scale;
    double *fill;
    uint64_t *fill_category;
    uint8_t *has_fill;
    /* The strings, which grow. */
    char *strings;
    size_t strings_capacity;
    uint64_t *offset;
    size_t offset_capacity;
} dsc_fitting;

/* Row number i of the training rows. */
static inline size_t dsc_fitting_row(const dsc_fitting *f, size_t i) {
    return f->rows != NULL ? f->rows[i] : i;
}

/* One string more, copied. Returns DSC_OK; DSC_E_MEMORY. */
dsc_status dsc_fitting_add_string(dsc_fitting *f, dsc_id text, dsc_error *err);

/* The categories that the rows have, counted, in the order of the table; freed with free(), also
 * after a failure. There is room for one more.
 *   n_missing      [out]  rows without a value
 *   first_missing  [out]  the first of them; untouched when there is none
 * Returns DSC_OK; DSC_E_MEMORY. */
dsc_status dsc_count_categories(const dsc_fitting *f, size_t column, dsc_counted_category **out,
                                size_t *n, size_t *n_missing, size_t *first_missing,
                                dsc_error *err);

/* DSC_E_DATA: n values of a column are more than there may be. */
dsc_status dsc_fail_too_many(const dsc_fitting *f, size_t column, size_t n, dsc_error *err);

/* Fits feature i, which is categorical. */
dsc_status dsc_fit_categories(dsc_fitting *f, size_t i, dsc_error *err);

/* Fits task, scale and classes of the target. To be called last, since its strings come last. */
dsc_status dsc_fit_target(dsc_fitting *f, size_t target, dsc_error *err);

#endif
