/* descent evaluate: a model's errors on known ratings, beside those of two simple baselines. */
#include <stdio.h>

#include "command.h"
#include "computing.h"
#include "descent/recommender.h"
#include "model.h"
#include "output.h"
#include "reading.h"

typedef struct request {
    const char *model_path;
    const char *ratings_path;
    cli_reading reading;
    cli_form form;
    bool is_quiet;
} request;

typedef struct predictor {
    const char *name;
    const char *meaning;
    dsc_errors errors;
} predictor;

enum { N_PREDICTORS = 3 };

static void list_predictors(const dsc_evaluation *evaluation, predictor out[N_PREDICTORS]) {
    out[0] = (predictor){"model", "the trained model", evaluation->model};
    out[1] = (predictor){"biases", "mean, how mild the user is, how liked the item is",
                         evaluation->biases};
    out[2] = (predictor){"mean", "the mean training rating every time", evaluation->mean};
}

static int print_table(const dsc_evaluation *evaluation) {
    static const cli_column columns[] = {{"predictor", false, false},
                                         {"RMSE", true, false},
                                         {"MAE", true, false},
                                         {"what it is", false, true}};
    predictor predictors[N_PREDICTORS];
    list_predictors(evaluation, predictors);
    cli_table *table = cli_table_create(columns, CLI_COUNT(columns));
    for (size_t i = 0; i < N_PREDICTORS; i++) {
        char rmse[32];
        char mae[32];
        snprintf(rmse, sizeof rmse, "%.4f", predictors[i].errors.rmse);
        snprintf(mae, sizeof mae, "%.4f", predictors[i].errors.mae);
        const dsc_id cells[] = {cli_id(predictors[i].name), cli_id(rmse), cli_id(mae),
                                cli_id(predictors[i].meaning)};
        cli_table_add(table, cells);
    }
    int status = cli_table_print(table);
    printf("\n"
           "pairs %zu, of which %zu have an unknown user or item (users unknown: %zu, items "
           "unknown: %zu)\n",
           evaluation->n_pairs, evaluation->n_fallback_pairs, evaluation->n_unknown_users,
           evaluation->n_unknown_items);
    return status;
}

static int print_csv(const dsc_evaluation *evaluation) {
    static const char *const names[] = {"predictor",      "rmse",          "mae",
                                        "pairs",          "unknown_users", "unknown_items",
                                        "fallback_pairs", "seen_pairs"};
    enum { N = CLI_COUNT(names) };
    dsc_id cells[N];
    for (size_t i = 0; i < N; i++) {
        cells[i] = cli_id(names[i]);
    }
    cli_csv_row(cells, N);
    predictor predictors[N_PREDICTORS];
    list_predictors(evaluation, predictors);
    const size_t counts[] = {evaluation->n_pairs, evaluation->n_unknown_users,
                             evaluation->n_unknown_items, evaluation->n_fallback_pairs,
                             evaluation->n_seen_pairs};
    for (size_t i = 0; i < N_PREDICTORS; i++) {
        char text[N][32];
        snprintf(text[0], sizeof text[0], "%s", predictors[i].name);
        snprintf(text[1], sizeof text[1], "%.9g", predictors[i].errors.rmse);
        snprintf(text[2], sizeof text[2], "%.9g", predictors[i].errors.mae);
        for (size_t j = 3; j < N; j++) {
            snprintf(text[j], sizeof text[j], "%zu", counts[j - 3]);
        }
        for (size_t j = 0; j < N; j++) {
            cells[j] = cli_id(text[j]);
        }
        cli_csv_row(cells, N);
    }
    return CLI_DONE;
}

static int print_json(const dsc_evaluation *evaluation) {
    json_t *document =
        json_pack("{s:I, s:I, s:I, s:I, s:I}", "pairs", (json_int_t)evaluation->n_pairs,
                  "unknown_users", (json_int_t)evaluation->n_unknown_users, "unknown_items",
                  (json_int_t)evaluation->n_unknown_items, "fallback_pairs",
                  (json_int_t)evaluation->n_fallback_pairs, "seen_pairs",
                  (json_int_t)evaluation->n_seen_pairs);
    predictor predictors[N_PREDICTORS];
    list_predictors(evaluation, predictors);
    for (size_t i = 0; i < N_PREDICTORS; i++) {
        json_t *errors = json_pack("{s:o, s:o}", "rmse", cli_json_real(predictors[i].errors.rmse),
                                   "mae", cli_json_real(predictors[i].errors.mae));
        if (json_object_set_new(document, predictors[i].name, errors) != 0) {
            json_decref(document);
            document = NULL;
        }
    }
    return cli_json_print(document);
}

static int evaluate(const request *self, const dsc_recommender *model, const dsc_ratings *test) {
    dsc_error err;
    dsc_evaluation evaluation;
    if (dsc_recommender_evaluate(model, test, &evaluation, &err) != DSC_OK) {
        return cli_fail(&err);
    }
    if (evaluation.n_seen_pairs > 0) {
        cli_note("%s: the model was trained on %zu of these %zu pairs, so that its errors look "
                 "smaller than they are",
                 cli_input_name(self->ratings_path), evaluation.n_seen_pairs, evaluation.n_pairs);
    }
    if (self->form.is_json) {
        return print_json(&evaluation);
    }
    return self->form.is_csv ? print_csv(&evaluation) : print_table(&evaluation);
}

static int parse(request *self, int argc, char **argv) {
    cli_option reading_options[CLI_N_READING_OPTIONS];
    cli_reading_options(&self->reading, reading_options);
    const cli_option output_options[] = {
        CLI_JSON_OPTION(self->form),
        CLI_CSV_OPTION(self->form),
        CLI_QUIET_OPTION(self->is_quiet),
    };
    const cli_option_group groups[] = {
        {"Reading", reading_options, CLI_N_READING_OPTIONS},
        CLI_COMPUTING_GROUP,
        {"Output", output_options, CLI_COUNT(output_options)},
    };
    const cli_argument arguments[] = {
        CLI_MODEL_ARGUMENT(self->model_path),
        {"RATINGS", "known ratings that the model was not trained on; - is standard input",
         &self->ratings_path, false},
    };
    const cli_syntax syntax = {
        .command = "evaluate",
        .summary = "Compares a model's predictions with known ratings: root mean squared error "
                   "(RMSE) and mean absolute error (MAE), and beside them the errors of two "
                   "simple baselines on the same pairs.",
        .arguments = arguments,
        .n_arguments = CLI_COUNT(arguments),
        .groups = groups,
        .n_groups = CLI_COUNT(groups),
        .notes = "Example:\n"
                 "  descent evaluate model.safetensors test.csv\n",
    };
    int status = cli_parse(&syntax, argc, argv);
    return status == CLI_GO_ON ? cli_form_check("evaluate", &self->form) : status;
}

int cli_evaluate(int argc, char **argv) {
    request self = {0};
    int status = parse(&self, argc, argv);
    if (status != CLI_GO_ON) {
        return status;
    }
    dsc_recommender *model = NULL;
    dsc_ratings *test = NULL;
    status = cli_load_model(&model, self.model_path);
    if (status == CLI_GO_ON) {
        status = cli_read_ratings(&test, self.ratings_path, &self.reading, self.is_quiet);
    }
    if (status == CLI_GO_ON) {
        status = evaluate(&self, model, test);
    }
    dsc_ratings_destroy(test);
    dsc_recommender_destroy(model);
    return status;
}
