/* Neighbours by cosine: docs/math.md (100). */
#include "descent/similar.h"

#include <math.h>

#include "base/error.h"
#include "base/memory.h"
#include "recommender/model.h"
#include "recommender/top_n.h"

static double product(const float *a, const float *b, size_t k) {
    double sum = 0;
    for (size_t f = 0; f < k; f++) {
        sum += (double)a[f] * (double)b[f];
    }
    return sum;
}

/* 0 where one of the two has no direction. */
static double cosine(const float *a, const float *b, size_t k) {
    const double lengths = sqrt(product(a, a, k)) * sqrt(product(b, b, k));
    return lengths > 0 ? product(a, b, k) / lengths : 0;
}

/* Those among whom is searched. */
typedef struct crowd {
    const dsc_recommender *model;
    size_t n;
    dsc_side (*side)(const dsc_recommender *model, uint32_t index);
} crowd;

static dsc_status find(const crowd *all, const dsc_similar_query *query, size_t n,
                       dsc_neighbour *out, size_t *n_out, dsc_error *err) {
    const size_t k = all->model->config.n_factors;
    *n_out = 0;
    if (query->side.vector == NULL) {
        return dsc_fail(err, DSC_E_ARGUMENT, "side", "is of somebody unknown");
    }
    dsc_top_n top = {.capacity = n < all->n ? n : all->n};
    top.heap = dsc_alloc(top.capacity, sizeof *top.heap);
    if (top.heap == NULL) {
        return dsc_fail_memory(err, "a list of neighbours");
    }
    for (uint32_t index = 0; index < all->n; index++) {
        const dsc_side other = all->side(all->model, index);
        if (index != query->except && other.n_ratings >= query->min_ratings) {
            dsc_top_n_offer(&top, cosine(query->side.vector, other.vector, k), index);
        }
    }
    dsc_top_n_sort(&top);
    for (size_t r = 0; r < top.count; r++) {
        const uint32_t index = top.heap[r].item;
        out[r] = (dsc_neighbour){.index = index,
                                 .similarity = top.heap[r].score,
                                 .n_ratings = (uint32_t)all->side(all->model, index).n_ratings};
    }
    *n_out = top.count;
    dsc_free(top.heap);
    return DSC_OK;
}

dsc_status dsc_similar_items(const dsc_recommender *model, const dsc_similar_query *query, size_t n,
                             dsc_neighbour *out, size_t *n_out, dsc_error *err) {
    const crowd items = {model, model->n_items, dsc_recommender_item_side};
    return find(&items, query, n, out, n_out, err);
}

dsc_status dsc_similar_users(const dsc_recommender *model, const dsc_similar_query *query, size_t n,
                             dsc_neighbour *out, size_t *n_out, dsc_error *err) {
    const crowd users = {model, model->n_users, dsc_recommender_user_side};
    return find(&users, query, n, out, n_out, err);
}
