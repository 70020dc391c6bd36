/* What the commands that ask a model share: loading, titles, counting. */
#ifndef DESCENT_CLI_MODEL_H
#define DESCENT_CLI_MODEL_H

#include <stdint.h>

#include "descent/recommender.h"
#include "descent/titles.h"
#include "options.h"

/* The argument MODEL; `target` is a const char *. */
#define CLI_MODEL_ARGUMENT(path)                                                                   \
    { "MODEL", "a model file, as descent train writes it", &(path), false }

/* Loads a model. Returns CLI_GO_ON, or an exit status after a message. */
int cli_load_model(dsc_recommender **out, const char *path);

/* The row --items; `target` is a const char *. */
#define CLI_TITLES_OPTION(path)                                                                    \
    {                                                                                              \
        .type = CLI_STRING, .name = "items", .letter = 't', .value = "FILE",                       \
        .help = "titles to show: item id and title on each line; also u.item and movies.dat",      \
        .target = &(path)                                                                          \
    }

/* Reads titles, and says on stderr when none of them belongs to the model; *out is NULL where
 * `path` is. Returns as cli_load_model. */
int cli_load_titles(dsc_titles **out, const dsc_recommender *model, const char *path);

/* The error of a question about somebody whom the model does not know; returns CLI_FAILED. */
int cli_unknown_user(const char *id);
int cli_unknown_item(const char *id);

/* How many rated each item in training: (n_items), freed with free(); NULL: no memory. */
uint32_t *cli_count_ratings(const dsc_recommender *model);

#endif
