/* Configurations of `descent train` without a command line: set by settings, written to a file. */
#include "train_table.h"

#include <stdlib.h>
#include <string.h>

/* Sets n options of a table that has been filled. */
static int set_all(cli_train_rows *all, const cli_setting *settings, size_t n) {
    for (size_t i = 0; i < n; i++) {
        char problem[512] = "no such option";
        const cli_option *option = cli_option_find(all->groups, CLI_N_TRAINING, settings[i].option);
        if (option == NULL || !cli_option_set(option, settings[i].value, problem, sizeof problem)) {
            return cli_usage_error(all->self.request->command, settings[i].option, "%s", problem);
        }
        *option->is_given = true;
    }
    return cli_train_take_choices(&all->self);
}

/* NULL: that of the form. */
static const char *optimizer_of(const cli_setting *settings, size_t n) {
    const char *optimizer = NULL;
    for (size_t i = 0; i < n; i++) {
        optimizer = strcmp(settings[i].option, "optimizer") == 0 ? settings[i].value : optimizer;
    }
    return optimizer;
}

int cli_train_set(cli_train_request *request, const char *command, dsc_form form,
                  const cli_setting *settings, size_t n) {
    cli_train_rows all;
    cli_train_begin(request, command, form, optimizer_of(settings, n), form == DSC_FORM_IALS);
    cli_train_fill_rows(&all, request, false);
    return set_all(&all, settings, n);
}

typedef struct unused {
    const char *name; /* without its dashes */
    bool is_unused;
} unused;

static bool look_up(const cli_option_use *use, void *user) {
    unused *self = user;
    self->is_unused |= !use->is_used && strcmp(use->option + 2, self->name) == 0;
    return true;
}

static bool is_used(const cli_train_rows *all, const char *name) {
    unused found = {name, false};
    cli_train_visit_uses(&all->self, look_up, &found);
    return !found.is_unused;
}

bool cli_train_default(dsc_form form, const cli_setting *settings, size_t n, size_t n_ratings,
                       const char *option, double *out) {
    cli_train_rows all;
    cli_train_request request;
    char text[64];
    cli_train_begin(&request, "", form, optimizer_of(settings, n), form == DSC_FORM_IALS);
    cli_train_fill_rows(&all, &request, false);
    if (set_all(&all, settings, n) != CLI_GO_ON || !is_used(&all, option)) {
        return false;
    }
    cli_train_settle(&request, n_ratings);
    cli_option_default(cli_option_find(all.groups, CLI_N_TRAINING, option), text, sizeof text);
    *out = strtod(text, NULL);
    return true;
}

char *cli_train_write(const cli_train_request *request, const char *maker, size_t *length) {
    cli_train_rows all;
    cli_config_writer writer;
    cli_train_request copy = *request;
    cli_train_fill_rows(&all, &copy, false);
    copy.config = request->config;
    cli_config_begin(&writer, maker);
    for (size_t g = 0; g < CLI_N_TRAINING; g++) {
        for (size_t i = 0; i < all.groups[g].n_options; i++) {
            const cli_option *option = &all.groups[g].options[i];
            const bool is_open = request->config.choose_history && !request->has_history &&
                                 strcmp(option->name, "history") == 0;
            if (is_used(&all, option->name) && !is_open) {
                cli_config_add(&writer, option);
            }
        }
    }
    return cli_config_end(&writer, length);
}

/* The preset that has the same parts; of several the one with the same histories and optimizer. */
dsc_form cli_train_form_of(const dsc_recommender_config *config) {
    dsc_form best = DSC_FORM_HISTORIES;
    int most = -1;
    for (dsc_form form = DSC_FORM_HISTORIES; dsc_form_name(form) != NULL; form++) {
        const dsc_recommender_config preset = cli_train_preset_of(form, config->is_implicit, 0);
        if (preset.use_dot != config->use_dot || preset.use_network != config->use_network ||
            preset.is_implicit != config->is_implicit ||
            (config->is_implicit && !cli_train_is_form_of_interactions(form))) {
            continue; /* no option sets these, or the form is of ratings */
        }
        const int n_same = (preset.use_user_history == config->use_user_history) +
                           (preset.use_item_history == config->use_item_history) +
                           (preset.use_lbfgs == config->use_lbfgs) +
                           (preset.use_als == config->use_als);
        if (n_same > most) {
            most = n_same;
            best = form;
        }
    }
    return best;
}
