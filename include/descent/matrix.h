/* A read-only view of a dense matrix: a pointer, a shape and a precision.
 *
 * Row-major, rows contiguous, sample before feature. A view owns nothing and lives as long as the
 * memory it points into. Functions that take a view check its shape and precision, so that a
 * matrix of the wrong kind is an error (DSC_E_SHAPE) and never a wrong result. */
#ifndef DESCENT_MATRIX_H
#define DESCENT_MATRIX_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The value is the size of one element in bytes. */
typedef enum dsc_precision { DSC_FLOAT32 = 4, DSC_FLOAT64 = 8 } dsc_precision;

/* The view itself: a plain value, made by dsc_matrix_f32 and dsc_matrix_f64. */
typedef struct dsc_matrix {
    const void *data; /* (n_rows, n_cols); NULL only where documented: "there is no such matrix" */
    size_t n_rows;    /* samples, or inputs of a layer's weights */
    size_t n_cols;    /* features, or outputs */
    dsc_precision precision; /* of an element of data */
} dsc_matrix;

/* View of `data` (n_rows, n_cols), borrowed. */
static inline dsc_matrix dsc_matrix_f32(const float *data, size_t n_rows, size_t n_cols) {
    dsc_matrix m;
    m.data = data;
    m.n_rows = n_rows;
    m.n_cols = n_cols;
    m.precision = DSC_FLOAT32;
    return m;
}

/* The same for double. */
static inline dsc_matrix dsc_matrix_f64(const double *data, size_t n_rows, size_t n_cols) {
    dsc_matrix m;
    m.data = data;
    m.n_rows = n_rows;
    m.n_cols = n_cols;
    m.precision = DSC_FLOAT64;
    return m;
}

/* Element (row, col), both counted from 0 and not checked. */
static inline double dsc_matrix_at(dsc_matrix m, size_t row, size_t col) {
    size_t i = row * m.n_cols + col;
    return m.precision == DSC_FLOAT32 ? (double)((const float *)m.data)[i]
                                      : ((const double *)m.data)[i];
}

#ifdef __cplusplus
}
#endif
#endif
