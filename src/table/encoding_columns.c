/* Which columns of a table an encoding means, and reading a table for it. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "table/encoding_internal.h"
#include "table/table_internal.h"
#include "text/lines.h"

static bool has_name(const dsc_column *column, dsc_id name) {
    return strlen(column->name) == name.length &&
           memcmp(column->name, name.bytes, name.length) == 0;
}

/* The column of a name; SIZE_MAX: there is none. Looks at `expected` first, which is nearly always
 * right. */
static size_t find_name(const dsc_table *table, dsc_id name, size_t expected) {
    if (expected < table->n_columns && has_name(&table->columns[expected], name)) {
        return expected;
    }
    for (size_t c = 0; c < table->n_columns; c++) {
        if (has_name(&table->columns[c], name)) {
            return c;
        }
    }
    return SIZE_MAX;
}

static dsc_status fail_lacking(const dsc_table *table, const char *role, dsc_id name,
                               dsc_error *err) {
    return dsc_fail(err, DSC_E_DATA, table->name,
                    "there is no column \"%s\", expected it as %s, as in the training data",
                    dsc_show(name.bytes, name.length).text, role);
}

static dsc_status match_names(const dsc_encoding *e, const dsc_table *table, bool needs_target,
                              dsc_column_match *out, dsc_error *err) {
    size_t n = e->parts.n_features;
    for (size_t i = 0; i < n; i++) {
        dsc_id name = dsc_encoding_string(e, i);
        out->feature[i] = find_name(table, name, e->column[i]);
        if (out->feature[i] == SIZE_MAX) {
            return fail_lacking(table, "a feature", name, err);
        }
    }
    dsc_id target = dsc_encoding_string(e, n);
    out->target = find_name(table, target, e->parts.target_column);
    return needs_target && out->target == SIZE_MAX ? fail_lacking(table, "the target", target, err)
                                                   : DSC_OK;
}

static dsc_status match_places(const dsc_encoding *e, const dsc_table *table, bool needs_target,
                               dsc_column_match *out, dsc_error *err) {
    size_t n_columns = e->parts.n_columns;
    bool lacks_target = !needs_target && table->n_columns == n_columns - 1;
    if (table->n_columns != n_columns && !lacks_target) {
        return dsc_fail(err, DSC_E_DATA, table->name,
                        "found %zu column%s, expected %zu as in the training data%s",
                        table->n_columns, table->n_columns == 1 ? "" : "s", n_columns,
                        needs_target ? "" : ", or one fewer: the target");
    }
    for (size_t i = 0; i < e->parts.n_features; i++) {
        bool is_behind = e->column[i] > e->parts.target_column;
        out->feature[i] = e->column[i] - (lacks_target && is_behind);
    }
    out->target = lacks_target ? SIZE_MAX : e->parts.target_column;
    return DSC_OK;
}

dsc_status dsc_encoding_match(const dsc_encoding *e, const dsc_table *table, bool needs_target,
                              dsc_column_match *out, dsc_error *err) {
    out->feature = reallocarray(NULL, e->parts.n_features, sizeof *out->feature);
    if (out->feature == NULL) {
        return dsc_fail_memory(err, "the features");
    }
    bool is_by_name = e->parts.has_names != 0 && table->has_names;
    return is_by_name ? match_names(e, table, needs_target, out, err)
                      : match_places(e, table, needs_target, out, err);
}

/* --- reading ------------------------------------------------------------------------------- */

typedef struct reading {
    const dsc_encoding *encoding;
    bool needs_target;
} reading;

/* The rule of dsc_encoding_read: the kinds that were fitted, and nothing else. */
static dsc_status apply_kinds(const void *context, dsc_table *table, dsc_error *err) {
    const reading *r = context;
    const dsc_encoding *e = r->encoding;
    dsc_column_match match = {0};
    dsc_status status = dsc_encoding_match(e, table, r->needs_target, &match, err);
    if (status == DSC_OK) {
        for (size_t c = 0; c < table->n_columns; c++) {
            table->columns[c].kind = DSC_COLUMN_IGNORED;
        }
        for (size_t i = 0; i < e->parts.n_features; i++) {
            table->columns[match.feature[i]].kind =
                e->n_categories[i] > 0 ? DSC_COLUMN_CATEGORICAL : DSC_COLUMN_NUMERIC;
        }
        if (r->needs_target) {
            table->columns[match.target].kind = (dsc_column_kind)e->parts.target_kind;
        }
    }
    free(match.feature);
    return status;
}

static dsc_status read_source(const reading *r, dsc_table **out, const dsc_table_source *source,
                              const dsc_table_format *format, dsc_table_report *report,
                              dsc_error *err) {
    *out = NULL;
    dsc_table_format own = {0};
    own = format != NULL ? *format : own;
    if (own.n_choices > 0) {
        return dsc_fail(err, DSC_E_ARGUMENT, "format",
                        "found kinds of columns, expected none: the encoding knows them");
    }
    own.missing = DSC_MISSING_KEEP;
    return dsc_table_read_by_rule(out, source, &own, (dsc_kind_rule){apply_kinds, r}, report, err);
}

dsc_status dsc_encoding_read(const dsc_encoding *encoding, dsc_table **out, const char *path,
                             bool needs_target, const dsc_table_format *format,
                             dsc_table_report *report, dsc_error *err) {
    const reading r = {encoding, needs_target};
    const dsc_table_source source = {.path = path};
    return read_source(&r, out, &source, format, report, err);
}

dsc_status dsc_encoding_read_memory(const dsc_encoding *encoding, dsc_table **out,
                                    const void *bytes, size_t length, const char *name,
                                    bool needs_target, const dsc_table_format *format,
                                    dsc_table_report *report, dsc_error *err) {
    const reading r = {encoding, needs_target};
    const dsc_table_source source = {NULL, bytes, length, name};
    return read_source(&r, out, &source, format, report, err);
}
