/* Files of models with an ordinal loss: thresholds survive, and what is damaged or no marks is refused by name.
 * docs/model-file.md. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "descent/probabilities.h"
#include "file_parts.h"
#include "ordinal_models.h"
#include "planted_ratings.h"
#include "scratch_dir.h"

static void a_file_keeps_the_thresholds(void **state) {
    const ordinal_model *f = *state;
    dsc_recommender *loaded = NULL;
    assert_int_equal(dsc_recommender_save(f->model, f->path, NULL), DSC_OK);
    assert_int_equal(dsc_recommender_load(&loaded, f->path, NULL), DSC_OK);
    assert_same_ordinal(f->model, loaded);
    assert_int_equal(loaded->config.loss, DSC_LOSS_ORDINAL);
    assert_memory_equal(loaded->ordinal.values, f->model->ordinal.values, 5 * sizeof(double));
    dsc_recommender_info info;
    dsc_recommender_get_info(loaded, &info);
    assert_int_equal(info.n_parameters, 50 * 4 * 2 + 50 + 4); /* vectors, histories, biases */
    dsc_recommender_destroy(loaded);
    file_parts parts;
    file_parts_open(&parts, f->path);
    assert_string_equal(dsc_safetensors_metadata(parts.file, "format_version"), "3");
    file_parts_close(&parts);
}

static void another_model_is_of_version_2(void **state) {
    const ordinal_model *f = *state;
    dsc_recommender_config config = ordinal_config(DSC_FORM_DOT);
    config.loss = DSC_LOSS_SQUARED;
    config.max_epochs = 2;
    dsc_recommender *model = must_train(f->ratings, &config);
    assert_int_equal(dsc_recommender_n_values(model), 0);
    assert_int_equal(dsc_recommender_save(model, f->path, NULL), DSC_OK);
    dsc_recommender_destroy(model);
    file_parts parts;
    file_parts_open(&parts, f->path);
    assert_string_equal(dsc_safetensors_metadata(parts.file, "format_version"), "2");
    assert_null(dsc_safetensors_metadata(parts.file, "loss"));
    file_parts_close(&parts);
}

static void hostile_files_are_refused(void **state) {
    const ordinal_model *f = *state;
    assert_int_equal(dsc_recommender_save(f->model, f->path, NULL), DSC_OK);
    file_parts parts;
    file_parts_open(&parts, f->path);
    char *path = scratch_path(f->dir, "damaged");
    static const char steps[] = "threshold_steps";
    file_parts_load(&parts, path, load_recommender, NULL);
    file_parts_load_value(&parts, path, load_recommender, steps, 0, (double)NAN, steps);
    file_parts_load_value(&parts, path, load_recommender, steps, 3, (double)INFINITY, steps);
    file_parts_load_value(&parts, path, load_recommender, steps, 0, 301, "moderate");
    file_parts_load_value(&parts, path, load_recommender, steps, 2, 20, "moderate");
    file_parts_load_value(&parts, path, load_recommender, steps, 2, 3e38, "moderate");
    file_parts_load_value(&parts, path, load_recommender, steps, 2, -3e38,
                          NULL); /* ascending all the same */
    file_parts_load_value(&parts, path, load_recommender, "ratings_value", 0, 2.5, "expected 5");
    file_parts_load_key(&parts, path, load_recommender, "loss", "hinge", "\"hinge\" is not a loss");
    file_parts_load_key(&parts, path, load_recommender, "loss", "", "is not a loss");
    file_parts_load_key(&parts, path, load_recommender, "loss", "squared",
                        NULL); /* the steps are passed over */
    file_parts_load_key(&parts, path, load_recommender, "format_version", "4",
                        "format version \"4\"");
    file_parts_load_other_shapes(&parts, path, load_recommender, NULL);
    for (size_t t = 0; t < parts.n_tensors; t++) {
        parts.tensor[t].name =
            strcmp(parts.tensor[t].name, steps) == 0 ? "x" : parts.tensor[t].name;
    }
    file_parts_load(&parts, path, load_recommender, "\"threshold_steps\" is missing");
    free(path);
    file_parts_close(&parts);
}

/* A file that claims an ordinal loss for ratings that are no marks. */
static void ratings_of_a_file_must_be_marks(void **state) {
    const ordinal_model *f = *state;
    const planted many = {.n_users = 60, .n_items = 50, .share = 0.4, .noise = 0.3, .seed = 2};
    dsc_ratings *ratings = planted_ratings(&many);
    dsc_recommender_config config = ordinal_config(DSC_FORM_DOT);
    config.loss = DSC_LOSS_SQUARED;
    config.max_epochs = 1;
    dsc_recommender *model = must_train(ratings, &config);
    assert_int_equal(dsc_recommender_save(model, f->path, NULL), DSC_OK);
    file_parts parts;
    file_parts_open(&parts, f->path);
    static const float none[4];
    size_t at = 0; /* among those of its element size */
    while (parts.tensor[at].element != DSC_F32) {
        at++;
    }
    memmove(parts.tensor + at + 1, parts.tensor + at,
            (parts.n_tensors++ - at) * sizeof *parts.tensor);
    parts.tensor[at] = (dsc_tensor){"threshold_steps", DSC_F32, 1, {4, 1}, none};
    parts.metadata[parts.n_metadata++] = (dsc_metadata){"loss", "ordinal"};
    char *path = scratch_path(f->dir, "damaged");
    file_parts_load_key(&parts, path, load_recommender, "format_version", "3",
                        "more than 100 different values");
    file_parts_load_key(&parts, path, load_recommender, "format_version", "2",
                        NULL); /* which knows no loss */
    free(path);
    file_parts_close(&parts);
    dsc_recommender_destroy(model);
    dsc_ratings_destroy(ratings);
}

int main(void) {
#define WITH_MODEL(test) cmocka_unit_test_setup_teardown(test, ordinal_begin, ordinal_end)
    const struct CMUnitTest tests[] = {
        WITH_MODEL(a_file_keeps_the_thresholds),
        WITH_MODEL(another_model_is_of_version_2),
        WITH_MODEL(hostile_files_are_refused),
        WITH_MODEL(ratings_of_a_file_must_be_marks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
