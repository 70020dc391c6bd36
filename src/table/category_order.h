/* Category order: the order in which categories and classes become inputs and outputs. */
#ifndef DSC_CATEGORY_ORDER_H
#define DSC_CATEGORY_ORDER_H

#include <stddef.h>
#include <stdint.h>

#include "descent/delimited.h"

typedef struct dsc_counted_category {
    dsc_id text;
    uint32_t index; /* of the table */
    size_t n;       /* rows that have it */
    double number;  /* of the text; set by dsc_order_categories when all are numbers */
} dsc_counted_category;

/* Sorts by number when every text is one, else by bytes; equal numbers by bytes. */
void dsc_order_categories(dsc_counted_category *categories, size_t n);

/* Ascending; for qsort of finite doubles. */
int dsc_compare_doubles(const void *a, const void *b);

/* The place of the last of n >= 1 ascending values that is not above `value`; 0 when all are. */
size_t dsc_place_of(double value, const double *values, size_t n);

#endif
