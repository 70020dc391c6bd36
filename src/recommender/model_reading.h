/* A model file while it is being read: what the files that read its parts share. */
#ifndef DSC_RECOMMENDER_MODEL_READING_H
#define DSC_RECOMMENDER_MODEL_READING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "recommender/model.h"
#include "recommender/model_file.h"
#include "store/safetensors.h"

typedef struct dsc_model_reading {
    const char *path;
    dsc_safetensors *file;
    bool is_version_1, is_version_3;
    char prefix[DSC_MODEL_NAME_LENGTH]; /* of the names of the model that is being read */
    char *name;           /* (2 DSC_MODEL_NAME_LENGTH) the last name, with its prefix */
    bool has_ridge_power; /* of that model */
    bool has_times;       /* of ratings; in a blend, whose members have configurations */
    dsc_recommender_config config;
    dsc_statistics statistics;
    size_t n_users, n_items;
    dsc_id_map *users; /* NULL, as the next two are empty, when a model has them */
    dsc_id_map *items;
    dsc_sparse_matrix ratings;
} dsc_model_reading;

/* All return DSC_OK; DSC_E_MODEL, naming the file and what it was found to hold; DSC_E_MEMORY. */

/* --- one setting, one array ------------------------------------------------------------------- */

/* A name with the model's prefix, in r->name. */
const char *dsc_reading_name(const dsc_model_reading *r, const char *own);

/* Metadata: as text, as a whole number, the same that fits size_t, "true" or "false". */
dsc_status dsc_reading_text(const dsc_model_reading *r, const char *key, const char **out,
                            dsc_error *err);
dsc_status dsc_reading_number(const dsc_model_reading *r, const char *key, uint64_t *out,
                              dsc_error *err);
dsc_status dsc_reading_size(const dsc_model_reading *r, const char *key, size_t *out,
                            dsc_error *err);
dsc_status dsc_reading_flag(const dsc_model_reading *r, const char *key, bool *out, dsc_error *err);

/* A whole number up to the end of the text or to `end_mark`; *text moves to that place. */
bool dsc_reading_parse_number(const char **text, char end_mark, uint64_t *out);

/* An array of n elements; SIZE_MAX: of any number. A view into the file. */
dsc_status dsc_reading_vector(const dsc_model_reading *r, const char *name, dsc_element element,
                              size_t n, dsc_tensor *out, dsc_error *err);

/* --- the parts of a model, in this order ------------------------------------------------------ */

/* Whether it is a recommender, and of which version. */
dsc_status dsc_reading_format(dsc_model_reading *r, dsc_error *err);

/* The configuration. */
dsc_status dsc_reading_metadata(dsc_model_reading *r, dsc_error *err);
dsc_status dsc_reading_hyperparameters(dsc_model_reading *r, dsc_error *err);

dsc_status dsc_reading_statistics(dsc_model_reading *r, bool has_holdout, dsc_error *err);

/* Ids and ratings, which are inside the scale of the statistics. */
dsc_status dsc_reading_ground(dsc_model_reading *r, dsc_error *err);

/* The parts become the model's, with the tables and the network that it reads.
 *   first  [in]  the model that has the ids and ratings; NULL: `r` has them, and loses them */
dsc_status dsc_reading_assemble(dsc_recommender **out, dsc_model_reading *r,
                                const dsc_recommender *first, dsc_error *err);

#endif
