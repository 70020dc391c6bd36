/* The groups of cases, in the order in which they are printed. */
#include "cases.h"

const dsc_step case_step = {.rate = 0.01,
                            .l2 = 0.3,
                            .decay = 0.1,
                            .momentum = 0.9,
                            .beta1 = 0.9,
                            .beta2 = 0.999,
                            .epsilon = 1e-8,
                            .correction1 = 5.26,
                            .correction2 = 500.25};

const kernel_group kernel_groups[] = {
    {"Dense layers", "batch x in x out", dense_cases},
    {"Tiles of 32 samples", "rows x inner", tile_cases},
    {"Activations", "batch x out", activation_cases},
    {"Their derivatives", "batch x out", differentiation_cases},
    {"Losses", "batch x out", loss_cases},
    {"Rows of tables", "rows x width", row_cases},
    {"Steps of rows of tables", "rows x width", step_row_cases},
    {"Elements", "n", element_cases},
    {"Vectors of L-BFGS", "n x vectors", vector_cases},
    {"60 steps of small networks", "in x units x out", run_cases},
    {"Ratings one after the other", "ratings x factors", factor_cases},
    {"Text", "bytes x fields a row", text_cases},
    {"Sets", "numbers x range", rank_cases},
    {NULL, NULL, NULL},
};
