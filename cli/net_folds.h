/* Cross-validation: how well models of some rows predict the others, fold by fold. */
#ifndef DESCENT_CLI_NET_FOLDS_H
#define DESCENT_CLI_NET_FOLDS_H

#include "net_fit_options.h"

/* Fits and evaluates every fold and prints the metrics of each, their mean and deviation.
 * Returns CLI_GO_ON, or an exit status after a message. */
int cli_run_folds(const cli_net_fit_request *request, const cli_net_table *table);

#endif
