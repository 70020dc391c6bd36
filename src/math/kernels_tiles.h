/* What kernels of tiles are told, whose samples lie side by side: products, joins, sums. */
#ifndef DSC_MATH_KERNELS_TILES_H
#define DSC_MATH_KERNELS_TILES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "math/kernels_dense.h"

/* Samples of a tile, in which they lie side by side: its matrices are (rows, DSC_TILE), one sample
 * a column. Every column's result depends on that column alone. */
enum { DSC_TILE = 32 };

/* out = f(start + a' x). docs/math.md (190), (191) */
typedef struct dsc_tile_product {
    size_t n_rows;
    size_t n_inner;
    const void *a; /* (n_inner, n_rows), a row every a_stride elements */
    size_t a_stride;
    const void *x; /* (n_inner, DSC_TILE) */
    /* NULL; or a column of such a matrix, which is added to every column: max(x + joined, 0) stands
     * for x. */
    const void *joined;
    const void *start; /* (n_rows) of each sum, as a bias; NULL: 0 */
    dsc_kernel_activation activation;
    void *out; /* (n_rows, DSC_TILE) */
} dsc_tile_product;

/* The same in whole numbers, whose sums are exact, made floats again: out = f(start + scale (a' max(x +
 * joined, 0))). Numbers of the inner dimension lie by fours, as processors take bytes.
 *                                                              docs/math.md (212) */
enum { DSC_BYTE_GROUP = 4 };
typedef struct dsc_byte_product {
    size_t n_rows;
    size_t n_groups;      /* of numbers of the inner dimension, at most 4096 */
    const int8_t *a;      /* (n_groups, n_rows, DSC_BYTE_GROUP) above -128 */
    const int8_t *x;      /* (n_groups, DSC_TILE, DSC_BYTE_GROUP) */
    const int8_t *joined; /* (n_groups, DSC_BYTE_GROUP); x + joined fits a byte */
    const void *scale;    /* (n_rows) */
    const void *start;    /* (n_rows) */
    bool is_rectified;    /* f is max(., 0), else the identity */
    void *out;            /* (n_rows, DSC_TILE) */
} dsc_byte_product;

/* f(one + other), where the other has a column for each sample or one for all. docs/math.md (191) */
typedef struct dsc_tile_join {
    size_t n_rows;
    const void *one;   /* (n_rows, DSC_TILE) */
    const void *other; /* the same, or one column of such a matrix */
    bool is_spread;    /* it is one column */
    dsc_kernel_activation activation;
} dsc_tile_join;

/* What makes rows of sums whole: sum[r][c] = ((sum[r][c] + more[r][c]) + own[r]) + biases[c].
 * docs/math.md (192) */
typedef struct dsc_tile_rows {
    size_t n_rows;
    const void *more;   /* (n_rows, DSC_TILE), NULL: none */
    const void *own;    /* (n_rows) */
    const void *biases; /* (DSC_TILE) */
    const void *least;  /* (n_rows) which sums are wanted: at least so high ones */
    uint32_t *wanted;   /* (n_rows) out: the columns of those, as bits */
} dsc_tile_rows;

#endif
