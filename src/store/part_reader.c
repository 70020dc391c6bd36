/* Taking a model file apart: metadata as numbers, names and lists, arrays with finite values. */
#include "store/part_reader.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"

static dsc_status check_format(const dsc_part_reader *reader, const char *format,
                               const char *version, dsc_error *err) {
    const char *found = dsc_safetensors_metadata(reader->file, DSC_PART_FORMAT);
    if (found == NULL || strcmp(found, format) != 0) {
        return dsc_fail(err, DSC_E_MODEL, reader->path, "its format is \"%s\"; expected \"%s\"",
                        found != NULL ? found : "", format);
    }
    dsc_status status = dsc_part_get_text(reader, DSC_PART_FORMAT_VERSION, &found, err);
    if (status == DSC_OK && strcmp(found, version) != 0) {
        return dsc_fail(err, DSC_E_MODEL, reader->path,
                        "has format version \"%s\"; this program reads version %s", found, version);
    }
    return status;
}

dsc_status dsc_part_reader_open(dsc_part_reader *out, const char *path, const char *format,
                                const char *version, dsc_error *err) {
    *out = (dsc_part_reader){.path = path};
    dsc_status status = dsc_safetensors_open(&out->file, path, err);
    if (status == DSC_OK) {
        status = check_format(out, format, version, err);
    }
    if (status != DSC_OK) {
        dsc_part_reader_close(out);
    }
    return status;
}

void dsc_part_reader_close(dsc_part_reader *reader) {
    dsc_safetensors_close(reader->file);
    *reader = (dsc_part_reader){0};
}

dsc_status dsc_part_get_text(const dsc_part_reader *reader, const char *key, const char **out,
                             dsc_error *err) {
    *out = dsc_safetensors_metadata(reader->file, key);
    if (*out == NULL) {
        return dsc_fail(err, DSC_E_MODEL, reader->path, "has no \"%s\" in its metadata", key);
    }
    return DSC_OK;
}

dsc_status dsc_part_get_number(const dsc_part_reader *reader, const char *key, uint64_t *out,
                               dsc_error *err) {
    const char *text;
    dsc_status status = dsc_part_get_text(reader, key, &text, err);
    if (status != DSC_OK) {
        return status;
    }
    errno = 0;
    *out = strtoull(text, NULL, 10);
    if (text[0] == '\0' || text[strspn(text, "0123456789")] != '\0' || errno != 0) {
        return dsc_fail(err, DSC_E_MODEL, reader->path,
                        "metadata \"%s\" is \"%s\"; expected a number", key, text);
    }
    return DSC_OK;
}

dsc_status dsc_part_get_size(const dsc_part_reader *reader, const char *key, size_t *out,
                             dsc_error *err) {
    uint64_t value = 0;
    dsc_status status = dsc_part_get_number(reader, key, &value, err);
    *out = (size_t)value;
    return status;
}

dsc_status dsc_part_get_flag(const dsc_part_reader *reader, const char *key, bool *out,
                             dsc_error *err) {
    const char *text;
    dsc_status status = dsc_part_get_text(reader, key, &text, err);
    if (status != DSC_OK) {
        return status;
    }
    *out = strcmp(text, "true") == 0;
    if (!*out && strcmp(text, "false") != 0) {
        return dsc_fail(err, DSC_E_MODEL, reader->path,
                        "metadata \"%s\" is \"%s\"; expected true or false", key, text);
    }
    return DSC_OK;
}

static size_t count_words(const char *text) {
    size_t n = 1;
    for (; *text != '\0'; text++) {
        n += *text == ',';
    }
    return n;
}

dsc_status dsc_part_get_list(const dsc_part_reader *reader, const dsc_part_list *list,
                             dsc_error *err) {
    const char *text;
    dsc_status status = dsc_part_get_text(reader, list->key, &text, err);
    if (status != DSC_OK) {
        return status;
    }
    if (count_words(text) != list->n) {
        return dsc_fail(err, DSC_E_MODEL, reader->path,
                        "metadata \"%s\" has %zu entries; expected %zu, one a layer", list->key,
                        count_words(text), list->n);
    }
    for (size_t i = 0; i < list->n; i++) {
        char word[64];
        const size_t length = strcspn(text, ",");
        const size_t kept = length < sizeof word ? length : sizeof word - 1;
        memcpy(word, text, kept);
        word[kept] = '\0';
        if (kept < length || !list->take(word, i, list->user)) {
            return dsc_fail(err, DSC_E_MODEL, reader->path,
                            "metadata \"%s\": \"%s\" is not %s known here", list->key, word,
                            list->kind);
        }
        text += length + 1;
    }
    return DSC_OK;
}

dsc_status dsc_part_get_vector(const dsc_part_reader *reader, const char *name, dsc_element element,
                               size_t n, dsc_tensor *out, dsc_error *err) {
    return dsc_safetensors_tensor(reader->file, name, element, 1, &n, out, err);
}

static bool is_finite_at(const dsc_tensor *tensor, size_t i) {
    return tensor->element == DSC_F32 ? isfinite(((const float *)tensor->data)[i])
                                      : isfinite(((const double *)tensor->data)[i]);
}

dsc_status dsc_part_get_finite(const dsc_part_reader *reader, const char *name, dsc_element element,
                               size_t n_dimensions, const size_t *shape, dsc_tensor *out,
                               dsc_error *err) {
    dsc_status status =
        dsc_safetensors_tensor(reader->file, name, element, n_dimensions, shape, out, err);
    const size_t n = status == DSC_OK ? out->shape[0] * out->shape[1] : 0;
    for (size_t i = 0; i < n; i++) {
        if (!is_finite_at(out, i)) {
            return dsc_fail(err, DSC_E_MODEL, reader->path,
                            "array \"%s\": value %zu is infinite or not a number", name, i + 1);
        }
    }
    return status;
}

dsc_status dsc_part_get_reals(const dsc_part_reader *reader, const char *name, size_t n,
                              const double **out, dsc_error *err) {
    dsc_tensor tensor;
    dsc_status status = dsc_part_get_finite(reader, name, DSC_F64, 1, &n, &tensor, err);
    if (status == DSC_OK) {
        *out = tensor.data;
    }
    return status;
}
