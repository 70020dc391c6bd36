/* --help: usage line, arguments and options of a command, from its table. */
#include <stdio.h>
#include <string.h>

#include "options.h"

enum {
    LINE_WIDTH = 80, /* fixed, so that help reads the same in every window and log */
    HELP_COLUMN = 30 /* where the explanations start */
};

/* Prints words of `text` from `column` on, wrapped at LINE_WIDTH and indented by `indent`. */
static void print_wrapped(const char *text, size_t column, size_t indent) {
    bool is_first = true;
    while (*text != '\0') {
        size_t word = strcspn(text, " ");
        if (!is_first && column + 1 + word > LINE_WIDTH) {
            printf("\n%*s", (int)indent, "");
            column = indent;
            is_first = true;
        }
        printf("%s%.*s", is_first ? "" : " ", (int)word, text);
        column += word + (is_first ? 0 : 1);
        is_first = false;
        text += word + strspn(text + word, " ");
    }
    putchar('\n');
}

/* "  LEFT   explanation", the explanation on a line of its own when LEFT is long. */
static void print_entry(const char *left, const char *help) {
    size_t width = strlen(left);
    printf("%s", left);
    if (width + 2 > HELP_COLUMN) {
        printf("\n%*s", HELP_COLUMN, "");
    } else {
        printf("%*s", (int)(HELP_COLUMN - width), "");
    }
    print_wrapped(help, HELP_COLUMN, HELP_COLUMN);
}

void cli_option_explanation(const cli_option *option, char *out, size_t length) {
    char range[128];
    char preset[128];
    cli_option_range(option, range, sizeof range);
    cli_option_default(option, preset, sizeof preset);
    bool has_both = range[0] != '\0' && preset[0] != '\0';
    bool has_any = range[0] != '\0' || preset[0] != '\0';
    snprintf(out, length, "%s%s%s%s%s%s%s", option->help, has_any ? " (" : "", range,
             has_both ? "; " : "", preset[0] != '\0' ? "default " : "", preset, has_any ? ")" : "");
}

static void print_option(const cli_option *option) {
    char value[128];
    char left[192];
    cli_option_value_name(option, value, sizeof value);
    char letter[5] = "    ";
    if (option->letter != '\0') {
        snprintf(letter, sizeof letter, "-%c, ", option->letter);
    }
    snprintf(left, sizeof left, "  %s--%s%s%s", letter, option->name,
             cli_option_has_value(option) ? " " : "", value);

    char help[1024];
    cli_option_explanation(option, help, sizeof help);
    print_entry(left, help);
}

static void print_usage(const cli_syntax *syntax) {
    printf("Usage: descent %s", syntax->command);
    for (size_t i = 0; i < syntax->n_arguments; i++) {
        bool is_optional = syntax->arguments[i].is_optional;
        printf(" %s%s%s", is_optional ? "[" : "", syntax->arguments[i].name,
               is_optional ? "]" : "");
    }
    for (size_t g = 0; g < syntax->n_groups; g++) {
        for (size_t i = 0; i < syntax->groups[g].n_options; i++) {
            const cli_option *option = &syntax->groups[g].options[i];
            if (option->is_required && option->letter != '\0') {
                printf(" -%c %s", option->letter, option->value);
            } else if (option->is_required) {
                printf(" --%s %s", option->name, option->value);
            }
        }
    }
    printf(" [options]\n\n");
}

void cli_print_help(const cli_syntax *syntax) {
    print_usage(syntax);
    print_wrapped(syntax->summary, 0, 0);
    if (syntax->n_arguments > 0) {
        printf("\nArguments:\n");
    }
    for (size_t i = 0; i < syntax->n_arguments; i++) {
        char left[64];
        snprintf(left, sizeof left, "  %s", syntax->arguments[i].name);
        print_entry(left, syntax->arguments[i].help);
    }
    for (size_t g = 0; g < syntax->n_groups; g++) {
        printf("\n%s:\n", syntax->groups[g].heading);
        for (size_t i = 0; i < syntax->groups[g].n_options; i++) {
            print_option(&syntax->groups[g].options[i]);
        }
    }
    printf("\n");
    print_entry("  -h, --help", "show this help and exit");
    if (syntax->notes != NULL) {
        printf("\n%s", syntax->notes);
    }
}
