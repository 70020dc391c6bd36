/* Model files with a correct checksum and one thing wrong: each is refused by name. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "planted_ratings.h"
#include "scratch_dir.h"
#include "store/safetensors.h"

#define LENGTH(array) (sizeof(array) / sizeof *(array))

/* --- a model file as a list of parts ------------------------------------------------------------
 */

static const struct {
    const char *name;
    dsc_element element;
    size_t n_dimensions;
} arrays[] = {
    {"statistics", DSC_F64, 1},      {"hyperparameters", DSC_F64, 1},
    {"user_id_offsets", DSC_I64, 1}, {"item_id_offsets", DSC_I64, 1},
    {"ratings_start", DSC_I64, 1},   {"ratings_item", DSC_I32, 1},
    {"ratings_value", DSC_F32, 1},   {"user_vectors", DSC_F32, 2},
    {"item_vectors", DSC_F32, 2},    {"user_biases", DSC_F32, 1},
    {"item_biases", DSC_F32, 1},     {"rated_vectors", DSC_F32, 2},
    {"rater_vectors", DSC_F32, 2},   {"network.0.weights", DSC_F32, 2},
    {"network.0.bias", DSC_F32, 1},  {"network.1.weights", DSC_F32, 2},
    {"network.1.bias", DSC_F32, 1},  {"network.2.weights", DSC_F32, 2},
    {"network.2.bias", DSC_F32, 1},  {"user_ids", DSC_U8, 1},
    {"item_ids", DSC_U8, 1},
};

static const char *const keys[] = {
    "format",           "format_version",   "n_factors",  "hidden",     "use_dot",    "use_network",
    "use_user_history", "use_item_history", "use_lbfgs",  "activation", "use_biases", "use_mean",
    "optimizer",        "batch_size",       "max_epochs", "patience",   "seed",       "best_epoch",
    "n_epochs"};

typedef struct parts {
    dsc_safetensors *file;
    dsc_tensor tensor[LENGTH(arrays)];
    dsc_metadata metadata[LENGTH(keys)];
    dsc_metadata more; /* key NULL: none */
} parts;

static void parts_open(parts *p, const char *path) {
    const size_t any[2] = {SIZE_MAX, SIZE_MAX};
    assert_int_equal(dsc_safetensors_open(&p->file, path, NULL), DSC_OK);
    for (size_t a = 0; a < LENGTH(arrays); a++) {
        assert_int_equal(dsc_safetensors_tensor(p->file, arrays[a].name, arrays[a].element,
                                                arrays[a].n_dimensions, any, &p->tensor[a], NULL),
                         DSC_OK);
    }
    for (size_t k = 0; k < LENGTH(keys); k++) {
        p->metadata[k] = (dsc_metadata){keys[k], dsc_safetensors_metadata(p->file, keys[k])};
        assert_non_null(p->metadata[k].value);
    }
}

/* Writes the parts without array `no_array` and key `no_key` (SIZE_MAX: with all), loads them, and
 * expects `text` in the message; NULL: that it is a model. */
static void load_parts(const parts *p, const char *dir, size_t no_array, size_t no_key,
                       const char *text) {
    dsc_tensor tensor[LENGTH(arrays)];
    dsc_metadata metadata[LENGTH(keys) + 1];
    size_t n_tensors = 0, n_metadata = 0;
    for (size_t a = 0; a < LENGTH(arrays); a++) {
        if (a != no_array) {
            tensor[n_tensors++] = p->tensor[a];
        }
    }
    for (size_t k = 0; k < LENGTH(keys); k++) {
        if (k != no_key) {
            metadata[n_metadata++] = p->metadata[k];
        }
    }
    if (p->more.key != NULL) {
        metadata[n_metadata++] = p->more;
    }
    char *path = scratch_path(dir, "damaged");
    dsc_error err = {DSC_OK, "", ""};
    assert_int_equal(dsc_safetensors_write(path, metadata, n_metadata, tensor, n_tensors, &err),
                     DSC_OK);
    dsc_recommender *model = (dsc_recommender *)(uintptr_t)1;
    const dsc_status status = dsc_recommender_load(&model, path, &err);
    if (text == NULL) {
        assert_int_equal(status, DSC_OK);
        dsc_recommender_destroy(model);
    } else {
        if (status != DSC_E_MODEL || strstr(err.message, text) == NULL) {
            fail_msg("expected \"%s\", found %s: \"%s\"", text, dsc_status_name(status),
                     status == DSC_OK ? "" : err.message);
        }
        assert_null(model);
        assert_int_equal(err.code, DSC_E_MODEL);
        assert_string_equal(err.where, path);
    }
    free(path);
}

static size_t array_of(const char *name) {
    for (size_t a = 0; a < LENGTH(arrays); a++) {
        if (strcmp(arrays[a].name, name) == 0) {
            return a;
        }
    }
    fail_msg("no array %s", name);
    return 0;
}

/* --- the model ---------------------------------------------------------------------------------
 */

typedef struct fixture {
    void *dir;
    parts parts;
} fixture;

/* Users a, b, c and items x, y, z with the ratings a: x 1, y 2; b: x 3, z 5; c: y 3, z 4. */
static int begin(void **state) {
    fixture *f = calloc(1, sizeof *f);
    if (f == NULL || scratch_begin(&f->dir) != 0) {
        return -1;
    }
    dsc_ratings *ratings = ratings_from_text("a,x,1\na,y,2\nb,x,3\nb,z,5\nc,y,3\nc,z,4\n");
    dsc_recommender_config config = small_config();
    config.optimizer.momentum = 0.5; /* not Adam's, kept as it is */
    config.use_dot = true;           /* a model of all parts */
    config.use_user_history = true;
    config.use_item_history = true;
    config.use_lbfgs = true;
    dsc_recommender *model = must_train(ratings, &config);
    char *path = scratch_path(f->dir, "model");
    assert_int_equal(dsc_recommender_save(model, path, NULL), DSC_OK);
    dsc_recommender_destroy(model);
    dsc_ratings_destroy(ratings);
    parts_open(&f->parts, path);
    free(path);
    *state = f;
    return 0;
}

static int end(void **state) {
    fixture *f = *state;
    dsc_safetensors_close(f->parts.file);
    const int result = scratch_end(&f->dir);
    free(f);
    return result;
}

/* --- arrays ----------------------------------------------------------------------------------- */

static void the_parts_are_a_model(void **state) {
    fixture *f = *state;
    load_parts(&f->parts, f->dir, SIZE_MAX, SIZE_MAX, NULL);
}

static void every_array_is_needed(void **state) {
    fixture *f = *state;
    for (size_t a = 0; a < LENGTH(arrays); a++) {
        char text[80];
        snprintf(text, sizeof text, "the array \"%s\" is missing", arrays[a].name);
        load_parts(&f->parts, f->dir, a, SIZE_MAX, text);
    }
}

/* The type is replaced by another of the same size; of one byte there is no other. */
static void every_array_has_its_type(void **state) {
    fixture *f = *state;
    const dsc_element other[] = {
        [DSC_I32] = DSC_F32, [DSC_F32] = DSC_I32, [DSC_I64] = DSC_F64, [DSC_F64] = DSC_I64};
    for (size_t a = 0; a < LENGTH(arrays) && arrays[a].element != DSC_U8; a++) {
        parts changed = f->parts;
        char text[80];
        changed.tensor[a].element = other[arrays[a].element];
        snprintf(text, sizeof text, "\"%s\" holds", arrays[a].name);
        load_parts(&changed, f->dir, SIZE_MAX, SIZE_MAX, text);
    }
}

static void every_array_has_its_shape(void **state) {
    fixture *f = *state;
    static const char zeros[1000] = "";
    for (size_t a = 0; a < LENGTH(arrays); a++) {
        parts changed = f->parts;
        dsc_tensor *tensor = &changed.tensor[a];
        const dsc_tensor whole = *tensor;
        char text[80];
        tensor->n_dimensions = 3 - whole.n_dimensions; /* a matrix for a vector and the reverse */
        tensor->shape[0] = whole.shape[0] * whole.shape[1];
        tensor->shape[1] = 1;
        snprintf(text, sizeof text, "\"%s\" has", arrays[a].name);
        load_parts(&changed, f->dir, SIZE_MAX, SIZE_MAX, text);
        *tensor = whole;
        for (size_t d = 0; d < whole.n_dimensions; d++) { /* one less, one more, none */
            const size_t lengths[] = {whole.shape[d] - 1, whole.shape[d] + 1, 0};
            for (size_t l = 0; l < LENGTH(lengths); l++) {
                tensor->shape[d] = lengths[l];
                tensor->data = lengths[l] > whole.shape[d] ? zeros : whole.data;
                load_parts(&changed, f->dir, SIZE_MAX, SIZE_MAX, "");
            }
            *tensor = whole;
        }
    }
}

static void set_value(void *data, dsc_element element, size_t at, double value) {
    switch (element) {
    case DSC_U8:
        ((uint8_t *)data)[at] = (uint8_t)value;
        break;
    case DSC_I32:
        ((int32_t *)data)[at] = (int32_t)value;
        break;
    case DSC_I64:
        ((int64_t *)data)[at] = (int64_t)value;
        break;
    case DSC_F32:
        ((float *)data)[at] = (float)value;
        break;
    case DSC_F64:
        ((double *)data)[at] = value;
        break;
    case DSC_BF16:
    default:
        fail();
    }
}

static void check_value(fixture *f, const char *name, size_t at, double value, const char *text) {
    const size_t a = array_of(name);
    parts changed = f->parts;
    dsc_tensor *tensor = &changed.tensor[a];
    const size_t n = tensor->shape[0] * tensor->shape[1];
    assert_true(at < n);
    double *copy = calloc(n, sizeof *copy); /* 8 bytes an element are enough for all */
    assert_non_null(copy);
    memcpy(copy, tensor->data, n * dsc_element_bytes(tensor->element));
    set_value(copy, tensor->element, at, value);
    tensor->data = copy;
    load_parts(&changed, f->dir, SIZE_MAX, SIZE_MAX, text);
    free(copy);
}

static void values_are_checked(void **state) {
    fixture *f = *state;
    const double nan = (double)NAN, inf = (double)INFINITY;
    const struct {
        const char *name;
        size_t at;
        double value;
        const char *text;
    } cases[] = {
        /* mean 3, spread 1.29, scale 1 to 5, errors of training and validation */
        {"statistics", 0, nan, "statistics"},
        {"statistics", 0, 0.5, "statistics"},
        {"statistics", 0, 5.5, "statistics"},
        {"statistics", 1, 0, "statistics"},
        {"statistics", 1, -1, "statistics"},
        {"statistics", 1, inf, "statistics"},
        {"statistics", 2, 3.5, "statistics"},
        {"statistics", 2, -inf, "statistics"},
        {"statistics", 2, 2, "inside the scale"},
        {"statistics", 2, 0, "scale is 0 to 5"},
        {"statistics", 2, -1e300, "scale is"},
        {"statistics", 3, 2.5, "statistics"},
        {"statistics", 3, 4, "inside the scale"},
        {"statistics", 3, 6, "scale is 1 to 6"},
        {"statistics", 4, nan, "statistics"},
        {"statistics", 4, -1, "statistics"},
        {"statistics", 5, inf, "statistics"},
        {"statistics", 5, -1, "statistics"},
        {"hyperparameters", 0, 0, "rate"},
        {"hyperparameters", 0, nan, "rate"},
        {"hyperparameters", 2, 1, "beta"},
        {"hyperparameters", 3, -0.5, "beta"},
        {"hyperparameters", 4, 0, "epsilon"},
        {"hyperparameters", 5, -1, "l2_vectors"},
        {"hyperparameters", 6, inf, "l2_biases"},
        {"hyperparameters", 7, nan, "l2_network"},
        {"hyperparameters", 8, 0.6, "holdout"},
        {"hyperparameters", 8, -0.1, "holdout"},
        {"hyperparameters", 9, -1, "ridge.vectors"},
        {"hyperparameters", 10, nan, "ridge.user_history"},
        {"hyperparameters", 11, inf, "ridge.item_history"},
        {"hyperparameters", 12, -1, "ridge.biases"},
        {"hyperparameters", 13, nan, "ridge.network"},
        {"user_id_offsets", 0, 1, "user_ids"},
        {"user_id_offsets", 0, -1, "user_ids"},
        {"user_id_offsets", 1, 0, "user_ids"}, /* the first id is empty */
        {"user_id_offsets", 1, -1, "user_ids"},
        {"user_id_offsets", 1, 1e18, "user_ids"},
        {"user_id_offsets", 3, 2, "user_ids"},
        {"user_id_offsets", 3, 4, "user_ids"},
        {"item_id_offsets", 2, 1, "item_ids"},
        {"item_id_offsets", 2, 3, "item_ids"}, /* the last one is */
        {"item_id_offsets", 3, -3, "item_ids"},
        {"user_ids", 1, 'a', "user_ids"}, /* twice */
        {"item_ids", 2, 'x', "item_ids"},
        {"ratings_start", 0, 1, "sparse matrix"},
        {"ratings_start", 1, 5, "sparse matrix"}, /* more than the next */
        {"ratings_start", 1, -1, "sparse matrix"},
        {"ratings_start", 1, 1e18, "sparse matrix"},
        {"ratings_start", 3, 5, "sparse matrix"},
        {"ratings_start", 3, 7, "sparse matrix"},
        {"ratings_item", 1, 3, "sparse matrix"},
        {"ratings_item", 1, -1, "sparse matrix"},
        {"ratings_item", 1, 0, "sparse matrix"}, /* the same as the one before */
        {"ratings_item", 0, 2, "sparse matrix"}, /* descending */
        {"ratings_value", 0, nan, "sparse matrix"},
        {"ratings_value", 0, inf, "sparse matrix"},
        {"ratings_value", 0, 0.5, "sparse matrix"},
        {"ratings_value", 0, 5.5, "sparse matrix"},
        {"ratings_value", 0, 2, "ratings go from 2"}, /* the only 1 */
        {"user_vectors", 11, nan, "user_vectors"},
        {"item_vectors", 0, inf, "item_vectors"},
        {"user_biases", 2, -inf, "user_biases"},
        {"item_biases", 1, nan, "item_biases"},
        {"rated_vectors", 0, nan, "rated_vectors"},
        {"rater_vectors", 11, inf, "rater_vectors"},
        {"network.0.weights", 63, nan, "network.0.weights"},
        {"network.0.bias", 0, inf, "network.0.bias"},
        {"network.2.weights", 3, inf, "network.2.weights"},
        {"network.2.bias", 0, nan, "network.2.bias"},
        {"user_vectors", 0, 3e38, "overflow"},
        {"user_biases", 0, -3e38, "overflow"},
        {"rater_vectors", 0, 3e38, "overflow"},
        {"network.1.weights", 0, 3e38, "overflow"},
        {"network.2.bias", 0, 3e38, "overflow"},
    };
    for (size_t c = 0; c < LENGTH(cases); c++) {
        check_value(f, cases[c].name, cases[c].at, cases[c].value, cases[c].text);
    }
}

/* --- metadata ----------------------------------------------------------------------------------
 */

static void check_metadata(fixture *f, const char *key, const char *value, const char *text) {
    for (size_t k = 0; k < LENGTH(keys); k++) {
        if (strcmp(keys[k], key) == 0) {
            parts changed = f->parts;
            changed.metadata[k].value = value;
            load_parts(&changed, f->dir, SIZE_MAX, SIZE_MAX, text);
            return;
        }
    }
    fail_msg("no key %s", key);
}

static void every_key_is_needed(void **state) {
    fixture *f = *state;
    for (size_t k = 0; k < LENGTH(keys); k++) {
        load_parts(&f->parts, f->dir, SIZE_MAX, k, keys[k]);
    }
}

static void metadata_is_checked(void **state) {
    fixture *f = *state;
    static const struct {
        const char *key, *value, *text;
    } cases[] = {
        {"format", "pt", "its format is \"pt\""},
        {"format", "", "its format is \"\""},
        {"format_version", "1", "\"hyperparameters\""}, /* which has fewer there */
        {"format_version", "4", "format version \"4\""},
        {"format_version", "3.0", "format version \"3.0\""},
        {"format_version", "3", NULL}, /* what it adds may be absent */
        {"format_version", "2.0", "format version \"2.0\""},
        {"use_dot", "1", "use_dot"},
        {"use_network", "", "use_network"},
        {"use_lbfgs", "false", "use_lbfgs"}, /* which histories need in version 2 */
        {"format_version", "", "format version \"\""},
        {"n_factors", "0", "n_factors"},
        {"n_factors", "3", "\"user_vectors\""}, /* in range, but not what the arrays are */
        {"n_factors", "1025", "n_factors"},
        {"n_factors", "18446744073709551616", "n_factors"},
        {"hidden", "", "hidden"},
        {"hidden", "8", "n_hidden"},
        {"hidden", "8,", "hidden"},
        {"hidden", ",8", "hidden"},
        {"hidden", "8,x", "hidden"},
        {"hidden", "8,4,", "hidden"},
        {"hidden", "8,4,,", "hidden"},
        {"hidden", "8,,4", "hidden"},
        {"hidden", "8, 4", "hidden"},
        {"hidden", "8;4", "hidden"},
        {"hidden", "8,-4", "hidden"},
        {"hidden", "8,0", "hidden layer 2"},
        {"hidden", "8,4097", "hidden layer 2"},
        {"hidden", "8,4,1,1,1,1", "hidden"},
        {"hidden", "8,5", "network.1.weights"},
        {"hidden", "8,4,4", "network.2.weights"},
        {"activation", "gelo", "\"gelo\" is not an activation"},
        {"activation", "", "is not an activation"},
        {"activation", "ReLU", "is not an activation"},
        {"use_biases", "yes", "use_biases"},
        {"use_biases", "", "use_biases"},
        {"use_biases", "false", "biases are not 0"},
        {"use_mean", "True", "use_mean"},
        {"optimizer", "adagrod", "\"adagrod\" is not an optimizer"},
        {"batch_size", "0", "batch_size"},
        {"batch_size", "1048577", "batch_size"},
        {"max_epochs", "0", "max_epochs"},
        {"max_epochs", "1", "max_epochs"}, /* fewer than were run */
        {"patience", "0", "patience"},
        {"seed", "-1", "seed"},
        {"seed", "0x1", "seed"},
        {"seed", " 1", "seed"},
        {"seed", "1 ", "seed"},
        {"seed", "18446744073709551616", "seed"},
        {"best_epoch", "0", "best_epoch"},
        {"best_epoch", "5", "best_epoch"},
        {"n_epochs", "0", "n_epochs"},
        {"n_epochs", "5", "n_epochs"},
        {"n_epochs", "many", "n_epochs"},
        /* What may be otherwise. */
        {"seed", "18446744073709551615", NULL},
        {"seed", "007", NULL},
        {"use_mean", "false", NULL},
        {"use_dot", "false", NULL},
        {"optimizer", "sgd", NULL},
        {"activation", "tanh", NULL},
    };
    for (size_t c = 0; c < LENGTH(cases); c++) {
        check_metadata(f, cases[c].key, cases[c].value, cases[c].text);
    }
}

/* The metadata that only version 3 has, on the same parts: in version 2 nobody looks at it. */
static void metadata_of_version_3_is_checked(void **state) {
    fixture *f = *state;
    static const struct {
        const char *key, *value, *text;
    } cases[] = {
        {"weigh_user_history", "1", "\"weigh_user_history\" is \"1\""},
        {"weigh_item_history", "", "\"weigh_item_history\" is \"\""},
        {"share_user_vector", "yes", "\"share_user_vector\" is \"yes\""},
        {"share_item_vector", "TRUE", "\"share_item_vector\" is \"TRUE\""},
        {"share_user_vector", "true", "\"user_vectors\""}, /* which are one for each */
        {"share_item_vector", "true", "\"item_vectors\""},
        {"user_activation", "sigmoido", "\"user_activation\" is \"sigmoido\""},
        {"item_activation", "", "\"item_activation\" is \"\""},
        {"weigh_user_history", "true", NULL},
        {"weigh_item_history", "true", NULL},
        {"share_item_vector", "false", NULL},
        {"user_activation", "sigmoid", NULL},
        {"item_activation", "softmax", NULL},
    };
    for (size_t c = 0; c < LENGTH(cases); c++) {
        parts changed = f->parts;
        changed.more = (dsc_metadata){cases[c].key, cases[c].value};
        load_parts(&changed, f->dir, SIZE_MAX, SIZE_MAX, NULL);
        changed.metadata[1].value = "3";
        load_parts(&changed, f->dir, SIZE_MAX, SIZE_MAX, cases[c].text);
    }
    parts changed = f->parts; /* a part that needs a history, without one */
    changed.metadata[1].value = "3";
    changed.metadata[6].value = "false";
    changed.more = (dsc_metadata){"user_activation", "tanh"};
    load_parts(&changed, f->dir, SIZE_MAX, SIZE_MAX, "user_activation is used without");
}

int main(void) {
#define WITH_MODEL(test) cmocka_unit_test_setup_teardown(test, begin, end)
    const struct CMUnitTest tests[] = {
        WITH_MODEL(the_parts_are_a_model),    WITH_MODEL(every_array_is_needed),
        WITH_MODEL(every_array_has_its_type), WITH_MODEL(every_array_has_its_shape),
        WITH_MODEL(values_are_checked),       WITH_MODEL(every_key_is_needed),
        WITH_MODEL(metadata_is_checked),      WITH_MODEL(metadata_of_version_3_is_checked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
