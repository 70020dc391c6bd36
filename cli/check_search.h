/* Trying out what would give a person's value: views of the step, with and without a mistake. */
#ifndef DESCENT_CLI_CHECK_SEARCH_H
#define DESCENT_CLI_CHECK_SEARCH_H

#include "check_diagnose.h"
#include "check_mistakes.h"

/* Whose values a view starts from. */
typedef enum cli_view_mode {
    CLI_FROM_TRUTH = 0,
    CLI_FROM_WRONG = 1, /* the person's, where they are wrong */
    CLI_FROM_ALL = 2,   /* the person's, which may be rounded */
    CLI_N_VIEW_MODES = 3
} cli_view_mode;

typedef struct cli_search {
    const cli_answers *answers;
    const cli_judge *judge;
    const cli_values *values;
    cli_compute compute;
    cli_finding *findings;
    size_t *answer_of;    /* (values->n), index in answers or CLI_NO_VALUE */
    const double **view;  /* (values->n), the starting point */
    const double **trial; /* (values->n), with a mistake in it */
    double *view_memory;  /* of the size of all truths */
    double *trial_memory;
    bool *is_altered;  /* (values->n), the view is not the truth there */
    bool *is_affected; /* (values->n), the trial is not the view there */
    bool *is_reached;  /* (values->n), leads to the value in question with no answer between */
    size_t ignored;    /* an answer that a view leaves out; CLI_NO_VALUE: none */
    mpq_t truth, slack;
} cli_search;

/* Returns CLI_GO_ON or CLI_FAILED after a message; to be cleared in any case. The findings are not
 * freed with it. */
int cli_search_make(cli_search *out, const cli_answers *answers, const cli_judge *judge);
void cli_search_clear(cli_search *search);

/* Marks in is_wrong, where it is not NULL, the cells of an answer that differ from `data`; the
 * truth is compared exactly where it is known exactly. Returns how many differ. */
size_t cli_search_compare(cli_search *s, const cli_answer *answer, const double *data,
                          bool *is_wrong);

/* Whether no cell differs. */
bool cli_search_explains(cli_search *s, const cli_answer *answer, const double *data);

/* Where a value has room for a trial. */
double *cli_search_room(const cli_search *s, size_t value);

/* Marks what leads to the value `subject` without passing through another answer. */
void cli_search_reach(cli_search *s, size_t subject);

/* Builds the starting point for explaining `subject`, which itself is computed. Returns whether it
 * differs from the truth anywhere that matters to the subject. */
bool cli_search_view(cli_search *s, size_t subject, cli_view_mode mode);

/* Computes the subject from the view with a mistake made at value `at`; NULL: it cannot be made, or
 * is lost on the way. */
const double *cli_search_try(cli_search *s, size_t subject, size_t at, const cli_mistake *mistake);

#endif
