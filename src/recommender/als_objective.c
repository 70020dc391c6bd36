/* What alternating least squares minimises: docs/math.md (110). */
#include "recommender/als_state.h"

static double penalty(const dsc_als *als, bool is_items) {
    const dsc_recommender *model = als->model;
    const dsc_sparse rows = als->shape[is_items];
    const size_t k = model->config.n_factors;
    const float *table = is_items ? model->item_vectors : model->user_vectors;
    double sum = 0;
    for (size_t r = 0; r < rows.n_rows; r++) {
        const double n = (double)(rows.start[r + 1] - rows.start[r]);
        sum += dsc_als_strength(model, n, (double)rows.n_cols) *
               model->kernels->sum_of_squares(table + r * k, k);
    }
    return sum;
}

/* A part of the pool's job: the squared errors of the interactions of DSC_ALS_PART users. */
static void measure_rows(void *job, size_t part, size_t thread) {
    dsc_als *als = job;
    const dsc_recommender *model = als->model;
    const dsc_sparse rows = als->shape[0];
    const size_t k = model->config.n_factors;
    double sum = 0;
    for (size_t u = part * DSC_ALS_PART; u < (part + 1) * DSC_ALS_PART && u < rows.n_rows; u++) {
        const uint32_t *item = dsc_als_others(als, false, u, thread);
        for (uint64_t n = rows.start[u + 1] - rows.start[u]; n > 0; n--, item++) {
            float score;
            model->kernels->dot_rows(&score, model->user_vectors + u * k,
                                     &(dsc_picked_rows){model->item_vectors, k, item, 1});
            sum += ((double)score - 1) * ((double)score - 1);
        }
    }
    als->squares[part] = sum;
}

double dsc_als_objective(dsc_als *als) {
    const dsc_recommender *model = als->model;
    const size_t k = model->config.n_factors;
    const size_t n_parts = (als->shape[0].n_rows + DSC_ALS_PART - 1) / DSC_ALS_PART;
    double observed = 0, all = 0;
    dsc_pool_run(als->pool, n_parts, measure_rows, als);
    for (size_t part = 0; part < n_parts; part++) {
        observed += als->squares[part];
    }
    dsc_als_gram(model->kernels, als->gram, als->turn, model->user_vectors, model->n_users, k);
    dsc_als_gram(model->kernels, als->vectors, als->turn, model->item_vectors, model->n_items, k);
    for (size_t i = 0; i < k * k; i++) {
        all += als->gram[i] * als->vectors[i];
    }
    return observed + dsc_als_pair_weight(model) * all + penalty(als, false) + penalty(als, true);
}
