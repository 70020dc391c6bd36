/* What descent tune draws from: the settings of each form with their ranges, around its defaults. */
#include "tune_space.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "descent/tune.h"
#include "output.h"

/* What a drawn value is. */
typedef enum meaning {
    FACTOR,   /* of all rows behind it that are COMMON; no option of its own */
    RELATIVE, /* a multiple of the form's default */
    COMMON,   /* the same, and of the factor */
    SHARE,    /* itself, on a linear scale */
    LISTED,   /* an index in `texts` */
    OF_SCALE  /* the same; the first of them where the ratings are no marks of a scale */
} meaning;

enum { MAX_TEXTS = 6 };

typedef struct row {
    unsigned forms; /* bits of dsc_form */
    const char *option;
    meaning meaning;
    bool is_whole; /* of RELATIVE: the product is rounded */
    double low, high;
    const char *texts[MAX_TEXTS];
} row;

#define BIT(form) (1u << (form))
enum {
    USER_HISTORY = BIT(DSC_FORM_HISTORIES) | BIT(DSC_FORM_USER_AUTOREC),
    ITEM_HISTORY = BIT(DSC_FORM_HISTORIES) | BIT(DSC_FORM_ITEM_AUTOREC),
    FULL_BATCH = USER_HISTORY | ITEM_HISTORY | BIT(DSC_FORM_DOT),
    NETWORK = BIT(DSC_FORM_PERCEPTRON) | BIT(DSC_FORM_MIXED)
};

/* The loss comes first, since the defaults of strengths depend on it. How strong all L2 of full batches
 * is matters most, so one factor moves all of it, and each strength a little by itself. Of
 * minibatches it is the rate and the strengths. A row that the settings before it leave without use
 * is drawn and left out. */
static const row rows[] = {
    {FULL_BATCH, "loss", OF_SCALE, false, 0, 1, {"squared", "ordinal"}},
    {FULL_BATCH, "factors", RELATIVE, true, 0.25, 2, {NULL}},
    {FULL_BATCH, NULL, FACTOR, false, 0.125, 8, {NULL}},
    {FULL_BATCH, "ridge", COMMON, false, 0.5, 2, {NULL}},
    {USER_HISTORY, "ridge-user-history", COMMON, false, 0.333, 3, {NULL}},
    {ITEM_HISTORY, "ridge-item-history", COMMON, false, 0.333, 3, {NULL}},
    {FULL_BATCH, "ridge-biases", RELATIVE, false, 0.25, 4, {NULL}},
    {FULL_BATCH, "ridge-power", RELATIVE, false, 0.333, 2, {NULL}},
    {NETWORK, "history", LISTED, false, 0, 1, {"none", "both"}},
    {NETWORK, "factors", RELATIVE, true, 0.25, 2, {NULL}},
    {NETWORK, "hidden", LISTED, false, 0, 4, {"32,16", "64,32", "128,64", "64,32,16", "128,64,32"}},
    {NETWORK, "rate", RELATIVE, false, 0.25, 8, {NULL}},
    {NETWORK, "l2", RELATIVE, false, 0.1, 10, {NULL}},
    {NETWORK, "l2-user-history", RELATIVE, false, 0.1, 10, {NULL}},
    {NETWORK, "l2-item-history", RELATIVE, false, 0.1, 10, {NULL}},
    {NETWORK, "history-dropout", SHARE, false, 0, 0.5, {NULL}},
    {NETWORK, "l2-biases", RELATIVE, false, 0.1, 10, {NULL}},
    {NETWORK, "l2-network", RELATIVE, false, 0.1, 10, {NULL}},
    {NETWORK, "batch", LISTED, false, 0, 3, {"128", "256", "512", "1024"}},
    {NETWORK, "average", LISTED, false, 0, 1, {"1", "10"}},
};

/* Near draws take this root of the multiples: 8 becomes 2, 3 becomes 1.4. */
static const double nearness = 3;

static bool is_multiple(const row *r) {
    return r->meaning == FACTOR || r->meaning == RELATIVE || r->meaning == COMMON;
}

bool cli_space_has(dsc_form form) {
    for (size_t i = 0; i < CLI_COUNT(rows); i++) {
        if ((rows[i].forms & BIT(form)) != 0) {
            return true;
        }
    }
    return false;
}

/* The rows of a form with their dimensions; returns their number. */
static size_t list_dimensions(dsc_form form, const row *used[], dsc_dimension dimensions[]) {
    size_t n = 0;
    for (size_t i = 0; i < CLI_COUNT(rows); i++) {
        if ((rows[i].forms & BIT(form)) != 0) {
            const bool is_listed = rows[i].meaning == LISTED || rows[i].meaning == OF_SCALE;
            used[n] = &rows[i];
            dimensions[n++] = (dsc_dimension){is_listed                  ? DSC_DIMENSION_CHOICE
                                              : rows[i].meaning == SHARE ? DSC_DIMENSION_LINEAR
                                                                         : DSC_DIMENSION_LOG,
                                              rows[i].low, rows[i].high};
        }
    }
    return n;
}

/* Three digits: a file for people, and more tell no difference. */
static void add(cli_settings *out, const row *of, double value) {
    assert(out->n < CLI_MAX_SETTINGS);
    char *text = out->text[out->n];
    if (of->meaning == LISTED || of->meaning == OF_SCALE) {
        snprintf(text, CLI_SETTING_LENGTH, "%s", of->texts[(size_t)value]);
    } else if (of->is_whole) {
        snprintf(text, CLI_SETTING_LENGTH, "%.0f", value < 1 ? 1 : value);
    } else {
        snprintf(text, CLI_SETTING_LENGTH, "%.3g", value);
    }
    out->setting[out->n++] = (cli_setting){of->option, text};
}

/* Whether there are few different values, but more than one: dsc_ratings_summary has a bin for each
 * then. */
static bool has_scale(const dsc_ratings *ratings) {
    dsc_ratings_summary summary;
    dsc_ratings_summarize(ratings, &summary);
    return summary.n_bins > 1 && summary.bin_low[0] == summary.bin_high[0];
}

int cli_space_draw(dsc_form form, const dsc_ratings *ratings, uint64_t seed, uint64_t index,
                   bool is_near, cli_settings *out) {
    const row *used[CLI_COUNT(rows)];
    dsc_dimension dimensions[CLI_COUNT(rows)];
    double value[CLI_COUNT(rows)], factor = 1, usual;
    dsc_error err;
    const size_t n_ratings = dsc_ratings_by_user(ratings).n_entries;
    const size_t n = list_dimensions(form, used, dimensions);
    out->n = 0;
    if (dsc_tune_draw(dimensions, n, seed, index, value, &err) != DSC_OK) {
        return cli_fail(&err);
    }
    for (size_t i = 0; i < n; i++) {
        const meaning kind = used[i]->meaning;
        if (is_near && !is_multiple(used[i])) {
            continue;
        }
        if (is_near) {
            value[i] = pow(value[i], 1 / nearness);
        }
        if (kind == FACTOR) {
            factor = value[i];
        } else if (kind == LISTED) {
            add(out, used[i], value[i]);
        } else if (kind == OF_SCALE) {
            add(out, used[i], has_scale(ratings) ? value[i] : 0);
        } else if (cli_train_default(form, out->setting, out->n, n_ratings, used[i]->option,
                                     &usual)) {
            add(out, used[i],
                kind == SHARE    ? value[i]
                : kind == COMMON ? usual * value[i] * factor
                                 : usual * value[i]);
        }
    }
    return CLI_GO_ON;
}
