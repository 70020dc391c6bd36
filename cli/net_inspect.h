/* What `descent inspect` shows of predictors and of bare networks. */
#ifndef DESCENT_CLI_NET_INSPECT_H
#define DESCENT_CLI_NET_INSPECT_H

#include <stdbool.h>

/* Each loads the file and shows it. Returns an exit status. */
int cli_inspect_predictor(const char *path, bool is_json);
int cli_inspect_network(const char *path, bool is_json);

#endif
