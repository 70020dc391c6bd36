/* Ratings list: ratings in file order with their id maps, as the reader fills it. */
#ifndef DSC_RATINGS_RATINGS_LIST_H
#define DSC_RATINGS_RATINGS_LIST_H

#include <math.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "descent/ratings.h"
#include "ratings/sparse.h"
#include "text/id_map.h"

/* From this entry on, an entry's line number is its index plus `offset`: lines that hold no rating
 * are few, so that this takes less than a line number an entry. Where lines are lists, it is
 * `offset`. */
typedef struct dsc_line_offset {
    size_t entry;
    uint64_t offset;
} dsc_line_offset;

/* Arrays with one element a rating each; blocks from malloc. */
typedef struct dsc_rating_arrays {
    uint32_t *user; /* NULL: told otherwise */
    uint32_t *item;
    float *value;
    int64_t *time; /* NULL: no times */
} dsc_rating_arrays;

/* Room for `needed` ratings in all arrays, at least doubling *capacity; false: no memory, and those
 * that are there are as before. */
bool dsc_rating_arrays_grow(dsc_rating_arrays *arrays, size_t *capacity, size_t needed,
                            bool has_time);
void dsc_rating_arrays_clear(dsc_rating_arrays *arrays);

/* Their elements from `entry` on. */
static inline dsc_rating_arrays dsc_rating_arrays_at(const dsc_rating_arrays *arrays,
                                                     size_t entry) {
    return (dsc_rating_arrays){arrays->user != NULL ? arrays->user + entry : NULL,
                               arrays->item + entry, arrays->value + entry,
                               arrays->time != NULL ? arrays->time + entry : NULL};
}

/* The smallest and the largest of some values. */
typedef struct dsc_value_range {
    float low;
    float high;
} dsc_value_range;

/* Of none. */
#define DSC_NO_VALUES ((dsc_value_range){INFINITY, -INFINITY})

void dsc_value_range_add(dsc_value_range *range, const float *value, size_t n);

/* Empty after dsc_ratings_list_init; all zero can be cleared. 8 bytes a rating, 16 with times, and 4 more as soon as a user
 * comes again behind another one: until then, as in files that are grouped by user, it is enough to know
 * where the entries of each begin. */
typedef struct dsc_ratings_list {
    dsc_id_map *users;
    dsc_id_map *items;
    size_t n;
    size_t capacity;
    dsc_rating_arrays arrays; /* (n) */
    uint64_t *start;          /* (n_starts) each user's first entry, where arrays.user is NULL */
    size_t n_starts;
    size_t start_capacity;
    dsc_value_range range;    /* of the ratings; whoever adds some adds theirs */
    dsc_line_offset *offsets; /* (n_offsets) ascending */
    size_t n_offsets;
    size_t offsets_capacity;
    bool has_time;
    bool has_lists; /* many entries a line; set before the first one is added */
} dsc_ratings_list;

/* One line's rating; the ids are borrowed. */
typedef struct dsc_rating {
    dsc_id user;
    dsc_id item;
    float value;
    int64_t time; /* seconds since 1970, 0 where the list has no times */
    uint64_t line;
} dsc_rating;

/* Returns DSC_OK; DSC_E_MEMORY. Freed with dsc_ratings_list_clear after success and failure. */
dsc_status dsc_ratings_list_init(dsc_ratings_list *list, bool has_time, dsc_error *err);
void dsc_ratings_list_clear(dsc_ratings_list *list);

/* Room for n_more ratings, which a caller writes into the arrays behind the first n, then adding them
 * to n; false: no memory. */
bool dsc_ratings_list_reserve(dsc_ratings_list *list, size_t n_more);

/* Remembers the line of an entry, not before those noted, where it does not follow from the entry
 * before. Returns DSC_OK; DSC_E_MEMORY. */
dsc_status dsc_ratings_list_note(dsc_ratings_list *list, size_t entry, uint64_t line,
                                 dsc_error *err);

/* Says that the entries from `entry` on, up to where the next call has somebody else's begin, are those of
 * `user`. If arrays.user is not NULL then, it lacks them. Returns DSC_OK; DSC_E_MEMORY. */
dsc_status dsc_ratings_list_begin_user(dsc_ratings_list *list, size_t entry, uint32_t user,
                                       dsc_error *err);

/* Writes the user of n entries to arrays.user, if there is one. */
void dsc_ratings_list_fill_user(const dsc_ratings_list *list, size_t entry, uint32_t user,
                                size_t n);

/* Appends a rating.
 * Returns DSC_OK; DSC_E_DATA too many ids; DSC_E_MEMORY; the list must then be cleared. */
dsc_status dsc_ratings_list_add(dsc_ratings_list *list, const dsc_rating *rating, dsc_error *err);

/* Appends n <= DSC_IDS_AT_ONCE items of one user and one line, with the value 1; the list has no
 * times. Returns as above. */
dsc_status dsc_ratings_list_add_items(dsc_ratings_list *list, uint32_t user, const dsc_id *item,
                                      size_t n, uint64_t line, dsc_error *err);

/* Moves the ratings out: the caller frees the arrays, and the list keeps its ids and lines. */
dsc_triplets dsc_ratings_list_take(dsc_ratings_list *list);

/* The line, from 1, on which an entry below n stands. */
uint64_t dsc_ratings_list_line(const dsc_ratings_list *list, size_t entry);

/* Of a list that is not empty: whether all ratings are whole numbers, and how many different ones there
 * are. The last sorts a copy; returns DSC_OK; DSC_E_MEMORY. */
bool dsc_ratings_list_is_whole(const dsc_ratings_list *list);
dsc_status dsc_ratings_list_count_distinct(const dsc_ratings_list *list, size_t *n_distinct,
                                           dsc_error *err);

#endif
