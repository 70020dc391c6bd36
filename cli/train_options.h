/* The options of `descent train`: one row for each field of the recommender's configuration. */
#ifndef DESCENT_CLI_TRAIN_OPTIONS_H
#define DESCENT_CLI_TRAIN_OPTIONS_H

#include "config_file.h"
#include "descent/recommender.h"
#include "options.h"
#include "output.h"
#include "reading.h"

typedef struct cli_train_request {
    const char *command; /* "train" */
    const char *ratings_path;
    const char *model_path;
    const char *config_path; /* NULL: none */
    cli_reading reading;
    dsc_form form_of_model;        /* whose defaults the configuration started from */
    dsc_recommender_config config; /* not given until cli_train_settle: ridge NAN, n_factors
                                      CLI_NOT_GIVEN */
    cli_form form;                 /* is_json alone for `descent train` */
    bool is_quiet;
    bool has_history; /* which histories was said; else trials may do without */
    uint64_t threads; /* of reading and training; 0: as many as there are processors */
} cli_train_request;

/* A command that trains: what it adds to the options of `descent train`. */
typedef struct cli_train_use {
    const char *command, *summary, *notes; /* of its table */
    const char *ratings_help;              /* of the argument RATINGS */
    bool has_model;                        /* writes a model: --output */
    bool has_csv;                          /* prints CSV too: --csv */
    const cli_option_group *more;          /* (n_more) groups of its own, borrowed */
    size_t n_more;
} cli_train_use;

/* At most so many groups of a command's own. */
enum { CLI_MAX_TRAIN_GROUPS = 4 };

/* Parses the command line into *request.
 *   use  [in]  NULL: `descent train` itself
 * Returns CLI_GO_ON or an exit status. */
int cli_train_parse(cli_train_request *request, const cli_train_use *use, int argc, char **argv);

/* An option and its value as on the command line. */
typedef struct cli_setting {
    const char *option; /* without its dashes */
    const char *value;
} cli_setting;

/* The model and training of a form with n settings, as by a command line of these options alone, into
 * *request, whose other members become empty. Returns CLI_GO_ON, or an exit status after a message. */
int cli_train_set(cli_train_request *request, const char *command, dsc_form form,
                  const cli_setting *settings, size_t n);

/* The default of an option with one number, for n_ratings and with n other settings of the form. False,
 * and *out untouched: under these settings the option is not used. */
bool cli_train_default(dsc_form form, const cli_setting *settings, size_t n, size_t n_ratings,
                       const char *option, double *out);

/* Writes the model and training of *request, settled or not, as a file for --config: every option
 * that its model or optimizer uses and that has a value.
 *   maker   [in]   what the file says of its origin
 *   length  [out]  of the text
 * Returns the text, freed with free(); NULL: no memory. */
char *cli_train_write(const cli_train_request *request, const char *maker, size_t *length);

/* The form that a configuration of a trained model is a setting of. */
dsc_form cli_train_form_of(const dsc_recommender_config *config);

/* Fills in what depends on the number of ratings. */
void cli_train_settle(cli_train_request *request, size_t n_ratings);

#endif
