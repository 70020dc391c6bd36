/* Checks a safetensors file whose header is parsed, and lists its arrays.
 *
 * First the checksum, which finds every accident; then every rule of the layout, since a malicious
 * file may have a correct checksum. Nothing the header says is used before it is checked. */
#include <inttypes.h>
#include <string.h>

#include <jansson.h>
#define XXH_INLINE_ALL
#include <xxhash.h>

#include "base/error.h"
#include "base/memory.h"
#include "store/safetensors.h"
#include "store/safetensors_internal.h"

/* False: not a whole number, negative, or larger than this machine can address. */
static bool get_size(const json_t *value, size_t *out) {
    if (!json_is_integer(value) || json_integer_value(value) < 0 ||
        (uintmax_t)json_integer_value(value) > PTRDIFF_MAX) {
        return false;
    }
    *out = (size_t)json_integer_value(value);
    return true;
}

static bool get_element(const json_t *value, dsc_element *out) {
    static const dsc_element all[] = {DSC_U8, DSC_I32, DSC_I64, DSC_F32, DSC_F64, DSC_BF16};
    const char *name = json_string_value(value);
    for (size_t i = 0; name != NULL && i < sizeof all / sizeof all[0]; i++) {
        if (strcmp(name, dsc_element_name(all[i])) == 0) {
            *out = all[i];
            return true;
        }
    }
    return false;
}

/* The two numbers of "data_offsets". */
static bool get_offsets(const json_t *entry, size_t *begin, size_t *end) {
    const json_t *offsets = json_object_get(entry, "data_offsets");
    return json_array_size(offsets) == 2 && get_size(json_array_get(offsets, 0), begin) &&
           get_size(json_array_get(offsets, 1), end);
}

/* Finds every accident: a byte changed, cut off or added. */
static dsc_status check_checksum(const dsc_safetensors *file, dsc_error *err) {
    const json_t *entry = json_object_get(file->header, DSC_CHECKSUM_NAME);
    size_t n_data = file->n_bytes - file->data_start;
    size_t begin;
    size_t end;
    if (entry == NULL) {
        return dsc_fail(err, DSC_E_MODEL, file->path,
                        "written by something else: it has no array \"" DSC_CHECKSUM_NAME "\"");
    }
    if (get_offsets(entry, &begin, &end) && end > n_data) {
        return dsc_fail(err, DSC_E_MODEL, file->path,
                        "the file is incomplete: it has %zu bytes of arrays, expected %zu", n_data,
                        end);
    }
    uint64_t stored;
    size_t n_hashed = file->n_bytes - DSC_CHECKSUM_BYTES; /* a header of "{}" is the least */
    memcpy(&stored, file->bytes + n_hashed, DSC_CHECKSUM_BYTES);
    uint64_t computed = XXH3_64bits(file->bytes, n_hashed);
    if (stored != computed) {
        return dsc_fail(err, DSC_E_MODEL, file->path,
                        "the file is damaged: its checksum is %016" PRIx64
                        ", but its bytes give %016" PRIx64,
                        stored, computed);
    }
    return DSC_OK;
}

/* --- layout ----------------------------------------------------------------------------------- */

static dsc_status check_metadata(const dsc_safetensors *file, json_t *metadata, dsc_error *err) {
    const char *key;
    json_t *value;
    if (!json_is_object(metadata)) {
        return dsc_fail(err, DSC_E_MODEL, file->path, DSC_METADATA_NAME " is not a JSON object");
    }
    json_object_foreach(metadata, key, value) {
        if (!json_is_string(value)) {
            return dsc_fail(err, DSC_E_MODEL, file->path,
                            DSC_METADATA_NAME " \"%s\" is not a string", key);
        }
    }
    return DSC_OK;
}

/* Reads "dtype", "shape" and "data_offsets", which must be all that there is. NULL, or what is
 * wrong. */
static const char *read_entry(dsc_tensor *tensor, size_t *begin, size_t *end, const json_t *entry) {
    const json_t *shape = json_object_get(entry, "shape");
    if (json_object_size(entry) != 3) { /* 0 for what is no object */
        return "expected an object of dtype, shape and data_offsets";
    }
    if (!get_element(json_object_get(entry, "dtype"), &tensor->element)) {
        return "expected a dtype of U8, I32, I64, F32, F64 or BF16";
    }
    tensor->n_dimensions = json_array_size(shape); /* 0 for what is no array */
    if (tensor->n_dimensions != 1 && tensor->n_dimensions != 2) {
        return "expected a shape of 1 or 2 lengths";
    }
    tensor->shape[1] = 1;
    for (size_t d = 0; d < tensor->n_dimensions; d++) {
        if (!get_size(json_array_get(shape, d), &tensor->shape[d])) {
            return "expected a shape of whole numbers from 0 to 2^63 - 1";
        }
    }
    if (!get_offsets(entry, begin, end)) {
        return "expected data_offsets of two whole numbers from 0 to 2^63 - 1";
    }
    return NULL;
}

/* Checks one array that must begin at *offset of the array bytes, and moves *offset to its end. */
static dsc_status check_tensor(const dsc_safetensors *file, dsc_tensor *tensor, size_t *offset,
                               const json_t *entry, dsc_error *err) {
    size_t begin;
    size_t end;
    size_t n_bytes;
    const char *problem = read_entry(tensor, &begin, &end, entry);
    if (problem != NULL) {
        return dsc_fail(err, DSC_E_MODEL, file->path, "array \"%s\": %s", tensor->name, problem);
    }
    if (begin != *offset) {
        return dsc_fail(err, DSC_E_MODEL, file->path,
                        "array \"%s\" begins at byte %zu, expected %zu, where the one before ends",
                        tensor->name, begin, *offset);
    }
    if (end < begin || end > file->n_bytes - file->data_start) {
        return dsc_fail(err, DSC_E_MODEL, file->path,
                        "array \"%s\" ends at byte %zu, expected %zu to %zu", tensor->name, end,
                        begin, file->n_bytes - file->data_start);
    }
    if (!dsc_tensor_bytes(tensor, &n_bytes) || n_bytes != end - begin) {
        return dsc_fail(err, DSC_E_MODEL, file->path,
                        "array \"%s\" takes %zu bytes, which is not what its shape needs",
                        tensor->name, end - begin);
    }
    if (begin % dsc_element_bytes(tensor->element) != 0) {
        return dsc_fail(err, DSC_E_MODEL, file->path,
                        "array \"%s\" begins at byte %zu, expected a multiple of its element size",
                        tensor->name, begin);
    }
    tensor->data = file->bytes + file->data_start + begin;
    *offset = end;
    return DSC_OK;
}

/* The last array must be the checksum and end where the file ends. Takes it off the list. */
static dsc_status check_end(dsc_safetensors *file, size_t offset, dsc_error *err) {
    const dsc_tensor *last = file->n_tensors == 0 ? NULL : &file->tensors[file->n_tensors - 1];
    if (last == NULL || strcmp(last->name, DSC_CHECKSUM_NAME) != 0 || last->element != DSC_U8 ||
        last->n_dimensions != 1 || last->shape[0] != DSC_CHECKSUM_BYTES) {
        return dsc_fail(err, DSC_E_MODEL, file->path,
                        "expected \"" DSC_CHECKSUM_NAME "\", U8 (8), as the last array, found %s",
                        last == NULL ? "no array" : last->name);
    }
    if (offset != file->n_bytes - file->data_start) {
        return dsc_fail(err, DSC_E_MODEL, file->path, "%zu bytes follow the last array",
                        file->n_bytes - file->data_start - offset);
    }
    file->n_tensors--;
    return DSC_OK;
}

static dsc_status check_layout(dsc_safetensors *file, dsc_error *err) {
    const char *name;
    json_t *entry;
    size_t offset = 0;
    if (file->data_start % DSC_LENGTH_BYTES != 0) {
        return dsc_fail(err, DSC_E_MODEL, file->path,
                        "the arrays begin at byte %zu, expected a multiple of %zu",
                        file->data_start, DSC_LENGTH_BYTES);
    }
    file->tensors = dsc_alloc(json_object_size(file->header), sizeof *file->tensors);
    if (file->tensors == NULL) {
        return dsc_fail_memory(err, "the list of a model file's arrays");
    }
    /* jansson walks through an object in the order of the text. */
    json_object_foreach(file->header, name, entry) {
        dsc_status status;
        if (strcmp(name, DSC_METADATA_NAME) == 0) {
            status = check_metadata(file, entry, err);
        } else {
            dsc_tensor *tensor = &file->tensors[file->n_tensors++];
            tensor->name = name;
            status = check_tensor(file, tensor, &offset, entry, err);
        }
        if (status != DSC_OK) {
            return status;
        }
    }
    return check_end(file, offset, err);
}

dsc_status dsc_safetensors_check(dsc_safetensors *file, dsc_error *err) {
    dsc_status status = check_checksum(file, err);
    return status == DSC_OK ? check_layout(file, err) : status;
}
