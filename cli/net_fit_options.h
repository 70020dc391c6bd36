/* The options of `descent net fit`: one row for each setting of a predictor. */
#ifndef DESCENT_CLI_NET_FIT_OPTIONS_H
#define DESCENT_CLI_NET_FIT_OPTIONS_H

#include "descent/predictor.h"
#include "net_data.h"
#include "options.h"
#include "output.h"

enum { CLI_MAX_CHOICES = 256 };

typedef struct cli_net_fit_request {
    cli_net_data data;
    const char *model_path; /* NULL: none, with folds alone */
    const char *target;     /* a selector; NULL: the last column */
    bool keeps_missing;
    dsc_column_choice choices[CLI_MAX_CHOICES]; /* columns that are not numbers */
    size_t n_choices;
    char *names; /* the texts of the choices, freed by cli_net_fit_clear */
    dsc_encoding_config encoding;
    dsc_predictor_config config;
    size_t n_folds; /* 0: none */
    cli_form form;
    bool is_quiet;
} cli_net_fit_request;

/* Parses the command line into *request. Returns CLI_GO_ON or an exit status. */
int cli_net_fit_parse(cli_net_fit_request *request, int argc, char **argv);
void cli_net_fit_clear(cli_net_fit_request *request);

#endif
