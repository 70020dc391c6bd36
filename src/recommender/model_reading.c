/* Reading a model file: single settings and arrays, by the name that they have in it. */
#include "recommender/model_reading.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"

const char *dsc_reading_name(const dsc_model_reading *r, const char *own) {
    snprintf(r->name, (size_t)2 * DSC_MODEL_NAME_LENGTH, "%s%s", r->prefix, own);
    return r->name;
}

dsc_status dsc_reading_text(const dsc_model_reading *r, const char *key, const char **out,
                            dsc_error *err) {
    *out = dsc_safetensors_metadata(r->file, dsc_reading_name(r, key));
    if (*out == NULL) {
        return dsc_fail(err, DSC_E_MODEL, r->path, "has no \"%s\" in its metadata", r->name);
    }
    return DSC_OK;
}

/* A whole number up to the end of the text or to `end_mark`; *text moves to that place. */
bool dsc_reading_parse_number(const char **text, char end_mark, uint64_t *out) {
    char *end;
    if (**text < '0' || **text > '9') {
        return false;
    }
    errno = 0;
    *out = strtoull(*text, &end, 10);
    if (errno != 0 || (*end != '\0' && *end != end_mark)) {
        return false;
    }
    *text = end;
    return true;
}

dsc_status dsc_reading_number(const dsc_model_reading *r, const char *key, uint64_t *out,
                              dsc_error *err) {
    const char *text;
    dsc_status status = dsc_reading_text(r, key, &text, err);
    if (status != DSC_OK) {
        return status;
    }
    const char *rest = text;
    if (!dsc_reading_parse_number(&rest, '\0', out)) {
        return dsc_fail(err, DSC_E_MODEL, r->path, "metadata \"%s\" is \"%s\"; expected a number",
                        r->name, text);
    }
    return DSC_OK;
}

dsc_status dsc_reading_size(const dsc_model_reading *r, const char *key, size_t *out,
                            dsc_error *err) {
    uint64_t value = 0;
    dsc_status status = dsc_reading_number(r, key, &value, err);
    *out = (size_t)value;
    return status;
}

dsc_status dsc_reading_flag(const dsc_model_reading *r, const char *key, bool *out,
                            dsc_error *err) {
    const char *text;
    dsc_status status = dsc_reading_text(r, key, &text, err);
    if (status != DSC_OK) {
        return status;
    }
    *out = strcmp(text, "true") == 0;
    if (!*out && strcmp(text, "false") != 0) {
        return dsc_fail(err, DSC_E_MODEL, r->path,
                        "metadata \"%s\" is \"%s\"; expected true or false", r->name, text);
    }
    return DSC_OK;
}

dsc_status dsc_reading_vector(const dsc_model_reading *r, const char *name, dsc_element element,
                              size_t n, dsc_tensor *out, dsc_error *err) {
    return dsc_safetensors_tensor(r->file, dsc_reading_name(r, name), element, 1, &n, out, err);
}
