/* Predictions as a table, JSON or CSV, one by one. */
#include "predict_output.h"

#include <math.h>
#include <stdio.h>

#include "model.h"

static void name_columns(cli_predictions *out) {
    static const cli_column first[CLI_N_PREDICTED] = {{"user", false, true},
                                                      {"item", false, true},
                                                      {"rating", true, false},
                                                      {"basis", false, false}};
    for (size_t c = 0; c < CLI_N_PREDICTED; c++) {
        out->columns[c] = first[c];
    }
    out->columns[2].name = cli_rating_name(out->model);
    for (size_t k = 0; k < out->n_values; k++) {
        char *name = out->names[CLI_N_PREDICTED + k];
        snprintf(name, sizeof out->names[0], "P(%g)", dsc_recommender_value(out->model, k));
        out->columns[CLI_N_PREDICTED + k] = (cli_column){name, true, false};
    }
}

void cli_predictions_begin(cli_predictions *out, const cli_form *form, const dsc_recommender *model,
                           size_t n_values) {
    *out = (cli_predictions){.form = form, .model = model, .n_values = n_values};
    const size_t n_columns = CLI_N_PREDICTED + n_values;
    name_columns(out);
    if (form->is_json) {
        out->array = cli_json_array_begin();
    } else if (form->is_csv) {
        dsc_id cells[CLI_MAX_PREDICTED];
        for (size_t c = 0; c < n_columns; c++) {
            cells[c] = cli_id(out->columns[c].name);
        }
        cli_csv_row(cells, n_columns);
    } else {
        out->table = cli_table_create(out->columns, n_columns);
    }
}

/* Of each value its probability; null where they are not known. */
static json_t *probabilities_to_json(const cli_predictions *out, const double *probability) {
    if (isnan(probability[0])) {
        return json_null();
    }
    json_t *list = json_array();
    for (size_t k = 0; k < out->n_values; k++) {
        json_t *entry =
            json_pack("{s:o, s:o}", "rating", cli_json_real(dsc_recommender_value(out->model, k)),
                      "probability", cli_json_real(probability[k]));
        if (json_array_append_new(list, entry) != 0) {
            json_decref(list);
            return NULL;
        }
    }
    return list;
}

static void add_json(cli_predictions *out, const cli_prediction *one) {
    json_t *entry =
        json_pack("{s:o, s:o, s:o, s:s}", "user", cli_json_text(one->pair->user), "item",
                  cli_json_text(one->pair->item), cli_rating_name(out->model),
                  cli_json_real((double)one->rating), "basis", dsc_basis_name(one->basis));
    if (out->n_values > 0 &&
        json_object_set_new(entry, "probabilities", probabilities_to_json(out, one->probability)) !=
            0) {
        json_decref(entry);
        entry = NULL;
    }
    cli_json_array_add(&out->array, entry);
}

enum { NUMBER_LENGTH = 32 };

static void print_number(const cli_predictions *out, char text[NUMBER_LENGTH], double value) {
    snprintf(text, NUMBER_LENGTH, out->form->is_csv ? "%.9g" : "%.3f", value);
}

void cli_predictions_add(cli_predictions *out, const cli_prediction *one) {
    out->n_pairs++;
    out->n_fallbacks += one->basis != DSC_BASIS_MODEL && one->basis != DSC_BASIS_FOLD_IN;
    if (out->form->is_json) {
        add_json(out, one);
        return;
    }
    char number[CLI_MAX_PREDICTED][NUMBER_LENGTH];
    dsc_id cells[CLI_MAX_PREDICTED];
    print_number(out, number[0], (double)one->rating);
    cells[0] = one->pair->user;
    cells[1] = one->pair->item;
    cells[2] = cli_id(number[0]);
    cells[3] = cli_id(dsc_basis_name(one->basis));
    for (size_t k = 0; k < out->n_values; k++) {
        char *text = number[1 + k];
        text[0] = '\0';
        if (!isnan(one->probability[k])) {
            print_number(out, text, one->probability[k]);
        }
        cells[CLI_N_PREDICTED + k] = cli_id(text);
    }
    if (out->form->is_csv) {
        cli_csv_row(cells, CLI_N_PREDICTED + out->n_values);
    } else {
        cli_table_add(out->table, cells);
    }
}

int cli_predictions_end(cli_predictions *out) {
    if (out->n_fallbacks > 0) {
        cli_note("the model does not know the user or the item of %zu of %zu pair%s; the basis "
                 "says what stood in",
                 out->n_fallbacks, out->n_pairs, out->n_pairs == 1 ? "" : "s");
    }
    if (out->form->is_json) {
        return cli_json_array_end(&out->array);
    }
    return out->form->is_csv ? CLI_DONE : cli_table_print(out->table);
}
