/* Ratings reader: lines to ratings in file order, with the report of what was found. */
#ifndef DSC_RATINGS_RATINGS_READER_H
#define DSC_RATINGS_RATINGS_READER_H

#include "base/pool.h"
#include "descent/ratings.h"
#include "ratings/ratings_list.h"
#include "text/input.h"

/* How the work is shared out, which changes no result. */
typedef struct dsc_reading {
    size_t n_threads;   /* 0: as many as there are processors */
    size_t part_bytes;  /* of text for a thread at a time: DSC_PART_BYTES, but in tests */
    size_t block_bytes; /* of text for all of them, not below 256 KiB; 0: by their number */
    dsc_pool *pool;     /* out: the threads, if the text was long enough for them, else NULL; for
                           the caller to use and destroy, also after a failure */
} dsc_reading;

dsc_reading dsc_reading_of(const dsc_ratings_format *settings);

/* Reads all of `input`, which is closed in any case.
 *   list    [out]  freed with dsc_ratings_list_clear; empty after a failure
 *   report  [out]  all but the duplicates
 * Returns DSC_OK or a code of dsc_ratings_read. */
dsc_status dsc_ratings_list_read(dsc_ratings_list *list, dsc_input *input,
                                 const dsc_ratings_format *settings, dsc_reading *reading,
                                 dsc_ratings_report *report, dsc_error *err);

#endif
