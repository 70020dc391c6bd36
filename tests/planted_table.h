/* Tables with a known relation between columns, for tests of predictors. */
#ifndef PLANTED_TABLE_H
#define PLANTED_TABLE_H

#include <stddef.h>

#include "descent/predictor.h"

typedef enum planted_target {
    PLANTED_NUMBER,         /* 3 sin(a) + b c / 2 + (1 when d is "on"), little noise */
    PLANTED_LARGE_NUMBER,   /* a million times that */
    PLANTED_SPOILED_NUMBER, /* that, but nonsense from row 60 on */
    PLANTED_CLASS,          /* "low", "middle" or "high" by a + b */
    PLANTED_RARE_CLASS,     /* "no" or, of one row in eight, "yes"; more likely for large a */
    PLANTED_NOISE           /* a number that the columns say nothing about */
} planted_target;

/* Columns a, b, c (numbers), d (categories "on", "off") and y. */
dsc_table *planted_table(size_t n_rows, planted_target target);

/* A table of CSV; its last column is of the kind that is detected, column d of categories. */
dsc_table *table_of_text(const char *text);

#endif
