/* Input: bytes from a file, standard input or memory, decompressed on the way.
 *
 * Plain, gzip and zstd are told apart by the first bytes, never by the name. */
#ifndef DSC_TEXT_INPUT_H
#define DSC_TEXT_INPUT_H

#include <stddef.h>

#include "descent/status.h"

typedef struct dsc_input dsc_input;

/* Opens a file; "-" is standard input, which is read but not closed. Freed with dsc_input_close.
 * Returns DSC_OK; DSC_E_IO; DSC_E_DATA a compressed form that is not read here; DSC_E_MEMORY; *out
 * is NULL after a failure. */
dsc_status dsc_input_open(dsc_input **out, const char *path, dsc_error *err);

/* Input from `length` bytes of plain text, borrowed until the input is closed; `name` too. */
dsc_status dsc_input_open_memory(dsc_input **out, const char *text, size_t length, const char *name,
                                 dsc_error *err);

void dsc_input_close(dsc_input *input); /* NULL is allowed */

/* Fills `buffer` as far as the input reaches: *n_read below `capacity` (> 0) means its end.
 * Returns DSC_OK; DSC_E_IO; DSC_E_DATA a damaged or truncated stream; DSC_E_MEMORY. */
dsc_status dsc_input_read(dsc_input *input, char *buffer, size_t capacity, size_t *n_read,
                          dsc_error *err);

/* The first bytes, which dsc_input_read will give again: at most DSC_LOOK_BYTES, before anything is
 * read. *n_read below `capacity` means that the input is shorter. Errors as dsc_input_read. */
#define DSC_LOOK_BYTES 16
dsc_status dsc_input_look(dsc_input *input, char *buffer, size_t capacity, size_t *n_read,
                          dsc_error *err);

/* How many bytes dsc_input_read gives in all, as far as that is known before they are read; 0: it is
 * not. A file may change. */
size_t dsc_input_size(const dsc_input *input);

const char *dsc_input_name(const dsc_input *input);        /* for messages */
const char *dsc_input_compression(const dsc_input *input); /* "none", "gzip", "zstd"; static */

#endif
