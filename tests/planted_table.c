/* Tables with a known relation between columns, for tests of predictors. */
#include "planted_table.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "descent/random.h"

dsc_table *table_of_text(const char *text) {
    const dsc_column_choice choices[] = {{"-1", DSC_COLUMN_DETECT}, {"d", DSC_COLUMN_CATEGORICAL}};
    const dsc_table_format format = {.choices = choices,
                                     .n_choices = strstr(text, ",d,") != NULL ? 2 : 1};
    dsc_table *table = NULL;
    dsc_error err;
    if (dsc_table_read_memory(&table, text, strlen(text), "text", &format, NULL, &err) != DSC_OK) {
        fail_msg("%s: %s", err.where, err.message);
    }
    return table;
}

static void print_target(FILE *out, planted_target target, const double x[4], double noise,
                         size_t row) {
    const double value = 3 * sin(x[0]) + x[1] * x[2] / 2 + x[3] + 0.05 * noise;
    switch (target) {
    case PLANTED_NUMBER:
        fprintf(out, "%.6f\n", value);
        return;
    case PLANTED_LARGE_NUMBER:
        fprintf(out, "%.0f\n", 1e6 * value);
        return;
    case PLANTED_SPOILED_NUMBER:
        fprintf(out, "%.6f\n", row < 60 ? value : -1000.0);
        return;
    case PLANTED_CLASS:
        fputs(x[0] + x[1] < -0.7 ? "low\n" : x[0] + x[1] < 0.7 ? "middle\n" : "high\n", out);
        return;
    case PLANTED_RARE_CLASS:
        fputs(x[0] + noise > 1.65 ? "yes\n" : "no\n", out);
        return;
    case PLANTED_NOISE:
        fprintf(out, "%.6f\n", noise);
        return;
    }
}

dsc_table *planted_table(size_t n_rows, planted_target target) {
    char *text = NULL;
    size_t length;
    FILE *out = open_memstream(&text, &length);
    assert_non_null(out);
    fputs("a,b,c,d,y\n", out);
    for (size_t row = 0; row < n_rows; row++) {
        dsc_random random = dsc_random_stream(3, 99, row);
        double x[4];
        for (size_t i = 0; i < 3; i++) {
            x[i] = dsc_random_normal(&random);
        }
        x[3] = (double)dsc_random_below(&random, 2);
        fprintf(out, "%.6f,%.6f,%.6f,%s,", x[0], x[1], x[2], x[3] > 0 ? "on" : "off");
        print_target(out, target, x, dsc_random_normal(&random), row);
    }
    fclose(out);
    dsc_table *table = table_of_text(text);
    free(text);
    return table;
}
