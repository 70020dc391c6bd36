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

/* Loads a model and titles (items_path NULL: none), asks, and frees both. `ask` gets `request` back
 * and returns an exit status, as this does. */
typedef int (*cli_ask)(const void *request, const dsc_recommender *model, const dsc_titles *titles);
int cli_ask_model(const char *model_path, const char *items_path, cli_ask ask, const void *request);

/* Whether it was trained on interactions: what it predicts are then scores, not ratings. */
bool cli_has_scores(const dsc_recommender *model);

/* What JSON and CSV call a prediction: "rating", or "score". Static storage. */
const char *cli_rating_name(const dsc_recommender *model);

/* The error of a question about somebody whom the model does not know; returns CLI_FAILED. */
int cli_unknown_user(const char *id);
int cli_unknown_item(const char *id);

/* How many rated each item in training: (n_items), freed with free(); NULL: no memory. */
uint32_t *cli_count_ratings(const dsc_recommender *model);

#endif
