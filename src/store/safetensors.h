/* The safetensors container: named arrays with a checksum, no knowledge of what they mean.
 *
 * Layout: 8 bytes little-endian header length, JSON header, array bytes without gaps. The arrays
 * are ours; Python's safetensors reads the same file. The last array is always "checksum", U8 (8):
 * XXH3-64, little-endian, of every byte before it, so that no byte of a file can change unseen.
 * docs/model-file.md describes it for those who read or write such files without this library.
 * Source: https://github.com/huggingface/safetensors (format section of its README). */
#ifndef DSC_STORE_SAFETENSORS_H
#define DSC_STORE_SAFETENSORS_H

#include <stddef.h>
#include <stdint.h>

#include "descent/status.h"

typedef enum dsc_element {
    DSC_U8 = 0,
    DSC_I32 = 1,
    DSC_I64 = 2,
    DSC_F32 = 3,
    DSC_F64 = 4,
    DSC_BF16 = 5
} dsc_element;

/* Size of one element in bytes; safetensors' name for it ("U8", "I32", "I64", "F32", "F64",
 * "BF16"). */
size_t dsc_element_bytes(dsc_element element);
const char *dsc_element_name(dsc_element element);

typedef struct dsc_tensor {
    const char *name; /* UTF-8; neither "checksum" nor "__metadata__" */
    dsc_element element;
    size_t n_dimensions; /* 1 or 2 */
    size_t shape[2];     /* shape[1] is 1 for one dimension; a length may be 0 */
    const void *data;    /* row-major, little-endian, aligned to its element size; borrowed when
                            writing (NULL allowed when there are no elements), owned by the file when
                            reading */
} dsc_tensor;

typedef struct dsc_metadata {
    const char *key;
    const char *value; /* UTF-8 */
} dsc_metadata;

/* Writes the arrays in the given order, which must be by element size descending so that every
 * array stays aligned; all or nothing, through dsc_atomic_file. The same input gives the same
 * bytes.
 * Returns DSC_OK; DSC_E_IO; DSC_E_MEMORY; DSC_E_ARGUMENT a name or key twice, a name that is not
 * free, arrays out of order, a shape that is too large, text that is not UTF-8, or names and
 * metadata of more than 1 MiB together (err->where = the array or key, or path). */
dsc_status dsc_safetensors_write(const char *path, const dsc_metadata *metadata, size_t n_metadata,
                                 const dsc_tensor *tensors, size_t n_tensors, dsc_error *err);

typedef struct dsc_safetensors dsc_safetensors;

/* Reads a whole file into memory and checks it: length, header, checksum, no gap, no overlap, no
 * name twice, sizes that agree with shapes, nothing behind the last array.
 * Returns DSC_OK; DSC_E_MODEL (where = path); DSC_E_IO, also for a directory, a device or a pipe;
 * DSC_E_MEMORY; *out NULL after a failure.
 * Threads: an open file is const and may be shared. */
dsc_status dsc_safetensors_open(dsc_safetensors **out, const char *path, dsc_error *err);
void dsc_safetensors_close(dsc_safetensors *file); /* NULL is allowed */

/* Metadata by key; NULL when absent. Owned by the file. */
const char *dsc_safetensors_metadata(const dsc_safetensors *file, const char *key);

/* Array by name, checked against what the caller expects.
 *   shape  [in]   (n_dimensions); SIZE_MAX accepts any length
 *   out    [out]  owned by the file; untouched after a failure
 * Returns DSC_OK; DSC_E_MODEL (where = path; names the array, what was found and expected). */
dsc_status dsc_safetensors_tensor(const dsc_safetensors *file, const char *name,
                                  dsc_element element, size_t n_dimensions, const size_t *shape,
                                  dsc_tensor *out, dsc_error *err);

#endif
