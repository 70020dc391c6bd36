/* What `descent net check` prints: the verdicts, or the list of what can be checked. */
#ifndef DESCENT_CLI_CHECK_REPORT_H
#define DESCENT_CLI_CHECK_REPORT_H

#include "check_diagnose.h"

typedef struct cli_check_report {
    const cli_values *values;
    const cli_answers *answers;  /* n of 0: the list is printed */
    const cli_finding *findings; /* (answers->n) */
    const cli_judge *judge;
    bool shows_fractions; /* every value as fractions; needs exact values in the judge */
    const char
        *obstacle;    /* why the values that were to be exact are not; "": nothing of the kind */
    size_t precision; /* most decimals of a decimal number in the text */
    size_t width;     /* columns of the terminal */
} cli_check_report;

/* Answers with a verdict. */
size_t cli_check_count(const cli_check_report *report, cli_verdict verdict);

/* Print on stdout; return CLI_DONE or CLI_FAILED after a message. */
int cli_check_text(const cli_check_report *report);
int cli_check_json(const cli_check_report *report);

/* --- the parts of the text ---------------------------------------------------------------------
 */

/* Prints a value's matrix as fractions beside decimal numbers, indented. CLI_GO_ON or CLI_FAILED.
 */
int cli_print_exact(const cli_check_report *report, const cli_value *value);

/* A right cell for people: "52", "1/3 = 0.333333", with more decimals than `found_decimals`.
 * NULL: no memory; freed with free(). */
char *cli_right_text(const cli_check_report *report, const cli_value *value, size_t cell,
                     long found_decimals);

#endif
