/* Row join: moves what lies behind a gap, and says whose the ratings are. */
#include "ratings/row_join.h"

#include <string.h>

/* Lines without a rating are few: ratings behind them move up. */
static void close_gap(const dsc_ratings_list *list, const dsc_row_part *part) {
    const dsc_rating_arrays to = dsc_rating_arrays_at(&list->arrays, list->n);
    if (part->from == list->n || part->n == 0) {
        return;
    }
    memmove(to.item, part->out.item, part->n * sizeof *to.item);
    memmove(to.value, part->out.value, part->n * sizeof *to.value);
    if (to.time != NULL) {
        memmove(to.time, part->out.time, part->n * sizeof *to.time);
    }
}

/* Where a part's users begin in the list, for as long as they come one after the other. */
static dsc_status begin_users(dsc_ratings_list *list, const dsc_row_part *part, dsc_error *err) {
    dsc_status status = DSC_OK;
    size_t entry = part->from;
    for (size_t i = 0; i < part->users.n && list->arrays.user == NULL && status == DSC_OK; i++) {
        const dsc_user_run *run = &part->users.run[i];
        status = dsc_ratings_list_begin_user(list, entry, run->user, err);
        entry += run->n;
    }
    return status;
}

typedef struct filling {
    const dsc_ratings_list *list;
    const dsc_row_part *part;
} filling;

static void fill_users(void *job, size_t number, size_t thread) {
    (void)thread;
    const filling *f = job;
    const dsc_row_part *part = &f->part[number];
    size_t entry = part->from;
    for (size_t i = 0; i < part->users.n; i++) {
        const dsc_user_run *run = &part->users.run[i];
        dsc_ratings_list_fill_user(f->list, entry, run->user, run->n);
        entry += run->n;
    }
}

dsc_status dsc_row_parts_join(dsc_row_part *parts, size_t n_parts, dsc_ratings_list *list,
                              dsc_pool *pool, dsc_error *err) {
    dsc_status status = DSC_OK;
    for (size_t i = 0; i < n_parts && status == DSC_OK; i++) {
        dsc_row_part *part = &parts[i];
        close_gap(list, part);
        dsc_value_range_add(&list->range, &part->range.low, part->n > 0);
        dsc_value_range_add(&list->range, &part->range.high, part->n > 0);
        part->from = list->n;
        list->n += part->n;
        status = begin_users(list, part, err);
    }
    if (status == DSC_OK && list->arrays.user != NULL) {
        filling f = {list, parts};
        dsc_pool_run(pool, n_parts, fill_users, &f);
    }
    return status;
}
