/* Splits: which rows of a table train and which test.
 *
 * All are fixed by their arguments and the seed alone. Rows are counted from 0 and given in
 * ascending order. */
#ifndef DESCENT_SPLIT_H
#define DESCENT_SPLIT_H

#include <stddef.h>
#include <stdint.h>

#include "descent/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Row numbers, owned by this struct. */
typedef struct dsc_rows {
    uint32_t *row; /* (n) */
    size_t n;      /* how many */
} dsc_rows;

/* Frees what the struct owns and makes it all zero, which may be cleared again. */
void dsc_rows_clear(dsc_rows *rows);

/* Holds a random share of rows out.
 *   rows     [in]   (n) to choose from, such as the training rows; NULL: 0 .. n - 1
 *   share    [in]   above 0 and below 1; n * share rows, rounded, at least 1 and at most n - 1
 *   stratum  [in]   NULL, or (n) the stratum of each of `rows` (not of each row of the table):
 *                   every stratum then gives its share, rounded so that the sum is as without,
 *                   but none gives all its rows: it is kept whole, and fewer are held out
 *   kept     [out]  cleared with dsc_rows_clear, as is `held`; both all zero after a failure
 * Returns DSC_OK; DSC_E_ARGUMENT a share out of range, n < 2 or too large; DSC_E_MEMORY. */
dsc_status dsc_split_holdout(const uint32_t *rows, size_t n, double share, const uint32_t *stratum,
                             uint64_t seed, dsc_rows *kept, dsc_rows *held, dsc_error *err);

/* Deals n rows into folds whose sizes differ by at most 1.
 *   n_folds  [in]   2 .. n
 *   stratum  [in]   NULL, or (n): the rows of a stratum are dealt one after the other, so that each
 *                   fold gets as many of them as any other, give or take one
 *   fold     [out]  (n) the fold of each row, below n_folds
 * Returns DSC_OK; DSC_E_ARGUMENT n_folds out of range, n too large; DSC_E_MEMORY; *fold is
 * undefined after a failure. */
dsc_status dsc_split_folds(size_t n, uint32_t n_folds, const uint32_t *stratum, uint64_t seed,
                           uint32_t *fold, dsc_error *err);

/* The rows of fold k, and all others.
 *   fold  [in]   (n) of dsc_split_folds
 *   in    [out]  the rows i with fold[i] == k; NULL allowed; cleared with dsc_rows_clear
 *   rest  [out]  the others; NULL allowed
 * Returns DSC_OK; DSC_E_MEMORY, both are all zero then. */
dsc_status dsc_split_fold(const uint32_t *fold, size_t n, uint32_t k, dsc_rows *in, dsc_rows *rest,
                          dsc_error *err);

/* Reads a file of row numbers: one a line, counted from 0, perhaps written as 1.0e+00; empty lines
 * are passed over. The order is kept.
 *   path    [in]   plain, gzip or zstd; "-" is standard input
 *   n_rows  [in]   of the table that the numbers are for
 * Returns DSC_OK; DSC_E_DATA (err->where "path:line:column": not a whole number, not below n_rows,
 * a number that stands twice; "path": no number at all); DSC_E_IO; DSC_E_MEMORY; *out is all zero
 * after a failure. */
dsc_status dsc_rows_read(dsc_rows *out, const char *path, size_t n_rows, dsc_error *err);

#ifdef __cplusplus
}
#endif
#endif
