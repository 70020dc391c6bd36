/* What a model file holds, told without loading the model. */
#ifndef DESCENT_MODEL_KIND_H
#define DESCENT_MODEL_KIND_H

#include "descent/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* By what a file says of itself. */
typedef enum dsc_model_kind {
    DSC_MODEL_UNKNOWN = 0,     /* a sound container of something else */
    DSC_MODEL_RECOMMENDER = 1, /* dsc_recommender_load reads it */
    DSC_MODEL_PREDICTOR = 2,   /* dsc_predictor_load */
    DSC_MODEL_NETWORK = 3      /* dsc_network_load */
} dsc_model_kind;

/* Checks the container, checksum included, but not what is in it.
 *   out  [out]  untouched after a failure
 * Returns DSC_OK; DSC_E_MODEL; DSC_E_IO; DSC_E_MEMORY. */
dsc_status dsc_model_kind_of_file(const char *path, dsc_model_kind *out, dsc_error *err);

#ifdef __cplusplus
}
#endif
#endif
