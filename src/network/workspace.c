/* A workspace: everything that changes during a pass, in one block.
 *
 * The intermediates are declared once, in the table below; their memory, their names and what
 * dsc_workspace_intermediate shows follow from it. */
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "network/network_internal.h"

/* Every intermediate of a layer, each (batch, n_out), each with a gradient of its shape. */
static const struct {
    const char *symbol;
    bool is_kept_always; /* else it shares the memory of the next one, unless all are kept */
} intermediates[N_INTERMEDIATES] = {
    [INTERMEDIATE_Z] = {"Z", false}, /* docs/math.md (1) */
    [INTERMEDIATE_A] = {"A", true},  /* docs/math.md (2) */
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

static void place_intermediates(layout *memory, dsc_workspace *ws, bool keep_intermediates) {
    const dsc_network *net = ws->net;
    for (size_t l = 0; l < net->n_layers; l++) {
        void *value = NULL;
        void *gradient = NULL;
        for (size_t k = N_INTERMEDIATES; k-- > 0;) {
            if (intermediates[k].is_kept_always || keep_intermediates) {
                value = place_matrix(memory, ws->max_batch, net->layers[l].n_out, net->precision);
                gradient =
                    place_matrix(memory, ws->max_batch, net->layers[l].n_out, net->precision);
            }
            if (memory->block == NULL) {
                continue;
            }
            slot *s = &ws->slots[l * N_INTERMEDIATES + k];
            snprintf(s->name, sizeof s->name, "%s%zu", intermediates[k].symbol, l + 1);
            s->value = value;
            s->gradient = gradient;
        }
    }
}

static void place_all(layout *memory, dsc_workspace *ws, bool keep_intermediates) {
    const dsc_network *net = ws->net;
    size_t largest = 0;
    for (size_t l = 0; l < net->n_layers; l++) {
        size_t n_weights = net->layers[l].n_in * net->layers[l].n_out;
        largest = n_weights > largest ? n_weights : largest;
    }
    ws->slots = place(memory, net->n_layers * N_INTERMEDIATES, sizeof(slot));
    ws->gradients = place(memory, net->n_parameters, (size_t)net->precision);
    ws->scratch = place(memory, largest, (size_t)net->precision);
    ws->d_input = place_matrix(memory, ws->max_batch, net->layers[0].n_in, net->precision);
    place_intermediates(memory, ws, keep_intermediates);
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
    place_all(&memory, &sizes, config->keep_intermediates);
    dsc_workspace *ws = memory.is_too_large ? NULL : dsc_alloc(1, memory.used);
    if (ws == NULL) {
        return dsc_fail_memory(err, "a workspace");
    }
    ws->net = net;
    ws->max_batch = config->max_batch;
    memory = (layout){.block = (char *)ws};
    place(&memory, 1, sizeof(dsc_workspace));
    place_all(&memory, ws, config->keep_intermediates);
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

dsc_matrix dsc_workspace_d_bias(const dsc_workspace *ws, size_t l) {
    const layer *of = &ws->net->layers[l];
    const void *data =
        of->has_bias ? at_const(ws->gradients, of->bias_at, ws->net->precision) : NULL;
    return (dsc_matrix){data, 1, of->n_out, ws->net->precision};
}

dsc_matrix dsc_workspace_d_input(const dsc_workspace *ws) {
    return (dsc_matrix){ws->has_gradients ? ws->d_input : NULL, ws->batch,
                        dsc_network_n_in(ws->net), ws->net->precision};
}

dsc_matrix dsc_workspace_output(const dsc_workspace *ws) {
    return dsc_workspace_intermediate(ws, ws->net->n_layers * N_INTERMEDIATES - 1).value;
}

size_t dsc_workspace_n_intermediates(const dsc_workspace *ws) {
    return ws->net->n_layers * N_INTERMEDIATES;
}

dsc_intermediate dsc_workspace_intermediate(const dsc_workspace *ws, size_t i) {
    const dsc_network *net = ws->net;
    const slot *s = &ws->slots[i];
    const size_t l = i / N_INTERMEDIATES;
    const size_t n_out = net->layers[l].n_out;
    return (dsc_intermediate){
        .name = s->name,
        .layer = l,
        .value = {ws->batch > 0 ? s->value : NULL, ws->batch, n_out, net->precision},
        .gradient = {ws->has_gradients ? s->gradient : NULL, ws->batch, n_out, net->precision},
    };
}
