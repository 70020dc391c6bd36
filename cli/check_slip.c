/* What went wrong in a single cell. */
#include "check_slip.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Whether the cell is what it would be if the value were `candidate`. */
static bool is_candidate(const cli_slip *slip, double candidate) {
    if (!isfinite(candidate)) {
        return false;
    }
    mpq_t truth, slack;
    mpq_inits(truth, slack, (mpq_ptr)NULL);
    mpq_set_d(truth, candidate);
    mpq_set_d(slack, 1e-12 * fmax(fabs(candidate), fabs(slip->right[slip->cell])));
    const bool agrees = cli_cell_agrees(slip->judge, slip->answer, slip->cell, truth, slack);
    mpq_clears(truth, slack, (mpq_ptr)NULL);
    return agrees;
}

/* A term of a product's cell that is missing or has the wrong sign. */
static bool explain_term(const cli_slip *slip, const cli_value *v, char *out, size_t length) {
    cli_factor f[2];
    if (!cli_factors(slip->compute, v, slip->view, f)) {
        return false;
    }
    const size_t row = slip->cell / v->n_cols, col = slip->cell % v->n_cols;
    const size_t n_inner = f[0].is_transposed ? f[0].n_rows : f[0].n_cols;
    const double right = slip->right[slip->cell];
    for (size_t k = 0; k < n_inner; k++) {
        const double a = cli_factor_at(&f[0], row, k), b = cli_factor_at(&f[1], k, col);
        if (a * b == 0.0) {
            continue;
        }
        if (is_candidate(slip, right - a * b)) {
            snprintf(out, length, "the term %.6g * %.6g is left out", a, b);
            return true;
        }
        if (is_candidate(slip, right - 2 * a * b)) {
            snprintf(out, length, "the term %.6g * %.6g has the wrong sign", a, b);
            return true;
        }
        if (is_candidate(slip, right + a * b)) {
            snprintf(out, length, "the term %.6g * %.6g is added twice", a, b);
            return true;
        }
        if (fabs(a) != 1.0 && fabs(b) != 1.0 && is_candidate(slip, right - a * b + a + b)) {
            snprintf(out, length, "%.6g and %.6g are added instead of multiplied", a, b);
            return true;
        }
    }
    if (v->n_operands > 2) {
        const double bias = slip->view[v->operands[2]][col];
        if (is_candidate(slip, right - bias)) {
            snprintf(out, length, "the bias %.6g is left out", bias);
            return true;
        }
    }
    return false;
}

/* Two neighbouring digits exchanged, or one digit wrong, against the right number written with as
 * many places. */
static bool explain_digits(const cli_slip *slip, char *out, size_t length) {
    const char *found = slip->answer->texts[slip->cell];
    const cli_written *written = &slip->answer->cells[slip->cell];
    if (written->form == CLI_WRITTEN_FRACTION || written->decimals < 0) {
        return false;
    }
    char right[CLI_MAX_NUMBER_LENGTH + 8];
    const int n =
        snprintf(right, sizeof right, "%.*f", (int)written->decimals, slip->right[slip->cell]);
    if (n < 0 || (size_t)n >= sizeof right || strlen(found) != (size_t)n) {
        return false;
    }
    for (size_t i = 0; i + 1 < (size_t)n; i++) {
        const size_t next = right[i + 1] == '.' ? i + 2 : i + 1;
        if (next >= (size_t)n || !isdigit((unsigned char)right[i]) || right[i] == right[next]) {
            continue;
        }
        char swapped[sizeof right];
        memcpy(swapped, right, (size_t)n + 1);
        swapped[i] = right[next];
        swapped[next] = right[i];
        if (strcmp(swapped, found) == 0) {
            snprintf(out, length, "the digits %c and %c are exchanged", right[i], right[next]);
            return true;
        }
    }
    return false;
}

static bool explain(const cli_slip *slip, const cli_value *v, char *out, size_t length) {
    const double right = slip->right[slip->cell];
    if (right != 0.0 && is_candidate(slip, -right)) {
        snprintf(out, length, "its sign is turned");
        return true;
    }
    if (explain_term(slip, v, out, length) || explain_digits(slip, out, length)) {
        return true;
    }
    static const double shifts[] = {10, 0.1, 100, 0.01, 1000, 0.001};
    for (size_t i = 0; right != 0.0 && i < sizeof shifts / sizeof *shifts; i++) {
        if (is_candidate(slip, right * shifts[i])) {
            snprintf(out, length, "the decimal point is misplaced");
            return true;
        }
    }
    return false;
}

bool cli_slip_explain(const cli_slip *slip, char out[CLI_CAUSE_TEXT]) {
    const cli_value *v = &slip->compute->values->items[slip->answer->value];
    char what[160] = "";
    const bool is_known = explain(slip, v, what, sizeof what);
    if (v->is_number) {
        snprintf(out, CLI_CAUSE_TEXT, "%s", what);
    } else {
        snprintf(out, CLI_CAUSE_TEXT, "one slip, in row %zu, column %zu%s%s",
                 slip->cell / v->n_cols + 1, slip->cell % v->n_cols + 1, is_known ? ": " : "",
                 what);
    }
    return is_known;
}
