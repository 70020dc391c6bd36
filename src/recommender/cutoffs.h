/* The cutoffs of rankings, checked. */
#ifndef DSC_RECOMMENDER_CUTOFFS_H
#define DSC_RECOMMENDER_CUTOFFS_H

#include <stddef.h>

#include "descent/status.h"

/* DSC_OK, or DSC_E_ARGUMENT unless there are 1 .. DSC_MAX_CUTOFFS of them, each at least 1. */
dsc_status dsc_cutoffs_check(const size_t *k, size_t n_k, dsc_error *err);

#endif
