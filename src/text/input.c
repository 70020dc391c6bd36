/* Input: read(2) into large buffers, compressed bytes through text/decompress.h.
 *
 * Not mapped into memory: pipes are read the same way, and a file that shrinks is an end, not a
 * signal. */
#include "text/input.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "base/memory.h"
#include "text/decompress.h"

/* Compressed bytes read at a time: large enough to make the system calls cheap. */
#define IN_BYTES ((size_t)128 * 1024)

struct dsc_input {
    const char *name;
    int fd;              /* -1: memory */
    bool is_our_fd;      /* to be closed */
    bool is_at_end;      /* of the file: no more bytes for `in` */
    dsc_compressed rest; /* of the file or of memory, not yet handed on; may be plain */
    unsigned char *in;   /* (IN_BYTES) what `rest` points into; NULL: memory */
    dsc_decompressor decompressor;
    char looked_at[DSC_LOOK_BYTES]; /* (n_looked_at) to be handed out again */
    size_t n_looked_at;
    size_t size; /* of the file or memory; 0: not known */
};

typedef struct signature {
    const char *bytes;
    size_t length;
    dsc_compression compression;
    const char *kind; /* of what cannot be read; NULL: it can */
} signature;

static const signature signatures[] = {
    {"\x1f\x8b", 2, DSC_COMPRESSION_GZIP, NULL},
    {"\x28\xb5\x2f\xfd", 4, DSC_COMPRESSION_ZSTD, NULL},
    {"PK\x03\x04", 4, DSC_COMPRESSION_NONE, "a zip archive"},
    {"BZh", 3, DSC_COMPRESSION_NONE, "compressed by bzip2"},
    {"\xfd"
     "7zXZ",
     5, DSC_COMPRESSION_NONE, "compressed by xz"},
    {"7z\xbc\xaf\x27\x1c", 6, DSC_COMPRESSION_NONE, "a 7z archive"},
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
    input->rest.next = input->in;
    return read_file(input, input->in, IN_BYTES, &input->rest.n, err);
}

/* By the first bytes. */
static dsc_status start_decompressor(dsc_input *input, dsc_error *err) {
    const signature *found = NULL;
    for (size_t i = 0; i < sizeof signatures / sizeof signatures[0] && found == NULL; i++) {
        const signature *s = &signatures[i];
        if (input->rest.n >= s->length && memcmp(input->rest.next, s->bytes, s->length) == 0) {
            found = s;
        }
    }
    if (found != NULL && found->kind != NULL) {
        return dsc_fail(err, DSC_E_DATA, input->name,
                        "the file is %s; expected text, plain or compressed by gzip or zstd: "
                        "unpack it first",
                        found->kind);
    }
    return dsc_decompressor_init(&input->decompressor,
                                 found != NULL ? found->compression : DSC_COMPRESSION_NONE,
                                 input->name, err);
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
        status = start_decompressor(input, err);
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
    input->rest.next = (const unsigned char *)text;
    input->rest.n = length;
    input->size = length;
    *out = input;
    return DSC_OK;
}

void dsc_input_close(dsc_input *input) {
    if (input == NULL) {
        return;
    }
    dsc_decompressor_clear(&input->decompressor);
    if (input->is_our_fd && input->fd >= 0) {
        close(input->fd);
    }
    free(input->in);
    free(input);
}

static bool is_plain(const dsc_input *input) {
    return input->decompressor.compression == DSC_COMPRESSION_NONE;
}

/* Bytes that wait in `rest`, and then straight from the file into the caller's buffer. */
static dsc_status read_plain(dsc_input *input, char *buffer, size_t capacity, size_t *n_read,
                             dsc_error *err) {
    size_t n_ready = input->rest.n < capacity ? input->rest.n : capacity;
    if (n_ready > 0) {
        memcpy(buffer, input->rest.next, n_ready);
        input->rest.next += n_ready;
        input->rest.n -= n_ready;
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

static dsc_status read_compressed(dsc_input *input, char *buffer, size_t capacity, size_t *n_read,
                                  dsc_error *err) {
    *n_read = 0;
    while (*n_read < capacity) {
        size_t n_written;
        size_t n_before = input->rest.n;
        dsc_status status = dsc_decompress(&input->decompressor, &input->rest, buffer + *n_read,
                                           capacity - *n_read, &n_written, err);
        if (status != DSC_OK) {
            return status;
        }
        *n_read += n_written;
        if (n_written > 0 || input->rest.n < n_before) {
            continue;
        }
        if (input->rest.n == 0) {
            status = refill(input, err);
        }
        if (status != DSC_OK) {
            return status;
        }
        if (input->rest.n == 0) {
            return dsc_decompressor_end(&input->decompressor, err);
        }
    }
    return DSC_OK;
}

static dsc_status read_more(dsc_input *input, char *buffer, size_t capacity, size_t *n_read,
                            dsc_error *err) {
    return is_plain(input) ? read_plain(input, buffer, capacity, n_read, err)
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
    return is_plain(input) ? input->size : 0;
}

const char *dsc_input_name(const dsc_input *input) {
    return input->name;
}

const char *dsc_input_compression(const dsc_input *input) {
    return dsc_compression_name(input->decompressor.compression);
}
