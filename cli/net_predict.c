/* descent net predict: the target of each row of a table. */
#include <stdio.h>
#include <stdlib.h>

#include "command.h"
#include "computing.h"
#include "descent/predictor.h"
#include "net_data.h"
#include "output.h"

typedef struct request {
    const char *model_path;
    cli_net_data data;
    bool has_probabilities; /* of every class */
    cli_form form;
    bool is_quiet;
} request;

/* What is written, row by row. */
typedef struct writer {
    const request *request;
    const dsc_predictor *predictor;
    const cli_net_table *data;
    const dsc_predictions *predicted;
    size_t n_cells; /* row, prediction and probabilities */
    dsc_id *cells;  /* (n_cells) */
    char (*text)[32];
} writer;

static size_t row_number(const writer *w, size_t i) {
    return (w->data->has_rows ? w->data->rows.row[i] : i) + 1;
}

static dsc_id class_of(const writer *w, size_t index) {
    return dsc_encoding_class(dsc_predictor_encoding(w->predictor), index);
}

static double probability_of(const writer *w, size_t i, size_t class) {
    return w->predicted->probability[i * w->predicted->n_classes + class];
}

static void fill_head(const writer *w) {
    w->cells[0] = cli_id("row");
    w->cells[1] = cli_id("prediction");
    for (size_t c = 2; c < w->n_cells; c++) {
        w->cells[c] = w->request->has_probabilities ? class_of(w, c - 2) : cli_id("probability");
    }
}

static void fill_row(const writer *w, size_t i) {
    const dsc_predictions *p = w->predicted;
    const bool is_csv = w->request->form.is_csv;
    snprintf(w->text[0], sizeof *w->text, "%zu", row_number(w, i));
    w->cells[0] = cli_id(w->text[0]);
    if (p->n_classes == 0) {
        snprintf(w->text[1], sizeof *w->text, is_csv ? "%.9g" : "%.6g", p->value[i]);
        w->cells[1] = cli_id(w->text[1]);
        return;
    }
    w->cells[1] = class_of(w, p->category[i]);
    for (size_t c = 2; c < w->n_cells; c++) {
        const size_t class = w->request->has_probabilities ? c - 2 : p->category[i];
        snprintf(w->text[c], sizeof *w->text, is_csv ? "%.9g" : "%.4f",
                 probability_of(w, i, class));
        w->cells[c] = cli_id(w->text[c]);
    }
}

static int print_csv(const writer *w) {
    fill_head(w);
    cli_csv_row(w->cells, w->n_cells);
    for (size_t i = 0; i < w->predicted->n_rows && !cli_stdout_failed(); i++) {
        fill_row(w, i);
        cli_csv_row(w->cells, w->n_cells);
    }
    return CLI_DONE;
}

static int print_table(const writer *w) {
    cli_column *columns = calloc(w->n_cells, sizeof *columns);
    char **names = calloc(w->n_cells, sizeof *names);
    bool has_failed = columns == NULL || names == NULL;
    fill_head(w);
    for (size_t c = 0; !has_failed && c < w->n_cells; c++) {
        names[c] = cli_terminal_copy(w->cells[c]);
        has_failed = names[c] == NULL;
        const bool is_class = c == 1 && w->predicted->n_classes > 0;
        columns[c] = (cli_column){names[c], !is_class, is_class};
    }
    cli_table *table = has_failed ? NULL : cli_table_create(columns, w->n_cells);
    for (size_t i = 0; table != NULL && i < w->predicted->n_rows; i++) {
        fill_row(w, i);
        cli_table_add(table, w->cells);
    }
    int status = cli_table_print(table);
    for (size_t c = 0; names != NULL && c < w->n_cells; c++) {
        free(names[c]);
    }
    free(names);
    free(columns);
    return status;
}

static json_t *row_to_json(const writer *w, size_t i) {
    const dsc_predictions *p = w->predicted;
    json_t *row = json_pack("{s:I, s:o}", "row", (json_int_t)row_number(w, i), "prediction",
                            p->n_classes == 0 ? cli_json_real(p->value[i])
                                              : cli_json_text(class_of(w, p->category[i])));
    if (p->probability == NULL) {
        return row;
    }
    if (!w->request->has_probabilities) {
        json_object_set_new(row, "probability",
                            cli_json_real(probability_of(w, i, p->category[i])));
        return row;
    }
    json_t *list = json_array(); /* a list, since names that are not UTF-8 may become the same */
    for (size_t c = 0; c < p->n_classes; c++) {
        json_array_append_new(list,
                              json_pack("{s:o, s:o}", "class", cli_json_text(class_of(w, c)),
                                        "probability", cli_json_real(probability_of(w, i, c))));
    }
    json_object_set_new(row, "probabilities", list);
    return row;
}

static int print_json(const writer *w) {
    cli_json_array array = cli_json_array_begin();
    for (size_t i = 0; i < w->predicted->n_rows && !cli_stdout_failed(); i++) {
        cli_json_array_add(&array, row_to_json(w, i));
    }
    return cli_json_array_end(&array);
}

static int print_predictions(const request *self, const dsc_predictor *predictor,
                             const cli_net_table *data, const dsc_predictions *predicted) {
    writer w = {.request = self, .predictor = predictor, .data = data, .predicted = predicted};
    w.n_cells = 2 + (predicted->probability == NULL ? 0
                     : self->has_probabilities      ? predicted->n_classes
                                                    : 1);
    w.cells = calloc(w.n_cells, sizeof *w.cells);
    w.text = calloc(w.n_cells, sizeof *w.text);
    int status;
    if (w.cells == NULL || w.text == NULL) {
        status = cli_no_memory();
    } else if (self->form.is_json) {
        status = print_json(&w);
    } else {
        status = self->form.is_csv ? print_csv(&w) : print_table(&w);
    }
    free(w.cells);
    free(w.text);
    return status;
}

static int predict(const request *self, const dsc_predictor *predictor) {
    dsc_error err;
    cli_net_table data;
    dsc_predictions predicted;
    if (self->has_probabilities && !dsc_predictor_has_probabilities(predictor)) {
        return cli_usage_error("net predict", "--probabilities",
                               "the model has none: it predicts a number, or was fitted with the "
                               "hinge");
    }
    int status = cli_net_read_for(&data, predictor, &self->data, false, self->is_quiet);
    if (status != CLI_GO_ON) {
        return status;
    }
    if (dsc_predictor_predict(predictor, data.table, cli_net_rows(&data), cli_net_n_rows(&data),
                              &predicted, &err) != DSC_OK) {
        status = cli_fail(&err);
    } else {
        status = print_predictions(self, predictor, &data, &predicted);
        dsc_predictions_clear(&predicted);
    }
    cli_net_table_clear(&data);
    return status;
}

static int parse(request *self, int argc, char **argv) {
    cli_option reading[CLI_N_DATA_OPTIONS];
    cli_net_data_options(&self->data, reading);
    const cli_option output[] = {
        {.type = CLI_FLAG,
         .name = "probabilities",
         .letter = 'p',
         .help = "of a classification: the probability of every class instead of that of the "
                 "predicted one",
         .target = &self->has_probabilities},
        CLI_JSON_OPTION(self->form),
        CLI_CSV_OPTION(self->form),
        CLI_QUIET_OPTION(self->is_quiet),
    };
    const cli_option_group groups[] = {
        {"Reading", reading, CLI_N_DATA_OPTIONS},
        CLI_COMPUTING_GROUP,
        {"Output", output, CLI_COUNT(output)},
    };
    const cli_argument arguments[] = {
        CLI_PREDICTOR_ARGUMENT(self->model_path),
        {"DATA",
         "the rows to predict; their columns are found by name where both files have a header, "
         "else by place; the target may lack; - is standard input",
         &self->data.path, false},
    };
    const cli_syntax syntax = {
        .command = "net predict",
        .summary = "Predicts the target of each row of a table: a number in its own unit, or a "
                   "class with its probability. Rows are counted from 1.",
        .arguments = arguments,
        .n_arguments = CLI_COUNT(arguments),
        .groups = groups,
        .n_groups = CLI_COUNT(groups),
        .notes = "Example:\n"
                 "  descent net predict model.safetensors new.csv --csv > predicted.csv\n",
    };
    int status = cli_parse(&syntax, argc, argv);
    return status == CLI_GO_ON ? cli_form_check("net predict", &self->form) : status;
}

int cli_net_predict(int argc, char **argv) {
    request self = {0};
    int status = parse(&self, argc, argv);
    if (status != CLI_GO_ON) {
        return status;
    }
    dsc_predictor *predictor = NULL;
    status = cli_load_predictor(&predictor, self.model_path);
    if (status == CLI_GO_ON) {
        status = predict(&self, predictor);
    }
    dsc_predictor_destroy(predictor);
    return status;
}
