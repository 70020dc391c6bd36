/* Encodings: what is fitted on which rows, what is encoded, which tables they apply to, and which
 * message a bad row gives. Figures of tools/reference_metrics.py are compared with. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "descent/encoding.h"

static dsc_table *read_text(const char *text, const dsc_column_choice *choices, size_t n_choices) {
    const dsc_table_format format = {
        .missing = DSC_MISSING_KEEP, .choices = choices, .n_choices = n_choices};
    dsc_table *table;
    dsc_error err = {DSC_OK, "", ""};
    dsc_status status =
        dsc_table_read_memory(&table, text, strlen(text), "t.csv", &format, NULL, &err);
    assert_string_equal(err.message, "");
    assert_int_equal(status, DSC_OK);
    return table;
}

static dsc_encoding *fit(const dsc_table *table, const uint32_t *rows, size_t n,
                         const dsc_encoding_config *config) {
    dsc_encoding *encoding;
    dsc_error err = {DSC_OK, "", ""};
    dsc_status status = dsc_encoding_fit(&encoding, table, rows, n, config, &err);
    assert_string_equal(err.message, "");
    assert_int_equal(status, DSC_OK);
    return encoding;
}

static dsc_samples apply(const dsc_encoding *encoding, const dsc_table *table, bool with_target) {
    dsc_samples samples;
    dsc_error err = {DSC_OK, "", ""};
    dsc_status status = dsc_encoding_apply(encoding, table, NULL, 0, with_target, &samples, &err);
    assert_string_equal(err.message, "");
    assert_int_equal(status, DSC_OK);
    assert_int_equal((uintptr_t)samples.input % 64, 0);
    return samples;
}

static void assert_floats(const float *found, const float *expected, size_t n) {
    for (size_t i = 0; i < n; i++) {
        if (!(fabsf(found[i] - expected[i]) <= 1e-6F * fmaxf(1, fabsf(expected[i])))) {
            fail_msg("element %zu is %.9g; expected %.9g", i, (double)found[i],
                     (double)expected[i]);
        }
    }
}

static void assert_id(dsc_id found, const char *expected) {
    assert_int_equal(found.length, strlen(expected));
    assert_memory_equal(found.bytes, expected, found.length);
}

static const dsc_column_choice color_and_kind[] = {{"color", DSC_COLUMN_CATEGORICAL},
                                                   {"kind", DSC_COLUMN_CATEGORICAL}};

/* size 1, 3 trains: mean 2, deviation 1; price 10, 20: mean 15, deviation 5. */
static void a_regression_by_hand(void **state) {
    (void)state;
    dsc_table *table = read_text("color,size,same,price\nred,1,7,10\nblue,3,7,20\nred,9,8,40\n",
                                 color_and_kind, 1);
    static const uint32_t rows[] = {0, 1};
    dsc_encoding *e = fit(table, rows, 2, NULL);
    assert_int_equal(dsc_encoding_task(e), DSC_TASK_REGRESSION);
    assert_int_equal(dsc_encoding_n_inputs(e), 4);
    assert_int_equal(dsc_encoding_n_outputs(e), 1);
    assert_int_equal(dsc_encoding_n_features(e), 3);
    assert_id(dsc_encoding_category(e, 0, 0), "blue");
    assert_id(dsc_encoding_category(e, 0, 1), "red");
    assert_id(dsc_encoding_target(e).name, "price");
    dsc_feature_info same = dsc_encoding_feature(e, 2);
    assert_id(same.name, "same");
    assert_int_equal(same.first_input, 3);
    assert_true(same.shift >= 7 && same.shift <= 7 && same.scale >= 1 && same.scale <= 1);
    assert_false(same.has_fill);
    dsc_samples s = apply(e, table, true);
    static const float input[] = {0, 1, -1, 0, 1, 0, 1, 0, 0, 1, 7, 1};
    static const float target[] = {-1, 1, 5};
    assert_int_equal(s.n_rows, 3);
    assert_floats(s.input, input, 12);
    assert_floats(s.target, target, 3);
    assert_null(s.category);
    double value[3];
    dsc_encoding_values(e, s.target, 3, value);
    for (size_t i = 0; i < 3; i++) {
        assert_true(fabs(value[i] - s.value[i]) < 1e-5);
    }
    assert_true(s.value[2] >= 40 && s.value[2] <= 40);
    dsc_samples_clear(&s);
    dsc_encoding_destroy(e);
    dsc_table_destroy(table);
}

static void classes_by_text_and_by_number(void **state) {
    (void)state;
    dsc_table *table =
        read_text("kind,x,y\nb,1,10\na,2,9\nc,3,10\nb,4,-1.5\n", &color_and_kind[1], 1);
    dsc_encoding *e = fit(table, NULL, 0, &(dsc_encoding_config){.target = "kind"});
    assert_int_equal(dsc_encoding_task(e), DSC_TASK_CLASSIFICATION);
    assert_int_equal(dsc_encoding_n_outputs(e), 3);
    assert_id(dsc_encoding_class(e, 0), "a");
    assert_id(dsc_encoding_class(e, 2), "c");
    dsc_samples s = apply(e, table, true);
    static const float by_text[] = {0, 1, 0, 1, 0, 0, 0, 0, 1, 0, 1, 0};
    assert_floats(s.target, by_text, 12);
    assert_int_equal(s.category[2], 2);
    assert_null(s.value);
    dsc_samples_clear(&s);
    dsc_encoding_destroy(e);

    static const char *const x[] = {"x"};
    const dsc_encoding_config config = {.task = DSC_TASK_CLASSIFICATION,
                                        .target = "-1",
                                        .features = x,
                                        .n_features = 1,
                                        .scaling = DSC_SCALING_RANGE};
    e = fit(table, NULL, 0, &config);
    assert_int_equal(dsc_encoding_n_outputs(e), 3);
    assert_id(dsc_encoding_class(e, 0), "-1.5");
    assert_id(dsc_encoding_class(e, 1), "9");
    assert_id(dsc_encoding_class(e, 2), "10");
    s = apply(e, table, true);
    static const float range[] = {0, 1.0F / 3, 2.0F / 3, 1};
    static const uint32_t classes[] = {2, 1, 2, 0};
    assert_floats(s.input, range, 4);
    assert_memory_equal(s.category, classes, sizeof classes);
    dsc_samples_clear(&s);
    dsc_encoding_destroy(e);
    dsc_table_destroy(table);
}

/* --- against the reference ----------------------------------------------------------------- */

static void the_reference_of_filling_and_scaling(void **state) {
    (void)state;
    static const char *const names[] = {"constant", "mean", "median", "most_frequent"};
    json_t *root = json_load_file("tests/data/reference_metrics.json", 0, NULL);
    assert_non_null(root);
    json_t *reference = json_object_get(root, "encoding");
    json_t *columns = json_object_get(reference, "columns");
    json_t *target = json_object_get(reference, "target");
    size_t n_rows = json_array_size(columns);
    size_t n_train = (size_t)json_integer_value(json_object_get(reference, "n_train"));
    char text[4000];
    size_t n = 0;
    uint32_t rows[64];
    for (size_t r = 0; r < n_rows; r++) {
        for (size_t c = 0; c < 3; c++) {
            json_t *v = json_array_get(json_array_get(columns, r), c);
            n += json_is_null(v) ? (size_t)sprintf(text + n, ",")
                                 : (size_t)sprintf(text + n, "%.17g,", json_number_value(v));
        }
        n += (size_t)sprintf(text + n, "%.17g\n", json_number_value(json_array_get(target, r)));
        rows[r] = (uint32_t)r;
    }
    dsc_table *table = read_text(text, NULL, 0);
    for (int fill = DSC_FILL_CONSTANT; fill <= DSC_FILL_MOST_FREQUENT; fill++) {
        json_t *expected = json_object_get(reference, names[fill - DSC_FILL_CONSTANT]);
        for (int scaling = DSC_SCALING_STANDARD; scaling <= DSC_SCALING_RANGE; scaling++) {
            const dsc_encoding_config config = {
                .scaling = (dsc_scaling)scaling, .fill = (dsc_fill)fill, .fill_value = -2.5};
            dsc_encoding *e = fit(table, rows, n_train, &config);
            dsc_samples s = apply(e, table, true);
            json_t *inputs =
                json_object_get(expected, scaling == DSC_SCALING_RANGE ? "range" : "standard");
            for (size_t r = 0; r < n_rows; r++) {
                for (size_t c = 0; c < 3; c++) {
                    float want =
                        (float)json_number_value(json_array_get(json_array_get(inputs, r), c));
                    assert_floats(&s.input[r * 3 + c], &want, 1);
                }
                float want = (float)json_number_value(
                    json_array_get(json_object_get(reference, "target_scaled"), r));
                assert_floats(&s.target[r], &want, 1);
            }
            for (size_t c = 0; c < 3; c++) {
                double want =
                    json_number_value(json_array_get(json_object_get(expected, "fill"), c));
                assert_true(fabs(dsc_encoding_feature(e, c).fill - want) < 1e-12);
            }
            dsc_samples_clear(&s);
            dsc_encoding_destroy(e);
        }
    }
    dsc_table_destroy(table);
    json_decref(root);
}

/* --- categories ---------------------------------------------------------------------------- */

static void filled_and_unseen_categories(void **state) {
    (void)state;
    dsc_table *table = read_text("color,y\nred,1\nblue,2\n,3\nred,4\ngreen,5\n", color_and_kind, 1);
    static const uint32_t train[] = {0, 1, 2, 3};
    dsc_encoding_config config = {.fill = DSC_FILL_MEAN};
    dsc_encoding *e = fit(table, train, 4, &config);
    dsc_samples s;
    dsc_error err;
    assert_int_equal(dsc_encoding_n_inputs(e), 2);
    assert_int_equal(dsc_encoding_feature(e, 0).fill_category, 1);
    assert_int_equal(dsc_encoding_apply(e, table, NULL, 0, true, &s, &err), DSC_E_DATA);
    assert_string_equal(err.where, "t.csv:6");
    assert_string_equal(err.message,
                        "column \"color\": found \"green\", expected a category of the training "
                        "rows");
    assert_null(s.input);
    dsc_encoding_destroy(e);

    config.unseen = DSC_UNSEEN_ZEROS;
    e = fit(table, train, 4, &config);
    s = apply(e, table, true);
    static const float by_mode[] = {0, 1, 1, 0, 0, 1, 0, 1, 0, 0};
    assert_floats(s.input, by_mode, 10);
    dsc_samples_clear(&s);
    dsc_encoding_destroy(e);

    config.fill = DSC_FILL_CONSTANT;
    config.fill_category = "none";
    e = fit(table, train, 4, &config);
    s = apply(e, table, true);
    static const float by_text[] = {0, 0, 1, 1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0};
    assert_int_equal(dsc_encoding_n_inputs(e), 3);
    assert_id(dsc_encoding_category(e, 0, 1), "none");
    assert_floats(s.input, by_text, 15);
    dsc_samples_clear(&s);
    dsc_encoding_destroy(e);
    dsc_table_destroy(table);
}

/* Numbers as categories come in numeric order, as those that are text come in that of bytes. */
static void categories_have_an_order(void **state) {
    (void)state;
    dsc_table *table = read_text("color,y\n10,1\n9,2\n-1,3\n", color_and_kind, 1);
    dsc_encoding *e = fit(table, NULL, 0, NULL);
    assert_id(dsc_encoding_category(e, 0, 0), "-1");
    assert_id(dsc_encoding_category(e, 0, 1), "9");
    assert_id(dsc_encoding_category(e, 0, 2), "10");
    dsc_encoding_destroy(e);
    dsc_table_destroy(table);
}

/* --- other tables -------------------------------------------------------------------------- */

typedef struct match_case {
    const char *train;
    const char *target;
    const char *other;
    bool needs_target;
    const char *message; /* NULL: the inputs of its first row are 1, 2 before scaling */
} match_case;

static const match_case match_cases[] = {
    {"a,b,y\n3,4,5\n", NULL, "y,b,extra,a\n5,2,what,1\n", true, NULL},
    {"a,b,y\n3,4,5\n", NULL, "b,a\n2,1\n", false, NULL},
    {"a,y,b\n3,5,4\n", "y", "1,2\n", false, NULL},
    {"3,5,4\n", "2", "1,2\n", false, NULL},
    {"3,5,4\n", "2", "1,9,2\n", false, NULL},
    {"3,5,4\n", "2", "1,9,2\n", true, NULL},
    {"3,4,5\n", NULL, "u,v,w\n1,2,9\n", true, NULL},
    {"a,b,y\n3,4,5\n", NULL, "a,c,y\n1,2,5\n", true,
     "there is no column \"b\", expected it as a feature, as in the training data"},
    {"a,b,y\n3,4,5\n", NULL, "a,b\n1,2\n", true,
     "there is no column \"y\", expected it as the target"},
    {"3,4,5\n", NULL, "1,2\n", true, "found 2 columns, expected 3 as in the training data"},
    {"3,4,5\n", NULL, "1,2,3,4\n", false,
     "found 4 columns, expected 3 as in the training data, or one fewer: the target"},
};

static void other_tables_are_matched(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof match_cases / sizeof match_cases[0]; i++) {
        const match_case *c = &match_cases[i];
        const dsc_encoding_config config = {.target = c->target, .scaling = DSC_SCALING_NONE};
        dsc_table *table = read_text(c->train, NULL, 0);
        dsc_encoding *e = fit(table, NULL, 0, &config);
        dsc_table_destroy(table);
        dsc_error err = {DSC_OK, "", ""};
        dsc_status status = dsc_encoding_read_memory(e, &table, c->other, strlen(c->other), "o.csv",
                                                     c->needs_target, NULL, NULL, &err);
        print_message("case %zu: %s\n", i, err.message);
        assert_int_equal(status, c->message == NULL ? DSC_OK : DSC_E_DATA);
        if (c->message == NULL) {
            static const float expected[] = {1, 2};
            dsc_samples s = apply(e, table, c->needs_target);
            assert_int_equal(s.n_inputs, 2);
            assert_floats(s.input, expected, 2);
            assert_int_equal(s.target != NULL, c->needs_target);
            dsc_samples_clear(&s);
        } else {
            assert_string_equal(err.where, "o.csv");
            assert_non_null(strstr(err.message, c->message));
            assert_null(table);
        }
        dsc_table_destroy(table);
        dsc_encoding_destroy(e);
    }
}

static void reading_for_an_encoding_knows_the_kinds(void **state) {
    (void)state;
    dsc_table *table = read_text("color,x,kind\n1,5,u\n02,6,v\n", color_and_kind, 2);
    dsc_encoding *e = fit(table, NULL, 0, NULL);
    dsc_table_destroy(table);
    const char *other = "kind,x,other,color\nv,7,word,02\nu,8,,1\n";
    assert_int_equal(
        dsc_encoding_read_memory(e, &table, other, strlen(other), "o", true, NULL, NULL, NULL),
        DSC_OK);
    assert_int_equal(dsc_table_column_kind(table, 2), DSC_COLUMN_IGNORED);
    dsc_samples s = apply(e, table, true);
    assert_int_equal(s.category[0], 1);
    assert_true(s.input[1] > 0.5F && s.input[3] > 0.5F);
    dsc_samples_clear(&s);
    dsc_table_destroy(table);
    const dsc_table_format chosen = {.choices = color_and_kind, .n_choices = 1};
    assert_int_equal(
        dsc_encoding_read_memory(e, &table, other, strlen(other), "o", true, &chosen, NULL, NULL),
        DSC_E_ARGUMENT);
    assert_int_equal(dsc_encoding_read(e, &table, "/nowhere", true, NULL, NULL, NULL), DSC_E_IO);
    /* one read without its kinds is of another kind */
    table = read_text("color,x,kind\n1,5,u\n", &color_and_kind[1], 1);
    dsc_error err;
    assert_int_equal(dsc_encoding_apply(e, table, NULL, 0, true, &s, &err), DSC_E_DATA);
    assert_non_null(strstr(err.message, "column \"color\" is numeric, expected a categorical one"));
    dsc_table_destroy(table);
    dsc_encoding_destroy(e);
}

/* --- refusals ------------------------------------------------------------------------------ */

static const char *const twice[] = {"x", "1"};
static const char *const no_such[] = {"z"};
static const char *const itself[] = {"y"};

typedef struct bad_fit {
    const char *text;
    dsc_status status;
    const char *where;
    const char *message;
    dsc_encoding_config config;
} bad_fit;

static const bad_fit bad_fits[] = {
    {"x,y\n1,2\n", DSC_E_ARGUMENT, "t.csv", "there is no column \"z\"", {.target = "z"}},
    {"x,y\n1,2\n",
     DSC_E_ARGUMENT,
     "t.csv",
     "there is no column \"z\"",
     {.features = no_such, .n_features = 1}},
    {"x,y\n1,2\n",
     DSC_E_ARGUMENT,
     "t.csv",
     "column \"x\" is chosen twice",
     {.features = twice, .n_features = 2}},
    {"x,y\n1,2\n",
     DSC_E_ARGUMENT,
     "t.csv",
     "column \"y\" is the target; expected another",
     {.features = itself, .n_features = 1}},
    {"y\n1\n", DSC_E_ARGUMENT, "t.csv", "found no column besides the target \"y\"", {0}},
    {"x,y\n1,2\n", DSC_E_ARGUMENT, "encoding", "none of its values", {.task = (dsc_task)3}},
    {"x,y\n1,2\n",
     DSC_E_ARGUMENT,
     "encoding",
     "none of its values",
     {.fill_value = (double)INFINITY}},
    {"x,y\n1,2\n,3\n",
     DSC_E_DATA,
     "t.csv:3",
     "column \"x\": a missing value, expected a number",
     {0}},
    {"x,y\n1,2\n4,\n",
     DSC_E_DATA,
     "t.csv:3",
     "column \"y\": the target is missing",
     {.fill = DSC_FILL_MEAN}},
    {"x,y\n1,2\n4,\n",
     DSC_E_DATA,
     "t.csv:3",
     "column \"y\": the target is missing",
     {.task = DSC_TASK_CLASSIFICATION, .fill = DSC_FILL_MEAN}},
    {"x,y\n,2\n?,3\n",
     DSC_E_DATA,
     "t.csv",
     "column \"x\" has no value in any training row",
     {.fill = DSC_FILL_MEDIAN}},
    {"x,y\n1,2\n1,2\n",
     DSC_E_DATA,
     "t.csv",
     "same value in every training row, expected at least",
     {.task = DSC_TASK_CLASSIFICATION}},
    {"x,y\n1,2\n1,3\n1,4\n",
     DSC_E_DATA,
     "t.csv",
     "has 3 different values in the training rows",
     {.task = DSC_TASK_CLASSIFICATION, .max_categories = 2}},
    {"x,color\n1,u\n1,v\n",
     DSC_E_DATA,
     "t.csv",
     "is categorical, expected numbers for a regression",
     {.task = DSC_TASK_REGRESSION}},
    {"color,y\nu,1\n,2\n",
     DSC_E_DATA,
     "t.csv:3",
     "column \"color\": a missing value, expected a cat",
     {0}},
    {"color,y\nNA,1\n,2\n",
     DSC_E_DATA,
     "t.csv",
     "column \"color\" has no value",
     {.fill = DSC_FILL_MEAN}},
    {"color,y\nu,1\nv,2\nw,3\n",
     DSC_E_DATA,
     "t.csv",
     "column \"color\" has 3 different values",
     {.max_categories = 2}},
    {"x,color\n1,u\n1,\n", DSC_E_DATA, "t.csv:3", "column \"color\": the target is missing", {0}},
    {"x,y\n1e308,1\n1.5e308,2\n",
     DSC_E_DATA,
     "t.csv",
     "values so large that their mean or spread",
     {0}},
};

static void bad_fits_say_why(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof bad_fits / sizeof bad_fits[0]; i++) {
        const bad_fit *c = &bad_fits[i];
        bool has_color = strstr(c->text, "color") != NULL;
        dsc_table *table = read_text(c->text, color_and_kind, has_color);
        dsc_encoding *e = (dsc_encoding *)(uintptr_t)1;
        dsc_error err = {DSC_OK, "", ""};
        dsc_status status = dsc_encoding_fit(&e, table, NULL, 0, &c->config, &err);
        print_message("case %zu: %s: %s\n", i, err.where, err.message);
        assert_int_equal(status, c->status);
        assert_null(e);
        assert_string_equal(err.where, c->where);
        assert_non_null(strstr(err.message, c->message));
        dsc_table_destroy(table);
    }
}

static void rows_out_of_range_are_refused(void **state) {
    (void)state;
    static const uint32_t rows[] = {0, 2};
    const dsc_column_choice ignored = {"3", DSC_COLUMN_IGNORED};
    dsc_table *table = read_text("1,2,x\n3,4,y\n", &ignored, 1);
    dsc_encoding *e;
    dsc_samples s;
    const dsc_encoding_config config = {.target = "2"};
    assert_int_equal(dsc_encoding_fit(&e, table, NULL, 0, NULL, NULL), DSC_E_ARGUMENT);
    assert_int_equal(dsc_encoding_fit(&e, table, rows, 2, &config, NULL), DSC_E_ARGUMENT);
    assert_int_equal(dsc_encoding_fit(&e, table, rows, 0, &config, NULL), DSC_E_ARGUMENT);
    e = fit(table, NULL, 0, &config);
    assert_int_equal(dsc_encoding_n_features(e), 1);
    assert_int_equal(dsc_encoding_apply(e, table, rows, 2, true, &s, NULL), DSC_E_ARGUMENT);
    dsc_encoding_destroy(e);
    dsc_table_destroy(table);
}

typedef struct bad_row {
    const char *text;
    const char *where;
    const char *message;
} bad_row;

static void bad_rows_have_their_line(void **state) {
    (void)state;
    static const bad_row rows[] = {
        {"color,x,y\nu,1,1\n\nu,,2\n", "o.csv:4",
         "column \"x\": a missing value, expected one: the model was fitted without a fill for "
         "such"},
        {"color,x,y\n,1,1\n", "o.csv:2", "column \"color\": a missing value, expected one"},
        {"color,x,y\nw,1,1\n", "o.csv:2", "found \"w\", expected a category of the training rows"},
        {"color,x,y\nu,1,3\n", "o.csv:2", "found 3, expected a class of the training rows"},
        {"color,x,y\nu,1,\n", "o.csv:2", "column \"y\": the target is missing"},
        {"color,x,y\nu,1e300,1\n", "o.csv:2", "the value 1e+300 is too far from those of the"},
    };
    dsc_table *table = read_text("color,x,y\nu,1,1\nv,2,2\n", color_and_kind, 1);
    dsc_encoding *e = fit(table, NULL, 0, &(dsc_encoding_config){.task = DSC_TASK_CLASSIFICATION});
    dsc_table_destroy(table);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        dsc_samples s;
        dsc_error err = {DSC_OK, "", ""};
        assert_int_equal(dsc_encoding_read_memory(e, &table, rows[i].text, strlen(rows[i].text),
                                                  "o.csv", true, NULL, NULL, &err),
                         DSC_OK);
        assert_int_equal(dsc_encoding_apply(e, table, NULL, 0, true, &s, &err), DSC_E_DATA);
        print_message("    %s: %s\n", err.where, err.message);
        assert_string_equal(err.where, rows[i].where);
        assert_non_null(strstr(err.message, rows[i].message));
        assert_null(s.input);
        dsc_table_destroy(table);
    }
    dsc_encoding_destroy(e);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_regression_by_hand),
        cmocka_unit_test(classes_by_text_and_by_number),
        cmocka_unit_test(the_reference_of_filling_and_scaling),
        cmocka_unit_test(filled_and_unseen_categories),
        cmocka_unit_test(categories_have_an_order),
        cmocka_unit_test(other_tables_are_matched),
        cmocka_unit_test(reading_for_an_encoding_knows_the_kinds),
        cmocka_unit_test(bad_fits_say_why),
        cmocka_unit_test(rows_out_of_range_are_refused),
        cmocka_unit_test(bad_rows_have_their_line),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
