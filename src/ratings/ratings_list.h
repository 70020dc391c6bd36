/* Ratings list: ratings in file order with their id maps, as the reader fills it. */
#ifndef DSC_RATINGS_RATINGS_LIST_H
#define DSC_RATINGS_RATINGS_LIST_H

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
    bool has_lists; /* many entries a line; set before the first one is added */
} dsc_ratings_list;

/* One line's rating; the ids are borrowed and have DSC_ID_SLACK bytes to read. */
typedef struct dsc_rating {
    dsc_id user;
    dsc_id item;
    float value;
    int64_t time; /* seconds since 1970, 0 where the list has no times */
    uint64_t line;
} dsc_rating;

/* Ratings on their way into a list, together for the sake of dsc_id_map_add_many. */
#define DSC_BATCH_RATINGS DSC_IDS_AT_ONCE
typedef struct dsc_ratings_batch {
    size_t n;
    dsc_id user[DSC_BATCH_RATINGS];
    dsc_id item[DSC_BATCH_RATINGS];
    float value[DSC_BATCH_RATINGS];
    int64_t time[DSC_BATCH_RATINGS];
    uint64_t line[DSC_BATCH_RATINGS];
} dsc_ratings_batch;

/* Appends to a batch that is not full. */
static inline void dsc_ratings_batch_add(dsc_ratings_batch *batch, const dsc_rating *rating) {
    size_t n = batch->n++;
    batch->user[n] = rating->user;
    batch->item[n] = rating->item;
    batch->value[n] = rating->value;
    batch->time[n] = rating->time;
    batch->line[n] = rating->line;
}

/* Returns DSC_OK; DSC_E_MEMORY. Freed with dsc_ratings_list_clear after success and failure. */
dsc_status dsc_ratings_list_init(dsc_ratings_list *list, bool has_time, dsc_error *err);
void dsc_ratings_list_clear(dsc_ratings_list *list);

/* Appends the batch and empties it.
 * Returns DSC_OK; DSC_E_DATA too many ids; DSC_E_MEMORY; the list must then be cleared. */
dsc_status dsc_ratings_list_add(dsc_ratings_list *list, dsc_ratings_batch *batch, dsc_error *err);

/* Appends n <= DSC_IDS_AT_ONCE items of one user and one line, with the value 1; the list has no
 * times. Returns as above. */
dsc_status dsc_ratings_list_add_items(dsc_ratings_list *list, uint32_t user, const dsc_id *item,
                                      size_t n, uint64_t line, dsc_error *err);

/* Moves the ratings out: the caller frees the arrays, and the list keeps its ids and lines. */
dsc_triplets dsc_ratings_list_take(dsc_ratings_list *list);

/* The line, from 1, on which an entry below n stands. */
uint64_t dsc_ratings_list_line(const dsc_ratings_list *list, size_t entry);

/* Of a list that is not empty: its smallest and largest rating, whether all are whole numbers, and
 * how many different ones there are. The last sorts a copy; returns DSC_OK; DSC_E_MEMORY. */
void dsc_ratings_list_range(const dsc_ratings_list *list, float *min, float *max);
bool dsc_ratings_list_is_whole(const dsc_ratings_list *list);
dsc_status dsc_ratings_list_count_distinct(const dsc_ratings_list *list, size_t *n_distinct,
                                           dsc_error *err);

#endif
