/* descent net evaluate: how good a model's predictions of a table are, beside a baseline. */
#include "command.h"
#include "computing.h"
#include "descent/predictor.h"
#include "net_data.h"
#include "net_scores.h"

typedef struct request {
    const char *model_path;
    cli_net_data data;
    cli_form form;
    bool is_quiet;
} request;

static int evaluate(const request *self, const dsc_predictor *predictor) {
    dsc_error err;
    cli_net_table data;
    dsc_predictor_evaluation evaluation;
    int status = cli_net_read_for(&data, predictor, &self->data, true, self->is_quiet);
    if (status != CLI_GO_ON) {
        return status;
    }
    if (dsc_predictor_evaluate(predictor, data.table, cli_net_rows(&data), cli_net_n_rows(&data),
                               &evaluation, &err) != DSC_OK) {
        status = cli_fail(&err);
    } else {
        status = cli_print_scores(predictor, &evaluation, &self->form);
        dsc_predictor_evaluation_clear(&evaluation);
    }
    cli_net_table_clear(&data);
    return status;
}

static int parse(request *self, int argc, char **argv) {
    cli_option reading[CLI_N_DATA_OPTIONS];
    cli_net_data_options(&self->data, reading);
    const cli_option output[] = {
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
        {"DATA", "rows that the model was not fitted on, with the target; - is standard input",
         &self->data.path, false},
    };
    const cli_syntax syntax = {
        .command = "net evaluate",
        .summary = "Compares a model's predictions with the target column of a table: RMSE, MAE "
                   "and R2 of a number; accuracy, log loss, precision, recall and F1 of each "
                   "class, and the confusion matrix; beside them a baseline that knows no column.",
        .arguments = arguments,
        .n_arguments = CLI_COUNT(arguments),
        .groups = groups,
        .n_groups = CLI_COUNT(groups),
        .notes = "Example:\n"
                 "  descent net evaluate model.safetensors test.csv\n",
    };
    int status = cli_parse(&syntax, argc, argv);
    return status == CLI_GO_ON ? cli_form_check("net evaluate", &self->form) : status;
}

int cli_net_evaluate(int argc, char **argv) {
    request self = {0};
    int status = parse(&self, argc, argv);
    if (status != CLI_GO_ON) {
        return status;
    }
    dsc_predictor *predictor = NULL;
    status = cli_load_predictor(&predictor, self.model_path);
    if (status == CLI_GO_ON) {
        status = evaluate(&self, predictor);
    }
    dsc_predictor_destroy(predictor);
    return status;
}
