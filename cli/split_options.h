/* The options that say how ratings are split; what `descent split` and `descent validate` share. */
#ifndef DESCENT_CLI_SPLIT_OPTIONS_H
#define DESCENT_CLI_SPLIT_OPTIONS_H

#include "descent/rating_split.h"
#include "options.h"

typedef struct cli_split_request {
    size_t protocol; /* of dsc_protocol */
    double share;    /* NAN: not given */
    size_t n_folds;  /* CLI_NOT_GIVEN */
} cli_split_request;

/* The request before parsing. */
cli_split_request cli_split_default(void);

/* The rows of the table. */
enum { CLI_N_SPLIT_OPTIONS = 3 };
void cli_split_options(cli_split_request *request, cli_option out[CLI_N_SPLIT_OPTIONS]);

/* What a table cannot say. Returns CLI_GO_ON or CLI_USAGE after a message. */
int cli_split_check(const char *command, const cli_split_request *request);

/* The plan, with defaults for what was not given. */
dsc_split_plan cli_split_plan(const cli_split_request *request, uint64_t seed);

#endif
