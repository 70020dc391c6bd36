/* The facts about a model: what it learned from and how it was trained, as text and as JSON. */
#include "facts.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "output.h"

static void take(cli_facts *out, const cli_fact *facts, size_t n) {
    memcpy(out->facts, facts, n * sizeof *facts);
    out->n = n;
}

static void describe_hidden(const dsc_recommender_config *config, char out[CLI_HIDDEN_TEXT]) {
    int used = 0;
    for (size_t i = 0; i < config->n_hidden; i++) {
        used += snprintf(out + used, (size_t)(CLI_HIDDEN_TEXT - used), "%s%zu", i > 0 ? "," : "",
                         config->hidden[i]);
    }
}

void cli_list_results(cli_facts *out, const dsc_recommender_info *info, uint64_t file_bytes) {
    const cli_fact facts[] = {
        {"file_bytes", "file size in bytes", CLI_COUNT_FACT, file_bytes, 0, NULL},
        {"users", "users", CLI_COUNT_FACT, info->n_users, 0, NULL},
        {"items", "items", CLI_COUNT_FACT, info->n_items, 0, NULL},
        {"ratings", "ratings", CLI_COUNT_FACT, info->n_ratings, 0, NULL},
        {"min", "lowest rating", CLI_REAL_FACT, 0, info->min, NULL},
        {"max", "highest rating", CLI_REAL_FACT, 0, info->max, NULL},
        {"mean", "mean rating", CLI_REAL_FACT, 0, info->mean, NULL},
        {"spread", "standard deviation", CLI_REAL_FACT, 0, info->spread, NULL},
        {"epochs", "epochs run", CLI_COUNT_FACT, info->n_epochs, 0, NULL},
        {"best_epoch", "epoch kept", CLI_COUNT_FACT, info->best_epoch, 0, NULL},
        {"train_rmse", "training RMSE", CLI_REAL_FACT, 0, info->train_rmse, NULL},
        {"validation_rmse", "validation RMSE", CLI_REAL_FACT, 0, info->validation_rmse, NULL},
        {"parameters", "parameters", CLI_COUNT_FACT, info->n_parameters, 0, NULL},
    };
    take(out, facts, CLI_COUNT(facts));
}

void cli_list_settings(cli_facts *out, const dsc_recommender_config *config) {
    describe_hidden(config, out->hidden);
    const dsc_optimizer_config *optimizer = &config->optimizer;
    const cli_fact facts[] = {
        {"factors", "--factors", CLI_COUNT_FACT, config->n_factors, 0, NULL},
        {"hidden", "--hidden", CLI_TEXT_FACT, 0, 0, out->hidden},
        {"activation", "--activation", CLI_TEXT_FACT, 0, 0,
         dsc_activation_name(config->activation)},
        {"use_biases", "biases", CLI_SWITCH_FACT, config->use_biases, 0, NULL},
        {"use_mean", "mean", CLI_SWITCH_FACT, config->use_mean, 0, NULL},
        {"optimizer", "--optimizer", CLI_TEXT_FACT, 0, 0, dsc_optimizer_name(optimizer->kind)},
        {"rate", "--rate", CLI_REAL_FACT, 0, optimizer->rate, NULL},
        {"momentum", "--momentum", CLI_REAL_FACT, 0, optimizer->momentum, NULL},
        {"l2", "--l2", CLI_REAL_FACT, 0, config->l2_vectors, NULL},
        {"l2_biases", "--l2-biases", CLI_REAL_FACT, 0, config->l2_biases, NULL},
        {"l2_network", "--l2-network", CLI_REAL_FACT, 0, config->l2_network, NULL},
        {"batch", "--batch", CLI_COUNT_FACT, config->batch_size, 0, NULL},
        {"max_epochs", "--epochs", CLI_COUNT_FACT, config->max_epochs, 0, NULL},
        {"patience", "--patience", CLI_COUNT_FACT, config->patience, 0, NULL},
        {"holdout", "--holdout", CLI_REAL_FACT, 0, config->holdout, NULL},
        {"seed", "--seed", CLI_COUNT_FACT, config->seed, 0, NULL},
    };
    take(out, facts, CLI_COUNT(facts));
}

void cli_print_facts(const cli_facts *list) {
    for (size_t i = 0; i < list->n; i++) {
        printf("  %-20s ", list->facts[i].label);
        switch (list->facts[i].kind) {
        case CLI_COUNT_FACT:
            printf("%llu\n", (unsigned long long)list->facts[i].count);
            break;
        case CLI_REAL_FACT:
            if (isnan(list->facts[i].real)) {
                puts("none");
            } else {
                printf("%.6g\n", list->facts[i].real);
            }
            break;
        case CLI_SWITCH_FACT:
            puts(list->facts[i].count != 0 ? "on" : "off");
            break;
        case CLI_TEXT_FACT:
            puts(list->facts[i].text);
            break;
        }
    }
}

json_t *cli_facts_to_json(const cli_facts *list) {
    json_t *object = json_object();
    for (size_t i = 0; i < list->n; i++) {
        json_t *value =
            list->facts[i].kind == CLI_COUNT_FACT  ? json_integer((json_int_t)list->facts[i].count)
            : list->facts[i].kind == CLI_REAL_FACT ? cli_json_real(list->facts[i].real)
            : list->facts[i].kind == CLI_SWITCH_FACT ? json_boolean(list->facts[i].count != 0)
                                                     : json_string(list->facts[i].text);
        if (json_object_set_new(object, list->facts[i].name, value) != 0) {
            json_decref(object);
            return NULL;
        }
    }
    return object;
}
