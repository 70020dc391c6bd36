/* Which options of `descent train` belong to which models and optimizers, and what does not go together. */
#include "train_table.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* Whether the histories are there of those of whom something is asked. */
static bool has_histories(const dsc_recommender_config *config, bool of_users, bool of_items) {
    return (!of_users || config->use_user_history) && (!of_items || config->use_item_history);
}

void cli_train_visit_uses(const cli_train_table *self, cli_use_visitor visit, void *user) {
    const dsc_recommender_config *c = &self->request->config, *d = &self->preset;
    const bool by_rates = !c->use_lbfgs && !c->use_als;
    const bool by_steps = by_rates && !c->use_twin_adagrad;
    const bool has_ridge = c->use_lbfgs || c->use_als;
    const bool has_other_widths =
        c->n_hidden != d->n_hidden || memcmp(c->hidden, d->hidden, sizeof c->hidden) != 0;
    const char *const full = "--optimizer lbfgs; sgd, adam and twin-adagrad have --l2";
    const char *const rates = "--optimizer sgd, adam and twin-adagrad; lbfgs and als have --ridge";
    const char *const steps = "--optimizer sgd and adam; lbfgs and als have --ridge";
    const char *const sampled = "--implicit with --optimizer sgd or adam";
    const char *const lbfgs = "--optimizer lbfgs";
    const char *const histories = "those who have a --history";
    const char *const network = "forms with a perceptron";
    const char *const of_users = "--history user and both";
    const char *const of_items = "--history item and both";
    const bool has_history = c->use_user_history || c->use_item_history;
    const bool has_l2_of_users = c->l2_user_history != d->l2_user_history;
    const bool has_l2_of_items = c->l2_item_history != d->l2_item_history;
    const cli_option_use rows[] = {
        {"--hidden", network, c->use_network, has_other_widths},
        {"--activation", network, c->use_network, c->activation != d->activation},
        {"--weigh-history", histories,
         has_histories(c, c->weigh_user_history, c->weigh_item_history),
         c->weigh_user_history != d->weigh_user_history ||
             c->weigh_item_history != d->weigh_item_history},
        {"--share-vector", histories, has_histories(c, c->share_user_vector, c->share_item_vector),
         c->share_user_vector != d->share_user_vector ||
             c->share_item_vector != d->share_item_vector},
        {"--user-activation", of_users, c->use_user_history,
         c->user_activation != d->user_activation},
        {"--item-activation", of_items, c->use_item_history,
         c->item_activation != d->item_activation},
        {"--weigh-history", lbfgs, c->use_lbfgs,
         c->weigh_user_history != d->weigh_user_history ||
             c->weigh_item_history != d->weigh_item_history},
        {"--share-vector", lbfgs, c->use_lbfgs,
         c->share_user_vector != d->share_user_vector ||
             c->share_item_vector != d->share_item_vector},
        {"--user-activation", lbfgs, c->use_lbfgs, c->user_activation != d->user_activation},
        {"--item-activation", lbfgs, c->use_lbfgs, c->item_activation != d->item_activation},
        {"--rate", "--optimizer sgd, adam and twin-adagrad", by_rates,
         c->optimizer.rate != d->optimizer.rate},
        {"--momentum", "--optimizer sgd", by_steps && c->optimizer.kind == DSC_SGD,
         c->optimizer.momentum != d->optimizer.momentum},
        {"--l2", rates, by_rates, c->l2_vectors != d->l2_vectors},
        {"--l2-user-history", steps, by_steps, has_l2_of_users},
        {"--l2-user-history", of_users, c->use_user_history, has_l2_of_users},
        {"--l2-item-history", steps, by_steps, has_l2_of_items},
        {"--l2-item-history", of_items, c->use_item_history, has_l2_of_items},
        {"--history-dropout",
         "--optimizer sgd and adam; lbfgs needs the same objective at every step", by_steps,
         c->history_dropout != d->history_dropout},
        {"--history-dropout", "--history user, item and both", has_history,
         c->history_dropout != d->history_dropout},
        {"--l2-biases", rates, by_rates, c->l2_biases != d->l2_biases},
        {"--l2-biases", "models with biases", !c->use_twin_adagrad || c->use_biases,
         c->l2_biases != d->l2_biases},
        {"--l2-network", steps, by_steps, c->l2_network != d->l2_network},
        {"--l2-network", network, c->use_network, c->l2_network != d->l2_network},
        {"--batch", "--optimizer sgd and adam; lbfgs takes all ratings at once", by_steps,
         c->batch_size != d->batch_size},
        {"--ridge", "--optimizer lbfgs and als; sgd, adam and twin-adagrad have --l2", has_ridge,
         !isnan(c->ridge.vectors)},
        {"--ridge-user-history", full, c->use_lbfgs, !isnan(c->ridge.user_history)},
        {"--ridge-item-history", full, c->use_lbfgs, !isnan(c->ridge.item_history)},
        {"--ridge-user-history", of_users, c->use_user_history, !isnan(c->ridge.user_history)},
        {"--ridge-item-history", of_items, c->use_item_history, !isnan(c->ridge.item_history)},
        {"--ridge-biases", full, c->use_lbfgs, !isnan(c->ridge.biases)},
        {"--ridge-biases", "models with biases", c->use_biases, !isnan(c->ridge.biases)},
        {"--ridge-network", full, c->use_lbfgs, !isnan(c->ridge.network)},
        {"--ridge-network", network, c->use_network, !isnan(c->ridge.network)},
        {"--ridge-power", full, c->use_lbfgs, !isnan(c->ridge.power)},
        {"--no-mean", "--loss squared; the thresholds of others hold where ratings lie",
         c->loss == DSC_LOSS_SQUARED && !c->is_implicit, c->use_mean != d->use_mean},
        {"--no-biases", "models with biases", !c->use_als, c->use_biases != d->use_biases},
        {"--train-negatives", sampled, c->is_implicit && by_steps,
         c->n_negatives != d->n_negatives},
        {"--unobserved-weight", "--optimizer als", c->use_als,
         c->unobserved_weight != d->unobserved_weight},
        {"--average", "--optimizer sgd and adam", by_steps, c->average_epochs != d->average_epochs},
        {"--time-bins", "--optimizer lbfgs", c->use_lbfgs, c->n_time_bins != d->n_time_bins},
        {"--session-gap", "--optimizer lbfgs", c->use_lbfgs, c->session_gap != d->session_gap},
        {"--ridge-time-bins", "a number of --time-bins", c->n_time_bins > 0,
         !isnan(c->ridge.time_bins)},
        {"--ridge-sessions", "a --session-gap", c->session_gap > 0, !isnan(c->ridge.sessions)},
        {"--precision", "--optimizer sgd and adam; others keep vectors as they find them, fp32",
         by_steps, c->use_bf16 != d->use_bf16},
        {"--precision", "models without a --history", !has_history, c->use_bf16 != d->use_bf16},
        {"--patience", "a --holdout above 0", c->holdout > 0, c->patience != d->patience},
    };
    for (size_t i = 0; i < CLI_COUNT(rows) && visit(&rows[i], user); i++) {
    }
}

static bool find_vain(const cli_option_use *use, void *user) {
    const bool is_vain = use->is_given && !use->is_used;
    if (is_vain) {
        *(cli_option_use *)user = *use;
    }
    return !is_vain;
}

/* Whether the value of "--option" is that of the configuration file. */
static bool is_of_file(const cli_train_table *self, const char *option) {
    return cli_config_has(self->file, option + 2) &&
           !*cli_option_find(self->groups, CLI_N_TRAINING, option + 2)->is_given;
}

int cli_train_refuse(const cli_train_table *self, const char *option, const char *format, ...) {
    char message[256];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(message, sizeof message, format, arguments);
    va_end(arguments);
    return is_of_file(self, option)
               ? cli_config_bad(self->file, option + 2, "%s", message)
               : cli_usage_error(self->request->command, option, "%s", message);
}

/* Whether anything is said of users' sides, or of items', that needs a history. */
static bool says_of(const dsc_recommender_config *c, bool of_items) {
    return of_items
               ? c->weigh_item_history || c->share_item_vector || c->item_activation != DSC_IDENTITY
               : c->weigh_user_history || c->share_user_vector ||
                     c->user_activation != DSC_IDENTITY;
}

/* What a form weighs, shares or activates needs the history that the form came with, and L-BFGS. */
static int check_sides(const cli_train_table *self) {
    const dsc_recommender_config *c = &self->request->config;
    const bool of_users = says_of(c, false), of_items = says_of(c, true);
    const char *const form = dsc_form_name(self->request->form_of_model);
    if (!has_histories(c, of_users, of_items)) {
        return cli_train_refuse(self, "--history",
                                "is %s, but --form %s is made of another; expected %s or both",
                                cli_train_histories[self->history], form,
                                cli_train_histories[(size_t)of_users + 2 * (size_t)of_items]);
    }
    if ((of_users || of_items) && !c->use_lbfgs) {
        return cli_train_refuse(self, "--optimizer", "%s does not train --form %s; expected lbfgs",
                                cli_train_optimizers[self->optimizer], form);
    }
    return CLI_GO_ON;
}

/* An option must not be given in vain: refuses those of parts and optimizers that are not used. */
int cli_train_check_used(const cli_train_table *self) {
    cli_option_use vain = {0};
    cli_train_visit_uses(self, find_vain, &vain);
    return vain.option == NULL
               ? check_sides(self)
               : cli_train_refuse(self, vain.option, "belongs to %s", vain.belongs_to);
}

/* On the command line or in the configuration file. */
static bool is_given(const cli_train_table *self, const char *name) {
    const cli_option *option = cli_option_find(self->groups, CLI_N_TRAINING, name);
    return *option->is_given || cli_config_has(self->file, name);
}

bool cli_train_is_form_of_interactions(dsc_form form) {
    return form == DSC_FORM_IALS || form == DSC_FORM_DOT || form == DSC_FORM_PERCEPTRON ||
           form == DSC_FORM_MIXED;
}

/* What is trained on interactions and what on ratings. */
int cli_train_check_feedback(const cli_train_table *self) {
    const cli_train_request *request = self->request;
    const dsc_recommender_config *config = &request->config;
    const bool is_implicit = config->is_implicit, is_of_steps = is_implicit && !config->use_als;
    const bool compares = config->loss >= DSC_LOSS_CROSS_ENTROPY;
    if (is_implicit && is_given(self, "no-mean")) {
        return cli_train_refuse(self, "--no-mean", "belongs to ratings; interactions have no mean");
    }
    if (config->use_als && is_given(self, "no-biases")) {
        return cli_train_refuse(self, "--no-biases", "belongs to models with biases; als has none");
    }
    if (is_implicit && !cli_train_is_form_of_interactions(request->form_of_model)) {
        return cli_train_refuse(
            self, "--form",
            "%s is of ratings; with --implicit expected ials, dot, perceptron or "
            "mixed",
            dsc_form_name(request->form_of_model));
    }
    if (is_implicit && config->use_lbfgs) {
        return cli_train_refuse(self, "--optimizer",
                                "lbfgs trains ratings; with --implicit expected als, adam or sgd");
    }
    if (config->use_als && config->use_network) {
        return cli_train_refuse(self, "--optimizer",
                                "als trains vectors alone; expected adam or sgd, or --form ials");
    }
    if (is_of_steps && !compares) {
        return cli_train_refuse(
            self, "--loss",
            "%s is of ratings; expected cross-entropy, bpr or softmax, or --form ials",
            dsc_rating_loss_name(config->loss));
    }
    if (config->use_als && config->loss != DSC_LOSS_SQUARED) {
        return cli_train_refuse(self, "--loss",
                                "als has squared errors alone; others need --form dot, "
                                "perceptron or mixed");
    }
    if (!is_implicit && compares) {
        return cli_train_refuse(
            self, "--loss",
            "%s compares what was chosen with what was not: it belongs to --implicit",
            dsc_rating_loss_name(config->loss));
    }
    return CLI_GO_ON;
}

/* What is trained rating by rating. */
int cli_train_check_twin_adagrad(const cli_train_table *self) {
    const dsc_recommender_config *c = &self->request->config;
    if (!c->use_twin_adagrad) {
        return CLI_GO_ON;
    }
    if (c->is_implicit) {
        return cli_train_refuse(self, "--optimizer",
                                "twin-adagrad trains ratings; with --implicit expected als, adam "
                                "or sgd");
    }
    if (c->use_network || !c->use_dot || says_of(c, false) || says_of(c, true)) {
        return cli_train_refuse(self, "--optimizer",
                                "twin-adagrad does not train --form %s; it trains --form dot",
                                dsc_form_name(self->request->form_of_model));
    }
    if (c->use_user_history || c->use_item_history) {
        return cli_train_refuse(self, "--optimizer",
                                "twin-adagrad trains no histories; expected --form dot, or "
                                "--history none");
    }
    if (c->loss != DSC_LOSS_SQUARED) {
        return cli_train_refuse(self, "--loss",
                                "%s is not for twin-adagrad, which has squared errors alone",
                                dsc_rating_loss_name(c->loss));
    }
    return CLI_GO_ON;
}

/* Interactions are named on the command line alone, where also their file is. */
int cli_train_check_implicit(const cli_train_table *self) {
    const cli_train_request *request = self->request;
    const bool is_als = self->optimizer == CLI_BY_ALS,
               is_form = request->form_of_model == DSC_FORM_IALS;
    if ((is_als || is_form) && !cli_reading_is_implicit(&request->reading)) {
        return cli_train_refuse(
            self, is_form ? "--form" : "--optimizer",
            "alternating least squares trains interactions: it needs --implicit");
    }
    return CLI_GO_ON;
}
