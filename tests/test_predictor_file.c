/* Files of predictors: what is saved comes back, and what is wrong is refused by name. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "descent/model_kind.h"
#include "descent/recommender.h"
#include "file_parts.h"
#include "planted_table.h"
#include "scratch_dir.h"
#include "small_networks.h"

typedef struct fixture {
    void *dir;
    dsc_table *table;
    dsc_predictor *predictor; /* of 3 classes, with categories, norm, dropout and class weights */
    char *path;               /* of its file */
    char *damaged;            /* of a file to write */
} fixture;

static int begin(void **state) {
    fixture *f = calloc(1, sizeof *f);
    if (f == NULL || scratch_begin(&f->dir) != 0) {
        return -1;
    }
    f->table = planted_table(60, PLANTED_CLASS);
    f->path = scratch_path(f->dir, "model");
    f->damaged = scratch_path(f->dir, "damaged");
    dsc_predictor_config config = dsc_predictor_config_default();
    config.n_hidden = 2;
    config.hidden[0] = 4;
    config.hidden[1] = 3;
    config.has_norm = true;
    config.dropout = 0.125;
    config.balances_classes = true;
    config.fit.max_epochs = 5;
    const dsc_predictor_source source = {.table = f->table, .encoding = {.fill = DSC_FILL_MEAN}};
    MUST(dsc_predictor_fit(&f->predictor, &source, &config, NULL, NULL, &failure));
    MUST(dsc_predictor_save(f->predictor, f->path, &failure));
    *state = f;
    return 0;
}

static int end(void **state) {
    fixture *f = *state;
    dsc_predictor_destroy(f->predictor);
    dsc_table_destroy(f->table);
    free(f->path);
    free(f->damaged);
    const int result = scratch_end(&f->dir);
    free(f);
    return result;
}

static dsc_status load(const char *path, dsc_error *err) {
    dsc_predictor *predictor = (dsc_predictor *)(uintptr_t)1;
    dsc_status status = dsc_predictor_load(&predictor, path, err);
    assert_int_equal(predictor != NULL, status == DSC_OK);
    dsc_predictor_destroy(predictor);
    return status;
}

static void what_is_saved_comes_back(void **state) {
    fixture *f = *state;
    dsc_predictor *loaded = NULL;
    dsc_predictor_info a, b;
    dsc_predictions p, q;
    MUST(dsc_predictor_load(&loaded, f->path, &failure));
    dsc_predictor_get_info(f->predictor, &a);
    dsc_predictor_get_info(loaded, &b);
    assert_int_equal(a.task, b.task);
    assert_int_equal(a.n_rows, b.n_rows);
    assert_int_equal(a.n_held_out, b.n_held_out);
    assert_int_equal(a.n_parameters, b.n_parameters);
    assert_int_equal(a.result.best_epoch, b.result.best_epoch);
    assert_memory_equal(&a.score, &b.score, sizeof a.score);
    assert_memory_equal(&a.baseline, &b.baseline, sizeof a.baseline);
    assert_memory_equal(&a.result.validation_loss, &b.result.validation_loss, sizeof(double));
    assert_int_equal(a.config.n_hidden, b.config.n_hidden);
    assert_memory_equal(a.config.hidden, b.config.hidden, 2 * sizeof(size_t));
    assert_int_equal(b.config.has_norm, true);
    assert_int_equal(b.config.balances_classes, true);
    assert_int_equal(a.config.fit.schedule.n_epochs, b.config.fit.schedule.n_epochs);
    assert_memory_equal(&a.config.fit.optimizer.rate, &b.config.fit.optimizer.rate, 8);
    for (size_t c = 0; c < 3; c++) {
        assert_int_equal(dsc_predictor_class_count(f->predictor, c),
                         dsc_predictor_class_count(loaded, c));
    }
    MUST(dsc_predictor_predict(f->predictor, f->table, NULL, 0, &p, &failure));
    MUST(dsc_predictor_predict(loaded, f->table, NULL, 0, &q, &failure));
    assert_memory_equal(p.probability, q.probability, 60 * 3 * sizeof(double));
    dsc_predictions_clear(&p);
    dsc_predictions_clear(&q);

    /* And so do the bytes of the file. */
    size_t n_first, n_second;
    char *first = scratch_read(f->path, &n_first);
    MUST(dsc_predictor_save(loaded, f->damaged, &failure));
    char *second = scratch_read(f->damaged, &n_second);
    assert_int_equal(n_first, n_second);
    assert_memory_equal(first, second, n_first);
    free(first);
    free(second);
    dsc_predictor_destroy(loaded);
}

static void kinds_of_models_are_told_apart(void **state) {
    fixture *f = *state;
    dsc_model_kind kind = DSC_MODEL_UNKNOWN;
    dsc_recommender *recommender;
    dsc_error err;
    MUST(dsc_model_kind_of_file(f->path, &kind, &failure));
    assert_int_equal(kind, DSC_MODEL_PREDICTOR);
    assert_int_equal(dsc_recommender_load(&recommender, f->path, &err), DSC_E_MODEL);
    assert_non_null(strstr(err.message, "descent-predictor"));
    free(scratch_write(f->dir, "damaged", "no model", 8));
    assert_int_equal(dsc_model_kind_of_file(f->damaged, &kind, &err), DSC_E_MODEL);
    assert_int_equal(load(f->damaged, &err), DSC_E_MODEL);
    char *lacks = scratch_path(f->dir, "lacks");
    assert_int_equal(load(lacks, &err), DSC_E_IO);
    free(lacks);
}

static void every_part_is_needed_and_has_its_shape(void **state) {
    fixture *f = *state;
    file_parts parts;
    file_parts_open(&parts, f->path);
    file_parts_load(&parts, f->damaged, load, NULL);
    file_parts_load_without_each(&parts, f->damaged, load);
    file_parts_load_other_shapes(&parts, f->damaged, load, NULL);
    file_parts_close(&parts);
}

static void no_byte_may_change_or_lack(void **state) {
    fixture *f = *state;
    file_parts_load_altered(f->path, f->damaged, load);
}

static void settings_are_checked(void **state) {
    fixture *f = *state;
    static const struct {
        const char *key, *value, *text;
    } cases[] = {
        {"format", "descent-recommender", "its format is \"descent-recommender\""},
        {"format_version", "2", "format version \"2\""},
        {"encoding.task", "ranking", "expected regression or classification"},
        {"encoding.task", "regression", "encoding's"},
        {"encoding.unseen", "", "expected refuse or zeros"},
        {"encoding.has_names", "yes", "expected false or true"},
        {"encoding.target_kind", "text", "expected numeric or categorical"},
        {"encoding.n_columns", "0", "encoding's columns"},
        {"encoding.n_columns", "-3", "expected a number"},
        {"encoding.target_column", "99", "encoding's columns"},
        {"encoding.n_classes", "1", "encoding's classes"},
        {"encoding.n_classes", "2", "encoding's"},
        {"fit.optimizer", "adom", "\"adom\" is not an optimizer"},
        {"fit.schedule", "linear", "\"linear\" is not a schedule"},
        {"fit.nesterov", "1", "expected true or false"},
        {"fit.nesterov", "true", NULL}, /* which Adam does not use */
        {"fit.batch_size", "0", "batch_size"},
        {"fit.max_epochs", "3", "not in ascending order"},
        {"fit.best_epoch", "0", "not in ascending order"},
        {"fit.n_epochs", "6", "not in ascending order"},
        {"fit.n_rows", "0", "trained on 0 rows"},
        {"fit.n_rows", "55", "does not add up to the 55 rows"},
        {"fit.seed", "18446744073709551616", "expected a number"},
        {"fit.seed", "18446744073709551615", NULL},
        {"network.n_layers", "0", "has 0 layers"},
        {"network.n_layers", "2", "expected 2"},
        {"network.activations", "relu,rulu,identity", "\"rulu\" is not an activation"},
        {"network.activations", "relu,tanh,identity", "hidden layer 2 differs"},
        {"network.activations", "relu,relu,tanh", "linear output"},
        {"network.loss", "hinge", NULL},
        {"network.loss", "huber", "knows no classes"},
        {"network.precision", "float64", "holds F32, expected F64"},
    };
    file_parts parts;
    file_parts_open(&parts, f->path);
    for (size_t i = 0; i < COUNT(cases); i++) {
        file_parts_load_key(&parts, f->damaged, load, cases[i].key, cases[i].value, cases[i].text);
    }
    file_parts_close(&parts);
}

static void values_are_checked(void **state) {
    fixture *f = *state;
    const double nan = (double)NAN, inf = (double)INFINITY;
    const struct {
        const char *array;
        size_t at;
        double value;
        const char *text;
    } cases[] = {
        {"network.0.weights", 0, nan, "\"network.0.weights\": value 1"},
        {"network.2.bias", 2, inf, "\"network.2.bias\": value 3"},
        {"network.dropout", 1, 0.5, "hidden layer 2 differs"},
        {"network.dropout", 0, 1, "dropout of 1"},
        {"network.class_weights", 0, -1, "class_weights"},
        {"encoding.scale", 0, 0, "encoding's shifts and scales"},
        {"encoding.shift", 1, nan, "infinite or not a number"},
        {"encoding.fill", 0, inf, "infinite or not a number"},
        {"encoding.target", 1, 0, "scale of the target"},
        {"encoding.column", 0, 4, "encoding's columns"}, /* the target's */
        {"encoding.column", 0, -1, "encoding's columns"},
        {"encoding.n_categories", 3, 3, "encoding's"},
        {"encoding.fill_category", 3, 2, "encoding's fills"},
        {"encoding.has_fill", 0, 2, "encoding's fills"},
        {"encoding.string_offsets", 1, 1e18, "encoding's"},
        {"encoding.string_offsets", 0, 1, "encoding's"},
        {"class_counts", 0, 1e18, "does not add up"},
        {"class_counts", 0, -1, "does not add up"},
        {"fit.hyperparameters", 0, 0, "rate"},
        {"fit.hyperparameters", 0, -1, "rate"},
        {"fit.hyperparameters", 0, inf, "infinite or not a number"},
        {"fit.hyperparameters", 6, -1, "setting l1"},
        {"fit.hyperparameters", 7, -1, "setting l2"},
        {"fit.hyperparameters", 8, -1, "setting clip_norm"},
        {"fit.hyperparameters", 9, 0.75, "setting holdout"},
        {"fit.results", 0, nan, "infinite or not a number"},
        {"fit.results", 2, -1, "below 0"},
    };
    file_parts parts;
    file_parts_open(&parts, f->path);
    for (size_t i = 0; i < COUNT(cases); i++) {
        file_parts_load_value(&parts, f->damaged, load, cases[i].array, cases[i].at, cases[i].value,
                              cases[i].text);
    }
    file_parts_close(&parts);
}

int main(void) {
#define WITH_MODEL(test) cmocka_unit_test_setup_teardown(test, begin, end)
    const struct CMUnitTest tests[] = {
        WITH_MODEL(what_is_saved_comes_back),
        WITH_MODEL(kinds_of_models_are_told_apart),
        WITH_MODEL(every_part_is_needed_and_has_its_shape),
        WITH_MODEL(no_byte_may_change_or_lack),
        WITH_MODEL(settings_are_checked),
        WITH_MODEL(values_are_checked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
