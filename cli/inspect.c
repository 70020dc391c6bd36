/* descent inspect: everything a model file says about itself. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "blend_report.h"
#include "command.h"
#include "descent/model_kind.h"
#include "descent/probabilities.h"
#include "descent/recommender.h"
#include "descent/titles.h"
#include "descent/version.h"
#include "facts.h"
#include "model.h"
#include "net_inspect.h"
#include "output.h"
#include "train_options.h"

typedef struct options {
    const char *model_path;
    const char *items_path;
    size_t n_items;
    bool is_config; /* print the settings as a configuration file, and nothing else */
    cli_form form;  /* is_json alone */
} options;

/* What is shown. */
typedef struct subject {
    const options *request;
    const dsc_recommender *model;
    const dsc_titles *titles; /* NULL: none */
    dsc_recommender_info info;
    off_t file_bytes;
    const uint32_t *counts; /* (n_items) ratings of each item */
    uint32_t *order;        /* (n_items) items, most rated first */
} subject;

static size_t layer_parameters(const dsc_network *net, size_t layer) {
    dsc_matrix weights = dsc_network_weights(net, layer);
    return weights.n_rows * weights.n_cols +
           (dsc_network_layer(net, layer).has_bias ? weights.n_cols : 0);
}

/* A model may have no network. */
static size_t n_layers_of(const dsc_network *net) {
    return net != NULL ? dsc_network_n_layers(net) : 0;
}

/* A row of the table of parts, where the part is there. */
static void add_part(cli_table *table, const char *name, size_t n_rows, size_t width) {
    char text[2][64];
    if (n_rows == 0 || width == 0) {
        return;
    }
    snprintf(text[0], sizeof text[0], "%zu x %zu", n_rows, width);
    snprintf(text[1], sizeof text[1], "%zu", n_rows * width);
    const dsc_id cells[] = {cli_id(name), cli_id(text[0]), cli_id("-"), cli_id(text[1])};
    cli_table_add(table, cells);
}

static void add_parts(cli_table *table, const dsc_recommender *model,
                      const dsc_recommender_info *info) {
    const dsc_recommender_config *config = &info->config;
    const size_t k = config->n_factors, n_values = dsc_recommender_n_values(model);
    const size_t n_biases = config->use_biases ? 1 : 0;
    add_part(table, "user vectors", dsc_recommender_user_vectors(model).n_rows, k);
    add_part(table, "item vectors", dsc_recommender_item_vectors(model).n_rows, k);
    add_part(table, "vectors of rated", config->use_user_history ? info->n_items : 0, k);
    add_part(table, "vectors of raters", config->use_item_history ? info->n_users : 0, k);
    add_part(table, "user biases", info->n_users, n_biases);
    add_part(table, "item biases", info->n_items, n_biases);
    add_part(table, "biases in bins of time", info->n_items, config->n_time_bins);
    add_part(table, "biases of sessions", info->n_sessions, 1);
    add_part(table, "thresholds", n_values > 0 ? n_values - 1 : 0, 1);
}

static int print_layers(const dsc_recommender *model, const dsc_recommender_info *info) {
    static const cli_column columns[] = {{"part", false, false},
                                         {"shape", false, false},
                                         {"activation", false, false},
                                         {"parameters", true, false}};
    const dsc_network *net = dsc_recommender_network(model);
    cli_table *table = cli_table_create(columns, CLI_COUNT(columns));
    char text[3][64];
    add_parts(table, model, info);
    for (size_t i = 0; i < n_layers_of(net); i++) {
        dsc_matrix weights = dsc_network_weights(net, i);
        snprintf(text[0], sizeof text[0], "layer %zu", i + 1);
        snprintf(text[1], sizeof text[1], "%zu x %zu%s", weights.n_rows, weights.n_cols,
                 dsc_network_layer(net, i).has_bias ? " and bias" : "");
        snprintf(text[2], sizeof text[2], "%zu", layer_parameters(net, i));
        const dsc_id cells[] = {cli_id(text[0]), cli_id(text[1]),
                                cli_id(dsc_activation_name(dsc_network_layer(net, i).activation)),
                                cli_id(text[2])};
        cli_table_add(table, cells);
    }
    return cli_table_print(table);
}

/* Each threshold with the ratings on its two sides; empty where the loss has none. */
static json_t *thresholds_to_json(const dsc_recommender *model) {
    json_t *list = json_array();
    for (size_t k = 0; k + 1 < dsc_recommender_n_values(model); k++) {
        json_t *entry =
            json_pack("{s:o, s:o, s:o}", "below", cli_json_real(dsc_recommender_value(model, k)),
                      "above", cli_json_real(dsc_recommender_value(model, k + 1)), "score",
                      cli_json_real(dsc_recommender_threshold(model, k)));
        if (json_array_append_new(list, entry) != 0) {
            json_decref(list);
            return NULL;
        }
    }
    return list;
}

static json_t *layers_to_json(const dsc_network *net) {
    json_t *list = json_array();
    for (size_t i = 0; i < n_layers_of(net); i++) {
        dsc_layer_config layer = dsc_network_layer(net, i);
        json_t *entry = json_pack(
            "{s:I, s:I, s:s, s:b, s:I}", "inputs", (json_int_t)dsc_network_weights(net, i).n_rows,
            "outputs", (json_int_t)layer.n_out, "activation", dsc_activation_name(layer.activation),
            "bias", layer.has_bias, "parameters", (json_int_t)layer_parameters(net, i));
        if (json_array_append_new(list, entry) != 0) {
            json_decref(list);
            return NULL;
        }
    }
    return list;
}

static int print_items(const subject *self) {
    static const cli_column columns[] = {
        {"most rated items", false, true}, {"title", false, true}, {"rated by", true, false}};
    static const cli_column untitled[] = {{"most rated items", false, true},
                                          {"rated by", true, false}};
    bool has_titles = self->titles != NULL;
    cli_table *table = has_titles ? cli_table_create(columns, CLI_COUNT(columns))
                                  : cli_table_create(untitled, CLI_COUNT(untitled));
    for (size_t i = 0; i < self->request->n_items && i < self->info.n_items; i++) {
        char count[32];
        dsc_id item = dsc_recommender_item_id(self->model, self->order[i]);
        dsc_id title = dsc_titles_find(self->titles, item);
        snprintf(count, sizeof count, "%u", self->counts[self->order[i]]);
        const dsc_id titled_row[] = {item, title.bytes != NULL ? title : cli_id(""), cli_id(count)};
        const dsc_id row[] = {item, cli_id(count)};
        cli_table_add(table, has_titles ? titled_row : row);
    }
    return cli_table_print(table);
}

static json_t *items_to_json(const subject *self) {
    json_t *list = json_array();
    for (size_t i = 0; i < self->request->n_items && i < self->info.n_items; i++) {
        dsc_id item = dsc_recommender_item_id(self->model, self->order[i]);
        dsc_id title = dsc_titles_find(self->titles, item);
        json_t *entry = json_pack("{s:o, s:I}", "item", cli_json_text(item), "n_ratings",
                                  (json_int_t)self->counts[self->order[i]]);
        cli_json_append_titled(&list, entry, title);
    }
    return list;
}

/* How a single model was trained and what it is made of. */
static json_t *model_to_json(const dsc_recommender *model, const dsc_recommender_info *info) {
    cli_facts settings;
    cli_list_settings(&settings, &info->config);
    return json_pack("{s:o, s:o, s:o}", "config", cli_facts_to_json(&settings), "layers",
                     layers_to_json(dsc_recommender_network(model)), "thresholds",
                     thresholds_to_json(model));
}

static int print_model(const dsc_recommender *model, const dsc_recommender_info *info) {
    cli_facts settings;
    cli_list_settings(&settings, &info->config);
    cli_print_facts(&settings);
    putchar('\n');
    return print_layers(model, info);
}

/* The members of a blend, each with what is said of a single model. */
static json_t *members_to_json(const dsc_recommender *blend) {
    json_t *list = json_array();
    for (size_t m = 0; m < dsc_blend_n_members(blend); m++) {
        const dsc_recommender *member = dsc_blend_member(blend, m);
        dsc_recommender_info info;
        dsc_recommender_get_info(member, &info);
        json_t *entry = model_to_json(member, &info);
        json_t *more = json_pack(
            "{s:o, s:I, s:I, s:o, s:I}", "weight", cli_json_real(dsc_blend_weight(blend, m)),
            "epochs", (json_int_t)info.n_epochs, "best_epoch", (json_int_t)info.best_epoch,
            "train_rmse", cli_json_real(info.train_rmse), "parameters",
            (json_int_t)info.n_parameters);
        if (more == NULL || json_object_update(entry, more) != 0 ||
            json_array_append(list, entry) != 0) {
            json_decref(list);
            list = NULL;
        }
        json_decref(more);
        json_decref(entry);
    }
    return list;
}

static int print_members(const dsc_recommender *blend) {
    int status = CLI_DONE;
    for (size_t m = 0; m < dsc_blend_n_members(blend); m++) {
        const dsc_recommender *member = dsc_blend_member(blend, m);
        char what[CLI_DESCRIPTION_LENGTH];
        dsc_recommender_info info;
        dsc_recommender_get_info(member, &info);
        cli_describe_model(&info.config, what, sizeof what);
        printf("%sMember %zu of %zu, weight %.4f: %s\n", m > 0 ? "\n" : "", m + 1,
               dsc_blend_n_members(blend), dsc_blend_weight(blend, m), what);
        const int printed = print_model(member, &info);
        status = printed != CLI_DONE ? printed : status;
    }
    return status;
}

static int show_json(const subject *self, const cli_facts *results) {
    json_t *document = cli_facts_to_json(results);
    const bool is_blend = dsc_blend_n_members(self->model) > 0;
    json_t *rest = is_blend ? json_pack("{s:o}", "members", members_to_json(self->model))
                            : model_to_json(self->model, &self->info);
    if (rest == NULL || json_object_set_new(rest, "most_rated", items_to_json(self)) != 0 ||
        json_object_update(document, rest) != 0) {
        json_decref(document);
        document = NULL;
    }
    json_decref(rest);
    return cli_json_print(document);
}

static int show(const subject *self) {
    cli_facts results;
    cli_list_results(&results, &self->info, (uint64_t)self->file_bytes);
    if (self->request->form.is_json) {
        return show_json(self, &results);
    }
    int status;
    puts("What it learned from, and how well");
    cli_print_facts(&results);
    putchar('\n');
    if (dsc_blend_n_members(self->model) > 0) {
        status = print_members(self->model);
    } else {
        puts("How it was trained");
        status = print_model(self->model, &self->info);
    }
    putchar('\n');
    int listed = print_items(self);
    return status != CLI_DONE ? status : listed;
}

static int compare(const void *a, const void *b, void *user) {
    const uint32_t *counts = user;
    uint32_t x = *(const uint32_t *)a;
    uint32_t y = *(const uint32_t *)b;
    if (counts[x] != counts[y]) {
        return counts[x] > counts[y] ? -1 : 1;
    }
    return x < y ? -1 : x > y;
}

/* The settings as a file for descent train --config. */
static int print_config(const dsc_recommender_info *info) {
    char maker[128];
    size_t length;
    const cli_train_request request = {.form_of_model = cli_train_form_of(&info->config),
                                       .config = info->config};
    snprintf(maker, sizeof maker, "descent %s: a model of %zu ratings", dsc_version(),
             info->n_ratings);
    char *text = cli_train_write(&request, maker, &length);
    if (text == NULL) {
        return cli_no_memory();
    }
    fwrite(text, 1, length, stdout);
    free(text);
    return CLI_DONE;
}

static int inspect(const void *asked, const dsc_recommender *model, const dsc_titles *titles) {
    const options *request = asked;
    struct stat file;
    subject self = {.request = request, .model = model, .titles = titles};
    dsc_recommender_get_info(model, &self.info);
    if (request->is_config && dsc_blend_n_members(model) > 0) {
        return cli_usage_error("inspect", "--config",
                               "is for single models; %s is a blend, whose members have settings "
                               "of their own",
                               request->model_path);
    }
    if (request->is_config) {
        return print_config(&self.info);
    }
    self.file_bytes = stat(request->model_path, &file) == 0 ? file.st_size : 0;
    uint32_t *counts = cli_count_ratings(model);
    self.counts = counts;
    self.order = calloc(self.info.n_items, sizeof *self.order);
    int status;
    if (counts == NULL || self.order == NULL) {
        status = cli_no_memory();
    } else {
        for (uint32_t item = 0; item < self.info.n_items; item++) {
            self.order[item] = item;
        }
        qsort_r(self.order, self.info.n_items, sizeof *self.order, compare, counts);
        status = show(&self);
    }
    free(self.order);
    free(counts);
    return status;
}

static int parse(options *self, int argc, char **argv) {
    const cli_option output_options[] = {
        {.type = CLI_SIZE,
         .name = "number",
         .letter = 'n',
         .help = "how many of the most rated items to list",
         .target = &self->n_items,
         .whole_min = 1,
         .whole_max = 1000000},
        CLI_TITLES_OPTION(self->items_path),
        {.type = CLI_FLAG,
         .name = "config",
         .help = "print how the model was trained, as a file for --config of descent train, and "
                 "nothing else",
         .target = &self->is_config},
        CLI_JSON_OPTION(self->form),
    };
    const cli_option_group groups[] = {{"Output", output_options, CLI_COUNT(output_options)}};
    const cli_argument arguments[] = {CLI_MODEL_ARGUMENT(self->model_path)};
    const cli_syntax syntax = {
        .command = "inspect",
        .summary = "Shows what a model file holds: what it learned from, how it was trained, how "
                   "well it did, the shape of its network and its most rated items, or the "
                   "columns of a table that it uses. The whole file is checked on the way.",
        .arguments = arguments,
        .n_arguments = CLI_COUNT(arguments),
        .groups = groups,
        .n_groups = CLI_COUNT(groups),
        .notes = "Examples:\n"
                 "  descent inspect model.safetensors\n"
                 "  descent inspect model.safetensors --config > config.json\n",
    };
    int status = cli_parse(&syntax, argc, argv);
    if (status == CLI_GO_ON && self->is_config && self->form.is_json) {
        status = cli_usage_error("inspect", "--config, --json",
                                 "only one of them can be used at a time");
    }
    return status;
}

int cli_inspect(int argc, char **argv) {
    options self = {.n_items = 5};
    int status = parse(&self, argc, argv);
    if (status != CLI_GO_ON) {
        return status;
    }
    dsc_model_kind kind = DSC_MODEL_UNKNOWN;
    if (dsc_model_kind_of_file(self.model_path, &kind, NULL) == DSC_OK &&
        (kind == DSC_MODEL_PREDICTOR || kind == DSC_MODEL_NETWORK)) {
        if (self.items_path != NULL || self.is_config) {
            return cli_usage_error("inspect", self.items_path != NULL ? "--items" : "--config",
                                   "is for recommenders; %s is none", self.model_path);
        }
        return kind == DSC_MODEL_PREDICTOR
                   ? cli_inspect_predictor(self.model_path, self.form.is_json)
                   : cli_inspect_network(self.model_path, self.form.is_json);
    }
    return cli_ask_model(self.model_path, self.items_path, inspect, &self);
}
