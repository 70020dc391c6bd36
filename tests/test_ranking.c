/* Metrics of rankings: cases computed by hand, the constant scorer, refusals, and the figures of
 * tools/reference_ranking.py, which writes every order of ties out. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "descent/ranking.h"
#include "fail_alloc.h"

enum { MAX_ITEMS = 64, N = DSC_N_LIST_METRICS };

#define assert_near(found, expected) assert_close_at(__LINE__, found, expected)

static void assert_close_at(int line, double found, double expected) {
    if (!(isnan(expected) ? isnan(found) : fabs(found - expected) <= 1e-13)) {
        fail_msg("line %d: found %.17g, expected %.17g", line, found, expected);
    }
}

static dsc_ranker *must_create(size_t max_candidates, const size_t *k, size_t n_k) {
    dsc_ranker *ranker = NULL;
    assert_int_equal(dsc_ranker_create(&ranker, max_candidates, k, n_k, NULL), DSC_OK);
    return ranker;
}

typedef struct one_case {
    size_t n, k;
    double score[8];
    bool relevant[8];
    double at[N]; /* hr, precision, recall, ndcg, map, mrr, auc at k */
    double auc;
} one_case;

/* log2(3) and log2(4) are the discounts of the second and the third place. */
#define L3 1.5849625007211561815

static const one_case by_hand[] = {
    /* places 1 and 3 of 4 are relevant */
    {4,
     2,
     {4, 3, 2, 1},
     {true, false, true, false},
     {1, 0.5, 0.5, 1 / (1 + 1 / L3), 0.5, 1, 0.625},
     0.75},
    {4,
     3,
     {4, 3, 2, 1},
     {true, false, true, false},
     {1, 2.0 / 3, 1, 1.5 / (1 + 1 / L3), (1 + 2.0 / 3) / 2, 1, 0.75},
     0.75},
    /* k beyond the catalogue: precision is still of k, all else as of the whole list */
    {2, 10, {1, 2}, {true, false}, {1, 0.1, 1, 1 / L3, 0.5, 0.5, 0}, 0},
    /* one relevant item in a tie of two across k = 1 */
    {2, 1, {1, 1}, {true, false}, {0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5}, 0.5},
    /* one irrelevant item, then a tie of a relevant and an irrelevant one across k = 2 */
    {3, 2, {2, 1, 1}, {false, true, false}, {0.5, 0.25, 0.5, 0.5 / L3, 0.25, 0.25, 0.25}, 0.25},
    /* found too late: nothing but the area behind k */
    {3, 1, {3, 2, 1}, {false, false, true}, {0, 0, 0, 0, 0, 0, 0.25}, 0},
    /* all relevant: there is no ROC curve */
    {2, 1, {2, 1}, {true, true}, {1, 1, 0.5, 1, 1, 1, (double)NAN}, (double)NAN},
    /* the only one */
    {1, 1, {0}, {true}, {1, 1, 1, 1, 1, 1, (double)NAN}, (double)NAN},
};

static void cases_worked_out_by_hand(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof by_hand / sizeof *by_hand; i++) {
        const one_case *c = &by_hand[i];
        dsc_ranker *ranker = must_create(c->n, &c->k, 1);
        double at[N], auc;
        dsc_ranker_measure(ranker, c->n, c->score, c->relevant, at, &auc);
        print_message("case %zu\n", i);
        for (size_t m = 0; m < N; m++) {
            assert_near(at[m], c->at[m]);
        }
        assert_near(auc, c->auc);
        dsc_ranker_destroy(ranker);
    }
}

static json_t *load_reference(void) {
    json_error_t error;
    json_t *root = json_load_file("tests/data/reference_ranking.json", 0, &error);
    if (root == NULL) {
        fail_msg("%s:%d: %s", error.source, error.line, error.text);
    }
    return root;
}

static double number_at(const json_t *array, size_t i, double of_null) {
    const json_t *value = json_array_get(array, i);
    return json_is_null(value) ? of_null : json_number_value(value);
}

static size_t read_cutoffs(const json_t *array, size_t *k) {
    for (size_t c = 0; c < json_array_size(array); c++) {
        k[c] = (size_t)json_integer_value(json_array_get(array, c));
    }
    return json_array_size(array);
}

/* One ranker serves all, so that nothing of a list is left for the next. */
static void the_independent_script_agrees(void **state) {
    (void)state;
    json_t *root = load_reference();
    size_t k[DSC_MAX_CUTOFFS], i;
    const size_t n_k = read_cutoffs(json_object_get(root, "k"), k);
    const json_t *all = json_object_get(root, "rankings"), *one;
    dsc_ranker *ranker = must_create(MAX_ITEMS, k, n_k);
    assert_true(json_array_size(all) > 20);
    json_array_foreach(all, i, one) {
        const json_t *scores = json_object_get(one, "score");
        const size_t n = json_array_size(scores);
        double score[MAX_ITEMS], at[DSC_MAX_CUTOFFS * N], auc;
        bool relevant[MAX_ITEMS];
        for (size_t j = 0; j < n; j++) {
            score[j] = number_at(scores, j, -(double)INFINITY);
            relevant[j] = number_at(json_object_get(one, "relevant"), j, 0) > 0;
        }
        dsc_ranker_measure(ranker, n, score, relevant, at, &auc);
        print_message("ranking %zu\n", i);
        for (size_t c = 0; c < n_k; c++) {
            for (size_t m = 0; m < N; m++) {
                const json_t *row = json_array_get(json_object_get(one, "at"), c);
                assert_near(at[c * N + m], number_at(row, m, (double)NAN));
            }
        }
        const json_t *area = json_object_get(one, "auc");
        assert_near(auc, json_is_null(area) ? (double)NAN : json_number_value(area));
    }
    dsc_ranker_destroy(ranker);
    json_decref(root);
}

/* Of 50 candidates 5 are relevant. Chance: a place holds a relevant one with 1 / 10. */
static void a_constant_scorer_scores_like_chance(void **state) {
    (void)state;
    static const size_t k[] = {1, 10, 49, 50, 1000};
    double score[50] = {0}, at[5 * N], auc;
    bool first[50] = {false}, last[50] = {false};
    for (size_t i = 0; i < 5; i++) {
        first[i] = true;
        last[49 - i] = true;
    }
    dsc_ranker *ranker = must_create(50, k, 5);
    for (int order = 0; order < 2; order++) {
        dsc_ranker_measure(ranker, 50, score, order == 0 ? first : last, at, &auc);
        assert_near(auc, 0.5);
        for (size_t c = 0; c < 5; c++) {
            const double depth = fmin((double)k[c], 50);
            double none = 1;
            for (size_t j = 0; j < (size_t)depth; j++) {
                none *= fmax(45 - (double)j, 0) / (50 - (double)j);
            }
            assert_near(at[c * N + DSC_HIT_RATE], 1 - none);
            assert_near(at[c * N + DSC_PRECISION], depth / 10 / (double)k[c]);
            assert_near(at[c * N + DSC_RECALL], depth / 50);
            assert_near(at[c * N + DSC_AUC_AT], 0.5);
        }
        assert_near(at[DSC_NDCG], 0.1);
        assert_near(at[DSC_MAP], 0.1);
        assert_near(at[DSC_MRR], 0.1);
    }
    dsc_ranker_destroy(ranker);
}

/* Both ways to count them, by few and by many relevant ones, with ties. */
static void areas_are_those_of_all_pairs(void **state) {
    (void)state;
    enum { N_ALL = 100 };
    const size_t k = 10;
    dsc_ranker *ranker = must_create(N_ALL, &k, 1);
    for (size_t n_relevant = 1; n_relevant < N_ALL; n_relevant++) {
        double score[N_ALL], at[N], auc, pairs = 0;
        bool relevant[N_ALL];
        for (size_t i = 0; i < N_ALL; i++) {
            score[i] = i % 10 == 0 ? -(double)INFINITY : (double)((i * 37 + n_relevant) % 23);
            relevant[i] = i * 29 % N_ALL < n_relevant;
        }
        for (size_t i = 0; i < N_ALL; i++) {
            for (size_t j = 0; j < N_ALL && relevant[i]; j++) {
                pairs += relevant[j] ? 0 : score[i] > score[j] ? 1 : score[i] == score[j] ? 0.5 : 0;
            }
        }
        dsc_ranker_measure(ranker, N_ALL, score, relevant, at, &auc);
        assert_near(auc, pairs / ((double)n_relevant * (double)(N_ALL - n_relevant)));
    }
    dsc_ranker_destroy(ranker);
}

static void cutoffs_are_checked(void **state) {
    (void)state;
    dsc_error err;
    dsc_ranker *ranker;
    dsc_lists *lists;
    const size_t zero = 0, many[DSC_MAX_CUTOFFS + 1] = {1, 1, 1, 1, 1, 1, 1, 1, 1};
    const uint64_t start[2] = {0, 0};
    const dsc_sparse empty = {.n_rows = 1, .n_cols = 1, .start = start};
    assert_int_equal(dsc_ranker_create(&ranker, 5, &zero, 1, &err), DSC_E_ARGUMENT);
    assert_string_equal(err.where, "k");
    assert_null(ranker);
    assert_int_equal(dsc_ranker_create(&ranker, 5, many, DSC_MAX_CUTOFFS + 1, &err),
                     DSC_E_ARGUMENT);
    assert_int_equal(dsc_ranker_create(&ranker, 5, many, 0, &err), DSC_E_ARGUMENT);
    assert_int_equal(dsc_lists_create(&lists, empty, &zero, 1, &err), DSC_E_ARGUMENT);
    assert_int_equal(dsc_lists_create(&lists, empty, many, 0, &err), DSC_E_ARGUMENT);
    assert_null(lists);
    assert_string_equal(dsc_ranking_metric_name(DSC_NDCG), "ndcg");
    assert_null(dsc_ranking_metric_name((dsc_ranking_metric)DSC_N_RANKING_METRICS));
}

/* Of scores 2, 1, 1, 1, 0, -inf the list of 3 has item 0 first and two of items 1 to 3, each of
 * them as often as any other: 2/3 of 3000 draws, whose deviation is 26. */
static void ties_of_a_list_are_drawn_by_lot(void **state) {
    (void)state;
    static const double score[] = {2, 1, 1, 1, 0, -(double)INFINITY};
    static const bool relevant[6] = {true};
    const size_t k = 3, all = 9;
    size_t times[6] = {0}, second[6] = {0};
    double at[N], auc;
    uint32_t place[6];
    dsc_ranker *ranker = must_create(6, &k, 1);
    dsc_ranker_measure(ranker, 6, score, relevant, at, &auc);
    for (uint64_t draw = 0; draw < 3000; draw++) {
        dsc_random random = dsc_random_stream(1, 100, draw);
        assert_int_equal(dsc_ranker_list(ranker, 6, score, &random, place), 3);
        assert_int_equal(place[0], 0);
        assert_int_not_equal(place[1], place[2]);
        second[place[1]]++;
        times[place[1]]++;
        times[place[2]]++;
    }
    for (size_t i = 1; i < 4; i++) {
        assert_in_range(times[i], 1900, 2100);
        assert_in_range(second[i], 900, 1100);
    }
    dsc_ranker_destroy(ranker);
    ranker = must_create(6, &all, 1); /* what nobody knows is in no list */
    dsc_ranker_measure(ranker, 6, score, relevant, at, &auc);
    dsc_random random = dsc_random_stream(1, 100, 0);
    assert_int_equal(dsc_ranker_list(ranker, 6, score, &random, place), 5);
    assert_int_equal(place[4], 4);
    dsc_ranker_destroy(ranker);
}

typedef struct owned_sparse {
    uint64_t start[MAX_ITEMS + 1];
    uint32_t column[MAX_ITEMS * MAX_ITEMS];
    dsc_sparse view;
} owned_sparse;

static void read_sparse(owned_sparse *out, const json_t *rows) {
    uint64_t n = 0;
    size_t i, j;
    const json_t *row, *value;
    json_array_foreach(rows, i, row) {
        out->start[i] = n;
        json_array_foreach(row, j, value) {
            if (json_integer_value(value) != 0) {
                out->column[n++] = (uint32_t)j;
            }
        }
    }
    out->start[i] = n;
    out->view = (dsc_sparse){.n_rows = json_array_size(rows),
                             .n_cols = json_array_size(json_array_get(rows, 0)),
                             .n_entries = n,
                             .start = out->start,
                             .column = out->column};
}

static void lists_agree_with_the_independent_script(void **state) {
    (void)state;
    json_t *root = load_reference();
    const json_t *part = json_object_get(root, "lists"), *one;
    size_t k[DSC_MAX_CUTOFFS], u;
    const size_t n_k = read_cutoffs(json_object_get(part, "k"), k);
    owned_sparse rated;
    dsc_lists *lists;
    double coverage[DSC_MAX_CUTOFFS], gini[DSC_MAX_CUTOFFS];
    read_sparse(&rated, json_object_get(part, "rated"));
    assert_int_equal(dsc_lists_create(&lists, rated.view, k, n_k, NULL), DSC_OK);
    assert_int_equal(dsc_lists_finish(lists, coverage, gini, NULL), DSC_OK);
    assert_near(coverage[0], 0);
    assert_near(gini[0], (double)NAN);
    json_array_foreach(json_object_get(part, "lists"), u, one) {
        uint32_t item[MAX_ITEMS];
        double novelty[DSC_MAX_CUTOFFS], diversity[DSC_MAX_CUTOFFS];
        const size_t n = json_array_size(one);
        for (size_t p = 0; p < n; p++) {
            item[p] = (uint32_t)number_at(one, p, 0);
        }
        dsc_lists_add(lists, item, n, novelty, diversity);
        for (size_t c = 0; c < n_k; c++) {
            const double none = (double)NAN;
            const json_t *of_user = json_array_get(json_object_get(part, "novelty"), u);
            assert_near(novelty[c], number_at(of_user, c, none));
            of_user = json_array_get(json_object_get(part, "diversity"), u);
            assert_near(diversity[c], number_at(of_user, c, none));
        }
    }
    assert_int_equal(dsc_lists_finish(lists, coverage, gini, NULL), DSC_OK);
    for (size_t c = 0; c < n_k; c++) {
        assert_near(coverage[c], number_at(json_object_get(part, "coverage"), c, 0));
        assert_near(gini[c], number_at(json_object_get(part, "gini"), c, 0));
    }
    dsc_lists_destroy(lists);
    json_decref(root);
}

/* What is not sorted by item has no lists; then it has. */
static void ratings_are_sorted_first(void **state) {
    (void)state;
    static const char text[] = "a,x,1\nb,x,2\n";
    const size_t k = 1;
    const uint32_t item = 0;
    double novelty, diversity;
    dsc_ratings *ratings;
    dsc_lists *lists;
    dsc_error err;
    assert_int_equal(
        dsc_ratings_read_memory(&ratings, text, sizeof text - 1, "text", NULL, NULL, NULL), DSC_OK);
    assert_int_equal(dsc_lists_create(&lists, dsc_ratings_by_item(ratings), &k, 1, &err),
                     DSC_E_ARGUMENT);
    assert_string_equal(err.where, "by_item");
    assert_null(lists);
    assert_int_equal(dsc_ratings_sort_by_item(ratings, NULL), DSC_OK);
    assert_int_equal(dsc_lists_create(&lists, dsc_ratings_by_item(ratings), &k, 1, NULL), DSC_OK);
    dsc_lists_add(lists, &item, 1, &novelty, &diversity);
    assert_near(novelty, 0); /* everybody rated it */
    dsc_lists_destroy(lists);
    dsc_ratings_destroy(ratings);
}

/* 4 users; item 0 was rated by all, item 1 by user 0, item 2 by nobody. */
static void lists_by_hand(void **state) {
    (void)state;
    static const uint64_t start[] = {0, 4, 5, 5};
    static const uint32_t column[] = {0, 1, 2, 3, 0};
    static const uint32_t items[] = {0, 1, 2};
    const dsc_sparse by_item = {
        .n_rows = 3, .n_cols = 4, .n_entries = 5, .start = start, .column = column};
    const size_t k[] = {1, 2, 3};
    double novelty[3], diversity[3], coverage[3], gini[3];
    dsc_lists *lists;
    assert_int_equal(dsc_lists_create(&lists, by_item, k, 3, NULL), DSC_OK);
    dsc_lists_add(lists, items, 3, novelty, diversity);
    assert_near(novelty[0], 0);
    assert_near(novelty[1], 1);       /* log2(4 / 1) and 0 */
    assert_near(novelty[2], 4.0 / 3); /* who nobody rated counts as rated once */
    assert_near(diversity[0], (double)NAN);
    assert_near(diversity[1], 0.5); /* cosine 1 / (2 * 1) */
    assert_near(diversity[2], (0.5 + 1 + 1) / 3);
    assert_int_equal(dsc_lists_finish(lists, coverage, gini, NULL), DSC_OK);
    assert_near(coverage[0], 1.0 / 3);
    assert_near(gini[0], 2.0 / 3); /* one of three has all */
    assert_near(gini[1], 1.0 / 3);
    assert_near(gini[2], 0); /* all alike */
    dsc_lists_destroy(lists);
}

static void memory_may_end_anywhere(void **state) {
    (void)state;
    static const uint64_t start[] = {0, 0};
    const dsc_sparse by_item = {.n_rows = 1, .n_cols = 1, .start = start};
    const size_t k = 3;
    double coverage, gini;
    dsc_lists *lists;
    dsc_ranker *ranker;
    dsc_error err;
    for (size_t nth = 1; nth <= 6; nth++) {
        fail_alloc_begin(nth, false);
        const dsc_status status = dsc_ranker_create(&ranker, 5, &k, 1, &err);
        assert_true(fail_alloc_end());
        assert_int_equal(status, DSC_E_MEMORY);
        assert_null(ranker);
    }
    for (size_t nth = 1; nth <= 3; nth++) {
        fail_alloc_begin(nth, false);
        const dsc_status status = dsc_lists_create(&lists, by_item, &k, 1, &err);
        assert_true(fail_alloc_end());
        assert_int_equal(status, DSC_E_MEMORY);
        assert_null(lists);
    }
    assert_int_equal(dsc_lists_create(&lists, by_item, &k, 1, NULL), DSC_OK);
    fail_alloc_begin(1, false);
    const dsc_status status = dsc_lists_finish(lists, &coverage, &gini, &err);
    assert_true(fail_alloc_end());
    assert_int_equal(status, DSC_E_MEMORY);
    dsc_lists_destroy(lists);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cases_worked_out_by_hand),
        cmocka_unit_test(the_independent_script_agrees),
        cmocka_unit_test(a_constant_scorer_scores_like_chance),
        cmocka_unit_test(areas_are_those_of_all_pairs),
        cmocka_unit_test(cutoffs_are_checked),
        cmocka_unit_test(ties_of_a_list_are_drawn_by_lot),
        cmocka_unit_test(ratings_are_sorted_first),
        cmocka_unit_test(lists_by_hand),
        cmocka_unit_test(lists_agree_with_the_independent_script),
        cmocka_unit_test(memory_may_end_anywhere),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
