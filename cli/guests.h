/* Who comes with a file of ratings instead of with the model: the option --ratings. */
#ifndef DESCENT_CLI_GUESTS_H
#define DESCENT_CLI_GUESTS_H

#include "descent/side.h"
#include "reading.h"

/* The row --ratings; `target` is a const char *. */
#define CLI_GUESTS_OPTION(path)                                                                    \
    {                                                                                              \
        .type = CLI_STRING, .name = "ratings", .letter = 'r', .value = "FILE",                     \
        .help = "ratings that came after training, as for descent train: their users, and items "  \
                "the model does not know, are folded in; what a user rated in training counts "    \
                "too",                                                                             \
        .target = &(path)                                                                          \
    }

typedef struct cli_guests cli_guests;

/* Reads the file and says on stderr what of it the model does not know. `path` NULL: no file, all
 * sides are the model's. The model is borrowed. Returns CLI_GO_ON, or an exit status after a
 * message; *out is then NULL. */
int cli_guests_open(cli_guests **out, const dsc_recommender *model, const char *path,
                    const cli_reading *reading, bool is_quiet);

/* The same file's guests of another model, with the same users and items. Closed before those that
 * they come from, whose ratings they borrow. Says nothing. Returns as above. */
int cli_guests_of_other(cli_guests **out, const cli_guests *guests, const dsc_recommender *model);
void cli_guests_close(cli_guests *guests); /* NULL is allowed */

/* The side of a user by external id: of the file where it has ratings of the user, else of the
 * model; unknown to both: all zero. Views into `guests` and the model. Returns CLI_GO_ON, or an
 * exit status after a message. */
int cli_guests_user(cli_guests *guests, dsc_id id, dsc_side *out);

/* The same of an item: of the model where it knows it, else of the file. */
int cli_guests_item(cli_guests *guests, dsc_id id, dsc_side *out);

/* Folds in users, or items, all at once by threads, so that asking for one of them only looks. Passes over those of whom the file has no ratings, items that the model knows,
 * and who was folded in before.
 *   ids      [in]  (n), at least one, in any order, any of them any number of times
 *   threads  [in]  0: as many as there are processors
 * Returns CLI_GO_ON, or an exit status after a message. */
int cli_guests_fold_in(cli_guests *guests, bool are_items, size_t n, const dsc_id *ids,
                       size_t threads);

/* The time at which sides are made from then on; DSC_NOW at first. */
void cli_guests_set_time(cli_guests *guests, int64_t time);

/* The file's ratings; NULL: no file. */
const dsc_ratings *cli_guests_ratings(const cli_guests *guests);

/* The sides of all users and items of `test`, folded in by threads as above: the arrays are freed with free(), also after a failure,
 * and what they view into belongs to the guests. Returns CLI_GO_ON, or an exit status after a message. */
int cli_guests_sides(cli_guests *guests, const dsc_ratings *test, size_t threads, dsc_side **users,
                     dsc_side **items);

#endif
