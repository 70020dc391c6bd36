/* The journal of descent tune: one JSON line for each evaluation that has ended, behind a header that
 * says of what data and settings it is.
 *
 * A search that begins anew asks the journal before it trains, so that it goes on where it was. Each
 * line is on the disk before the next evaluation begins. */
#ifndef DESCENT_CLI_TUNE_JOURNAL_H
#define DESCENT_CLI_TUNE_JOURNAL_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "tune_measure.h"

/* One training on the rest of one fold, and its test on the fold. */
typedef struct cli_evaluation {
    size_t trial, fold; /* from 0 */
    size_t epochs;      /* at most so many */
    bool has_failed;    /* it cannot be trained; nothing below but the seconds then */
    cli_sums sums;
    size_t n_parameters; /* of the model */
    double seconds;
} cli_evaluation;

typedef struct cli_journal {
    const char *path; /* borrowed */
    int file;
    cli_evaluation *entries; /* (n) */
    size_t n, capacity;
} cli_journal;

/* Opens or begins a journal and reads what it holds. A last line that was not written whole is
 * dropped with a note.
 *   header  [in]   an object, not changed: what the search is of
 *   out     [out]  to be given to cli_journal_close, also after a failure
 * Returns CLI_GO_ON, or an exit status after a message: a journal of another search, which the
 * message tells apart; a file that is no journal; one that is in use. */
int cli_journal_open(cli_journal *out, const char *path, json_t *header);

/* What the journal has of an evaluation; NULL: nothing. Valid until the next is added. */
const cli_evaluation *cli_journal_find(const cli_journal *journal, size_t trial, size_t fold,
                                       size_t epochs);

/* Adds one and waits until it is on the disk. Returns CLI_GO_ON, or an exit status after a message. */
int cli_journal_add(cli_journal *journal, const cli_evaluation *evaluation);

void cli_journal_close(cli_journal *journal);

#endif
