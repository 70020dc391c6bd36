/* Ratings that are kept: runs between those that are left out. */
#include "recommender/kept_ratings.h"

#include <string.h>

#include "base/error.h"
#include "base/memory.h"

dsc_kept_ratings dsc_kept_ratings_all(dsc_sparse all) {
    return (dsc_kept_ratings){.all = all, .uses_all = true, .n = all.n_entries, .start = all.start};
}

dsc_status dsc_kept_ratings_init(dsc_kept_ratings *out, dsc_sparse all, const uint32_t *left_out,
                                 size_t n_left_out, const bool *is_used, dsc_error *err) {
    *out = dsc_kept_ratings_all(all);
    if (n_left_out == 0 && is_used == NULL) {
        return DSC_OK;
    }
    uint64_t *start = dsc_alloc(all.n_rows + 1, sizeof *start);
    if (start == NULL) {
        *out = (dsc_kept_ratings){0};
        return dsc_fail_memory(err, "the ratings to train on");
    }
    size_t n_before = 0; /* left out, up to the row's last rating */
    for (size_t r = 0; r < all.n_rows; r++) {
        const size_t n_up_to = n_before;
        while (n_before < n_left_out && left_out[n_before] < all.start[r + 1]) {
            n_before++;
        }
        const uint64_t n_kept = all.start[r + 1] - all.start[r] - (n_before - n_up_to);
        start[r + 1] = start[r] + (is_used == NULL || is_used[r] ? n_kept : 0);
    }
    out->left_out = left_out;
    out->n_left_out = n_left_out;
    out->uses_all = is_used == NULL;
    out->n = (size_t)start[all.n_rows];
    out->start = out->own_start = start;
    return DSC_OK;
}

void dsc_kept_ratings_clear(dsc_kept_ratings *kept) {
    dsc_free(kept->own_start);
    *kept = (dsc_kept_ratings){0};
}

dsc_sparse dsc_kept_ratings_shape(const dsc_kept_ratings *kept) {
    return (dsc_sparse){.n_rows = kept->all.n_rows,
                        .n_cols = kept->all.n_cols,
                        .n_entries = kept->n,
                        .start = kept->start};
}

/* The first from `low` to `high` - 1 of those left out that is not before a position; `high`: there is none. */
static size_t find_left_out(const dsc_kept_ratings *kept, size_t low, size_t high,
                            uint64_t position) {
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (kept->left_out[middle] < position) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

/* The first of those left out that is not before a row. All ratings before it that are not kept are left out, where
 * every row is used; else that must be looked for. */
static size_t first_from(const dsc_kept_ratings *kept, size_t row) {
    const uint64_t position = kept->all.start[row];
    return kept->uses_all ? (size_t)(position - kept->start[row])
                          : find_left_out(kept, 0, kept->n_left_out, position);
}

bool dsc_kept_ratings_has(const dsc_kept_ratings *kept, uint32_t row, uint32_t column) {
    const size_t position = dsc_sparse_find(kept->all, row, column);
    if (position == kept->all.n_entries || kept->start[row] == kept->start[row + 1]) {
        return false;
    }
    const size_t end = first_from(kept, (size_t)row + 1);
    const size_t found = find_left_out(kept, first_from(kept, row), end, position);
    return found == end || kept->left_out[found] != position;
}

dsc_kept_walk dsc_kept_walk_over(const dsc_kept_ratings *kept, dsc_row_range rows) {
    const uint64_t first = kept->all.start[rows.begin];
    return (dsc_kept_walk){.kept = kept,
                           .rows = rows,
                           .next = first_from(kept, rows.begin),
                           .row = rows.begin,
                           .begin = first,
                           .end = first};
}

bool dsc_kept_walk_next(dsc_kept_walk *w) {
    const dsc_kept_ratings *kept = w->kept;
    const uint32_t *left_out = kept->left_out;
    const size_t n_left_out = kept->n_left_out;
    uint64_t at = w->end;
    for (; w->row < w->rows.end; w->row++) {
        const uint64_t end = kept->all.start[w->row + 1];
        at = kept->start[w->row] < kept->start[w->row + 1] ? at : end;
        for (; w->next < n_left_out && left_out[w->next] < end && left_out[w->next] <= at;
             w->next++) {
            at += left_out[w->next] == at;
        }
        if (at < end) {
            w->begin = at;
            w->end = w->next < n_left_out && left_out[w->next] < end ? left_out[w->next] : end;
            return true;
        }
    }
    w->begin = w->end = at;
    return false;
}

/* --- copies ----------------------------------------------------------------------------------- */

/* Entries that are copied at a time, of 4 bytes: with a tenth left out, most runs have no more. */
enum { AT_ONCE = 16, BYTES = 4 };

/* Entries begin .. end - 1 of an array for all ratings to `to`, which ends at `last`; returns where they end.
 * Where there is room, more is copied than that, and overwritten by what follows. So much is there to be read: the
 * room is for what is kept from `begin` on, which is no more than all from there on. */
static char *copy_run(char *to, const char *last, const char *of_all, uint64_t begin,
                      uint64_t end) {
    const char *from = of_all + begin * BYTES;
    const size_t n = (size_t)(end - begin), n_whole = (n + AT_ONCE - 1) / AT_ONCE * AT_ONCE;
    if (n_whole * BYTES > (size_t)(last - to)) {
        memcpy(to, from, n * BYTES);
    } else {
        for (size_t i = 0; i < n_whole * BYTES; i += (size_t)AT_ONCE * BYTES) {
            memcpy(to + i, from + i, (size_t)AT_ONCE * BYTES);
        }
    }
    return to + n * BYTES;
}

/* Those of rows that are used, between what is left out. */
static char *copy_rows(const dsc_kept_ratings *kept, char *to, const char *last, const char *of_all,
                       dsc_row_range rows) {
    const uint64_t end = kept->all.start[rows.end];
    const uint32_t *left_out = kept->left_out;
    uint64_t at = kept->all.start[rows.begin];
    for (size_t i = first_from(kept, rows.begin); i < kept->n_left_out && left_out[i] < end; i++) {
        to = copy_run(to, last, of_all, at, left_out[i]);
        at = (uint64_t)left_out[i] + 1;
    }
    return copy_run(to, last, of_all, at, end);
}

/* What is kept of some rows, of an array of one number of 4 bytes for each of all ratings. */
static void copy(const dsc_kept_ratings *kept, void *room, const void *of_all, dsc_row_range rows) {
    const size_t n = (size_t)(kept->start[rows.end] - kept->start[rows.begin]);
    char *to = room;
    const char *last = to + n * BYTES;
    for (size_t r = rows.begin; r < rows.end;) {
        size_t end = r;
        while (end < rows.end && kept->start[end] < kept->start[end + 1]) {
            end++;
        }
        to = copy_rows(kept, to, last, of_all, (dsc_row_range){r, end});
        r = end + 1;
    }
}

dsc_row_stretch dsc_kept_ratings_rows(const dsc_kept_ratings *kept, dsc_row_range rows,
                                      uint32_t *room) {
    const uint32_t *column = kept->all.column;
    if (!dsc_kept_ratings_has_gaps(kept, rows)) {
        return (dsc_row_stretch){rows, kept->start, column + kept->all.start[rows.begin]};
    }
    copy(kept, room, column, rows);
    return (dsc_row_stretch){rows, kept->start, room};
}

const float *dsc_kept_ratings_numbers(const dsc_kept_ratings *kept, const float *numbers,
                                      dsc_row_range rows, float *room) {
    if (!dsc_kept_ratings_has_gaps(kept, rows)) {
        return numbers + kept->all.start[rows.begin];
    }
    copy(kept, room, numbers, rows);
    return room;
}
