/* Formulas and matrices in TeX. */
#include "tex.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "output.h"

/* Parentheses inside one another in a formula of the trace: two at most. */
enum { MAX_DEPTH = 16 };

/* Names of several letters whose gradient has a "d" in front. */
static bool is_name(const char *word, size_t length) {
    static const char *const names[] = {"prediction", "gain", "shift"};
    for (size_t i = 0; i < CLI_COUNT(names); i++) {
        if (strlen(names[i]) == length && memcmp(names[i], word, length) == 0) {
            return true;
        }
    }
    return false;
}

static bool is_letter(char c) {
    return isalpha((unsigned char)c) != 0;
}

static bool is_digit(char c) {
    return isdigit((unsigned char)c) != 0;
}

/* Letters, with hyphens between them: "leaky-relu". */
static size_t word_length(const char *at) {
    size_t n = 0;
    while (is_letter(at[n]) || (n > 0 && at[n] == '-' && is_letter(at[n + 1]))) {
        n++;
    }
    return n;
}

/* A Greek letter that is written out, as TeX; NULL for any other word. */
static const char *greek_of(const char *word, size_t length) {
    static const char *const letters[][2] = {{"Phi", "\\Phi "}, {"phi", "\\varphi "}};
    for (size_t i = 0; i < CLI_COUNT(letters); i++) {
        if (strlen(letters[i][0]) == length && memcmp(letters[i][0], word, length) == 0) {
            return letters[i][1];
        }
    }
    return NULL;
}

/* A symbol of one letter, or of "d" and one letter, with or without a number: "W1", "dZ2", "X",
 * "h". */
static bool is_symbol(const char *word, size_t length) {
    const bool is_gradient =
        length == 2 && word[0] == 'd' && (is_digit(word[2]) || isupper((unsigned char)word[1]));
    return length == 1 || is_gradient || greek_of(word, length) != NULL;
}

static const char *print_index(const char *at) {
    const size_t n = strspn(at, "0123456789");
    if (n > 0) {
        printf("_{%.*s}", (int)n, at);
    }
    return at + n;
}

/* A run of words, as text with the spaces between and after them, or one name with its number. */
static const char *print_words(const char *at) {
    size_t length = word_length(at);
    if (is_symbol(at, length)) {
        const char *greek = greek_of(at, length);
        printf("%.*s", greek != NULL ? (int)strlen(greek) : (int)length,
               greek != NULL ? greek : at);
        return print_index(at + length);
    }
    if (at[0] == 'd' && is_name(at + 1, length - 1)) {
        putchar('d');
        at++;
        length--;
    }
    fputs("\\text{", stdout);
    for (;;) {
        printf("%.*s", (int)length, at);
        at += length;
        if (at[0] != ' ' || !is_letter(at[1])) {
            break;
        }
        putchar(' ');
        at++;
        length = word_length(at);
        if (is_symbol(at, length) || (at[0] == 'd' && is_name(at + 1, length - 1))) {
            break;
        }
    }
    putchar('}');
    return print_index(at);
}

/* Digits, with a point or an exponent; "1e-05" is a power of ten alone. */
static const char *print_number(const char *at) {
    size_t n = strspn(at, "0123456789.");
    if (at[n - 1] == '.') { /* "0 .*" is no number with a point, and "2.*" none either */
        n--;
    }
    const char *digits = at;
    at += n;
    const size_t sign = at[0] == 'e' && (at[1] == '-' || at[1] == '+') ? 1 : 0;
    if (at[0] != 'e' || !is_digit(at[1 + sign])) {
        printf("%.*s", (int)n, digits);
        return at;
    }
    if (n > 1 || digits[0] != '1') {
        printf("%.*s \\cdot ", (int)n, digits);
    }
    printf("10^{%s", at[1] == '-' ? "-" : "");
    at += 1 + sign;
    while (at[0] == '0' && is_digit(at[1])) {
        at++;
    }
    n = strspn(at, "0123456789");
    printf("%.*s}", (int)n, at);
    return at + n;
}

/* A sign, or two that are one. */
static const char *print_sign(const char *at) {
    static const struct {
        const char *sign, *tex;
    } signs[] = {
        {".*", "\\odot"}, {">=", "\\ge"}, {"<=", "\\le"}, {"*", "\\cdot"}, {"'", "^{\\top}"},
    };
    for (size_t i = 0; i < CLI_COUNT(signs); i++) {
        const size_t length = strlen(signs[i].sign);
        if (strncmp(at, signs[i].sign, length) == 0) {
            fputs(signs[i].tex, stdout);
            fputs(at[0] == '\'' || at[length] == ' ' ? "" : " ", stdout);
            return at + length;
        }
    }
    if (strchr("_%&#${}", at[0]) != NULL) {
        putchar('\\');
    }
    putchar(at[0]);
    return at + 1;
}

/* A blank between two that stand side by side: "X W1", "0.002 dW1", "2 / (4 * 2) error". */
static bool is_product(const char *blank) {
    const char before = blank[-1];
    return blank[0] == ' ' && is_letter(blank[1]) &&
           (is_letter(before) || is_digit(before) || before == ')' || before == '\'');
}

void cli_tex_formula(const char *formula) {
    static const char root[] = "sqrt(";
    bool is_root[MAX_DEPTH] = {false}; /* whether the n-th open parenthesis is a root's */
    size_t depth = 0;
    for (const char *at = formula; at[0] != '\0';) {
        if (strncmp(at, root, sizeof root - 1) == 0 && depth < MAX_DEPTH) {
            fputs("\\sqrt{", stdout);
            is_root[depth++] = true;
            at += sizeof root - 1;
        } else if (is_letter(at[0])) {
            at = print_words(at);
        } else if (is_digit(at[0])) {
            at = print_number(at);
        } else if (at > formula && is_product(at)) {
            fputs(is_symbol(at + 1, word_length(at + 1)) ? "\\," : "\\ ", stdout);
            at++;
        } else if (at[0] == '(' && depth < MAX_DEPTH) {
            is_root[depth++] = false;
            putchar(*at++);
        } else if (at[0] == ')' && depth > 0) {
            putchar(is_root[--depth] ? '}' : ')');
            at++;
        } else {
            at = print_sign(at);
        }
    }
}

/* The first ", " that is in no parentheses; NULL: there is none. */
static const char *end_of_clause(const char *formula) {
    size_t depth = 0;
    for (const char *at = formula; at[0] != '\0'; at++) {
        depth += at[0] == '(';
        depth -= at[0] == ')' && depth > 0;
        if (depth == 0 && at[0] == ',' && at[1] == ' ') {
            return at;
        }
    }
    return NULL;
}

bool cli_tex_equation(const char *name, const char *formula) {
    const char *end = end_of_clause(formula);
    const bool has_clauses = end != NULL;
    fputs(has_clauses ? "\\begin{gathered}\n" : "", stdout);
    cli_tex_formula(name);
    fputs(formula[0] != '\0' ? " = " : "", stdout);
    for (; end != NULL; end = end_of_clause(formula)) {
        char clause[512]; /* longer than any formula of the trace */
        snprintf(clause, sizeof clause, "%.*s", (int)(end - formula), formula);
        cli_tex_formula(clause);
        fputs(", \\\\\n", stdout);
        formula = end + 2;
    }
    cli_tex_formula(formula);
    fputs(has_clauses ? "\n\\end{gathered}" : "", stdout);
    return has_clauses;
}

void cli_tex_shapes(const char *shapes) {
    for (const char *at = shapes; *at != '\0';) {
        if (at[0] == 'x') {
            fputs("\\times", stdout);
            at++;
        } else {
            at = print_sign(at);
        }
    }
}

void cli_tex_matrix(dsc_matrix m, const cli_number_form *forms, const cli_tex_block *block) {
    fputs("\\left[\\begin{array}{", stdout);
    for (size_t j = block->first_column; j < block->end_column; j++) {
        putchar('r');
    }
    fputs("}\n", stdout);
    for (size_t i = block->first_row; i < block->end_row; i++) {
        for (size_t j = block->first_column; j < block->end_column; j++) {
            char text[CLI_NUMBER_LENGTH];
            cli_format_cell(dsc_matrix_at(m, i, j), &forms[j], text);
            fputs(j == block->first_column ? "  " : " & ", stdout);
            cli_tex_formula(text);
        }
        fputs(i + 1 < block->end_row ? " \\\\\n" : "\n", stdout);
    }
    fputs("\\end{array}\\right]", stdout);
}
