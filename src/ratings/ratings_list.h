/* Ratings list: ratings in file order with their id maps, as the reader fills it. */
#ifndef DSC_RATINGS_RATINGS_LIST_H
#define DSC_RATINGS_RATINGS_LIST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "descent/ratings.h"
#include "ratings/id_map.h"
#include "ratings/sparse.h"

/* From this entry on, an entry's line number is its index plus `offset`: lines that hold no rating
 * are few, so that this takes less than a line number an entry. */
typedef struct dsc_line_offset {
    size_t entry;
    uint64_t offset;
} dsc_line_offset;

/* All zero is valid, empty and without id maps. 12 bytes a rating, 20 with times. */
typedef struct dsc_ratings_list {
    dsc_id_map *users;
    dsc_id_map *items;
    size_t n;
    size_t capacity;
    uint32_t *user;           /* (n) */
    uint32_t *item;           /* (n) */
    float *value;             /* (n) */
    int64_t *time;            /* (n), NULL: no times */
    dsc_line_offset *offsets; /* (n_offsets) ascending */
    size_t n_offsets;
    size_t offsets_capacity;
    bool has_time;
} dsc_ratings_list;

/* One line's rating; the ids are borrowed for the call and have DSC_ID_SLACK bytes to read. */
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

/* The most ratings that are added at once: looking for a few ids together hides the time that
 * memory takes to deliver where they are. */
#define DSC_ADD_AT_ONCE 16

/* Appends ratings[0 .. n), n <= DSC_ADD_AT_ONCE.
 * Returns DSC_OK; DSC_E_DATA too many ids; DSC_E_MEMORY; the list must then be cleared. */
dsc_status dsc_ratings_list_add(dsc_ratings_list *list, const dsc_rating *ratings, size_t n,
                                dsc_error *err);

/* Moves the ratings out: the caller frees the arrays, and the list keeps its ids and lines. */
dsc_triplets dsc_ratings_list_take(dsc_ratings_list *list);

/* The line, from 1, on which an entry below n stands. */
uint64_t dsc_ratings_list_line(const dsc_ratings_list *list, size_t entry);

/* How many distinct values the ratings have when there are more than `limit` and all are whole
 * numbers; else 0. Returns DSC_OK; DSC_E_MEMORY. */
dsc_status dsc_ratings_list_count_whole(const dsc_ratings_list *list, size_t limit,
                                        size_t *n_distinct, dsc_error *err);

#endif
