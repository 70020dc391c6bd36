/* descent tune: searches for settings with folds inside the ratings, and writes the best. */
#include "tune_search.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "descent/file.h"
#include "descent/isa.h"
#include "descent/rating_split.h"
#include "descent/version.h"
#include "output.h"

/* The least that a first rung is worth, in epochs of one fold: a guard, set and not measured. */
static const double least_epoch_share = 0.25;

/* --- what the journal is of ------------------------------------------------------------------ */

/* FNV-1a. */
static const uint64_t hash_of_nothing = 0xCBF29CE484222325;

static uint64_t add_bytes(uint64_t hash, const void *bytes, size_t length) {
    const unsigned char *p = bytes;
    for (size_t i = 0; i < length; i++) {
        hash = (hash ^ p[i]) * 0x100000001B3;
    }
    return hash;
}

static uint64_t add_id(uint64_t hash, dsc_id id) {
    hash = add_bytes(hash, &id.length, sizeof id.length);
    return add_bytes(hash, id.bytes, id.length);
}

/* Of what the trainer sees of the ratings. */
static uint64_t hash_ratings(const dsc_ratings *ratings) {
    const dsc_sparse rows = dsc_ratings_by_user(ratings);
    uint64_t hash = hash_of_nothing;
    for (uint32_t u = 0; u < rows.n_rows; u++) {
        hash = add_id(hash, dsc_ratings_user_id(ratings, u));
    }
    for (uint32_t i = 0; i < rows.n_cols; i++) {
        hash = add_id(hash, dsc_ratings_item_id(ratings, i));
    }
    hash = add_bytes(hash, rows.start, (rows.n_rows + 1) * sizeof *rows.start);
    hash = add_bytes(hash, rows.column, rows.n_entries * sizeof *rows.column);
    hash = add_bytes(hash, rows.value, rows.n_entries * sizeof *rows.value);
    return rows.time != NULL ? add_bytes(hash, rows.time, rows.n_entries * sizeof *rows.time)
                             : hash;
}

/* Of the settings of all trials: another program may draw others, or have other defaults. */
static bool hash_trials(const cli_search *self, uint64_t *hash) {
    *hash = hash_of_nothing;
    for (size_t i = 0; i < self->request->n_trials; i++) {
        size_t length;
        char *text = cli_train_write(&self->trials[i].request, "", &length);
        if (text == NULL) {
            return false;
        }
        *hash = add_bytes(*hash, text, length);
        free(text);
    }
    return true;
}

/* NULL: no memory. */
static json_t *make_header(const cli_search *self) {
    const cli_tune_request *request = self->request;
    uint64_t trials;
    if (!hash_trials(self, &trials)) {
        return NULL;
    }
    return json_pack("{s:s, s:s, s:s, s:I, s:o, s:s, s:I, s:I, s:I, s:s, s:o, s:o}", "journal of",
                     "descent tune", "version", dsc_version(), "instruction set", dsc_isa_name(),
                     "ratings", (json_int_t)dsc_ratings_by_user(self->ratings).n_entries,
                     "checksum", json_sprintf("%016" PRIx64, hash_ratings(self->ratings)), "forms",
                     request->form_list, "trials", (json_int_t)request->n_trials, "folds",
                     (json_int_t)request->n_folds, "eta", (json_int_t)request->eta, "measure",
                     self->measure->name, "seed", json_sprintf("%" PRIu64, request->seed),
                     "settings", json_sprintf("%016" PRIx64, trials));
}

static int open_journal(cli_search *self) {
    json_t *header = make_header(self);
    if (header == NULL) {
        return cli_no_memory();
    }
    const int status = cli_journal_open(&self->journal, self->request->journal_path, header);
    json_decref(header);
    if (status == CLI_GO_ON && self->journal.n > 0 && !self->request->is_quiet) {
        fprintf(stderr, "Going on with %zu measurements of %s\n", self->journal.n,
                self->journal.path);
    }
    return status;
}

/* --- what is tried --------------------------------------------------------------------------- */

/* The defaults of each form, then draws for the forms in turn, of each form one near the defaults and
 * one from the whole space by turns: near them is where most ratings have their best, and where
 * that is not so, only the whole space has it. */
static int make_trials(cli_search *self) {
    const cli_tune_request *request = self->request;
    int status = CLI_GO_ON;
    self->trials = calloc(request->n_trials, sizeof *self->trials);
    self->results = calloc(request->n_trials, sizeof *self->results);
    if (self->trials == NULL || self->results == NULL) {
        return cli_no_memory();
    }
    for (size_t i = 0; i < request->n_trials && status == CLI_GO_ON; i++) {
        cli_trial *trial = &self->trials[i];
        const dsc_form form = request->forms[i % request->n_forms];
        if (i >= request->n_forms) {
            const bool is_near = i / request->n_forms % 2 == 1;
            status =
                cli_space_draw(form, self->ratings, request->seed, i, is_near, &trial->settings);
        }
        if (status == CLI_GO_ON) {
            status = cli_train_set(&trial->request, "tune", form, trial->settings.setting,
                                   trial->settings.n);
            trial->request.config.seed = request->seed;
        }
    }
    return status;
}

/* --- what comes of it ------------------------------------------------------------------------ */

static int write_config(const cli_search *self) {
    const cli_trial *chosen = &self->trials[self->chosen];
    char maker[256];
    size_t length;
    dsc_error err;
    snprintf(maker, sizeof maker,
             "descent %s, tune: %s %.4f +- %.4f in %zu folds of %zu ratings, trial %zu of %zu "
             "(defaults %.4f)",
             dsc_version(), self->measure->label, chosen->score.value, chosen->score.error,
             self->request->n_folds, dsc_ratings_by_user(self->ratings).n_entries, self->chosen + 1,
             self->request->n_trials, self->trials[0].score.value);
    char *text = cli_train_write(&chosen->request, maker, &length);
    if (text == NULL) {
        return cli_no_memory();
    }
    const dsc_status status = dsc_file_write(self->request->config_path, text, length, &err);
    free(text);
    return status == DSC_OK ? CLI_GO_ON : cli_fail(&err);
}

static void print_end(const cli_search *self) {
    const cli_trial *chosen = &self->trials[self->chosen];
    size_t n_left_out = 0;
    for (size_t i = 0; i < self->request->n_trials; i++) {
        n_left_out += self->results[i].n_rungs == 0;
    }
    if (n_left_out > 0) {
        fprintf(stderr, "No time for %zu of %zu trials\n", n_left_out, self->request->n_trials);
    }
    fprintf(stderr, "%s of trial %zu in %zu folds: %.4f +- %.4f; of the defaults: %.4f\n",
            self->measure->label, self->chosen + 1, chosen->n_folds, chosen->score.value,
            chosen->score.error, self->trials[0].score.value);
    fprintf(stderr, "Wrote its settings to %s, for descent train --config\n",
            self->request->config_path);
}

static int search(cli_search *self) {
    const cli_tune_request *request = self->request;
    self->ladder = (dsc_halving){
        .n_candidates = request->n_trials,
        .n_kept = 1,
        .eta = request->eta,
        .n_rungs = dsc_halving_rungs(request->n_trials, request->eta,
                                     least_epoch_share / (double)request->n_folds),
    };
    int status = make_trials(self);
    if (status == CLI_GO_ON) {
        status = open_journal(self);
        if (status == CLI_GO_ON) {
            status = cli_search_run(self);
        }
        cli_journal_close(&self->journal);
    }
    if (status == CLI_GO_ON) {
        status = write_config(self);
    }
    if (status == CLI_GO_ON) {
        if (!request->is_quiet) {
            print_end(self);
        }
        status = cli_search_report(self);
    }
    free(self->trials);
    free(self->results);
    return status;
}

static int tune(const cli_tune_request *request, const dsc_ratings *ratings) {
    const dsc_split_plan plan = {.protocol = DSC_PROTOCOL_FOLDS,
                                 .n_folds = (uint32_t)request->n_folds,
                                 .seed = request->seed};
    dsc_error err;
    uint32_t *split = calloc(dsc_ratings_by_user(ratings).n_entries, sizeof *split);
    if (split == NULL) {
        return cli_no_memory();
    }
    cli_search self = {.request = request,
                       .measure = cli_measure_of(request->measure),
                       .ratings = ratings,
                       .split = split};
    const int status =
        dsc_ratings_assign(ratings, &plan, split, &err) == DSC_OK ? search(&self) : cli_fail(&err);
    free(split);
    return status;
}

int cli_tune(int argc, char **argv) {
    cli_tune_request request;
    dsc_ratings *ratings = NULL;
    int status = cli_tune_parse(&request, argc, argv);
    if (status == CLI_GO_ON) {
        status =
            cli_read_ratings(&ratings, request.ratings_path, &request.reading, request.is_quiet);
    }
    if (status == CLI_GO_ON) {
        status = tune(&request, ratings);
    }
    dsc_ratings_destroy(ratings);
    free(request.journal_path);
    return status;
}
