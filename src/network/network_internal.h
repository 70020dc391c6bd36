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
    bool has_norm;
    double dropout;
    size_t weights_at; /* element offsets into the flat parameter array */
    size_t bias_at;
    size_t gain_at;
    size_t shift_at;
} layer;

struct dsc_network {
    const dsc_kernels *kernels;
    dsc_precision precision;
    dsc_loss loss;
    double huber_delta;
    bool has_dropout; /* in any layer */
    size_t n_layers;
    size_t n_parameters;
    void *parameters;      /* (n_parameters), in the same block as the struct */
    layer *layers;         /* (n_layers), the same */
    double *class_weights; /* (n_out), the same; NULL: all 1 */
};

/* One more than the largest dsc_intermediate_kind, which are in the order of the pass. */
enum { N_KINDS = DSC_DROPPED + 1 };

typedef struct slot {
    char name[24];
    bool is_there;  /* the layer has such an intermediate */
    void *value;    /* (max_batch, n_out); where it is not there, that of the kind before it */
    void *gradient; /* the same */
} slot;

/* What a layer keeps between the passes besides its intermediates. */
typedef struct layer_scratch {
    void *scales; /* (max_batch, 2) of the normalisation; NULL: none */
    void *mask;   /* (max_batch, n_out) 0 or 1 / (1 - p) of the dropout; NULL: none */
    void *tail;   /* (3, n_out) for gradients of bias, gain and shift */
} layer_scratch;

struct dsc_workspace {
    const dsc_network *net;
    size_t max_batch;
    size_t batch;          /* of the last forward pass; 0: none yet */
    const void *x;         /* (batch, n_in) of the last forward pass, borrowed */
    bool is_training;      /* the last forward pass dropped units */
    dsc_dropout_draw draw; /* by this */
    bool has_gradients;    /* whether a backward pass followed it */
    void *gradients;       /* (n_parameters) */
    void *d_input;         /* (max_batch, n_wanted); NULL: not wanted */
    size_t first_wanted,
        n_wanted;  /* inputs that have a gradient: all but for dsc_network_backward_into */
    void *scratch; /* elements of the largest weight matrix */
    slot *slots;   /* (n_layers, N_KINDS) */
    layer_scratch *layer_scratch; /* (n_layers) */
    size_t n_intermediates;
};

static inline slot *slot_of(const dsc_workspace *ws, size_t l, dsc_intermediate_kind kind) {
    return &ws->slots[l * N_KINDS + (size_t)kind];
}

/* The values that leave a layer in the last pass: dropped ones only if it was one of training. */
static inline slot *output_of(const dsc_workspace *ws, size_t l) {
    return slot_of(ws, l, ws->is_training ? DSC_DROPPED : DSC_A);
}

/* Element `index` of an array of the given precision. */
static inline void *at(void *array, size_t index, dsc_precision precision) {
    return (char *)array + index * (size_t)precision;
}

static inline const void *at_const(const void *array, size_t index, dsc_precision precision) {
    return (const char *)array + index * (size_t)precision;
}

static inline void set_at(void *array, size_t index, dsc_precision precision, double value) {
    void *element = at(array, index, precision);
    if (precision == DSC_FLOAT32) {
        *(float *)element = (float)value;
    } else {
        *(double *)element = value;
    }
}

/* Every gain 1: a normalised layer starts without scaling. */
void dsc_fill_gains(dsc_network *net);

/* DSC_OK or the DSC_E_ARGUMENT of dsc_network_create. */
dsc_status dsc_network_config_check(const dsc_network_config *config, dsc_error *err);

/* DSC_OK, or DSC_E_STATE where the workspace was made for another network. */
dsc_status dsc_check_pair(const dsc_network *net, const dsc_workspace *ws, dsc_error *err);

/* DSC_OK when m is (n_rows, n_cols) of `precision` with data; else DSC_E_SHAPE that names `what`.
 */
dsc_status dsc_check_shape(dsc_matrix m, size_t n_rows, size_t n_cols, dsc_precision precision,
                           const char *what, dsc_error *err);

#endif
