/* What is said about a blend and its members: after training, and by `descent inspect`. */
#ifndef DESCENT_CLI_BLEND_REPORT_H
#define DESCENT_CLI_BLEND_REPORT_H

#include <stddef.h>

#include "descent/blend.h"

enum { CLI_DESCRIPTION_LENGTH = 160 };

/* What a model is made of, in a few words: "dot product with histories of users and items, 40
 * factors". */
void cli_describe_model(const dsc_recommender_config *config, char *out, size_t length);

/* A blend that has been trained. */
typedef struct cli_blended {
    const dsc_recommender *blend;
    const dsc_blend_report *report;
    size_t n_members;                     /* as configured */
    const dsc_recommender_config *config; /* (n_members) likewise */
    const char *path;                     /* of the model */
    double elapsed_s;
} cli_blended;

/* For people on stderr, or one JSON document on stdout; returns an exit status. */
void cli_blended_print(const cli_blended *self);
int cli_blended_print_json(const cli_blended *self);

#endif
