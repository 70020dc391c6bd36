/* The members of a blend on the command line: each a text of options of `descent train`. */
#ifndef DESCENT_CLI_BLEND_MEMBERS_H
#define DESCENT_CLI_BLEND_MEMBERS_H

#include "descent/blend.h"
#include "train_options.h"

typedef struct cli_members {
    size_t n;
    bool is_usual; /* none were named: those of dsc_blend_usual_members */
    cli_train_request train[DSC_MAX_MEMBERS];       /* of named ones */
    dsc_recommender_config config[DSC_MAX_MEMBERS]; /* when settled */
    double weight[DSC_MAX_MEMBERS];                 /* NAN: not given */
    bool has_seed[DSC_MAX_MEMBERS];
} cli_members;

/* "form=dot factors=20 no-biases weight=0.3": words apart by blanks, NAME=VALUE or no-NAME, and
 * "FILE.json", a file for --config. Texts are borrowed for the call.
 * Returns CLI_GO_ON, or an exit status after a message. */
int cli_members_parse(cli_members *out, const cli_texts *texts);

/* Fills in what depends on the ratings; a member without a seed has `seed` and its place,
 * counted from 0. */
void cli_members_settle(cli_members *members, const dsc_ratings *ratings, uint64_t seed);

#endif
