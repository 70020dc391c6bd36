/* A workspace: everything that changes during a pass, in one block.
 *
 * The intermediates are declared once, in the table below; their memory, their names and what
 * dsc_workspace_intermediate shows follow from it. */
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "network/network_internal.h"

static bool always(const layer *of) {
    (void)of;
    return true;
}

static bool has_norm(const layer *of) {
    return of->has_norm;
}

static bool has_dropout(const layer *of) {
    return of->dropout > 0;
}

static bool needs_input(const layer *of) {
    return dsc_kernel_needs_input((dsc_kernel_activation)of->activation);
}

static bool is_sum_needed(const layer *of) {
    return of->has_norm || needs_input(of);
}

/* Every intermediate of a layer, each (batch, n_out), each with a gradient of its shape. */
static const struct {
    const char *symbol;
    bool (*is_there)(const layer *of);
    /* Whether the backward pass reads the value, which may then not share the memory of the next.
     */
    bool (*is_needed)(const layer *of);
} kinds[N_KINDS] = {
    [DSC_Z] = {"Z", always, is_sum_needed},      /* docs/math.md (1) */
    [DSC_NORMED] = {"N", has_norm, needs_input}, /* docs/math.md (31) */
    [DSC_A] = {"A", always, always},             /* docs/math.md (2) */
    [DSC_DROPPED] = {"D", has_dropout, always},  /* docs/math.md (33) */
};

/* Lays arrays one behind the other. The first round, with block NULL, only adds up sizes. */
typedef struct layout {
    char *block;
    size_t used;
    bool is_too_large;
} layout;

static void *place(layout *l, size_t count, size_t size) {
    size_t n_bytes, end;
    if (__builtin_mul_overflow(count, size, &n_bytes) ||
        __builtin_add_overflow(n_bytes, (size_t)DSC_ALIGNMENT - 1, &n_bytes) ||
        __builtin_add_overflow(l->used, n_bytes - n_bytes % DSC_ALIGNMENT, &end)) {
        l->is_too_large = true;
        return NULL;
    }
    void *at_here = l->block != NULL ? l->block + l->used : NULL;
    l->used = end;
    return at_here;
}

static void *place_matrix(layout *l, size_t n_rows, size_t n_cols, dsc_precision precision) {
    size_t count;
    if (__builtin_mul_overflow(n_rows, n_cols, &count)) {
        l->is_too_large = true;
        return NULL;
    }
    return place(l, count, (size_t)precision);
}

/* From the last kind to the first, so that one that needs no memory of its own finds that of the
 * next; what a layer lacks is the same memory as the kind before it. */
static void place_layer(layout *memory, dsc_workspace *ws, size_t l, bool keep_intermediates) {
    const dsc_network *net = ws->net;
    const layer *of = &net->layers[l];
    void *value = NULL;
    void *gradient = NULL;
    for (size_t k = N_KINDS; k-- > 0;) {
        if (!kinds[k].is_there(of)) {
            continue;
        }
        if (kinds[k].is_needed(of) || keep_intermediates) {
            value = place_matrix(memory, ws->max_batch, of->n_out, net->precision);
        }
        if (k >= DSC_A || keep_intermediates || (k == DSC_Z && of->has_norm)) {
            gradient = place_matrix(memory, ws->max_batch, of->n_out, net->precision);
        }
        if (memory->block != NULL) {
            slot *s = &ws->slots[l * N_KINDS + k];
            *s = (slot){.is_there = true, .value = value, .gradient = gradient};
            snprintf(s->name, sizeof s->name, "%s%zu", kinds[k].symbol, l + 1);
            ws->n_intermediates++;
        }
    }
    for (size_t k = 1; k < N_KINDS && memory->block != NULL; k++) {
        slot *s = &ws->slots[l * N_KINDS + k];
        if (!s->is_there) {
            s->value = s[-1].value;
            s->gradient = s[-1].gradient;
        }
    }
}

static void place_layer_scratch(layout *memory, dsc_workspace *ws, size_t l) {
    const dsc_network *net = ws->net;
    const layer *of = &net->layers[l];
    void *scales = NULL;
    void *mask = NULL;
    void *tail = place_matrix(memory, 3, of->n_out, net->precision); /* bias, gain, shift */
    if (of->has_norm) {
        scales = place_matrix(memory, ws->max_batch, 2, net->precision);
    }
    if (of->dropout > 0) {
        mask = place_matrix(memory, ws->max_batch, of->n_out, net->precision);
    }
    if (memory->block != NULL) {
        ws->layer_scratch[l] = (layer_scratch){scales, mask, tail};
    }
}

static void place_all(layout *memory, dsc_workspace *ws, const dsc_workspace_config *config) {
    const dsc_network *net = ws->net;
    size_t largest = 0;
    for (size_t l = 0; l < net->n_layers; l++) {
        size_t n_weights = net->layers[l].n_in * net->layers[l].n_out;
        largest = n_weights > largest ? n_weights : largest;
    }
    ws->slots = place(memory, net->n_layers * N_KINDS, sizeof(slot));
    ws->layer_scratch = place(memory, net->n_layers, sizeof(layer_scratch));
    ws->gradients = place(memory, net->n_parameters, (size_t)net->precision);
    ws->scratch = place(memory, largest, (size_t)net->precision);
    if (!config->no_input_gradient) {
        ws->d_input = place_matrix(memory, ws->max_batch, net->layers[0].n_in, net->precision);
    }
    for (size_t l = 0; l < net->n_layers; l++) {
        place_layer(memory, ws, l, config->keep_intermediates);
        place_layer_scratch(memory, ws, l);
    }
}

dsc_status dsc_workspace_create(dsc_workspace **out, const dsc_network *net,
                                const dsc_workspace_config *config, dsc_error *err) {
    *out = NULL;
    if (config->max_batch == 0) {
        return dsc_fail(err, DSC_E_ARGUMENT, "max_batch", "is 0; expected at least 1 sample");
    }
    dsc_workspace sizes = {.net = net, .max_batch = config->max_batch};
    layout memory = {0};
    place(&memory, 1, sizeof(dsc_workspace));
    place_all(&memory, &sizes, config);
    dsc_workspace *ws = memory.is_too_large ? NULL : dsc_alloc(1, memory.used);
    if (ws == NULL) {
        return dsc_fail_memory(err, "a workspace");
    }
    ws->net = net;
    ws->max_batch = config->max_batch;
    ws->n_wanted = dsc_network_n_in(net);
    memory = (layout){.block = (char *)ws};
    place(&memory, 1, sizeof(dsc_workspace));
    place_all(&memory, ws, config);
    *out = ws;
    return DSC_OK;
}

void dsc_workspace_destroy(dsc_workspace *ws) {
    dsc_free(ws);
}

void dsc_workspace_zero_gradients(dsc_workspace *ws) {
    memset(ws->gradients, 0, ws->net->n_parameters * (size_t)ws->net->precision);
}

const void *dsc_workspace_gradients(const dsc_workspace *ws) {
    return ws->gradients;
}

dsc_matrix dsc_workspace_d_weights(const dsc_workspace *ws, size_t l) {
    const layer *of = &ws->net->layers[l];
    return (dsc_matrix){at_const(ws->gradients, of->weights_at, ws->net->precision), of->n_in,
                        of->n_out, ws->net->precision};
}

/* (1, n_out) elements of the gradients from `begin` on; without data where the layer lacks them. */
static dsc_matrix row_of(const dsc_workspace *ws, const layer *of, bool is_there, size_t begin) {
    const void *data = is_there ? at_const(ws->gradients, begin, ws->net->precision) : NULL;
    return (dsc_matrix){data, 1, of->n_out, ws->net->precision};
}

dsc_matrix dsc_workspace_d_bias(const dsc_workspace *ws, size_t l) {
    const layer *of = &ws->net->layers[l];
    return row_of(ws, of, of->has_bias, of->bias_at);
}

dsc_matrix dsc_workspace_d_gain(const dsc_workspace *ws, size_t l) {
    const layer *of = &ws->net->layers[l];
    return row_of(ws, of, of->has_norm, of->gain_at);
}

dsc_matrix dsc_workspace_d_shift(const dsc_workspace *ws, size_t l) {
    const layer *of = &ws->net->layers[l];
    return row_of(ws, of, of->has_norm, of->shift_at);
}

dsc_matrix dsc_workspace_d_input(const dsc_workspace *ws) {
    return (dsc_matrix){ws->has_gradients ? ws->d_input : NULL, ws->batch,
                        dsc_network_n_in(ws->net), ws->net->precision};
}

dsc_matrix dsc_workspace_output(const dsc_workspace *ws) {
    return dsc_workspace_find(ws, ws->net->n_layers - 1, DSC_A).value;
}

size_t dsc_workspace_n_intermediates(const dsc_workspace *ws) {
    return ws->n_intermediates;
}

dsc_intermediate dsc_workspace_find(const dsc_workspace *ws, size_t l, dsc_intermediate_kind kind) {
    const dsc_network *net = ws->net;
    const slot *s = slot_of(ws, l, kind);
    if (!s->is_there) {
        return (dsc_intermediate){.layer = l, .kind = kind};
    }
    const size_t n_out = net->layers[l].n_out;
    const bool is_filled = ws->batch > 0 && (kind != DSC_DROPPED || ws->is_training);
    const bool has_gradient = is_filled && ws->has_gradients;
    return (dsc_intermediate){
        .name = s->name,
        .layer = l,
        .kind = kind,
        .value = {is_filled ? s->value : NULL, ws->batch, n_out, net->precision},
        .gradient = {has_gradient ? s->gradient : NULL, ws->batch, n_out, net->precision},
    };
}

dsc_intermediate dsc_workspace_intermediate(const dsc_workspace *ws, size_t i) {
    size_t at_slot = 0;
    for (size_t n_before = 0; !ws->slots[at_slot].is_there || n_before < i; at_slot++) {
        n_before += ws->slots[at_slot].is_there;
    }
    return dsc_workspace_find(ws, at_slot / N_KINDS, (dsc_intermediate_kind)(at_slot % N_KINDS));
}
