/* descent predict: the ratings of pairs of user and item, from a file or one at a time. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "command.h"
#include "computing.h"
#include "descent/pairs.h"
#include "descent/side.h"
#include "guests.h"
#include "model.h"
#include "output.h"
#include "reading.h"

typedef struct request {
    const char *model_path;
    const char *pairs_path;
    const char *user;
    const char *item;
    const char *ratings_path;
    cli_reading reading; /* delimiter and header alone */
    cli_form form;
    bool is_quiet;
} request;

/* Where predictions go, one by one. */
typedef struct writer {
    const cli_form *form;
    cli_table *table;
    cli_json_array array;
    size_t n_pairs;
    size_t n_fallbacks;
} writer;

static const cli_column columns[] = {
    {"user", false, true}, {"item", false, true}, {"rating", true, false}, {"basis", false, false}};
enum { N_COLUMNS = CLI_COUNT(columns) };

static writer begin(const cli_form *form) {
    writer out = {.form = form};
    if (form->is_json) {
        out.array = cli_json_array_begin();
    } else if (form->is_csv) {
        dsc_id cells[N_COLUMNS];
        for (size_t i = 0; i < N_COLUMNS; i++) {
            cells[i] = cli_id(columns[i].name);
        }
        cli_csv_row(cells, N_COLUMNS);
    } else {
        out.table = cli_table_create(columns, N_COLUMNS);
    }
    return out;
}

static void write_prediction(writer *out, const dsc_pair *pair, float rating, dsc_basis basis) {
    out->n_pairs++;
    out->n_fallbacks += basis != DSC_BASIS_MODEL && basis != DSC_BASIS_FOLD_IN;
    if (out->form->is_json) {
        cli_json_array_add(
            &out->array, json_pack("{s:o, s:o, s:o, s:s}", "user", cli_json_text(pair->user),
                                   "item", cli_json_text(pair->item), "rating",
                                   cli_json_real((double)rating), "basis", dsc_basis_name(basis)));
        return;
    }
    char number[32];
    snprintf(number, sizeof number, out->form->is_csv ? "%.9g" : "%.3f", (double)rating);
    const dsc_id cells[N_COLUMNS] = {pair->user, pair->item, cli_id(number),
                                     cli_id(dsc_basis_name(basis))};
    if (out->form->is_csv) {
        cli_csv_row(cells, N_COLUMNS);
    } else {
        cli_table_add(out->table, cells);
    }
}

/* Also ends a JSON document whose input failed half way, so that it stays one document. */
static int end(writer *out) {
    if (out->n_fallbacks > 0) {
        cli_note("the model does not know the user or the item of %zu of %zu pair%s; the basis "
                 "says what stood in",
                 out->n_fallbacks, out->n_pairs, out->n_pairs == 1 ? "" : "s");
    }
    if (out->form->is_json) {
        return cli_json_array_end(&out->array);
    }
    return out->form->is_csv ? CLI_DONE : cli_table_print(out->table);
}

static int predict_pair(cli_guests *guests, dsc_scorer *scorer, const dsc_pair *pair, writer *out) {
    dsc_side user, item;
    int status = cli_guests_user(guests, pair->user, &user);
    if (status == CLI_GO_ON) {
        status = cli_guests_item(guests, pair->item, &item);
    }
    if (status != CLI_GO_ON) {
        return status;
    }
    float rating;
    dsc_basis basis;
    dsc_scorer_predict_sides(scorer, 1, &user, &item, &rating, &basis);
    write_prediction(out, pair, rating, basis);
    return CLI_DONE;
}

/* Someone at a terminal would else wait for the program, and the program for them. */
static void say_what_is_awaited(const request *self) {
    if (!self->is_quiet && strcmp(self->pairs_path, "-") == 0 && isatty(STDIN_FILENO)) {
        fputs("Reading pairs from the terminal: user and item, one pair a line; Ctrl-D ends them\n",
              stderr);
    }
}

static void print_form(const request *self, const dsc_pair_reader *reader) {
    dsc_pair_form form = dsc_pair_reader_form(reader);
    bool is_compressed = strcmp(form.compression, "none") != 0;
    fprintf(stderr, "Reading %s: delimiter %s, %s header line%s%s\n  columns: user %zu, item %zu\n",
            cli_input_name(self->pairs_path), form.delimiter, form.has_header ? "a" : "no",
            is_compressed ? ", compressed with " : "", is_compressed ? form.compression : "",
            form.user_column, form.item_column);
}

static int predict_file(const request *self, cli_guests *guests, dsc_scorer *scorer) {
    dsc_error err;
    dsc_pair_reader *reader;
    say_what_is_awaited(self);
    if (dsc_pair_reader_open(&reader, self->pairs_path, (dsc_delimiter)self->reading.delimiter,
                             (dsc_header)self->reading.header, &err) != DSC_OK) {
        return cli_fail(&err);
    }
    if (!self->is_quiet) {
        print_form(self, reader);
    }
    writer out = begin(&self->form);
    int status = CLI_DONE;
    dsc_pair pair;
    bool has_pair = true;
    while (status == CLI_DONE && !cli_stdout_failed()) {
        if (dsc_pair_reader_next(reader, &pair, &has_pair, &err) != DSC_OK) {
            status = cli_fail(&err);
        } else if (!has_pair) {
            break;
        } else {
            status = predict_pair(guests, scorer, &pair, &out);
        }
    }
    if (status == CLI_DONE && out.n_pairs == 0) {
        cli_note("%s: the file holds no pairs", cli_input_name(self->pairs_path));
    }
    int ended = end(&out);
    dsc_pair_reader_close(reader);
    return status != CLI_DONE ? status : ended;
}

static int predict_with(const request *self, cli_guests *guests, dsc_scorer *scorer) {
    if (self->user == NULL) {
        return predict_file(self, guests, scorer);
    }
    const dsc_pair pair = {.user = cli_id(self->user), .item = cli_id(self->item)};
    writer out = begin(&self->form);
    int status = predict_pair(guests, scorer, &pair, &out);
    int ended = end(&out);
    return status != CLI_DONE ? status : ended;
}

static int predict(const request *self, const dsc_recommender *model) {
    dsc_error err;
    dsc_scorer *scorer = NULL;
    cli_guests *guests;
    int status =
        cli_guests_open(&guests, model, self->ratings_path, &(cli_reading){0}, self->is_quiet);
    if (status != CLI_GO_ON) {
        return status;
    }
    if (dsc_scorer_create(&scorer, model, &err) != DSC_OK) {
        status = cli_fail(&err);
    } else {
        status = predict_with(self, guests, scorer);
    }
    dsc_scorer_destroy(scorer);
    cli_guests_close(guests);
    return status;
}

static int check(const request *self) {
    if ((self->user == NULL) != (self->item == NULL)) {
        return cli_usage_error("predict", self->user == NULL ? "--item" : "--user",
                               "needs --%s beside it: a pair is a user and an item",
                               self->user == NULL ? "user" : "item");
    }
    if (self->user != NULL && self->pairs_path != NULL) {
        return cli_usage_error("predict", "--user, --item",
                               "name one pair; they cannot be used together with PAIRS");
    }
    if (self->ratings_path != NULL && strcmp(self->ratings_path, "-") == 0 && self->user == NULL &&
        (self->pairs_path == NULL || strcmp(self->pairs_path, "-") == 0)) {
        return cli_usage_error("predict", "--ratings",
                               "standard input cannot hold the ratings and the pairs");
    }
    return cli_form_check("predict", &self->form);
}

static int parse(request *self, int argc, char **argv) {
    const cli_option pair_options[] = {
        {.type = CLI_STRING,
         .name = "user",
         .letter = 'u',
         .value = "ID",
         .help = "predict one pair: this user",
         .target = &self->user},
        {.type = CLI_STRING,
         .name = "item",
         .letter = 'i',
         .value = "ID",
         .help = "and this item",
         .target = &self->item},
    };
    const cli_option guest_options[] = {CLI_GUESTS_OPTION(self->ratings_path)};
    cli_option reading_options[CLI_N_READING_OPTIONS];
    cli_reading_options(&self->reading, reading_options);
    const cli_option output_options[] = {
        CLI_JSON_OPTION(self->form),
        CLI_CSV_OPTION(self->form),
        CLI_QUIET_OPTION(self->is_quiet),
    };
    const cli_option_group groups[] = {
        {"One pair", pair_options, CLI_COUNT(pair_options)},
        {"New users and items", guest_options, CLI_COUNT(guest_options)},
        {"Reading of PAIRS", reading_options, CLI_N_TEXT_OPTIONS},
        CLI_COMPUTING_GROUP,
        {"Output", output_options, CLI_COUNT(output_options)},
    };
    const cli_argument arguments[] = {
        CLI_MODEL_ARGUMENT(self->model_path),
        {"PAIRS",
         "pairs, one a line: user and item, further columns are not read; - or nothing is "
         "standard input",
         &self->pairs_path, true},
    };
    const cli_syntax syntax = {
        .command = "predict",
        .summary = "Predicts the rating of each pair of user and item. Where the model does not "
                   "know one of the two, the column basis says what the prediction rests on.",
        .arguments = arguments,
        .n_arguments = CLI_COUNT(arguments),
        .groups = groups,
        .n_groups = CLI_COUNT(groups),
        .notes = "Examples:\n"
                 "  descent predict model.safetensors pairs.csv --csv > predicted.csv\n"
                 "  descent predict model.safetensors --user 196 --item 242\n"
                 "  descent predict model.safetensors pairs.csv --ratings new-users.csv\n",
    };
    int status = cli_parse(&syntax, argc, argv);
    return status == CLI_GO_ON ? check(self) : status;
}

int cli_predict(int argc, char **argv) {
    request self = {0};
    int status = parse(&self, argc, argv);
    if (status != CLI_GO_ON) {
        return status;
    }
    if (self.pairs_path == NULL) {
        self.pairs_path = "-";
    }
    dsc_recommender *model = NULL;
    status = cli_load_model(&model, self.model_path);
    if (status == CLI_GO_ON) {
        status = predict(&self, model);
    }
    dsc_recommender_destroy(model);
    return status;
}
