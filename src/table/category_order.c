/* Category order: it depends on the set of categories alone, not on the order of rows. */
#include "table/category_order.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "text/number.h"

int dsc_compare_doubles(const void *a, const void *b) {
    double x = *(const double *)a;
    double y = *(const double *)b;
    return (x > y) - (x < y);
}

static int compare_texts(const void *a, const void *b) {
    const dsc_counted_category *x = a;
    const dsc_counted_category *y = b;
    size_t n = x->text.length < y->text.length ? x->text.length : y->text.length;
    int order = memcmp(x->text.bytes, y->text.bytes, n);
    return order != 0 ? order
                      : (x->text.length > y->text.length) - (x->text.length < y->text.length);
}

static int compare_numbers(const void *a, const void *b) {
    const dsc_counted_category *x = a;
    const dsc_counted_category *y = b;
    int order = (x->number > y->number) - (x->number < y->number);
    return order != 0 ? order : compare_texts(a, b);
}

void dsc_order_categories(dsc_counted_category *categories, size_t n) {
    bool is_numeric = true;
    for (size_t i = 0; i < n && is_numeric; i++) {
        is_numeric = dsc_number_double(categories[i].text.bytes, categories[i].text.length,
                                       &categories[i].number) == DSC_NUMBER_OK;
    }
    qsort(categories, n, sizeof *categories, is_numeric ? compare_numbers : compare_texts);
}

size_t dsc_place_of(double value, const double *values, size_t n) {
    size_t low = 0;
    size_t end = n;
    while (end - low > 1) {
        size_t middle = low + (end - low) / 2;
        if (values[middle] <= value) {
            low = middle;
        } else {
            end = middle;
        }
    }
    return low;
}
