/* Successive halving: sizes and shares of rungs, who goes on, ties, failures, time, memory. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "descent/tune.h"
#include "fail_alloc.h"

enum { MAX_CANDIDATES = 100, MAX_TASKS = 300, NEVER = 1000000 };

/* An objective that writes down what it was asked. */
typedef struct record {
    double score[MAX_CANDIDATES];    /* of each candidate, on every rung */
    double last_rung_adds;           /* times the candidate's number, on rungs after the first */
    size_t n_in_time[DSC_MAX_RUNGS]; /* tasks that a rung has time for; 0: all */
    size_t fails_at;                 /* the task, from 0, that ends the search */
    dsc_halving_task tasks[MAX_TASKS];
    size_t n;
} record;

static dsc_status score(void *user, const dsc_halving_task *task, double *out, dsc_error *err) {
    record *self = user;
    (void)err;
    assert_true(self->n < MAX_TASKS);
    if (self->n == self->fails_at) {
        return DSC_E_CANCELLED;
    }
    self->tasks[self->n++] = *task;
    *out = self->score[task->candidate];
    if (task->rung > 0) {
        *out += self->last_rung_adds * (double)task->candidate;
    }
    return DSC_OK;
}

static bool goes_on(void *user, const dsc_halving_task *task) {
    const record *self = user;
    const size_t n = self->n_in_time[task->rung];
    return n == 0 || task->place < n;
}

static dsc_halving_result results[MAX_CANDIDATES];

static void run(const dsc_halving *ladder, record *self) {
    const dsc_objective objective = {score, goes_on, self};
    self->n = 0;
    self->fails_at = NEVER;
    assert_int_equal(dsc_halving_run(ladder, &objective, results, NULL), DSC_OK);
}

static size_t n_on_rung(const record *self, size_t rung) {
    size_t n = 0;
    for (size_t t = 0; t < self->n; t++) {
        n += self->tasks[t].rung == rung;
    }
    return n;
}

static void rungs_have_the_sizes_and_shares_of_the_ladder(void **state) {
    (void)state;
    static const struct {
        dsc_halving ladder;
        size_t size[5];
        double first_share;
    } cases[] = {
        {{27, 0, 3, 4}, {27, 9, 3, 1}, 1.0 / 27},
        {{27, 1, 3, 4}, {27, 9, 3, 2}, 1.0 / 27},
        {{16, 0, 2, 3}, {16, 8, 4}, 0.25},
        {{10, 3, 4, 3}, {10, 4, 4}, 1.0 / 16},
        {{1, 0, 3, 1}, {1}, 1},
        {{1, 1, 3, 3}, {1, 1, 1}, 1.0 / 9},
        {{2, 0, 3, 2}, {2, 1}, 1.0 / 3}, /* fewer than one is one */
        {{5, 5, 2, 3}, {5, 5, 5}, 0.25}, /* all kept */
    };
    for (size_t c = 0; c < sizeof cases / sizeof cases[0]; c++) {
        static record self;
        const dsc_halving *ladder = &cases[c].ladder;
        for (size_t i = 0; i < ladder->n_candidates; i++) {
            self.score[i] = (double)(7 * i % 31);
        }
        run(ladder, &self);
        size_t n = 0;
        for (size_t r = 0; r < ladder->n_rungs; r++) {
            assert_int_equal(dsc_halving_size(ladder, r), cases[c].size[r]);
            assert_int_equal(n_on_rung(&self, r), cases[c].size[r]);
            for (size_t place = 0; place < cases[c].size[r]; place++, n++) {
                assert_int_equal(self.tasks[n].rung, r);
                assert_int_equal(self.tasks[n].place, place);
                assert_int_equal(self.tasks[n].n, cases[c].size[r]);
                assert_true(self.tasks[n].share == dsc_halving_share(ladder, r));
            }
        }
        assert_int_equal(self.n, n);
        assert_true(fabs(self.tasks[0].share - cases[c].first_share) < 1e-15);
        assert_true(self.tasks[n - 1].share == 1);
    }
}

static void the_best_go_on(void **state) {
    (void)state;
    static record self = {.score = {5, 1, 4, 2, 3, 0, 8, 7, 6}};
    const dsc_halving ladder = {9, 0, 3, 3};
    run(&ladder, &self);
    static const size_t candidates[] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 5, 1, 3, 5};
    assert_int_equal(self.n, 13);
    for (size_t t = 0; t < self.n; t++) {
        assert_int_equal(self.tasks[t].candidate, candidates[t]);
    }
    assert_int_equal(results[5].n_rungs, 3);
    assert_int_equal(results[1].n_rungs, 2);
    assert_int_equal(results[0].n_rungs, 1);
    assert_true(results[0].score == 5 && results[5].score == 0);
}

static void scores_are_those_of_the_last_rung(void **state) {
    (void)state;
    static record self = {.score = {1, 2, 3, 4}, .last_rung_adds = -10};
    const dsc_halving ladder = {4, 0, 2, 3};
    run(&ladder, &self);
    /* 1 has overtaken 0 on the second rung and is alone on the third */
    assert_int_equal(results[1].n_rungs, 3);
    assert_true(results[1].score == -8 && results[0].score == 1 && results[3].score == 4);
}

static void equal_scores_go_by_number(void **state) {
    (void)state;
    static record self;
    const dsc_halving ladder = {12, 0, 3, 2};
    run(&ladder, &self);
    for (size_t i = 0; i < 12; i++) {
        assert_int_equal(results[i].n_rungs, i < 4 ? 2 : 1);
    }
}

static void the_kept_go_on_whatever_their_scores(void **state) {
    (void)state;
    static record self = {.score = {9, NAN, 1, 2, 3, 4, 5, 6}};
    const dsc_halving ladder = {8, 2, 4, 2};
    run(&ladder, &self);
    assert_int_equal(n_on_rung(&self, 1), 3);
    assert_int_equal(results[0].n_rungs, 2);
    assert_int_equal(results[1].n_rungs, 2);
    assert_int_equal(results[2].n_rungs, 2);
    assert_int_equal(results[3].n_rungs, 1);
    assert_true(isinf(results[1].score));
}

static void what_does_not_work_goes_no_further(void **state) {
    (void)state;
    static record self = {.score = {NAN, INFINITY, 3, NAN, -INFINITY, NAN}};
    const dsc_halving ladder = {6, 0, 2, 2};
    run(&ladder, &self);
    assert_int_equal(n_on_rung(&self, 1), 1);
    assert_int_equal(results[2].n_rungs, 2);
    assert_true(isinf(results[0].score) && results[4].score > 0);
    static record none = {.score = {NAN, NAN, NAN, NAN, NAN, NAN}};
    run(&ladder, &none);
    assert_int_equal(none.n, 6);
}

static void time_ends_a_rung_but_for_the_kept_and_the_first(void **state) {
    (void)state;
    static record self = {.score = {9, 8, 7, 6, 5, 4, 3, 2, 1}, .n_in_time = {5}};
    const dsc_halving ladder = {9, 1, 3, 2};
    run(&ladder, &self);
    assert_int_equal(n_on_rung(&self, 0), 5);
    assert_int_equal(n_on_rung(&self, 1), 3); /* 0, which is kept, and the best two of five */
    assert_int_equal(results[4].n_rungs, 2);
    assert_int_equal(results[3].n_rungs, 2);
    assert_int_equal(results[8].n_rungs, 0);
    assert_true(isinf(results[8].score));
    const dsc_halving without = {9, 0, 3, 2};
    memset(self.n_in_time, 0, sizeof self.n_in_time);
    self.n_in_time[1] = 1;
    run(&without, &self);
    assert_int_equal(n_on_rung(&self, 1), 1);
    assert_int_equal(results[8].n_rungs, 2);
    const dsc_halving all_kept = {9, 9, 3, 2};
    run(&all_kept, &self);
    assert_int_equal(self.n, 18);
}

static void as_many_rungs_as_there_is_something_to_halve(void **state) {
    (void)state;
    static const struct {
        size_t n, eta;
        double least;
        size_t n_rungs;
    } cases[] = {{1, 3, 0.01, 1},  {2, 3, 0.01, 1},  {3, 3, 0.01, 2},
                 {26, 3, 0.01, 3}, {27, 3, 0.01, 4}, {27, 3, 0.05, 3},
                 {27, 3, 1, 1},    {8, 2, 0.25, 3},  {SIZE_MAX, 2, 1e-9, DSC_MAX_RUNGS}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        assert_int_equal(dsc_halving_rungs(cases[i].n, cases[i].eta, cases[i].least),
                         cases[i].n_rungs);
    }
}

static void bad_ladders_are_refused(void **state) {
    (void)state;
    static const struct {
        dsc_halving ladder;
        const char *where;
    } cases[] = {{{0, 0, 3, 1}, "n_candidates"},
                 {{4, 5, 3, 1}, "n_kept"},
                 {{4, 0, 1, 1}, "eta"},
                 {{4, 0, 3, 0}, "n_rungs"},
                 {{4, 0, 3, 17}, "n_rungs"}};
    static record self;
    const dsc_objective objective = {score, NULL, &self};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        dsc_error err;
        assert_int_equal(dsc_halving_run(&cases[i].ladder, &objective, results, &err),
                         DSC_E_ARGUMENT);
        assert_string_equal(err.where, cases[i].where);
    }
    assert_int_equal(self.n, 0);
}

static void the_objective_can_end_the_search(void **state) {
    (void)state;
    static record self = {.fails_at = 7};
    const dsc_halving ladder = {6, 0, 3, 2};
    const dsc_objective objective = {score, NULL, &self};
    assert_int_equal(dsc_halving_run(&ladder, &objective, results, NULL), DSC_E_CANCELLED);
    assert_int_equal(self.n, 7);
}

static dsc_status attempt(void *context, dsc_error *err) {
    record *self = context;
    const dsc_objective objective = {score, NULL, self};
    self->n = 0;
    return dsc_halving_run(&(dsc_halving){6, 0, 3, 2}, &objective, results, err);
}

static void without_memory_it_says_so(void **state) {
    (void)state;
    static record self = {.fails_at = NEVER};
    fail_alloc_each(attempt, &self, 1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rungs_have_the_sizes_and_shares_of_the_ladder),
        cmocka_unit_test(the_best_go_on),
        cmocka_unit_test(scores_are_those_of_the_last_rung),
        cmocka_unit_test(equal_scores_go_by_number),
        cmocka_unit_test(the_kept_go_on_whatever_their_scores),
        cmocka_unit_test(what_does_not_work_goes_no_further),
        cmocka_unit_test(time_ends_a_rung_but_for_the_kept_and_the_first),
        cmocka_unit_test(as_many_rungs_as_there_is_something_to_halve),
        cmocka_unit_test(bad_ladders_are_refused),
        cmocka_unit_test(the_objective_can_end_the_search),
        cmocka_unit_test(without_memory_it_says_so),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
