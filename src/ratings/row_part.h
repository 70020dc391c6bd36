/* Row part: the lines of a piece of text into ratings, by one thread, for whoever puts the parts of
 * a text together. */
#ifndef DSC_RATINGS_ROW_PART_H
#define DSC_RATINGS_ROW_PART_H

#include "ratings/plain_row.h"
#include "ratings/rating_row.h"
#include "ratings/ratings_list.h"
#include "ratings/user_runs.h"
#include "text/lines.h"

/* What all parts share. */
typedef struct dsc_row_plan {
    const dsc_lines *lines;        /* for what makes a line a bad one, and for messages */
    const dsc_text_format *format; /* no lists */
    dsc_plain_format plain;
    bool is_skipping; /* DSC_ON_ERROR_SKIP */
} dsc_row_plan;

/* What one thread has to itself. */
typedef struct dsc_row_worker {
    dsc_id_map *users;
    dsc_id_map *items;
    dsc_rating_row row;
    dsc_error err; /* of the last part whose status is not DSC_OK */
} dsc_row_worker;

/* The most ratings that n bytes of whole lines can hold: the shortest line is "u,i" and its LF. */
static inline size_t dsc_row_part_room(size_t n_bytes) {
    return n_bytes / 4 + 1;
}

/* All zero is valid before the first reading. */
typedef struct dsc_row_part {
    char *begin; /* in: whole lines */
    char *end;
    dsc_rating_arrays out; /* in: room for a rating a line, but for `user`; `time` NULL: no times */
    dsc_value_range range; /* of the ratings */
    dsc_user_runs users;   /* kept from reading to reading */
    size_t n;              /* ratings */
    uint64_t n_lines;      /* those read: up to the first bad one unless they are skipped */
    uint64_t n_empty;
    uint64_t n_bad;
    char *bad; /* the first bad line */
    uint64_t bad_line;
    uint64_t n_wide;
    uint64_t first_wide_line;
    /* As in a ratings list, with entries and lines counted from the part's own first ones. */
    dsc_line_offset *offsets; /* (n_offsets) owned, kept from reading to reading */
    size_t n_offsets;
    size_t offsets_capacity;
    /* The ids that the worker saw for the first time have the indices from first to end. */
    uint32_t first_user, end_user;
    uint32_t first_item, end_item;
    size_t worker; /* who read it */
    size_t room;   /* for the crew: no fewer than its ratings, and its first entry in the list */
    size_t from;
    dsc_status status; /* DSC_OK; DSC_E_MEMORY or, of too many ids, DSC_E_DATA with worker->err */
} dsc_row_part;

/* Reads the lines from part->begin to part->end; line numbers count from 1. DSC_LINE_SLACK bytes behind the end must be readable. */
void dsc_row_part_read(dsc_row_part *part, dsc_row_worker *worker, const dsc_row_plan *plan);

void dsc_row_part_clear(dsc_row_part *part);

#endif
