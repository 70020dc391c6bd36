/* descent recommend: the items a user is likely to rate highest, for one user or for all. */
#include <stdio.h>
#include <stdlib.h>

#include "command.h"
#include "computing.h"
#include "descent/catalogue.h"
#include "descent/titles.h"
#include "guests.h"
#include "model.h"
#include "moment.h"
#include "output.h"

typedef struct options {
    const char *model_path;
    const char *user;
    const char *items_path;
    const char *ratings_path;
    cli_reading reading; /* of ratings_path */
    size_t n;
    uint64_t time;
    uint64_t threads; /* CLI_NOT_GIVEN: as many as there are processors */
    bool is_for_all;  /* of the model */
    bool is_quiet;
    cli_form form;
} options;

/* What a run works with. */
typedef struct session {
    const options *request;
    const dsc_recommender *model;
    const dsc_titles *titles; /* NULL: none */
    bool has_scores;          /* the model is of interactions */
    cli_guests *guests;
    int64_t time;
    dsc_catalogue *catalogue;
    size_t capacity;           /* users who get their lists at once */
    size_t n_users;            /* who wait for them */
    dsc_id *ids;               /* (capacity) */
    dsc_side *sides;           /* (capacity) */
    dsc_recommendation *found; /* (capacity, request->n) */
    size_t *n_found;           /* (capacity) */
    cli_json_array array;
} session;

/* MOST: items in a list. FOUND_AT_ONCE: items in the lists that are made together, which are
 * printed when all are there; so many users make enough work for any number of threads. */
enum { MOST = 100000, MAX_THREADS = 1024, USERS_AT_ONCE = 4096, FOUND_AT_ONCE = 1 << 20 };

/* The columns of CSV; a table leaves out user and title where there are none. */
enum { USER, RANK, ITEM, TITLE, RATING, N_RATINGS, N_CELLS };
static const char *const names[N_CELLS] = {"user", "rank", "item", "title", "rating", "n_ratings"};

/* What a model of interactions has instead of a predicted rating. */
static const char score_name[] = "score";

/* Who is unknown gets this. */
static const char *fallback(const session *self) {
    return self->has_scores ? "popular" : "popular and well rated";
}

/* The list of the user who waits at place u. */
static const dsc_recommendation *list_of(const session *self, size_t u) {
    return self->found + u * self->request->n;
}

static void fill_cells(const session *self, size_t u, size_t rank, char text[3][32],
                       dsc_id cells[N_CELLS]) {
    const dsc_recommendation *one = &list_of(self, u)[rank];
    snprintf(text[0], 32, "%zu", rank + 1);
    snprintf(text[1], 32,
             self->request->form.is_csv ? "%.9g"
             : self->has_scores         ? "%.4f"
                                        : "%.2f",
             (double)one->rating);
    snprintf(text[2], 32, "%u", one->n_ratings);
    cells[USER] = self->ids[u];
    cells[RANK] = cli_id(text[0]);
    cells[ITEM] = dsc_recommender_item_id(self->model, one->item);
    cells[TITLE] = dsc_titles_find(self->titles, cells[ITEM]);
    if (cells[TITLE].bytes == NULL) {
        cells[TITLE] = cli_id("");
    }
    cells[RATING] = cli_id(text[1]);
    cells[N_RATINGS] = cli_id(text[2]);
}

static void print_csv(const session *self, size_t u) {
    for (size_t i = 0; i < self->n_found[u]; i++) {
        char text[3][32];
        dsc_id cells[N_CELLS];
        fill_cells(self, u, i, text, cells);
        cli_csv_row(cells, N_CELLS);
    }
}

static int print_table(const session *self, size_t u) {
    const char *rating = self->has_scores ? score_name : "predicted rating";
    const char *count = self->has_scores ? "chosen by" : "rated by";
    const cli_column all[] = {{"rank", true, false},
                              {"item", false, true},
                              {"title", false, true},
                              {rating, true, false},
                              {count, true, false}};
    const cli_column untitled[] = {
        {"rank", true, false}, {"item", false, true}, {rating, true, false}, {count, true, false}};
    bool has_titles = self->titles != NULL;
    cli_table *table = has_titles ? cli_table_create(all, CLI_COUNT(all))
                                  : cli_table_create(untitled, CLI_COUNT(untitled));
    for (size_t i = 0; i < self->n_found[u]; i++) {
        char text[3][32];
        dsc_id cells[N_CELLS];
        fill_cells(self, u, i, text, cells);
        const dsc_id titled_row[] = {cells[RANK], cells[ITEM], cells[TITLE], cells[RATING],
                                     cells[N_RATINGS]};
        const dsc_id row[] = {cells[RANK], cells[ITEM], cells[RATING], cells[N_RATINGS]};
        cli_table_add(table, has_titles ? titled_row : row);
    }
    return cli_table_print(table);
}

static json_t *make_json(const session *self, size_t u) {
    json_t *list = json_array();
    for (size_t i = 0; i < self->n_found[u]; i++) {
        const dsc_recommendation *one = &list_of(self, u)[i];
        dsc_id item = dsc_recommender_item_id(self->model, one->item);
        json_t *entry =
            json_pack("{s:i, s:o, s:o, s:I}", "rank", (int)i + 1, "item", cli_json_text(item),
                      self->has_scores ? score_name : "rating", cli_json_real((double)one->rating),
                      "n_ratings", (json_int_t)one->n_ratings);
        dsc_id title = dsc_titles_find(self->titles, item);
        cli_json_append_titled(&list, entry, title);
    }
    return json_pack("{s:o, s:b, s:o}", "user", cli_json_text(self->ids[u]), "known",
                     self->sides[u].vector != NULL, "recommendations", list);
}

/* Whether the answer is a list of users. */
static bool is_for_several(const session *self) {
    return self->request->user == NULL;
}

/* The header of CSV, the bracket of an array. */
static void begin(session *self) {
    if (self->request->form.is_json && is_for_several(self)) {
        self->array = cli_json_array_begin();
    } else if (self->request->form.is_csv) {
        dsc_id cells[N_CELLS];
        for (size_t i = 0; i < N_CELLS; i++) {
            cells[i] = cli_id(i == RATING && self->has_scores ? score_name : names[i]);
        }
        cli_csv_row(cells, N_CELLS);
    }
}

/* Above the table of one of several. */
static void print_name(const session *self, size_t u, bool is_first) {
    char *shown = cli_terminal_copy(self->ids[u]);
    printf("%suser %s", is_first ? "" : "\n", shown != NULL ? shown : "");
    if (self->sides[u].vector == NULL) {
        printf(": %s items", fallback(self));
    }
    putchar('\n');
    free(shown);
}

/* The list of the user who waits at place u; is_first: of all. */
static int print_list(session *self, size_t u, bool is_first) {
    if (self->request->form.is_json) {
        json_t *document = make_json(self, u);
        if (!is_for_several(self)) {
            return cli_json_print(document);
        }
        cli_json_array_add(&self->array, document);
        return CLI_DONE;
    }
    if (self->request->form.is_csv) {
        print_csv(self, u);
        return CLI_DONE;
    }
    if (is_for_several(self)) {
        print_name(self, u, is_first);
    }
    return print_table(self, u);
}

static size_t threads_of(const session *self) {
    const uint64_t threads = self->request->threads;
    return threads != CLI_NOT_GIVEN ? (size_t)threads : 0;
}

static dsc_status find(session *self, dsc_error *err) {
    const dsc_catalogue_query query = {.users = self->sides,
                                       .n_users = self->n_users,
                                       .n = self->request->n,
                                       .n_threads = threads_of(self)};
    return dsc_catalogue_recommend(self->catalogue, &query, self->found, self->n_found, err);
}

/* Makes and prints the lists of all who wait, the first of whom is user number `first` of all. */
static int serve(session *self, size_t first) {
    const size_t n_users = self->n_users;
    dsc_error err;
    if (find(self, &err) != DSC_OK) {
        return cli_fail(&err);
    }
    self->n_users = 0;
    int status = CLI_DONE;
    for (size_t u = 0; u < n_users && status == CLI_DONE && !cli_stdout_failed(); u++) {
        status = print_list(self, u, first + u == 0);
    }
    return status;
}

/* The sides of those who wait. */
static int make_sides(session *self) {
    int status =
        cli_guests_fold_in(self->guests, false, self->n_users, self->ids, threads_of(self));
    for (size_t u = 0; status == CLI_GO_ON && u < self->n_users; u++) {
        status = cli_guests_user(self->guests, self->ids[u], &self->sides[u]);
    }
    return status;
}

/* How many users get a list: where no one is named, all of the file, and of the model without a file. */
static size_t count_lists(const session *self) {
    const dsc_ratings *file = cli_guests_ratings(self->guests);
    return !is_for_several(self) ? 1
           : file != NULL        ? dsc_ratings_n_users(file)
                                 : dsc_recommender_ratings(self->model).n_rows;
}

static int recommend_to_several(session *self) {
    const dsc_ratings *file = cli_guests_ratings(self->guests);
    const size_t n_users = count_lists(self);
    int status = CLI_DONE;
    begin(self);
    for (uint32_t user = 0; user < n_users && status == CLI_DONE && !cli_stdout_failed();) {
        const uint32_t first = user;
        for (; self->n_users < self->capacity && user < n_users; user++) {
            self->ids[self->n_users++] = file != NULL ? dsc_ratings_user_id(file, user)
                                                      : dsc_recommender_user_id(self->model, user);
        }
        status = make_sides(self);
        status = status == CLI_GO_ON ? serve(self, first) : status;
    }
    if (self->request->form.is_json) {
        int ended = cli_json_array_end(&self->array);
        status = status == CLI_DONE ? ended : status;
    }
    return status;
}

static int recommend_to_one(session *self) {
    self->ids[0] = cli_id(self->request->user);
    int status = cli_guests_user(self->guests, self->ids[0], &self->sides[0]);
    if (status != CLI_GO_ON) {
        return status;
    }
    if (self->sides[0].vector == NULL) {
        cli_note("%s: the model does not know this user; here is what is %s", self->request->user,
                 fallback(self));
    }
    self->n_users = 1;
    begin(self);
    return serve(self, 0);
}

/* Room for the lists that are made at once, and the catalogue. */
static int prepare(session *self) {
    const size_t n = self->request->n;
    dsc_error err;
    self->capacity = !is_for_several(self)               ? 1
                     : FOUND_AT_ONCE / n < USERS_AT_ONCE ? FOUND_AT_ONCE / n
                                                         : USERS_AT_ONCE;
    self->ids = calloc(self->capacity, sizeof *self->ids);
    self->sides = calloc(self->capacity, sizeof *self->sides);
    self->found = calloc(self->capacity * n, sizeof *self->found);
    self->n_found = calloc(self->capacity, sizeof *self->n_found);
    if (self->ids == NULL || self->sides == NULL || self->found == NULL || self->n_found == NULL) {
        return cli_no_memory();
    }
    return dsc_catalogue_create_for(&self->catalogue, self->model, self->time, count_lists(self),
                                    &err) == DSC_OK
               ? CLI_GO_ON
               : cli_fail(&err);
}

static int run(const void *asked, const dsc_recommender *model, const dsc_titles *titles) {
    const options *request = asked;
    session self = {
        .request = request, .model = model, .titles = titles, .has_scores = cli_has_scores(model)};
    int status = cli_take_moment("recommend", model, request->time, &self.time);
    if (status != CLI_GO_ON) {
        return status;
    }
    status = cli_guests_open(&self.guests, model, request->ratings_path, &request->reading,
                             request->is_quiet);
    if (status != CLI_GO_ON) {
        return status;
    }
    status = prepare(&self);
    if (status == CLI_GO_ON) {
        cli_guests_set_time(self.guests, self.time);
        status = is_for_several(&self) ? recommend_to_several(&self) : recommend_to_one(&self);
    }
    dsc_catalogue_destroy(self.catalogue);
    free(self.n_found);
    free(self.found);
    free(self.sides);
    free(self.ids);
    cli_guests_close(self.guests);
    return status;
}

static int parse(options *self, int argc, char **argv) {
    const cli_option what_options[] = {
        {.type = CLI_STRING,
         .name = "user",
         .letter = 'u',
         .value = "ID",
         .help = "for this user; someone unknown gets what is popular and well rated",
         .target = &self->user},
        {.type = CLI_FLAG,
         .name = "all",
         .letter = 'a',
         .help = "for every user of the model",
         .target = &self->is_for_all},
        CLI_GUESTS_OPTION(self->ratings_path),
        {.type = CLI_SIZE,
         .name = "number",
         .letter = 'n',
         .help = "how many items",
         .target = &self->n,
         .whole_min = 1,
         .whole_max = MOST},
        CLI_TIME_OPTION(self->time, "of the recommendations"),
        CLI_TITLES_OPTION(self->items_path),
    };
    const cli_option computing_options[] = {
        {.type = CLI_WHOLE,
         .name = "threads",
         .help =
             "threads for the users, which change no result; 0, or not given: as many as there are "
             "processors",
         .target = &self->threads,
         .whole_max = MAX_THREADS},
        cli_isa_option,
    };
    const cli_option output_options[] = {
        CLI_JSON_OPTION(self->form),
        CLI_CSV_OPTION(self->form),
        CLI_QUIET_OPTION(self->is_quiet),
    };
    cli_option reading_options[CLI_N_READING_OPTIONS];
    cli_reading_options(&self->reading, reading_options);
    const cli_option_group groups[] = {
        {"What", what_options, CLI_COUNT(what_options)},
        {"Reading of --ratings", reading_options, CLI_N_READING_OPTIONS},
        {"Computing", computing_options, CLI_COUNT(computing_options)},
        {"Output", output_options, CLI_COUNT(output_options)},
    };
    const cli_argument arguments[] = {CLI_MODEL_ARGUMENT(self->model_path)};
    const cli_syntax syntax = {
        .command = "recommend",
        .summary = "Lists the items a user is likely to rate highest, best first. What the user "
                   "has rated is left out. With --ratings, users who came after training are "
                   "folded in: all of the file, or the one that --user names.",
        .arguments = arguments,
        .n_arguments = CLI_COUNT(arguments),
        .groups = groups,
        .n_groups = CLI_COUNT(groups),
        .notes = "Examples:\n"
                 "  descent recommend model.safetensors --user 196 -n 10 --items u.item\n"
                 "  descent recommend model.safetensors --all --csv > recommendations.csv\n"
                 "  descent recommend model.safetensors --ratings new-users.csv\n",
    };
    int status = cli_parse(&syntax, argc, argv);
    if (status != CLI_GO_ON) {
        return status;
    }
    if (self->is_for_all && (self->user != NULL || self->ratings_path != NULL)) {
        return cli_usage_error("recommend", "--all",
                               "cannot be used together with --user or --ratings");
    }
    if (!self->is_for_all && self->user == NULL && self->ratings_path == NULL) {
        return cli_usage_error("recommend", "--user, --all, --ratings",
                               "one of them must be given");
    }
    if (self->threads != CLI_NOT_GIVEN && self->user != NULL) {
        return cli_usage_error("recommend", "--threads",
                               "is for several users, and --user names one");
    }
    self->reading.threads = self->threads != CLI_NOT_GIVEN ? self->threads : 0;
    return cli_form_check("recommend", &self->form);
}

int cli_recommend(int argc, char **argv) {
    options self = {.n = 10, .time = CLI_NOT_GIVEN, .threads = CLI_NOT_GIVEN};
    int status = parse(&self, argc, argv);
    if (status != CLI_GO_ON) {
        return status;
    }
    return cli_ask_model(self.model_path, self.items_path, run, &self);
}
