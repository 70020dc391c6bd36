/* What `descent inspect` shows of predictors and of bare networks. */
#include "net_inspect.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "command.h"
#include "descent/network_store.h"
#include "descent/predictor.h"
#include "facts.h"
#include "net_data.h"
#include "output.h"

/* More columns than this are counted and not listed. */
enum { MAX_LISTED = 30 };

static uint64_t file_bytes(const char *path) {
    struct stat file;
    return stat(path, &file) == 0 ? (uint64_t)file.st_size : 0;
}

/* --- networks ------------------------------------------------------------------------------ */

static size_t layer_parameters(const dsc_network *net, size_t layer) {
    const dsc_matrix weights = dsc_network_weights(net, layer);
    const dsc_layer_config config = dsc_network_layer(net, layer);
    return weights.n_rows * weights.n_cols + (config.has_bias ? config.n_out : 0) +
           (config.has_norm ? 2 * config.n_out : 0);
}

static int print_layers(const dsc_network *net) {
    static const cli_column columns[] = {{"layer", false, false},      {"shape", false, false},
                                         {"activation", false, false}, {"norm", false, false},
                                         {"dropout", true, false},     {"parameters", true, false}};
    cli_table *table = cli_table_create(columns, CLI_COUNT(columns));
    for (size_t l = 0; l < dsc_network_n_layers(net); l++) {
        char text[4][64];
        const dsc_layer_config layer = dsc_network_layer(net, l);
        snprintf(text[0], sizeof text[0], "%zu", l + 1);
        snprintf(text[1], sizeof text[1], "%zu x %zu%s", dsc_network_weights(net, l).n_rows,
                 layer.n_out, layer.has_bias ? " and bias" : "");
        snprintf(text[2], sizeof text[2], "%g", layer.dropout);
        snprintf(text[3], sizeof text[3], "%zu", layer_parameters(net, l));
        const dsc_id cells[] = {cli_id(text[0]),
                                cli_id(text[1]),
                                cli_id(dsc_activation_name(layer.activation)),
                                cli_id(layer.has_norm ? "yes" : "no"),
                                cli_id(text[2]),
                                cli_id(text[3])};
        cli_table_add(table, cells);
    }
    return cli_table_print(table);
}

static json_t *layers_to_json(const dsc_network *net) {
    json_t *list = json_array();
    for (size_t l = 0; l < dsc_network_n_layers(net); l++) {
        const dsc_layer_config layer = dsc_network_layer(net, l);
        json_t *entry =
            json_pack("{s:I, s:I, s:s, s:b, s:b, s:f, s:I}", "inputs",
                      (json_int_t)dsc_network_weights(net, l).n_rows, "outputs",
                      (json_int_t)layer.n_out, "activation", dsc_activation_name(layer.activation),
                      "bias", layer.has_bias, "norm", layer.has_norm, "dropout", layer.dropout,
                      "parameters", (json_int_t)layer_parameters(net, l));
        if (json_array_append_new(list, entry) != 0) {
            json_decref(list);
            return NULL;
        }
    }
    return list;
}

static void list_network(cli_facts *out, const dsc_network *net, uint64_t n_bytes) {
    out->n = 0;
    cli_add_text(out, "kind", "kind", "network");
    cli_add_count(out, "file_bytes", "file size in bytes", n_bytes);
    cli_add_text(out, "precision", "precision",
                 dsc_network_precision(net) == DSC_FLOAT32 ? "float32" : "float64");
    cli_add_text(out, "loss", "loss", dsc_loss_name(dsc_network_loss(net)));
    cli_add_count(out, "inputs", "inputs", dsc_network_n_in(net));
    cli_add_count(out, "outputs", "outputs", dsc_network_n_out(net));
    cli_add_count(out, "parameters", "parameters", dsc_network_n_parameters(net));
}

int cli_inspect_network(const char *path, bool is_json) {
    dsc_error err;
    dsc_network *net;
    cli_facts facts;
    if (dsc_network_load(&net, path, &err) != DSC_OK) {
        return cli_fail(&err);
    }
    int status;
    list_network(&facts, net, file_bytes(path));
    if (is_json) {
        json_t *document = cli_facts_to_json(&facts);
        json_object_set_new(document, "layers", layers_to_json(net));
        status = cli_json_print(document);
    } else {
        puts("A bare network: what its inputs and outputs mean is not in the file");
        cli_print_facts(&facts);
        putchar('\n');
        status = print_layers(net);
    }
    dsc_network_destroy(net);
    return status;
}

/* --- predictors ---------------------------------------------------------------------------- */

static void list_results(cli_facts *out, const dsc_predictor_info *info,
                         const dsc_encoding *encoding, uint64_t n_bytes) {
    const bool is_regression = info->task == DSC_TASK_REGRESSION;
    out->n = 0;
    cli_add_text(out, "kind", "kind", "predictor");
    cli_add_count(out, "file_bytes", "file size in bytes", n_bytes);
    cli_add_text(out, "task", "task", is_regression ? "regression" : "classification");
    cli_add_count(out, "features", "columns used", dsc_encoding_n_features(encoding));
    cli_add_count(out, "inputs", "inputs", dsc_encoding_n_inputs(encoding));
    cli_add_count(out, "outputs", is_regression ? "outputs" : "classes",
                  dsc_encoding_n_outputs(encoding));
    cli_add_count(out, "rows", "rows trained on", info->n_rows);
    cli_add_count(out, "held_out", "rows held out", info->n_held_out);
    cli_add_count(out, "epochs", "epochs run", info->result.n_epochs);
    cli_add_count(out, "best_epoch", "epoch kept", info->result.best_epoch);
    cli_add_real(out, "train_loss", "training loss", info->result.train_loss);
    cli_add_real(out, "validation_loss", "validation loss", info->result.validation_loss);
    cli_add_real(out, is_regression ? "rmse" : "accuracy",
                 info->n_held_out > 0 ? (is_regression ? "validation RMSE" : "validation accuracy")
                                      : (is_regression ? "training RMSE" : "training accuracy"),
                 info->score);
    cli_add_real(out, "baseline", is_regression ? "RMSE of the mean" : "most frequent class",
                 info->baseline);
    cli_add_count(out, "parameters", "parameters", info->n_parameters);
}

static void list_settings(cli_facts *out, const dsc_predictor_config *config) {
    const dsc_fit_config *fit = &config->fit;
    out->n = 0;
    cli_add_sizes(out, "hidden", "--hidden", config->hidden, config->n_hidden);
    cli_add_text(out, "activation", "--activation", dsc_activation_name(config->activation));
    cli_add_switch(out, "normalize", "--normalize", config->has_norm);
    cli_add_real(out, "dropout", "--dropout", config->dropout);
    cli_add_text(out, "loss", "--loss", dsc_loss_name(config->loss));
    cli_add_text(out, "class_weights", "--class-weights",
                 config->balances_classes ? "balanced" : "none");
    cli_add_text(out, "optimizer", "--optimizer",
                 fit->use_lbfgs ? "lbfgs" : dsc_optimizer_name(fit->optimizer.kind));
    if (!fit->use_lbfgs) {
        cli_add_real(out, "rate", "--rate", fit->optimizer.rate);
        cli_add_real(out, "momentum", "--momentum", fit->optimizer.momentum);
        cli_add_switch(out, "nesterov", "--nesterov", fit->optimizer.is_nesterov);
        cli_add_real(out, "decay", "--decay", fit->optimizer.decay);
        cli_add_text(out, "schedule", "--schedule", dsc_schedule_name(fit->schedule.kind));
        cli_add_real(out, "warmup", "--warmup", fit->schedule.warmup);
        cli_add_count(out, "batch", "--batch", fit->batch_size);
    }
    cli_add_count(out, "max_epochs", "--epochs", fit->max_epochs);
    cli_add_count(out, "patience", "--patience", fit->patience);
    cli_add_real(out, "l1", "--l1", fit->l1);
    cli_add_real(out, "l2", "--l2", fit->l2);
    cli_add_real(out, "clip", "--clip", fit->clip_norm);
    cli_add_real(out, "holdout", "--holdout", config->holdout);
    cli_add_seed(out, "seed", "--seed", fit->seed);
}

static int print_columns(const dsc_predictor *predictor) {
    static const cli_column columns[] = {{"column", false, true}, {"number", true, false},
                                         {"kind", false, false},  {"inputs", true, false},
                                         {"shift", true, false},  {"scale", true, false}};
    const dsc_encoding *encoding = dsc_predictor_encoding(predictor);
    const size_t n = dsc_encoding_n_features(encoding);
    cli_table *table = cli_table_create(columns, CLI_COUNT(columns));
    for (size_t f = 0; f < n && f < MAX_LISTED; f++) {
        char text[4][32];
        const dsc_feature_info feature = dsc_encoding_feature(encoding, f);
        snprintf(text[0], sizeof text[0], "%zu", feature.column + 1);
        snprintf(text[1], sizeof text[1], "%zu", feature.n_inputs);
        snprintf(text[2], sizeof text[2], "%.6g", feature.shift);
        snprintf(text[3], sizeof text[3], "%.6g", feature.scale);
        const bool is_number = feature.kind == DSC_COLUMN_NUMERIC;
        const dsc_id cells[] = {feature.name,
                                cli_id(text[0]),
                                cli_id(is_number ? "number" : "categories"),
                                cli_id(text[1]),
                                cli_id(is_number ? text[2] : "-"),
                                cli_id(is_number ? text[3] : "-")};
        cli_table_add(table, cells);
    }
    const dsc_target_info target = dsc_encoding_target(encoding);
    char number[32], outputs[32], shift[32], scale[32];
    const bool is_regression = dsc_encoding_task(encoding) == DSC_TASK_REGRESSION;
    snprintf(number, sizeof number, "%zu", target.column + 1);
    snprintf(outputs, sizeof outputs, "%zu", dsc_encoding_n_outputs(encoding));
    snprintf(shift, sizeof shift, "%.6g", target.shift);
    snprintf(scale, sizeof scale, "%.6g", target.scale);
    const dsc_id cells[] = {target.name,
                            cli_id(number),
                            cli_id(is_regression ? "target, number" : "target, classes"),
                            cli_id(outputs),
                            cli_id(is_regression ? shift : "-"),
                            cli_id(is_regression ? scale : "-")};
    cli_table_add(table, cells);
    int status = cli_table_print(table);
    if (n > MAX_LISTED) {
        printf("... and %zu more columns; --json lists all\n", n - MAX_LISTED);
    }
    return status;
}

static json_t *columns_to_json(const dsc_encoding *encoding) {
    json_t *list = json_array();
    for (size_t f = 0; f < dsc_encoding_n_features(encoding); f++) {
        const dsc_feature_info feature = dsc_encoding_feature(encoding, f);
        const bool is_number = feature.kind == DSC_COLUMN_NUMERIC;
        json_t *entry =
            json_pack("{s:o, s:I, s:s, s:I}", "name", cli_json_text(feature.name), "number",
                      (json_int_t)feature.column + 1, "kind", is_number ? "number" : "categories",
                      "inputs", (json_int_t)feature.n_inputs);
        if (is_number) {
            json_object_set_new(entry, "shift", cli_json_real(feature.shift));
            json_object_set_new(entry, "scale", cli_json_real(feature.scale));
        } else {
            json_t *names = json_array();
            for (size_t c = 0; c < feature.n_inputs; c++) {
                json_array_append_new(names, cli_json_text(dsc_encoding_category(encoding, f, c)));
            }
            json_object_set_new(entry, "categories", names);
        }
        json_array_append_new(list, entry);
    }
    return list;
}

static json_t *classes_to_json(const dsc_predictor *predictor) {
    const dsc_encoding *encoding = dsc_predictor_encoding(predictor);
    json_t *list = json_array();
    for (size_t c = 0; c < dsc_encoding_n_outputs(encoding); c++) {
        json_array_append_new(
            list, json_pack("{s:o, s:I}", "class", cli_json_text(dsc_encoding_class(encoding, c)),
                            "rows", (json_int_t)dsc_predictor_class_count(predictor, c)));
    }
    return list;
}

static int print_json(const dsc_predictor *predictor, const cli_facts *results,
                      const cli_facts *settings) {
    const dsc_encoding *encoding = dsc_predictor_encoding(predictor);
    json_t *document = cli_facts_to_json(results);
    json_object_set_new(document, "target", cli_json_text(dsc_encoding_target(encoding).name));
    if (dsc_encoding_task(encoding) == DSC_TASK_CLASSIFICATION) {
        json_object_set_new(document, "classes", classes_to_json(predictor));
    }
    json_object_set_new(document, "columns", columns_to_json(encoding));
    json_object_set_new(document, "config", cli_facts_to_json(settings));
    json_object_set_new(document, "layers", layers_to_json(dsc_predictor_network(predictor)));
    return cli_json_print(document);
}

int cli_inspect_predictor(const char *path, bool is_json) {
    dsc_predictor *predictor;
    dsc_predictor_info info;
    cli_facts results, settings;
    int status = cli_load_predictor(&predictor, path);
    if (status != CLI_GO_ON) {
        return status;
    }
    dsc_predictor_get_info(predictor, &info);
    list_results(&results, &info, dsc_predictor_encoding(predictor), file_bytes(path));
    list_settings(&settings, &info.config);
    if (is_json) {
        status = print_json(predictor, &results, &settings);
    } else {
        puts("What it learned from, and how well");
        cli_print_facts(&results);
        puts("\nHow it was fitted");
        cli_print_facts(&settings);
        putchar('\n');
        status = print_layers(dsc_predictor_network(predictor));
        putchar('\n');
        int listed = print_columns(predictor);
        status = status != CLI_DONE ? status : listed;
    }
    dsc_predictor_destroy(predictor);
    return status;
}
