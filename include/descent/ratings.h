/* Ratings: from text to a sparse user-item matrix with its id maps.
 *
 * A dsc_ratings is read once and const from then on, so that threads may share it freely. Users and
 * items have dense indices 0 .. n-1 in the order of their first appearance in the input; external
 * ids are strings of any bytes. */
#ifndef DESCENT_RATINGS_H
#define DESCENT_RATINGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "descent/delimited.h"
#include "descent/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* --- reading ------------------------------------------------------------------------------- */

/* What to do at a line that cannot be read. */
typedef enum dsc_on_error {
    DSC_ON_ERROR_STOP = 0, /* the first bad line is the error of the call */
    DSC_ON_ERROR_SKIP = 1  /* bad lines are counted and left out; the first is reported */
} dsc_on_error;

/* All zero is the default: everything detected, stop at the first bad line. */
typedef struct dsc_ratings_format {
    dsc_delimiter delimiter; /* the same for all lines */
    dsc_header header;       /* of the first line that is not empty */
    dsc_on_error on_error;   /* errors of data; not of a damaged file */
    /* Column numbers counted from 1, at most 1000; all 0: by the header's names when there is a
     * header that names them, else user 1, item 2, rating 3 and, where there is a fourth column of
     * numbers, time 4. When set, user, item and rating must be; time 0 then means that no time is
     * read. */
    size_t user_column, item_column, rating_column, time_column;
} dsc_ratings_format;

/* What was found while reading: the report that `descent` prints. */
typedef struct dsc_ratings_report {
    const char *delimiter;   /* "comma", "tab", "\"::\"", "blank", "semicolon", "pipe"; static */
    const char *compression; /* "none", "gzip", "zstd"; static */
    bool has_header;         /* as found or as set */
    size_t user_column, item_column, rating_column, time_column; /* from 1; time 0: none */
    size_t n_columns;    /* of most of the first lines; those beyond the named are not read */
    uint64_t n_lines;    /* all lines, header and empty ones too */
    uint64_t n_empty;    /* lines with nothing but blanks, which are passed over */
    uint64_t n_bad;      /* lines left out under DSC_ON_ERROR_SKIP */
    dsc_error first_bad; /* the first of them; code DSC_OK when n_bad is 0 */
    uint64_t n_wide;     /* lines with more than n_columns fields, read where columns were set */
    uint64_t first_wide_line;      /* the first of them; 0: none */
    uint64_t n_duplicates;         /* ratings replaced by a later line for the same user and item */
    uint64_t first_duplicate_line; /* the line that replaced an earlier rating; 0: none */
    uint64_t n_bytes;              /* after decompression */
} dsc_ratings_report;

/* Ratings with the ids of their users and items. */
typedef struct dsc_ratings dsc_ratings;

/* Reads a ratings file: one rating a line, LF or CR LF, ids and numbers with or without quotes,
 * blanks around them taken off, times in seconds (a fraction is rounded down).
 * A first line is taken for a header when it has a word where ratings have a number, and either
 * names known columns ("userId", "movie_id", "rating", ...) or holds no number at all while lines
 * below it do.
 *   path    [in]   a file, plain, gzip or zstd (told by its first bytes); "-" is standard input
 *   format  [in]   NULL: the default
 *   report  [out]  NULL allowed; filled on success, and as far as known on failure
 *   out     [out]  freed with dsc_ratings_destroy; NULL after a failure
 * Returns DSC_OK; DSC_E_DATA with err->where "path:line:column" (both from 1, column in bytes);
 * DSC_E_IO; DSC_E_ARGUMENT a format that contradicts itself; DSC_E_MEMORY.
 * Errors of data: a field that is missing, a rating that is not a finite number, an empty id, a
 * quote that does not close on its line, an empty file, a header alone, a damaged or truncated
 * compressed file, text in UTF-16, a zero byte, a line longer than 1 MiB, a header that names the
 * columns in part and in unusual places or names fewer than there are, a line with more fields than
 * most (unless the columns are set: such lines are then counted), a rating column that holds ids or
 * times (over 1000 distinct whole numbers; not checked where the columns are set: they are then
 * what the caller says). */
dsc_status dsc_ratings_read(dsc_ratings **out, const char *path, const dsc_ratings_format *format,
                            dsc_ratings_report *report, dsc_error *err);

/* The same from memory, `length` bytes of uncompressed text, borrowed; `name` stands in messages.
 */
dsc_status dsc_ratings_read_memory(dsc_ratings **out, const char *text, size_t length,
                                   const char *name, const dsc_ratings_format *format,
                                   dsc_ratings_report *report, dsc_error *err);

void dsc_ratings_destroy(dsc_ratings *ratings); /* NULL is allowed */

/* --- looking ------------------------------------------------------------------------------- */

/* A compressed sparse matrix, a view into its owner. Row r has the entries
 * start[r] .. start[r + 1] - 1, with columns ascending and distinct. */
typedef struct dsc_sparse {
    size_t n_rows;          /* users, or items where it lies by item */
    size_t n_cols;          /* the others */
    size_t n_entries;       /* ratings */
    const uint64_t *start;  /* (n_rows + 1) */
    const uint32_t *column; /* (n_entries) */
    const float *value;     /* (n_entries) */
    const int64_t *time;    /* (n_entries) seconds since 1970, or NULL: no times */
} dsc_sparse;

dsc_sparse dsc_ratings_by_user(const dsc_ratings *ratings); /* rows users, columns items */
dsc_sparse dsc_ratings_by_item(
    const dsc_ratings *ratings); /* rows items, columns users; no times */

/* How many different ones there are. */
size_t dsc_ratings_n_users(const dsc_ratings *ratings);
size_t dsc_ratings_n_items(const dsc_ratings *ratings);

/* External id of a dense index below n; owned by `ratings`. */
dsc_id dsc_ratings_user_id(const dsc_ratings *ratings, uint32_t user);
dsc_id dsc_ratings_item_id(const dsc_ratings *ratings, uint32_t item);

/* Dense index of an external id, or DSC_NO_INDEX. */
uint32_t dsc_ratings_find_user(const dsc_ratings *ratings, dsc_id id);
uint32_t dsc_ratings_find_item(const dsc_ratings *ratings, dsc_id id);

/* Most bins of a summary's histogram: room for 0 to 10 whole and 0.5 to 10 in halves. */
#define DSC_HISTOGRAM_BINS 20

/* The ratings in a few numbers. */
typedef struct dsc_ratings_summary {
    size_t n_users;            /* who have rated */
    size_t n_items;            /* that were rated */
    size_t n_ratings;          /* of different pairs */
    double density;            /* n_ratings / (n_users * n_items) */
    double min;                /* the scale seen */
    double max;                /* its upper end */
    double mean;               /* of the ratings */
    double standard_deviation; /* of the ratings, divided by n */
    /* One bin a value when there are at most 20 distinct values, else 10 equal bins of min .. max.
     */
    size_t n_bins;
    double bin_low[DSC_HISTOGRAM_BINS]; /* equal to bin_high for a bin of one value */
    /* The low of the next bin, to which it belongs; of the last bin the maximum, which is in it. */
    double bin_high[DSC_HISTOGRAM_BINS];
    size_t bin_count[DSC_HISTOGRAM_BINS]; /* ratings in the bin */
} dsc_ratings_summary;

/* Cannot fail. Cost: O(ratings). */
void dsc_ratings_summarize(const dsc_ratings *ratings, dsc_ratings_summary *out);

#ifdef __cplusplus
}
#endif
#endif
