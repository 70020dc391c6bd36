/* Collecting what a model file is to hold, part by part, and writing it.
 *
 * Arrays may be added in any order; memory that runs out is remembered and reported when the file
 * is written, so that adding needs no check. */
#ifndef DSC_STORE_PART_WRITER_H
#define DSC_STORE_PART_WRITER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "store/safetensors.h"

typedef struct dsc_part_writer {
    dsc_tensor *tensors;
    size_t n_tensors, tensors_capacity;
    dsc_metadata *metadata;
    size_t n_metadata, metadata_capacity;
    void **blocks; /* owned: what dsc_part_text and dsc_part_reals made */
    size_t n_blocks, blocks_capacity;
    bool has_failed; /* there was not enough memory */
} dsc_part_writer;

/* Frees what the writer holds; it is empty then. */
void dsc_part_writer_clear(dsc_part_writer *writer);

/* A text that lives as long as the writer; "" when there is no memory. */
const char *dsc_part_text(dsc_part_writer *writer, const char *format, ...) DSC_PRINTF(2, 3);

/* Room for n numbers, all 0, that lives as long as the writer; NULL when there is no memory. */
double *dsc_part_reals(dsc_part_writer *writer, size_t n);

/* Metadata; `key` and `value` are borrowed until the file is written. */
void dsc_part_add_text(dsc_part_writer *writer, const char *key, const char *value);
void dsc_part_add_number(dsc_part_writer *writer, const char *key, uint64_t value);
void dsc_part_add_flag(dsc_part_writer *writer, const char *key, bool value); /* true, false */

/* Arrays; `name` and `data` are borrowed until the file is written. */
void dsc_part_add_vector(dsc_part_writer *writer, const char *name, dsc_element element, size_t n,
                         const void *data);
void dsc_part_add_matrix(dsc_part_writer *writer, const char *name, dsc_element element,
                         size_t n_rows, size_t n_cols, const void *data);

/* Writes the file, arrays by element size and else in the order of adding.
 * Returns as dsc_safetensors_write. */
dsc_status dsc_part_writer_write(dsc_part_writer *writer, const char *path, dsc_error *err);

#endif
