/* An encoding as parts of a model file: numbers become metadata, lists become arrays. */
#include <string.h>

#include "base/error.h"
#include "predictor/encoding_parts.h"

#define KEY_TASK          "encoding.task"   /* regression, classification */
#define KEY_UNSEEN        "encoding.unseen" /* refuse, zeros */
#define KEY_HAS_NAMES     "encoding.has_names"
#define KEY_TARGET_KIND   "encoding.target_kind" /* numeric, categorical */
#define KEY_N_COLUMNS     "encoding.n_columns"
#define KEY_TARGET_COLUMN "encoding.target_column"
#define KEY_N_CLASSES     "encoding.n_classes"

#define ARRAY_TARGET        "encoding.target" /* shift, scale */
#define ARRAY_SHIFT         "encoding.shift"
#define ARRAY_SCALE         "encoding.scale"
#define ARRAY_FILL          "encoding.fill"
#define ARRAY_COLUMN        "encoding.column"
#define ARRAY_N_CATEGORIES  "encoding.n_categories"
#define ARRAY_FILL_CATEGORY "encoding.fill_category"
#define ARRAY_OFFSET        "encoding.string_offsets"
#define ARRAY_HAS_FILL      "encoding.has_fill"
#define ARRAY_STRINGS       "encoding.strings"

void dsc_encoding_add_parts(const dsc_encoding *encoding, dsc_part_writer *writer) {
    const dsc_encoding_parts p = dsc_encoding_as_parts(encoding);
    double *target = dsc_part_reals(writer, 2);
    if (target != NULL) {
        target[0] = p.target_shift;
        target[1] = p.target_scale;
    }
    dsc_part_add_text(writer, KEY_TASK,
                      p.task == DSC_TASK_REGRESSION ? "regression" : "classification");
    dsc_part_add_text(writer, KEY_UNSEEN, p.unseen == DSC_UNSEEN_REFUSE ? "refuse" : "zeros");
    dsc_part_add_flag(writer, KEY_HAS_NAMES, p.has_names != 0);
    dsc_part_add_text(writer, KEY_TARGET_KIND,
                      p.target_kind == DSC_COLUMN_NUMERIC ? "numeric" : "categorical");
    dsc_part_add_number(writer, KEY_N_COLUMNS, p.n_columns);
    dsc_part_add_number(writer, KEY_TARGET_COLUMN, p.target_column);
    dsc_part_add_number(writer, KEY_N_CLASSES, p.n_classes);
    const size_t n = p.n_features;
    dsc_part_add_vector(writer, ARRAY_TARGET, DSC_F64, 2, target);
    dsc_part_add_vector(writer, ARRAY_SHIFT, DSC_F64, n, p.shift);
    dsc_part_add_vector(writer, ARRAY_SCALE, DSC_F64, n, p.scale);
    dsc_part_add_vector(writer, ARRAY_FILL, DSC_F64, n, p.fill);
    dsc_part_add_vector(writer, ARRAY_COLUMN, DSC_I64, n, p.column);
    dsc_part_add_vector(writer, ARRAY_N_CATEGORIES, DSC_I64, n, p.n_categories);
    dsc_part_add_vector(writer, ARRAY_FILL_CATEGORY, DSC_I64, n, p.fill_category);
    dsc_part_add_vector(writer, ARRAY_OFFSET, DSC_I64, p.n_strings + 1, p.offset);
    dsc_part_add_vector(writer, ARRAY_HAS_FILL, DSC_U8, n, p.has_fill);
    dsc_part_add_vector(writer, ARRAY_STRINGS, DSC_U8, p.offset[p.n_strings], p.strings);
}

/* One of two words as 0 or 1. */
static dsc_status get_choice(const dsc_part_reader *reader, const char *key,
                             const char *const words[2], uint32_t *out, dsc_error *err) {
    const char *text;
    dsc_status status = dsc_part_get_text(reader, key, &text, err);
    if (status != DSC_OK) {
        return status;
    }
    *out = strcmp(text, words[0]) == 0 ? 0 : 1;
    if (*out == 1 && strcmp(text, words[1]) != 0) {
        return dsc_fail(err, DSC_E_MODEL, reader->path,
                        "metadata \"%s\" is \"%s\"; expected %s or %s", key, text, words[0],
                        words[1]);
    }
    return DSC_OK;
}

static dsc_status get_settings(const dsc_part_reader *reader, dsc_encoding_parts *p,
                               dsc_error *err) {
    static const char *const tasks[] = {"regression", "classification"};
    static const char *const unseen[] = {"refuse", "zeros"};
    static const char *const flags[] = {"false", "true"};
    static const char *const kinds[] = {"numeric", "categorical"};
    uint32_t task = 0;
    dsc_status status = get_choice(reader, KEY_TASK, tasks, &task, err);
    p->task = task == 0 ? DSC_TASK_REGRESSION : DSC_TASK_CLASSIFICATION;
    if (status == DSC_OK) {
        status = get_choice(reader, KEY_UNSEEN, unseen, &p->unseen, err);
    }
    if (status == DSC_OK) {
        status = get_choice(reader, KEY_HAS_NAMES, flags, &p->has_names, err);
    }
    if (status == DSC_OK) {
        status = get_choice(reader, KEY_TARGET_KIND, kinds, &p->target_kind, err);
    }
    if (status == DSC_OK) {
        status = dsc_part_get_number(reader, KEY_N_COLUMNS, &p->n_columns, err);
    }
    if (status == DSC_OK) {
        status = dsc_part_get_number(reader, KEY_TARGET_COLUMN, &p->target_column, err);
    }
    if (status == DSC_OK) {
        status = dsc_part_get_number(reader, KEY_N_CLASSES, &p->n_classes, err);
    }
    return status;
}

enum { OFFSET, STRINGS, COLUMN, N_CATEGORIES, FILL_CATEGORY, HAS_FILL, N_LISTS };

/* Negative numbers become ones that are far too large, and are refused as such. */
static dsc_status get_lists(const dsc_part_reader *reader, dsc_encoding_parts *p,
                            dsc_tensor list[N_LISTS], dsc_error *err) {
    dsc_status status =
        dsc_part_get_vector(reader, ARRAY_COLUMN, DSC_I64, SIZE_MAX, &list[COLUMN], err);
    if (status != DSC_OK) {
        return status;
    }
    const size_t n = list[COLUMN].shape[0];
    const struct {
        const char *name;
        dsc_element element;
        size_t n;
    } others[N_LISTS] = {
        [OFFSET] = {ARRAY_OFFSET, DSC_I64, SIZE_MAX},
        [STRINGS] = {ARRAY_STRINGS, DSC_U8, SIZE_MAX},
        [COLUMN] = {ARRAY_COLUMN, DSC_I64, n},
        [N_CATEGORIES] = {ARRAY_N_CATEGORIES, DSC_I64, n},
        [FILL_CATEGORY] = {ARRAY_FILL_CATEGORY, DSC_I64, n},
        [HAS_FILL] = {ARRAY_HAS_FILL, DSC_U8, n},
    };
    for (size_t i = 0; status == DSC_OK && i < N_LISTS; i++) {
        status = dsc_part_get_vector(reader, others[i].name, others[i].element, others[i].n,
                                     &list[i], err);
    }
    if (status == DSC_OK && list[OFFSET].shape[0] == 0) {
        status = dsc_fail(err, DSC_E_MODEL, reader->path, "array \"%s\" is empty", ARRAY_OFFSET);
    }
    p->n_features = n;
    return status;
}

dsc_status dsc_encoding_get_parts(dsc_encoding **out, const dsc_part_reader *reader,
                                  dsc_error *err) {
    dsc_encoding_parts p = {0};
    dsc_tensor list[N_LISTS];
    const double *target = NULL;
    *out = NULL;
    dsc_status status = get_settings(reader, &p, err);
    if (status == DSC_OK) {
        status = get_lists(reader, &p, list, err);
    }
    if (status == DSC_OK) {
        status = dsc_part_get_reals(reader, ARRAY_TARGET, 2, &target, err);
    }
    if (status == DSC_OK) {
        status = dsc_part_get_reals(reader, ARRAY_SHIFT, p.n_features, &p.shift, err);
    }
    if (status == DSC_OK) {
        status = dsc_part_get_reals(reader, ARRAY_SCALE, p.n_features, &p.scale, err);
    }
    if (status == DSC_OK) {
        status = dsc_part_get_reals(reader, ARRAY_FILL, p.n_features, &p.fill, err);
    }
    if (status != DSC_OK) {
        return status;
    }
    p.target_shift = target[0];
    p.target_scale = target[1];
    p.column = list[COLUMN].data;
    p.n_categories = list[N_CATEGORIES].data;
    p.fill_category = list[FILL_CATEGORY].data;
    p.has_fill = list[HAS_FILL].data;
    p.offset = list[OFFSET].data;
    p.n_strings = list[OFFSET].shape[0] - 1;
    p.strings = list[STRINGS].data;
    return dsc_encoding_from_parts(out, &p, list[STRINGS].shape[0], reader->path, err);
}
