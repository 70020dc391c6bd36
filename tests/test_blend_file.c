/* Files of blends: what is saved is loaded to the last bit, and what is not a blend is refused by name.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "blended.h"
#include "file_parts.h"
#include "planted_ratings.h"
#include "scratch_dir.h"

enum { N_USERS = 9, N_ITEMS = 7, N_MEMBERS = 2 };

typedef struct fixture {
    void *dir;
    dsc_recommender *blend; /* of histories and a perceptron, weights found */
    char *path;             /* its file */
    char *other;            /* for another one */
} fixture;

static int begin(void **state) {
    fixture *f = calloc(1, sizeof *f);
    if (f == NULL || scratch_begin(&f->dir) != 0) {
        return -1;
    }
    const planted what = {
        .n_users = N_USERS, .n_items = N_ITEMS, .share = 0.7, .noise = 0.5, .seed = 1};
    dsc_ratings *ratings = planted_ratings(&what);
    dsc_recommender_config all[N_BLENDED];
    blended_members(all);
    dsc_recommender_config members[N_MEMBERS] = {all[0], all[2]};
    members[1].average_epochs = 3;
    dsc_blend_config config = blended_config(members);
    config.n_members = N_MEMBERS;
    f->blend = must_blend(ratings, &config, NULL);
    f->path = scratch_path(f->dir, "blend");
    f->other = scratch_path(f->dir, "other");
    dsc_ratings_destroy(ratings);
    *state = f;
    return dsc_recommender_save(f->blend, f->path, NULL) == DSC_OK ? 0 : -1;
}

static int end(void **state) {
    fixture *f = *state;
    dsc_recommender_destroy(f->blend);
    free(f->path);
    free(f->other);
    const int result = scratch_end(&f->dir);
    free(f);
    return result;
}

/* --- round trip ------------------------------------------------------------------------------- */

static void what_is_saved_is_loaded(void **state) {
    const fixture *f = *state;
    dsc_recommender *loaded = NULL;
    dsc_recommender_info a, b;
    size_t n_first, n_again;
    assert_int_equal(dsc_blend_n_members(f->blend), N_MEMBERS);
    assert_int_equal(dsc_recommender_load(&loaded, f->path, NULL), DSC_OK);
    assert_int_equal(dsc_blend_n_members(loaded), N_MEMBERS);
    for (size_t m = 0; m < N_MEMBERS; m++) {
        assert_true(dsc_blend_weight(loaded, m) == dsc_blend_weight(f->blend, m));
        dsc_recommender_get_info(dsc_blend_member(f->blend, m), &a);
        dsc_recommender_get_info(dsc_blend_member(loaded, m), &b);
        assert_int_equal(a.config.n_factors, b.config.n_factors);
        assert_int_equal(a.config.average_epochs, b.config.average_epochs);
        assert_true(a.config.seed == b.config.seed && a.train_rmse == b.train_rmse);
    }
    dsc_recommender_get_info(f->blend, &a);
    dsc_recommender_get_info(loaded, &b);
    assert_true(a.train_rmse == b.train_rmse && a.validation_rmse == b.validation_rmse);
    assert_true(a.best_epoch == b.best_epoch && a.n_parameters == b.n_parameters);
    dsc_scorer *of_saved = must_create_scorer(f->blend), *of_loaded = must_create_scorer(loaded);
    for (uint32_t u = 0; u < N_USERS; u++) {
        double x[N_ITEMS], y[N_ITEMS];
        const uint32_t items[N_ITEMS] = {0, 1, 2, 3, 4, 5, 6};
        dsc_scorer_score(of_saved, u, N_ITEMS, items, x);
        dsc_scorer_score(of_loaded, u, N_ITEMS, items, y);
        assert_memory_equal(x, y, sizeof x);
    }
    dsc_scorer_destroy(of_saved);
    dsc_scorer_destroy(of_loaded);
    assert_int_equal(dsc_recommender_save(loaded, f->other, NULL), DSC_OK);
    char *first = scratch_read(f->path, &n_first), *again = scratch_read(f->other, &n_again);
    assert_int_equal(n_first, n_again);
    assert_memory_equal(first, again, n_first);
    free(first);
    free(again);
    dsc_recommender_destroy(loaded);
}

static void weights_that_were_given_leave_no_validation_error(void **state) {
    const fixture *f = *state;
    const planted what = {.n_users = N_USERS, .n_items = N_ITEMS, .share = 0.7, .seed = 1};
    dsc_ratings *ratings = planted_ratings(&what);
    dsc_recommender_config members[N_BLENDED];
    dsc_recommender *loaded = NULL;
    dsc_recommender_info info;
    blended_members(members);
    members[2].average_epochs = 3;
    dsc_blend_config config = blended_config(members);
    config.weights = (double[]){1, 1, 1};
    dsc_recommender *blend = must_blend(ratings, &config, NULL);
    assert_int_equal(dsc_recommender_save(blend, f->other, NULL), DSC_OK);
    assert_int_equal(dsc_recommender_load(&loaded, f->other, NULL), DSC_OK);
    dsc_recommender_get_info(loaded, &info);
    assert_true(isnan(info.validation_rmse) && info.train_rmse > 0);
    dsc_recommender_get_info(dsc_blend_member(loaded, 2), &info);
    assert_int_equal(info.config.average_epochs, 3);
    dsc_recommender_destroy(loaded);
    dsc_recommender_destroy(blend);
    dsc_ratings_destroy(ratings);
}

static void ids_and_ratings_stand_in_the_file_once(void **state) {
    const fixture *f = *state;
    file_parts parts;
    size_t n_ratings = 0, n_vectors = 0;
    file_parts_open(&parts, f->path);
    for (size_t t = 0; t < parts.n_tensors; t++) {
        n_ratings += strstr(parts.tensor[t].name, "ratings_value") != NULL;
        n_vectors += strstr(parts.tensor[t].name, "user_vectors") != NULL;
    }
    assert_int_equal(n_ratings, 1);
    assert_int_equal(n_vectors, N_MEMBERS);
    file_parts_close(&parts);
}

/* --- refused ---------------------------------------------------------------------------------- */

static void every_part_is_needed(void **state) {
    const fixture *f = *state;
    file_parts parts;
    file_parts_open(&parts, f->path);
    for (size_t t = 0; t < parts.n_tensors; t++) {
        file_parts without = parts;
        memmove(&without.tensor[t], &without.tensor[t + 1],
                (parts.n_tensors - t - 1) * sizeof without.tensor[0]);
        without.n_tensors--;
        file_parts_load(&without, f->other, load_recommender, parts.tensor[t].name);
    }
    for (size_t k = 0; k < parts.n_metadata; k++) {
        const char *key = parts.metadata[k].key;
        const bool is_optional =
            strcmp(key, "writer") == 0 || strstr(key, "average_epochs") != NULL;
        file_parts without = parts;
        memmove(&without.metadata[k], &without.metadata[k + 1],
                (parts.n_metadata - k - 1) * sizeof without.metadata[0]);
        without.n_metadata--;
        if (strcmp(key, "n_members") == 0) { /* taken for a single model then, which has settings */
            key = "n_factors";
        }
        file_parts_load(&without, f->other, load_recommender, is_optional ? NULL : key);
    }
    file_parts_close(&parts);
}

static void shapes_must_agree(void **state) {
    const fixture *f = *state;
    file_parts parts;
    file_parts_open(&parts, f->path);
    file_parts_load_other_shapes(&parts, f->other, load_recommender, NULL);
    file_parts_close(&parts);
}

static void weights_are_checked(void **state) {
    const fixture *f = *state;
    const double first = dsc_blend_weight(f->blend, 0), second = dsc_blend_weight(f->blend, 1);
    const struct {
        size_t at;
        double value;
    } bad[] = {{0, (double)NAN},
               {1, (double)NAN},
               {0, (double)INFINITY},
               {1, -second},
               {1, 0},
               {0, second / 2},
               {0, first + 1e-6},
               {1, second - 1e-6},
               {1, first + 0.001},
               {0, -(double)INFINITY},
               {0, first + second}};
    file_parts parts;
    file_parts_open(&parts, f->path);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        file_parts_load_value(&parts, f->other, load_recommender, "member_weights", bad[i].at,
                              bad[i].value, "weights");
    }
    file_parts_close(&parts);
}

static void keys_are_checked(void **state) {
    const fixture *f = *state;
    const struct {
        const char *key, *value, *text;
    } bad[] = {
        {"n_members", "0", "has 0 members; expected 1 to 16"},
        {"n_members", "17", "has 17 members"},
        {"n_members", "two", "\"n_members\" is \"two\""},
        {"n_members", "1", "\"member_weights\""},
        {"n_members", "3", "\"member_weights\""},
        {"format_version", "2", "\"n_factors\""}, /* which knows single models alone */
        {"format_version", "1", "\"n_factors\""},
        {"format_version", "4", "format version \"4\""},
        {"member.0.n_factors", "5", "\"member.0.user_vectors\""},
        {"member.1.n_factors", "0", "setting member.1.n_factors"},
        {"member.1.use_dot", "maybe", "\"member.1.use_dot\""},
        {"member.1.use_biases", "false", "biases are not 0"},
        {"member.1.hidden", "8", "setting member.1.n_hidden"},
    };
    file_parts parts;
    file_parts_open(&parts, f->path);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        file_parts_load_key(&parts, f->other, load_recommender, bad[i].key, bad[i].value,
                            bad[i].text);
    }
    file_parts_close(&parts);
}

static void values_are_checked(void **state) {
    const fixture *f = *state;
    const bool is_first = dsc_recommender_network(dsc_blend_member(f->blend, 0)) != NULL;
    const char *weights = is_first ? "member.0.network.1.weights" : "member.1.network.1.weights";
    const struct {
        const char *array;
        size_t at;
        double value;
        const char *text;
    } bad[] = {
        {"statistics", 2, -3,
         "member 1 has other statistics"},                /* min of the blend: below the ratings */
        {"statistics", 4, (double)NAN, "its statistics"}, /* error */
        {"statistics", 5, -1, "its statistics"},
        {"member.1.statistics", 3, 99, "member 2 has other statistics"},
        {"member.1.statistics", 1, 0.5, "member 2 has other statistics"},
        {"member.0.user_vectors", 3, (double)NAN, "\"member.0.user_vectors\""},
        {weights, 0, (double)INFINITY, weights},
        {"member.0.item_vectors", 0, 3e38, "so large"},
        {"member.1.hyperparameters", 0, -1, "setting"},
        {"ratings_value", 0, 99, "sparse matrix"},
    };
    file_parts parts;
    file_parts_open(&parts, f->path);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        file_parts_load_value(&parts, f->other, load_recommender, bad[i].array, bad[i].at,
                              bad[i].value, bad[i].text);
    }
    file_parts_close(&parts);
}

/* As of a build that summed the same ratings in another order. */
static void members_may_round_the_mean_otherwise(void **state) {
    const fixture *f = *state;
    dsc_recommender_info info;
    dsc_recommender_get_info(dsc_blend_member(f->blend, 1), &info);
    file_parts parts;
    file_parts_open(&parts, f->path);
    file_parts_load_value(&parts, f->other, load_recommender, "member.1.statistics", 0,
                          nextafter(info.mean, 9), NULL);
    file_parts_load_value(&parts, f->other, load_recommender, "member.1.statistics", 1,
                          nextafter(info.spread, 9), NULL);
    file_parts_close(&parts);
}

static void a_blend_within_a_blend_is_refused(void **state) {
    const fixture *f = *state;
    file_parts parts;
    file_parts_open(&parts, f->path);
    assert_true(parts.n_metadata < MAX_FILE_PARTS);
    parts.metadata[parts.n_metadata++] = (dsc_metadata){"member.1.n_members", "2"};
    file_parts_load(&parts, f->other, load_recommender, "member 2 is a blend itself");
    file_parts_close(&parts);
}

static void every_byte_matters(void **state) {
    const fixture *f = *state;
    file_parts_load_altered(f->path, f->other, load_recommender);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_saved_is_loaded),
        cmocka_unit_test(weights_that_were_given_leave_no_validation_error),
        cmocka_unit_test(ids_and_ratings_stand_in_the_file_once),
        cmocka_unit_test(every_part_is_needed),
        cmocka_unit_test(shapes_must_agree),
        cmocka_unit_test(weights_are_checked),
        cmocka_unit_test(keys_are_checked),
        cmocka_unit_test(values_are_checked),
        cmocka_unit_test(members_may_round_the_mean_otherwise),
        cmocka_unit_test(a_blend_within_a_blend_is_refused),
        cmocka_unit_test(every_byte_matters),
    };
    return cmocka_run_group_tests(tests, begin, end);
}
