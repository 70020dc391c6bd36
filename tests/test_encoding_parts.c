/* Encodings as flat parts: what comes back is the same, and each damage is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "descent/encoding.h"

static const char text[] = "color,x,y,kind\nred,1,2,a\nblue,,4,b\n,5,7,a\nred,8,1.5,c\n";

static dsc_encoding *make(dsc_table **table, const dsc_encoding_config *config, bool has_names) {
    static const dsc_column_choice choices[] = {{"1", DSC_COLUMN_CATEGORICAL},
                                                {"4", DSC_COLUMN_CATEGORICAL}};
    const dsc_table_format format = {
        .missing = DSC_MISSING_KEEP, .choices = choices, .n_choices = 2};
    const char *begin = has_names ? text : strchr(text, '\n') + 1;
    dsc_encoding *e;
    assert_int_equal(dsc_table_read_memory(table, begin, strlen(begin), "t", &format, NULL, NULL),
                     DSC_OK);
    assert_int_equal(dsc_encoding_fit(&e, *table, NULL, 0, config, NULL), DSC_OK);
    return e;
}

static void assert_same_bytes(const void *a, const void *b, size_t n) {
    assert_int_equal(a == NULL, b == NULL);
    if (a != NULL) {
        assert_memory_equal(a, b, n);
    }
}

static void assert_same(const dsc_encoding *a, const dsc_encoding *b, const dsc_table *table) {
    dsc_samples x;
    dsc_samples y;
    assert_int_equal(dsc_encoding_apply(a, table, NULL, 0, true, &x, NULL), DSC_OK);
    assert_int_equal(dsc_encoding_apply(b, table, NULL, 0, true, &y, NULL), DSC_OK);
    assert_int_equal(x.n_inputs, y.n_inputs);
    assert_int_equal(x.n_outputs, y.n_outputs);
    assert_same_bytes(x.input, y.input, x.n_rows * x.n_inputs * sizeof *x.input);
    assert_same_bytes(x.target, y.target, x.n_rows * x.n_outputs * sizeof *x.target);
    assert_same_bytes(x.value, y.value, x.n_rows * sizeof *x.value);
    assert_same_bytes(x.category, y.category, x.n_rows * sizeof *x.category);
    dsc_samples_clear(&x);
    dsc_samples_clear(&y);
}

static void parts_go_there_and_back(void **state) {
    (void)state;
    static const dsc_encoding_config configs[] = {
        {.fill = DSC_FILL_MEAN, .target = "y"},
        {.fill = DSC_FILL_MEDIAN, .scaling = DSC_SCALING_RANGE},
        {.fill = DSC_FILL_CONSTANT, .fill_category = "none", .unseen = DSC_UNSEEN_ZEROS},
        {.fill = DSC_FILL_MOST_FREQUENT, .target = "3", .task = DSC_TASK_CLASSIFICATION},
    };
    for (size_t i = 0; i < sizeof configs / sizeof configs[0]; i++) {
        for (int has_names = i == 0; has_names <= 1; has_names++) {
            dsc_table *table;
            dsc_encoding *e = make(&table, &configs[i], has_names != 0);
            dsc_encoding_parts parts = dsc_encoding_as_parts(e);
            dsc_encoding *copy;
            dsc_error err = {DSC_OK, "", ""};
            dsc_status status = dsc_encoding_from_parts(
                &copy, &parts, parts.offset[parts.n_strings], "m.model", &err);
            assert_string_equal(err.message, "");
            assert_int_equal(status, DSC_OK);
            assert_same(e, copy, table);
            dsc_encoding_parts again = dsc_encoding_as_parts(copy);
            assert_ptr_not_equal(again.strings, parts.strings);
            assert_int_equal(again.n_strings, parts.n_strings);
            assert_memory_equal(again.strings, parts.strings, parts.offset[parts.n_strings]);
            assert_int_equal(again.has_names, has_names);
            dsc_encoding_destroy(e);
            dsc_encoding_destroy(copy);
            dsc_table_destroy(table);
        }
    }
}

/* --- damage -------------------------------------------------------------------------------- */

enum { MAX_FEATURES = 3, MAX_STRINGS = 16, MAX_BYTES = 100 };

/* Parts whose arrays may be written to. The features are color (blue, red), x and y; the target is
 * kind (a, b, c). */
typedef struct writable {
    dsc_encoding_parts parts;
    size_t n_string_bytes;
    uint64_t column[MAX_FEATURES], n_categories[MAX_FEATURES], fill_category[MAX_FEATURES];
    double shift[MAX_FEATURES], scale[MAX_FEATURES], fill[MAX_FEATURES];
    uint8_t has_fill[MAX_FEATURES];
    uint64_t offset[MAX_STRINGS];
    char strings[MAX_BYTES];
} writable;

static void open_parts(const dsc_encoding *e, writable *w) {
    w->parts = dsc_encoding_as_parts(e);
    size_t n = w->parts.n_features;
    w->n_string_bytes = w->parts.offset[w->parts.n_strings];
    assert_true(n == MAX_FEATURES && w->parts.n_strings < MAX_STRINGS);
    assert_true(w->n_string_bytes < MAX_BYTES);
    memcpy(w->column, w->parts.column, n * sizeof w->column[0]);
    memcpy(w->n_categories, w->parts.n_categories, n * sizeof w->n_categories[0]);
    memcpy(w->fill_category, w->parts.fill_category, n * sizeof w->fill_category[0]);
    memcpy(w->shift, w->parts.shift, n * sizeof w->shift[0]);
    memcpy(w->scale, w->parts.scale, n * sizeof w->scale[0]);
    memcpy(w->fill, w->parts.fill, n * sizeof w->fill[0]);
    memcpy(w->has_fill, w->parts.has_fill, n * sizeof w->has_fill[0]);
    memcpy(w->offset, w->parts.offset, (w->parts.n_strings + 1) * sizeof w->offset[0]);
    memcpy(w->strings, w->parts.strings, w->n_string_bytes);
    w->parts.column = w->column;
    w->parts.n_categories = w->n_categories;
    w->parts.fill_category = w->fill_category;
    w->parts.shift = w->shift;
    w->parts.scale = w->scale;
    w->parts.fill = w->fill;
    w->parts.has_fill = w->has_fill;
    w->parts.offset = w->offset;
    w->parts.strings = w->strings;
}

/* Damage number i of a classification by text; false: there is no such number. */
/* clang-format off: one damage a line */
static bool damage(writable *w, size_t i) {
    dsc_encoding_parts *p = &w->parts;
    switch (i) {
    case 0:
        p->task = 0;
        return true;
    case 1:
        p->task = 3;
        return true;
    case 2:
        p->task = DSC_TASK_REGRESSION;
        return true;
    case 3:
        p->unseen = 2;
        return true;
    case 4:
        p->has_names = 2;
        return true;
    case 5:
        p->target_kind = DSC_COLUMN_IGNORED;
        return true;
    case 6:
        p->n_columns = 3;
        return true;
    case 7:
        p->n_columns = UINT64_MAX;
        return true;
    case 8:
        p->target_column = 4;
        return true;
    case 9:
        p->target_column = 1;
        return true;
    case 10:
        p->target_shift = 1;
        return true;
    case 11:
        p->target_scale = (double)NAN;
        return true;
    case 12:
        p->target_scale = 0;
        return true;
    case 13:
        p->n_classes = 1;
        return true;
    case 14:
        p->n_classes = 4;
        return true;
    case 15:
        p->n_classes = UINT64_MAX;
        return true;
    case 16:
        p->n_strings++;
        return true;
    case 17:
        p->n_strings--;
        return true;
    case 18:
        w->n_string_bytes--;
        return true;
    case 19:
        w->n_string_bytes++;
        return true;
    case 20:
        w->column[0] = 9;
        return true;
    case 21:
        w->column[0] = w->column[1];
        return true;
    case 22:
        w->n_categories[0] = 0;
        return true;
    case 23:
        w->n_categories[0] = UINT64_MAX - 5;
        return true;
    case 24:
        w->n_categories[1] = 1;
        return true;
    case 25:
        w->shift[0] = 1;
        return true;
    case 26:
        w->shift[1] = (double)INFINITY;
        return true;
    case 27:
        w->scale[1] = 0;
        return true;
    case 28:
        w->scale[1] = -1;
        return true;
    case 29:
        w->scale[1] = (double)NAN;
        return true;
    case 30:
        w->scale[0] = 2;
        return true;
    case 31:
        w->fill[1] = (double)NAN;
        return true;
    case 32:
        w->fill[0] = 1;
        return true;
    case 33:
        w->fill_category[0] = 2;
        return true;
    case 34:
        w->fill_category[1] = 1;
        return true;
    case 35:
        w->has_fill[0] = 2;
        return true;
    case 36:
        w->has_fill[1] = 0;
        return true;
    case 37:
        w->offset[0] = 1;
        return true;
    case 38:
        w->offset[1] = w->offset[2];
        return true;
    case 39:
        w->offset[1] = UINT64_MAX;
        return true;
    case 40:
        w->strings[0] = '\0';
        return true;
    case 41:
        memcpy(w->strings + w->offset[1], "y", 1);
        return true; /* names x, y: both y */
    case 42:
        w->strings[w->offset[8]] = 'a';
        return true; /* classes a, b: both a */
    case 43:
        p->target_kind = DSC_COLUMN_NUMERIC;
        return true; /* classes that are no numbers */
    case 44:
        p->n_features = 0;
        return true;
    default:
        return false;
    }
}

/* clang-format on */

static void every_damage_is_refused(void **state) {
    (void)state;
    dsc_table *table;
    dsc_encoding *e = make(&table, &(dsc_encoding_config){.fill = DSC_FILL_MEAN}, true);
    writable w;
    open_parts(e, &w);
    dsc_encoding *copy;
    assert_int_equal(dsc_encoding_from_parts(&copy, &w.parts, w.n_string_bytes, "m", NULL), DSC_OK);
    dsc_encoding_destroy(copy);
    size_t n = 0;
    for (; damage(&w, n); n++) {
        dsc_error err = {DSC_OK, "", ""};
        copy = (dsc_encoding *)(uintptr_t)1;
        dsc_status status =
            dsc_encoding_from_parts(&copy, &w.parts, w.n_string_bytes, "m.model", &err);
        print_message("damage %zu: %s\n", n, err.message);
        assert_int_equal(status, DSC_E_MODEL);
        assert_string_equal(err.where, "m.model");
        assert_non_null(strstr(err.message, "the encoding's "));
        assert_non_null(strstr(err.message, " are damaged; expected "));
        assert_null(copy);
        open_parts(e, &w);
    }
    assert_int_equal(n, 45);
    dsc_encoding_destroy(e);
    dsc_table_destroy(table);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parts_go_there_and_back),
        cmocka_unit_test(every_damage_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
