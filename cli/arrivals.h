/* Users or items of a file of ratings who are folded in together, with what they have from training. */
#ifndef DESCENT_CLI_ARRIVALS_H
#define DESCENT_CLI_ARRIVALS_H

#include "descent/fold_in.h"
#include "descent/ratings.h"

typedef struct cli_arrivals {
    const dsc_recommender *model;
    const dsc_ratings *ratings; /* the file's */
    const uint32_t *users;      /* (users of the file) their index in the model, or DSC_NO_INDEX */
    const uint32_t *items;      /* (items of the file) likewise */
    const dsc_fold_in_config *config; /* for those who are new */
    bool are_items;
    size_t n;
    const uint32_t *row; /* (n) in the file; items are new to the model */
} cli_arrivals;

/* Folds them in by threads, 0: as many as there are processors.
 *   folded  [out]  (users or items of the file) those of the rows are set, to NULL after a failure
 * Returns CLI_GO_ON, or an exit status after a message. */
int cli_arrivals_fold_in(const cli_arrivals *arrivals, size_t threads, dsc_folded **folded);

#endif
