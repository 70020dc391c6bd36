/* An explanation as a table, JSON or CSV. */
#include "explain_output.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "descent/probabilities.h"
#include "model.h"

/* One part of a prediction that is not one of the user's ratings. */
typedef struct part {
    const char *key;  /* in JSON and CSV */
    const char *name; /* for people */
    double value;
} part;

enum { N_PARTS = 6 };

/* What an explanation starts from depends on the loss. */
static void fill_parts(const cli_explained *self, part parts[N_PARTS]) {
    const dsc_explanation *e = self->explanation;
    const bool has_network = dsc_recommender_network(self->model) != NULL;
    dsc_recommender_info info;
    dsc_recommender_get_info(self->model, &info);
    const bool is_ordinal = dsc_recommender_n_values(self->model) > 0;
    parts[0] = (part){
        "mean", is_ordinal ? "what a score of 0 stands for" : "the mean of all ratings", e->mean};
    parts[1] = (part){"user_bias", "how the user rates in general", e->user_bias};
    parts[2] = (part){"item_bias", "how the item is rated in general", e->item_bias};
    parts[3] = (part){"time", "the time", e->time};
    parts[4] =
        (part){"network",
               has_network ? "the network, of the item alone" : "the activation, of the item alone",
               e->network};
    parts[5] = (part){"own_vector",
                      info.config.share_user_vector ? "the vector that all users share"
                                                    : "what else the user's vector holds",
                      e->own_vector};
}

static dsc_id title_of(const cli_explained *self, dsc_id item) {
    const dsc_id title = dsc_titles_find(self->titles, item);
    return title.bytes != NULL ? title : cli_id("");
}

/* --- for people ------------------------------------------------------------------------------- */

static void print_head(const cli_explained *self) {
    const dsc_explanation *e = self->explanation;
    const dsc_id title = title_of(self, cli_id(self->item));
    char *user = cli_terminal_copy(cli_id(self->user));
    char *item = cli_terminal_copy(cli_id(self->item));
    char *shown = cli_terminal_copy(title);
    if (user != NULL && item != NULL && shown != NULL) {
        printf("user %s, item %s%s%s: %s %.3f", user, item, title.length > 0 ? ", " : "", shown,
               cli_has_scores(self->model) ? "score" : "predicted rating", e->rating);
        if (fabs(e->rating - e->prediction) > 0) {
            printf(", the end of the scale; %.3f before", e->prediction);
        }
        puts("\n");
    }
    free(user);
    free(item);
    free(shown);
}

static void add_row(cli_table *table, const char *name, bool has_sign, double value) {
    char number[32];
    snprintf(number, sizeof number, has_sign ? "%+.3f" : "%.3f", value);
    cli_table_add(table, (dsc_id[]){cli_id(name), cli_id(number)});
}

/* Everything but the single ratings, which are one line here. */
static int print_sum(const cli_explained *self) {
    const dsc_explanation *e = self->explanation;
    static const cli_column columns[] = {{"part", false, false}, {"effect", true, false}};
    part parts[N_PARTS];
    char name[64];
    double of_ratings = 0;
    fill_parts(self, parts);
    cli_table *table = cli_table_create(columns, CLI_COUNT(columns));
    for (size_t i = 0; i < N_PARTS; i++) {
        const bool is_there = parts[i].value > 0 || parts[i].value < 0;
        if (is_there) {
            add_row(table, parts[i].name, i > 0, parts[i].value);
        }
    }
    for (size_t r = 0; r < e->n_reasons; r++) {
        of_ratings += e->reasons[r].push;
    }
    snprintf(name, sizeof name, "the user's %zu %s%s together", e->n_reasons,
             cli_has_scores(self->model) ? "choice" : "rating", e->n_reasons == 1 ? "" : "s");
    add_row(table, name, true, of_ratings);
    add_row(table, "sum", false, e->prediction - e->gap);
    return cli_table_print(table);
}

/* Of a model of interactions only that something was chosen has an effect. */
static int print_reasons(const cli_explained *self) {
    enum { N = 6 };
    static const cli_column all[N] = {{"item", false, true},
                                      {"title", false, true},
                                      {"rating", true, false},
                                      {"that it was rated", true, false},
                                      {"how it was rated", true, false},
                                      {"effect", true, false}};
    const bool has_ratings = !cli_has_scores(self->model);
    const bool is_shown[N] = {true,        self->titles != NULL, has_ratings,
                              has_ratings, has_ratings,          true};
    const dsc_explanation *e = self->explanation;
    const size_t n = e->n_reasons < self->n ? e->n_reasons : self->n;
    cli_column columns[N];
    size_t n_columns = 0;
    for (size_t c = 0; c < N; c++) {
        if (is_shown[c]) {
            columns[n_columns++] = all[c];
        }
    }
    cli_table *table = cli_table_create(columns, n_columns);
    double of_others = 0;
    for (size_t r = 0; r < n; r++) {
        const dsc_reason *reason = &e->reasons[r];
        const dsc_id item = dsc_recommender_item_id(self->model, reason->item);
        char text[4][32];
        snprintf(text[0], 32, "%g", (double)reason->rating);
        snprintf(text[1], 32, "%+.3f", reason->presence);
        snprintf(text[2], 32, "%+.3f", reason->value);
        snprintf(text[3], 32, "%+.3f", reason->push);
        const dsc_id row[N] = {
            item,           title_of(self, item), cli_id(text[0]), cli_id(text[1]), cli_id(text[2]),
            cli_id(text[3])};
        dsc_id cells[N];
        for (size_t c = 0, to = 0; c < N; c++) {
            if (is_shown[c]) {
                cells[to++] = row[c];
            }
        }
        cli_table_add(table, cells);
    }
    for (size_t r = n; r < e->n_reasons; r++) {
        of_others += e->reasons[r].push;
    }
    puts("");
    int status = cli_table_print(table);
    if (status == CLI_DONE && n < e->n_reasons) {
        printf("and %zu more, together %+.3f\n", e->n_reasons - n, of_others);
    }
    return status;
}

static bool has_push(const dsc_explanation *e) {
    return e->n_reasons > 0 && fabs(e->reasons[0].push) > 0; /* the largest stands first */
}

static int print_table(const cli_explained *self) {
    print_head(self);
    int status = print_sum(self);
    if (status != CLI_DONE) {
        return status;
    }
    if (!has_push(self->explanation)) {
        cli_note("this model was trained by minibatches and has no histories: it does not tell the "
                 "effect of single ratings");
        return CLI_DONE;
    }
    return print_reasons(self);
}

/* --- for programs ----------------------------------------------------------------------------- */

enum { PART, ITEM, TITLE, RATING, PRESENCE, VALUE, EFFECT, N_CELLS };

static int print_csv(const cli_explained *self) {
    static const char *const names[N_CELLS] = {"part",     "item",  "title", "rating",
                                               "presence", "value", "effect"};
    const dsc_explanation *e = self->explanation;
    part parts[N_PARTS];
    dsc_id cells[N_CELLS];
    char text[4][32];
    for (size_t i = 0; i < N_CELLS; i++) {
        cells[i] = cli_id(names[i]);
    }
    cli_csv_row(cells, N_CELLS);
    fill_parts(self, parts);
    for (size_t i = 0; i < N_PARTS; i++) {
        for (size_t c = 0; c < N_CELLS; c++) {
            cells[c] = cli_id("");
        }
        snprintf(text[0], 32, "%.9g", parts[i].value);
        cells[PART] = cli_id(parts[i].key);
        cells[EFFECT] = cli_id(text[0]);
        cli_csv_row(cells, N_CELLS);
    }
    for (size_t r = 0; r < e->n_reasons; r++) {
        const dsc_reason *reason = &e->reasons[r];
        const double numbers[] = {(double)reason->rating, reason->presence, reason->value,
                                  reason->push};
        cells[PART] = cli_id("rating");
        cells[ITEM] = dsc_recommender_item_id(self->model, reason->item);
        cells[TITLE] = title_of(self, cells[ITEM]);
        for (size_t i = 0; i < CLI_COUNT(numbers); i++) {
            snprintf(text[i], 32, "%.9g", numbers[i]);
            cells[RATING + i] = cli_id(text[i]);
        }
        cli_csv_row(cells, N_CELLS);
    }
    return CLI_DONE;
}

static json_t *ratings_json(const cli_explained *self) {
    const dsc_explanation *e = self->explanation;
    json_t *list = json_array();
    for (size_t r = 0; r < e->n_reasons; r++) {
        const dsc_reason *reason = &e->reasons[r];
        const dsc_id item = dsc_recommender_item_id(self->model, reason->item);
        const dsc_id title = dsc_titles_find(self->titles, item);
        json_t *entry = json_pack(
            "{s:o, s:o, s:o, s:o, s:o}", "item", cli_json_text(item), "rating",
            cli_json_real((double)reason->rating), "presence", cli_json_real(reason->presence),
            "value", cli_json_real(reason->value), "effect", cli_json_real(reason->push));
        cli_json_append_titled(&list, entry, title);
    }
    return list;
}

static int print_json(const cli_explained *self) {
    const dsc_explanation *e = self->explanation;
    part parts[N_PARTS];
    json_t *of_parts = json_object();
    fill_parts(self, parts);
    for (size_t i = 0; i < N_PARTS; i++) {
        if (json_object_set_new(of_parts, parts[i].key, cli_json_real(parts[i].value)) != 0) {
            json_decref(of_parts);
            return cli_no_memory();
        }
    }
    return cli_json_print(
        json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:I}", "user",
                  cli_json_text(cli_id(self->user)), "item", cli_json_text(cli_id(self->item)),
                  cli_rating_name(self->model), cli_json_real(e->rating), "prediction",
                  cli_json_real(e->prediction), "parts", of_parts, "ratings", ratings_json(self),
                  "gap", cli_json_real(e->gap), "steps", (json_int_t)e->n_steps));
}

int cli_explained_print(const cli_explained *self, const cli_form *form) {
    return form->is_json ? print_json(self) : form->is_csv ? print_csv(self) : print_table(self);
}
