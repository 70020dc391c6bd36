/* descent evaluate: a model held against test ratings, beside simple baselines. */
#include <string.h>

#include "assess.h"
#include "command.h"
#include "computing.h"
#include "descent/recommender.h"
#include "guests.h"
#include "model.h"
#include "output.h"
#include "reading.h"

enum { MAX_THREADS = 1024 };

typedef struct request {
    const char *model_path;
    const char *ratings_path;
    const char *given_path; /* NULL: nobody came after training */
    cli_reading reading;    /* of both */
    cli_assess_request assess;
    cli_form form;
    bool is_quiet;
} request;

static int parse(request *self, int argc, char **argv) {
    cli_option assess_options[CLI_N_ASSESS_OPTIONS + 1];
    cli_assess_options(&self->assess, 'k', assess_options);
    assess_options[CLI_N_ASSESS_OPTIONS] = (cli_option){
        .type = CLI_WHOLE,
        .name = "seed",
        .letter = 's',
        .help = "of drawn negatives, of lots among ties in lists, of the bootstrap",
        .target = &self->assess.seed,
    };
    const cli_option later_options[] = {CLI_GUESTS_OPTION(self->given_path)};
    cli_option reading_options[CLI_N_READING_OPTIONS];
    cli_reading_options(&self->reading, reading_options);
    const cli_option computing_options[] = {
        {.type = CLI_WHOLE,
         .name = "threads",
         .help = "which change no result; 0, or not given: as many as there are processors",
         .target = &self->assess.threads,
         .whole_max = MAX_THREADS},
        cli_isa_option,
    };
    const cli_option output_options[] = {
        CLI_JSON_OPTION(self->form),
        CLI_CSV_OPTION(self->form),
        CLI_QUIET_OPTION(self->is_quiet),
    };
    const cli_option_group groups[] = {
        {"Measures", assess_options, CLI_COUNT(assess_options)},
        {"After training", later_options, CLI_COUNT(later_options)},
        {"Reading", reading_options, CLI_N_READING_OPTIONS},
        {"Computing", computing_options, CLI_COUNT(computing_options)},
        {"Output", output_options, CLI_COUNT(output_options)},
    };
    const cli_argument arguments[] = {
        CLI_MODEL_ARGUMENT(self->model_path),
        {"RATINGS", "known ratings that the model was not trained on; - is standard input",
         &self->ratings_path, false},
    };
    const cli_syntax syntax = {
        .command = "evaluate",
        .summary = "Compares a model's predictions with known ratings: root mean squared error "
                   "(RMSE) and mean absolute error (MAE), over all pairs and as means over users. "
                   "With --ranking it measures the model's lists. Beside each figure stand those "
                   "of simple baselines.",
        .arguments = arguments,
        .n_arguments = CLI_COUNT(arguments),
        .groups = groups,
        .n_groups = CLI_COUNT(groups),
        .notes = "Examples:\n"
                 "  descent evaluate model.safetensors test.csv\n"
                 "  descent evaluate model.safetensors test.csv --ranking -k 5,10,20 --relevant 4\n"
                 "  descent evaluate model.safetensors others.csv --ratings first-ten.csv\n"
                 "  descent evaluate model.safetensors test.txt --lists --ranking -k 20\n",
    };
    int status = cli_parse(&syntax, argc, argv);
    if (status == CLI_GO_ON) {
        self->reading.threads = self->assess.threads != CLI_NOT_GIVEN ? self->assess.threads : 0;
        status = cli_assess_check("evaluate", &self->assess, &self->reading);
    }
    if (status == CLI_GO_ON && self->given_path != NULL && strcmp(self->given_path, "-") == 0 &&
        strcmp(self->ratings_path, "-") == 0) {
        status = cli_usage_error("evaluate", "--ratings",
                                 "standard input cannot hold both files of ratings");
    }
    return status == CLI_GO_ON ? cli_form_check("evaluate", &self->form) : status;
}

/* Those of the file of --ratings are folded in before anything is predicted. */
static int assess(const request *self, const dsc_recommender *model, const dsc_ratings *test,
                  cli_assessment *out) {
    cli_assessed what = {.model = model, .test = test, .name = cli_input_name(self->ratings_path)};
    int status = CLI_GO_ON;
    if (self->given_path != NULL) {
        status =
            cli_guests_open(&what.guests, model, self->given_path, &self->reading, self->is_quiet);
    }
    if (status == CLI_GO_ON) {
        status = cli_assess(&self->assess, &what, self->is_quiet, out);
    }
    cli_guests_close(what.guests);
    return status;
}

int cli_evaluate(int argc, char **argv) {
    request self = {.assess = cli_assess_default()};
    int status = parse(&self, argc, argv);
    if (status != CLI_GO_ON) {
        return status;
    }
    dsc_recommender *model = NULL;
    dsc_ratings *test = NULL;
    cli_assessment found;
    status = cli_load_model(&model, self.model_path);
    if (status == CLI_GO_ON) {
        status = cli_read_ratings(&test, self.ratings_path, &self.reading, self.is_quiet);
    }
    if (status == CLI_GO_ON) {
        status = assess(&self, model, test, &found);
    }
    if (status == CLI_GO_ON) {
        status = cli_print_assessment(&found, &self.form);
    }
    dsc_ratings_destroy(test);
    dsc_recommender_destroy(model);
    return status;
}
