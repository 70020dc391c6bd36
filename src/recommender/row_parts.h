/* Row parts: the rows of a sparse matrix in stretches of about the same work, to be shared out to
 * threads. They follow from the matrix alone. */
#ifndef DSC_RECOMMENDER_ROW_PARTS_H
#define DSC_RECOMMENDER_ROW_PARTS_H

#include <stddef.h>
#include <stdint.h>

#include "descent/ratings.h"
#include "descent/status.h"

typedef struct dsc_row_parts {
    size_t n;
    uint32_t *start; /* (n + 1) part i has the rows start[i] .. start[i + 1] - 1 */
} dsc_row_parts;

/* Returns DSC_OK; DSC_E_MEMORY, *out being empty then. */
dsc_status dsc_row_parts_init(dsc_row_parts *out, dsc_sparse matrix, dsc_error *err);

/* Neighbouring parts together, at most so many. Returns as above. */
dsc_status dsc_row_parts_gather(dsc_row_parts *out, const dsc_row_parts *parts, size_t most,
                                dsc_error *err);
void dsc_row_parts_clear(dsc_row_parts *parts);

#endif
