/* Ratings list: growing arrays, one element a rating. */
#include "ratings/ratings_list.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

dsc_status dsc_ratings_list_init(dsc_ratings_list *list, bool has_time, dsc_error *err) {
    *list = (dsc_ratings_list){.has_time = has_time, .range = DSC_NO_VALUES};
    dsc_status status = dsc_id_map_create(&list->users, DSC_MAX_IDS, err);
    return status == DSC_OK ? dsc_id_map_create(&list->items, DSC_MAX_IDS, err) : status;
}

void dsc_ratings_list_clear(dsc_ratings_list *list) {
    dsc_id_map_destroy(list->users);
    dsc_id_map_destroy(list->items);
    dsc_rating_arrays_clear(&list->arrays);
    free(list->start);
    free(list->offsets);
    *list = (dsc_ratings_list){0};
}

void dsc_rating_arrays_clear(dsc_rating_arrays *arrays) {
    free(arrays->user);
    free(arrays->item);
    free(arrays->value);
    free(arrays->time);
    *arrays = (dsc_rating_arrays){0};
}

bool dsc_rating_arrays_grow(dsc_rating_arrays *arrays, size_t *capacity, size_t needed,
                            bool has_time) {
    if (needed <= *capacity) {
        return true;
    }
    size_t grown = *capacity;
    void *blocks[] = {arrays->user, arrays->item, arrays->value, arrays->time};
    const size_t sizes[] = {sizeof *arrays->user, sizeof *arrays->item, sizeof *arrays->value,
                            sizeof *arrays->time};
    const bool is_held[] = {arrays->user != NULL, true, true, has_time};
    bool has_memory = true;
    for (size_t i = 0; i < sizeof blocks / sizeof blocks[0] && has_memory; i++) {
        size_t room = *capacity;
        has_memory = !is_held[i] || dsc_grow(&blocks[i], &room, needed, sizes[i]);
        grown = is_held[i] ? room : grown;
    }
    *arrays = (dsc_rating_arrays){blocks[0], blocks[1], blocks[2], blocks[3]};
    *capacity = has_memory ? grown : *capacity;
    return has_memory;
}

bool dsc_ratings_list_reserve(dsc_ratings_list *list, size_t n_more) {
    const size_t before = list->capacity;
    dsc_rating_arrays *a = &list->arrays;
    size_t needed;
    if (__builtin_add_overflow(list->n, n_more, &needed) ||
        !dsc_rating_arrays_grow(a, &list->capacity, needed, list->has_time)) {
        return false;
    }
    if (list->capacity > before) {
        dsc_expect_use(a->user, list->capacity * sizeof *a->user); /* NULL is left alone */
        dsc_expect_use(a->item, list->capacity * sizeof *a->item);
        dsc_expect_use(a->value, list->capacity * sizeof *a->value);
        dsc_expect_use(a->time, list->capacity * sizeof *a->time);
    }
    return true;
}

dsc_status dsc_ratings_list_note(dsc_ratings_list *list, size_t entry, uint64_t line,
                                 dsc_error *err) {
    const uint64_t offset = list->has_lists ? line : line - entry;
    if (list->n_offsets > 0 && list->offsets[list->n_offsets - 1].offset == offset) {
        return DSC_OK;
    }
    void *offsets = list->offsets;
    bool has_memory =
        dsc_grow(&offsets, &list->offsets_capacity, list->n_offsets + 1, sizeof *list->offsets);
    list->offsets = offsets;
    if (!has_memory) {
        return dsc_fail_memory(err, "the ratings");
    }
    list->offsets[list->n_offsets++] = (dsc_line_offset){entry, offset};
    return DSC_OK;
}

/* From here on with a number for each entry: those before `entry` are told by where each user's begin. */
static dsc_status spread_users(dsc_ratings_list *list, size_t entry, dsc_error *err) {
    uint32_t *user = reallocarray(NULL, list->capacity, sizeof *user);
    if (user == NULL) {
        return dsc_fail_memory(err, "the ratings");
    }
    dsc_expect_use(user, list->capacity * sizeof *user);
    list->arrays.user = user;
    for (size_t i = 0; i < list->n_starts; i++) {
        const size_t end = i + 1 < list->n_starts ? (size_t)list->start[i + 1] : entry;
        dsc_ratings_list_fill_user(list, (size_t)list->start[i], (uint32_t)i,
                                   end - (size_t)list->start[i]);
    }
    free(list->start);
    list->start = NULL;
    list->n_starts = 0;
    list->start_capacity = 0;
    return DSC_OK;
}

dsc_status dsc_ratings_list_begin_user(dsc_ratings_list *list, size_t entry, uint32_t user,
                                       dsc_error *err) {
    if (list->arrays.user != NULL || (size_t)user + 1 == list->n_starts) {
        return DSC_OK;
    }
    if (user < list->n_starts) {
        return spread_users(list, entry, err);
    }
    void *start = list->start;
    const bool has_memory =
        dsc_grow(&start, &list->start_capacity, (size_t)user + 1, sizeof *list->start);
    list->start = start;
    if (!has_memory) {
        return dsc_fail_memory(err, "the ratings");
    }
    while (list->n_starts <= user) {
        list->start[list->n_starts++] = entry;
    }
    return DSC_OK;
}

void dsc_ratings_list_fill_user(const dsc_ratings_list *list, size_t entry, uint32_t user,
                                size_t n) {
    uint32_t *to = list->arrays.user != NULL ? list->arrays.user + entry : NULL;
    for (size_t i = 0; i < n && to != NULL; i++) {
        to[i] = user;
    }
}

/* Room for n more, the first of which stands on `line`. */
static dsc_status prepare(dsc_ratings_list *list, size_t n, uint64_t line, dsc_error *err) {
    return dsc_ratings_list_reserve(list, n) ? dsc_ratings_list_note(list, list->n, line, err)
                                             : dsc_fail_memory(err, "the ratings");
}

/* Of the n entries behind those there are. */
static dsc_status add_user(dsc_ratings_list *list, uint32_t user, size_t n, dsc_error *err) {
    const dsc_status status = dsc_ratings_list_begin_user(list, list->n, user, err);
    if (status == DSC_OK) {
        dsc_ratings_list_fill_user(list, list->n, user, n);
    }
    return status;
}

dsc_status dsc_ratings_list_add(dsc_ratings_list *list, const dsc_rating *rating, dsc_error *err) {
    dsc_status status = prepare(list, 1, rating->line, err);
    const dsc_rating_arrays to = dsc_rating_arrays_at(&list->arrays, list->n);
    uint32_t user;
    if (status == DSC_OK) {
        status = dsc_id_map_add(list->users, rating->user, &user, err);
    }
    if (status == DSC_OK) {
        status = add_user(list, user, 1, err);
    }
    if (status == DSC_OK) {
        status = dsc_id_map_add(list->items, rating->item, to.item, err);
    }
    if (status != DSC_OK) {
        return status;
    }
    *to.value = rating->value;
    dsc_value_range_add(&list->range, to.value, 1);
    if (to.time != NULL) {
        *to.time = rating->time;
    }
    list->n++;
    return DSC_OK;
}

dsc_status dsc_ratings_list_add_items(dsc_ratings_list *list, uint32_t user, const dsc_id *item,
                                      size_t n, uint64_t line, dsc_error *err) {
    dsc_status status = prepare(list, n, line, err);
    if (status != DSC_OK) {
        return status;
    }
    const dsc_rating_arrays to = dsc_rating_arrays_at(&list->arrays, list->n);
    status = dsc_id_map_add_many(list->items, item, n, to.item, err);
    if (status == DSC_OK) {
        status = add_user(list, user, n, err);
    }
    if (status != DSC_OK) {
        return status;
    }
    for (size_t i = 0; i < n; i++) {
        to.value[i] = 1;
    }
    dsc_value_range_add(&list->range, to.value, n);
    list->n += n;
    return DSC_OK;
}

dsc_triplets dsc_ratings_list_take(dsc_ratings_list *list) {
    const dsc_rating_arrays *a = &list->arrays;
    dsc_triplets triplets = {.n = list->n,
                             .row = a->user,
                             .column = a->item,
                             .value = a->value,
                             .time = a->time,
                             .start = list->start,
                             .n_starts = list->n_starts};
    list->arrays = (dsc_rating_arrays){0};
    list->start = NULL;
    list->n_starts = 0;
    list->start_capacity = 0;
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

void dsc_value_range_add(dsc_value_range *range, const float *value, size_t n) {
    enum { PARTS = 4 }; /* comparisons that need not wait for one another, in one register */
    float low[PARTS], high[PARTS];
    size_t i = 0;
    for (size_t p = 0; p < PARTS; p++) {
        low[p] = range->low;
        high[p] = range->high;
    }
    for (; n - i >= PARTS; i += PARTS) {
        for (size_t p = 0; p < PARTS; p++) {
            low[p] = value[i + p] < low[p] ? value[i + p] : low[p];
            high[p] = value[i + p] > high[p] ? value[i + p] : high[p];
        }
    }
    for (; i < n; i++) {
        low[0] = fminf(low[0], value[i]);
        high[0] = fmaxf(high[0], value[i]);
    }
    for (size_t p = 0; p < PARTS; p++) {
        range->low = fminf(range->low, low[p]);
        range->high = fmaxf(range->high, high[p]);
    }
}

bool dsc_ratings_list_is_whole(const dsc_ratings_list *list) {
    for (size_t i = 0; i < list->n; i++) {
        if (!is_whole(list->arrays.value[i])) {
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
    memcpy(copy, list->arrays.value, list->n * sizeof *copy);
    *n_distinct = count_distinct(copy, list->n);
    free(copy);
    return DSC_OK;
}
