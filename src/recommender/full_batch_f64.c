/* The objective of full-batch training in double precision, for checks of its gradient. */
#define real            double
#define FULL_BATCH_PASS dsc_full_batch_pass_f64
#include "recommender/full_batch_pass.inc"
