/* The library's names of activations, losses, optimizers, schedules and forms as the choices of
 * options. */
#ifndef DESCENT_CLI_NAMES_H
#define DESCENT_CLI_NAMES_H

#include <stddef.h>

/* More than any of the enums has, with a NULL at the end. */
enum { CLI_MAX_NAMES = 16 };

/* The name of a value of an enum; NULL outside of it. */
typedef const char *(*cli_name_of)(int value);
const char *cli_activation_name(int value);
const char *cli_loss_name(int value);
const char *cli_optimizer_name(int value);
const char *cli_schedule_name(int value);
const char *cli_form_name(int value);
const char *cli_rating_loss_name(int value);

/* Lists them all from out[n] on, in the order of the enum, and NULL behind. Returns the new n. */
size_t cli_list_names(cli_name_of name_of, const char *out[CLI_MAX_NAMES], size_t n);

#endif
