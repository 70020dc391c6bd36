/* What the files of the options of `descent train` share: the table, its checks and its rows. */
#ifndef DESCENT_CLI_TRAIN_TABLE_H
#define DESCENT_CLI_TRAIN_TABLE_H

#include "names.h"
#include "train_options.h"

/* Minibatches by those of the enum that the recommender trains with, full batches, alternating
 * least squares, or rating by rating. */
enum { CLI_BY_SGD = DSC_SGD, CLI_BY_ADAM = DSC_ADAM, CLI_BY_LBFGS, CLI_BY_ALS, CLI_BY_TWIN };
extern const char *const cli_train_optimizers[]; /* names of these, then NULL */

/* Of the vectors; "bf16" is use_bf16. Then NULL. */
extern const char *const cli_train_precisions[];

/* Bit 0: of users; bit 1: of items. */
extern const char *const cli_train_histories[]; /* then NULL */

/* What stands between the table and the configuration. */
typedef struct cli_train_table {
    cli_train_request *request;
    const char *activations[CLI_MAX_NAMES];
    const char *forms[CLI_MAX_NAMES];
    const char *losses[CLI_MAX_NAMES];
    size_t form;
    size_t history;
    size_t loss;
    size_t weighed, shared;                  /* as history */
    size_t user_activation, item_activation; /* as activation */
    size_t activation;                       /* index of the chosen name, as in the enum */
    size_t optimizer;
    size_t precision;
    cli_list hidden;
    dsc_recommender_config preset;  /* what the configuration is before parsing */
    const cli_config_file *file;    /* NULL: none */
    const cli_option_group *groups; /* (CLI_N_TRAINING) of what a configuration file may hold */
    char factors_help[160];
} cli_train_table;

enum { CLI_N_TRAINING = 3 };

enum {
    CLI_N_MODEL = 15,
    CLI_N_INTERACTIONS = 2,
    CLI_N_STEPS = 10,
    CLI_N_RIDGE = 8,
    CLI_N_EPOCHS = 6
};

/* The table with all that its rows point to, for one configuration; not to be moved. */
typedef struct cli_train_rows {
    cli_train_table self;
    cli_option model[CLI_N_MODEL];
    cli_option interactions[CLI_N_INTERACTIONS];
    cli_option training[CLI_N_STEPS + CLI_N_RIDGE + CLI_N_EPOCHS];
    bool is_given[CLI_N_MODEL + CLI_N_INTERACTIONS + CLI_N_STEPS + CLI_N_RIDGE + CLI_N_EPOCHS];
    cli_option_group groups[CLI_N_TRAINING];
} cli_train_rows;

/* The options of parts and optimizers. */
typedef struct cli_option_use {
    const char *option, *belongs_to;
    bool is_used, is_given;
} cli_option_use;

/* False ends the visit. */
typedef bool (*cli_use_visitor)(const cli_option_use *use, void *user);

/* --- train_uses.c ------------------------------------------------------------------------------- */

/* Goes through what each option belongs to. */
void cli_train_visit_uses(const cli_train_table *self, cli_use_visitor visit, void *user);

/* Prints why a value can't be, of the command line or of the configuration file; returns the status. */
int cli_train_refuse(const cli_train_table *self, const char *option, const char *format, ...)
    CLI_PRINTF(3, 4);

/* These refuse what does not go together; CLI_GO_ON: nothing. */
int cli_train_check_used(const cli_train_table *self);
int cli_train_check_feedback(const cli_train_table *self);
int cli_train_check_twin_adagrad(const cli_train_table *self);
int cli_train_check_implicit(const cli_train_table *self);
bool cli_train_is_form_of_interactions(dsc_form form);

/* --- train_rows.c ------------------------------------------------------------------------------- */

/* The rows for request->config as it is, but for what is not given until cli_train_settle. */
void cli_train_fill_rows(cli_train_rows *out, cli_train_request *request, bool has_model);

/* From what the rows were set to, to the configuration; checks it. */
int cli_train_take_choices(const cli_train_table *self);

/* --- train_options.c ---------------------------------------------------------------------------- */

/* The defaults of a form for so many ratings or interactions. */
dsc_recommender_config cli_train_preset_of(dsc_form form, bool is_implicit, size_t n);

/* A request with the defaults of a form; `optimizer` is its name, NULL: that of the form. */
void cli_train_begin(cli_train_request *request, const char *command, dsc_form form,
                     const char *optimizer, bool is_implicit);

#endif
