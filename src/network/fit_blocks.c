/* Steps of one sample each, a block of samples at a time. Implements docs/math.md (203). */
#include "network/fit_blocks.h"

#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "network/network_internal.h"
#include "network/pass_parts.h"

/* Samples of a block: enough that products of matrices are fast and weights are seldom written, and few
 * enough that what is added for each of them costs little. */
enum { BLOCK = 32 };

_Static_assert((int)BLOCK <= (int)DSC_FIT_TILE, "passes have room for the samples of a block");

/* Whether a layer's steps wait for the end of the block: where its weights are more than what is added
 * to the sums in their place, for half a block of samples, forward and back. */
static bool is_put_off(const layer *of) {
    return !of->has_norm && of->n_in * of->n_out > BLOCK * (of->n_in + of->n_out);
}

bool dsc_blocks_suit(const dsc_network *net) {
    bool is_any = false;
    for (size_t l = 0; l < net->n_layers; l++) {
        is_any = is_any || is_put_off(&net->layers[l]);
    }
    return is_any && !net->has_dropout;
}

dsc_status dsc_blocks_init(dsc_blocks *out, dsc_passes *passes, dsc_error *err) {
    const dsc_network *net = passes->net;
    size_t n_numbers = BLOCK;
    for (size_t l = 0; l < net->n_layers; l++) {
        n_numbers = net->layers[l].n_in > n_numbers ? net->layers[l].n_in : n_numbers;
    }
    *out = (dsc_blocks){.passes = passes,
                        .numbers = dsc_alloc(n_numbers, sizeof *out->numbers),
                        .picked = dsc_alloc(n_numbers, sizeof *out->picked),
                        .values = dsc_alloc(n_numbers, (size_t)net->precision),
                        .factors = dsc_alloc(BLOCK, (size_t)net->precision)};
    if (out->numbers == NULL || out->picked == NULL || out->values == NULL ||
        out->factors == NULL) {
        return dsc_fail_memory(err, "blocks of samples");
    }
    for (size_t i = 0; i < n_numbers; i++) {
        out->numbers[i] = (uint32_t)i;
    }
    return DSC_OK;
}

void dsc_blocks_clear(dsc_blocks *blocks) {
    dsc_free(blocks->numbers);
    dsc_free(blocks->picked);
    dsc_free(blocks->values);
    dsc_free(blocks->factors);
    *blocks = (dsc_blocks){0};
}

/* What the steps of the samples before sample t, which wait, add to a sum over something of it. */
typedef struct waiting {
    const void *met;   /* (block, n_met) row t is multiplied by those before */
    const void *added; /* (block, n_added) those before are added, so many times */
    size_t n_met, n_added;
    bool has_bias; /* as if each row of `met` had a 1 more */
} waiting;

/* sum -= rate (met_t . met_j + 1) added_j for all j before t. */
static void add_waiting(const dsc_blocks *blocks, const waiting *w, size_t t, double rate,
                        void *sum) {
    const dsc_network *net = blocks->passes->net;
    if (t == 0) {
        return;
    }
    net->kernels->dot_rows(blocks->factors, at_const(w->met, t * w->n_met, net->precision),
                           &(dsc_picked_rows){w->met, w->n_met, blocks->numbers, t});
    net->kernels->scale_shifted(blocks->factors, w->has_bias ? 1 : 0, -rate, t);
    net->kernels->sum_scaled_rows(sum, blocks->factors,
                                  &(dsc_picked_rows){w->added, w->n_added, blocks->numbers, t});
}

/* The sums of a layer by its weights as they are. */
static void sum_up(const dsc_workspace *ws, size_t l, size_t first, size_t n) {
    dsc_dense dense = dsc_dense_of(ws->net, l);
    void *z = value_rows(ws, l, DSC_Z, first);
    dense.activation = DSC_KERNEL_IDENTITY;
    ws->net->kernels->dense_forward(
        &dense, &(dsc_dense_pass){
                    .batch = n, .x = dsc_input_rows(ws, l, first), .z = z, .normed = z, .a = z});
}

/* A rectifier gives 0 for many units: that adds nothing to the sums of the next layer and lets no gradient
 * through, so that the weights of those inputs need not be read. */
static bool is_behind_rectifier(const dsc_network *net, size_t l) {
    return l > 0 && net->layers[l - 1].activation == DSC_RELU;
}

/* Picks the inputs of layer l for sample t that are not 0, and returns how many they are. */
static size_t pick_inputs(const dsc_blocks *blocks, size_t l, size_t t) {
    const dsc_network *net = blocks->passes->net;
    return net->kernels->pick_nonzero(blocks->picked, blocks->values,
                                      dsc_input_rows(blocks->passes->ws, l, t),
                                      net->layers[l].n_in);
}

/* The sums of sample t by the weights as they are, of the inputs that are not 0. */
static void sum_up_picked(const dsc_blocks *blocks, size_t l, size_t t) {
    const dsc_network *net = blocks->passes->net;
    const dsc_dense dense = dsc_dense_of(net, l);
    void *z = value_rows(blocks->passes->ws, l, DSC_Z, t);
    const size_t n = pick_inputs(blocks, l, t);
    if (dense.bias != NULL) {
        memcpy(z, dense.bias, dense.n_out * (size_t)net->precision);
    } else {
        memset(z, 0, dense.n_out * (size_t)net->precision);
    }
    net->kernels->sum_scaled_rows(
        z, blocks->values, &(dsc_picked_rows){dense.weights, dense.n_out, blocks->picked, n});
}

/* The gradient at the inputs of layer l for sample t, by the weights as they are; those at which a rectifier
 * gave 0 have none. */
static void go_back(const dsc_blocks *blocks, size_t l, size_t t, void *d_x) {
    const dsc_network *net = blocks->passes->net;
    const dsc_dense dense = dsc_dense_of(net, l);
    const void *d_z = gradient_rows(blocks->passes->ws, l, DSC_Z, t);
    if (!is_behind_rectifier(net, l)) {
        net->kernels->dot_rows(
            d_x, d_z, &(dsc_picked_rows){dense.weights, dense.n_out, blocks->numbers, dense.n_in});
        return;
    }
    const size_t n = pick_inputs(blocks, l, t);
    net->kernels->dot_rows(blocks->values, d_z,
                           &(dsc_picked_rows){dense.weights, dense.n_out, blocks->picked, n});
    net->kernels->put_back(d_x, dense.n_in, blocks->picked, blocks->values, n);
}

/* Sample t through a layer whose steps wait; the sums of the first layer are there. */
static void forward_waiting(const dsc_blocks *blocks, size_t l, size_t t, double rate) {
    const dsc_workspace *ws = blocks->passes->ws;
    const layer *of = &ws->net->layers[l];
    void *z = value_rows(ws, l, DSC_Z, t);
    if (is_behind_rectifier(ws->net, l)) {
        sum_up_picked(blocks, l, t);
    } else if (l > 0) {
        sum_up(ws, l, t, 1);
    }
    add_waiting(blocks,
                &(waiting){.met = dsc_input_rows(ws, l, 0),
                           .added = gradient_rows(ws, l, DSC_Z, 0),
                           .n_met = of->n_in,
                           .n_added = of->n_out,
                           .has_bias = of->has_bias},
                t, rate, z);
    ws->net->kernels->activate(value_rows(ws, l, DSC_A, t), z,
                               (dsc_kernel_activation)of->activation, 1, of->n_out);
}

/* And back. */
static void back_waiting(const dsc_blocks *blocks, size_t l, size_t t, double rate) {
    const dsc_workspace *ws = blocks->passes->ws;
    const dsc_network *net = ws->net;
    const layer *of = &net->layers[l];
    const dsc_dense dense = dsc_dense_of(net, l);
    void *d_z = gradient_rows(ws, l, DSC_Z, t);
    net->kernels->differentiate(&dense, &(dsc_dense_pass){.batch = 1,
                                                          .normed = value_rows(ws, l, DSC_Z, t),
                                                          .a = value_rows(ws, l, DSC_A, t),
                                                          .d_a = gradient_rows(ws, l, DSC_A, t),
                                                          .d_normed = d_z});
    if (l > 0) {
        void *d_x = gradient_rows(ws, l - 1, DSC_A, t);
        go_back(blocks, l, t, d_x);
        add_waiting(blocks,
                    &(waiting){.met = gradient_rows(ws, l, DSC_Z, 0),
                               .added = dsc_input_rows(ws, l, 0),
                               .n_met = of->n_out,
                               .n_added = of->n_in},
                    t, rate, d_x);
    }
}

/* The steps of a layer by n samples from `first` on. */
static void take_steps(const dsc_blocks *blocks, size_t l, size_t first, size_t n,
                       const dsc_fit_batch *batch) {
    dsc_passes *p = blocks->passes;
    const dsc_backward_end end = {.is_first = true, .stepped = batch->stepped, .step = batch->step};
    dsc_pass_gradients(p->ws, l,
                       &(dsc_gradient_part){.first = first,
                                            .n = n,
                                            .n_in = p->net->layers[l].n_in,
                                            .has_tail = true,
                                            .end = &end,
                                            .scratch = p->scratch});
}

/* Sample t of the block that is in the workspace. */
static dsc_status pass_one(const dsc_blocks *blocks, size_t t, const dsc_fit_batch *batch,
                           double *loss, dsc_error *err) {
    dsc_passes *p = blocks->passes;
    const dsc_network *net = p->net;
    const dsc_pass_part one = {t, 1, p->scratch};
    double own;
    for (size_t l = 0; l < net->n_layers; l++) {
        if (is_put_off(&net->layers[l])) {
            forward_waiting(blocks, l, t, batch->step->rate);
        } else {
            dsc_pass_forward_layer(p->ws, l, &one);
        }
    }
    const dsc_pass_target target = {.y = p->y, .n_samples = 1, .wants_gradient = true};
    const dsc_status status = dsc_pass_loss(p->ws, &one, &target, &own, err);
    if (status != DSC_OK) {
        return status;
    }
    *loss += own;
    for (size_t l = net->n_layers; l-- > 0;) {
        if (is_put_off(&net->layers[l])) {
            back_waiting(blocks, l, t, batch->step->rate);
        } else {
            dsc_pass_back_layer(p->ws, l, &one);
            take_steps(blocks, l, t, 1, batch);
        }
    }
    return DSC_OK;
}

static dsc_status run_block(const dsc_blocks *blocks, const dsc_fit_samples *samples,
                            const dsc_fit_batch *batch, double *loss, dsc_error *err) {
    const dsc_network *net = blocks->passes->net;
    const dsc_workspace *ws = blocks->passes->ws;
    dsc_status status = dsc_passes_gather(blocks->passes, samples, batch->order, batch->n, err);
    if (status == DSC_OK && is_put_off(&net->layers[0])) {
        sum_up(ws, 0, 0, batch->n);
    }
    for (size_t t = 0; status == DSC_OK && t < batch->n; t++) {
        status = pass_one(blocks, t, batch, loss, err);
    }
    for (size_t l = 0; status == DSC_OK && l < net->n_layers; l++) {
        if (is_put_off(&net->layers[l])) {
            take_steps(blocks, l, 0, batch->n, batch);
        }
    }
    return status;
}

dsc_status dsc_blocks_run(dsc_blocks *blocks, const dsc_fit_samples *samples,
                          const dsc_fit_batch *batch, double *loss, dsc_error *err) {
    dsc_status status = DSC_OK;
    *loss = 0;
    for (size_t first = 0; status == DSC_OK && first < batch->n; first += BLOCK) {
        dsc_fit_batch block = *batch;
        block.order += first;
        block.n = batch->n - first < BLOCK ? batch->n - first : BLOCK;
        status = run_block(blocks, samples, &block, loss, err);
    }
    return status;
}
