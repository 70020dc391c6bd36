/* Splits of ratings: sizes, what each protocol promises, and that nothing of the test part reaches
 * what is learned from. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "descent/rating_split.h"
#include "fail_alloc.h"
#include "planted_ratings.h"
#include "scratch_dir.h"

/* ann 4 ratings, bob 3, cid 1, dan 2; times of ann and dan with ties */
static const char timed[] = "ann,tea,5,10\nann,jam,1,40\nann,ham,2,40\nann,fig,3,20\n"
                            "bob,tea,4,30\nbob,jam,2,50\nbob,fig,1,45\n"
                            "cid,ham,3,60\n"
                            "dan,fig,4,15\ndan,tea,2,15\n";
enum { N_TIMED = 10 };

static uint32_t *must_assign(const dsc_ratings *ratings, const dsc_split_plan *plan) {
    uint32_t *split = calloc(dsc_ratings_by_user(ratings).n_entries, sizeof *split);
    dsc_error err = {DSC_OK, "", ""};
    assert_non_null(split);
    if (dsc_ratings_assign(ratings, plan, split, &err) != DSC_OK) {
        fail_msg("%s: %s", err.where, err.message);
    }
    return split;
}

static dsc_ratings *must_part(const dsc_ratings *ratings, const uint32_t *split, uint32_t k,
                              bool is_in) {
    dsc_ratings *part = NULL;
    assert_int_equal(dsc_ratings_part(&part, ratings, split, k, is_in, NULL), DSC_OK);
    return part;
}

static dsc_id id_of(const char *text) {
    return (dsc_id){text, strlen(text)};
}

/* The rating of a pair by its ids, or -1. */
static float find(const dsc_ratings *ratings, dsc_id user_id, dsc_id item_id) {
    const dsc_sparse all = dsc_ratings_by_user(ratings);
    const uint32_t user = dsc_ratings_find_user(ratings, user_id);
    const uint32_t item = dsc_ratings_find_item(ratings, item_id);
    if (user == DSC_NO_INDEX || item == DSC_NO_INDEX) {
        return -1;
    }
    for (uint64_t e = all.start[user]; e < all.start[user + 1]; e++) {
        if (all.column[e] == item) {
            return all.value[e];
        }
    }
    return -1;
}

/* Every rating is in one of the two parts, with its value, and neither part has anything else. */
static void check_parts(const dsc_ratings *ratings, const uint32_t *split, uint32_t k) {
    const dsc_sparse all = dsc_ratings_by_user(ratings);
    dsc_ratings *train = must_part(ratings, split, k, false);
    dsc_ratings *test = must_part(ratings, split, k, true);
    assert_int_equal(dsc_ratings_by_user(train).n_entries + dsc_ratings_by_user(test).n_entries,
                     all.n_entries);
    for (uint32_t user = 0; user < all.n_rows; user++) {
        for (uint64_t e = all.start[user]; e < all.start[user + 1]; e++) {
            const dsc_id user_id = dsc_ratings_user_id(ratings, user);
            const dsc_id item_id = dsc_ratings_item_id(ratings, all.column[e]);
            const bool is_test = split[e] == k;
            assert_true(find(is_test ? test : train, user_id, item_id) == all.value[e]);
            assert_true(find(is_test ? train : test, user_id, item_id) == -1);
        }
    }
    dsc_ratings_destroy(train);
    dsc_ratings_destroy(test);
}

static void shares_and_folds_have_their_sizes(void **state) {
    (void)state;
    const planted what = {.n_users = 30, .n_items = 20, .share = 0.5, .noise = 0.1, .seed = 1};
    dsc_ratings *ratings = planted_ratings(&what);
    const size_t n = dsc_ratings_by_user(ratings).n_entries;
    const double shares[] = {0.2, 0.5, 1e-9, 1 - 1e-9};
    for (size_t i = 0; i < 4; i++) {
        const dsc_split_plan plan = {.protocol = DSC_PROTOCOL_HOLDOUT, .share = shares[i]};
        uint32_t *split = must_assign(ratings, &plan);
        size_t n_test = 0;
        for (size_t e = 0; e < n; e++) {
            n_test += split[e] == 0;
        }
        const size_t expected[] = {(n + 2) / 5, (n + 1) / 2, 1, n - 1};
        assert_int_equal(n_test, expected[i]);
        check_parts(ratings, split, 0);
        free(split);
    }
    const dsc_split_plan folds = {.protocol = DSC_PROTOCOL_FOLDS, .n_folds = 7};
    uint32_t *split = must_assign(ratings, &folds);
    size_t sizes[7] = {0};
    for (size_t e = 0; e < n; e++) {
        assert_true(split[e] < 7);
        sizes[split[e]]++;
    }
    for (uint32_t k = 0; k < 7; k++) {
        assert_in_range(sizes[k], n / 7, n / 7 + 1);
        check_parts(ratings, split, k);
    }
    assert_int_equal(dsc_split_plan_count(&folds), 7);
    free(split);
    dsc_ratings_destroy(ratings);
}

/* The last in time of who has two: bob's jam, one of ann's jam and ham, one of dan's two. */
static void the_last_one_is_left_out(void **state) {
    (void)state;
    dsc_ratings *ratings = ratings_from_text(timed);
    size_t n_ham = 0, n_dan_tea = 0;
    for (uint64_t seed = 0; seed < 400; seed++) {
        const dsc_split_plan plan = {.protocol = DSC_PROTOCOL_LEAVE_ONE_OUT, .seed = seed};
        uint32_t *split = must_assign(ratings, &plan);
        dsc_ratings *test = must_part(ratings, split, 0, true);
        assert_int_equal(dsc_ratings_by_user(test).n_entries, 3);
        assert_true(find(test, id_of("bob"), id_of("jam")) == 2);
        const bool has_ham = find(test, id_of("ann"), id_of("ham")) == 2;
        assert_true(has_ham != (find(test, id_of("ann"), id_of("jam")) == 1));
        n_ham += has_ham;
        n_dan_tea += find(test, id_of("dan"), id_of("tea")) == 2;
        assert_int_equal(dsc_ratings_find_user(test, id_of("cid")), DSC_NO_INDEX);
        if (seed == 0) {
            check_parts(ratings, split, 0);
        }
        dsc_ratings_destroy(test);
        free(split);
    }
    assert_in_range(n_ham, 150, 250); /* of 400, whose deviation is 10 */
    assert_in_range(n_dan_tea, 150, 250);
    dsc_ratings_destroy(ratings);
}

/* Without times each of a user's ratings is as likely. */
static void without_times_one_is_left_out_at_random(void **state) {
    (void)state;
    dsc_ratings *ratings = ratings_from_text("ann,tea,5\nann,jam,1\nann,ham,2\nbob,tea,3\n");
    size_t times[3] = {0};
    for (uint64_t seed = 0; seed < 900; seed++) {
        const dsc_split_plan plan = {.protocol = DSC_PROTOCOL_LEAVE_ONE_OUT, .seed = seed};
        uint32_t *split = must_assign(ratings, &plan);
        assert_int_equal((split[0] == 0) + (split[1] == 0) + (split[2] == 0), 1);
        assert_int_equal(split[3], DSC_NO_INDEX);
        for (size_t e = 0; e < 3; e++) {
            times[e] += split[e] == 0;
        }
        free(split);
    }
    for (size_t e = 0; e < 3; e++) {
        assert_in_range(times[e], 240, 360); /* 300, deviation 14 */
    }
    dsc_ratings_destroy(ratings);
}

/* Times 10 15 15 20 30 40 40 45 50 60: a share of 0.4 would begin inside the two at 40. */
static void nothing_is_learned_from_after_what_is_tested(void **state) {
    (void)state;
    dsc_ratings *ratings = ratings_from_text(timed);
    const dsc_sparse all = dsc_ratings_by_user(ratings);
    const struct {
        double share;
        int64_t last; /* that is learned from */
        size_t n_test;
    } cases[] = {{0.1, 50, 1}, {0.3, 40, 3}, {0.4, 40, 3}, {0.5, 30, 5}, {0.9, 10, 9}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const dsc_split_plan plan = {.protocol = DSC_PROTOCOL_TIME, .share = cases[i].share};
        uint32_t *split = must_assign(ratings, &plan);
        size_t n_test = 0;
        for (size_t e = 0; e < all.n_entries; e++) {
            assert_int_equal(split[e] == 0, all.time[e] > cases[i].last);
            n_test += split[e] == 0;
        }
        assert_int_equal(n_test, cases[i].n_test);
        check_parts(ratings, split, 0);
        dsc_ratings *test = must_part(ratings, split, 0, true);
        assert_non_null(dsc_ratings_by_user(test).time);
        dsc_ratings_destroy(test);
        free(split);
    }
    dsc_ratings_destroy(ratings);
}

static void refusals(void **state) {
    (void)state;
    const struct {
        const char *text;
        dsc_split_plan plan;
        dsc_status status;
        const char *where, *message;
    } cases[] = {
        {timed, {.protocol = DSC_PROTOCOL_HOLDOUT, .share = 0}, DSC_E_ARGUMENT, "share", "above 0"},
        {timed, {.protocol = DSC_PROTOCOL_TIME, .share = 1}, DSC_E_ARGUMENT, "share", "below 1"},
        {timed, {.protocol = DSC_PROTOCOL_FOLDS, .n_folds = 1}, DSC_E_ARGUMENT, "folds", "2 to 10"},
        {timed, {.protocol = DSC_PROTOCOL_FOLDS, .n_folds = 11}, DSC_E_ARGUMENT, "folds", "11"},
        {timed, {.protocol = (dsc_protocol)4}, DSC_E_ARGUMENT, "protocol", "4"},
        {"a,b,1\n", {.protocol = DSC_PROTOCOL_LEAVE_ONE_OUT}, DSC_E_DATA, "ratings", "found 1"},
        {"a,b,1\nb,b,2\n",
         {.protocol = DSC_PROTOCOL_LEAVE_ONE_OUT},
         DSC_E_DATA,
         "ratings",
         "no user has two"},
        {"a,b,1\nb,b,2\n",
         {.protocol = DSC_PROTOCOL_TIME, .share = 0.5},
         DSC_E_DATA,
         "ratings",
         "no times"},
        {"a,b,1,9\nb,b,2,9\n",
         {.protocol = DSC_PROTOCOL_TIME, .share = 0.5},
         DSC_E_DATA,
         "ratings",
         "last second"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        dsc_ratings *ratings = ratings_from_text(cases[i].text);
        uint32_t split[N_TIMED];
        dsc_error err;
        assert_int_equal(dsc_ratings_assign(ratings, &cases[i].plan, split, &err), cases[i].status);
        assert_string_equal(err.where, cases[i].where);
        assert_non_null(strstr(err.message, cases[i].message));
        dsc_ratings_destroy(ratings);
    }
    dsc_ratings *ratings = ratings_from_text("a,b,1\nb,b,2\n"), *part;
    const uint32_t split[] = {0, 0};
    dsc_error err;
    assert_int_equal(dsc_ratings_part(&part, ratings, split, 0, false, &err), DSC_E_DATA);
    assert_non_null(strstr(err.message, "none is left to learn from"));
    assert_int_equal(dsc_ratings_part(&part, ratings, split, 1, true, &err), DSC_E_DATA);
    assert_non_null(strstr(err.message, "none is left to test"));
    dsc_ratings_destroy(ratings);
    assert_string_equal(dsc_protocol_name(DSC_PROTOCOL_LEAVE_ONE_OUT), "leave-one-out");
    assert_null(dsc_protocol_name((dsc_protocol)4));
}

/* The bytes of a model trained on the part that is learned from. */
static char *train_and_save(void *dir, const dsc_ratings *ratings, const uint32_t *split,
                            size_t *n_bytes) {
    const dsc_recommender_config config = small_config();
    dsc_ratings *train = must_part(ratings, split, 0, false);
    dsc_recommender *model = must_train(train, &config);
    char *path = scratch_path(dir, "model");
    assert_int_equal(dsc_recommender_save(model, path, NULL), DSC_OK);
    char *bytes = scratch_read(path, n_bytes);
    free(path);
    dsc_recommender_destroy(model);
    dsc_ratings_destroy(train);
    return bytes;
}

enum { USERS = 40, ITEMS = 25, LINE = 48 };

/* A file of ratings, whose order is that of users and items, since the first user rated all.
 * `split` NULL: all values as they are, else those of tested ratings altered. */
static dsc_ratings *make_file(const uint32_t *split) {
    char *text = malloc(USERS * ITEMS * LINE);
    assert_non_null(text);
    size_t length = 0, n = 0;
    for (size_t u = 0; u < USERS; u++) {
        for (size_t i = 0; i < ITEMS; i++) {
            if (u > 0 && (u * 7 + i * 5) % 3 == 0) {
                continue;
            }
            const bool is_altered = split != NULL && split[n] == 0;
            const size_t value = 1 + (u + i) % 2 * 3 + (u * i) % 2;
            length +=
                (size_t)snprintf(text + length, LINE, "u%zu,i%zu,%zu,%zu\n", u, i,
                                 is_altered ? 99 - value : value, 1000 + (u * 31 + i * 17) % 97);
            n++;
        }
    }
    dsc_ratings *ratings = ratings_from_text(text);
    assert_int_equal(dsc_ratings_by_user(ratings).n_entries, n);
    free(text);
    return ratings;
}

/* By every protocol: whatever the tested ratings are changed to, the model is the same to the byte.
 * Changing one rating that is learned from changes it, so that the comparison can fail. */
static void altering_what_is_tested_changes_no_byte_of_the_model(void **state) {
    const dsc_split_plan plans[] = {
        {.protocol = DSC_PROTOCOL_HOLDOUT, .share = 0.3, .seed = 5},
        {.protocol = DSC_PROTOCOL_FOLDS, .n_folds = 4, .seed = 5},
        {.protocol = DSC_PROTOCOL_LEAVE_ONE_OUT, .seed = 5},
        {.protocol = DSC_PROTOCOL_TIME, .share = 0.3},
    };
    for (size_t i = 0; i < sizeof plans / sizeof *plans; i++) {
        dsc_ratings *original = make_file(NULL);
        uint32_t *split = must_assign(original, &plans[i]);
        dsc_ratings *altered = make_file(split);
        uint32_t *again = must_assign(altered, &plans[i]);
        const size_t n = dsc_ratings_by_user(original).n_entries;
        assert_memory_equal(split, again, n * sizeof *split);
        size_t n_first, n_second, n_third;
        char *first = train_and_save(*state, original, split, &n_first);
        char *second = train_and_save(*state, altered, again, &n_second);
        assert_int_equal(n_first, n_second);
        assert_memory_equal(first, second, n_first);
        size_t learned = 0;
        while (split[learned] == 0) {
            learned++;
        }
        split[learned] = 0; /* one rating less to learn from */
        char *third = train_and_save(*state, original, split, &n_third);
        assert_true(n_third != n_first || memcmp(first, third, n_first) != 0);
        free(first);
        free(second);
        free(third);
        free(split);
        free(again);
        dsc_ratings_destroy(original);
        dsc_ratings_destroy(altered);
    }
}

static void memory_may_end_anywhere(void **state) {
    (void)state;
    dsc_ratings *ratings = ratings_from_text(timed);
    uint32_t split[N_TIMED];
    dsc_error err;
    const dsc_split_plan plans[] = {{.protocol = DSC_PROTOCOL_HOLDOUT, .share = 0.3},
                                    {.protocol = DSC_PROTOCOL_TIME, .share = 0.3}};
    for (size_t i = 0; i < 2; i++) {
        fail_alloc_begin(1, false);
        const dsc_status status = dsc_ratings_assign(ratings, &plans[i], split, &err);
        assert_true(fail_alloc_end());
        assert_int_equal(status, DSC_E_MEMORY);
    }
    assert_int_equal(dsc_ratings_assign(ratings, &plans[0], split, &err), DSC_OK);
    size_t nth = 0;
    dsc_status status;
    do {
        dsc_ratings *part = NULL;
        fail_alloc_begin(++nth, false);
        status = dsc_ratings_part(&part, ratings, split, 0, false, &err);
        assert_int_equal(fail_alloc_end(), status != DSC_OK);
        assert_int_equal(part != NULL, status == DSC_OK);
        dsc_ratings_destroy(part);
    } while (status != DSC_OK);
    assert_true(nth > 15);
    dsc_ratings_destroy(ratings);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(shares_and_folds_have_their_sizes),
        cmocka_unit_test(the_last_one_is_left_out),
        cmocka_unit_test(without_times_one_is_left_out_at_random),
        cmocka_unit_test(nothing_is_learned_from_after_what_is_tested),
        cmocka_unit_test(refusals),
        cmocka_unit_test_setup_teardown(altering_what_is_tested_changes_no_byte_of_the_model,
                                        scratch_begin, scratch_end),
        cmocka_unit_test(memory_may_end_anywhere),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
