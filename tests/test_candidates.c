/* Candidates of a ranking: all items not rated in training, and negatives that are drawn: distinct,
 * never a positive, as many as there are. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "planted_ratings.h"
#include "recommender/candidates.h"
#include "scratch_dir.h"

/* ann rated a b c in training and d e y z in the test, e and y below the threshold and d right on
 * it; bob is there for the catalogue: a .. j. y and z are known to nobody. */
static const char training[] = "ann,a,5\nann,b,4\nann,c,3\nbob,a,3\nbob,d,3\nbob,e,3\nbob,f,3\n"
                               "bob,g,3\nbob,h,3\nbob,i,3\nbob,j,3\n";
static const char tested[] = "ann,d,4\nann,e,3.5\nann,z,5\nann,y,1\ncid,a,5\n";
enum { N_ITEMS = 10, N_FREE = 5 }; /* f .. j */

typedef struct fixture {
    dsc_recommender *model;
    dsc_ratings *test;
    size_t k;
    dsc_ranking_plan plan;
} fixture;

static int begin(void **state) {
    static fixture f;
    dsc_ratings *ratings = ratings_from_text(training);
    dsc_recommender_config config = small_config();
    config.holdout = 0;
    f = (fixture){.model = must_train(ratings, &config),
                  .test = ratings_from_text(tested),
                  .k = 1,
                  .plan = {.k = &f.k, .n_k = 1, .min_relevant = 4}};
    dsc_ratings_destroy(ratings);
    *state = &f;
    return 0;
}

static int end(void **state) {
    fixture *f = *state;
    dsc_recommender_destroy(f->model);
    dsc_ratings_destroy(f->test);
    return 0;
}

static void must_init(dsc_candidates *c, const fixture *f, const dsc_ranking_plan *plan) {
    assert_int_equal(dsc_candidates_init(c, f->model, f->test, plan, NULL), DSC_OK);
}

/* The candidates as letters, in the order of the alphabet, relevant ones as capitals; '?' is an
 * item that the model does not know. */
static void write_letters(const dsc_candidates *c, char out[32]) {
    size_t n = 0;
    for (char letter = 'a'; letter <= 'z'; letter++) {
        for (size_t j = 0; j < c->n_known; j++) {
            if (dsc_recommender_item_id(c->model, c->item[j]).bytes[0] == letter) {
                out[n++] = (char)(c->is_relevant[j] ? letter - 'a' + 'A' : letter);
            }
        }
    }
    for (size_t j = c->n_known; j < c->n; j++) {
        assert_int_equal(c->item[j], DSC_NO_INDEX);
        out[n++] = c->is_relevant[j] ? '!' : '?';
    }
    out[n] = '\0';
}

static void all_items_but_those_of_training(void **state) {
    const fixture *f = *state;
    char letters[32];
    dsc_candidates c;
    must_init(&c, f, &f->plan);
    for (int again = 0; again < 2; again++) { /* nothing of one user is left for the next */
        assert_int_equal(dsc_candidates_of(&c, 0, NULL), DSC_OK);
        write_letters(&c, letters);
        assert_string_equal(letters, "Defghij!");
        assert_int_equal(c.n_relevant, 2);
        assert_int_equal(c.n_free, N_FREE);
        assert_int_equal(dsc_candidates_of(&c, 1, NULL), DSC_OK); /* cid, whom nobody knows */
        write_letters(&c, letters);
        assert_string_equal(letters, "Abcdefghij");
        assert_int_equal(c.n_free, N_ITEMS - 1);
    }
    dsc_candidates_clear(&c);
}

/* 1 is drawn by rejection, 3 and 5 by selection, and of 9 there are only 5. Each of the free items
 * comes as often as any other. */
static void drawn_negatives_are_distinct_and_never_positive(void **state) {
    const fixture *f = *state;
    static const size_t numbers[] = {1, 3, 5, 9};
    for (size_t i = 0; i < 4; i++) {
        const size_t n_drawn = numbers[i] < N_FREE ? numbers[i] : N_FREE;
        size_t times[128] = {0};
        for (uint64_t seed = 0; seed < 1000; seed++) {
            char letters[32];
            dsc_candidates c;
            dsc_ranking_plan plan = f->plan;
            plan.n_negatives = numbers[i];
            plan.seed = seed;
            must_init(&c, f, &plan);
            assert_int_equal(dsc_candidates_of(&c, 0, NULL), DSC_OK);
            write_letters(&c, letters);
            assert_int_equal(strlen(letters), 1 + n_drawn + 1);
            assert_int_equal(letters[0], 'D');
            assert_int_equal(letters[n_drawn + 1], '!');
            for (size_t j = 1; j <= n_drawn; j++) {
                assert_true(letters[j] >= 'f' && letters[j] <= 'j');
                assert_true(letters[j] != letters[j - 1]);
                times[(size_t)letters[j]]++;
            }
            dsc_candidates_clear(&c);
        }
        for (char letter = 'f'; letter <= 'j'; letter++) { /* deviation 16 at most */
            const size_t expected = 200 * n_drawn;
            assert_in_range(times[(size_t)letter], expected - 80, expected + 80);
        }
    }
}

/* Many by rejection, where drawing the same item twice is likely. */
static void rejection_never_draws_an_item_twice(void **state) {
    (void)state;
    const planted what = {.n_users = 3, .n_items = 400, .share = 1, .noise = 0.1, .seed = 1};
    dsc_ratings *ratings = planted_ratings(&what), *test = ratings_from_text("new,i7,5\n");
    const dsc_recommender_config config = small_config();
    const fixture f = {.model = must_train(ratings, &config), .test = test};
    const size_t k = 1;
    const dsc_ranking_plan plan = {.k = &k, .n_k = 1, .n_negatives = 190, .seed = 3};
    dsc_candidates c;
    bool is_seen[400] = {false};
    must_init(&c, &f, &plan);
    assert_int_equal(dsc_candidates_of(&c, 0, NULL), DSC_OK);
    assert_int_equal(c.n, 191);
    for (size_t j = 0; j < c.n; j++) {
        assert_false(is_seen[c.item[j]]);
        is_seen[c.item[j]] = true;
        assert_int_equal(c.is_relevant[j], j == 0);
    }
    dsc_candidates_clear(&c);
    dsc_recommender_destroy(f.model);
    dsc_ratings_destroy(ratings);
    dsc_ratings_destroy(test);
}

/* z is tested by ann and known to nobody: a negative of hers that is none, and one of cid's. */
static void given_negatives_of_one_user_are_not_those_of_the_next(void **state) {
    const fixture *f = *state;
    void *dir;
    char letters[32];
    dsc_negatives *given;
    dsc_candidates c;
    assert_int_equal(scratch_begin(&dir), 0);
    char *path = scratch_write(dir, "given", "ann a d e f y z\ncid b z\n", 24);
    assert_int_equal(dsc_negatives_read(&given, path, NULL), DSC_OK);
    dsc_ranking_plan plan = f->plan;
    plan.given = given;
    must_init(&c, f, &plan);
    assert_int_equal(dsc_candidates_of(&c, 0, NULL), DSC_OK);
    write_letters(&c, letters);
    assert_string_equal(letters, "Def!?"); /* e and y are tested but not relevant: true negatives */
    assert_int_equal(c.n_dropped, 3);      /* a, d, z */
    assert_int_equal(dsc_candidates_of(&c, 1, NULL), DSC_OK);
    write_letters(&c, letters);
    assert_string_equal(letters, "Ab?");
    assert_int_equal(c.n_dropped, 0);
    dsc_candidates_clear(&c);
    dsc_negatives_destroy(given);
    free(path);
    assert_int_equal(scratch_end(&dir), 0);
}

int main(void) {
#define WITH_MODEL(test) cmocka_unit_test_setup_teardown(test, begin, end)
    const struct CMUnitTest tests[] = {
        WITH_MODEL(all_items_but_those_of_training),
        WITH_MODEL(drawn_negatives_are_distinct_and_never_positive),
        cmocka_unit_test(rejection_never_draws_an_item_twice),
        WITH_MODEL(given_negatives_of_one_user_are_not_those_of_the_next),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
