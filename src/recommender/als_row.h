/* The equations of one row of alternating least squares, for those who come after training, and for
 * explanations. */
#ifndef DSC_RECOMMENDER_ALS_ROW_H
#define DSC_RECOMMENDER_ALS_ROW_H

#include <stdbool.h>

#include "descent/fold_in.h"
#include "recommender/model.h"

/* Who the row is of, and what with. */
typedef struct dsc_als_row {
    bool is_item;
    size_t n;              /* interactions */
    const uint32_t *other; /* (n) indices of the other side */
} dsc_als_row;

/* Solves A x = b for the A of (113), in double.
 *   model  [in]      trained by alternating least squares
 *   x      [in,out]  (n_factors) b before
 * Returns DSC_OK; DSC_E_NONFINITE; DSC_E_MEMORY. Cost: O((n + n_factors) n_factors^2). */
dsc_status dsc_als_row_solve(const dsc_recommender *model, const dsc_als_row *row, double *x,
                             dsc_error *err);

/* The row's vector, the minimum of (110) with everything else fixed.
 *   out  [out]  (n_factors) */
dsc_status dsc_als_row_vector(const dsc_recommender *model, const dsc_als_row *row, float *out,
                              dsc_error *err);

#endif
