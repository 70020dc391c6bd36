/* Ratings list: growing arrays, one element a rating. */
#include "ratings/ratings_list.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

dsc_status dsc_ratings_list_init(dsc_ratings_list *list, bool has_time, dsc_error *err) {
    *list = (dsc_ratings_list){.has_time = has_time};
    dsc_status status = dsc_id_map_create(&list->users, DSC_MAX_IDS, err);
    return status == DSC_OK ? dsc_id_map_create(&list->items, DSC_MAX_IDS, err) : status;
}

void dsc_ratings_list_clear(dsc_ratings_list *list) {
    dsc_id_map_destroy(list->users);
    dsc_id_map_destroy(list->items);
    free(list->user);
    free(list->item);
    free(list->value);
    free(list->time);
    free(list->offsets);
    *list = (dsc_ratings_list){0};
}

/* Room for n_more entries in all arrays. */
static bool reserve(dsc_ratings_list *list, size_t n_more) {
    if (list->capacity - list->n >= n_more) {
        return true;
    }
    size_t capacity = list->capacity;
    void *arrays[] = {list->user, list->item, list->value, list->time};
    const size_t sizes[] = {sizeof *list->user, sizeof *list->item, sizeof *list->value,
                            sizeof *list->time};
    bool has_memory = true;
    for (size_t i = 0; i < (list->has_time ? 4U : 3U) && has_memory; i++) {
        capacity = list->capacity;
        has_memory = dsc_grow(&arrays[i], &capacity, list->n + n_more, sizes[i]);
    }
    list->user = arrays[0];
    list->item = arrays[1];
    list->value = arrays[2];
    list->time = arrays[3];
    list->capacity = has_memory ? capacity : list->capacity;
    return has_memory;
}

/* Remembers the line of an entry, where it does not follow from the one before. */
static bool note_line(dsc_ratings_list *list, size_t entry, uint64_t line) {
    const uint64_t offset = list->has_lists ? line : line - entry;
    if (list->n_offsets > 0 && list->offsets[list->n_offsets - 1].offset == offset) {
        return true;
    }
    void *offsets = list->offsets;
    bool has_memory =
        dsc_grow(&offsets, &list->offsets_capacity, list->n_offsets + 1, sizeof *list->offsets);
    list->offsets = offsets;
    if (has_memory) {
        list->offsets[list->n_offsets++] = (dsc_line_offset){entry, offset};
    }
    return has_memory;
}

dsc_status dsc_ratings_list_add(dsc_ratings_list *list, dsc_ratings_batch *batch, dsc_error *err) {
    size_t n = batch->n;
    size_t to = list->n;
    batch->n = 0;
    if (n == 0) {
        return DSC_OK;
    }
    if (!reserve(list, n)) {
        return dsc_fail_memory(err, "the ratings");
    }
    for (size_t i = 0; i < n; i++) {
        if (!note_line(list, to + i, batch->line[i])) {
            return dsc_fail_memory(err, "the ratings");
        }
    }
    dsc_status status = dsc_id_map_add_many(list->users, batch->user, n, list->user + to, err);
    if (status == DSC_OK) {
        status = dsc_id_map_add_many(list->items, batch->item, n, list->item + to, err);
    }
    if (status != DSC_OK) {
        return status;
    }
    memcpy(list->value + to, batch->value, n * sizeof *batch->value);
    if (list->has_time) {
        memcpy(list->time + to, batch->time, n * sizeof *batch->time);
    }
    list->n += n;
    return DSC_OK;
}

dsc_status dsc_ratings_list_add_items(dsc_ratings_list *list, uint32_t user, const dsc_id *item,
                                      size_t n, uint64_t line, dsc_error *err) {
    const size_t to = list->n;
    if (!reserve(list, n) || !note_line(list, to, line)) {
        return dsc_fail_memory(err, "the ratings");
    }
    const dsc_status status = dsc_id_map_add_many(list->items, item, n, list->item + to, err);
    if (status != DSC_OK) {
        return status;
    }
    for (size_t i = 0; i < n; i++) {
        list->user[to + i] = user;
        list->value[to + i] = 1;
    }
    list->n += n;
    return DSC_OK;
}

dsc_triplets dsc_ratings_list_take(dsc_ratings_list *list) {
    dsc_triplets triplets = {list->n, list->user, list->item, list->value, list->time};
    list->user = NULL;
    list->item = NULL;
    list->value = NULL;
    list->time = NULL;
    list->n = 0;
    list->capacity = 0;
    return triplets;
}

uint64_t dsc_ratings_list_line(const dsc_ratings_list *list, size_t entry) {
    size_t i = list->n_offsets;
    while (i > 0 && list->offsets[i - 1].entry > entry) {
        i--;
    }
    return (list->has_lists ? 0 : entry) + list->offsets[i - 1].offset;
}

static int compare_floats(const void *a, const void *b) {
    float x, y;
    memcpy(&x, a, sizeof x);
    memcpy(&y, b, sizeof y);
    return (x > y) - (x < y);
}

static size_t count_distinct(float *sorted, size_t n) {
    qsort(sorted, n, sizeof *sorted, compare_floats);
    size_t n_distinct = 1;
    for (size_t i = 1; i < n; i++) {
        n_distinct += sorted[i] > sorted[i - 1];
    }
    return n_distinct;
}

/* From 2^23 on, a float has no bits left for a fraction. */
static inline bool is_whole(float value) {
    return fabsf(value) >= 0x1p23F || value == (float)(int32_t)value;
}

void dsc_ratings_list_range(const dsc_ratings_list *list, float *min, float *max) {
    enum { PARTS = 8 }; /* comparisons that need not wait for one another */
    const float *value = list->value;
    float low[PARTS], high[PARTS];
    for (size_t p = 0; p < PARTS; p++) {
        low[p] = high[p] = value[0];
    }
    for (size_t i = 0; i < list->n - list->n % PARTS; i += PARTS) {
        for (size_t p = 0; p < PARTS; p++) {
            low[p] = value[i + p] < low[p] ? value[i + p] : low[p];
            high[p] = value[i + p] > high[p] ? value[i + p] : high[p];
        }
    }
    for (size_t i = list->n - list->n % PARTS; i < list->n; i++) {
        low[0] = fminf(low[0], value[i]);
        high[0] = fmaxf(high[0], value[i]);
    }
    *min = low[0];
    *max = high[0];
    for (size_t p = 1; p < PARTS; p++) {
        *min = fminf(*min, low[p]);
        *max = fmaxf(*max, high[p]);
    }
}

bool dsc_ratings_list_is_whole(const dsc_ratings_list *list) {
    for (size_t i = 0; i < list->n; i++) {
        if (!is_whole(list->value[i])) {
            return false;
        }
    }
    return true;
}

dsc_status dsc_ratings_list_count_distinct(const dsc_ratings_list *list, size_t *n_distinct,
                                           dsc_error *err) {
    float *copy = reallocarray(NULL, list->n, sizeof *copy);
    if (copy == NULL) {
        return dsc_fail_memory(err, "a check of the ratings");
    }
    memcpy(copy, list->value, list->n * sizeof *copy);
    *n_distinct = count_distinct(copy, list->n);
    free(copy);
    return DSC_OK;
}
