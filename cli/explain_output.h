/* An explanation as a table, JSON or CSV. */
#ifndef DESCENT_CLI_EXPLAIN_OUTPUT_H
#define DESCENT_CLI_EXPLAIN_OUTPUT_H

#include "descent/explain.h"
#include "descent/titles.h"
#include "output.h"

typedef struct cli_explained {
    const dsc_recommender *model;
    const dsc_titles *titles; /* NULL: none */
    const char *user;         /* external id */
    const char *item;         /* likewise */
    size_t n;                 /* most reasons of a table */
    const dsc_explanation *explanation;
} cli_explained;

/* Prints it on stdout. Returns an exit status. */
int cli_explained_print(const cli_explained *self, const cli_form *form);

#endif
