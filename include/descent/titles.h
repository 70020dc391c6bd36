/* Titles of items: joins a file of item names to item ids.
 *
 * Reads two-column text (id, title) and the MovieLens forms: `u.item` ("|", latin-1) and
 * `movies.dat` ("::", latin-1), also CSV with quotes and a header ("movieId,title,genres").
 * The id is the first column, the title the second; further columns are not read. Text that is not
 * valid UTF-8 is taken as latin-1 and made UTF-8. Const after reading: threads may share it. */
#ifndef DESCENT_TITLES_H
#define DESCENT_TITLES_H

#include <stddef.h>

#include "descent/ratings.h"
#include "descent/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Titles by item id. */
typedef struct dsc_titles dsc_titles;

/*   path  [in]   plain, gzip or zstd; delimiter and header are detected
 *   out   [out]  freed with dsc_titles_destroy; NULL after a failure
 * Returns DSC_OK; DSC_E_DATA (path:line:column: a line without title, an empty id, a line with more
 * fields than most, whose title would be cut, an empty file); DSC_E_IO; DSC_E_MEMORY. The last of
 * several lines with one id wins. */
dsc_status dsc_titles_read(dsc_titles **out, const char *path, dsc_error *err);
void dsc_titles_destroy(dsc_titles *titles); /* NULL is allowed */

/* How many items have a title. */
size_t dsc_titles_count(const dsc_titles *titles);

/* The title of an item, or {NULL, 0} when the file has none for it. `titles` NULL: always none. */
dsc_id dsc_titles_find(const dsc_titles *titles, dsc_id item);

#ifdef __cplusplus
}
#endif
#endif
