/* The option --time: the moment for which a model that looks at times predicts. */
#include "moment.h"

int cli_take_moment(const char *command, const dsc_recommender *model, uint64_t given,
                    int64_t *out) {
    dsc_recommender_info info;
    dsc_recommender_get_info(model, &info);
    *out = DSC_NOW;
    if (given == CLI_NOT_GIVEN) {
        return CLI_GO_ON;
    }
    if (info.config.n_time_bins == 0 && info.config.session_gap == 0) {
        return cli_usage_error(command, "--time",
                               "is for models trained with --time-bins or --session-gap; this one "
                               "does not look at times");
    }
    *out = (int64_t)given;
    return CLI_GO_ON;
}
