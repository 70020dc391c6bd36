/* Taking a model file apart: metadata as numbers, names and lists, arrays with finite values.
 *
 * Every failure is DSC_E_MODEL (where = path) that names the part, unless a comment says otherwise;
 * what is handed out is owned by the file. */
#ifndef DSC_STORE_PART_READER_H
#define DSC_STORE_PART_READER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "store/safetensors.h"

#define DSC_PART_FORMAT         "format"
#define DSC_PART_FORMAT_VERSION "format_version"
#define DSC_PART_WRITER         "writer"

typedef struct dsc_part_reader {
    const char *path; /* borrowed */
    dsc_safetensors *file;
} dsc_part_reader;

/* Opens the file and checks its format, such as "descent-network", and its version.
 * Returns as dsc_safetensors_open; *out is empty after a failure. */
dsc_status dsc_part_reader_open(dsc_part_reader *out, const char *path, const char *format,
                                const char *version, dsc_error *err);
void dsc_part_reader_close(dsc_part_reader *reader);

dsc_status dsc_part_get_text(const dsc_part_reader *reader, const char *key, const char **out,
                             dsc_error *err);
dsc_status dsc_part_get_number(const dsc_part_reader *reader, const char *key, uint64_t *out,
                               dsc_error *err);
dsc_status dsc_part_get_size(const dsc_part_reader *reader, const char *key, size_t *out,
                             dsc_error *err);
dsc_status dsc_part_get_flag(const dsc_part_reader *reader, const char *key, bool *out,
                             dsc_error *err);

/* A list of exactly n words with commas between them; word i is handed to `take`, terminated, which
 * says whether it knows it. `kind` stands in the message: "an activation". */
typedef bool (*dsc_part_taker)(const char *word, size_t i, void *user);
typedef struct dsc_part_list {
    const char *key;
    size_t n;
    const char *kind;
    dsc_part_taker take;
    void *user;
} dsc_part_list;
dsc_status dsc_part_get_list(const dsc_part_reader *reader, const dsc_part_list *list,
                             dsc_error *err);

/* An array of one dimension of any values; n SIZE_MAX: any length. */
dsc_status dsc_part_get_vector(const dsc_part_reader *reader, const char *name, dsc_element element,
                               size_t n, dsc_tensor *out, dsc_error *err);

/* An array of F32 or F64 of the given shape whose values are all finite. */
dsc_status dsc_part_get_finite(const dsc_part_reader *reader, const char *name, dsc_element element,
                               size_t n_dimensions, const size_t *shape, dsc_tensor *out,
                               dsc_error *err);

/* One of one dimension and F64. */
dsc_status dsc_part_get_reals(const dsc_part_reader *reader, const char *name, size_t n,
                              const double **out, dsc_error *err);

#endif
