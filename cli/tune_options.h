/* The options of `descent tune`. */
#ifndef DESCENT_CLI_TUNE_OPTIONS_H
#define DESCENT_CLI_TUNE_OPTIONS_H

#include "descent/recommender.h"
#include "options.h"
#include "output.h"
#include "reading.h"

enum { CLI_MAX_FORMS = 16 };

typedef struct cli_tune_request {
    const char *ratings_path;
    const char *config_path; /* to be written */
    char *journal_path;      /* owned */
    const char *form_list;   /* of --forms */
    dsc_form forms[CLI_MAX_FORMS];
    size_t n_forms;
    size_t n_trials;
    size_t n_folds;
    size_t eta;
    double minutes;    /* NAN: no limit */
    size_t measure;    /* of cli_measure_of */
    bool is_one_error; /* the smallest model within one standard error */
    uint64_t seed;
    cli_reading reading;
    cli_form form; /* is_json alone */
    bool is_quiet;
} cli_tune_request;

/* Parses the command line into *request and checks it.
 *   request  [out]  its journal_path is to be freed, also after a failure
 * Returns CLI_GO_ON or an exit status. */
int cli_tune_parse(cli_tune_request *request, int argc, char **argv);

#endif
