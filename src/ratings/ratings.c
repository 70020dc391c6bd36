/* Ratings: the public object, a matrix with its two id maps, and its other order on demand. */
#include "descent/ratings.h"

#include <stdlib.h>
#include <time.h>

#include "base/error.h"
#include "base/memory.h"
#include "ratings/ratings_build.h"
#include "ratings/ratings_reader.h"
#include "ratings/sparse_parts.h"
#include "ratings/text_format.h"
#include "text/id_map.h"
#include "text/input.h"

struct dsc_ratings {
    dsc_ground *ground;        /* held; models that are trained on it hold it too */
    dsc_sparse_matrix by_item; /* empty until it is asked for */
    size_t n_threads;          /* for that; 0: as many as there are processors */
};

dsc_status dsc_ratings_build(dsc_ratings **out, dsc_id_map *users, dsc_id_map *items,
                             dsc_triplets *triplets, dsc_duplicates *duplicates, dsc_error *err) {
    dsc_sparse_matrix by_user = {0};
    dsc_ratings *ratings = calloc(1, sizeof *ratings);
    if (ratings == NULL) {
        dsc_triplets_clear(triplets);
        return dsc_fail_memory(err, "the ratings");
    }
    dsc_status status = dsc_sparse_build(&by_user, triplets, dsc_id_map_count(users),
                                         dsc_id_map_count(items), duplicates, err);
    if (status == DSC_OK) {
        status = dsc_ground_create(&ratings->ground, users, items, &by_user, err);
    }
    if (status != DSC_OK) {
        dsc_sparse_matrix_clear(&by_user);
        free(ratings);
        return status;
    }
    ratings->n_threads = 1;
    *out = ratings;
    return DSC_OK;
}

dsc_ground *dsc_ratings_ground(const dsc_ratings *ratings) {
    return ratings->ground;
}

void dsc_ratings_set_feedback(dsc_ratings *ratings, dsc_feedback feedback) {
    ratings->ground->feedback = feedback;
}

dsc_feedback dsc_ratings_feedback(const dsc_ratings *ratings) {
    return ratings->ground->feedback;
}

/* The object from what was read; takes the id maps out of the list. */
static dsc_status build(dsc_ratings **out, dsc_ratings_list *list, dsc_pool *pool,
                        dsc_ratings_report *report, dsc_error *err) {
    dsc_triplets triplets = dsc_ratings_list_take(list);
    triplets.pool = pool;
    dsc_duplicates duplicates;
    dsc_status status =
        dsc_ratings_build(out, list->users, list->items, &triplets, &duplicates, err);
    if (status != DSC_OK) {
        return status;
    }
    report->n_duplicates = duplicates.n;
    if (duplicates.n > 0) {
        report->first_duplicate_line = dsc_ratings_list_line(list, duplicates.first);
    }
    list->users = NULL;
    list->items = NULL;
    return DSC_OK;
}

static double now_s(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

/* Closes `input`. */
static dsc_status read_input(dsc_ratings **out, dsc_input *input, const dsc_ratings_format *format,
                             dsc_ratings_report *report, dsc_error *err) {
    dsc_ratings_report unseen;
    dsc_ratings_list list;
    dsc_reading reading = dsc_reading_of(format);
    report = report != NULL ? report : &unseen;
    const double begin_s = now_s();
    dsc_status status = dsc_ratings_list_read(&list, input, format, &reading, report, err);
    report->columns_s = now_s() - begin_s;
    if (status == DSC_OK) {
        status = build(out, &list, reading.pool, report, err);
    }
    if (status == DSC_OK) {
        (*out)->n_threads = reading.n_threads;
    }
    if (status == DSC_OK && format != NULL) {
        dsc_ratings_set_feedback(*out, format->feedback);
    }
    dsc_pool_destroy(reading.pool);
    dsc_ratings_list_clear(&list);
    return status;
}

dsc_status dsc_ratings_read(dsc_ratings **out, const char *path, const dsc_ratings_format *format,
                            dsc_ratings_report *report, dsc_error *err) {
    *out = NULL;
    if (report != NULL) {
        *report = (dsc_ratings_report){.delimiter = "unknown", .compression = "none"};
    }
    dsc_input *input;
    dsc_status status = dsc_text_format_check(format, err);
    if (status == DSC_OK) {
        status = dsc_input_open(&input, path, err);
    }
    return status == DSC_OK ? read_input(out, input, format, report, err) : status;
}

dsc_status dsc_ratings_read_memory(dsc_ratings **out, const char *text, size_t length,
                                   const char *name, const dsc_ratings_format *format,
                                   dsc_ratings_report *report, dsc_error *err) {
    *out = NULL;
    if (report != NULL) {
        *report = (dsc_ratings_report){.delimiter = "unknown", .compression = "none"};
    }
    dsc_input *input;
    dsc_status status = dsc_text_format_check(format, err);
    if (status == DSC_OK) {
        status = dsc_input_open_memory(&input, text, length, name, err);
    }
    return status == DSC_OK ? read_input(out, input, format, report, err) : status;
}

void dsc_ratings_destroy(dsc_ratings *ratings) {
    if (ratings == NULL) {
        return;
    }
    dsc_ground_release(ratings->ground);
    dsc_sparse_matrix_clear(&ratings->by_item);
    free(ratings);
}

dsc_sparse dsc_ratings_by_user(const dsc_ratings *ratings) {
    return dsc_sparse_view(&ratings->ground->by_user);
}

dsc_status dsc_ratings_sort_by_item(dsc_ratings *ratings, dsc_error *err) {
    const dsc_sparse by_user = dsc_ratings_by_user(ratings);
    dsc_pool *pool = NULL;
    if (ratings->by_item.start != NULL) {
        return DSC_OK;
    }
    if (by_user.n_entries > DSC_SPARSE_PART) {
        (void)dsc_pool_create(&pool, ratings->n_threads, NULL); /* NULL: this thread alone */
    }
    const dsc_status status = dsc_sparse_transpose(&ratings->by_item, by_user, pool, err);
    dsc_pool_destroy(pool);
    return status;
}

void dsc_ratings_drop_times(dsc_ratings *ratings) {
    dsc_ground *ground = ratings->ground;
    if (atomic_load_explicit(&ground->n_holders, memory_order_acquire) == 1) {
        free(ground->by_user.time);
        ground->by_user.time = NULL;
    }
}

dsc_sparse dsc_ratings_by_item(const dsc_ratings *ratings) {
    return dsc_sparse_view(&ratings->by_item);
}

size_t dsc_ratings_n_users(const dsc_ratings *ratings) {
    return dsc_id_map_count(ratings->ground->users);
}

size_t dsc_ratings_n_items(const dsc_ratings *ratings) {
    return dsc_id_map_count(ratings->ground->items);
}

dsc_id dsc_ratings_user_id(const dsc_ratings *ratings, uint32_t user) {
    return dsc_id_map_id(ratings->ground->users, user);
}

dsc_id dsc_ratings_item_id(const dsc_ratings *ratings, uint32_t item) {
    return dsc_id_map_id(ratings->ground->items, item);
}

uint32_t dsc_ratings_find_user(const dsc_ratings *ratings, dsc_id id) {
    return dsc_id_map_find(ratings->ground->users, id);
}

uint32_t dsc_ratings_find_item(const dsc_ratings *ratings, dsc_id id) {
    return dsc_id_map_find(ratings->ground->items, id);
}
