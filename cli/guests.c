/* Who comes with a file of ratings instead of with the model: folded in when first asked for. */
#include "guests.h"

#include <stdlib.h>

#include "arrivals.h"
#include "descent/fold_in.h"
#include "model.h"
#include "output.h"

struct cli_guests {
    const dsc_recommender *model;
    int64_t time;               /* at which sides are made */
    const dsc_ratings *ratings; /* NULL: no file */
    dsc_ratings *owned;         /* the same, or NULL: they are borrowed */
    uint32_t *users;            /* (users of the file) their index in the model, or DSC_NO_INDEX */
    uint32_t *items;            /* (items of the file) likewise */
    dsc_folded **of_user;       /* (users of the file) NULL: not yet folded in */
    dsc_folded **of_item;       /* (items of the file) likewise */
    dsc_fold_in_config config[2]; /* of users, of items */
};

const dsc_ratings *cli_guests_ratings(const cli_guests *guests) {
    return guests->ratings;
}

void cli_guests_set_time(cli_guests *guests, int64_t time) {
    guests->time = time;
}

static const char *plural(size_t n) {
    return n == 1 ? "" : "s";
}

static bool map_ids(cli_guests *self) {
    const size_t n_users = dsc_ratings_n_users(self->ratings);
    const size_t n_items = dsc_ratings_n_items(self->ratings);
    self->users = calloc(n_users, sizeof *self->users);
    self->items = calloc(n_items, sizeof *self->items);
    self->of_user = calloc(n_users, sizeof(dsc_folded *)); /* the size of a pointer is meant */
    self->of_item = calloc(n_items, sizeof(dsc_folded *));
    if (self->users == NULL || self->items == NULL || self->of_user == NULL ||
        self->of_item == NULL) {
        return false;
    }
    for (uint32_t u = 0; u < n_users; u++) {
        self->users[u] =
            dsc_recommender_find_user(self->model, dsc_ratings_user_id(self->ratings, u));
    }
    for (uint32_t i = 0; i < n_items; i++) {
        self->items[i] =
            dsc_recommender_find_item(self->model, dsc_ratings_item_id(self->ratings, i));
    }
    return true;
}

/* What of the file is new to the model, and what does not fit it. */
static void report(const cli_guests *self, const char *path) {
    const dsc_sparse rows = dsc_ratings_by_user(self->ratings);
    dsc_recommender_info info;
    dsc_recommender_get_info(self->model, &info);
    size_t n_known_users = 0, n_of_new_items = 0, n_outside = 0;
    for (size_t u = 0; u < rows.n_rows; u++) {
        n_known_users += self->users[u] != DSC_NO_INDEX;
    }
    for (size_t e = 0; e < rows.n_entries; e++) {
        n_of_new_items += self->items[rows.column[e]] == DSC_NO_INDEX;
        n_outside += !info.config.is_implicit &&
                     ((double)rows.value[e] < info.min || (double)rows.value[e] > info.max);
    }
    const char *name = cli_input_name(path);
    if (n_known_users > 0) {
        cli_note("%s: the model knows %zu of %zu user%s; what they rated in training counts too",
                 name, n_known_users, rows.n_rows, plural(rows.n_rows));
    }
    if (n_of_new_items > 0) {
        cli_note("%s: %zu of %zu rating%s %s of items that the model does not know; they do not "
                 "count for their users",
                 name, n_of_new_items, rows.n_entries, plural(rows.n_entries),
                 n_of_new_items == 1 ? "is" : "are");
    }
    if (n_outside > 0) {
        cli_note("%s: %zu of %zu rating%s %s beyond the scale of the model, %g to %g; its end is "
                 "taken",
                 name, n_outside, rows.n_entries, plural(rows.n_entries),
                 n_outside == 1 ? "is" : "are", info.min, info.max);
    }
}

/* What is known of all before the first is folded in. */
static int begin(cli_guests *self) {
    if (!map_ids(self)) {
        return cli_no_memory();
    }
    self->config[0] = dsc_fold_in_config_of(self->model, false);
    self->config[1] = dsc_fold_in_config_of(self->model, true);
    return CLI_GO_ON;
}

int cli_guests_open(cli_guests **out, const dsc_recommender *model, const char *path,
                    const cli_reading *reading, bool is_quiet) {
    cli_guests *self = calloc(1, sizeof *self);
    *out = NULL;
    if (self == NULL) {
        return cli_no_memory();
    }
    self->model = model;
    self->time = DSC_NOW;
    int status = CLI_GO_ON;
    if (path != NULL) {
        status = cli_read_ratings(&self->owned, path, reading, is_quiet);
        self->ratings = self->owned;
        if (status == CLI_GO_ON && !cli_has_scores(model) &&
            dsc_ratings_feedback(self->ratings) == DSC_FEEDBACK_IMPLICIT) {
            status = cli_fail_at(CLI_BAD_DATA, cli_input_name(path),
                                 "holds interactions, and the model was trained on ratings: who "
                                 "comes later is folded in by ratings alone");
        }
        if (status == CLI_GO_ON) { /* new items are folded in by who rated them */
            dsc_error err;
            status = dsc_ratings_sort_by_item(self->owned, &err) == DSC_OK ? begin(self)
                                                                           : cli_fail(&err);
        }
        if (status == CLI_GO_ON) {
            report(self, path);
        }
    }
    if (status != CLI_GO_ON) {
        cli_guests_close(self);
        return status;
    }
    *out = self;
    return CLI_GO_ON;
}

int cli_guests_of_other(cli_guests **out, const cli_guests *guests, const dsc_recommender *model) {
    cli_guests *self = calloc(1, sizeof *self);
    *out = NULL;
    if (self == NULL) {
        return cli_no_memory();
    }
    self->model = model;
    self->ratings = guests->ratings;
    self->time = guests->time;
    const int status = begin(self);
    if (status != CLI_GO_ON) {
        cli_guests_close(self);
        return status;
    }
    *out = self;
    return CLI_GO_ON;
}

void cli_guests_close(cli_guests *guests) {
    if (guests == NULL) {
        return;
    }
    if (guests->of_user != NULL && guests->of_item != NULL) {
        for (size_t u = 0; u < dsc_ratings_n_users(guests->ratings); u++) {
            dsc_folded_destroy(guests->of_user[u]);
        }
        for (size_t i = 0; i < dsc_ratings_n_items(guests->ratings); i++) {
            dsc_folded_destroy(guests->of_item[i]);
        }
    }
    free(guests->users);
    free(guests->items);
    free(guests->of_user);
    free(guests->of_item);
    dsc_ratings_destroy(guests->owned);
    free(guests);
}

/* Rows that are not folded in yet, some at a time: what is given of those is copied. */
static int fold_in(cli_guests *self, bool are_items, size_t n, const uint32_t *row,
                   size_t threads) {
    enum { AT_ONCE = 1024 }; /* enough for any number of threads */
    int status = CLI_GO_ON;
    for (size_t first = 0; status == CLI_GO_ON && first < n; first += AT_ONCE) {
        const cli_arrivals arrivals = {.model = self->model,
                                       .ratings = self->ratings,
                                       .users = self->users,
                                       .items = self->items,
                                       .config = &self->config[are_items],
                                       .are_items = are_items,
                                       .n = n - first < AT_ONCE ? n - first : AT_ONCE,
                                       .row = row + first};
        status =
            cli_arrivals_fold_in(&arrivals, threads, are_items ? self->of_item : self->of_user);
    }
    return status;
}

/* The row of who is to be folded in; DSC_NO_INDEX: the model serves, or nobody knows the id. */
static uint32_t row_of(const cli_guests *self, bool is_item, dsc_id id) {
    if (self->ratings == NULL ||
        (is_item && dsc_recommender_find_item(self->model, id) != DSC_NO_INDEX)) {
        return DSC_NO_INDEX;
    }
    return (is_item ? dsc_ratings_find_item : dsc_ratings_find_user)(self->ratings, id);
}

static int compare_rows(const void *a, const void *b) {
    const uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

/* Sorts n rows and keeps each of them once; returns how many that are. */
static size_t sort_once(uint32_t *row, size_t n) {
    size_t kept = 0;
    qsort(row, n, sizeof *row, compare_rows);
    for (size_t i = 0; i < n; i++) {
        if (kept == 0 || row[i] != row[kept - 1]) {
            row[kept++] = row[i];
        }
    }
    return kept;
}

int cli_guests_fold_in(cli_guests *guests, bool are_items, size_t n, const dsc_id *ids,
                       size_t threads) {
    dsc_folded *const *of_rows = are_items ? guests->of_item : guests->of_user;
    uint32_t *row = calloc(n, sizeof *row);
    if (row == NULL) {
        return cli_no_memory();
    }
    size_t n_rows = 0;
    for (size_t i = 0; i < n; i++) {
        const uint32_t r = row_of(guests, are_items, ids[i]);
        if (r != DSC_NO_INDEX && of_rows[r] == NULL) {
            row[n_rows++] = r;
        }
    }
    const int status = fold_in(guests, are_items, sort_once(row, n_rows), row, threads);
    free(row);
    return status;
}

int cli_guests_user(cli_guests *guests, dsc_id id, dsc_side *out) {
    const uint32_t row = row_of(guests, false, id);
    *out = dsc_recommender_user_side_at(guests->model, dsc_recommender_find_user(guests->model, id),
                                        guests->time);
    if (row == DSC_NO_INDEX) {
        return CLI_GO_ON;
    }
    if (guests->of_user[row] == NULL) {
        const int status = fold_in(guests, false, 1, &row, 1);
        if (status != CLI_GO_ON) {
            return status;
        }
    }
    *out = dsc_folded_side(guests->of_user[row]);
    return CLI_GO_ON;
}

int cli_guests_item(cli_guests *guests, dsc_id id, dsc_side *out) {
    const uint32_t row = row_of(guests, true, id);
    *out = dsc_recommender_item_side_at(guests->model, dsc_recommender_find_item(guests->model, id),
                                        guests->time);
    if (row == DSC_NO_INDEX) {
        return CLI_GO_ON;
    }
    if (guests->of_item[row] == NULL) {
        const int status = fold_in(guests, true, 1, &row, 1);
        if (status != CLI_GO_ON) {
            return status;
        }
    }
    *out = dsc_folded_side(guests->of_item[row]);
    return CLI_GO_ON;
}

/* The sides of all users, or items, of the test ratings. */
static int make_sides(cli_guests *self, bool are_items, const dsc_ratings *test, size_t threads,
                      dsc_side *out) {
    const size_t n = are_items ? dsc_ratings_n_items(test) : dsc_ratings_n_users(test);
    dsc_id (*const id_of)(const dsc_ratings *, uint32_t) =
        are_items ? dsc_ratings_item_id : dsc_ratings_user_id;
    dsc_id *ids = calloc(n, sizeof *ids);
    if (ids == NULL) {
        return cli_no_memory();
    }
    for (uint32_t i = 0; i < n; i++) {
        ids[i] = id_of(test, i);
    }
    int status = cli_guests_fold_in(self, are_items, n, ids, threads);
    for (size_t i = 0; status == CLI_GO_ON && i < n; i++) {
        status = (are_items ? cli_guests_item : cli_guests_user)(self, ids[i], &out[i]);
    }
    free(ids);
    return status;
}

int cli_guests_sides(cli_guests *guests, const dsc_ratings *test, size_t threads, dsc_side **users,
                     dsc_side **items) {
    *users = calloc(dsc_ratings_n_users(test), sizeof **users);
    *items = calloc(dsc_ratings_n_items(test), sizeof **items);
    if (*users == NULL || *items == NULL) {
        return cli_no_memory();
    }
    const int status = make_sides(guests, false, test, threads, *users);
    return status == CLI_GO_ON ? make_sides(guests, true, test, threads, *items) : status;
}
