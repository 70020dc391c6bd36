/* Files of bare networks: everything that a dsc_network is, and nothing of what feeds it.
 *
 * docs/model-file.md describes the format. A network with the encoding of its data is a
 * dsc_predictor (predictor.h). */
#ifndef DESCENT_NETWORK_STORE_H
#define DESCENT_NETWORK_STORE_H

#include "descent/network.h"
#include "descent/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Writes layers, parameters in their precision, loss and class weights as a safetensors file, all
 * or nothing: see dsc_recommender_save.
 * Returns DSC_OK; DSC_E_NONFINITE a parameter that is not finite (err->where "layer 2"), no file is
 * written then; DSC_E_IO; DSC_E_MEMORY. */
dsc_status dsc_network_save(const dsc_network *net, const char *path, dsc_error *err);

/* Reads such a file and checks all of it: structure, checksum, names, shapes, finite values.
 *   out  [out]  freed with dsc_network_destroy; NULL after a failure
 * Returns DSC_OK; DSC_E_MODEL; DSC_E_IO; DSC_E_MEMORY. */
dsc_status dsc_network_load(dsc_network **out, const char *path, dsc_error *err);

#ifdef __cplusplus
}
#endif
#endif
