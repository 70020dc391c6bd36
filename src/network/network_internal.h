/* What the files of src/network share: the structs behind the opaque types. */
#ifndef DSC_NETWORK_NETWORK_INTERNAL_H
#define DSC_NETWORK_NETWORK_INTERNAL_H

#include "descent/network.h"
#include "math/kernels.h"

typedef struct layer {
    size_t n_in;
    size_t n_out;
    dsc_activation activation;
    bool has_bias;
    size_t weights_at; /* element offsets into the flat parameter array */
    size_t bias_at;
} layer;

struct dsc_network {
    const dsc_kernels *kernels;
    dsc_precision precision;
    dsc_loss loss;
    size_t n_layers;
    size_t n_parameters;
    void *parameters; /* (n_parameters), in the same block as the struct */
    layer *layers;    /* (n_layers), the same */
};

/* The intermediates of a layer, in the order in which a pass computes them. */
enum { INTERMEDIATE_Z, INTERMEDIATE_A, N_INTERMEDIATES };

typedef struct slot {
    char name[24];
    void *value;    /* (max_batch, n_out) */
    void *gradient; /* the same */
} slot;

struct dsc_workspace {
    const dsc_network *net;
    size_t max_batch;
    size_t batch;       /* of the last forward pass; 0: none yet */
    const void *x;      /* (batch, n_in) of the last forward pass, borrowed */
    bool has_gradients; /* whether a backward pass followed it */
    void *gradients;    /* (n_parameters) */
    void *d_input;      /* (max_batch, n_in) */
    void *scratch;      /* elements of the largest weight matrix */
    slot *slots;        /* (n_layers, N_INTERMEDIATES) */
};

/* Element `index` of an array of the given precision. */
static inline void *at(void *array, size_t index, dsc_precision precision) {
    return (char *)array + index * (size_t)precision;
}

static inline const void *at_const(const void *array, size_t index, dsc_precision precision) {
    return (const char *)array + index * (size_t)precision;
}

/* DSC_OK when m is (n_rows, n_cols) of `precision` with data; else DSC_E_SHAPE that names `what`.
 */
dsc_status dsc_check_shape(dsc_matrix m, size_t n_rows, size_t n_cols, dsc_precision precision,
                           const char *what, dsc_error *err);

#endif
