/* descent predict: the ratings of pairs of user and item, from a file or one at a time. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "command.h"
#include "computing.h"
#include "descent/pairs.h"
#include "descent/side.h"
#include "guests.h"
#include "model.h"
#include "moment.h"
#include "pair_block.h"
#include "pair_tile.h"
#include "predict_output.h"
#include "reading.h"

enum { MAX_THREADS = 1024 };

typedef struct request {
    const char *model_path;
    const char *pairs_path;
    const char *user;
    const char *item;
    const char *ratings_path;
    cli_reading reading; /* delimiter and header alone */
    bool has_probabilities;
    uint64_t time;
    uint64_t threads; /* CLI_NOT_GIVEN: as many as there are processors */
    cli_form form;
    bool is_quiet;
} request;

/* What predicts, and where predictions go. */
typedef struct work {
    const request *asked;
    const dsc_recommender *model;
    cli_guests *guests;
    dsc_scorer *scorer;
    int64_t time;   /* of pairs without a time */
    size_t threads; /* 0: as many as there are processors */
    cli_pair_block *block;
    cli_pair_tile *tile; /* of the block */
    cli_predictions out;
} work;

/* Predicts n pairs of the block from the first-th on and hands them on. */
static int predict_tile(work *self, size_t first, size_t n) {
    cli_pair_tile *tile = self->tile;
    double probability[CLI_MAX_PREDICTED];
    const int status = cli_pair_tile_predict(tile, n, &self->block->pair[first], self->guests,
                                             self->time, self->scorer);
    for (size_t p = 0; status == CLI_GO_ON && p < n; p++) {
        const cli_prediction one = {.pair = &tile->pair[p],
                                    .rating = tile->rating[p],
                                    .basis = tile->basis[p],
                                    .probability = probability};
        if (self->out.n_values > 0) {
            dsc_scorer_probabilities(self->scorer, &tile->user[p], &tile->item[p], probability);
        }
        cli_predictions_add(&self->out, &one);
    }
    return status;
}

/* Predicts what waits. */
static int finish_block(work *self) {
    cli_pair_block *block = self->block;
    cli_pair_block_end(block);
    int status = cli_pair_block_fold_in(block, self->guests, self->threads);
    for (size_t first = 0; status == CLI_GO_ON && first < block->n; first += CLI_PAIR_TILE) {
        const size_t left = block->n - first;
        status = predict_tile(self, first, left < CLI_PAIR_TILE ? left : CLI_PAIR_TILE);
    }
    cli_pair_block_reset(block);
    return status == CLI_GO_ON ? CLI_DONE : status;
}

static int take_pair(work *self, const dsc_pair *pair) {
    return cli_pair_block_add(self->block, pair) ? CLI_DONE : cli_no_memory();
}

static void begin(work *self) {
    const size_t n = self->asked->has_probabilities ? dsc_recommender_n_values(self->model) : 0;
    cli_predictions_begin(&self->out, &self->asked->form, self->model, n);
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

/* All pairs of the file, by blocks of n_together; those before a fault count. */
static int predict_pairs(work *self, dsc_pair_reader *reader, size_t n_together) {
    dsc_error err;
    dsc_pair pair;
    bool has_pair = true;
    int status = CLI_DONE;
    while (status == CLI_DONE && has_pair && !cli_stdout_failed()) {
        if (dsc_pair_reader_next(reader, &pair, &has_pair, &err) != DSC_OK) {
            status = cli_fail(&err);
        } else if (has_pair) {
            status = take_pair(self, &pair);
        }
        const bool is_full = self->block->n == n_together || self->block->length >= CLI_PAIR_TEXT;
        if (is_full || !has_pair || status != CLI_DONE) {
            const int finished = finish_block(self);
            status = status == CLI_DONE ? finished : status;
        }
    }
    return status;
}

static int predict_file(work *self) {
    const request *asked = self->asked;
    dsc_error err;
    dsc_pair_reader *reader;
    say_what_is_awaited(asked);
    if (dsc_pair_reader_open(&reader, asked->pairs_path, (dsc_delimiter)asked->reading.delimiter,
                             (dsc_header)asked->reading.header, &err) != DSC_OK) {
        return cli_fail(&err);
    }
    if (!asked->is_quiet) {
        print_form(asked, reader);
    }
    begin(self);
    /* Whoever types a pair, or looks on while another program does, waits for its answer. */
    const bool is_watched =
        strcmp(asked->pairs_path, "-") == 0 && (isatty(STDIN_FILENO) || isatty(STDOUT_FILENO));
    const int status = predict_pairs(self, reader, is_watched ? 1 : CLI_PAIR_BLOCK);
    if (status == CLI_DONE && self->out.n_pairs == 0) {
        cli_note("%s: the file holds no pairs", cli_input_name(asked->pairs_path));
    }
    int ended = cli_predictions_end(&self->out);
    dsc_pair_reader_close(reader);
    return status != CLI_DONE ? status : ended;
}

static int predict_with(work *self) {
    if (self->asked->user == NULL) {
        return predict_file(self);
    }
    const dsc_pair pair = {.user = cli_id(self->asked->user), .item = cli_id(self->asked->item)};
    begin(self);
    int status = take_pair(self, &pair);
    status = status == CLI_DONE ? finish_block(self) : status;
    const int ended = cli_predictions_end(&self->out);
    return status != CLI_DONE ? status : ended;
}

static int predict(const request *asked, const dsc_recommender *model) {
    dsc_error err;
    const size_t threads = asked->threads != CLI_NOT_GIVEN ? (size_t)asked->threads : 0;
    work self = {.asked = asked, .model = model, .threads = threads};
    if (asked->has_probabilities && dsc_recommender_n_values(model) == 0) {
        return cli_usage_error("predict", "--probabilities",
                               "is for models trained with --loss ordinal; this one predicts a "
                               "rating alone");
    }
    int status = cli_take_moment("predict", model, asked->time, &self.time);
    if (status != CLI_GO_ON) {
        return status;
    }
    status = cli_guests_open(&self.guests, model, asked->ratings_path,
                             &(cli_reading){.threads = threads}, asked->is_quiet);
    if (status != CLI_GO_ON) {
        return status;
    }
    self.block = calloc(1, sizeof *self.block);
    self.tile = calloc(1, sizeof *self.tile);
    if (self.block == NULL || self.tile == NULL) {
        status = cli_no_memory();
    } else if (dsc_scorer_create(&self.scorer, model, &err) != DSC_OK) {
        status = cli_fail(&err);
    } else {
        status = predict_with(&self);
    }
    dsc_scorer_destroy(self.scorer);
    if (self.block != NULL) {
        cli_pair_block_clear(self.block);
    }
    free(self.block);
    free(self.tile);
    cli_guests_close(self.guests);
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
    if (self->threads != CLI_NOT_GIVEN && self->ratings_path == NULL) {
        return cli_usage_error("predict", "--threads",
                               "is for --ratings, whose users and items are folded in by threads");
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
        CLI_TIME_OPTION(self->time, "of the prediction, for pairs of a file that have none"),
    };
    const cli_option guest_options[] = {CLI_GUESTS_OPTION(self->ratings_path)};
    cli_option reading_options[CLI_N_READING_OPTIONS];
    cli_reading_options(&self->reading, reading_options);
    const cli_option computing_options[] = {
        {.type = CLI_WHOLE,
         .name = "threads",
         .help = "threads that read --ratings and fold in its users and items, which change no "
                 "result; 0, or not given: as many as there are processors",
         .target = &self->threads,
         .whole_max = MAX_THREADS},
        cli_isa_option,
    };
    const cli_option output_options[] = {
        {.type = CLI_FLAG,
         .name = "probabilities",
         .help = "show the probability of each rating too, of a model trained with --loss ordinal",
         .target = &self->has_probabilities},
        CLI_JSON_OPTION(self->form),
        CLI_CSV_OPTION(self->form),
        CLI_QUIET_OPTION(self->is_quiet),
    };
    const cli_option_group groups[] = {
        {"One pair", pair_options, CLI_COUNT(pair_options)},
        {"New users and items", guest_options, CLI_COUNT(guest_options)},
        {"Reading of PAIRS", reading_options, CLI_N_TEXT_OPTIONS},
        {"Computing", computing_options, CLI_COUNT(computing_options)},
        {"Output", output_options, CLI_COUNT(output_options)},
    };
    const cli_argument arguments[] = {
        CLI_MODEL_ARGUMENT(self->model_path),
        {"PAIRS",
         "pairs, one a line: user and item, and where there is one their time; further columns "
         "are not read; - or nothing is "
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
                 "  descent predict model.safetensors pairs.csv --ratings new-users.csv\n"
                 "  descent predict model.safetensors --user 196 --item 242 --probabilities\n",
    };
    int status = cli_parse(&syntax, argc, argv);
    return status == CLI_GO_ON ? check(self) : status;
}

int cli_predict(int argc, char **argv) {
    request self = {.time = CLI_NOT_GIVEN, .threads = CLI_NOT_GIVEN};
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
