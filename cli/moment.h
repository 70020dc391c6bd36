/* The option --time: the moment for which a model that looks at times predicts. */
#ifndef DESCENT_CLI_MOMENT_H
#define DESCENT_CLI_MOMENT_H

#include "descent/recommender.h"
#include "options.h"

/* The row --time; `target` is a uint64_t that begins as CLI_NOT_GIVEN. */
#define CLI_TIME_OPTION(time, of_what)                                                             \
    {                                                                                              \
        .type = CLI_WHOLE, .name = "time", .value = "SECONDS",                                     \
        .help = "the time " of_what ", in seconds since 1970, for a model trained with "           \
                "--time-bins or --session-gap; if not given, now: the last bin and no session",    \
        .target = &(time), .whole_max = INT64_MAX                                                  \
    }

/* What was given as a time of the library, DSC_NOW where nothing was. Returns CLI_GO_ON, or CLI_USAGE
 * after a message where the model does not look at times. */
int cli_take_moment(const char *command, const dsc_recommender *model, uint64_t given,
                    int64_t *out);

#endif
