/* Ratings: from text to a sparse user-item matrix with its id maps.
 *
 * A dsc_ratings is read once and const from then on, so that threads may share it freely. Users and
 * items have dense indices 0 .. n-1 in the order of their first appearance in the input; external
 * ids are strings of any bytes.
 *
 * A rating takes 8 bytes, 16 with a time, and 8 more where it is sorted by item as well. Models that
 * are trained on ratings do not copy them: what is by user is there once, and freed with the last
 * of them all, so that each may be destroyed whenever its owner likes. */
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

/* What a line says of its user and item. */
typedef enum dsc_feedback {
    DSC_FEEDBACK_EXPLICIT = 0, /* a rating */
    DSC_FEEDBACK_IMPLICIT = 1  /* that they had to do with each other, an interaction: the value is
                                  1, and a rating, if there is one, is not read */
} dsc_feedback;

/* How the pairs of user and item lie in the lines. */
typedef enum dsc_layout {
    DSC_LAYOUT_ROWS = 0, /* one a line */
    DSC_LAYOUT_LISTS = 1 /* a user and then any number of items a line; implicit feedback alone */
} dsc_layout;

/* All zero is the default: everything detected, stop at the first bad line. Feedback and layout are
 * never detected: a file of pairs and times looks like one of ratings, and a short list like a row.
 */
typedef struct dsc_ratings_format {
    dsc_delimiter delimiter; /* the same for all lines */
    dsc_header header;       /* of the first line that is not empty */
    dsc_on_error on_error;   /* errors of data; not of a damaged file */
    dsc_feedback feedback;   /* what each line says */
    dsc_layout layout;       /* and how */
    /* Column numbers counted from 1, at most 1000; all 0: by the header's names when there is a
     * header that names them, else user 1, item 2, rating 3 and, where there is a fourth column of
     * numbers, time 4. When set, user, item and rating must be, but for implicit feedback, where 0
     * means no rating; time 0 then means that no time is read. Lists have no columns. */
    size_t user_column, item_column, rating_column, time_column;
    size_t
        n_threads; /* 0 .. 1024; 0: as many as there are processors. Any number gives the same ratings
                         and the same report */
} dsc_ratings_format;

/* What was found while reading: the report that `descent` prints. */
typedef struct dsc_ratings_report {
    const char *delimiter;   /* "comma", "tab", "\"::\"", "blank", "semicolon", "pipe"; static */
    const char *compression; /* "none", "gzip", "zstd"; static */
    bool has_header;         /* as found or as set */
    /* From 1. Time 0: none; rating 0: not read, as of implicit feedback; all 0: lists. */
    size_t user_column, item_column, rating_column, time_column;
    size_t n_columns;    /* of most of the first lines; those beyond the named are not read */
    uint64_t n_lines;    /* all lines, header and empty ones too */
    uint64_t n_empty;    /* lines with nothing but blanks, which are passed over */
    uint64_t n_bad;      /* lines left out under DSC_ON_ERROR_SKIP */
    dsc_error first_bad; /* the first of them; code DSC_OK when n_bad is 0 */
    uint64_t n_wide;     /* lines with more than n_columns fields, read where columns were set */
    uint64_t first_wide_line;      /* the first of them; 0: none */
    uint64_t n_duplicates;         /* ratings replaced by a later one for the same user and item */
    uint64_t first_duplicate_line; /* the line that replaced an earlier rating; 0: none */
    uint64_t n_bytes;              /* after decompression */
    uint64_t n_lists;              /* lines of a user with items; 0 where these are no lists */
    uint64_t n_empty_lists;        /* lines of a user alone, who is then not in the ratings */
    uint64_t n_continued_lists; /* lines of a user who had a line before: they are put together */
    size_t shortest_list;       /* items in the shortest line of those n_lists */
    size_t longest_list;        /* likewise */
    double columns_s; /* elapsed until the text was numbers and indices of ids, not yet sorted */
} dsc_ratings_report;

/* Ratings with the ids of their users and items. */
typedef struct dsc_ratings dsc_ratings;

/* Reads a ratings file: one rating a line, LF or CR LF, ids and numbers with or without quotes,
 * blanks around them taken off, times in seconds (a fraction is rounded down).
 * A first line is taken for a header when it has a word where ratings have a number, and either
 * names known columns ("userId", "movie_id", "rating", ...) or holds no number at all while lines
 * below it do. Without ratings it is one when it names user and item, or is all words above a column
 * that is all numbers; above lists when it is a name of users and one of items, no more.
 * In a list one delimiter may stand behind the last item. A user may have several lines, which are
 * put together: the lists of two files one after the other are the lists of both.
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
 * what the caller says), a list longer than 64 MiB, lists that tabs or commas may divide as well as
 * blanks, lists without any item. */
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

/* Sorts them by item, unless that is done, with as many threads as they were read with, or alone if they were not
 * read. Before threads share them; views by item that were taken before stay empty.
 * Returns DSC_OK; DSC_E_MEMORY.
 * Cost: O(ratings + users + items), and 8 bytes a rating; with several threads up to one more meanwhile. */
dsc_status dsc_ratings_sort_by_item(dsc_ratings *ratings, dsc_error *err);

/* Rows items, columns users; no times. All zero before dsc_ratings_sort_by_item. */
dsc_sparse dsc_ratings_by_item(const dsc_ratings *ratings);

/* Frees the times, 8 bytes a rating, of those who will not look at them. Before threads and models
 * share the ratings: it does nothing while a model does. Views taken before must not be used any more. */
void dsc_ratings_drop_times(dsc_ratings *ratings);

/* What they were read as; parts of them are the same. */
dsc_feedback dsc_ratings_feedback(const dsc_ratings *ratings);

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
