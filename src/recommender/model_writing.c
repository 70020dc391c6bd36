/* Writing a model file: single settings and arrays, by the name that they have in it. */
#include "recommender/model_writing.h"

#include <inttypes.h>
#include <stdio.h>

/* A name with the prefix. */
static const char *add_name(dsc_model_writing *w, const char *own) {
    char *name = w->name[w->n_names++];
    snprintf(name, sizeof w->name[0], "%s%s", w->prefix, own);
    return name;
}

void dsc_writing_text(dsc_model_writing *w, const char *key, const char *value) {
    w->metadata[w->n_metadata++] = (dsc_metadata){add_name(w, key), value};
}

void dsc_writing_number(dsc_model_writing *w, const char *key, uint64_t value) {
    char *text = w->number[w->n_metadata];
    snprintf(text, DSC_WRITING_VALUE, "%" PRIu64, value);
    dsc_writing_text(w, key, text);
}

void dsc_writing_flag(dsc_model_writing *w, const char *key, bool value) {
    dsc_writing_text(w, key, value ? "true" : "false");
}

void dsc_writing_vector(dsc_model_writing *w, const char *name, dsc_element element, size_t n,
                        const void *data) {
    w->tensor[w->n_tensors++] = (dsc_tensor){add_name(w, name), element, 1, {n, 1}, data};
}

void dsc_writing_matrix(dsc_model_writing *w, const char *name, dsc_element element, dsc_matrix m) {
    w->tensor[w->n_tensors++] =
        (dsc_tensor){add_name(w, name), element, 2, {m.n_rows, m.n_cols}, m.data};
}
