/* Reads the safetensors container: the bytes, the header as JSON, then arrays by name.
 *
 * The first bytes are checked before the rest is read, so that a file of another kind is refused at
 * once, however large it is; safetensors_check.c does the other checks. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <jansson.h>

#include "base/error.h"
#include "base/memory.h"
#include "store/safetensors.h"
#include "store/safetensors_internal.h"

/* Shortest header: "{}". */
#define MIN_HEADER_BYTES ((size_t)2)

/* --- bytes ------------------------------------------------------------------------------------ */

/* Reads exactly `n_bytes` bytes. */
static dsc_status read_exactly(int fd, unsigned char *bytes, size_t n_bytes, const char *path,
                               dsc_error *err) {
    while (n_bytes > 0) {
        ssize_t n = read(fd, bytes, n_bytes);
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n < 0) {
            return dsc_fail(err, DSC_E_IO, path, "cannot read: %s", strerror(errno));
        }
        if (n == 0) {
            return dsc_fail(err, DSC_E_IO, path, "the file became shorter while it was read");
        }
        bytes += n;
        n_bytes -= (size_t)n;
    }
    return DSC_OK;
}

/* Opens `path` and finds its size. O_NONBLOCK: opening a pipe must not wait for a writer. */
static dsc_status open_file(int *fd, size_t *n_bytes, const char *path, dsc_error *err) {
    struct stat info;
    *fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (*fd < 0 || fstat(*fd, &info) != 0) {
        return dsc_fail(err, DSC_E_IO, path, "cannot open: %s", strerror(errno));
    }
    if (!S_ISREG(info.st_mode)) {
        return dsc_fail(err, DSC_E_IO, path, "cannot read: expected a file, found a %s",
                        S_ISDIR(info.st_mode) ? "directory" : "device, pipe or socket");
    }
    if ((uintmax_t)info.st_size > PTRDIFF_MAX) {
        return dsc_fail_memory(err, "a file of this size");
    }
    *n_bytes = (size_t)info.st_size;
    return DSC_OK;
}

/* Checks what the first 9 bytes, header length and "{", say about the whole. */
static dsc_status check_start(const unsigned char *start, dsc_safetensors *file, dsc_error *err) {
    uint64_t length;
    memcpy(&length, start, DSC_LENGTH_BYTES);
    size_t most = file->n_bytes - DSC_LENGTH_BYTES;
    if (start[DSC_LENGTH_BYTES] != '{') {
        return dsc_fail(err, DSC_E_MODEL, file->path,
                        "not a model file: expected '{' as byte 9, found 0x%02x",
                        (unsigned)start[DSC_LENGTH_BYTES]);
    }
    if (length < MIN_HEADER_BYTES || length > DSC_MAX_HEADER_BYTES) {
        return dsc_fail(err, DSC_E_MODEL, file->path,
                        "not a model file: its header has %" PRIu64 " bytes, expected %zu to %zu",
                        length, MIN_HEADER_BYTES, DSC_MAX_HEADER_BYTES);
    }
    if (length > most) {
        return dsc_fail(err, DSC_E_MODEL, file->path,
                        "the file is incomplete: its header has %" PRIu64
                        " bytes, but only %zu are there",
                        length, most);
    }
    file->data_start = DSC_LENGTH_BYTES + (size_t)length;
    return DSC_OK;
}

/* Fills bytes, n_bytes and data_start. */
static dsc_status load(dsc_safetensors *file, dsc_error *err) {
    unsigned char start[9];
    int fd = -1;
    dsc_status status = open_file(&fd, &file->n_bytes, file->path, err);
    if (status != DSC_OK) {
        goto done;
    }
    if (file->n_bytes == 0) {
        status = dsc_fail(err, DSC_E_MODEL, file->path, "not a model file: it is empty");
        goto done;
    }
    if (file->n_bytes < DSC_LENGTH_BYTES + MIN_HEADER_BYTES) {
        status = dsc_fail(err, DSC_E_MODEL, file->path,
                          "not a model file: it has %zu bytes, expected at least %zu",
                          file->n_bytes, DSC_LENGTH_BYTES + MIN_HEADER_BYTES);
        goto done;
    }
    status = read_exactly(fd, start, sizeof start, file->path, err);
    if (status != DSC_OK) {
        goto done;
    }
    status = check_start(start, file, err);
    if (status != DSC_OK) {
        goto done;
    }
    file->bytes = dsc_alloc(file->n_bytes, 1);
    if (file->bytes == NULL) {
        status = dsc_fail_memory(err, "the bytes of a model file");
        goto done;
    }
    memcpy(file->bytes, start, sizeof start);
    status =
        read_exactly(fd, file->bytes + sizeof start, file->n_bytes - sizeof start, file->path, err);
done:
    if (fd >= 0) {
        close(fd);
    }
    return status;
}

/* --- header ----------------------------------------------------------------------------------- */

static dsc_status parse_header(dsc_safetensors *file, dsc_error *err) {
    json_error_t error = {0};
    const char *text = (const char *)file->bytes + DSC_LENGTH_BYTES;
    file->header =
        json_loadb(text, file->data_start - DSC_LENGTH_BYTES, JSON_REJECT_DUPLICATES, &error);
    if (file->header != NULL) {
        return DSC_OK;
    }
    if (error.text[0] == '\0' || json_error_code(&error) == json_error_out_of_memory) {
        return dsc_fail_memory(err, "the header of a model file");
    }
    return dsc_fail(err, DSC_E_MODEL, file->path,
                    "the file is damaged: its header is not JSON at byte %d: %s",
                    (int)DSC_LENGTH_BYTES + error.position, error.text);
}

/* --- public ----------------------------------------------------------------------------------- */

dsc_status dsc_safetensors_open(dsc_safetensors **out, const char *path, dsc_error *err) {
    *out = NULL;
    dsc_status status;
    dsc_safetensors *file = calloc(1, sizeof *file);
    if (file == NULL || (file->path = strdup(path)) == NULL) {
        status = dsc_fail_memory(err, "a model file's name");
        goto done;
    }
    status = load(file, err);
    if (status == DSC_OK) {
        status = parse_header(file, err);
    }
    if (status == DSC_OK) {
        status = dsc_safetensors_check(file, err);
    }
done:
    if (status != DSC_OK) {
        dsc_safetensors_close(file);
        return status;
    }
    *out = file;
    return DSC_OK;
}

void dsc_safetensors_close(dsc_safetensors *file) {
    if (file == NULL) {
        return;
    }
    dsc_free(file->tensors);
    json_decref(file->header);
    dsc_free(file->bytes);
    free(file->path);
    free(file);
}

const char *dsc_safetensors_metadata(const dsc_safetensors *file, const char *key) {
    return json_string_value(
        json_object_get(json_object_get(file->header, DSC_METADATA_NAME), key));
}

dsc_status dsc_safetensors_tensor(const dsc_safetensors *file, const char *name,
                                  dsc_element element, size_t n_dimensions, const size_t *shape,
                                  dsc_tensor *out, dsc_error *err) {
    const dsc_tensor *found = NULL;
    for (size_t i = 0; i < file->n_tensors && found == NULL; i++) {
        found = strcmp(file->tensors[i].name, name) == 0 ? &file->tensors[i] : NULL;
    }
    if (found == NULL) {
        return dsc_fail(err, DSC_E_MODEL, file->path, "the array \"%s\" is missing", name);
    }
    if (found->element != element) {
        return dsc_fail(err, DSC_E_MODEL, file->path, "array \"%s\" holds %s, expected %s", name,
                        dsc_element_name(found->element), dsc_element_name(element));
    }
    if (found->n_dimensions != n_dimensions) {
        return dsc_fail(err, DSC_E_MODEL, file->path,
                        "array \"%s\" has %zu dimensions, expected %zu", name, found->n_dimensions,
                        n_dimensions);
    }
    for (size_t d = 0; d < n_dimensions; d++) {
        if (shape[d] != SIZE_MAX && found->shape[d] != shape[d]) {
            return dsc_fail(err, DSC_E_MODEL, file->path,
                            "dimension %zu of array \"%s\" has length %zu, expected %zu", d + 1,
                            name, found->shape[d], shape[d]);
        }
    }
    *out = *found;
    return DSC_OK;
}
