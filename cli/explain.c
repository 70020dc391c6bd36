/* descent explain: which of a user's ratings pushed a prediction up or down. */
#include "descent/explain.h"

#include <stdio.h>

#include "command.h"
#include "computing.h"
#include "explain_output.h"
#include "guests.h"
#include "model.h"
#include "moment.h"

typedef struct options {
    const char *model_path;
    const char *user;
    const char *item;
    const char *items_path;
    const char *ratings_path;
    cli_reading reading; /* of ratings_path */
    size_t n;
    uint64_t time;
    cli_form form;
    bool is_quiet;
} options;

enum { MOST = 100000 };

static int explain(const options *self, const dsc_recommender *model, const dsc_titles *titles,
                   cli_guests *guests) {
    dsc_side user, item;
    int status = cli_guests_user(guests, cli_id(self->user), &user);
    if (status == CLI_GO_ON) {
        status = cli_guests_item(guests, cli_id(self->item), &item);
    }
    if (status != CLI_GO_ON) {
        return status;
    }
    if (user.vector == NULL) {
        return cli_unknown_user(self->user);
    }
    if (item.vector == NULL) {
        return cli_unknown_item(self->item);
    }
    dsc_error err;
    dsc_explanation explanation;
    if (dsc_explain(&explanation, model, &user, &item, &err) != DSC_OK) {
        return cli_fail(&err);
    }
    const cli_explained shown = {.model = model,
                                 .titles = titles,
                                 .user = self->user,
                                 .item = self->item,
                                 .n = self->n,
                                 .explanation = &explanation};
    status = cli_explained_print(&shown, &self->form);
    dsc_explanation_clear(&explanation);
    return status;
}

static int ask(const void *asked, const dsc_recommender *model, const dsc_titles *titles) {
    const options *self = asked;
    cli_guests *guests = NULL;
    int64_t time;
    int status = cli_take_moment("explain", model, self->time, &time);
    if (status != CLI_GO_ON) {
        return status;
    }
    status = cli_guests_open(&guests, model, self->ratings_path, &self->reading, self->is_quiet);
    if (status == CLI_GO_ON) {
        cli_guests_set_time(guests, time);
        status = explain(self, model, titles, guests);
    }
    cli_guests_close(guests);
    return status;
}

static int parse(options *self, int argc, char **argv) {
    const cli_option what_options[] = {
        {.type = CLI_STRING,
         .name = "user",
         .letter = 'u',
         .value = "ID",
         .help = "the user whose rating is predicted",
         .target = &self->user,
         .is_required = true},
        {.type = CLI_STRING,
         .name = "item",
         .letter = 'i',
         .value = "ID",
         .help = "the item that the rating is of",
         .target = &self->item,
         .is_required = true},
        CLI_GUESTS_OPTION(self->ratings_path),
        {.type = CLI_SIZE,
         .name = "number",
         .letter = 'n',
         .help = "how many of the user's ratings a table shows; JSON and CSV have all",
         .target = &self->n,
         .whole_min = 1,
         .whole_max = MOST},
        CLI_TIME_OPTION(self->time, "of the prediction"),
        CLI_TITLES_OPTION(self->items_path),
    };
    cli_option reading_options[CLI_N_READING_OPTIONS];
    cli_reading_options(&self->reading, reading_options);
    const cli_option output_options[] = {
        CLI_JSON_OPTION(self->form),
        CLI_CSV_OPTION(self->form),
        CLI_QUIET_OPTION(self->is_quiet),
    };
    const cli_option_group groups[] = {
        {"What", what_options, CLI_COUNT(what_options)},
        {"Reading of --ratings", reading_options, CLI_N_READING_OPTIONS},
        CLI_COMPUTING_GROUP,
        {"Output", output_options, CLI_COUNT(output_options)},
    };
    const cli_argument arguments[] = {CLI_MODEL_ARGUMENT(self->model_path)};
    const cli_syntax syntax = {
        .command = "explain",
        .summary =
            "Shows what a prediction is made of, and which of the user's ratings pushed it up or "
            "down: by having been rated at all, and by having been rated so, higher or lower than "
            "expected. The parts add up to the prediction.",
        .arguments = arguments,
        .n_arguments = CLI_COUNT(arguments),
        .groups = groups,
        .n_groups = CLI_COUNT(groups),
        .notes = "Example:\n"
                 "  descent explain model.safetensors --user 196 --item 50 --items u.item\n",
    };
    int status = cli_parse(&syntax, argc, argv);
    return status == CLI_GO_ON ? cli_form_check("explain", &self->form) : status;
}

int cli_explain(int argc, char **argv) {
    options self = {.n = 10, .time = CLI_NOT_GIVEN};
    int status = parse(&self, argc, argv);
    if (status != CLI_GO_ON) {
        return status;
    }
    return cli_ask_model(self.model_path, self.items_path, ask, &self);
}
