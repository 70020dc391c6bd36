/* The report of `descent net check` as text. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "check_report.h"
#include "options.h"
#include "output.h"
#include "text.h"

enum {
    NAME_WIDTH = 20,  /* "new Frobenius norm" and a gap */
    SHAPE_WIDTH = 10, /* "100 x 100" and a gap */
    MAX_CELLS = 20,   /* wrong cells of one value in the text; JSON has them all */
    MAX_TEXT = 1024   /* of a verdict in words */
};

size_t cli_check_count(const cli_check_report *report, cli_verdict verdict) {
    size_t n = 0;
    for (size_t i = 0; i < report->answers->n; i++) {
        n += report->findings[i].verdict == verdict;
    }
    return n;
}

static void append(char *out, const char *format, ...) CLI_PRINTF(2, 3);
static void append(char *out, const char *format, ...) {
    const size_t used = strlen(out);
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(out + used, MAX_TEXT - used, format, arguments);
    va_end(arguments);
}

/* Prints words from column `indent` on, where the cursor is, wrapped to the width. */
static void print_wrapped(const cli_check_report *report, const char *text, size_t indent) {
    size_t column = indent;
    while (*text != '\0') {
        const size_t word = strcspn(text, " ");
        if (column > indent && column + 1 + word > report->width) {
            printf("\n%*s", (int)indent, "");
            column = indent;
        }
        column += (size_t)printf("%s%.*s", column > indent ? " " : "", (int)word, text);
        text += word + strspn(text + word, " ");
    }
    putchar('\n');
}

/* --- the verdicts ------------------------------------------------------------------------------
 */

static void append_sources(char *out, const cli_check_report *report, const cli_finding *finding) {
    append(out, "given your ");
    for (size_t i = 0; i < finding->n_sources; i++) {
        append(out, "%s%s",
               i == 0                        ? ""
               : i + 1 == finding->n_sources ? " and "
                                             : ", ",
               report->values->items[finding->sources[i]].name);
    }
    if (finding->is_rounding) {
        append(out, " as you %s %s", report->judge->has_tolerance ? "wrote" : "rounded",
               finding->n_sources == 1 ? "it" : "them");
    }
}

/* "right", and when its digits are few, how far it is from the truth. */
static void describe_right(char out[MAX_TEXT], const cli_check_report *report,
                           const cli_answer *answer, const cli_finding *finding) {
    append(out, "right");
    if (finding->coarse != CLI_NO_VALUE) {
        const cli_value *value = &report->values->items[answer->value];
        char *truth = cli_right_text(report, value, finding->coarse, 0);
        append(out, ", but with few digits: %s for %s", answer->texts[finding->coarse],
               truth != NULL ? truth : "?");
        free(truth);
    }
}

static void describe(char out[MAX_TEXT], const cli_check_report *report, const cli_answer *answer,
                     const cli_finding *finding) {
    const cli_value *value = &report->values->items[answer->value];
    out[0] = '\0';
    if (finding->verdict == CLI_RIGHT) {
        describe_right(out, report, answer, finding);
        return;
    }
    if (finding->verdict == CLI_FOLLOWS) {
        append(out, "right, ");
        append_sources(out, report, finding);
        return;
    }
    append(out, "wrong");
    if (!value->is_number) {
        append(out, " in %zu of %zu cells", finding->n_wrong, cli_value_size(value));
    }
    append(out, finding->n_causes > 0 ? ": " : "; no known mistake explains %s",
           value->is_number        ? "it"
           : finding->n_wrong == 1 ? "it"
                                   : "them all");
    if (finding->n_sources > 0) {
        append_sources(out, report, finding);
        append(out, ": ");
    }
    for (size_t i = 0; i < finding->n_causes; i++) {
        append(out, "%s%s", i > 0 ? "; or " : "", finding->causes[i].text);
    }
}

static size_t length_of(const char *text) {
    return strlen(text);
}

/* The wrong cells as a table: row, column, found, right. */
static int print_cells(const cli_check_report *report, const cli_answer *answer,
                       const cli_finding *finding) {
    const cli_value *value = &report->values->items[answer->value];
    size_t n_shown = 0, width = length_of("found");
    for (size_t i = 0; i < cli_value_size(value) && n_shown < MAX_CELLS; i++) {
        if (finding->is_wrong[i]) {
            n_shown++;
            width = length_of(answer->texts[i]) > width ? length_of(answer->texts[i]) : width;
        }
    }
    const char *places = value->is_number ? "" : "row  column";
    printf("      %s  %*s  right\n", places, (int)width, "found");
    n_shown = 0;
    for (size_t i = 0; i < cli_value_size(value); i++) {
        if (!finding->is_wrong[i]) {
            continue;
        }
        if (n_shown++ == MAX_CELLS) {
            printf("      and %zu more; --format json shows all\n", finding->n_wrong - MAX_CELLS);
            break;
        }
        char *right = cli_right_text(report, value, i, answer->cells[i].decimals);
        if (right == NULL) {
            return cli_no_memory();
        }
        printf("      ");
        if (!value->is_number) {
            printf("%3zu  %6zu", i / value->n_cols + 1, i % value->n_cols + 1);
        }
        printf("  %*s  %s\n", (int)width, answer->texts[i], right);
        free(right);
    }
    return CLI_GO_ON;
}

static int print_answer(const cli_check_report *report, const cli_answer *answer,
                        const cli_finding *finding) {
    const cli_value *value = &report->values->items[answer->value];
    char text[MAX_TEXT];
    describe(text, report, answer, finding);
    printf("%-*s", NAME_WIDTH, value->name);
    print_wrapped(report, text, NAME_WIDTH);
    int status = CLI_GO_ON;
    if (finding->n_wrong > 0) {
        status = print_cells(report, answer, finding);
    }
    if (status == CLI_GO_ON && report->shows_fractions) {
        printf("%s", finding->n_wrong > 0 ? "      the right value:\n" : "");
        status = cli_print_exact(report, value);
    }
    return status;
}

static void print_summary(const cli_check_report *report) {
    const size_t n_right = cli_check_count(report, CLI_RIGHT);
    const size_t n_wrong = cli_check_count(report, CLI_WRONG);
    const size_t n_follow = cli_check_count(report, CLI_FOLLOWS);
    putchar('\n');
    if (n_wrong + n_follow == 0) {
        printf("%s\n", n_right == 1 ? "The value is right." : "All values are right.");
        return;
    }
    printf("%zu right, %zu wrong", n_right, n_wrong);
    if (n_follow > 0) {
        printf(", %zu right given your own values before %s", n_follow,
               n_follow == 1 ? "it" : "them");
    }
    printf("\n");
}

/* --- the list ----------------------------------------------------------------------------------
 */

/* The shape of a value as JSON, with dots for its numbers, or with "..." where there are many. */
static void print_pattern(const cli_value *value) {
    enum { MANY = 4 };
    if (value->is_number) {
        printf("_");
        return;
    }
    printf("[");
    for (size_t i = 0; i < value->n_rows; i++) {
        if (i == MANY - 1 && value->n_rows > MANY) {
            printf(", ...");
            break;
        }
        printf("%s[", i > 0 ? ", " : "");
        for (size_t j = 0; j < value->n_cols; j++) {
            if (j == MANY - 1 && value->n_cols > MANY) {
                printf(", ...");
                break;
            }
            printf("%s_", j > 0 ? ", " : "");
        }
        printf("]");
    }
    printf("]");
}

static void print_how_to(const cli_check_report *report) {
    const size_t prediction = cli_values_find(report->values, "prediction");
    putchar('\n');
    print_wrapped(report,
                  "Write what you computed into the network file, under any of these names, a "
                  "matrix as a list of rows, a norm or the loss as a number, and run the command "
                  "again:",
                  0);
    printf("\n    \"check\": {\"prediction\": ");
    print_pattern(&report->values->items[prediction]);
    printf(", \"loss\": _}\n\n");
    print_wrapped(report,
                  "Each _ is a number such as 7 or -0.25, or an exact one as a string, \"1/3\". A "
                  "number with decimals is right when the true value, rounded or cut off to as "
                  "many decimals, gives it; whole numbers are taken as exact.",
                  0);
}

static void print_group(const cli_check_report *report, const cli_value *value) {
    static const char *const phases[] = {
        [DSC_TRACE_GIVEN] = "Given",   [DSC_TRACE_FORWARD] = "Forward pass",
        [DSC_TRACE_ERROR] = "Error",   [DSC_TRACE_BACKWARD] = "Gradients, all at the old weights",
        [DSC_TRACE_UPDATE] = "Update",
    };
    const bool is_after = value->is_new && value->phase != DSC_TRACE_UPDATE;
    putchar('\n');
    int used = printf("%s ", is_after ? "After the step" : phases[value->phase]);
    for (; used < (int)report->width; used++) {
        putchar('-');
    }
    putchar('\n');
}

/* Whether a heading belongs between two values. */
static bool is_other_group(const cli_value *before, const cli_value *value) {
    const bool is_after = value->is_new && value->phase != DSC_TRACE_UPDATE;
    const bool was_after = before->is_new && before->phase != DSC_TRACE_UPDATE;
    return is_after != was_after || (!is_after && before->phase != value->phase);
}

static int print_item(const cli_check_report *report, const cli_value *value) {
    const bool is_exact = report->shows_fractions;
    char shape[CLI_VALUE_NAME], text[MAX_TEXT] = "";
    cli_value_shape(value, shape);
    append(text, "%s: %s%s", value->meaning, value->formula,
           is_exact && !cli_exact_has(value) ? " (in double precision)" : "");
    const size_t indent = strlen(shape) < SHAPE_WIDTH ? SHAPE_WIDTH : strlen(shape) + 1;
    printf("%-*s%-*s", NAME_WIDTH, value->name, (int)indent, shape);
    print_wrapped(report, text, NAME_WIDTH + indent);
    return is_exact ? cli_print_exact(report, value) : CLI_GO_ON;
}

static int print_list(const cli_check_report *report) {
    int status = CLI_GO_ON;
    for (size_t i = 1; status == CLI_GO_ON && i < report->values->n; i++) {
        const cli_value *value = &report->values->items[i];
        if (value->kind != CLI_V_GIVEN) {
            if (is_other_group(value - 1, value)) {
                print_group(report, value);
            } else if (report->shows_fractions) {
                putchar('\n');
            }
            status = print_item(report, value);
        }
    }
    if (status == CLI_GO_ON) {
        print_how_to(report);
    }
    return status;
}

/* --- the whole ---------------------------------------------------------------------------------
 */

static void print_head(const cli_check_report *report) {
    const cli_network_file *file = report->values->file;
    char *title =
        cli_terminal_copy(cli_id(file->description != NULL ? file->description : file->name));
    printf("%s\n", title != NULL ? title : "");
    free(title);
    char text[MAX_TEXT] = "";
    if (report->obstacle[0] != '\0') {
        append(text, "No exact arithmetic: %s. Computed in double precision.", report->obstacle);
    } else if (report->shows_fractions) {
        append(text, "Exact arithmetic: fractions in lowest terms, ~ before a decimal number that "
                     "is rounded. A norm is a root and is computed in double precision.");
    }
    if (text[0] != '\0') {
        print_wrapped(report, text, 0);
    }
}

int cli_check_text(const cli_check_report *report) {
    int status = CLI_GO_ON;
    print_head(report);
    if (report->answers->n == 0) {
        status = print_list(report);
    } else {
        putchar('\n');
        for (size_t i = 0; status == CLI_GO_ON && i < report->answers->n; i++) {
            status = print_answer(report, &report->answers->items[i], &report->findings[i]);
        }
        print_summary(report);
    }
    return status == CLI_GO_ON ? CLI_DONE : status;
}
