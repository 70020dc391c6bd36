/* descent similar: the items like an item, or the users like a user. */
#include "descent/similar.h"

#include <stdio.h>
#include <stdlib.h>

#include "command.h"
#include "computing.h"
#include "descent/titles.h"
#include "guests.h"
#include "model.h"
#include "output.h"

typedef struct options {
    const char *model_path;
    const char *item;
    const char *user;
    const char *items_path;
    const char *ratings_path; /* NULL: nobody came after training */
    cli_reading reading;      /* of ratings_path */
    size_t n;
    size_t min_ratings;
    bool is_quiet;
    cli_form form;
} options;

/* What is shown: of items or of users. */
typedef struct session {
    const options *request;
    const dsc_recommender *model;
    cli_guests *guests;
    const dsc_titles *titles; /* NULL: none, and always with users */
    bool is_of_items;
    dsc_neighbour *found; /* (request->n) */
    size_t n_found;
} session;

enum { MOST = 100000 };

/* The columns of CSV; a table leaves out the title where there is none. */
enum { RANK, ID, TITLE, SIMILARITY, N_RATINGS, N_CELLS };

static dsc_id id_of(const session *self, uint32_t index) {
    return self->is_of_items ? dsc_recommender_item_id(self->model, index)
                             : dsc_recommender_user_id(self->model, index);
}

static void fill_cells(const session *self, size_t rank, char text[3][32], dsc_id cells[N_CELLS]) {
    const dsc_neighbour *one = &self->found[rank];
    snprintf(text[0], 32, "%zu", rank + 1);
    snprintf(text[1], 32, self->request->form.is_csv ? "%.9g" : "%.3f", one->similarity);
    snprintf(text[2], 32, "%u", one->n_ratings);
    cells[RANK] = cli_id(text[0]);
    cells[ID] = id_of(self, one->index);
    cells[TITLE] = dsc_titles_find(self->titles, cells[ID]);
    if (cells[TITLE].bytes == NULL) {
        cells[TITLE] = cli_id("");
    }
    cells[SIMILARITY] = cli_id(text[1]);
    cells[N_RATINGS] = cli_id(text[2]);
}

static int print_csv(const session *self) {
    const dsc_id header[N_CELLS] = {cli_id("rank"), cli_id(self->is_of_items ? "item" : "user"),
                                    cli_id("title"), cli_id("similarity"), cli_id("n_ratings")};
    cli_csv_row(header, N_CELLS);
    for (size_t i = 0; i < self->n_found; i++) {
        char text[3][32];
        dsc_id cells[N_CELLS];
        fill_cells(self, i, text, cells);
        cli_csv_row(cells, N_CELLS);
    }
    return CLI_DONE;
}

static int print_table(const session *self) {
    const char *kind = self->is_of_items ? "item" : "user";
    const char *count = self->is_of_items ? "rated by" : "ratings";
    const cli_column titled[] = {{"rank", true, false},
                                 {kind, false, true},
                                 {"title", false, true},
                                 {"similarity", true, false},
                                 {count, true, false}};
    const cli_column untitled[] = {{"rank", true, false},
                                   {kind, false, true},
                                   {"similarity", true, false},
                                   {count, true, false}};
    bool has_titles = self->titles != NULL;
    cli_table *table = has_titles ? cli_table_create(titled, CLI_COUNT(titled))
                                  : cli_table_create(untitled, CLI_COUNT(untitled));
    for (size_t i = 0; i < self->n_found; i++) {
        char text[3][32];
        dsc_id cells[N_CELLS];
        fill_cells(self, i, text, cells);
        const dsc_id row[] = {cells[RANK], cells[ID], cells[SIMILARITY], cells[N_RATINGS]};
        cli_table_add(table, has_titles ? cells : row);
    }
    return cli_table_print(table);
}

static int print_json(const session *self) {
    const char *kind = self->is_of_items ? "item" : "user";
    const char *asked = self->is_of_items ? self->request->item : self->request->user;
    json_t *list = json_array();
    for (size_t i = 0; i < self->n_found; i++) {
        const dsc_neighbour *one = &self->found[i];
        const dsc_id id = id_of(self, one->index);
        const dsc_id title = dsc_titles_find(self->titles, id);
        json_t *entry = json_pack("{s:i, s:o, s:o, s:I}", "rank", (int)i + 1, kind,
                                  cli_json_text(id), "similarity", cli_json_real(one->similarity),
                                  "n_ratings", (json_int_t)one->n_ratings);
        cli_json_append_titled(&list, entry, title);
    }
    return cli_json_print(
        json_pack("{s:o, s:o}", kind, cli_json_text(cli_id(asked)), "similar", list));
}

static int find(session *self) {
    const options *request = self->request;
    const dsc_id id = cli_id(self->is_of_items ? request->item : request->user);
    const uint32_t index = self->is_of_items ? dsc_recommender_find_item(self->model, id)
                                             : dsc_recommender_find_user(self->model, id);
    dsc_similar_query query = {.except = index, .min_ratings = (uint32_t)request->min_ratings};
    const int status =
        (self->is_of_items ? cli_guests_item : cli_guests_user)(self->guests, id, &query.side);
    if (status != CLI_GO_ON) {
        return status;
    }
    if (query.side.vector == NULL) {
        return self->is_of_items ? cli_unknown_item(request->item)
                                 : cli_unknown_user(request->user);
    }
    dsc_error err;
    if ((self->is_of_items ? dsc_similar_items : dsc_similar_users)(
            self->model, &query, request->n, self->found, &self->n_found, &err) != DSC_OK) {
        return cli_fail(&err);
    }
    return CLI_GO_ON;
}

static int run(const void *asked, const dsc_recommender *model, const dsc_titles *titles) {
    const options *request = asked;
    session self = {.request = request,
                    .model = model,
                    .titles = titles,
                    .is_of_items = request->item != NULL,
                    .found = calloc(request->n, sizeof(dsc_neighbour))};
    if (self.found == NULL) {
        return cli_no_memory();
    }
    int status = cli_guests_open(&self.guests, model, request->ratings_path, &request->reading,
                                 request->is_quiet);
    if (status == CLI_GO_ON) {
        status = find(&self);
    }
    if (status == CLI_GO_ON) {
        status = request->form.is_json  ? print_json(&self)
                 : request->form.is_csv ? print_csv(&self)
                                        : print_table(&self);
    }
    cli_guests_close(self.guests);
    free(self.found);
    return status;
}

static int check(const options *self) {
    if ((self->user == NULL) == (self->item == NULL)) {
        return cli_usage_error("similar", "--item, --user", "one of them must be given%s",
                               self->user == NULL ? "" : ", not both");
    }
    if (self->user != NULL && self->items_path != NULL) {
        return cli_usage_error("similar", "--items",
                               "holds titles of items; users, which --user asks for, have none");
    }
    return cli_form_check("similar", &self->form);
}

static int parse(options *self, int argc, char **argv) {
    const cli_option what_options[] = {
        {.type = CLI_STRING,
         .name = "item",
         .letter = 'i',
         .value = "ID",
         .help = "items like this one",
         .target = &self->item},
        {.type = CLI_STRING,
         .name = "user",
         .letter = 'u',
         .value = "ID",
         .help = "users like this one",
         .target = &self->user},
        CLI_GUESTS_OPTION(self->ratings_path),
        {.type = CLI_SIZE,
         .name = "number",
         .letter = 'n',
         .help = "how many of them",
         .target = &self->n,
         .whole_min = 1,
         .whole_max = MOST},
        {.type = CLI_SIZE,
         .name = "min-ratings",
         .help = "leave out those with fewer ratings in training, of which little is known",
         .target = &self->min_ratings,
         .whole_max = UINT32_MAX},
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
        .command = "similar",
        .summary =
            "Lists the items most like an item, or the users most like a user, by what the "
            "model has learned of them: the cosine of their vectors, 1 for the same "
            "direction, 0 for nothing in common, -1 for opposites. With --ratings also of somebody "
            "or something that came after training.",
        .arguments = arguments,
        .n_arguments = CLI_COUNT(arguments),
        .groups = groups,
        .n_groups = CLI_COUNT(groups),
        .notes = "Examples:\n"
                 "  descent similar model.safetensors --item 50 --items u.item\n"
                 "  descent similar model.safetensors --user 196 -n 5 --csv\n"
                 "  descent similar model.safetensors --user new --ratings new-users.csv\n",
    };
    int status = cli_parse(&syntax, argc, argv);
    return status == CLI_GO_ON ? check(self) : status;
}

int cli_similar(int argc, char **argv) {
    options self = {.n = 10, .min_ratings = 1};
    int status = parse(&self, argc, argv);
    if (status != CLI_GO_ON) {
        return status;
    }
    return cli_ask_model(self.model_path, self.items_path, run, &self);
}
