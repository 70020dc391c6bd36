/* Input: read(2) into large buffers, zlib for gzip, libzstd for zstd.
 *
 * Not mapped into memory: pipes are read the same way, and a file that shrinks is an end, not a
 * signal. */
#include "text/input.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <zlib.h>
#include <zstd.h>
#include <zstd_errors.h>

#include "base/error.h"
#include "base/memory.h"

/* Compressed bytes read at a time: large enough to make the system calls cheap. */
#define IN_BYTES ((size_t)128 * 1024)
/* zlib: the largest window, and a gzip header and trailer. */
#define GZIP_WINDOW_BITS (15 + 16)
/* The window a zstd frame may need, 128 MiB: the zstd program's own limit, for a frame of a few
 * bytes can ask for terabytes. */
#define ZSTD_WINDOW_BITS 27

typedef enum input_form { FORM_PLAIN, FORM_GZIP, FORM_ZSTD, FORM_UNREADABLE } input_form;

struct dsc_input {
    const char *name;
    int fd;         /* -1: memory */
    bool is_our_fd; /* to be closed */
    bool is_at_end; /* of the file: no more bytes for `in` */
    input_form form;
    const unsigned char *next; /* the next byte of the file or of memory not yet handed on */
    size_t n_next;
    unsigned char *in; /* (IN_BYTES) what `next` points into; NULL: memory */
    bool has_stream;   /* `gzip` is initialised */
    bool is_between;   /* compressed: no member or frame is open */
    z_stream gzip;
    ZSTD_DStream *zstd;
    char looked_at[DSC_LOOK_BYTES]; /* (n_looked_at) to be handed out again */
    size_t n_looked_at;
    size_t size; /* of the file or memory; 0: not known */
};

typedef struct signature {
    const char *bytes;
    size_t length;
    input_form form;
    const char *kind; /* of an unreadable form */
} signature;

static const signature signatures[] = {
    {"\x1f\x8b", 2, FORM_GZIP, NULL},
    {"\x28\xb5\x2f\xfd", 4, FORM_ZSTD, NULL},
    {"PK\x03\x04", 4, FORM_UNREADABLE, "a zip archive"},
    {"BZh", 3, FORM_UNREADABLE, "compressed by bzip2"},
    {"\xfd"
     "7zXZ",
     5, FORM_UNREADABLE, "compressed by xz"},
    {"7z\xbc\xaf\x27\x1c", 6, FORM_UNREADABLE, "a 7z archive"},
};

static dsc_status fail_errno(const dsc_input *input, const char *what, dsc_error *err) {
    char text[128];
    return dsc_fail(err, DSC_E_IO, input->name, "cannot %s: %s", what,
                    strerror_r(errno, text, sizeof text));
}

/* read(2) until `capacity` bytes are there or the file ends. */
static dsc_status read_file(dsc_input *input, void *buffer, size_t capacity, size_t *n_read,
                            dsc_error *err) {
    *n_read = 0;
    while (*n_read < capacity && !input->is_at_end) {
        ssize_t n = read(input->fd, (char *)buffer + *n_read, capacity - *n_read);
        if (n < 0 && errno != EINTR) {
            return fail_errno(input, "read", err);
        }
        input->is_at_end = n == 0;
        *n_read += n > 0 ? (size_t)n : 0;
    }
    return DSC_OK;
}

static dsc_status refill(dsc_input *input, dsc_error *err) {
    input->next = input->in;
    return read_file(input, input->in, IN_BYTES, &input->n_next, err);
}

static dsc_status start_gzip(dsc_input *input, dsc_error *err) {
    if (inflateInit2(&input->gzip, GZIP_WINDOW_BITS) != Z_OK) {
        return dsc_fail_memory(err, "reading gzip");
    }
    input->has_stream = true;
    return DSC_OK;
}

static dsc_status start_zstd(dsc_input *input, dsc_error *err) {
    input->zstd = ZSTD_createDStream();
    if (input->zstd == NULL || ZSTD_isError(ZSTD_initDStream(input->zstd)) ||
        ZSTD_isError(ZSTD_DCtx_setParameter(input->zstd, ZSTD_d_windowLogMax, ZSTD_WINDOW_BITS))) {
        return dsc_fail_memory(err, "reading zstd");
    }
    return DSC_OK;
}

static dsc_status start_form(dsc_input *input, dsc_error *err) {
    const signature *found = NULL;
    for (size_t i = 0; i < sizeof signatures / sizeof signatures[0] && found == NULL; i++) {
        const signature *s = &signatures[i];
        if (input->n_next >= s->length && memcmp(input->next, s->bytes, s->length) == 0) {
            found = s;
        }
    }
    input->is_between = true;
    input->form = found != NULL ? found->form : FORM_PLAIN;
    switch (input->form) {
    case FORM_PLAIN:
        return DSC_OK;
    case FORM_GZIP:
        return start_gzip(input, err);
    case FORM_ZSTD:
        return start_zstd(input, err);
    case FORM_UNREADABLE:
        break;
    }
    return dsc_fail(err, DSC_E_DATA, input->name,
                    "the file is %s; expected text, plain or compressed by gzip or zstd: unpack it "
                    "first",
                    found != NULL ? found->kind : "not text");
}

/* 0 of what is no file, such as a pipe. */
static size_t size_of_file(int fd) {
    struct stat found;
    return fstat(fd, &found) == 0 && S_ISREG(found.st_mode) ? (size_t)found.st_size : 0;
}

dsc_status dsc_input_open(dsc_input **out, const char *path, dsc_error *err) {
    *out = NULL;
    dsc_status status = DSC_OK;
    dsc_input *input = calloc(1, sizeof *input);
    if (input == NULL) {
        return dsc_fail_memory(err, "reading a file");
    }
    bool is_stdin = strcmp(path, "-") == 0;
    input->name = is_stdin ? "standard input" : path;
    input->is_our_fd = !is_stdin;
    input->fd = is_stdin ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
    if (input->fd < 0) {
        status = fail_errno(input, "open", err);
        goto done;
    }
    input->size = size_of_file(input->fd);
    input->in = malloc(IN_BYTES);
    if (input->in == NULL) {
        status = dsc_fail_memory(err, "reading a file");
        goto done;
    }
    status = refill(input, err);
    if (status == DSC_OK) {
        status = start_form(input, err);
    }
done:
    if (status != DSC_OK) {
        dsc_input_close(input);
        return status;
    }
    *out = input;
    return DSC_OK;
}

dsc_status dsc_input_open_memory(dsc_input **out, const char *text, size_t length, const char *name,
                                 dsc_error *err) {
    *out = NULL;
    dsc_input *input = calloc(1, sizeof *input);
    if (input == NULL) {
        return dsc_fail_memory(err, "reading text");
    }
    input->name = name;
    input->fd = -1;
    input->is_at_end = true;
    input->next = (const unsigned char *)text;
    input->n_next = length;
    input->size = length;
    *out = input;
    return DSC_OK;
}

void dsc_input_close(dsc_input *input) {
    if (input == NULL) {
        return;
    }
    if (input->has_stream) {
        inflateEnd(&input->gzip);
    }
    ZSTD_freeDStream(input->zstd);
    if (input->is_our_fd && input->fd >= 0) {
        close(input->fd);
    }
    free(input->in);
    free(input);
}

/* Bytes that wait in `next`, and then straight from the file into the caller's buffer. */
static dsc_status read_plain(dsc_input *input, char *buffer, size_t capacity, size_t *n_read,
                             dsc_error *err) {
    size_t n_ready = input->n_next < capacity ? input->n_next : capacity;
    if (n_ready > 0) {
        memcpy(buffer, input->next, n_ready);
        input->next += n_ready;
        input->n_next -= n_ready;
    }
    *n_read = n_ready;
    if (n_ready == capacity || input->is_at_end) {
        return DSC_OK;
    }
    size_t n_more;
    dsc_status status = read_file(input, buffer + n_ready, capacity - n_ready, &n_more, err);
    *n_read += n_more;
    return status;
}

static dsc_status fail_stream(const dsc_input *input, const char *why, dsc_error *err) {
    return dsc_fail(err, DSC_E_DATA, input->name, "the %s stream is damaged: %s",
                    dsc_input_compression(input), why);
}

static dsc_status fail_truncated(const dsc_input *input, dsc_error *err) {
    return dsc_fail(err, DSC_E_DATA, input->name,
                    "the %s stream is truncated: the file ends in the middle of it",
                    dsc_input_compression(input));
}

/* Padding with zero bytes may follow a gzip member, as tapes and block devices leave it; anything
 * else must be another member. */
static bool is_gzip_padding(dsc_input *input) {
    while (input->n_next > 0 && *input->next == 0) {
        input->next++;
        input->n_next--;
    }
    return input->n_next == 0;
}

/* Decompresses what is in `next` into at most `capacity` bytes. */
static dsc_status inflate_some(dsc_input *input, char *buffer, size_t capacity, size_t *n_written,
                               dsc_error *err) {
    *n_written = 0;
    if (input->is_between && is_gzip_padding(input)) {
        return DSC_OK;
    }
    z_stream *z = &input->gzip;
    if (input->is_between) {
        inflateReset(z);
        input->is_between = false;
    }
    /* zlib counts in unsigned int and takes its input as const only by a macro of its own. */
    size_t n_out = capacity < IN_BYTES ? capacity : IN_BYTES;
    z->next_in = (z_const Bytef *)(uintptr_t)input->next;
    z->avail_in = (uInt)input->n_next;
    z->next_out = (Bytef *)buffer;
    z->avail_out = (uInt)n_out;
    int result = inflate(z, Z_NO_FLUSH);
    input->next = z->next_in;
    input->n_next = z->avail_in;
    *n_written = n_out - z->avail_out;
    input->is_between = result == Z_STREAM_END;
    if (result == Z_MEM_ERROR) {
        return dsc_fail_memory(err, "reading gzip");
    }
    if (result != Z_OK && result != Z_STREAM_END && result != Z_BUF_ERROR) {
        return fail_stream(input, z->msg != NULL ? z->msg : "not a gzip stream", err);
    }
    return DSC_OK;
}

static dsc_status fail_zstd(const dsc_input *input, size_t result, dsc_error *err) {
    const ZSTD_ErrorCode code = ZSTD_getErrorCode(result);
    if (code == ZSTD_error_memory_allocation) {
        return dsc_fail_memory(err, "reading zstd");
    }
    if (code == ZSTD_error_frameParameter_windowTooLarge) {
        return dsc_fail(err, DSC_E_DATA, input->name,
                        "the zstd stream needs a window of more than %d MiB: unpack it first, or "
                        "pack it without --long",
                        1 << (ZSTD_WINDOW_BITS - 20));
    }
    return fail_stream(input, ZSTD_getErrorName(result), err);
}

static dsc_status unzstd_some(dsc_input *input, char *buffer, size_t capacity, size_t *n_written,
                              dsc_error *err) {
    *n_written = 0;
    if (input->is_between && input->n_next == 0) {
        return DSC_OK; /* a call without input would open another frame */
    }
    ZSTD_inBuffer from = {input->next, input->n_next, 0};
    ZSTD_outBuffer to = {buffer, capacity, 0};
    size_t result = ZSTD_decompressStream(input->zstd, &to, &from);
    if (ZSTD_isError(result)) {
        return fail_zstd(input, result, err);
    }
    input->next += from.pos;
    input->n_next -= from.pos;
    *n_written = to.pos;
    input->is_between = result == 0;
    return DSC_OK;
}

static dsc_status read_compressed(dsc_input *input, char *buffer, size_t capacity, size_t *n_read,
                                  dsc_error *err) {
    *n_read = 0;
    while (*n_read < capacity) {
        size_t n_written;
        size_t n_before = input->n_next;
        dsc_status status =
            input->form == FORM_GZIP
                ? inflate_some(input, buffer + *n_read, capacity - *n_read, &n_written, err)
                : unzstd_some(input, buffer + *n_read, capacity - *n_read, &n_written, err);
        if (status != DSC_OK) {
            return status;
        }
        *n_read += n_written;
        if (n_written > 0 || input->n_next < n_before) {
            continue;
        }
        if (input->n_next == 0) {
            status = refill(input, err);
        }
        if (status != DSC_OK) {
            return status;
        }
        if (input->n_next == 0) {
            return input->is_between ? DSC_OK : fail_truncated(input, err);
        }
    }
    return DSC_OK;
}

static dsc_status read_more(dsc_input *input, char *buffer, size_t capacity, size_t *n_read,
                            dsc_error *err) {
    bool is_plain = input->form == FORM_PLAIN;
    return is_plain ? read_plain(input, buffer, capacity, n_read, err)
                    : read_compressed(input, buffer, capacity, n_read, err);
}

dsc_status dsc_input_look(dsc_input *input, char *buffer, size_t capacity, size_t *n_read,
                          dsc_error *err) {
    dsc_status status = read_more(input, input->looked_at, capacity, n_read, err);
    if (status == DSC_OK) {
        input->n_looked_at = *n_read;
        memcpy(buffer, input->looked_at, *n_read);
    }
    return status;
}

dsc_status dsc_input_read(dsc_input *input, char *buffer, size_t capacity, size_t *n_read,
                          dsc_error *err) {
    size_t n = input->n_looked_at < capacity ? input->n_looked_at : capacity;
    memcpy(buffer, input->looked_at, n);
    input->n_looked_at -= n;
    memmove(input->looked_at, input->looked_at + n, input->n_looked_at);
    *n_read = n;
    if (n == capacity) {
        return DSC_OK;
    }
    size_t n_more;
    dsc_status status = read_more(input, buffer + n, capacity - n, &n_more, err);
    *n_read += n_more;
    return status;
}

size_t dsc_input_size(const dsc_input *input) {
    return input->form == FORM_PLAIN ? input->size : 0;
}

const char *dsc_input_name(const dsc_input *input) {
    return input->name;
}

const char *dsc_input_compression(const dsc_input *input) {
    switch (input->form) {
    case FORM_GZIP:
        return "gzip";
    case FORM_ZSTD:
        return "zstd";
    case FORM_PLAIN:
    case FORM_UNREADABLE:
        break;
    }
    return "none";
}
