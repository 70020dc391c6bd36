/* Trying out what would give a person's value: views of the step, with and without a mistake. */
#include "check_search.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "options.h"
#include "output.h"

/* Of doubles, what rounding may have moved: far more than it does in a network of this size. */
#define ROUNDING 1e-12

/* --- judging -----------------------------------------------------------------------------------
 */

bool cli_cell_agrees(const cli_judge *judge, const cli_answer *answer, size_t i, mpq_srcptr truth,
                     mpq_srcptr slack) {
    const cli_written *cell = &answer->cells[i];
    if (judge->has_tolerance) {
        mpq_t bound;
        mpq_init(bound);
        mpq_add(bound, judge->tolerance, slack);
        const bool is_near = cli_exact_near(cell->value, truth, bound);
        mpq_clear(bound);
        return is_near;
    }
    if (cell->form == CLI_WRITTEN_FRACTION ||
        (cell->form == CLI_WRITTEN_WHOLE && answer->is_whole)) {
        return cli_exact_near(cell->value, truth, slack);
    }
    return cli_digits_agree(cell->value,
                            cell->form == CLI_WRITTEN_WHOLE ? answer->decimals : cell->decimals,
                            truth, slack);
}

static double largest_of(const double *data, size_t n) {
    double largest = 0.0;
    for (size_t i = 0; i < n; i++) {
        largest = fmax(largest, fabs(data[i]));
    }
    return largest;
}

/* The slack of a cell in a matrix of doubles as large as `largest`. Beside exact values it is for
 * what was given rounded, such as 0.3333333333333333: there a whole number is never taken for
 * another, and with is_strict there is none. */
static void set_slack(cli_search *s, const cli_written *cell, double largest, bool is_exact) {
    double slack = ROUNDING * largest;
    if (is_exact && cell->form == CLI_WRITTEN_WHOLE) {
        slack = fmin(slack, 0.25);
    }
    mpq_set_d(s->slack, is_exact && s->judge->is_strict ? 0 : slack);
}

/* Marks the cells that differ from `data`, or from the exact truth; returns how many. */
size_t cli_search_compare(cli_search *s, const cli_answer *answer, const double *data,
                          bool *is_wrong) {
    const cli_value *value = &s->values->items[answer->value];
    const bool is_exact = s->judge->exact != NULL && cli_exact_has(value) && data == value->truth;
    const size_t n = cli_value_size(value);
    size_t n_wrong = 0;
    const double largest = largest_of(data, n);
    for (size_t i = 0; i < n; i++) {
        if (is_exact) {
            mpq_set(s->truth, cli_exact_cells(s->judge->exact, value)[i]);
        } else {
            mpq_set_d(s->truth, data[i]);
        }
        set_slack(s, &answer->cells[i], largest, is_exact);
        const bool agrees = cli_cell_agrees(s->judge, answer, i, s->truth, s->slack);
        n_wrong += !agrees;
        if (is_wrong != NULL) {
            is_wrong[i] = !agrees;
        } else if (!agrees) {
            break; /* one is enough to know */
        }
    }
    return n_wrong;
}

bool cli_search_explains(cli_search *s, const cli_answer *answer, const double *data) {
    return cli_search_compare(s, answer, data, NULL) == 0;
}

/* --- views -------------------------------------------------------------------------------------
 */

static double *place_in(const cli_search *s, double *memory, size_t value) {
    return memory + (s->values->items[value].truth - s->values->memory);
}

double *cli_search_room(const cli_search *s, size_t value) {
    return place_in(s, s->trial_memory, value);
}

static bool has_altered_operand(const cli_search *s, const cli_value *v) {
    bool has = false;
    for (size_t i = 0; i < v->n_operands; i++) {
        has = has || s->is_altered[v->operands[i]];
    }
    return has;
}

/* But for the rounding of doubles. */
static bool equals_truth(const cli_answer *answer, const cli_value *v) {
    double largest = 0.0, difference = 0.0;
    for (size_t i = 0; i < cli_value_size(v); i++) {
        largest = fmax(largest, fabs(v->truth[i]));
        difference = fmax(difference, fabs(answer->found[i] - v->truth[i]));
    }
    return difference <= ROUNDING * largest;
}

static void make_view(cli_search *s, size_t subject, cli_view_mode mode) {
    for (size_t i = 0; i < s->values->n; i++) {
        const cli_value *v = &s->values->items[i];
        s->view[i] = v->truth;
        s->is_altered[i] = false;
        if (mode == CLI_FROM_TRUTH) {
            continue;
        }
        if (s->answer_of[i] != CLI_NO_VALUE && i != subject) {
            const cli_answer *answer = &s->answers->items[s->answer_of[i]];
            const bool is_wrong = s->findings[s->answer_of[i]].n_wrong > 0;
            if ((mode == CLI_FROM_ALL || is_wrong) && s->answer_of[i] != s->ignored &&
                !equals_truth(answer, v)) {
                s->view[i] = answer->found;
                s->is_altered[i] = true;
            }
        } else if (has_altered_operand(s, v)) {
            double *out = place_in(s, s->view_memory, i);
            if (cli_compute_right(&s->compute, v, s->view, out)) {
                s->view[i] = out;
                s->is_altered[i] = true;
            }
        }
    }
}

/* Marks what leads to the subject without passing through another answer. */
void cli_search_reach(cli_search *s, size_t subject) {
    memset(s->is_reached, 0, s->values->n * sizeof *s->is_reached);
    s->is_reached[subject] = true;
    for (size_t i = subject + 1; i-- > 0;) {
        const cli_value *v = &s->values->items[i];
        if (s->is_reached[i] && (i == subject || s->answer_of[i] == CLI_NO_VALUE)) {
            for (size_t k = 0; k < v->n_operands; k++) {
                s->is_reached[v->operands[k]] = true;
            }
        }
    }
}

/* Whether the view differs from the truth anywhere that matters to the subject. */
static bool is_altered_before(const cli_search *s, size_t subject) {
    for (size_t i = 0; i < subject; i++) {
        if (s->is_reached[i] && s->is_altered[i]) {
            return true;
        }
    }
    return false;
}

bool cli_search_view(cli_search *s, size_t subject, cli_view_mode mode) {
    make_view(s, subject, mode);
    return is_altered_before(s, subject);
}

const double *cli_search_try(cli_search *s, size_t subject, size_t at, const cli_mistake *mistake) {
    double *out = cli_search_room(s, at);
    memcpy(s->trial, s->view, s->values->n * sizeof *s->trial);
    memset(s->is_affected, 0, s->values->n * sizeof *s->is_affected);
    if (!mistake->give(&s->compute, &s->values->items[at], s->view, out)) {
        return NULL;
    }
    s->trial[at] = out;
    s->is_affected[at] = true;
    for (size_t i = at + 1; i <= subject; i++) {
        const cli_value *v = &s->values->items[i];
        bool is_affected = false;
        for (size_t k = 0; k < v->n_operands; k++) {
            is_affected = is_affected || s->is_affected[v->operands[k]];
        }
        if (!is_affected || !s->is_reached[i] ||
            (i != subject && s->answer_of[i] != CLI_NO_VALUE)) {
            continue;
        }
        out = cli_search_room(s, i);
        if (!cli_compute_right(&s->compute, v, s->trial, out)) {
            return NULL;
        }
        s->trial[i] = out;
        s->is_affected[i] = true;
    }
    bool is_changed = false; /* what changes nothing, as a 1 x 1 transposed, explains nothing */
    for (size_t i = 0; i < cli_value_size(&s->values->items[subject]); i++) {
        if (!s->is_affected[subject] || !isfinite(s->trial[subject][i])) {
            return NULL;
        }
        is_changed = is_changed || s->trial[subject][i] != s->view[subject][i];
    }
    return is_changed ? s->trial[subject] : NULL;
}

/* --- the memory --------------------------------------------------------------------------------
 */

int cli_search_make(cli_search *s, const cli_answers *answers, const cli_judge *judge) {
    *s = (cli_search){.answers = answers, .judge = judge, .values = answers->values};
    const cli_values *values = s->values;
    const size_t n = values->n;
    const cli_value *last = &values->items[n - 1];
    const size_t n_cells = (size_t)(last->truth - values->memory) + cli_value_size(last);
    mpq_inits(s->truth, s->slack, (mpq_ptr)NULL);
    s->findings = calloc(s->answers->n, sizeof *s->findings);
    s->answer_of = calloc(n, sizeof *s->answer_of);
    s->view = calloc(n, sizeof *s->view);
    s->trial = calloc(n, sizeof *s->trial);
    s->view_memory = calloc(n_cells, sizeof *s->view_memory);
    s->trial_memory = calloc(n_cells, sizeof *s->trial_memory);
    s->is_altered = calloc(n, sizeof *s->is_altered);
    s->is_affected = calloc(n, sizeof *s->is_affected);
    s->is_reached = calloc(n, sizeof *s->is_reached);
    if (s->findings == NULL || s->answer_of == NULL || s->view == NULL || s->trial == NULL ||
        s->view_memory == NULL || s->trial_memory == NULL || s->is_altered == NULL ||
        s->is_affected == NULL || s->is_reached == NULL) {
        return cli_no_memory();
    }
    for (size_t i = 0; i < n; i++) {
        s->answer_of[i] = CLI_NO_VALUE;
    }
    s->ignored = CLI_NO_VALUE;
    for (size_t i = 0; i < s->answers->n; i++) {
        s->answer_of[s->answers->items[i].value] = i;
    }
    return cli_compute_make(&s->compute, values);
}

void cli_search_clear(cli_search *s) {
    cli_compute_clear(&s->compute);
    free(s->answer_of);
    free(s->view);
    free(s->trial);
    free(s->view_memory);
    free(s->trial_memory);
    free(s->is_altered);
    free(s->is_affected);
    free(s->is_reached);
    mpq_clears(s->truth, s->slack, (mpq_ptr)NULL);
}
