/* The options of `descent tune`. */
#include "tune_options.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "computing.h"
#include "destination.h"
#include "suggest.h"
#include "tune_measure.h"
#include "tune_space.h"

/* More trials and folds than anyone has time for. */
enum { MAX_TRIALS = 100000, MAX_FOLDS = 1000, MAX_ETA = 100, N_SEARCH = 10 };

static const char summary[] =
    "Searches for settings that predict these ratings better than the defaults do: draws some at "
    "random, trains each on a part of the ratings and measures it by the rest, and gives the best "
    "of them more and more folds, until a few have been measured by all. The defaults are among "
    "them. Writes the best to CONFIG.json, which descent train --config reads. Every measurement "
    "is kept in a journal: after an interruption the same command goes on where it was.";

static void fill_search(cli_tune_request *request, const char **journal, cli_option out[N_SEARCH]) {
    const cli_option rows[N_SEARCH] = {
        {.type = CLI_STRING,
         .name = "output",
         .letter = 'o',
         .value = "CONFIG.json",
         .help = "the file to write the best settings to",
         .target = &request->config_path,
         .is_required = true},
        {.type = CLI_STRING,
         .name = "forms",
         .value = "FORM,FORM,...",
         .help = "the forms to draw settings for, in turn; the defaults of the first are what "
                 "others are compared with",
         .target = &request->form_list},
        {.type = CLI_SIZE,
         .name = "trials",
         .letter = 'n',
         .help = "how many settings to try, the defaults of each form included",
         .target = &request->n_trials,
         .whole_min = 1,
         .whole_max = MAX_TRIALS},
        {.type = CLI_SIZE,
         .name = "folds",
         .help = "how many parts the ratings are cut into, each of which is tested once by a model "
                 "of the others",
         .target = &request->n_folds,
         .whole_min = 2,
         .whole_max = MAX_FOLDS},
        {.type = CLI_SIZE,
         .name = "eta",
         .help = "the best of so many go on, with so many times the budget",
         .target = &request->eta,
         .whole_min = 2,
         .whole_max = MAX_ETA},
        {.type = CLI_REAL,
         .name = "minutes",
         .help = "begin no trial after so many minutes of training, interruptions not counted; "
                 "each rung gets its share of them",
         .target = &request->minutes,
         .interval = {.low = 0, .high = INFINITY, .is_low_open = true}},
        {.type = CLI_CHOICE,
         .name = "measure",
         .help = "of the predictions of ratings that are tested; the lower the better",
         .target = &request->measure,
         .choices = cli_measure_names},
        {.type = CLI_FLAG,
         .name = "one-standard-error",
         .help = "take the smallest model within one standard error of the best, instead of one "
                 "that is as good",
         .target = &request->is_one_error},
        {.type = CLI_STRING,
         .name = "journal",
         .value = "FILE",
         .help = "the file for what has been measured; CONFIG.json.journal if not given",
         .target = journal},
        {.type = CLI_WHOLE,
         .name = "seed",
         .letter = 's',
         .help = "start of all randomness: of folds, draws and trainings",
         .target = &request->seed},
    };
    memcpy(out, rows, sizeof rows);
}

static int bad_form(const char *word) {
    const char *names[CLI_MAX_FORMS];
    char list[256] = "";
    size_t n = 0;
    for (dsc_form form = DSC_FORM_HISTORIES; dsc_form_name(form) != NULL; form++) {
        if (cli_space_has(form)) {
            const size_t used = strlen(list);
            names[n] = dsc_form_name(form);
            snprintf(list + used, sizeof list - used, "%s%s", n > 0 ? ", " : "", names[n]);
            n++;
        }
    }
    const char *nearest = cli_suggest(word, names, n);
    if (nearest != NULL) {
        return cli_usage_error("tune", "--forms", "\"%s\" is no form to search; did you mean %s?",
                               word, nearest);
    }
    return cli_usage_error("tune", "--forms",
                           "\"%s\" is no form to search; expected some of %s, with commas between "
                           "them",
                           word, list);
}

static int read_forms(cli_tune_request *request) {
    const char *at = request->form_list;
    request->n_forms = 0;
    while (true) {
        char word[64];
        dsc_form form;
        const size_t length = strcspn(at, ",");
        snprintf(word, sizeof word, "%.*s", (int)(length < 63 ? length : 63), at);
        if (!dsc_form_from_name(word, &form) || !cli_space_has(form)) {
            return bad_form(word);
        }
        for (size_t i = 0; i < request->n_forms; i++) {
            if (request->forms[i] == form) {
                return cli_usage_error("tune", "--forms", "%s is named twice", word);
            }
        }
        request->forms[request->n_forms++] = form;
        if (at[length] == '\0') {
            return CLI_GO_ON;
        }
        at += length + 1;
    }
}

static int check_files(const cli_tune_request *request) {
    const cli_destination config = {"tune", "--output", "configuration", request->config_path};
    const cli_destination journal = {"tune", "--journal", "journal", request->journal_path};
    int status = cli_check_destination(&config, request->ratings_path, "the file of ratings");
    if (status == CLI_GO_ON) {
        status = cli_check_destination(&journal, request->ratings_path, "the file of ratings");
    }
    if (status == CLI_GO_ON && strcmp(request->journal_path, request->config_path) == 0) {
        status = cli_usage_error("tune", "--journal",
                                 "is the file of --output; it needs one of "
                                 "its own");
    }
    return status == CLI_GO_ON
               ? cli_check_destination(&journal, request->config_path, "the file of --output")
               : status;
}

static int check(cli_tune_request *request, const char *journal) {
    if ((journal != NULL
             ? asprintf(&request->journal_path, "%s", journal)
             : asprintf(&request->journal_path, "%s.journal", request->config_path)) < 0) {
        request->journal_path = NULL;
        return cli_no_memory();
    }
    if (cli_reading_is_implicit(&request->reading)) {
        return cli_usage_error("tune", request->reading.lists ? "--lists" : "--implicit",
                               "searches are for models of ratings; train, validate, split and "
                               "evaluate take such files");
    }
    int status = read_forms(request);
    if (status == CLI_GO_ON && request->n_trials < request->n_forms) {
        status = cli_usage_error("tune", "--trials",
                                 "is %zu; expected at least %zu, the defaults of each form",
                                 request->n_trials, request->n_forms);
    }
    return status == CLI_GO_ON ? check_files(request) : status;
}

int cli_tune_parse(cli_tune_request *request, int argc, char **argv) {
    cli_option search[N_SEARCH], reading[CLI_N_READING_OPTIONS];
    *request = (cli_tune_request){.form_list = "histories,dot",
                                  .n_trials = 27,
                                  .n_folds = 5,
                                  .eta = 3,
                                  .minutes = NAN,
                                  .seed = 1};
    const char *journal = NULL;
    fill_search(request, &journal, search);
    cli_reading_options(&request->reading, reading);
    const cli_option output[] = {CLI_JSON_OPTION(request->form),
                                 CLI_QUIET_OPTION(request->is_quiet)};
    const cli_option_group groups[] = {
        {"Search", search, N_SEARCH},
        {"Reading", reading, CLI_COUNT(reading)},
        CLI_COMPUTING_GROUP,
        {"Output", output, CLI_COUNT(output)},
    };
    const cli_argument arguments[] = {
        {"RATINGS",
         "the ratings to learn from, one a line: user, item, rating and, if there is one, time; "
         "plain, gzip or zstd; - is standard input",
         &request->ratings_path, false},
    };
    const cli_syntax syntax = {
        .command = "tune",
        .summary = summary,
        .arguments = arguments,
        .n_arguments = CLI_COUNT(arguments),
        .groups = groups,
        .n_groups = CLI_COUNT(groups),
        .notes = "Examples:\n"
                 "  descent tune ratings.csv -o config.json\n"
                 "  descent tune ratings.csv -o config.json --trials 81 --minutes 30\n"
                 "  descent train ratings.csv -o model.safetensors --config config.json\n",
    };
    const int status = cli_parse(&syntax, argc, argv);
    return status == CLI_GO_ON ? check(request, journal) : status;
}
