/* Who comes with a file of ratings instead of with the model: folded in when first asked for. */
#include "guests.h"

#include <stdlib.h>

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
        status = status == CLI_GO_ON ? begin(self) : status;
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

/* Rows of the file that are folded in together, and what is given of them. */
typedef struct arrivals {
    bool are_items;
    size_t n;
    const uint32_t *row; /* (n) */
    size_t n_ratings;    /* of all of them; the size of the next three */
    uint32_t *other;
    float *rating;
    int64_t *time;
    dsc_given *given;           /* (n) views of those */
    dsc_fold_in_config *config; /* (n) */
    dsc_folded **folded;        /* (n) */
} arrivals;

static bool make_room(arrivals *a) {
    a->other = calloc(a->n_ratings, sizeof *a->other);
    a->rating = calloc(a->n_ratings, sizeof *a->rating);
    a->time = calloc(a->n_ratings, sizeof *a->time);
    a->given = calloc(a->n, sizeof *a->given);
    a->config = calloc(a->n, sizeof *a->config);
    a->folded = calloc(a->n, sizeof(dsc_folded *)); /* the size of a pointer is meant */
    return a->other != NULL && a->rating != NULL && a->time != NULL && a->given != NULL &&
           a->config != NULL && a->folded != NULL;
}

static void free_room(arrivals *a) {
    free(a->other);
    free(a->rating);
    free(a->time);
    free(a->given);
    free(a->config);
    free(a->folded);
}

/* What the model knows of row r from training; of items nothing. */
static uint32_t known_of(const cli_guests *self, const arrivals *a, uint32_t r) {
    return a->are_items ? DSC_NO_INDEX : self->users[r];
}

static dsc_sparse rows_of(const cli_guests *self, const arrivals *a) {
    return a->are_items ? dsc_ratings_by_item(self->ratings) : dsc_ratings_by_user(self->ratings);
}

static size_t count_ratings(const cli_guests *self, const arrivals *a) {
    const dsc_sparse trained = dsc_recommender_ratings(self->model), rows = rows_of(self, a);
    size_t n = 0;
    for (size_t i = 0; i < a->n; i++) {
        const uint32_t r = a->row[i], known = known_of(self, a, r);
        n += rows.start[r + 1] - rows.start[r];
        n += known != DSC_NO_INDEX ? trained.start[known + 1] - trained.start[known] : 0;
    }
    return n;
}

/* The ratings of arrival i, from place `begin` on: first those of training, where the model knows the
 * row, then those of the file, which count where both rate the same. Returns where they end. */
static size_t give(const cli_guests *self, arrivals *a, size_t i, size_t begin) {
    const dsc_sparse trained = dsc_recommender_ratings(self->model), rows = rows_of(self, a);
    const uint32_t r = a->row[i], known = known_of(self, a, r);
    const uint32_t *index_of = a->are_items ? self->users : self->items;
    size_t to = begin;
    a->config[i] = self->config[a->are_items];
    if (known != DSC_NO_INDEX) {
        a->config[i].n_history = 0; /* as long as in training, not one that has only begun */
        for (uint64_t e = trained.start[known]; e < trained.start[known + 1]; e++, to++) {
            a->other[to] = trained.column[e];
            a->rating[to] = trained.value[e];
            a->time[to] = trained.time != NULL ? trained.time[e] : DSC_NOW;
        }
    }
    for (uint64_t e = rows.start[r]; e < rows.start[r + 1]; e++, to++) {
        a->other[to] = index_of[rows.column[e]];
        a->rating[to] = rows.value[e];
        a->time[to] = rows.time != NULL ? rows.time[e] : DSC_NOW;
    }
    a->given[i] = (dsc_given){to - begin, a->other + begin, a->rating + begin, a->time + begin};
    return to;
}

/* Rows that are not folded in yet. */
static int fold_in(cli_guests *self, arrivals *a, size_t threads) {
    dsc_folded **of_rows = a->are_items ? self->of_item : self->of_user;
    dsc_error err;
    a->n_ratings = count_ratings(self, a);
    if (!make_room(a)) {
        free_room(a);
        return cli_no_memory();
    }
    for (size_t i = 0, to = 0; i < a->n; i++) {
        to = give(self, a, i, to);
    }
    const dsc_newcomers all = {a->n, a->are_items, a->given, a->config, threads};
    const dsc_status status = dsc_fold_in_many(a->folded, self->model, &all, &err);
    for (size_t i = 0; i < a->n; i++) {
        of_rows[a->row[i]] = a->folded[i];
    }
    free_room(a);
    return status == DSC_OK ? CLI_GO_ON : cli_fail(&err);
}

/* The row of who is to be folded in; DSC_NO_INDEX: the model serves, or nobody knows the id. */
static uint32_t row_of(const cli_guests *self, bool is_item, dsc_id id) {
    if (self->ratings == NULL ||
        (is_item && dsc_recommender_find_item(self->model, id) != DSC_NO_INDEX)) {
        return DSC_NO_INDEX;
    }
    return (is_item ? dsc_ratings_find_item : dsc_ratings_find_user)(self->ratings, id);
}

static int fold_in_ids(cli_guests *self, bool are_items, size_t n, const dsc_id *ids,
                       size_t threads) {
    dsc_folded *const *of_rows = are_items ? self->of_item : self->of_user;
    uint32_t *row = calloc(n, sizeof *row);
    if (row == NULL) {
        return cli_no_memory();
    }
    arrivals a = {.are_items = are_items, .row = row};
    for (size_t i = 0; i < n; i++) {
        const uint32_t r = row_of(self, are_items, ids[i]);
        if (r != DSC_NO_INDEX && of_rows[r] == NULL) {
            row[a.n++] = r;
        }
    }
    const int status = a.n > 0 ? fold_in(self, &a, threads) : CLI_GO_ON;
    free(row);
    return status;
}

int cli_guests_fold_in_users(cli_guests *guests, size_t n, const dsc_id *ids, size_t threads) {
    return fold_in_ids(guests, false, n, ids, threads);
}

int cli_guests_fold_in_items(cli_guests *guests, size_t n, const dsc_id *ids, size_t threads) {
    return fold_in_ids(guests, true, n, ids, threads);
}

int cli_guests_user(cli_guests *guests, dsc_id id, dsc_side *out) {
    const uint32_t row = row_of(guests, false, id);
    *out = dsc_recommender_user_side_at(guests->model, dsc_recommender_find_user(guests->model, id),
                                        guests->time);
    if (row == DSC_NO_INDEX) {
        return CLI_GO_ON;
    }
    if (guests->of_user[row] == NULL) {
        const int status = fold_in(guests, &(arrivals){.n = 1, .row = &row}, 1);
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
        const int status = fold_in(guests, &(arrivals){.are_items = true, .n = 1, .row = &row}, 1);
        if (status != CLI_GO_ON) {
            return status;
        }
    }
    *out = dsc_folded_side(guests->of_item[row]);
    return CLI_GO_ON;
}

/* The sides of n users, or items, whose ids are `id_of` their index. */
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
    int status = fold_in_ids(self, are_items, n, ids, threads);
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
