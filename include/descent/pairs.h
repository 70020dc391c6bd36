/* Pairs of user and item, read one by one: what `descent predict` is asked about.
 *
 * Text like that of ratings, without the rating: comma, tab, "::", blank, semicolon or pipe between
 * the fields, quotes, a header or none, plain, gzip or zstd. With a header that names a user and an
 * item column these are read, and the time where it names one, else the first two columns, and the
 * fourth for a time, as in a file of ratings; others are not looked at, so that a ratings file is a
 * file of pairs too. */
#ifndef DESCENT_PAIRS_H
#define DESCENT_PAIRS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "descent/ratings.h"
#include "descent/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* One line of the file. */
typedef struct dsc_pair {
    dsc_id user;   /* borrowed from the reader until the next call */
    dsc_id item;   /* likewise */
    uint64_t line; /* from 1 */
    bool has_time; /* there is a column of times, and a number in it */
    int64_t time;  /* seconds since 1970; if has_time */
} dsc_pair;

/* How a file is read, as told or found out. */
typedef struct dsc_pair_form {
    const char *delimiter;   /* "comma", "tab", ...; static */
    const char *compression; /* "none", "gzip", "zstd"; static */
    bool has_header;         /* the first line names columns and is no pair */
    size_t user_column;      /* from 1 */
    size_t item_column;      /* from 1 */
    size_t time_column;      /* from 1; 0: none */
} dsc_pair_form;

/* An open file of pairs; one thread at a time. */
typedef struct dsc_pair_reader dsc_pair_reader;

/* Opens a file of pairs and tells its form from its first lines.
 *   path  [in]   "-" is standard input
 *   out   [out]  closed with dsc_pair_reader_close; NULL after a failure
 * Returns DSC_OK, also for an empty file; DSC_E_IO; DSC_E_DATA a form that is not read here;
 * DSC_E_ARGUMENT a delimiter or header outside its enum; DSC_E_MEMORY. */
dsc_status dsc_pair_reader_open(dsc_pair_reader **out, const char *path, dsc_delimiter delimiter,
                                dsc_header header, dsc_error *err);
void dsc_pair_reader_close(dsc_pair_reader *reader); /* NULL is allowed */

/* The form is the same from opening to closing; an empty file has one too. */
dsc_pair_form dsc_pair_reader_form(const dsc_pair_reader *reader);

/* The next pair; lines with nothing but blanks are passed over.
 *   has_pair  [out]  false at the end of the file, then *out is untouched
 * Returns DSC_OK; DSC_E_DATA (err->where "path:line:column": a missing field, more fields than
 * most lines have, an empty id, a quote that does not close); DSC_E_IO; DSC_E_MEMORY. After a
 * failure the reader can only be closed. */
dsc_status dsc_pair_reader_next(dsc_pair_reader *reader, dsc_pair *out, bool *has_pair,
                                dsc_error *err);

#ifdef __cplusplus
}
#endif
#endif
