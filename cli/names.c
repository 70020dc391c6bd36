/* The library's names of activations, losses, optimizers, schedules and forms as the choices of
 * options. */
#include "names.h"

#include <assert.h>

#include "descent/network.h"
#include "descent/optimizer.h"
#include "descent/recommender.h"
#include "descent/schedule.h"

const char *cli_activation_name(int value) {
    return dsc_activation_name((dsc_activation)value);
}

const char *cli_loss_name(int value) {
    return dsc_loss_name((dsc_loss)value);
}

const char *cli_optimizer_name(int value) {
    return dsc_optimizer_name((dsc_optimizer_kind)value);
}

const char *cli_schedule_name(int value) {
    return dsc_schedule_name((dsc_schedule_kind)value);
}

const char *cli_form_name(int value) {
    return dsc_form_name((dsc_form)value);
}

const char *cli_rating_loss_name(int value) {
    return dsc_rating_loss_name((dsc_rating_loss)value);
}

size_t cli_list_names(cli_name_of name_of, const char *out[CLI_MAX_NAMES], size_t n) {
    for (int value = 0; name_of(value) != NULL; value++) {
        assert(n + 1 < CLI_MAX_NAMES);
        out[n++] = name_of(value);
    }
    out[n] = NULL;
    return n;
}
