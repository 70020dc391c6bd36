/* Ratings as places among thresholds: against numbers computed independently by
 * tools/reference_ordinal.py, and at the ends of what double holds. docs/math.md (140) to (145). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <float.h>
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "assert_near.h"
#include "fail_alloc.h"
#include "recommender/ordinal.h"

enum { MOST = 200 };

static json_t *reference;

static int load(void **state) {
    (void)state;
    json_error_t problem;
    reference = json_load_file("tests/data/reference_ordinal.json", 0, &problem);
    if (reference == NULL) {
        print_error("reference_ordinal.json:%d: %s\n", problem.line, problem.text);
    }
    return reference != NULL ? 0 : -1;
}

static int unload(void **state) {
    (void)state;
    json_decref(reference);
    return 0;
}

static size_t numbers(const json_t *object, const char *key, double out[MOST]) {
    const json_t *list = json_object_get(object, key);
    const size_t n = json_array_size(list);
    assert_in_range(n, 1, MOST);
    for (size_t i = 0; i < n; i++) {
        out[i] = json_number_value(json_array_get(list, i));
    }
    return n;
}

/* One user's ratings of as many items. */
static dsc_status init(dsc_ordinal *out, const float *values, size_t n, dsc_error *err) {
    const uint64_t start[] = {0, n};
    static const uint32_t column[MOST];
    return dsc_ordinal_init(out,
                            (dsc_sparse){.n_rows = 1,
                                         .n_cols = n,
                                         .n_entries = n,
                                         .start = start,
                                         .column = column,
                                         .value = values},
                            err);
}

/* That of the reference. */
static void make(dsc_ordinal *out) {
    double values[MOST], steps[MOST];
    float single[MOST];
    const size_t n = numbers(reference, "values", values);
    for (size_t k = 0; k < n; k++) {
        single[k] = (float)values[n - 1 - k]; /* in any order */
    }
    assert_int_equal(init(out, single, n, NULL), DSC_OK);
    assert_int_equal(numbers(reference, "steps", steps), dsc_ordinal_n_steps(out));
    dsc_ordinal_set(out, steps);
}

static void thresholds_and_distributions(void **state) {
    (void)state;
    dsc_ordinal o;
    double expected[MOST], score[MOST], mean[MOST], found[MOST];
    make(&o);
    const size_t n = numbers(reference, "values", expected);
    assert_int_equal(o.n_values, n);
    assert_memory_equal(o.values, expected, n * sizeof *expected);
    assert_int_equal(numbers(reference, "thresholds", expected), n - 1);
    for (size_t j = 0; j + 1 < n; j++) {
        assert_near("a threshold", o.thresholds[j], expected[j], 1e-14);
    }
    const size_t n_scores = numbers(reference, "scores", score);
    numbers(reference, "means", mean);
    for (size_t s = 0; s < n_scores; s++) {
        const json_t *row = json_array_get(json_object_get(reference, "probabilities"), s);
        dsc_ordinal_probabilities(&o, score[s], found);
        for (size_t k = 0; k < n; k++) {
            assert_near("a probability", found[k], json_number_value(json_array_get(row, k)),
                        1e-13);
        }
        assert_near("a mean", dsc_ordinal_mean(&o, score[s]), mean[s], 1e-13);
        const double h = 1e-5;
        assert_near("the mean's slope", dsc_ordinal_slope(&o, score[s]),
                    (dsc_ordinal_mean(&o, score[s] + h) - dsc_ordinal_mean(&o, score[s] - h)) /
                        (2 * h),
                    1e-9);
    }
    dsc_ordinal_clear(&o);
}

/* The reference took differences of the loss, which is what the tolerance allows for. */
static void losses_and_slopes(void **state) {
    (void)state;
    dsc_ordinal o;
    make(&o);
    size_t i;
    json_t *row;
    json_array_foreach(json_object_get(reference, "single"), i, row) {
        const size_t place = (size_t)json_integer_value(json_object_get(row, "place"));
        const double score = json_number_value(json_object_get(row, "score"));
        double expected[MOST], d_steps[MOST];
        dsc_ordinal_sums sums = {0};
        const double slope = dsc_ordinal_add(&o, place, score, &sums);
        assert_near("a loss", sums.loss, json_number_value(json_object_get(row, "loss")), 1e-9);
        assert_near("a slope", slope, json_number_value(json_object_get(row, "slope")), 1e-6);
        const double error = dsc_ordinal_mean(&o, score) - o.values[place];
        assert_near("a squared error", sums.squared_errors, error * error, 1e-12);
        dsc_ordinal_d_steps(&o, &sums, d_steps);
        const size_t n = numbers(row, "d_steps", expected);
        assert_int_equal(n, dsc_ordinal_n_steps(&o));
        for (size_t j = 0; j < n; j++) {
            assert_near("a step's slope", d_steps[j], expected[j], 1e-6);
        }
    }
    assert_int_equal(i, 35);
    dsc_ordinal_clear(&o);
}

static void sums_add_up(void **state) {
    (void)state;
    dsc_ordinal o;
    make(&o);
    dsc_ordinal_sums both = {0}, first = {0}, second = {0};
    dsc_ordinal_add(&o, 1, 0.5, &first);
    dsc_ordinal_add(&o, 3, -0.25, &second);
    dsc_ordinal_add(&o, 1, 0.5, &both);
    dsc_ordinal_add(&o, 3, -0.25, &both);
    assert_true(both.loss == first.loss + second.loss);
    assert_true(both.squared_errors == first.squared_errors + second.squared_errors);
    for (size_t j = 0; j < dsc_ordinal_n_steps(&o); j++) {
        assert_true(both.d_thresholds[j] == first.d_thresholds[j] + second.d_thresholds[j]);
    }
    dsc_ordinal_clear(&o);
}

/* Whatever the steps are: ascending thresholds, or thresholds that are said not to be bounded. */
static void thresholds_ascend(void **state) {
    (void)state;
    static const double cases[][4] = {{0, 0, 0, 0},
                                      {-290, -50, -50, -50},
                                      {290, -1e3, -40, -1e300},
                                      {5, -35, -36, -37},
                                      {-300, 5, 5, 5.2}};
    dsc_ordinal o;
    make(&o);
    for (size_t c = 0; c < sizeof cases / sizeof cases[0]; c++) {
        dsc_ordinal_set(&o, cases[c]);
        assert_true(dsc_ordinal_is_bounded(&o));
        for (size_t j = 1; j < 4; j++) {
            assert_true(o.thresholds[j] > o.thresholds[j - 1]);
        }
        double p[MOST], sum = 0;
        dsc_ordinal_probabilities(&o, o.thresholds[1], p);
        for (size_t k = 0; k < o.n_values; k++) {
            assert_true(p[k] >= 0 && p[k] <= 1);
            sum += p[k];
        }
        assert_near("the sum", sum, 1, 1e-9);
    }
    static const double beyond[][4] = {{301, 0, 0, 0},
                                       {-301, 0, 0, 0},
                                       {0, 6, 0, 0},
                                       {0, 1e3, 0, 0},
                                       {(double)NAN, 0, 0, 0},
                                       {0, 0, (double)NAN, 0},
                                       {0, 0, 0, (double)INFINITY}};
    for (size_t c = 0; c < sizeof beyond / sizeof beyond[0]; c++) {
        dsc_ordinal_set(&o, beyond[c]);
        assert_false(dsc_ordinal_is_bounded(&o));
    }
    dsc_ordinal_clear(&o);
}

static void extreme_scores_are_finite(void **state) {
    (void)state;
    static const double scores[] = {
        -(double)FLT_MAX, -1e9, -700, -345, -340, -100, -30, 0, 30, 100, 340, 345, 700, 1e9,
        (double)FLT_MAX};
    enum { N = sizeof scores / sizeof scores[0] };
    dsc_ordinal o;
    make(&o);
    const double low = o.values[0], high = o.values[o.n_values - 1];
    double last = low;
    for (size_t s = 0; s < N; s++) {
        const double mean = dsc_ordinal_mean(&o, scores[s]);
        assert_true(mean >= last && mean <= high); /* never falls */
        last = mean;
        assert_true(dsc_ordinal_slope(&o, scores[s]) >= 0);
        double p[MOST], sum = 0;
        dsc_ordinal_probabilities(&o, scores[s], p);
        for (size_t k = 0; k < o.n_values; k++) {
            assert_true(p[k] >= 0 && p[k] <= 1);
            sum += p[k];
            dsc_ordinal_sums sums = {0};
            const double slope = dsc_ordinal_add(&o, k, scores[s], &sums);
            assert_true(isfinite(sums.loss) && sums.loss >= -1e-100); /* rounded */
            assert_true(slope >= -1 && slope <= 1);
            /* Far from the thresholds the loss is a straight line, so that a descent comes back. */
            if (k + 1 < o.n_values && scores[s] > 100) {
                const double expected = scores[s] - o.thresholds[k];
                assert_near("a loss", sums.loss - o.narrowness[k], expected, 1e-12);
                assert_true(slope == 1);
            } else if (k > 0 && scores[s] < -100) {
                const double expected = o.thresholds[k - 1] - scores[s];
                assert_near("a loss", sums.loss - o.narrowness[k], expected, 1e-12);
                assert_true(slope == -1);
            }
        }
        assert_near("the sum", sum, 1, 1e-12);
    }
    assert_true(dsc_ordinal_mean(&o, scores[0]) == low);
    assert_near("the highest mean", dsc_ordinal_mean(&o, scores[N - 1]), high, 1e-15);
    for (int i = -2000; i < 2000; i++) {
        assert_true(dsc_ordinal_mean(&o, i / 100.0) < dsc_ordinal_mean(&o, (i + 1) / 100.0));
    }
    dsc_ordinal_sums sums = {0};
    dsc_ordinal_add(&o, 1, (double)NAN, &sums);
    assert_true(!isfinite(sums.loss)); /* not hidden by the limit */
    dsc_ordinal_clear(&o);
}

/* Three of four below the second value, and so on: a score of 0 gives each value its share. */
static void the_start_has_the_shares(void **state) {
    (void)state;
    static const float values[] = {2, 1, 1, 5, 1, 2, 5, 1};
    const uint64_t start[] = {0, 8};
    static const uint32_t column[] = {0, 1, 2, 3, 4, 5, 6, 7};
    const dsc_sparse ratings = {.n_rows = 1,
                                .n_cols = 8,
                                .n_entries = 8,
                                .start = start,
                                .column = column,
                                .value = values};
    dsc_ordinal o;
    assert_int_equal(dsc_ordinal_init(&o, ratings, NULL), DSC_OK);
    float steps[MOST];
    dsc_ordinal_start(&o, ratings, steps);
    const double wide[] = {(double)steps[0], (double)steps[1]};
    dsc_ordinal_set(&o, wide);
    double p[3];
    dsc_ordinal_probabilities(&o, 0, p);
    assert_near("the share of 1", p[0], 0.5, 1e-6);
    assert_near("the share of 2", p[1], 0.25, 1e-6);
    assert_near("the share of 5", p[2], 0.25, 1e-6);
    dsc_ordinal_clear(&o);
}

static void places_are_of_the_nearest(void **state) {
    (void)state;
    dsc_ordinal o;
    make(&o); /* 0.5, 1, 2, 4, 4.5 */
    static const struct {
        double rating;
        size_t place;
    } cases[] = {{0.5, 0}, {1, 1}, {2, 2},   {4, 3},    {4.5, 4},   {-7, 0},
                 {99, 4},  {3, 2}, {3.1, 3}, {0.75, 0}, {0.7501, 1}};
    for (size_t c = 0; c < sizeof cases / sizeof cases[0]; c++) {
        assert_int_equal(dsc_ordinal_place(&o, cases[c].rating), cases[c].place);
    }
    dsc_ordinal_clear(&o);
}

static void ratings_that_are_no_marks(void **state) {
    (void)state;
    float values[101];
    for (size_t i = 0; i < 101; i++) {
        values[i] = (float)(i * 37 % 101) / 4;
    }
    dsc_ordinal o;
    dsc_error err = {DSC_OK, "", ""};
    assert_int_equal(init(&o, values, 100, &err), DSC_OK);
    assert_int_equal(o.n_values, 100);
    for (size_t k = 1; k < 100; k++) {
        assert_true(o.values[k] > o.values[k - 1]);
    }
    dsc_ordinal_clear(&o);
    assert_int_equal(init(&o, values, 101, &err), DSC_E_DATA);
    assert_string_equal(err.where, "ratings");
    assert_non_null(strstr(err.message, "more than 100 different values"));
    assert_null(o.values);
    assert_int_equal(init(&o, (float[]){3, 3, 3}, 3, &err), DSC_E_DATA);
    assert_non_null(strstr(err.message, "all the same"));
    dsc_ordinal_clear(&o);
}

static dsc_status make_two(void *context, dsc_error *err) {
    (void)context;
    dsc_ordinal o, copy;
    dsc_status status = init(&o, (float[]){1, 2, 3}, 3, err);
    if (status == DSC_OK) {
        status = dsc_ordinal_copy(&copy, &o, err);
        if (status == DSC_OK) {
            assert_memory_equal(copy.values, o.values, 6 * 3 * sizeof(double));
            assert_ptr_not_equal(copy.values, o.values);
            dsc_ordinal_clear(&copy);
        }
        dsc_ordinal_clear(&o);
    }
    return status;
}

static void memory(void **state) {
    (void)state;
    fail_alloc_each(make_two, NULL, 2);
    dsc_ordinal none, copy;
    memset(&none, 0, sizeof none);
    assert_int_equal(dsc_ordinal_copy(&copy, &none, NULL), DSC_OK);
    assert_int_equal(dsc_ordinal_n_steps(&copy), 0);
    assert_true(dsc_ordinal_is_bounded(&copy));
    dsc_ordinal_clear(&copy);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(thresholds_and_distributions),
        cmocka_unit_test(losses_and_slopes),
        cmocka_unit_test(sums_add_up),
        cmocka_unit_test(thresholds_ascend),
        cmocka_unit_test(extreme_scores_are_finite),
        cmocka_unit_test(the_start_has_the_shares),
        cmocka_unit_test(places_are_of_the_nearest),
        cmocka_unit_test(ratings_that_are_no_marks),
        cmocka_unit_test(memory),
    };
    return cmocka_run_group_tests(tests, load, unload);
}
