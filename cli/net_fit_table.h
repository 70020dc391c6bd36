/* The rows of the options of `descent net fit`, and where their values land. */
#ifndef DESCENT_CLI_NET_FIT_TABLE_H
#define DESCENT_CLI_NET_FIT_TABLE_H

#include "names.h"
#include "net_fit_options.h"

/* What stands between the options and the request. */
typedef struct cli_net_fit_table {
    cli_net_fit_request *request;
    const char *activations[CLI_MAX_NAMES];
    const char *losses[CLI_MAX_NAMES];     /* "auto", then the library's */
    const char *schedules[CLI_MAX_NAMES];  /* likewise */
    const char *optimizers[CLI_MAX_NAMES]; /* the library's, then "lbfgs" */
    size_t lbfgs;                          /* its index */
    size_t task, missing, unseen, scaling, optimizer, schedule, weighting;
    size_t activation, loss;
    const char *categorical;
    const char *ignore;
    cli_list hidden;
    size_t batch, epochs; /* CLI_NOT_GIVEN: the library's */
    double rate, momentum, decay, warmup;
    bool is_nesterov;
} cli_net_fit_table;

/* Rows of each group. */
enum { CLI_N_COLUMNS = 7, CLI_N_NETWORK = 6, CLI_N_STEPS = 10, CLI_N_PENALTY = 5 };

/* Fill them, with `self` as the place of the values; its names must be listed. */
void cli_net_fit_columns(cli_net_fit_table *self, cli_option out[CLI_N_COLUMNS]);
void cli_net_fit_network(cli_net_fit_table *self, cli_option out[CLI_N_NETWORK]);
void cli_net_fit_steps(cli_net_fit_table *self, cli_option out[CLI_N_STEPS]);
void cli_net_fit_penalty(cli_net_fit_table *self, cli_option out[CLI_N_PENALTY]);

#endif
