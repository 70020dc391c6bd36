/* A model file while it is being written: what the files that write its parts share. */
#ifndef DSC_RECOMMENDER_MODEL_WRITING_H
#define DSC_RECOMMENDER_MODEL_WRITING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "descent/blend.h"
#include "recommender/bf16_vectors.h"
#include "recommender/model.h"
#include "recommender/model_file.h"
#include "store/safetensors.h"

/* What one part has at most; a value is no longer than a whole number of 20 digits. */
enum {
    DSC_WRITING_LAYERS = DSC_MAX_HIDDEN + 1,
    DSC_WRITING_TENSORS = 22 + 2 * DSC_WRITING_LAYERS,
    DSC_WRITING_METADATA = 35,
    DSC_WRITING_VALUE = 24
};

/* Everything that must live until the file is written, of a model, of what a blend has in common, or
 * of one of its members. */
typedef struct dsc_model_writing {
    const dsc_recommender *model;
    char prefix[DSC_MODEL_NAME_LENGTH]; /* of all its names but the file's own */
    char name[DSC_WRITING_TENSORS + DSC_WRITING_METADATA][DSC_MODEL_NAME_LENGTH]; /* (n_names) */
    size_t n_names;
    dsc_tensor tensor[DSC_WRITING_TENSORS];
    size_t n_tensors;
    dsc_metadata metadata[DSC_WRITING_METADATA];
    size_t n_metadata;
    char number[DSC_WRITING_METADATA][DSC_WRITING_VALUE];
    char hidden[DSC_MAX_HIDDEN * DSC_WRITING_VALUE];
    double statistics[DSC_N_STATISTICS];
    double hyperparameters[DSC_N_HYPERPARAMETERS];
    double minibatch_histories[DSC_N_MINIBATCH_HISTORIES];
    double weights[DSC_MAX_MEMBERS]; /* of a blend */
    double time_ridge[DSC_N_TIME_RIDGES];
    double interactions[DSC_N_INTERACTIONS];
    dsc_bf16_vectors bf16; /* with use_bf16 alone */
} dsc_model_writing;

/* None can fail: there is room for all that a model has. Texts and data are borrowed until the file is
 * written, names are copied. */

/* --- one setting, one array ------------------------------------------------------------------- */

/* Metadata: as text, as a whole number, "true" or "false". */
void dsc_writing_text(dsc_model_writing *w, const char *key, const char *value);
void dsc_writing_number(dsc_model_writing *w, const char *key, uint64_t value);
void dsc_writing_flag(dsc_model_writing *w, const char *key, bool value);

/* An array of n elements. */
void dsc_writing_vector(dsc_model_writing *w, const char *name, dsc_element element, size_t n,
                        const void *data);

/* An array of the elements of m, whatever its own say. */
void dsc_writing_matrix(dsc_model_writing *w, const char *name, dsc_element element, dsc_matrix m);

/* --- the parts of a model ---------------------------------------------------------------------- */

/* The configuration, in metadata and in arrays, and what training said of the ratings. */
void dsc_writing_settings(dsc_model_writing *w);
void dsc_writing_statistics(dsc_model_writing *w);
void dsc_writing_hyperparameters(dsc_model_writing *w);

/* Ids and ratings, which models of the same ratings have in common. */
void dsc_writing_ground(dsc_model_writing *w);

/* What a model has for itself. */
void dsc_writing_tables(dsc_model_writing *w);

#endif
