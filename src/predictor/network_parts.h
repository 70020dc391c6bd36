/* A network as parts of a model file; docs/model-file.md, "Parts of a network". */
#ifndef DSC_PREDICTOR_NETWORK_PARTS_H
#define DSC_PREDICTOR_NETWORK_PARTS_H

#include "descent/network.h"
#include "store/part_reader.h"
#include "store/part_writer.h"

#define DSC_KEY_NETWORK_PRECISION   "network.precision"
#define DSC_KEY_NETWORK_N_LAYERS    "network.n_layers"
#define DSC_KEY_NETWORK_ACTIVATIONS "network.activations" /* one a layer, commas between them */
#define DSC_KEY_NETWORK_BIASES      "network.biases"      /* true or false, one a layer */
#define DSC_KEY_NETWORK_NORMS       "network.norms"       /* the same */
#define DSC_KEY_NETWORK_LOSS        "network.loss"
#define DSC_KEY_NETWORK_IS_WEIGHTED "network.has_class_weights" /* true or false */

#define DSC_ARRAY_DROPOUT       "network.dropout"       /* F64 (n_layers) */
#define DSC_ARRAY_HUBER_DELTA   "network.huber_delta"   /* F64 (1) */
#define DSC_ARRAY_CLASS_WEIGHTS "network.class_weights" /* F64 (n_out), where there are some */

/* An array of a layer, counted from 0; the names are in the order of dsc_network_parameters. */
#define DSC_LAYER_ARRAY "network.%zu.%s"
enum { DSC_N_LAYER_ARRAYS = 4 };
extern const char *const dsc_layer_array_names[DSC_N_LAYER_ARRAYS];

/* Views of a layer's arrays in that order; data is NULL for what it does not have. */
void dsc_layer_arrays(const dsc_network *net, size_t layer, dsc_matrix out[DSC_N_LAYER_ARRAYS]);

/* Adds the network's parts, borrowed until the file is written.
 * Returns DSC_OK; DSC_E_NONFINITE a parameter that is not finite (err->where "layer 2"). */
dsc_status dsc_network_add_parts(const dsc_network *net, dsc_part_writer *writer, dsc_error *err);

/* A network from the parts of a file. *out is NULL after a failure.
 * Returns DSC_OK; DSC_E_MODEL (where = path); DSC_E_MEMORY. */
dsc_status dsc_network_from_parts(dsc_network **out, const dsc_part_reader *reader, dsc_error *err);

#endif
