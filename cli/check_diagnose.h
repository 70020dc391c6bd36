/* What is wrong with a person's values, and why: judged by their digits, explained by the table of
 * mistakes. */
#ifndef DESCENT_CLI_CHECK_DIAGNOSE_H
#define DESCENT_CLI_CHECK_DIAGNOSE_H

#include "check_compute.h"
#include "check_exact.h"
#include "check_file.h"

/* How the values are compared: docs/network-check.md. */
typedef struct cli_judge {
    bool has_tolerance;     /* false: by the digits that were written */
    mpq_t tolerance;        /* largest difference that is right */
    const cli_exact *exact; /* the exact values; NULL: those in double */
    bool is_strict;         /* no room for rounding beside the exact ones */
} cli_judge;

typedef enum cli_verdict {
    CLI_RIGHT = 0,
    CLI_WRONG = 1,
    CLI_FOLLOWS = 2 /* wrong, but right given values that the person wrote before */
} cli_verdict;

enum { CLI_MAX_CAUSES = 3, CLI_MAX_SOURCES = 8, CLI_CAUSE_TEXT = 320 };

typedef struct cli_cause {
    const char *id; /* of the mistake: "bias-left-out", "slip", "rows-exchanged" */
    size_t at;      /* the value at which it was made: the wrong one or one before it */
    char text[CLI_CAUSE_TEXT];
} cli_cause;

typedef struct cli_finding {
    cli_verdict verdict;
    bool *is_wrong; /* (n_rows, n_cols): these cells */
    size_t n_wrong;
    size_t coarse;    /* the right cell that is farthest from the truth by a share that is large;
                         CLI_NO_VALUE: none */
    size_t n_sources; /* the person's own values from which it follows, or was computed wrongly */
    size_t sources[CLI_MAX_SOURCES];
    bool is_rounding; /* these are all right, but rounded */
    size_t n_causes;
    cli_cause causes[CLI_MAX_CAUSES]; /* alternatives; any of them explains every cell */
} cli_finding;

/* Judges every answer and explains the wrong ones.
 *   out  [out]  (answers->n), to be freed with cli_findings_free; NULL after a failure
 * Returns CLI_GO_ON or CLI_FAILED after a message. */
int cli_diagnose(cli_finding **out, const cli_answers *answers, const cli_judge *judge);
void cli_findings_free(cli_finding *findings, size_t n);

/* Whether cell i of an answer is right when `truth` is the value; `slack` as in exact_number.h. */
bool cli_cell_agrees(const cli_judge *judge, const cli_answer *answer, size_t i, mpq_srcptr truth,
                     mpq_srcptr slack);

#endif
