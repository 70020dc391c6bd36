/* What descent tune draws from: the settings of each form with their ranges, around its defaults.
 * docs/tuning.md has the table for people. */
#ifndef DESCENT_CLI_TUNE_SPACE_H
#define DESCENT_CLI_TUNE_SPACE_H

#include "train_options.h"

enum { CLI_MAX_SETTINGS = 12, CLI_SETTING_LENGTH = 32 };

/* The settings of a trial, in which the values point into `text`: not to be moved. */
typedef struct cli_settings {
    size_t n; /* 0: the defaults of the form */
    cli_setting setting[CLI_MAX_SETTINGS];
    char text[CLI_MAX_SETTINGS][CLI_SETTING_LENGTH];
} cli_settings;

/* Whether there is something to draw for the form. */
bool cli_space_has(dsc_form form);

/* Draw number `index` for these ratings.
 *   is_near  [in]  the strengths, lengths and rates alone, and close to the defaults
 * Returns CLI_GO_ON, or an exit status after a message. */
int cli_space_draw(dsc_form form, const dsc_ratings *ratings, uint64_t seed, uint64_t index,
                   bool is_near, cli_settings *out);

#endif
