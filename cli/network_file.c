/* The network file of `descent net trace`: JSON in, a checked network with its data out. */
#include "network_file.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "json_file.h"
#include "names.h"
#include "network_json.h"
#include "options.h"
#include "output.h"
#include "suggest.h"
#include "text.h"
#include "worked_example.h"

/* A trace prints every number. Whole numbers become reals, so that no size of them is special. */
static const cli_json_kind kind = {"a small network", 64, JSON_DECODE_INT_AS_REAL};

static const cli_json_key file_keys[] = {
    {"description", "a string", true},
    {"input", "a matrix, one row a sample", false},
    {"target", "a matrix, one row a sample", false},
    {"loss",
     "\"half-sum-of-squares\", \"mean-squared-error\", \"mean-absolute-error\", \"huber\", "
     "\"binary-cross-entropy\", \"cross-entropy\" or \"hinge\"",
     false},
    {"rate", "the learning rate, a number above 0", false},
    {"layers", "a list of layers, each an object with \"weights\"", false},
    {"check", "an object of values to check", true}, /* read by check_file.c */
};

static const cli_json_key layer_keys[] = {
    {"weights", "a matrix with a row for each input of the layer", false},
    {"bias", "a list of numbers", true},
    {"activation",
     "\"identity\", \"relu\", \"leaky-relu\", \"elu\", \"sigmoid\", \"tanh\", \"softplus\", "
     "\"gelu\", "
     "\"swish\" or \"softmax\"",
     true},
    {"normalize", "true or false", true},
    {"gain", "a list of numbers", true},
    {"shift", "a list of numbers", true},
};

/* One layer on its way from the document into the network. */
typedef struct layer_data {
    dsc_matrix weights; /* (n_in, n_out) */
    dsc_matrix bias;    /* (1, n_out); data NULL: none */
    dsc_activation activation;
    bool is_normalized;
    dsc_matrix gain;  /* (1, n_out); data NULL: all 1 */
    dsc_matrix shift; /* (1, n_out); data NULL: all 0 */
} layer_data;

/* --- from the document to a network ------------------------------------------------------------
 */

/* Finds the string in an enum's names, which name_of lists from 0 on. */
static int read_name(const cli_json_place *at, const char *what, cli_name_of name_of, int *out) {
    const char *text;
    int status = cli_json_text_of(at, what, &text);
    if (status != CLI_GO_ON) {
        return status;
    }
    const char *names[CLI_MAX_NAMES];
    const size_t n_names = cli_list_names(name_of, names, 0);
    for (size_t i = 0; i < n_names; i++) {
        if (strcmp(text, names[i]) == 0) {
            *out = (int)i;
            return CLI_GO_ON;
        }
    }
    const char *nearest = cli_suggest(text, names, n_names);
    if (nearest != NULL) {
        return cli_json_bad(at, "found \"%s\"; did you mean \"%s\"?", text, nearest);
    }
    return cli_json_bad(at, "found \"%s\", expected %s", text, what);
}

/* Normalisation: gain and shift belong to it, and are 1 and 0 where not given. */
static int read_norm(const cli_json_place *at, layer_data *out) {
    const cli_json_place normalize = cli_json_member(at, "normalize");
    if (normalize.value != NULL) {
        int status = cli_json_truth_of(&normalize, "true or false", &out->is_normalized);
        if (status != CLI_GO_ON) {
            return status;
        }
    }
    const cli_json_count columns = {out->weights.n_cols, "one for each column of weights"};
    const struct {
        const char *key;
        dsc_matrix *row;
    } rows[] = {{"gain", &out->gain}, {"shift", &out->shift}};
    for (size_t i = 0; i < CLI_COUNT(rows); i++) {
        const cli_json_place place = cli_json_member(at, rows[i].key);
        if (place.value == NULL) {
            continue;
        }
        if (!out->is_normalized) {
            return cli_json_bad(&place, "belongs to a layer with \"normalize\": true");
        }
        int status = cli_json_row(&place, columns, rows[i].row);
        if (status != CLI_GO_ON) {
            return status;
        }
    }
    return CLI_GO_ON;
}

static int read_layer(const cli_json_place *at, cli_json_count rows, layer_data *out) {
    int status = cli_json_check_keys(at, layer_keys, CLI_COUNT(layer_keys));
    if (status == CLI_GO_ON) {
        const cli_json_place weights = cli_json_member(at, "weights");
        status = cli_json_matrix(&weights, rows, (cli_json_count){0}, &out->weights);
    }
    const cli_json_place bias = cli_json_member(at, "bias");
    if (status == CLI_GO_ON && bias.value != NULL) {
        const cli_json_count columns = {out->weights.n_cols, "one for each column of weights"};
        status = cli_json_row(&bias, columns, &out->bias);
    }
    const cli_json_place activation = cli_json_member(at, "activation");
    if (status == CLI_GO_ON && activation.value != NULL) {
        int value = 0;
        status = read_name(&activation, layer_keys[2].expected, cli_activation_name, &value);
        out->activation = (dsc_activation)value;
    }
    return status == CLI_GO_ON ? read_norm(at, out) : status;
}

/* Every layer of the list, each fitting the one before. */
static int read_layers(const cli_json_place *at, size_t n_in, layer_data *out) {
    cli_json_count rows = {n_in, "one for each column of input"};
    char reason[160];
    int status = CLI_GO_ON;
    for (size_t l = 0; status == CLI_GO_ON && l < json_array_size(at->value); l++) {
        const cli_json_place layer = cli_json_element(at, l);
        status = read_layer(&layer, rows, &out[l]);
        snprintf(reason, sizeof reason, "one for each column of %s.weights", layer.path);
        rows = (cli_json_count){out[l].weights.n_cols, reason};
    }
    return status;
}

static int build_network(const cli_json_place *at, const layer_data *layers, dsc_loss loss,
                         dsc_network **out) {
    const size_t n_layers = json_array_size(at->value);
    dsc_layer_config *configs = calloc(n_layers, sizeof *configs);
    if (configs == NULL) {
        return cli_no_memory();
    }
    for (size_t l = 0; l < n_layers; l++) {
        configs[l] = (dsc_layer_config){.n_out = layers[l].weights.n_cols,
                                        .activation = layers[l].activation,
                                        .has_bias = layers[l].bias.data != NULL,
                                        .has_norm = layers[l].is_normalized};
    }
    const dsc_network_config config = {DSC_FLOAT64, layers[0].weights.n_rows, n_layers, configs,
                                       loss};
    dsc_error err;
    dsc_status status = dsc_network_create(out, &config, &err);
    for (size_t l = 0; status == DSC_OK && l < n_layers; l++) {
        status = dsc_network_set_layer(*out, l, layers[l].weights, layers[l].bias, &err);
        const dsc_matrix gain =
            layers[l].gain.data != NULL ? layers[l].gain : dsc_network_gain(*out, l);
        const dsc_matrix shift =
            layers[l].shift.data != NULL ? layers[l].shift : dsc_network_shift(*out, l);
        if (status == DSC_OK && layers[l].is_normalized) {
            status = dsc_network_set_norm(*out, l, gain, shift, &err);
        }
    }
    free(configs);
    if (status == DSC_E_ARGUMENT) { /* each layer is good by itself, the last not under this loss */
        const cli_json_place last = cli_json_element(at, n_layers - 1);
        return cli_json_bad(&last, "%s", err.message);
    }
    return status == DSC_OK ? CLI_GO_ON : cli_fail(&err);
}

static void free_matrix(dsc_matrix *m) {
    free((void *)(uintptr_t)m->data);
    m->data = NULL;
}

static int read_network(const cli_json_place *root, cli_network_file *out) {
    int loss = 0;
    const cli_json_place loss_at = cli_json_member(root, "loss");
    int status = read_name(&loss_at, file_keys[3].expected, cli_loss_name, &loss);
    const cli_json_place layers_at = cli_json_member(root, "layers");
    if (status == CLI_GO_ON) {
        status = cli_json_check_list(&layers_at, "a list of layers");
    }
    if (status != CLI_GO_ON) {
        return status;
    }
    const size_t n_layers = json_array_size(layers_at.value);
    layer_data *layers = calloc(n_layers, sizeof *layers);
    if (layers == NULL) {
        return cli_no_memory();
    }
    status = read_layers(&layers_at, out->input.n_cols, layers);
    if (status == CLI_GO_ON) {
        status = build_network(&layers_at, layers, (dsc_loss)loss, &out->net);
    }
    for (size_t l = 0; l < n_layers; l++) {
        free_matrix(&layers[l].weights);
        free_matrix(&layers[l].bias);
        free_matrix(&layers[l].gain);
        free_matrix(&layers[l].shift);
    }
    free(layers);
    return status;
}

static int read_rate(const cli_json_place *at, double *out) {
    int status = cli_json_number_of(at, "the learning rate, a number above 0", out);
    if (status == CLI_GO_ON && !(*out > 0.0)) {
        return cli_json_bad(at, "found %g, expected a learning rate above 0", *out);
    }
    return status;
}

static int read_description(const cli_json_place *at, char **out) {
    const char *text;
    if (at->value == NULL) {
        return CLI_GO_ON;
    }
    int status = cli_json_text_of(at, "a string", &text);
    if (status == CLI_GO_ON) {
        *out = strdup(text);
        status = *out != NULL ? CLI_GO_ON : cli_no_memory();
    }
    return status;
}

/* What a loss of classes asks of one number of the target: a sign, or a share. */
static int check_class(const cli_json_place *at, dsc_loss loss, double y) {
    if (loss == DSC_HINGE && y != -1 && y != 1) {
        return cli_json_bad(at, "found %g, expected -1 or 1 for the loss hinge", y);
    }
    const bool is_of_shares = loss == DSC_BINARY_CROSS_ENTROPY || loss == DSC_CROSS_ENTROPY;
    if (is_of_shares && !(y >= 0 && y <= 1)) {
        return cli_json_bad(at, "found %g, expected 0 to 1 for the loss %s", y,
                            dsc_loss_name(loss));
    }
    return CLI_GO_ON;
}

static int check_target(const cli_json_place *at, dsc_loss loss, dsc_matrix target) {
    for (size_t row = 0; row < target.n_rows; row++) {
        const cli_json_place row_at = cli_json_element(at, row);
        double sum = 0;
        for (size_t col = 0; col < target.n_cols; col++) {
            const cli_json_place element = cli_json_element(&row_at, col);
            int status = check_class(&element, loss, dsc_matrix_at(target, row, col));
            if (status != CLI_GO_ON) {
                return status;
            }
            sum += dsc_matrix_at(target, row, col);
        }
        if (loss == DSC_CROSS_ENTROPY && !(sum > 1 - 1e-9 && sum < 1 + 1e-9)) {
            return cli_json_bad(&row_at, "adds up to %.15g, expected 1 for the loss %s", sum,
                                dsc_loss_name(loss));
        }
    }
    return CLI_GO_ON;
}

static int read_document(const cli_json_place *root, cli_network_file *out) {
    int status = cli_json_check_keys(root, file_keys, CLI_COUNT(file_keys));
    if (status != CLI_GO_ON) {
        return status;
    }
    const cli_json_place description = cli_json_member(root, "description");
    const cli_json_place input = cli_json_member(root, "input");
    const cli_json_place target = cli_json_member(root, "target");
    const cli_json_place rate = cli_json_member(root, "rate");
    status = read_description(&description, &out->description);
    if (status == CLI_GO_ON) {
        status = cli_json_matrix(&input, (cli_json_count){0}, (cli_json_count){0}, &out->input);
    }
    if (status == CLI_GO_ON) {
        status = read_network(root, out);
    }
    if (status == CLI_GO_ON) {
        const cli_json_count rows = {out->input.n_rows, "one for each row of input"};
        const cli_json_count columns = {dsc_network_n_out(out->net),
                                        "one for each unit of the last layer"};
        status = cli_json_matrix(&target, rows, columns, &out->target);
    }
    if (status == CLI_GO_ON) {
        status = check_target(&target, dsc_network_loss(out->net), out->target);
    }
    return status == CLI_GO_ON ? read_rate(&rate, &out->rate) : status;
}

int cli_network_file_read(cli_network_file *out, const char *path) {
    cli_json_file file;
    int status = path != NULL
                     ? cli_json_file_read(&file, path, &kind)
                     : cli_json_file_parse(&file, cli_worked_example, "built-in example", &kind);
    *out = (cli_network_file){.name = file.name, .text = file.text, .length = file.length};
    file.text = NULL; /* now the network's */
    if (status == CLI_GO_ON) {
        const cli_json_place root = {.file = file.name, .value = file.document};
        status = read_document(&root, out);
    }
    cli_json_file_clear(&file);
    return status;
}

void cli_network_file_clear(cli_network_file *file) {
    dsc_network_destroy(file->net);
    free_matrix(&file->input);
    free_matrix(&file->target);
    free(file->description);
    free(file->text);
    *file = (cli_network_file){0};
}

char *cli_network_title(const cli_network_file *file) {
    static const char blanks[] = " \t\n\v\f\r";
    const char *text = file->description;
    char *line = strdup(text != NULL && text[strspn(text, blanks)] != '\0' ? text : file->name);
    if (line == NULL) {
        return NULL;
    }
    for (char *p = line; (p = strpbrk(p, blanks + 1)) != NULL;) {
        *p = ' ';
    }
    char *title = cli_terminal_copy(cli_id(line));
    free(line);
    return title;
}
