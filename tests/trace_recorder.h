/* A sink for traces that keeps every entry it is shown, for tests to look at. */
#ifndef DSC_TESTS_TRACE_RECORDER_H
#define DSC_TESTS_TRACE_RECORDER_H

#include <math.h>
#include <stdio.h>

#include "descent/trace.h"
#include "small_networks.h"

enum { MAX_ENTRIES = 4096, MAX_VALUES = 12 };

typedef struct kept_entry {
    size_t step;
    dsc_trace_phase phase;
    char name[32], formula[96], shapes[64], meaning[64];
    size_t n_rows, n_cols;
    double values[MAX_VALUES];
} kept_entry;

typedef struct recorder {
    size_t n;
    size_t stop_at; /* entry at which the sink refuses; 0: never */
    kept_entry entries[MAX_ENTRIES];
} recorder;

static recorder kept; /* too large for the stack */

static inline dsc_status keep(const dsc_trace_entry *entry, void *user) {
    recorder *to = user;
    if (to->stop_at != 0 && to->n == to->stop_at) {
        return DSC_E_CANCELLED;
    }
    assert_true(to->n < MAX_ENTRIES && entry->value.n_rows * entry->value.n_cols <= MAX_VALUES);
    assert_int_equal(entry->value.precision, DSC_FLOAT64);
    kept_entry *e = &to->entries[to->n++];
    e->step = entry->step;
    e->phase = entry->phase;
    snprintf(e->name, sizeof e->name, "%s", entry->name);
    snprintf(e->formula, sizeof e->formula, "%s", entry->formula);
    snprintf(e->shapes, sizeof e->shapes, "%s", entry->shapes);
    snprintf(e->meaning, sizeof e->meaning, "%s", entry->meaning);
    e->n_rows = entry->value.n_rows;
    e->n_cols = entry->value.n_cols;
    for (size_t i = 0; i < e->n_rows * e->n_cols; i++) {
        e->values[i] = ((const double *)entry->value.data)[i];
        assert_true(isfinite(e->values[i]));
    }
    return DSC_OK;
}

#endif
