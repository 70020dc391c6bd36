/* Given negatives: for each user the items against which held-out ones are ranked.
 *
 * A text file, one user a line: the user, or (user,item) with the held-out item as in the files of
 * the NCF paper, and then the negatives, separated by tabs or blanks. Plain, gzip or zstd. */
#ifndef DESCENT_NEGATIVES_H
#define DESCENT_NEGATIVES_H

#include <stddef.h>
#include <stdint.h>

#include "descent/delimited.h"
#include "descent/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Read once, const from then on. */
typedef struct dsc_negatives dsc_negatives;

/* Reads a file of negatives.
 *   path  [in]   "-" is standard input
 *   out   [out]  freed with dsc_negatives_destroy; NULL after a failure
 * Returns DSC_OK; DSC_E_DATA with err->where "path:line:column": a line without negatives, a user
 * who has a line already, an item twice in a line, a bracket without its other half, an empty file;
 * DSC_E_IO; DSC_E_MEMORY. */
dsc_status dsc_negatives_read(dsc_negatives **out, const char *path, dsc_error *err);
void dsc_negatives_destroy(dsc_negatives *negatives); /* NULL is allowed */

/* Users with a line. */
size_t dsc_negatives_n_users(const dsc_negatives *negatives);

/* A user's negatives.
 *   n  [out]  how many; 0 when the file has no line for the user
 * Returns (n) indices for dsc_negatives_item, owned by `negatives`. */
const uint32_t *dsc_negatives_find(const dsc_negatives *negatives, dsc_id user, size_t *n);

/* The items of all lines, each once. */
size_t dsc_negatives_n_items(const dsc_negatives *negatives);
dsc_id dsc_negatives_item(const dsc_negatives *negatives, uint32_t index); /* below the number */

#ifdef __cplusplus
}
#endif
#endif
