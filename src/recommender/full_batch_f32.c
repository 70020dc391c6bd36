/* The objective of full-batch training in single precision, as the program trains. */
#define real            float
#define FULL_BATCH_PASS dsc_full_batch_pass_f32
#include "recommender/full_batch_pass.inc"
