/* Tiles of sides and the passes over them: docs/math.md (190) to (192). */
#include "recommender/side_tile.h"

static size_t first_width(const dsc_recommender *model) {
    return model->network != NULL ? model->config.hidden[0] : 0;
}

size_t dsc_side_tile_size(const dsc_recommender *model, bool has_vectors) {
    return (first_width(model) + 1 + (has_vectors ? model->config.n_factors : 0)) * DSC_TILE;
}

dsc_side_tile dsc_side_tile_in(const dsc_recommender *model, float *memory) {
    float *bias = memory + first_width(model) * DSC_TILE;
    return (dsc_side_tile){.half = memory, .bias = bias, .vectors = bias + DSC_TILE};
}

void dsc_side_tile_fill(const dsc_recommender *model, const dsc_side_tile *tile,
                        const dsc_side *sides, size_t n, bool is_item) {
    const size_t k = model->config.n_factors, width = first_width(model);
    const void *vectors[DSC_TILE];
    for (size_t c = 0; c < DSC_TILE; c++) {
        vectors[c] = c < n ? sides[c].vector : NULL;
        tile->bias[c] = c < n ? sides[c].bias + sides[c].offset : 0;
    }
    model->kernels->pack_tile(tile->vectors, vectors, n, k);
    if (model->network == NULL) {
        return;
    }
    /* the layer's weights have a row for each input, users' first */
    const float *weights = dsc_network_weights(model->network, 0).data;
    model->kernels->multiply_tile(
        &(dsc_tile_product){.n_rows = width,
                            .n_inner = k,
                            .a = is_item ? weights + k * width : weights,
                            .a_stride = width,
                            .x = tile->vectors,
                            .start = is_item ? NULL : dsc_network_bias(model->network, 0).data,
                            .out = tile->half});
}

/* Of the layers that are written: all but the first, joined on the way where that is possible. */
static size_t widest_layer(const dsc_recommender *model) {
    size_t widest = 1;
    for (size_t l = 0; model->network != NULL && l < model->config.n_hidden; l++) {
        widest = model->config.hidden[l] > widest ? model->config.hidden[l] : widest;
    }
    return widest;
}

size_t dsc_tile_pass_size(const dsc_recommender *model) {
    return (2 * widest_layer(model) + DSC_TILE) * DSC_TILE;
}

void dsc_tile_pass_init(dsc_tile_pass *pass, const dsc_recommender *model, float *scratch) {
    const dsc_recommender_config *config = &model->config;
    float *from = scratch, *to = scratch + widest_layer(model) * DSC_TILE;
    *pass = (dsc_tile_pass){.model = model,
                            .joined = from,
                            .network = to + widest_layer(model) * DSC_TILE,
                            .n_layers = model->network != NULL ? config->n_hidden : 0};
    for (size_t l = 0; l < pass->n_layers; l++) {
        const dsc_matrix weights = dsc_network_weights(model->network, l + 1);
        const dsc_activation activation =
            l + 1 < pass->n_layers ? config->activation : DSC_IDENTITY;
        pass->layers[l] = (dsc_tile_product){.n_rows = weights.n_cols,
                                             .n_inner = weights.n_rows,
                                             .a = weights.data,
                                             .a_stride = weights.n_cols,
                                             .x = from,
                                             .start = dsc_network_bias(model->network, l + 1).data,
                                             .activation = (dsc_kernel_activation)activation,
                                             .out = to};
        float *const free_again = from;
        from = to;
        to = free_again;
    }
}

void dsc_tile_pass_finish(const dsc_tile_pass *pass, float *out) {
    for (size_t l = 1; l < pass->n_layers; l++) {
        dsc_tile_product layer = pass->layers[l];
        if (l + 1 == pass->n_layers) {
            layer.out = out;
        }
        pass->model->kernels->multiply_tile(&layer);
    }
}

void dsc_tile_pairs(const dsc_tile_pass *pass, const dsc_side_tile *users,
                    const dsc_side_tile *items, float *sum) {
    const dsc_recommender *model = pass->model;
    const dsc_recommender_config *config = &model->config;
    float *network = config->use_dot ? pass->network : sum;
    if (config->use_dot) {
        model->kernels->dot_tiles(sum, users->vectors, items->vectors, config->n_factors);
    }
    if (pass->n_layers > 0) {
        model->kernels->join_tiles(
            pass->joined,
            &(dsc_tile_join){.n_rows = first_width(model),
                             .one = items->half,
                             .other = users->half,
                             .activation = (dsc_kernel_activation)config->activation});
        model->kernels->multiply_tile(&pass->layers[0]);
        dsc_tile_pass_finish(pass, network);
    }
    for (size_t c = 0; c < DSC_TILE; c++) {
        const float f = network != sum && pass->n_layers > 0 ? sum[c] + network[c] : sum[c];
        sum[c] = f + users->bias[c] + items->bias[c];
    }
}

/* The network's outputs for one user with a tile of items. */
static void run_row(const dsc_tile_pass *pass, const float *user, const float *items, float *out) {
    const dsc_recommender *model = pass->model;
    dsc_tile_product first = pass->layers[0];
    if (model->config.activation == DSC_RELU) {
        first.x = items;
        first.joined = user;
    } else {
        model->kernels->join_tiles(
            pass->joined,
            &(dsc_tile_join){.n_rows = first_width(model),
                             .one = items,
                             .other = user,
                             .is_spread = true,
                             .activation = (dsc_kernel_activation)model->config.activation});
    }
    model->kernels->multiply_tile(&first);
    dsc_tile_pass_finish(pass, out);
}

void dsc_tile_rows_of(const dsc_tile_pass *pass, const dsc_tile_lists *lists,
                      const dsc_side_tile *items) {
    const dsc_recommender *model = pass->model;
    const bool use_dot = model->config.use_dot;
    float *network = use_dot ? pass->network : lists->sum;
    if (use_dot) {
        model->kernels->multiply_tile(&(dsc_tile_product){.n_rows = lists->n,
                                                          .n_inner = model->config.n_factors,
                                                          .a = lists->users->vectors,
                                                          .a_stride = DSC_TILE,
                                                          .x = items->vectors,
                                                          .out = lists->sum});
    }
    for (size_t u = 0; pass->n_layers > 0 && u < lists->n; u++) {
        run_row(pass, lists->users->half + u, items->half, network + u * DSC_TILE);
    }
    model->kernels->finish_rows(
        lists->sum, &(dsc_tile_rows){.n_rows = lists->n,
                                     .more = use_dot && pass->n_layers > 0 ? network : NULL,
                                     .own = lists->users->bias,
                                     .biases = items->bias,
                                     .least = lists->least,
                                     .wanted = lists->wanted});
}
