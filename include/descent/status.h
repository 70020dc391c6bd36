/* Status codes and error reports of every descent function.
 *
 * A function that can fail returns dsc_status and takes an optional `dsc_error *err` as its last
 * argument. On failure *err names the place, what was found and what was expected; on success it is
 * left untouched. No function of the library prints, aborts or exits. */
#ifndef DESCENT_STATUS_H
#define DESCENT_STATUS_H

#ifdef __cplusplus
extern "C" {
#endif

/* The values are part of the interface and are never renumbered. */
typedef enum dsc_status {
    DSC_OK = 0,
    DSC_E_ARGUMENT = 1,  /* a setting or argument outside its documented range */
    DSC_E_MEMORY = 2,    /* an allocation failed, or a size does not fit size_t */
    DSC_E_SHAPE = 3,     /* a matrix whose shape or precision is not the expected one */
    DSC_E_STATE = 4,     /* a call out of order, such as backward before forward */
    DSC_E_NONFINITE = 5, /* a loss, weight or activation became infinite or not a number */
    DSC_E_DATA = 6,      /* input data that breaks the rules of its format */
    DSC_E_MODEL = 7,     /* a model file that is damaged, or written by something else */
    DSC_E_IO = 8,        /* the operating system refused to open, read, write or rename */
    DSC_E_CANCELLED = 9  /* the caller's progress function asked to stop */
} dsc_status;

/* Owned by the caller, usually on the stack. Both strings are always terminated, valid UTF-8 and
 * without control characters. */
typedef struct dsc_error {
    dsc_status code;   /* what the function returned */
    char where[256];   /* "ratings.csv:412:7", "epoch 3, layer 2", a file name, or "" */
    char message[512]; /* what was found and what was expected, without a final newline */
} dsc_error;

/* The constant's name, such as "DSC_E_SHAPE"; "unknown status" for any other value. Static storage.
 */
const char *dsc_status_name(dsc_status status);

#ifdef __cplusplus
}
#endif
#endif
