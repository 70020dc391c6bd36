/* The completion script for zsh, by its own _arguments. */
#include <stdio.h>
#include <string.h>

#include "completion.h"
#include "descent/version.h"

/* Inside '...' and [...] of _arguments; the tables hold no single quote that is not escaped here.
 */
static void put_text(const char *text, const char *special) {
    for (; *text != '\0'; text++) {
        if (*text == '\'') {
            printf("'\\''");
        } else {
            printf("%s%c", strchr(special, *text) != NULL ? "\\" : "", *text);
        }
    }
}

static const char in_brackets[] = "[]:\\";
static const char in_list[] = ":\\";

/* "net trace" and "descent net" as parts of the name of a function: "net_trace", "_net". */
static void put_function(const char *path) {
    for (; *path != '\0'; path++) {
        putchar(*path == ' ' || *path == '-' ? '_' : *path);
    }
}

/* ":MESSAGE:ACTION" of an option's value. */
static void put_value(const cli_option *option) {
    char name[128];
    cli_option_value_name(option, name, sizeof name);
    putchar(':');
    put_text(option->choices != NULL ? option->name : name, in_list);
    putchar(':');
    cli_string_kind kind = cli_option_string_kind(option);
    if (option->choices != NULL) {
        putchar('(');
        for (size_t i = 0; option->choices[i] != NULL; i++) {
            printf("%s", i == 0 ? "" : " ");
            put_text(option->choices[i], in_list);
        }
        putchar(')');
    } else {
        printf("%s", kind == CLI_FILE ? "_files" : kind == CLI_DIRECTORY ? "_files -/" : " ");
    }
}

/* One form of an option: "--name=" or "-n+", whose value may stand in the same word or the next. */
static void put_form(const cli_option *option, bool is_letter) {
    bool has_value = cli_option_has_value(option);
    printf(" \\\n        '");
    if (option->letter != '\0') {
        printf("(-%c --%s)", option->letter, option->name);
    }
    if (is_letter) {
        printf("-%c%s[", option->letter, has_value ? "+" : "");
    } else {
        printf("--%s%s[", option->name, has_value ? "=" : "");
    }
    put_text(option->help, in_brackets);
    putchar(']');
    if (has_value) {
        put_value(option);
    }
    putchar('\'');
}

static void print_option(const cli_syntax *syntax, const cli_option *option) {
    (void)syntax;
    if (option->letter != '\0') {
        put_form(option, true);
    }
    put_form(option, false);
}

static void print_argument(const cli_argument *argument, size_t number) {
    char choices[256];
    cli_argument_choices(argument, choices, sizeof choices);
    printf(" \\\n        '%zu:%s", number, argument->is_optional ? ":" : "");
    put_text(argument->name, in_list);
    printf(choices[0] != '\0' ? ":(%s)'" : ":_files'", choices);
}

static void print_command(const cli_command *command, const cli_syntax *syntax, void *user) {
    (void)command;
    (void)user;
    printf("_descent_");
    put_function(syntax->command);
    printf("() {\n    _arguments -s -S '(- *)'{-h,--help}'[show help and exit]'");
    cli_each_option(syntax, print_option);
    for (size_t i = 0; i < syntax->n_arguments; i++) {
        print_argument(&syntax->arguments[i], i + 1);
    }
    printf("\n}\n\n");
}

static void print_set(const cli_command_set *set, void *user) {
    (void)user;
    bool is_top = cli_set_path(set)[0] == '\0';
    const char *name = set->prefix;
    putchar('_');
    put_function(name);
    printf("() {\n"
           "    local curcontext=$curcontext state line\n"
           "    local -a commands=(\n");
    for (size_t i = 0; i < set->n_commands; i++) {
        printf("        '%s:", set->commands[i].name);
        put_text(set->commands[i].summary, in_list);
        printf("'\n");
    }
    printf("    )\n"
           "    _arguments -C '(- *)'{-h,--help}'[show help and exit]'%s \\\n"
           "        '1: :->command' '*:: :->rest'\n"
           "    case $state in\n"
           "    command) _describe -t commands command commands ;;\n"
           "    rest) (( $+functions[_",
           is_top ? "\\\n        '(- *)'{-V,--version}'[show the version and exit]'" : "");
    put_function(name);
    printf("_${words[1]}] )) && _");
    put_function(name);
    printf("_${words[1]} ;;\n    esac\n}\n\n");
}

void cli_completion_zsh(void) {
    const cli_visitor visitor = {print_set, print_command, NULL};
    printf(
        "#compdef descent\n# zsh completion of descent %s, made by \"descent completion zsh\"\n\n",
        dsc_version());
    cli_visit_commands(&visitor);
    /* As a file of $fpath this text is the body of _descent; from `source` it must register. */
    printf("if [[ $funcstack[1] == _descent ]]; then\n"
           "    _descent \"$@\"\n"
           "else\n"
           "    compdef _descent descent\n"
           "fi\n");
}
