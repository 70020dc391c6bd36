/* What is wrong with a person's values, and why.
 *
 * A wrong value is explained by computing the step again with one mistake of the table in it, at
 * the value itself or at one before it that the person has not written down, from three starting
 * points: the true values, those of the person that are wrong, and all of the person's, which may
 * be rounded. Only what gives every cell is an explanation; the first class of mistakes that has
 * one, at the place nearest to the value, is reported. */
#include "check_diagnose.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "check_search.h"
#include "check_slip.h"
#include "options.h"
#include "output.h"

/* How an answer was explained: what its cells are when an earlier answer is left out. */
typedef struct explanation {
    cli_view_mode mode;
    const cli_mistake *mistake; /* NULL: it follows, or was explained without the table */
    size_t at;
} explanation;

/* Whether the explanation needs an earlier answer. */
static bool needs(cli_search *s, const cli_answer *answer, const explanation *by, size_t earlier) {
    s->ignored = earlier;
    cli_search_view(s, answer->value, by->mode);
    s->ignored = CLI_NO_VALUE;
    const double *result = by->mistake != NULL
                               ? cli_search_try(s, answer->value, by->at, by->mistake)
                               : s->view[answer->value];
    return result == NULL || !cli_search_explains(s, answer, result);
}

/* Lists the answers that the view takes over and that lead to this one: those without which the
 * explanation fails, or all. */
static void list_sources(cli_search *s, const cli_answer *answer, const explanation *by,
                         bool wants_all, cli_finding *finding) {
    finding->is_rounding = true;
    for (size_t i = 0; i < answer->value; i++) {
        const size_t earlier = s->answer_of[i];
        cli_search_view(s, answer->value, by->mode);
        if (!s->is_reached[i] || earlier == CLI_NO_VALUE || !s->is_altered[i] ||
            !(wants_all || needs(s, answer, by, earlier))) {
            continue;
        }
        finding->is_rounding = finding->is_rounding && s->findings[earlier].n_wrong == 0;
        if (finding->n_sources < CLI_MAX_SOURCES) {
            finding->sources[finding->n_sources++] = i;
        }
    }
    finding->is_rounding = finding->is_rounding && finding->n_sources > 0;
}

/* Where any of several answers is enough, none is needed by itself: then all are named. */
static void name_sources(cli_search *s, const cli_answer *answer, const explanation *by,
                         cli_finding *finding) {
    list_sources(s, answer, by, false, finding);
    if (finding->n_sources == 0) {
        list_sources(s, answer, by, true, finding);
    }
}

static cli_cause *add_cause(cli_finding *finding, const char *id, size_t at) {
    cli_cause *cause = &finding->causes[finding->n_causes++];
    *cause = (cli_cause){.id = id, .at = at};
    return cause;
}

/* All mistakes of a class at one value, but no more than can be reported. */
static void try_class_at(cli_search *s, const cli_answer *answer, cli_mistake_class class,
                         explanation *by, cli_finding *finding) {
    const cli_value *v = &s->values->items[by->at];
    const dsc_loss loss = dsc_network_loss(s->values->file->net);
    for (size_t i = 0; i < cli_n_mistakes && finding->n_causes < CLI_MAX_CAUSES; i++) {
        const cli_mistake *mistake = &cli_mistakes[i];
        if (mistake->class != class || (mistake->kinds & CLI_AT(v->kind)) == 0 ||
            (mistake->losses != 0 && (mistake->losses & CLI_OF(loss)) == 0)) {
            continue;
        }
        const double *result = cli_search_try(s, answer->value, by->at, mistake);
        if (result != NULL && cli_search_explains(s, answer, result)) {
            const bool is_before = by->at != answer->value;
            char text[256];
            cli_cause *cause = add_cause(finding, mistake->id, by->at);
            cli_mistake_say(mistake, s->values, v, text);
            snprintf(cause->text, sizeof cause->text, "%s%s%s%s", is_before ? "in " : "",
                     is_before ? v->name : "", is_before ? ": " : "", text);
            by->mistake = mistake;
        }
    }
}

static void try_class(cli_search *s, const cli_answer *answer, cli_mistake_class class,
                      explanation *by, cli_finding *finding) {
    for (size_t at = answer->value + 1; finding->n_causes == 0 && at-- > 0;) {
        const bool is_open = at == answer->value || s->answer_of[at] == CLI_NO_VALUE;
        if (s->is_reached[at] && is_open) {
            by->at = at;
            try_class_at(s, answer, class, by, finding);
        }
    }
}

/* The only two rows (columns) with wrong cells, exchanged. */
static bool try_exchange(cli_search *s, const cli_answer *answer, const bool *is_wrong,
                         bool is_rows, cli_finding *finding) {
    const cli_value *v = &s->values->items[answer->value];
    const size_t n = is_rows ? v->n_rows : v->n_cols;
    size_t lines[2], n_lines = 0;
    for (size_t line = 0; line < n; line++) {
        bool has_wrong = false;
        for (size_t k = 0; k < (is_rows ? v->n_cols : v->n_rows); k++) {
            has_wrong =
                has_wrong || is_wrong[is_rows ? line * v->n_cols + k : k * v->n_cols + line];
        }
        if (has_wrong && n_lines == 2) {
            return false;
        }
        if (has_wrong) {
            lines[n_lines++] = line;
        }
    }
    if (n_lines != 2) {
        return false;
    }
    double *out = cli_search_room(s, answer->value);
    for (size_t i = 0; i < cli_value_size(v); i++) {
        const size_t row = i / v->n_cols, col = i % v->n_cols, line = is_rows ? row : col;
        const size_t other = line == lines[0] ? lines[1] : line == lines[1] ? lines[0] : line;
        out[i] =
            s->view[answer->value][is_rows ? other * v->n_cols + col : row * v->n_cols + other];
    }
    if (!cli_search_explains(s, answer, out)) {
        return false;
    }
    cli_cause *cause =
        add_cause(finding, is_rows ? "rows-exchanged" : "columns-exchanged", answer->value);
    snprintf(cause->text, sizeof cause->text, "%s %zu and %zu are exchanged",
             is_rows ? "rows" : "columns", lines[0] + 1, lines[1] + 1);
    return true;
}

/* Whole numbers, each the nearest to a right value that is none. */
static bool try_rounding(const cli_search *s, const cli_answer *answer, cli_finding *finding) {
    const cli_value *v = &s->values->items[answer->value];
    bool is_rounded = answer->is_whole;
    for (size_t i = 0; is_rounded && i < cli_value_size(v); i++) {
        is_rounded = answer->cells[i].form == CLI_WRITTEN_WHOLE &&
                     fabs(answer->found[i] - s->view[answer->value][i]) <= 0.5;
    }
    if (is_rounded) {
        cli_cause *cause = add_cause(finding, "rounded", answer->value);
        snprintf(cause->text, sizeof cause->text,
                 "rounded to whole numbers, which are taken as exact: write some decimals");
    }
    return is_rounded;
}

static bool try_slip(cli_search *s, const cli_answer *answer, const bool *is_wrong, size_t n_wrong,
                     cli_finding *finding) {
    const cli_value *v = &s->values->items[answer->value];
    if (n_wrong != 1) {
        return false;
    }
    cli_slip slip = {.compute = &s->compute,
                     .judge = s->judge,
                     .answer = answer,
                     .view = s->view,
                     .right = s->view[answer->value]};
    while (!is_wrong[slip.cell]) {
        slip.cell++;
    }
    char text[CLI_CAUSE_TEXT];
    if (!cli_slip_explain(&slip, text) && cli_value_size(v) == 1) {
        return false; /* that a lone number is wrong explains nothing */
    }
    snprintf(add_cause(finding, "slip", answer->value)->text, CLI_CAUSE_TEXT, "%s", text);
    return true;
}

/* What can be seen by laying the value beside the right one. */
static int try_appearance(cli_search *s, const cli_answer *answer, cli_finding *finding) {
    bool *is_wrong = calloc(cli_value_size(&s->values->items[answer->value]), sizeof *is_wrong);
    if (is_wrong == NULL) {
        return cli_no_memory();
    }
    const size_t n_wrong = cli_search_compare(s, answer, s->view[answer->value], is_wrong);
    (void)(try_exchange(s, answer, is_wrong, true, finding) ||
           try_exchange(s, answer, is_wrong, false, finding) || try_rounding(s, answer, finding) ||
           try_slip(s, answer, is_wrong, n_wrong, finding));
    free(is_wrong);
    return CLI_GO_ON;
}

/* Whether the answer follows from others of the person's own; then they are named. */
static bool try_following(cli_search *s, const cli_answer *answer, cli_finding *finding) {
    for (cli_view_mode mode = CLI_FROM_WRONG; mode <= CLI_FROM_ALL; mode++) {
        const explanation by = {.mode = mode};
        if (cli_search_view(s, answer->value, mode) && s->is_altered[answer->value] &&
            cli_search_explains(s, answer, s->view[answer->value])) {
            finding->verdict = CLI_FOLLOWS;
            name_sources(s, answer, &by, finding);
            return true;
        }
    }
    return false;
}

/* Explains a wrong answer: from what it follows, or which mistake it shows. What is simpler comes
 * first: each class of the table and then what can be seen, from the truth and then from what the
 * person wrote. */
static int explain(cli_search *s, const cli_answer *answer, cli_finding *finding) {
    cli_search_reach(s, answer->value);
    if (try_following(s, answer, finding)) {
        return CLI_GO_ON;
    }
    int status = CLI_GO_ON;
    for (cli_mistake_class class = CLI_SPECIFIC; class <= CLI_N_MISTAKE_CLASSES; class ++) {
        for (cli_view_mode mode = CLI_FROM_TRUTH; mode < CLI_N_VIEW_MODES; mode++) {
            const bool is_altered = cli_search_view(s, answer->value, mode);
            explanation by = {.mode = mode};
            if (mode != CLI_FROM_TRUTH && !is_altered) {
                continue; /* the same as the truth */
            }
            if (class < CLI_N_MISTAKE_CLASSES) {
                try_class(s, answer, class, &by, finding);
            } else {
                status = try_appearance(s, answer, finding);
            }
            if (finding->n_causes > 0 || status != CLI_GO_ON) {
                name_sources(s, answer, &by, finding);
                return status;
            }
        }
    }
    return status;
}

/* --- the whole ---------------------------------------------------------------------------------
 */

/* A right cell whose few digits are far from the truth, which deserves to be told. */
static size_t find_coarse(const cli_search *s, const cli_answer *answer, const bool *is_wrong) {
    const cli_value *value = &s->values->items[answer->value];
    double largest =
        0.02; /* as a share of the truth: 0.30 for 0.298 passes, 0.1 for 0.09 is told */
    size_t found = CLI_NO_VALUE;
    for (size_t i = 0; !s->judge->has_tolerance && i < cli_value_size(value); i++) {
        const double share = fabs(answer->found[i] - value->truth[i]) / fabs(value->truth[i]);
        if (!is_wrong[i] && share > largest && isfinite(share)) {
            largest = share;
            found = i;
        }
    }
    return found;
}

static int judge_all(cli_search *s) {
    for (size_t i = 0; i < s->answers->n; i++) {
        const cli_answer *answer = &s->answers->items[i];
        const cli_value *value = &s->values->items[answer->value];
        cli_finding *finding = &s->findings[i];
        finding->is_wrong = calloc(cli_value_size(value), sizeof *finding->is_wrong);
        if (finding->is_wrong == NULL) {
            return cli_no_memory();
        }
        finding->n_wrong = cli_search_compare(s, answer, value->truth, finding->is_wrong);
        finding->verdict = finding->n_wrong > 0 ? CLI_WRONG : CLI_RIGHT;
        finding->coarse = find_coarse(s, answer, finding->is_wrong);
    }
    return CLI_GO_ON;
}

int cli_diagnose(cli_finding **out, const cli_answers *answers, const cli_judge *judge) {
    cli_search s;
    int status = cli_search_make(&s, answers, judge);
    if (status == CLI_GO_ON) {
        status = judge_all(&s);
    }
    for (size_t i = 0; status == CLI_GO_ON && i < answers->n; i++) {
        if (s.findings[i].n_wrong > 0) {
            status = explain(&s, &answers->items[i], &s.findings[i]);
        }
    }
    cli_search_clear(&s);
    *out = s.findings;
    if (status != CLI_GO_ON) {
        cli_findings_free(s.findings, answers->n);
        *out = NULL;
    }
    return status;
}

void cli_findings_free(cli_finding *findings, size_t n) {
    for (size_t i = 0; findings != NULL && i < n; i++) {
        free(findings[i].is_wrong);
    }
    free(findings);
}
