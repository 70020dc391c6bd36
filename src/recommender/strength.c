/* Strengths of L2 by number of ratings: docs/math.md (160). */
#include "recommender/strength.h"

#include <math.h>

#include "recommender/model.h"

double dsc_strength_factor(double power, double n, double usual) {
    return pow(fmax(n, 1) / usual, power);
}

void dsc_strength_factors(double *out, double power, dsc_sparse ratings) {
    size_t n_filled = 0;
    for (size_t r = 0; r < ratings.n_rows; r++) {
        n_filled += ratings.start[r + 1] > ratings.start[r];
    }
    const double usual = n_filled > 0 ? (double)ratings.n_entries / (double)n_filled : 1;
    for (size_t r = 0; r < ratings.n_rows; r++) {
        out[r] =
            dsc_strength_factor(power, (double)(ratings.start[r + 1] - ratings.start[r]), usual);
    }
}

double dsc_strength_of(const dsc_recommender *model, bool is_item, double n) {
    const dsc_ridge *ridge = &model->config.ridge;
    const size_t n_rows = is_item ? model->n_items : model->n_users;
    const double usual = (double)model->ratings.n_entries / (double)n_rows;
    return model->config.use_lbfgs ? ridge->vectors * dsc_strength_factor(ridge->power, n, usual)
                                   : 0;
}
