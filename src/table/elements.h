/* Elements: a block of numbers from a binary file, made the columns of a table. */
#ifndef DSC_TABLE_ELEMENTS_H
#define DSC_TABLE_ELEMENTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "table/table_internal.h"

/* More dimensions are refused: nobody means them. */
#define DSC_MAX_DIMENSIONS 32

/* The shape and type that a file's header declares. */
typedef struct dsc_elements {
    dsc_value_type type;
    bool is_big_endian;
    bool is_column_major; /* two dimensions, rows changing fastest */
    uint64_t dimension[DSC_MAX_DIMENSIONS];
    size_t n_dimensions;
} dsc_elements;

/* Bytes of one element. */
size_t dsc_value_bytes(dsc_value_type type);

/* Reads exactly the elements that are declared, to the end of the input, and makes them columns:
 * the first dimension counts rows, all others together columns. `n_header` bytes came before.
 * Returns DSC_OK; DSC_E_DATA a shape without elements or too large, an input that is shorter or
 * longer, a value that is not finite or missing where that is refused; DSC_E_IO; DSC_E_MEMORY; the
 * errors of the job's rule. */
dsc_status dsc_elements_read(const dsc_elements *elements, dsc_table *table, dsc_input *input,
                             size_t n_header, dsc_table_job *job, dsc_error *err);

#endif
