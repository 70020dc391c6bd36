/* What the files of the container agree on. */
#ifndef DSC_STORE_SAFETENSORS_INTERNAL_H
#define DSC_STORE_SAFETENSORS_INTERNAL_H

#include <stdbool.h>
#include <stddef.h>

#include <jansson.h>

#include "store/safetensors.h"

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__,
               "arrays are written and read as they lie in memory, which must be little-endian");

#define DSC_METADATA_NAME "__metadata__"
#define DSC_CHECKSUM_NAME "checksum"

/* Before the header: its length, a 64-bit number. The array bytes start at a multiple of it. */
#define DSC_LENGTH_BYTES   ((size_t)8)
#define DSC_CHECKSUM_BYTES ((size_t)8)

/* A header holds names, shapes and settings, some kilobytes. safetensors itself allows 100 MB,
 * which as parsed JSON may take some gigabytes: too much to give to a file that is not checked. */
#define DSC_MAX_HEADER_BYTES ((size_t)1 << 20)

/* Bytes of an array; false: they, or a length, do not fit ptrdiff_t. */
bool dsc_tensor_bytes(const dsc_tensor *tensor, size_t *out);

struct dsc_safetensors {
    char *path;
    unsigned char *bytes; /* (n_bytes) the whole file, 64-byte aligned */
    size_t n_bytes;
    size_t data_start;   /* where the array bytes begin, a multiple of 8 */
    json_t *header;      /* owns names and metadata */
    dsc_tensor *tensors; /* (n_tensors), without the checksum */
    size_t n_tensors;
};

/* Checks all but what reading and parsing did, and fills tensors and n_tensors.
 * Returns DSC_OK; DSC_E_MODEL; DSC_E_MEMORY. */
dsc_status dsc_safetensors_check(dsc_safetensors *file, dsc_error *err);

#endif
