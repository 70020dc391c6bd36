/* Assessing a model by test ratings: the errors of its predictions, or how well it ranks; what
 * `descent evaluate` and `descent validate` share. */
#ifndef DESCENT_CLI_ASSESS_H
#define DESCENT_CLI_ASSESS_H

#include "descent/evaluation.h"
#include "guests.h"
#include "options.h"
#include "output.h"
#include "reading.h"

/* The baselines that stand beside the model: all, or those that take no training. */
enum { CLI_ALL_BASELINES, CLI_FAST_BASELINES };

/* What is asked for. */
typedef struct cli_assess_request {
    bool is_ranking;
    cli_list top;       /* cutoffs; n of 0: not given */
    double relevant;    /* NAN: not given */
    size_t n_negatives; /* CLI_NOT_GIVEN: all items */
    const char *negatives_path;
    double level;     /* of confidence intervals; NAN: none */
    size_t baselines; /* CLI_ALL_BASELINES, CLI_FAST_BASELINES */
    uint64_t seed;
    uint64_t threads; /* CLI_NOT_GIVEN: as many as there are processors */
} cli_assess_request;

/* The request before parsing. */
cli_assess_request cli_assess_default(void);

/* The rows of the table; `letter` is that of --top, 0: none. */
enum { CLI_N_ASSESS_OPTIONS = 7 };
void cli_assess_options(cli_assess_request *request, char letter,
                        cli_option out[CLI_N_ASSESS_OPTIONS]);

/* What a table cannot say; `reading` is how the test ratings are read. Returns CLI_GO_ON or CLI_USAGE
 * after a message. */
int cli_assess_check(const char *command, const cli_assess_request *request,
                     const cli_reading *reading);

/* What was found; one of the two evaluations is filled. */
typedef struct cli_assessment {
    const cli_assess_request *request;
    dsc_evaluation errors;
    dsc_ranking_evaluation ranking;
    bool has_dot;           /* the dot product stands beside the model */
    dsc_errors dot;         /* its errors */
    bool is_implicit;       /* every test pair is relevant: they have no ratings */
    double min_relevant;    /* of the ranking; NAN where it is implicit */
    bool is_min_mean;       /* it is the mean training rating */
    bool has_scores;        /* of a model of interactions, beside which a dot product of ratings has
                               no place */
    size_t n_k;             /* of the ranking */
    size_t k[CLI_MAX_LIST]; /* (n_k) */
} cli_assessment;

/* What is assessed, and by what. */
typedef struct cli_assessed {
    const dsc_recommender *model;
    const dsc_ratings *test;
    cli_guests *guests; /* who came after training; NULL: nobody did */
    const char *name;   /* of the test ratings, in messages */
} cli_assessed;

/* Assesses, and says on stderr what flatters the model. Returns CLI_GO_ON, or an exit status after
 * a message. */
int cli_assess(const cli_assess_request *request, const cli_assessed *what, bool is_quiet,
               cli_assessment *out);

/* --- printing ------------------------------------------------------------------------------ */

/* One metric, at one cutoff, of the model and of each baseline. */
enum {
    CLI_MAX_PREDICTORS = DSC_N_CONTENDERS,
    CLI_MAX_FIGURES = DSC_MAX_CUTOFFS * DSC_N_RANKING_METRICS + 1
};
typedef struct cli_figure {
    const char *metric; /* in JSON and CSV: "ndcg" */
    const char *title;  /* for people: "NDCG" */
    size_t k;           /* 0: none */
    dsc_measure of[CLI_MAX_PREDICTORS];
} cli_figure;

/* All of an assessment. */
typedef struct cli_figures {
    size_t n_predictors;
    const char *predictor[CLI_MAX_PREDICTORS]; /* the model first */
    size_t n;
    cli_figure figure[CLI_MAX_FIGURES];
} cli_figures;

void cli_list_figures(cli_figures *out, const cli_assessment *assessment);

/* "ndcg@10", or for people "NDCG@10". */
void cli_figure_name(const cli_figure *figure, bool is_for_people, char *out, size_t length);

/* The columns of figures in CSV: predictor, metric, k, value, low, high; those of one figure. */
enum { CLI_N_FIGURE_CELLS = 6 };
extern const char *const cli_figure_columns[CLI_N_FIGURE_CELLS];
void cli_figure_cells(const cli_figures *figures, size_t predictor, const cli_figure *figure,
                      char text[CLI_N_FIGURE_CELLS][32], dsc_id cells[CLI_N_FIGURE_CELLS]);

/* "all", "99 sampled" or "given": what a ranking is labelled with; "" for errors. */
void cli_candidates_label(const cli_assessment *assessment, char *out, size_t length);

/* Prints an assessment in the form asked for. Returns an exit status. */
int cli_print_assessment(const cli_assessment *assessment, const cli_form *form);

/* The sentences below a table, on stdout. */
void cli_print_counts(const cli_assessment *assessment);

/* The whole as an object; NULL: no memory. */
json_t *cli_assessment_to_json(const cli_assessment *assessment);

#endif
