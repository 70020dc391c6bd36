/* The sentence that closes a trace: how the error moved from the first to the last step. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "matrix_text.h"
#include "options.h"
#include "trace_format.h"

static void append(char out[CLI_SENTENCE_LENGTH], const char *format, ...) CLI_PRINTF(2, 3);
static void append(char out[CLI_SENTENCE_LENGTH], const char *format, ...) {
    const size_t used = strlen(out);
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(out + used, CLI_SENTENCE_LENGTH - used, format, arguments);
    va_end(arguments);
}

/* "the error falls by 44.3 %"; never a rounded "by 0.0 %" or "by 100.0 %". */
static void append_fall(char *out, double first, double last, double rounding) {
    const double percent = 100 * (1 - last / first);
    if (last == 0.0) {
        append(out, "the error falls to zero");
    } else if (last <= rounding) {
        append(out, "the error falls to zero up to rounding");
    } else if (percent >= 99.95) {
        append(out, "the error falls by more than 99.9 %%");
    } else if (percent < 0.05) {
        append(out, "the error falls by less than 0.1 %%");
    } else {
        append(out, "the error falls by %.1f %%", percent);
    }
}

/* How often and how far it went the other way, so that a swing is not taken for a path. */
static void append_swing(char *out, const dsc_trace_result *r, size_t n_steps, size_t precision) {
    append(out, ", but swings: larger after %zu of %zu steps", r->n_grown, n_steps);
    if (r->largest_norm > r->first_norm && r->largest_norm > r->last_norm) {
        char largest[CLI_NUMBER_LENGTH];
        cli_format_number(r->largest_norm, precision, largest);
        append(out, ", %s at most", largest);
    }
}

/* The loss may move the other way than the spectral norm, for it weighs all singular values. */
static void append_losses(char *out, const dsc_trace_result *r, size_t precision) {
    char first[CLI_NUMBER_LENGTH], last[CLI_NUMBER_LENGTH];
    cli_format_number(r->first_loss, precision, first);
    cli_format_number(r->last_loss, precision, last);
    append(out, ", though the loss %s from %s to %s",
           r->last_loss < r->first_loss ? "falls" : "grows", first, last);
}

static void append_overflow(char *out, const dsc_trace_result *r, const dsc_trace_config *config,
                            size_t precision, const char *where) {
    append(out, "overflow: %s is too large for a floating-point number", where);
    if (r->last_norm > r->first_norm) {
        char first[CLI_NUMBER_LENGTH], last[CLI_NUMBER_LENGTH];
        cli_format_number(r->first_norm, precision, first);
        cli_format_number(r->last_norm, precision, last);
        append(out, "; error norm %s -> %s before: the error grows, the rate %.15g is too large",
               first, last, config->rate);
    }
}

static void append_verdict(char *out, const dsc_trace_result *r, const dsc_trace_config *config,
                           size_t precision) {
    if (r->first_norm <= r->rounding_norm && r->last_norm <= r->rounding_norm) {
        append(out, "there was no error to lower%s",
               r->first_norm == 0.0 && r->last_norm == 0.0 ? "" : ", only rounding");
    } else if (r->last_norm < r->first_norm) {
        append_fall(out, r->first_norm, r->last_norm, r->rounding_norm);
        if (r->n_grown > 0) {
            append_swing(out, r, config->n_steps, precision);
        }
        if (r->last_loss > r->first_loss) {
            append_losses(out, r, precision);
        }
    } else if (r->last_norm == r->first_norm) {
        append(out, "the error stays the same");
    } else {
        append(out, "the error grows");
        if (r->n_grown < config->n_steps) {
            append_swing(out, r, config->n_steps, precision);
        }
        /* A rate that is small enough lowers the loss, whatever the network is. */
        if (r->last_loss > r->first_loss) {
            append(out, "; the rate %.15g is too large", config->rate);
        } else {
            append_losses(out, r, precision);
        }
    }
}

void cli_trace_sentence(const dsc_trace_result *result, const dsc_trace_config *config,
                        size_t precision, const char *where, char out[CLI_SENTENCE_LENGTH]) {
    char first[CLI_NUMBER_LENGTH], last[CLI_NUMBER_LENGTH];
    out[0] = '\0';
    if (where != NULL) {
        append_overflow(out, result, config, precision, where);
        return;
    }
    cli_format_number(result->first_norm, precision, first);
    cli_format_number(result->last_norm, precision, last);
    append(out, "error norm %s -> %s after %zu step%s at rate %.15g: ", first, last,
           config->n_steps, config->n_steps == 1 ? "" : "s", config->rate);
    append_verdict(out, result, config, precision);
}
