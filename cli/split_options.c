/* The options that say how ratings are split. */
#include "split_options.h"

#include <math.h>
#include <string.h>

static const double usual_share = 0.2;
enum { USUAL_FOLDS = 5, MAX_FOLDS = 1000 };

/* In the order of dsc_protocol. */
static const char *const protocols[] = {"holdout", "folds", "leave-one-out", "time", NULL};

cli_split_request cli_split_default(void) {
    return (cli_split_request){.share = (double)NAN, .n_folds = (size_t)CLI_NOT_GIVEN};
}

void cli_split_options(cli_split_request *request, cli_option out[CLI_N_SPLIT_OPTIONS]) {
    const cli_option rows[CLI_N_SPLIT_OPTIONS] = {
        {.type = CLI_CHOICE,
         .name = "protocol",
         .letter = 'p',
         .value = "NAME",
         .help = "which ratings are tested: holdout, a random share; folds, all of them in turn; "
                 "leave-one-out, the last of each user, or one at random where there are no times; "
                 "time, all that came after a moment",
         .target = &request->protocol,
         .choices = protocols},
        {.type = CLI_REAL,
         .name = "test-share",
         .help = "the share of the ratings that holdout and time test; 0.2 if not given",
         .target = &request->share,
         .interval = {.low = 0, .high = 1, .is_low_open = true, .is_high_open = true}},
        {.type = CLI_SIZE,
         .name = "folds",
         .help = "how many folds; 5 if not given",
         .target = &request->n_folds,
         .whole_min = 2,
         .whole_max = MAX_FOLDS},
    };
    memcpy(out, rows, sizeof rows);
}

int cli_split_check(const char *command, const cli_split_request *request) {
    const bool has_share =
        request->protocol == DSC_PROTOCOL_HOLDOUT || request->protocol == DSC_PROTOCOL_TIME;
    if (!isnan(request->share) && !has_share) {
        return cli_usage_error(command, "--test-share", "belongs to --protocol holdout and time");
    }
    if (request->n_folds != (size_t)CLI_NOT_GIVEN && request->protocol != DSC_PROTOCOL_FOLDS) {
        return cli_usage_error(command, "--folds", "belongs to --protocol folds");
    }
    return CLI_GO_ON;
}

dsc_split_plan cli_split_plan(const cli_split_request *request, uint64_t seed) {
    const bool has_folds = request->n_folds != (size_t)CLI_NOT_GIVEN;
    return (dsc_split_plan){.protocol = (dsc_protocol)request->protocol,
                            .share = isnan(request->share) ? usual_share : request->share,
                            .n_folds = has_folds ? (uint32_t)request->n_folds : USUAL_FOLDS,
                            .seed = seed};
}
