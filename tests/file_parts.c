/* A model file taken apart and written anew with one thing wrong, its checksum correct. */
#include "file_parts.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "descent/recommender.h"
#include "scratch_dir.h"
#include "store/safetensors_internal.h"

dsc_status load_recommender(const char *path, dsc_error *err) {
    dsc_recommender *model = (dsc_recommender *)(uintptr_t)1;
    const dsc_status status = dsc_recommender_load(&model, path, err);
    assert_int_equal(model != NULL, status == DSC_OK);
    dsc_recommender_destroy(model);
    return status;
}

void file_parts_open(file_parts *parts, const char *path) {
    const char *key;
    json_t *value;
    memset(parts, 0, sizeof *parts);
    assert_int_equal(dsc_safetensors_open(&parts->file, path, NULL), DSC_OK);
    for (size_t t = 0; t < parts->file->n_tensors; t++) {
        if (strcmp(parts->file->tensors[t].name, "checksum") != 0) {
            assert_true(parts->n_tensors < MAX_FILE_PARTS);
            parts->tensor[parts->n_tensors++] = parts->file->tensors[t];
        }
    }
    json_object_foreach(json_object_get(parts->file->header, "__metadata__"), key, value) {
        assert_true(parts->n_metadata < MAX_FILE_PARTS);
        parts->metadata[parts->n_metadata++] = (dsc_metadata){key, json_string_value(value)};
    }
}

void file_parts_close(file_parts *parts) {
    dsc_safetensors_close(parts->file);
}

static void expect(dsc_status status, const dsc_error *err, const char *path, const char *text) {
    if (text == NULL) {
        if (status != DSC_OK) {
            fail_msg("expected a model, found %s: %s", dsc_status_name(status), err->message);
        }
        return;
    }
    if (status != DSC_E_MODEL || strstr(err->message, text) == NULL) {
        fail_msg("expected \"%s\", found %s: \"%s\"", text, dsc_status_name(status),
                 status == DSC_OK ? "" : err->message);
    }
    assert_int_equal(err->code, DSC_E_MODEL);
    assert_string_equal(err->where, path);
}

void file_parts_load(const file_parts *parts, const char *path, file_loader load,
                     const char *text) {
    dsc_error err = {DSC_OK, "", ""};
    assert_int_equal(dsc_safetensors_write(path, parts->metadata, parts->n_metadata, parts->tensor,
                                           parts->n_tensors, &err),
                     DSC_OK);
    expect(load(path, &err), &err, path, text);
}

void file_parts_load_without_each(const file_parts *parts, const char *path, file_loader load) {
    for (size_t t = 0; t < parts->n_tensors; t++) {
        file_parts changed = *parts;
        memmove(&changed.tensor[t], &changed.tensor[t + 1],
                (parts->n_tensors - t - 1) * sizeof changed.tensor[0]);
        changed.n_tensors--;
        file_parts_load(&changed, path, load, parts->tensor[t].name);
    }
    for (size_t k = 0; k < parts->n_metadata; k++) {
        if (strcmp(parts->metadata[k].key, "writer") == 0) {
            continue; /* which nobody reads */
        }
        file_parts changed = *parts;
        memmove(&changed.metadata[k], &changed.metadata[k + 1],
                (parts->n_metadata - k - 1) * sizeof changed.metadata[0]);
        changed.n_metadata--;
        file_parts_load(&changed, path, load, parts->metadata[k].key);
    }
}

static size_t tensor_of(const file_parts *parts, const char *name) {
    for (size_t t = 0; t < parts->n_tensors; t++) {
        if (strcmp(parts->tensor[t].name, name) == 0) {
            return t;
        }
    }
    fail_msg("no array %s", name);
    return 0;
}

static void set_value(void *data, dsc_element element, size_t at, double value) {
    switch (element) {
    case DSC_U8:
        ((uint8_t *)data)[at] = (uint8_t)value;
        return;
    case DSC_I64:
        ((int64_t *)data)[at] = (int64_t)value;
        return;
    case DSC_F32:
        ((float *)data)[at] = (float)value;
        return;
    case DSC_F64:
        ((double *)data)[at] = value;
        return;
    case DSC_I32:
    case DSC_BF16:
        break;
    }
    fail();
}

void file_parts_load_value(const file_parts *parts, const char *path, file_loader load,
                           const char *array, size_t at, double value, const char *text) {
    file_parts changed = *parts;
    dsc_tensor *tensor = &changed.tensor[tensor_of(parts, array)];
    const size_t n = tensor->shape[0] * tensor->shape[1];
    double *copy = calloc(n + 1, sizeof *copy); /* 8 bytes an element are enough for all */
    assert_non_null(copy);
    assert_true(at < n);
    memcpy(copy, tensor->data, n * dsc_element_bytes(tensor->element));
    set_value(copy, tensor->element, at, value);
    tensor->data = copy;
    file_parts_load(&changed, path, load, text);
    free(copy);
}

void file_parts_load_key(const file_parts *parts, const char *path, file_loader load,
                         const char *key, const char *value, const char *text) {
    for (size_t k = 0; k < parts->n_metadata; k++) {
        if (strcmp(parts->metadata[k].key, key) == 0) {
            file_parts changed = *parts;
            changed.metadata[k].value = value;
            file_parts_load(&changed, path, load, text);
            return;
        }
    }
    fail_msg("no key %s", key);
}

void file_parts_load_other_shapes(const file_parts *parts, const char *path, file_loader load,
                                  const char *free_rows) {
    static const double zeros[1000] = {0};
    for (size_t t = 0; t < parts->n_tensors; t++) {
        file_parts changed = *parts;
        dsc_tensor *tensor = &changed.tensor[t];
        const dsc_tensor whole = *tensor;
        tensor->n_dimensions = 3 - whole.n_dimensions;
        tensor->shape[0] = whole.shape[0] * whole.shape[1];
        tensor->shape[1] = 1;
        file_parts_load(&changed, path, load, "");
        for (size_t d = 0; d < whole.n_dimensions; d++) {
            const bool is_free = d == 0 && free_rows != NULL && strcmp(whole.name, free_rows) == 0;
            *tensor = whole;
            tensor->shape[d]--;
            file_parts_load(&changed, path, load, is_free ? NULL : "");
            tensor->shape[d] += 2;
            assert_true(tensor->shape[0] * tensor->shape[1] <= sizeof zeros / sizeof zeros[0]);
            tensor->data = zeros;
            file_parts_load(&changed, path, load, is_free ? NULL : "");
        }
    }
}

void file_parts_load_altered(const char *from, const char *path, file_loader load) {
    size_t n;
    char *bytes = scratch_read(from, &n);
    const char *slash = strrchr(path, '/');
    char *dir = strndup(path, (size_t)(slash - path));
    for (size_t i = 0; i < n; i++) {
        dsc_error err = {DSC_OK, "", ""};
        bytes[i] ^= 0x20;
        free(scratch_write(dir, slash + 1, bytes, n));
        expect(load(path, &err), &err, path, "");
        bytes[i] ^= 0x20;
        free(scratch_write(dir, slash + 1, bytes, i));
        expect(load(path, &err), &err, path, "");
    }
    free(dir);
    free(bytes);
}
