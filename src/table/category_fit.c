/* Category fit: which categories the training rows have, and which one fills. */
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "table/category_order.h"
#include "table/encoding_internal.h"
#include "table/fitting.h"
#include "table/table_internal.h"

dsc_status dsc_fail_too_many(const dsc_fitting *f, size_t column, size_t n, dsc_error *err) {
    return dsc_fail(err, DSC_E_DATA, f->table->name,
                    "column \"%s\" has %zu different values in the training rows, expected at most "
                    "%zu; a column of ids is better left out",
                    f->table->columns[column].name, n, f->max_categories);
}

dsc_status dsc_count_categories(const dsc_fitting *f, size_t column, dsc_counted_category **out,
                                size_t *n, size_t *n_missing, size_t *first_missing,
                                dsc_error *err) {
    size_t n_known = dsc_table_n_categories(f->table, column);
    dsc_counted_category *counted = calloc(n_known + 1, sizeof *counted);
    *out = counted;
    if (counted == NULL) {
        return dsc_fail_memory(err, "the categories of a column");
    }
    *n_missing = 0;
    for (size_t i = 0; i < f->n_rows; i++) {
        uint32_t category = dsc_table_category(f->table, dsc_fitting_row(f, i), column);
        if (category != DSC_NO_INDEX) {
            counted[category].n++;
        } else if ((*n_missing)++ == 0) {
            *first_missing = dsc_fitting_row(f, i);
        }
    }
    *n = 0;
    for (uint32_t k = 0; k < n_known; k++) {
        if (counted[k].n > 0) {
            dsc_id text = dsc_table_category_text(f->table, column, k);
            counted[(*n)++] = (dsc_counted_category){text, k, counted[k].n, 0};
        }
    }
    return DSC_OK;
}

/* Where `text` is among n categories; n: nowhere. */
static size_t find_text(const dsc_counted_category *counted, size_t n, const char *text) {
    size_t i = 0;
    while (i < n && !(counted[i].text.length == strlen(text) &&
                      memcmp(counted[i].text.bytes, text, counted[i].text.length) == 0)) {
        i++;
    }
    return i;
}

/* The first of the most frequent of n >= 1 categories. */
static size_t find_most_frequent(const dsc_counted_category *counted, size_t n) {
    size_t best = 0;
    for (size_t i = 1; i < n; i++) {
        best = counted[i].n > counted[best].n ? i : best;
    }
    return best;
}

dsc_status dsc_fit_categories(dsc_fitting *f, size_t i, dsc_error *err) {
    size_t column = f->feature[i];
    const char *name = f->table->columns[column].name;
    dsc_counted_category *counted = NULL;
    size_t n = 0;
    size_t n_missing;
    size_t first_missing = 0;
    dsc_status status =
        dsc_count_categories(f, column, &counted, &n, &n_missing, &first_missing, err);
    if (status != DSC_OK) {
        goto done;
    }
    if (n_missing > 0 && f->config->fill == DSC_FILL_REFUSE) {
        status = dsc_table_fail_row(
            f->table, first_missing, err,
            "column \"%s\": a missing value, expected a category" DSC_MISSING_ADVICE, name);
        goto done;
    }
    bool is_told = f->config->fill == DSC_FILL_CONSTANT && f->config->fill_category != NULL;
    const char *told = f->config->fill_category;
    if (is_told && n_missing > 0 && find_text(counted, n, told) == n) {
        counted[n++] = (dsc_counted_category){{told, strlen(told)}, DSC_NO_INDEX, 0, 0};
    }
    if (n == 0) {
        status = dsc_fail(err, DSC_E_DATA, f->table->name,
                          "column \"%s\" has no value in any training row, expected at least one; "
                          "leave the column out",
                          name);
        goto done;
    }
    if (n > f->max_categories) {
        status = dsc_fail_too_many(f, column, n, err);
        goto done;
    }
    dsc_order_categories(counted, n);
    f->n_categories[i] = n;
    f->shift[i] = 0;
    f->scale[i] = 1;
    /* A category that is told, and that no training row has or needs, is unknown to the network. */
    size_t filler = is_told ? find_text(counted, n, told) : find_most_frequent(counted, n);
    f->has_fill[i] = f->config->fill != DSC_FILL_REFUSE && filler < n;
    f->fill_category[i] = f->has_fill[i] != 0 ? filler : 0;
    for (size_t k = 0; k < n && status == DSC_OK; k++) {
        status = dsc_fitting_add_string(f, counted[k].text, err);
    }
done:
    free(counted);
    return status;
}
