/* What descent tune says: a line for each trial of a rung, and at the end a table of what it tried. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "output.h"
#include "tune_search.h"

enum { N_COLUMNS = 9, MAX_TEXT = 512 };

/* --- progress -------------------------------------------------------------------------------- */

/* "about 3:05 left" at the pace so far; "" before there is one. */
static void write_left(const cli_search *self, char *out, size_t length) {
    double left = self->work_done > 0 ? self->seconds / self->work_done *
                                            fmax(self->work_in_all - self->work_done, 0)
                                      : 0;
    if (!isnan(self->request->minutes)) {
        left = fmin(left, fmax(60 * self->request->minutes - self->seconds, 0));
    }
    const long seconds = (long)(left + 0.5);
    snprintf(out, length, "about %ld:%02ld left", seconds / 60, seconds % 60);
}

static void write_score(const cli_search *self, const cli_score *score, char *out, size_t length) {
    if (isfinite(score->value)) {
        snprintf(out, length, "%s %.4f +- %.4f", self->measure->label, score->value, score->error);
    } else {
        snprintf(out, length, "cannot be trained");
    }
}

void cli_search_show(cli_search *self, const dsc_halving_task *task) {
    char line[MAX_TEXT], score[96], left[64], best[64] = "";
    if (self->progress.mode == CLI_PROGRESS_NONE) {
        return;
    }
    write_score(self, &self->trials[task->candidate].score, score, sizeof score);
    write_left(self, left, sizeof left);
    if (isfinite(self->best)) {
        snprintf(best, sizeof best, ", best %.4f", self->best);
    }
    snprintf(line, sizeof line, "rung %zu of %zu, %zu of %zu: trial %zu, %s%s, %s", task->rung + 1,
             self->ladder.n_rungs, task->place + 1, task->n, task->candidate + 1, score, best,
             left);
    if (self->progress.mode == CLI_PROGRESS_LINES) {
        fprintf(stderr, "%s\n", line);
        return;
    }
    const size_t width = cli_terminal_width(STDERR_FILENO);
    if (width > 1 && strlen(line) >= width) {
        line[width - 1] = '\0';
    }
    fprintf(stderr, "\r%s\033[K", line);
}

/* --- order ----------------------------------------------------------------------------------- */

/* Those that came furthest first, of them the lowest scores. */
static int compare(const void *a, const void *b, void *user) {
    const cli_search *self = *(const cli_search *const *)user;
    const size_t x = *(const size_t *)a, y = *(const size_t *)b;
    const dsc_halving_result *p = &self->results[x], *q = &self->results[y];
    if (p->n_rungs != q->n_rungs) {
        return p->n_rungs > q->n_rungs ? -1 : 1;
    }
    if (p->score != q->score) {
        return p->score < q->score ? -1 : 1;
    }
    return (x > y) - (x < y);
}

/* The trials that were scored, sorted; NULL: no memory. */
static size_t *sort(const cli_search *self, size_t *n) {
    size_t *order = calloc(self->request->n_trials, sizeof *order);
    *n = 0;
    for (size_t i = 0; order != NULL && i < self->request->n_trials; i++) {
        if (self->results[i].n_rungs > 0) {
            order[(*n)++] = i;
        }
    }
    if (order != NULL) {
        qsort_r(order, *n, sizeof *order, compare, &self);
    }
    return order;
}

/* --- the table ------------------------------------------------------------------------------- */

/* "--factors 31 --ridge 12.3", or that there are none. */
static void write_settings(const cli_settings *settings, char *out, size_t length) {
    size_t used = 0;
    snprintf(out, length, "(defaults)");
    for (size_t i = 0; i < settings->n && used < length; i++) {
        used += (size_t)snprintf(out + used, length - used, "%s--%s %s", i > 0 ? " " : "",
                                 settings->setting[i].option, settings->setting[i].value);
    }
}

static void add_row(const cli_search *self, cli_table *table, size_t i) {
    const cli_trial *trial = &self->trials[i];
    char text[6][32], settings[MAX_TEXT];
    const bool works = isfinite(trial->score.value);
    snprintf(text[0], sizeof text[0], "%zu", i + 1);
    snprintf(text[1], sizeof text[1], "%zu", trial->n_folds);
    snprintf(text[2], sizeof text[2], "%zu", trial->epochs);
    snprintf(text[3], sizeof text[3], works ? "%.4f" : "fails", trial->score.value);
    snprintf(text[4], sizeof text[4], works ? "%.4f" : "-", trial->score.error);
    snprintf(text[5], sizeof text[5], "%.1f", trial->seconds);
    write_settings(&trial->settings, settings, sizeof settings);
    const dsc_id cells[N_COLUMNS] = {cli_id(i == self->chosen ? "*" : ""),
                                     cli_id(text[0]),
                                     cli_id(dsc_form_name(trial->request.form_of_model)),
                                     cli_id(text[1]),
                                     cli_id(text[2]),
                                     cli_id(text[3]),
                                     cli_id(text[4]),
                                     cli_id(text[5]),
                                     cli_id(settings)};
    cli_table_add(table, cells);
}

static int print_table(const cli_search *self, const size_t *order, size_t n) {
    const cli_column columns[N_COLUMNS] = {
        {"", false, false},     {"trial", true, false},   {"form", false, false},
        {"folds", true, false}, {"epochs", true, false},  {self->measure->label, true, false},
        {"+-", true, false},    {"seconds", true, false}, {"settings", false, true}};
    cli_table *table = cli_table_create(columns, N_COLUMNS);
    for (size_t i = 0; i < n; i++) {
        add_row(self, table, order[i]);
    }
    return cli_table_print(table);
}

/* --- the document ---------------------------------------------------------------------------- */

/* The settings as descent train --config reads them. */
static json_t *settings_to_json(const cli_trial *trial) {
    size_t length;
    char *text = cli_train_write(&trial->request, "", &length);
    json_t *object = text != NULL ? json_loads(text, 0, NULL) : NULL;
    free(text);
    json_object_del(object, CLI_CONFIG_MAKER);
    return object;
}

static json_t *trial_to_json(const cli_search *self, size_t i) {
    const cli_trial *trial = &self->trials[i];
    return json_pack(
        "{s:I, s:I, s:I, s:I, s:o, s:o, s:I, s:o, s:o}", "trial", (json_int_t)i + 1, "rung",
        (json_int_t)self->results[i].n_rungs, "folds", (json_int_t)trial->n_folds, "epochs",
        (json_int_t)trial->epochs, "score", cli_json_real(trial->score.value), "standard_error",
        cli_json_real(trial->score.error), "parameters", (json_int_t)trial->n_parameters, "seconds",
        cli_json_real(trial->seconds), "settings", settings_to_json(trial));
}

static int print_json(const cli_search *self, const size_t *order, size_t n) {
    json_t *trials = json_array();
    for (size_t i = 0; i < n; i++) {
        if (json_array_append_new(trials, trial_to_json(self, order[i])) != 0) {
            json_decref(trials);
            trials = NULL;
        }
    }
    return cli_json_print(json_pack(
        "{s:o, s:s, s:I, s:I, s:I, s:I, s:o, s:o}", "config",
        cli_json_text(cli_id(self->request->config_path)), "measure", self->measure->name, "folds",
        (json_int_t)self->request->n_folds, "rungs", (json_int_t)self->ladder.n_rungs,
        "trials_in_all", (json_int_t)self->request->n_trials, "chosen",
        (json_int_t)self->chosen + 1, "seconds", cli_json_real(self->seconds), "trials", trials));
}

int cli_search_report(const cli_search *self) {
    size_t n;
    size_t *order = sort(self, &n);
    if (order == NULL) {
        return cli_no_memory();
    }
    const int status =
        self->request->form.is_json ? print_json(self, order, n) : print_table(self, order, n);
    free(order);
    return status;
}
