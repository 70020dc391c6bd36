/* The baselines of more ratings than one part has: against loops that know no parts, and the same bytes
 * with any number of threads. docs/math.md (24), (25). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "recommender/baseline.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* Three parts and a bit; the first user and one amid the others have rated nothing. */
enum { N_USERS = 2603, N_ITEMS = 1499, EMPTY_USER = 1000 };

static void fill(dsc_sparse_matrix *ratings) {
    const size_t n = (size_t)(N_USERS - 2) * (N_ITEMS - 200);
    assert_int_equal(dsc_sparse_matrix_init(ratings, N_USERS, N_ITEMS, n, DSC_SPARSE_VALUES, NULL),
                     DSC_OK);
    uint64_t to = 0;
    for (size_t u = 0; u < N_USERS; u++) {
        const bool is_empty = u == 0 || u == EMPTY_USER;
        for (size_t i = 0; !is_empty && i < N_ITEMS - 200; i++) {
            const uint32_t item = (uint32_t)(i + u % 200); /* the outer ones have fewer ratings */
            ratings->column[to] = item;
            ratings->value[to++] =
                1 + 0.5F * (float)((u * 7 + (size_t)item * item * 3 + u % 5) % 9);
        }
        ratings->start[u + 1] = to;
    }
    assert_int_equal(to, n);
}

static dsc_recommender create(const dsc_sparse_matrix *ratings, size_t n_threads) {
    dsc_recommender model = {.ratings = *ratings, .n_users = N_USERS, .n_items = N_ITEMS};
    model.config.n_threads = n_threads;
    model.user_baseline = dsc_alloc(N_USERS + 2 * N_ITEMS, sizeof *model.user_baseline);
    model.item_count = dsc_alloc(N_ITEMS, sizeof *model.item_count);
    assert_non_null(model.user_baseline);
    assert_non_null(model.item_count);
    model.item_baseline = model.user_baseline + N_USERS;
    model.item_appeal = model.item_baseline + N_ITEMS;
    assert_int_equal(dsc_baseline_fit(&model, NULL), DSC_OK);
    return model;
}

static void clear(dsc_recommender *model) {
    dsc_free(model->user_baseline);
    dsc_free(model->item_count);
}

static void assert_near(double found, double expected) {
    assert_true(fabs(found - expected) <= 1e-10);
}

/* Ten times the biases of items from those of users, and back. */
static void solve(const dsc_sparse_matrix *ratings, double mean, const double *n_own, double *users,
                  double *items) {
    for (int round = 0; round < 10; round++) {
        memset(items, 0, N_ITEMS * sizeof *items);
        for (size_t u = 0; u < N_USERS; u++) {
            for (uint64_t e = ratings->start[u]; e < ratings->start[u + 1]; e++) {
                items[ratings->column[e]] += (double)ratings->value[e] - mean - users[u];
            }
        }
        for (size_t i = 0; i < N_ITEMS; i++) {
            items[i] /= n_own[i] + 5;
        }
        for (size_t u = 0; u < N_USERS; u++) {
            const uint64_t begin = ratings->start[u], end = ratings->start[u + 1];
            double sum = 0;
            for (uint64_t e = begin; e < end; e++) {
                sum += (double)ratings->value[e] - mean - items[ratings->column[e]];
            }
            users[u] = sum / ((double)(end - begin) + 5);
        }
    }
}

static void parts_are_summed_to_the_whole(void **state) {
    (void)state;
    static double users[N_USERS], items[N_ITEMS], sums[N_ITEMS], n_own[N_ITEMS];
    dsc_sparse_matrix ratings;
    fill(&ratings);
    dsc_recommender model = create(&ratings, 2);
    double sum = 0, squares = 0;
    for (size_t e = 0; e < ratings.n_entries; e++) {
        sum += (double)ratings.value[e];
        squares += (double)ratings.value[e] * (double)ratings.value[e];
        sums[ratings.column[e]] += (double)ratings.value[e];
        n_own[ratings.column[e]]++;
    }
    const double n = (double)ratings.n_entries, mean = sum / n;
    assert_near(model.statistics.mean, mean);
    assert_near(model.statistics.spread, sqrt(squares / n - mean * mean));
    assert_true(model.statistics.min == 1 && model.statistics.max == 5);
    solve(&ratings, mean, n_own, users, items);
    for (size_t i = 0; i < N_ITEMS; i++) {
        assert_int_equal(model.item_count[i], (uint32_t)n_own[i]);
        assert_near(model.item_appeal[i],
                    (sums[i] + n / N_ITEMS * mean) / (n_own[i] + n / N_ITEMS));
        assert_near(model.item_baseline[i], items[i]);
    }
    for (size_t u = 0; u < N_USERS; u++) {
        assert_near(model.user_baseline[u], users[u]);
    }
    assert_true(model.user_baseline[0] == 0 && model.user_baseline[EMPTY_USER] == 0);
    clear(&model);
    dsc_sparse_matrix_clear(&ratings);
}

static void any_number_of_threads_gives_the_same_bytes(void **state) {
    (void)state;
    static const size_t n_threads[] = {2, 3, 8};
    dsc_sparse_matrix ratings;
    fill(&ratings);
    dsc_recommender one = create(&ratings, 1);
    for (size_t t = 0; t < COUNT(n_threads); t++) {
        dsc_recommender other = create(&ratings, n_threads[t]);
        assert_memory_equal(&other.statistics, &one.statistics, sizeof one.statistics);
        assert_memory_equal(other.user_baseline, one.user_baseline,
                            (N_USERS + 2 * N_ITEMS) * sizeof *one.user_baseline);
        assert_memory_equal(other.item_count, one.item_count, N_ITEMS * sizeof *one.item_count);
        clear(&other);
    }
    clear(&one);
    dsc_sparse_matrix_clear(&ratings);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parts_are_summed_to_the_whole),
        cmocka_unit_test(any_number_of_threads_gives_the_same_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
