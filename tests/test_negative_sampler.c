/* Drawn negatives: distinct, never a positive, new in each epoch, and the same for the same seed; groups of them
 * with those who have none left, by any number of threads. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "recommender/group_batch.h"

enum { N_USERS = 5, N_ITEMS = 40, MAX_CHOSEN = 120 };

/* Users who chose nothing, one item, half of all, all but three, and all. */
typedef struct choices {
    uint64_t start[N_USERS + 1];
    uint32_t column[MAX_CHOSEN];
    dsc_sparse view;
} choices;

static void fill(choices *out) {
    uint64_t n = 0;
    for (uint32_t u = 0; u < N_USERS; u++) {
        out->start[u] = n;
        for (uint32_t i = 0; i < N_ITEMS; i++) {
            const bool is_chosen = (u == 1 && i == 17) || (u == 2 && i % 2 == 0) ||
                                   (u == 3 && i != 0 && i != 20 && i != 39) || u == 4;
            if (is_chosen) {
                out->column[n++] = i;
            }
        }
    }
    out->start[N_USERS] = n;
    out->view = (dsc_sparse){.n_rows = N_USERS,
                             .n_cols = N_ITEMS,
                             .n_entries = n,
                             .start = out->start,
                             .column = out->column};
}

static size_t n_free(const choices *c, uint32_t user) {
    return N_ITEMS - (size_t)(c->start[user + 1] - c->start[user]);
}

static bool is_chosen(const choices *c, uint32_t user, uint32_t item) {
    for (uint64_t e = c->start[user]; e < c->start[user + 1]; e++) {
        if (c->column[e] == item) {
            return true;
        }
    }
    return false;
}

static void negatives_are_distinct_and_not_chosen(void **state) {
    (void)state;
    choices c;
    fill(&c);
    dsc_negative_sampler sampler;
    assert_int_equal(dsc_negative_sampler_init(&sampler, dsc_kept_ratings_all(c.view), 3, NULL),
                     DSC_OK);
    for (uint32_t user = 0; user < N_USERS; user++) {
        for (size_t n = 1; n <= N_ITEMS; n++) {
            for (size_t place = 0; place < 20; place++) {
                uint32_t item[N_ITEMS];
                bool is_drawn[N_ITEMS] = {false};
                const size_t drawn = dsc_negative_sampler_draw(&sampler, user, 1, place, n, item);
                assert_int_equal(drawn, n < n_free(&c, user) ? n : n_free(&c, user));
                for (size_t j = 0; j < drawn; j++) {
                    assert_in_range(item[j], 0, N_ITEMS - 1);
                    assert_false(is_drawn[item[j]]);
                    assert_false(is_chosen(&c, user, item[j]));
                    is_drawn[item[j]] = true;
                }
            }
        }
    }
    dsc_negative_sampler_clear(&sampler);
}

/* An interaction that is left out is as good as none, whichever way negatives are drawn. */
static void what_is_left_out_may_be_drawn(void **state) {
    (void)state;
    choices c, rest;
    fill(&c);
    fill(&rest);
    uint32_t left_out[MAX_CHOSEN];
    size_t n_left_out = 0, n = 0;
    for (uint32_t u = 0; u < N_USERS; u++) {
        rest.start[u] = n;
        for (uint64_t e = c.start[u]; e < c.start[u + 1]; e++) {
            if (e % 4 == 1 || u == 1) {
                left_out[n_left_out++] = (uint32_t)e;
            } else {
                rest.column[n++] = c.column[e];
            }
        }
    }
    rest.start[N_USERS] = rest.view.n_entries = n;
    rest.view.start = rest.start;
    rest.view.column = rest.column;
    dsc_kept_ratings kept;
    dsc_negative_sampler found, expected;
    assert_int_equal(dsc_kept_ratings_init(&kept, c.view, left_out, n_left_out, NULL, NULL),
                     DSC_OK);
    assert_int_equal(dsc_negative_sampler_init(&found, kept, 3, NULL), DSC_OK);
    assert_int_equal(dsc_negative_sampler_init(&expected, dsc_kept_ratings_all(rest.view), 3, NULL),
                     DSC_OK);
    for (uint32_t user = 0; user < N_USERS; user++) {
        for (size_t n_drawn = 1; n_drawn <= N_ITEMS; n_drawn++) {
            uint32_t a[N_ITEMS] = {0}, b[N_ITEMS] = {0};
            assert_int_equal(dsc_negative_sampler_draw(&found, user, 1, n_drawn, n_drawn, a),
                             dsc_negative_sampler_draw(&expected, user, 1, n_drawn, n_drawn, b));
            assert_memory_equal(a, b, sizeof a);
        }
    }
    dsc_negative_sampler_clear(&found);
    dsc_negative_sampler_clear(&expected);
    dsc_kept_ratings_clear(&kept);
}

/* A user of so many choices that each drawn item is looked for among them; every third one is left out. */
static void what_is_looked_for_is_found(void **state) {
    (void)state;
    enum { MANY = 400, N_CHOSEN = 100 };
    uint64_t start[] = {0, N_CHOSEN};
    uint32_t column[N_CHOSEN], left_out[N_CHOSEN / 3 + 1];
    size_t n_left_out = 0, n_drawn_left_out = 0;
    for (uint32_t e = 0; e < N_CHOSEN; e++) {
        column[e] = 4 * e + 1;
        if (e % 3 == 0) {
            left_out[n_left_out++] = e;
        }
    }
    const dsc_sparse all = {
        .n_rows = 1, .n_cols = MANY, .n_entries = N_CHOSEN, .start = start, .column = column};
    dsc_kept_ratings kept;
    dsc_negative_sampler sampler;
    assert_int_equal(dsc_kept_ratings_init(&kept, all, left_out, n_left_out, NULL, NULL), DSC_OK);
    assert_int_equal(dsc_negative_sampler_init(&sampler, kept, 3, NULL), DSC_OK);
    for (size_t place = 0; place < 1000; place++) {
        uint32_t item;
        assert_int_equal(dsc_negative_sampler_draw(&sampler, 0, 1, place, 1, &item), 1);
        assert_true(item % 4 != 1 || item / 4 % 3 == 0);
        n_drawn_left_out += item % 4 == 1;
    }
    assert_true(n_drawn_left_out > 50); /* of about 102 */
    dsc_negative_sampler_clear(&sampler);
    dsc_kept_ratings_clear(&kept);
}

/* By rejection for a user of few choices, by a walk for one of many: each free item is as likely. */
static void every_item_is_as_likely(void **state) {
    (void)state;
    enum { DRAWS = 20000 };
    choices c;
    fill(&c);
    dsc_negative_sampler sampler;
    assert_int_equal(dsc_negative_sampler_init(&sampler, dsc_kept_ratings_all(c.view), 4, NULL),
                     DSC_OK);
    for (uint32_t user = 0; user < 4; user++) {
        const size_t n = 2;
        size_t count[N_ITEMS] = {0};
        for (size_t place = 0; place < DRAWS; place++) {
            uint32_t item[2];
            assert_int_equal(dsc_negative_sampler_draw(&sampler, user, 9, place, n, item), n);
            count[item[0]]++;
            count[item[1]]++;
        }
        const double expected = (double)(DRAWS * n) / (double)n_free(&c, user);
        double distance = 0;
        for (uint32_t i = 0; i < N_ITEMS; i++) {
            const double off = is_chosen(&c, user, i) ? 0 : (double)count[i] - expected;
            distance += off * off / expected;
        }
        assert_true(distance < 90); /* chi squared of at most 39: beyond one in 100,000 */
    }
    dsc_negative_sampler_clear(&sampler);
}

static void draws_depend_on_seed_epoch_and_place_alone(void **state) {
    (void)state;
    enum { N = 8 };
    choices c;
    fill(&c);
    uint32_t first[N], again[N], other[N];
    dsc_negative_sampler a, b, of_other_seed;
    assert_int_equal(dsc_negative_sampler_init(&a, dsc_kept_ratings_all(c.view), 5, NULL), DSC_OK);
    assert_int_equal(dsc_negative_sampler_init(&b, dsc_kept_ratings_all(c.view), 5, NULL), DSC_OK);
    assert_int_equal(
        dsc_negative_sampler_init(&of_other_seed, dsc_kept_ratings_all(c.view), 6, NULL), DSC_OK);
    dsc_negative_sampler_draw(&a, 2, 1, 0, N, first);
    for (size_t place = 9; place > 0; place--) { /* what was drawn before does not matter */
        dsc_negative_sampler_draw(&b, 0, 2, place, N, other);
    }
    dsc_negative_sampler_draw(&b, 2, 1, 0, N, again);
    assert_memory_equal(first, again, sizeof first);
    dsc_negative_sampler_draw(&b, 2, 2, 0, N, other);
    assert_memory_not_equal(first, other, sizeof first);
    dsc_negative_sampler_draw(&b, 2, 1, 1, N, other);
    assert_memory_not_equal(first, other, sizeof first);
    dsc_negative_sampler_draw(&of_other_seed, 2, 1, 0, N, other);
    assert_memory_not_equal(first, other, sizeof first);
    a.draw = UINT32_MAX; /* the counter begins anew */
    dsc_negative_sampler_draw(&a, 2, 1, 0, N, again);
    assert_memory_equal(first, again, sizeof first);
    dsc_negative_sampler_clear(&a);
    dsc_negative_sampler_clear(&b);
    dsc_negative_sampler_clear(&of_other_seed);
}

/* Users who chose nearly all have shorter groups, and those after them follow at once. */
static void groups_have_no_gaps(void **state) {
    (void)state;
    enum { N_GROUPS = 100, N_NEGATIVES = 5 };
    static const size_t n_threads[] = {1, 2, 3, 8};
    choices c;
    fill(&c);
    dsc_recommender_config config =
        dsc_recommender_config_implicit(DSC_FORM_DOT, (size_t)c.start[N_USERS]);
    config.batch_size = N_GROUPS;
    config.n_negatives = N_NEGATIVES;
    dsc_training_sample samples[N_GROUPS];
    for (uint32_t g = 0; g < N_GROUPS; g++) {
        samples[g] = (dsc_training_sample){.user = g % N_USERS, .item = g % N_ITEMS};
    }
    for (size_t i = 0; i < sizeof n_threads / sizeof n_threads[0]; i++) {
        dsc_pool *pool = NULL;
        dsc_group_batch batch;
        dsc_negative_sampler sampler;
        assert_int_equal(dsc_pool_create(&pool, n_threads[i], NULL), DSC_OK);
        assert_int_equal(
            dsc_group_batch_init(&batch, &config, dsc_kept_ratings_all(c.view), n_threads[i], NULL),
            DSC_OK);
        assert_int_equal(
            dsc_negative_sampler_init(&sampler, dsc_kept_ratings_all(c.view), config.seed, NULL),
            DSC_OK);
        const dsc_training_groups groups =
            dsc_group_batch_fill(&batch, samples, N_GROUPS, 2, 7, pool);
        const uint32_t *item = groups.item;
        assert_int_equal(groups.n_groups, N_GROUPS);
        for (size_t g = 0; g < N_GROUPS; item += groups.length[g], g++) {
            uint32_t expected[N_NEGATIVES];
            const size_t n = dsc_negative_sampler_draw(&sampler, samples[g].user, 2, 7 + g,
                                                       N_NEGATIVES, expected);
            assert_int_equal(groups.user[g], samples[g].user);
            assert_int_equal(groups.length[g], 1 + n);
            assert_int_equal(item[0], samples[g].item);
            assert_memory_equal(item + 1, expected, n * sizeof *item);
        }
        assert_int_equal(groups.n_pairs, item - groups.item);
        dsc_negative_sampler_clear(&sampler);
        dsc_group_batch_clear(&batch);
        dsc_pool_destroy(pool);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_left_out_may_be_drawn),
        cmocka_unit_test(what_is_looked_for_is_found),
        cmocka_unit_test(negatives_are_distinct_and_not_chosen),
        cmocka_unit_test(every_item_is_as_likely),
        cmocka_unit_test(draws_depend_on_seed_epoch_and_place_alone),
        cmocka_unit_test(groups_have_no_gaps),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
