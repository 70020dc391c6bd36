/* Encodings: made of flat parts, which are checked, and looked into. */
#include "descent/encoding.h"

#include <stdlib.h>

#include "table/encoding_internal.h"

void dsc_encoding_destroy(dsc_encoding *e) {
    if (e == NULL) {
        return;
    }
    for (size_t i = 0; e->category_map != NULL && i < e->parts.n_features; i++) {
        dsc_id_map_destroy(e->category_map[i]);
    }
    dsc_id_map_destroy(e->class_map);
    free(e->column);
    free(e->n_categories);
    free(e->shift);
    free(e->scale);
    free(e->fill);
    free(e->fill_category);
    free(e->has_fill);
    free(e->strings);
    free(e->offset);
    free(e->first_input);
    free(e->first_string);
    free(e->category_map);
    free(e->class_number);
    free(e);
}

dsc_id dsc_encoding_string(const dsc_encoding *e, size_t i) {
    return (dsc_id){e->strings + e->offset[i], e->offset[i + 1] - e->offset[i]};
}

dsc_task dsc_encoding_task(const dsc_encoding *e) {
    return (dsc_task)e->parts.task;
}

size_t dsc_encoding_n_inputs(const dsc_encoding *e) {
    return e->n_inputs;
}

size_t dsc_encoding_n_outputs(const dsc_encoding *e) {
    return e->n_outputs;
}

size_t dsc_encoding_n_features(const dsc_encoding *e) {
    return e->parts.n_features;
}

dsc_id dsc_encoding_class(const dsc_encoding *e, size_t index) {
    return dsc_encoding_string(e, e->first_string[e->parts.n_features] + index);
}

dsc_target_info dsc_encoding_target(const dsc_encoding *e) {
    return (dsc_target_info){dsc_encoding_string(e, e->parts.n_features), e->parts.target_column,
                             (dsc_column_kind)e->parts.target_kind, e->parts.target_shift,
                             e->parts.target_scale};
}

dsc_feature_info dsc_encoding_feature(const dsc_encoding *e, size_t feature) {
    bool is_numeric = e->n_categories[feature] == 0;
    return (dsc_feature_info){
        .name = dsc_encoding_string(e, feature),
        .column = e->column[feature],
        .kind = is_numeric ? DSC_COLUMN_NUMERIC : DSC_COLUMN_CATEGORICAL,
        .first_input = e->first_input[feature],
        .n_inputs = is_numeric ? 1 : e->n_categories[feature],
        .shift = e->shift[feature],
        .scale = e->scale[feature],
        .has_fill = e->has_fill[feature] != 0,
        .fill = e->fill[feature],
        .fill_category = (uint32_t)e->fill_category[feature],
    };
}

dsc_id dsc_encoding_category(const dsc_encoding *e, size_t feature, size_t category) {
    return dsc_encoding_string(e, e->first_string[feature] + category);
}

dsc_encoding_parts dsc_encoding_as_parts(const dsc_encoding *e) {
    return e->parts;
}

void dsc_encoding_values(const dsc_encoding *e, const float *output, size_t n, double *value) {
    for (size_t i = 0; i < n; i++) {
        value[i] = e->parts.target_shift + e->parts.target_scale * (double)output[i];
    }
}
