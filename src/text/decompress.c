/* Decompressing: zlib for gzip, libzstd for zstd. */
#include "text/decompress.h"

#include <stdint.h>

#include <zstd_errors.h>

#include "base/error.h"
#include "base/memory.h"

/* zlib: the largest window, and a gzip header and trailer. */
#define GZIP_WINDOW_BITS (15 + 16)
/* zlib counts in unsigned int: bytes that it gives at a time. */
#define GZIP_BYTES ((size_t)128 * 1024)
/* The window a zstd frame may need, 128 MiB: the zstd program's own limit, for a frame of a few
 * bytes can ask for terabytes. */
#define ZSTD_WINDOW_BITS 27

static dsc_status start_gzip(dsc_decompressor *d, dsc_error *err) {
    if (inflateInit2(&d->gzip, GZIP_WINDOW_BITS) != Z_OK) {
        return dsc_fail_memory(err, "reading gzip");
    }
    d->has_gzip = true;
    return DSC_OK;
}

static dsc_status start_zstd(dsc_decompressor *d, dsc_error *err) {
    d->zstd = ZSTD_createDStream();
    if (d->zstd == NULL || ZSTD_isError(ZSTD_initDStream(d->zstd)) ||
        ZSTD_isError(ZSTD_DCtx_setParameter(d->zstd, ZSTD_d_windowLogMax, ZSTD_WINDOW_BITS))) {
        return dsc_fail_memory(err, "reading zstd");
    }
    return DSC_OK;
}

dsc_status dsc_decompressor_init(dsc_decompressor *d, dsc_compression compression, const char *name,
                                 dsc_error *err) {
    *d = (dsc_decompressor){.compression = compression, .name = name, .is_between = true};
    switch (compression) {
    case DSC_COMPRESSION_GZIP:
        return start_gzip(d, err);
    case DSC_COMPRESSION_ZSTD:
        return start_zstd(d, err);
    case DSC_COMPRESSION_NONE:
        break;
    }
    return DSC_OK;
}

void dsc_decompressor_clear(dsc_decompressor *d) {
    if (d->has_gzip) {
        inflateEnd(&d->gzip);
    }
    ZSTD_freeDStream(d->zstd);
    *d = (dsc_decompressor){0};
}

static dsc_status fail_stream(const dsc_decompressor *d, const char *why, dsc_error *err) {
    return dsc_fail(err, DSC_E_DATA, d->name, "the %s stream is damaged: %s",
                    dsc_compression_name(d->compression), why);
}

/* Padding with zero bytes may follow a gzip member, as tapes and block devices leave it; anything
 * else must be another member. */
static bool is_gzip_padding(dsc_compressed *from) {
    while (from->n > 0 && *from->next == 0) {
        from->next++;
        from->n--;
    }
    return from->n == 0;
}

static dsc_status inflate_some(dsc_decompressor *d, dsc_compressed *from, char *buffer,
                               size_t capacity, size_t *n_written, dsc_error *err) {
    *n_written = 0;
    if (d->is_between && is_gzip_padding(from)) {
        return DSC_OK;
    }
    z_stream *z = &d->gzip;
    if (d->is_between) {
        inflateReset(z);
        d->is_between = false;
    }
    /* zlib takes its input as const only by a macro of its own. */
    size_t n_out = capacity < GZIP_BYTES ? capacity : GZIP_BYTES;
    z->next_in = (z_const Bytef *)(uintptr_t)from->next;
    z->avail_in = (uInt)from->n;
    z->next_out = (Bytef *)buffer;
    z->avail_out = (uInt)n_out;
    int result = inflate(z, Z_NO_FLUSH);
    *from = (dsc_compressed){z->next_in, z->avail_in};
    *n_written = n_out - z->avail_out;
    d->is_between = result == Z_STREAM_END;
    if (result == Z_MEM_ERROR) {
        return dsc_fail_memory(err, "reading gzip");
    }
    if (result != Z_OK && result != Z_STREAM_END && result != Z_BUF_ERROR) {
        return fail_stream(d, z->msg != NULL ? z->msg : "not a gzip stream", err);
    }
    return DSC_OK;
}

static dsc_status fail_zstd(const dsc_decompressor *d, size_t result, dsc_error *err) {
    const ZSTD_ErrorCode code = ZSTD_getErrorCode(result);
    if (code == ZSTD_error_memory_allocation) {
        return dsc_fail_memory(err, "reading zstd");
    }
    if (code == ZSTD_error_frameParameter_windowTooLarge) {
        return dsc_fail(err, DSC_E_DATA, d->name,
                        "the zstd stream needs a window of more than %d MiB: unpack it first, or "
                        "pack it without --long",
                        1 << (ZSTD_WINDOW_BITS - 20));
    }
    return fail_stream(d, ZSTD_getErrorName(result), err);
}

static dsc_status unzstd_some(dsc_decompressor *d, dsc_compressed *from, char *buffer,
                              size_t capacity, size_t *n_written, dsc_error *err) {
    *n_written = 0;
    if (d->is_between && from->n == 0) {
        return DSC_OK; /* a call without input would open another frame */
    }
    ZSTD_inBuffer in = {from->next, from->n, 0};
    ZSTD_outBuffer out = {buffer, capacity, 0};
    size_t result = ZSTD_decompressStream(d->zstd, &out, &in);
    if (ZSTD_isError(result)) {
        return fail_zstd(d, result, err);
    }
    *from = (dsc_compressed){from->next + in.pos, from->n - in.pos};
    *n_written = out.pos;
    d->is_between = result == 0;
    return DSC_OK;
}

dsc_status dsc_decompress(dsc_decompressor *d, dsc_compressed *from, char *buffer, size_t capacity,
                          size_t *n_written, dsc_error *err) {
    return d->compression == DSC_COMPRESSION_GZIP
               ? inflate_some(d, from, buffer, capacity, n_written, err)
               : unzstd_some(d, from, buffer, capacity, n_written, err);
}

dsc_status dsc_decompressor_end(const dsc_decompressor *d, dsc_error *err) {
    return d->is_between ? DSC_OK
                         : dsc_fail(err, DSC_E_DATA, d->name,
                                    "the %s stream is truncated: the file ends in the middle of it",
                                    dsc_compression_name(d->compression));
}

const char *dsc_compression_name(dsc_compression compression) {
    static const char *const names[] = {"none", "gzip", "zstd"};
    return names[compression];
}
