/* Writes the safetensors container: header, arrays and checksum in one pass, without a copy. */
#include <string.h>

#include <jansson.h>
#define XXH_INLINE_ALL
#include <xxhash.h>

#include "base/atomic_file.h"
#include "base/error.h"
#include "base/memory.h"
#include "store/safetensors.h"
#include "store/safetensors_internal.h"

/* --- header ---------------------------------------------------------------------------------- */

/* Sets object[key], taking over `value`, for which NULL means that there was no memory. */
static dsc_status add_member(json_t *object, const char *key, json_t *value, dsc_error *err) {
    if (value != NULL && json_object_get(object, key) != NULL) {
        json_decref(value);
        return dsc_fail(err, DSC_E_ARGUMENT, key, "this name is given twice");
    }
    if (value == NULL || json_object_set_new(object, key, value) != 0) {
        return dsc_fail_memory(err, "the header of a model file");
    }
    return DSC_OK;
}

/* A JSON string; `owner` stands in messages. */
static dsc_status make_string(json_t **out, const char *text, const char *owner, dsc_error *err) {
    json_error_t error = {0};
    *out = json_pack_ex(&error, 0, "s", text);
    if (*out != NULL) {
        return DSC_OK;
    }
    if (json_error_code(&error) == json_error_invalid_utf8) {
        return dsc_fail(err, DSC_E_ARGUMENT, owner, "expected text in UTF-8, found other bytes");
    }
    return dsc_fail_memory(err, "the header of a model file");
}

static dsc_status check_utf8(const char *name, dsc_error *err) {
    json_t *string;
    dsc_status status = make_string(&string, name, name, err);
    json_decref(string);
    return status;
}

static dsc_status add_metadata(json_t *header, const dsc_metadata *metadata, size_t n_metadata,
                               dsc_error *err) {
    json_t *object = json_object();
    dsc_status status = add_member(header, DSC_METADATA_NAME, object, err);
    for (size_t i = 0; i < n_metadata && status == DSC_OK; i++) {
        json_t *value = NULL;
        status = check_utf8(metadata[i].key, err);
        if (status == DSC_OK) {
            status = make_string(&value, metadata[i].value, metadata[i].key, err);
        }
        if (status == DSC_OK) {
            status = add_member(object, metadata[i].key, value, err);
        }
    }
    return status;
}

/* Describes one array that begins at *offset from the start of the array bytes, and moves *offset
 * to its end. */
static dsc_status add_tensor(json_t *header, const dsc_tensor *tensor, size_t *offset,
                             dsc_error *err) {
    size_t n_bytes;
    size_t end;
    if (!dsc_tensor_bytes(tensor, &n_bytes) || __builtin_add_overflow(*offset, n_bytes, &end) ||
        end > PTRDIFF_MAX) {
        return dsc_fail(err, DSC_E_ARGUMENT, tensor->name, "the array is too large for a file");
    }
    json_int_t begin_at = (json_int_t)*offset;
    json_int_t end_at = (json_int_t)end;
    json_int_t n_rows = (json_int_t)tensor->shape[0];
    const char *element = dsc_element_name(tensor->element);
    json_t *entry = tensor->n_dimensions == 1
                        ? json_pack("{s:s, s:[I], s:[I,I]}", "dtype", element, "shape", n_rows,
                                    "data_offsets", begin_at, end_at)
                        : json_pack("{s:s, s:[I,I], s:[I,I]}", "dtype", element, "shape", n_rows,
                                    (json_int_t)tensor->shape[1], "data_offsets", begin_at, end_at);
    *offset = end;
    return add_member(header, tensor->name, entry, err);
}

/* What the caller may not ask for, but add_tensor and add_member would write. */
static dsc_status check_tensors(const dsc_tensor *tensors, size_t n_tensors, dsc_error *err) {
    size_t last_bytes = SIZE_MAX;
    for (size_t i = 0; i < n_tensors; i++) {
        const dsc_tensor *tensor = &tensors[i];
        size_t element_bytes = dsc_element_bytes(tensor->element);
        if (strcmp(tensor->name, DSC_METADATA_NAME) == 0 ||
            strcmp(tensor->name, DSC_CHECKSUM_NAME) == 0) {
            return dsc_fail(err, DSC_E_ARGUMENT, tensor->name,
                            "the file format keeps this name for itself");
        }
        if (element_bytes == 0) {
            return dsc_fail(err, DSC_E_ARGUMENT, tensor->name, "unknown element type %d",
                            (int)tensor->element);
        }
        if (tensor->n_dimensions != 1 && tensor->n_dimensions != 2) {
            return dsc_fail(err, DSC_E_ARGUMENT, tensor->name,
                            "the array has %zu dimensions, expected 1 or 2", tensor->n_dimensions);
        }
        if (element_bytes > last_bytes) {
            return dsc_fail(err, DSC_E_ARGUMENT, tensor->name,
                            "elements of %zu bytes follow elements of %zu bytes, expected the "
                            "larger ones first",
                            element_bytes, last_bytes);
        }
        last_bytes = element_bytes;
        dsc_status status = check_utf8(tensor->name, err);
        if (status != DSC_OK) {
            return status;
        }
    }
    return DSC_OK;
}

static dsc_status describe(json_t *header, const dsc_metadata *metadata, size_t n_metadata,
                           const dsc_tensor *tensors, size_t n_tensors, dsc_error *err) {
    size_t offset = 0;
    dsc_status status = check_tensors(tensors, n_tensors, err);
    if (status == DSC_OK) {
        status = add_metadata(header, metadata, n_metadata, err);
    }
    for (size_t i = 0; i < n_tensors && status == DSC_OK; i++) {
        status = add_tensor(header, &tensors[i], &offset, err);
    }
    if (status == DSC_OK) {
        const dsc_tensor checksum = {.name = DSC_CHECKSUM_NAME,
                                     .element = DSC_U8,
                                     .n_dimensions = 1,
                                     .shape = {DSC_CHECKSUM_BYTES, 1}};
        status = add_tensor(header, &checksum, &offset, err);
    }
    return status;
}

/* The header as it stands in the file: length, JSON, blanks up to a multiple of 8.
 *   out  [out]  n_bytes bytes, freed with dsc_free */
static dsc_status print_header(unsigned char **out, size_t *n_bytes, const json_t *header,
                               const char *path, dsc_error *err) {
    size_t length = json_dumpb(header, NULL, 0, JSON_COMPACT);
    if (length > DSC_MAX_HEADER_BYTES) {
        return dsc_fail(err, DSC_E_ARGUMENT, path,
                        "names and metadata take %zu bytes, expected at most %zu", length,
                        DSC_MAX_HEADER_BYTES);
    }
    size_t padded = (length + DSC_LENGTH_BYTES - 1) / DSC_LENGTH_BYTES * DSC_LENGTH_BYTES;
    unsigned char *bytes = dsc_alloc(DSC_LENGTH_BYTES + padded, 1);
    char *text = (char *)bytes + DSC_LENGTH_BYTES;
    if (bytes == NULL || length == 0 || json_dumpb(header, text, length, JSON_COMPACT) != length) {
        dsc_free(bytes);
        return dsc_fail_memory(err, "the header of a model file");
    }
    memset(text + length, ' ', padded - length);
    uint64_t stored_length = padded;
    memcpy(bytes, &stored_length, DSC_LENGTH_BYTES);
    *out = bytes;
    *n_bytes = DSC_LENGTH_BYTES + padded;
    return DSC_OK;
}

/* --- file ------------------------------------------------------------------------------------ */

static dsc_status write_hashed(dsc_atomic_file *file, XXH3_state_t *hash, const void *bytes,
                               size_t n_bytes, dsc_error *err) {
    if (n_bytes == 0) {
        return DSC_OK;
    }
    XXH3_64bits_update(hash, bytes, n_bytes);
    return dsc_atomic_file_write(file, bytes, n_bytes, err);
}

static dsc_status write_all(dsc_atomic_file *file, const unsigned char *header,
                            size_t n_header_bytes, const dsc_tensor *tensors, size_t n_tensors,
                            dsc_error *err) {
    XXH3_state_t hash;
    XXH3_64bits_reset(&hash);
    dsc_status status = write_hashed(file, &hash, header, n_header_bytes, err);
    for (size_t i = 0; i < n_tensors && status == DSC_OK; i++) {
        size_t n_bytes = 0;
        dsc_tensor_bytes(&tensors[i], &n_bytes);
        status = write_hashed(file, &hash, tensors[i].data, n_bytes, err);
    }
    if (status == DSC_OK) {
        uint64_t checksum = XXH3_64bits_digest(&hash);
        status = dsc_atomic_file_write(file, &checksum, DSC_CHECKSUM_BYTES, err);
    }
    return status;
}

dsc_status dsc_safetensors_write(const char *path, const dsc_metadata *metadata, size_t n_metadata,
                                 const dsc_tensor *tensors, size_t n_tensors, dsc_error *err) {
    unsigned char *bytes = NULL;
    size_t n_bytes = 0;
    dsc_atomic_file *file = NULL;
    dsc_status status;
    json_t *header = json_object();
    if (header == NULL) {
        status = dsc_fail_memory(err, "the header of a model file");
        goto done;
    }
    status = describe(header, metadata, n_metadata, tensors, n_tensors, err);
    if (status != DSC_OK) {
        goto done;
    }
    status = print_header(&bytes, &n_bytes, header, path, err);
    if (status != DSC_OK) {
        goto done;
    }
    status = dsc_atomic_file_open(&file, path, err);
    if (status != DSC_OK) {
        goto done;
    }
    status = write_all(file, bytes, n_bytes, tensors, n_tensors, err);
    if (status != DSC_OK) {
        goto done;
    }
    status = dsc_atomic_file_commit(file, err);
    file = NULL;
done:
    dsc_atomic_file_discard(file);
    dsc_free(bytes);
    json_decref(header);
    return status;
}
