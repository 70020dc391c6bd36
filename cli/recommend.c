/* descent recommend: the items a user is likely to rate highest, for one user or for all. */
#include <stdio.h>
#include <stdlib.h>

#include "command.h"
#include "computing.h"
#include "descent/side.h"
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
    bool is_for_all; /* of the model */
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
    dsc_scorer *scorer;
    dsc_recommendation *found; /* (request->n) */
    cli_json_array array;
} session;

enum { MOST = 100000 };

/* The columns of CSV; a table leaves out user and title where there are none. */
enum { USER, RANK, ITEM, TITLE, RATING, N_RATINGS, N_CELLS };
static const char *const names[N_CELLS] = {"user", "rank", "item", "title", "rating", "n_ratings"};

/* What a model of interactions has instead of a predicted rating. */
static const char score_name[] = "score";

/* Who is unknown gets this. */
static const char *fallback(const session *self) {
    return self->has_scores ? "popular" : "popular and well rated";
}

static void fill_cells(const session *self, dsc_id user, size_t rank, char text[3][32],
                       dsc_id cells[N_CELLS]) {
    const dsc_recommendation *one = &self->found[rank];
    snprintf(text[0], 32, "%zu", rank + 1);
    snprintf(text[1], 32,
             self->request->form.is_csv ? "%.9g"
             : self->has_scores         ? "%.4f"
                                        : "%.2f",
             (double)one->rating);
    snprintf(text[2], 32, "%u", one->n_ratings);
    cells[USER] = user;
    cells[RANK] = cli_id(text[0]);
    cells[ITEM] = dsc_recommender_item_id(self->model, one->item);
    cells[TITLE] = dsc_titles_find(self->titles, cells[ITEM]);
    if (cells[TITLE].bytes == NULL) {
        cells[TITLE] = cli_id("");
    }
    cells[RATING] = cli_id(text[1]);
    cells[N_RATINGS] = cli_id(text[2]);
}

static void print_csv(const session *self, dsc_id user, size_t n_found) {
    for (size_t i = 0; i < n_found; i++) {
        char text[3][32];
        dsc_id cells[N_CELLS];
        fill_cells(self, user, i, text, cells);
        cli_csv_row(cells, N_CELLS);
    }
}

static int print_table(const session *self, dsc_id user, size_t n_found) {
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
    for (size_t i = 0; i < n_found; i++) {
        char text[3][32];
        dsc_id cells[N_CELLS];
        fill_cells(self, user, i, text, cells);
        const dsc_id titled_row[] = {cells[RANK], cells[ITEM], cells[TITLE], cells[RATING],
                                     cells[N_RATINGS]};
        const dsc_id row[] = {cells[RANK], cells[ITEM], cells[RATING], cells[N_RATINGS]};
        cli_table_add(table, has_titles ? titled_row : row);
    }
    return cli_table_print(table);
}

static json_t *make_json(const session *self, dsc_id user, bool is_known, size_t n_found) {
    json_t *list = json_array();
    for (size_t i = 0; i < n_found; i++) {
        const dsc_recommendation *one = &self->found[i];
        dsc_id item = dsc_recommender_item_id(self->model, one->item);
        json_t *entry =
            json_pack("{s:i, s:o, s:o, s:I}", "rank", (int)i + 1, "item", cli_json_text(item),
                      self->has_scores ? score_name : "rating", cli_json_real((double)one->rating),
                      "n_ratings", (json_int_t)one->n_ratings);
        dsc_id title = dsc_titles_find(self->titles, item);
        cli_json_append_titled(&list, entry, title);
    }
    return json_pack("{s:o, s:b, s:o}", "user", cli_json_text(user), "known", is_known,
                     "recommendations", list);
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

static int recommend_to(session *self, const dsc_side *user, dsc_id id) {
    size_t n_found = 0;
    dsc_scorer_recommend_side(self->scorer, user, self->request->n, self->found, &n_found);
    if (self->request->form.is_json) {
        json_t *document = make_json(self, id, user->vector != NULL, n_found);
        if (!is_for_several(self)) {
            return cli_json_print(document);
        }
        cli_json_array_add(&self->array, document);
        return CLI_DONE;
    }
    if (self->request->form.is_csv) {
        print_csv(self, id, n_found);
        return CLI_DONE;
    }
    return print_table(self, id, n_found);
}

/* All users of the file, where one is given, else of the model. */
static int recommend_to_several(session *self) {
    const dsc_ratings *file = cli_guests_ratings(self->guests);
    const size_t n_users =
        file != NULL ? dsc_ratings_n_users(file) : dsc_recommender_ratings(self->model).n_rows;
    int status = CLI_DONE;
    bool is_table = !self->request->form.is_json && !self->request->form.is_csv;
    begin(self);
    for (uint32_t user = 0; user < n_users && status == CLI_DONE && !cli_stdout_failed(); user++) {
        dsc_id id = file != NULL ? dsc_ratings_user_id(file, user)
                                 : dsc_recommender_user_id(self->model, user);
        dsc_side side;
        int found = cli_guests_user(self->guests, id, &side);
        if (found != CLI_GO_ON) {
            status = found;
            break;
        }
        if (is_table) {
            char *shown = cli_terminal_copy(id);
            printf("%suser %s", user > 0 ? "\n" : "", shown != NULL ? shown : "");
            if (side.vector == NULL) {
                printf(": %s items", fallback(self));
            }
            putchar('\n');
            free(shown);
        }
        status = recommend_to(self, &side, id);
    }
    if (self->request->form.is_json) {
        int ended = cli_json_array_end(&self->array);
        status = status == CLI_DONE ? ended : status;
    }
    return status;
}

static int recommend_to_one(session *self) {
    dsc_id id = cli_id(self->request->user);
    dsc_side side;
    int status = cli_guests_user(self->guests, id, &side);
    if (status != CLI_GO_ON) {
        return status;
    }
    if (side.vector == NULL) {
        cli_note("%s: the model does not know this user; here is what is %s", self->request->user,
                 fallback(self));
    }
    begin(self);
    return recommend_to(self, &side, id);
}

static int run(const void *asked, const dsc_recommender *model, const dsc_titles *titles) {
    const options *request = asked;
    dsc_error err;
    session self = {
        .request = request, .model = model, .titles = titles, .has_scores = cli_has_scores(model)};
    int64_t time;
    int status = cli_take_moment("recommend", model, request->time, &time);
    if (status != CLI_GO_ON) {
        return status;
    }
    status = cli_guests_open(&self.guests, model, request->ratings_path, &request->reading,
                             request->is_quiet);
    if (status != CLI_GO_ON) {
        return status;
    }
    self.found = calloc(request->n, sizeof *self.found);
    if (self.found == NULL) {
        status = cli_no_memory();
    } else if (dsc_scorer_create(&self.scorer, model, &err) != DSC_OK) {
        status = cli_fail(&err);
    } else {
        cli_guests_set_time(self.guests, time);
        dsc_scorer_set_time(self.scorer, time);
        status = is_for_several(&self) ? recommend_to_several(&self) : recommend_to_one(&self);
    }
    dsc_scorer_destroy(self.scorer);
    free(self.found);
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
        CLI_COMPUTING_GROUP,
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
    return cli_form_check("recommend", &self->form);
}

int cli_recommend(int argc, char **argv) {
    options self = {.n = 10, .time = CLI_NOT_GIVEN};
    int status = parse(&self, argc, argv);
    if (status != CLI_GO_ON) {
        return status;
    }
    return cli_ask_model(self.model_path, self.items_path, run, &self);
}
