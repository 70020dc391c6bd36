/* Decompressing: streams of gzip members or zstd frames, one after the other, some bytes at a time. */
#ifndef DSC_TEXT_DECOMPRESS_H
#define DSC_TEXT_DECOMPRESS_H

#include <stdbool.h>
#include <stddef.h>

#include <zlib.h>
#include <zstd.h>

#include "descent/status.h"

typedef enum dsc_compression {
    DSC_COMPRESSION_NONE,
    DSC_COMPRESSION_GZIP,
    DSC_COMPRESSION_ZSTD
} dsc_compression;

/* All zero is valid: nothing is compressed. */
typedef struct dsc_decompressor {
    dsc_compression compression;
    const char *name; /* of the input, for messages; borrowed */
    bool is_between;  /* no member or frame is open */
    bool has_gzip;    /* `gzip` is initialised */
    z_stream gzip;
    ZSTD_DStream *zstd;
} dsc_decompressor;

/* *d stays where it is until it is cleared: zlib keeps its address. Returns DSC_OK; DSC_E_MEMORY. Freed with
 * dsc_decompressor_clear after success and failure. */
dsc_status dsc_decompressor_init(dsc_decompressor *d, dsc_compression compression, const char *name,
                                 dsc_error *err);
void dsc_decompressor_clear(dsc_decompressor *d);

/* Compressed bytes that are not yet used up; borrowed. */
typedef struct dsc_compressed {
    const unsigned char *next;
    size_t n;
} dsc_compressed;

/* Decompresses some of `from`, which moves on, into at most `capacity` bytes. *n_written may be 0: when
 * that leaves `from` as it was, it takes more of it.
 * Returns DSC_OK; DSC_E_DATA the stream is damaged; DSC_E_MEMORY. */
dsc_status dsc_decompress(dsc_decompressor *d, dsc_compressed *from, char *buffer, size_t capacity,
                          size_t *n_written, dsc_error *err);

/* Nothing is left of the input. Returns DSC_OK; DSC_E_DATA in the middle of a member or frame. */
dsc_status dsc_decompressor_end(const dsc_decompressor *d, dsc_error *err);

/* "none", "gzip", "zstd"; static. */
const char *dsc_compression_name(dsc_compression compression);

#endif
