/* Ratings files on the command line: the options that say how to read them, and the report. */
#ifndef DESCENT_CLI_READING_H
#define DESCENT_CLI_READING_H

#include "descent/ratings.h"
#include "options.h"

typedef struct cli_reading {
    size_t delimiter; /* values of dsc_delimiter, dsc_header, dsc_on_error */
    size_t header;
    size_t on_error;
    cli_list columns; /* user, item, rating, time; n of 0: detected */
    bool implicit;    /* no ratings but interactions */
    bool lists;       /* the same, as lists; implies the above */
    size_t threads;   /* no option here; 0: as many as there are processors */
} cli_reading;

/* Fills a table with the options; those that only ratings files have come last. */
enum { CLI_N_TEXT_OPTIONS = 2, CLI_N_READING_OPTIONS = 6 };
void cli_reading_options(cli_reading *reading, cli_option options[CLI_N_READING_OPTIONS]);

/* Whether --implicit or --lists was given. */
bool cli_reading_is_implicit(const cli_reading *reading);

dsc_ratings_format cli_reading_format(const cli_reading *reading);

/* Reads a file and says on stderr what was found; with is_quiet only what is odd about it.
 * Returns CLI_GO_ON, or an exit status after a message. */
int cli_read_ratings(dsc_ratings **out, const char *path, const cli_reading *reading,
                     bool is_quiet);

/* Users, items, ratings, density, scale and histogram, on stderr; of implicit feedback, which has no
 * scale, how many items a user has. */
void cli_print_summary(const dsc_ratings *ratings);

#endif
