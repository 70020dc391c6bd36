/* The facts about a model: what it learned from and how it was trained, as text and as JSON. */
#include "facts.h"

#include <assert.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>

#include "output.h"

static void add(cli_facts *list, cli_fact fact) {
    assert(list->n < CLI_MAX_FACTS);
    list->facts[list->n++] = fact;
}

void cli_add_count(cli_facts *list, const char *name, const char *label, uint64_t count) {
    add(list, (cli_fact){.name = name, .label = label, .kind = CLI_COUNT_FACT, .count = count});
}

void cli_add_real(cli_facts *list, const char *name, const char *label, double real) {
    add(list, (cli_fact){.name = name, .label = label, .kind = CLI_REAL_FACT, .real = real});
}

void cli_add_switch(cli_facts *list, const char *name, const char *label, bool is_on) {
    add(list, (cli_fact){.name = name, .label = label, .kind = CLI_SWITCH_FACT, .count = is_on});
}

void cli_add_text(cli_facts *list, const char *name, const char *label, const char *text) {
    add(list, (cli_fact){.name = name, .label = label, .kind = CLI_TEXT_FACT, .text = text});
}

void cli_add_sizes(cli_facts *list, const char *name, const char *label, const size_t *sizes,
                   size_t n) {
    add(list,
        (cli_fact){
            .name = name, .label = label, .kind = CLI_SIZES_FACT, .count = n, .sizes = sizes});
}

void cli_add_seed(cli_facts *list, const char *name, const char *label, uint64_t seed) {
    add(list, (cli_fact){.name = name, .label = label, .kind = CLI_SEED_FACT, .count = seed});
}

void cli_list_results(cli_facts *out, const dsc_recommender_info *info, uint64_t file_bytes) {
    out->n = 0;
    cli_add_count(out, "file_bytes", "file size in bytes", file_bytes);
    cli_add_count(out, "users", "users", info->n_users);
    cli_add_count(out, "items", "items", info->n_items);
    cli_add_count(out, info->config.is_implicit ? "interactions" : "ratings",
                  info->config.is_implicit ? "interactions" : "ratings", info->n_ratings);
    if (info->config.is_implicit) {
        cli_add_count(out, "epochs", "epochs run", info->n_epochs);
        cli_add_count(out, "best_epoch", "epoch kept", info->best_epoch);
        cli_add_real(out, "train_loss", "training loss", info->train_loss);
        cli_add_real(out, "validation_ndcg", "validation NDCG@10", info->validation_ndcg);
        cli_add_count(out, "parameters", "parameters", info->n_parameters);
        return;
    }
    cli_add_real(out, "min", "lowest rating", info->min);
    cli_add_real(out, "max", "highest rating", info->max);
    cli_add_real(out, "mean", "mean rating", info->mean);
    cli_add_real(out, "spread", "standard deviation", info->min < info->max ? info->spread : 0);
    cli_add_count(out, "epochs", "epochs run", info->n_epochs);
    cli_add_count(out, "best_epoch", "epoch kept", info->best_epoch);
    cli_add_real(out, "train_rmse", "training RMSE", info->train_rmse);
    cli_add_real(out, "validation_rmse", "validation RMSE", info->validation_rmse);
    cli_add_count(out, "parameters", "parameters", info->n_parameters);
}

/* Of whom something is said. */
static const char *const sides[] = {"none", "user", "item", "both"};

/* What sides can be beside vectors and histories, where they are. */
static void list_sides(cli_facts *out, const dsc_recommender_config *config) {
    const size_t weighed = config->weigh_user_history + 2 * (size_t)config->weigh_item_history;
    const size_t shared = config->share_user_vector + 2 * (size_t)config->share_item_vector;
    const dsc_activation of_user = config->user_activation, of_item = config->item_activation;
    if (weighed == 0 && shared == 0 && of_user == DSC_IDENTITY && of_item == DSC_IDENTITY) {
        return;
    }
    cli_add_text(out, "weigh_history", "--weigh-history", sides[weighed]);
    cli_add_text(out, "share_vector", "--share-vector", sides[shared]);
    cli_add_text(out, "user_activation", "--user-activation", dsc_activation_name(of_user));
    cli_add_text(out, "item_activation", "--item-activation", dsc_activation_name(of_item));
}

void cli_list_settings(cli_facts *out, const dsc_recommender_config *config) {
    const dsc_optimizer_config *optimizer = &config->optimizer;
    out->n = 0;
    if (config->is_implicit) {
        cli_add_switch(out, "implicit", "--implicit", true);
    }
    cli_add_switch(out, "use_dot", "dot product", config->use_dot);
    cli_add_switch(out, "use_network", "network", config->use_network);
    cli_add_text(out, "history", "--history",
                 sides[config->use_user_history + 2 * config->use_item_history]);
    list_sides(out, config);
    cli_add_count(out, "factors", "--factors", config->n_factors);
    if (config->use_network) {
        cli_add_sizes(out, "hidden", "--hidden", config->hidden, config->n_hidden);
        cli_add_text(out, "activation", "--activation", dsc_activation_name(config->activation));
    }
    cli_add_switch(out, "use_biases", "biases", config->use_biases);
    cli_add_switch(out, "use_mean", "mean", config->use_mean);
    cli_add_text(out, "loss", "--loss", dsc_rating_loss_name(config->loss));
    if (config->use_lbfgs) {
        cli_add_text(out, "optimizer", "--optimizer", "lbfgs");
        cli_add_real(out, "ridge", "--ridge", config->ridge.vectors);
        cli_add_real(out, "ridge_user_history", "--ridge-user-history", config->ridge.user_history);
        cli_add_real(out, "ridge_item_history", "--ridge-item-history", config->ridge.item_history);
        cli_add_real(out, "ridge_biases", "--ridge-biases", config->ridge.biases);
        cli_add_real(out, "ridge_network", "--ridge-network", config->ridge.network);
        if (config->n_time_bins > 0) {
            cli_add_count(out, "time_bins", "--time-bins", config->n_time_bins);
            cli_add_real(out, "ridge_time_bins", "--ridge-time-bins", config->ridge.time_bins);
        }
        if (config->session_gap > 0) {
            cli_add_count(out, "session_gap", "--session-gap", config->session_gap);
            cli_add_real(out, "ridge_sessions", "--ridge-sessions", config->ridge.sessions);
        }
        cli_add_real(out, "ridge_power", "--ridge-power", config->ridge.power);
    } else if (config->use_als) {
        cli_add_text(out, "optimizer", "--optimizer", "als");
        cli_add_real(out, "ridge", "--ridge", config->ridge.vectors);
        cli_add_real(out, "unobserved_weight", "--unobserved-weight", config->unobserved_weight);
    } else if (config->use_twin_adagrad) {
        cli_add_text(out, "optimizer", "--optimizer", "twin-adagrad");
        cli_add_real(out, "rate", "--rate", optimizer->rate);
        cli_add_real(out, "l2", "--l2", config->l2_vectors);
        cli_add_real(out, "l2_biases", "--l2-biases", config->l2_biases);
    } else {
        if (config->is_implicit) {
            cli_add_count(out, "train_negatives", "--train-negatives", config->n_negatives);
        }
        cli_add_text(out, "optimizer", "--optimizer", dsc_optimizer_name(optimizer->kind));
        cli_add_real(out, "rate", "--rate", optimizer->rate);
        cli_add_real(out, "momentum", "--momentum", optimizer->momentum);
        cli_add_real(out, "l2", "--l2", config->l2_vectors);
        if (config->use_user_history) {
            cli_add_real(out, "l2_user_history", "--l2-user-history", config->l2_user_history);
        }
        if (config->use_item_history) {
            cli_add_real(out, "l2_item_history", "--l2-item-history", config->l2_item_history);
        }
        if (config->use_user_history || config->use_item_history) {
            cli_add_real(out, "history_dropout", "--history-dropout", config->history_dropout);
        }
        cli_add_real(out, "l2_biases", "--l2-biases", config->l2_biases);
        cli_add_real(out, "l2_network", "--l2-network", config->l2_network);
        cli_add_count(out, "batch", "--batch", config->batch_size);
        if (config->use_bf16) {
            cli_add_text(out, "precision", "--precision", "bf16");
        }
    }
    cli_add_count(out, "max_epochs", "--epochs", config->max_epochs);
    if (!config->use_lbfgs && !config->use_twin_adagrad) {
        cli_add_count(out, "average", "--average", config->average_epochs);
    }
    cli_add_count(out, "patience", "--patience", config->patience);
    cli_add_real(out, "holdout", "--holdout", config->holdout);
    cli_add_seed(out, "seed", "--seed", config->seed);
}

static void print_value(const cli_fact *fact) {
    switch (fact->kind) {
    case CLI_COUNT_FACT:
    case CLI_SEED_FACT:
        printf("%" PRIu64, fact->count);
        break;
    case CLI_REAL_FACT:
        if (isnan(fact->real)) {
            printf("none");
        } else {
            printf("%.6g", fact->real);
        }
        break;
    case CLI_SWITCH_FACT:
        printf("%s", fact->count != 0 ? "on" : "off");
        break;
    case CLI_TEXT_FACT:
        printf("%s", fact->text);
        break;
    case CLI_SIZES_FACT:
        if (fact->count == 0) {
            printf("none");
        }
        for (size_t i = 0; i < fact->count; i++) {
            printf("%s%zu", i > 0 ? "," : "", fact->sizes[i]);
        }
        break;
    }
}

void cli_print_facts(const cli_facts *list) {
    for (size_t i = 0; i < list->n; i++) {
        printf("  %-20s ", list->facts[i].label);
        print_value(&list->facts[i]);
        putchar('\n');
    }
}

static json_t *sizes_to_json(const size_t *sizes, size_t n) {
    json_t *list = json_array();
    for (size_t i = 0; i < n; i++) {
        if (json_array_append_new(list, json_integer((json_int_t)sizes[i])) != 0) {
            json_decref(list);
            return NULL;
        }
    }
    return list;
}

static json_t *value_to_json(const cli_fact *fact) {
    switch (fact->kind) {
    case CLI_COUNT_FACT:
        return json_integer((json_int_t)fact->count);
    case CLI_SEED_FACT:
        return json_sprintf("%" PRIu64, fact->count);
    case CLI_REAL_FACT:
        return cli_json_real(fact->real);
    case CLI_SWITCH_FACT:
        return json_boolean(fact->count != 0);
    case CLI_TEXT_FACT:
        return json_string(fact->text);
    case CLI_SIZES_FACT:
        return sizes_to_json(fact->sizes, fact->count);
    }
    return NULL;
}

json_t *cli_facts_to_json(const cli_facts *list) {
    json_t *object = json_object();
    for (size_t i = 0; i < list->n; i++) {
        if (json_object_set_new(object, list->facts[i].name, value_to_json(&list->facts[i])) != 0) {
            json_decref(object);
            return NULL;
        }
    }
    return object;
}
