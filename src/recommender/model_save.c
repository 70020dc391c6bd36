/* Saving a model: its parts become named arrays and metadata of a safetensors file, those of a blend
 * with each member's prefix. model_write_settings.c and model_write_tables.c say which. */
#include <stdio.h>

#include "base/error.h"
#include "base/memory.h"
#include "descent/version.h"
#include "recommender/model_writing.h"

/* A model that needs nothing newer is written as version 2, which older programs read. */
static bool needs_version_3(const dsc_recommender *model) {
    return model->n_members > 0 || model->config.loss != DSC_LOSS_SQUARED ||
           dsc_uses_time(&model->config) || model->config.ridge.power > 0 ||
           dsc_model_has_minibatch_histories(&model->config) ||
           dsc_side_parts_are_recent(&model->config) || model->config.is_implicit ||
           model->config.use_twin_adagrad || model->config.use_bf16;
}

static void add_head(dsc_model_writing *w) {
    dsc_writing_text(w, DSC_KEY_FORMAT, DSC_MODEL_FORMAT);
    dsc_writing_text(w, DSC_KEY_FORMAT_VERSION,
                     needs_version_3(w->model) ? DSC_MODEL_FORMAT_VERSION_3
                                               : DSC_MODEL_FORMAT_VERSION);
    dsc_writing_text(w, DSC_KEY_WRITER, "descent " DSC_VERSION);
}

static void add_weights(dsc_model_writing *w) {
    const dsc_recommender *blend = w->model;
    for (size_t m = 0; m < blend->n_members; m++) {
        w->weights[m] = blend->members[m].weight;
    }
    dsc_writing_vector(w, DSC_ARRAY_MEMBER_WEIGHTS, DSC_F64, blend->n_members, w->weights);
}

/* Everything of all parts; elements of 8 bytes first, then of 4, of 2, of 1, so that each array is
 * aligned. */
static dsc_status write_parts(const dsc_model_writing *parts, size_t n, const char *path,
                              dsc_error *err) {
    static const size_t sizes[] = {8, 4, 2, 1};
    dsc_tensor *tensors = dsc_alloc(n, sizeof parts->tensor);
    dsc_metadata *metadata = dsc_alloc(n, sizeof parts->metadata);
    size_t n_tensors = 0, n_metadata = 0;
    dsc_status status = DSC_OK;
    if (tensors == NULL || metadata == NULL) {
        status = dsc_fail_memory(err, "a model file");
        goto done;
    }
    for (size_t p = 0; p < n; p++) {
        for (size_t i = 0; i < parts[p].n_metadata; i++) {
            metadata[n_metadata++] = parts[p].metadata[i];
        }
    }
    for (size_t s = 0; s < sizeof sizes / sizeof sizes[0]; s++) {
        for (size_t p = 0; p < n; p++) {
            for (size_t i = 0; i < parts[p].n_tensors; i++) {
                if (dsc_element_bytes(parts[p].tensor[i].element) == sizes[s]) {
                    tensors[n_tensors++] = parts[p].tensor[i];
                }
            }
        }
    }
    status = dsc_safetensors_write(path, metadata, n_metadata, tensors, n_tensors, err);
done:
    dsc_free(tensors);
    dsc_free(metadata);
    return status;
}

/* What has to be made for the file, where the model needs it. */
static dsc_status prepare(dsc_model_writing *w, const dsc_recommender *model, dsc_error *err) {
    w->model = model;
    return model->config.use_bf16 && model->n_members == 0
               ? dsc_bf16_vectors_init(&w->bf16, model, err)
               : DSC_OK;
}

/* The names without a prefix. */
static void fill_file(dsc_model_writing *w) {
    add_head(w);
    if (w->model->n_members > 0) {
        dsc_writing_number(w, DSC_KEY_N_MEMBERS, w->model->n_members);
        dsc_writing_statistics(w);
        add_weights(w);
        dsc_writing_ground(w);
    } else {
        dsc_writing_settings(w);
        dsc_writing_statistics(w);
        dsc_writing_hyperparameters(w);
        dsc_writing_ground(w);
        dsc_writing_tables(w);
    }
}

dsc_status dsc_recommender_save(const dsc_recommender *model, const char *path, dsc_error *err) {
    const size_t n = 1 + model->n_members;
    dsc_model_writing *parts = dsc_alloc(n, sizeof *parts);
    if (parts == NULL) {
        return dsc_fail_memory(err, "a model file");
    }
    dsc_status status = prepare(&parts[0], model, err);
    if (status == DSC_OK) {
        fill_file(&parts[0]);
    }
    for (size_t m = 0; status == DSC_OK && m < model->n_members; m++) {
        dsc_model_writing *w = &parts[1 + m];
        status = prepare(w, model->members[m].model, err);
        snprintf(w->prefix, sizeof w->prefix, DSC_MEMBER_PREFIX, m);
        if (status == DSC_OK) {
            dsc_writing_settings(w);
            dsc_writing_statistics(w);
            dsc_writing_hyperparameters(w);
            dsc_writing_tables(w);
        }
    }
    if (status == DSC_OK) {
        status = write_parts(parts, n, path, err);
    }
    for (size_t p = 0; p < n; p++) {
        dsc_bf16_vectors_clear(&parts[p].bf16);
    }
    dsc_free(parts);
    return status;
}
