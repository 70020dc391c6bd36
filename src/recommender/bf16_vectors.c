/* Vectors as bfloat16, from the model's floats and back. */
#include "recommender/bf16_vectors.h"

#include "base/error.h"
#include "base/memory.h"

/* Of users and items, whose vectors lie one after the other. */
static size_t count_values(const dsc_recommender *model) {
    return (model->n_user_vectors + model->n_item_vectors) * model->config.n_factors;
}

dsc_status dsc_bf16_vectors_init(dsc_bf16_vectors *out, const dsc_recommender *model,
                                 dsc_error *err) {
    const size_t n = count_values(model);
    *out = (dsc_bf16_vectors){.of_users = dsc_alloc(n, sizeof *out->of_users)};
    if (out->of_users == NULL) {
        return dsc_fail_memory(err, "the vectors as bfloat16");
    }
    out->of_items = out->of_users + model->n_user_vectors * model->config.n_factors;
    model->kernels->narrow_bf16(out->of_users, model->user_vectors, n);
    return DSC_OK;
}

void dsc_bf16_vectors_clear(dsc_bf16_vectors *vectors) {
    dsc_free(vectors->of_users);
    *vectors = (dsc_bf16_vectors){0};
}

void dsc_bf16_vectors_hand_over(const dsc_bf16_vectors *vectors, dsc_recommender *model) {
    model->kernels->widen_bf16(model->user_vectors, vectors->of_users, count_values(model));
}

void dsc_bf16_vectors_round(dsc_recommender *model) {
    enum { PIECE = 256 };
    uint16_t piece[PIECE];
    const size_t n_values = count_values(model);
    for (size_t first = 0; first < n_values; first += PIECE) {
        const size_t n = n_values - first < PIECE ? n_values - first : PIECE;
        model->kernels->narrow_bf16(piece, model->user_vectors + first, n);
        model->kernels->widen_bf16(model->user_vectors + first, piece, n);
    }
}
