/* The values of a trace: which there are, and the words and formulas that stand beside each. */
#ifndef DSC_NETWORK_TRACE_NAMES_H
#define DSC_NETWORK_TRACE_NAMES_H

#include "descent/network.h"
#include "descent/trace.h"

/* Every value that a trace shows, by phase. Those from WEIGHTS on belong to a layer. */
typedef enum dsc_trace_kind {
    DSC_TRACE_INPUT,
    DSC_TRACE_TARGET,
    DSC_TRACE_ERROR_MATRIX,
    DSC_TRACE_SPECTRAL_NORM,
    DSC_TRACE_FROBENIUS_NORM,
    DSC_TRACE_LOSS,
    DSC_TRACE_WEIGHTS, /* as given */
    DSC_TRACE_BIAS,
    DSC_TRACE_GAIN,
    DSC_TRACE_SHIFT,
    DSC_TRACE_Z,
    DSC_TRACE_NORMED,
    DSC_TRACE_A,
    DSC_TRACE_D_A,
    DSC_TRACE_D_NORMED,
    DSC_TRACE_D_Z,
    DSC_TRACE_D_WEIGHTS,
    DSC_TRACE_D_BIAS,
    DSC_TRACE_D_GAIN,
    DSC_TRACE_D_SHIFT,
    DSC_TRACE_NEW_WEIGHTS, /* after a step, in the order of the given ones */
    DSC_TRACE_NEW_BIAS,
    DSC_TRACE_NEW_GAIN,
    DSC_TRACE_NEW_SHIFT
} dsc_trace_kind;

/* What the labels depend on, the same for the whole run. */
typedef struct dsc_trace_context {
    const dsc_network *net;
    size_t n_samples;
    double rate;
} dsc_trace_context;

/* Long enough for every text with numbers of 20 digits. */
typedef struct dsc_trace_labels {
    dsc_trace_phase phase;
    char name[48];
    char formula[384];
    char shapes[256];
    char meaning[128];
} dsc_trace_labels;

/* The labels of one value; `layer` counts from 0 and is not used where the kind has none. */
dsc_trace_labels dsc_trace_name(const dsc_trace_context *context, dsc_trace_kind kind,
                                size_t layer);

#endif
