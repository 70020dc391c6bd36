/* The completion script for fish. */
#include <stdio.h>

#include "completion.h"
#include "descent/version.h"

/* The words before the cursor that name a command, "net trace", decide what is offered. */
static const char beginning[] = "function __descent_at\n"
                                "    set -l command\n"
                                "    set -l words (commandline -opc)\n"
                                "    for word in $words[2..]\n"
                                "        set -l longer (string trim -- \"$command $word\")\n"
                                "        contains -- $longer $__descent_commands; or break\n"
                                "        set command $longer\n"
                                "    end\n"
                                "    test \"$command\" = \"$argv\"\n"
                                "end\n"
                                "\n"
                                "complete -c descent -f\n";

static void put_quoted(const char *text) {
    putchar('\'');
    cli_put_escaped(text, "'\\");
    putchar('\'');
}

static void list_set(const cli_command_set *set, void *user) {
    (void)user;
    const char *path = cli_set_path(set);
    for (size_t i = 0; i < set->n_commands; i++) {
        printf(" '%s%s%s'", path, path[0] != '\0' ? " " : "", set->commands[i].name);
    }
}

static void put_condition(const char *path) {
    printf("complete -c descent -n '__descent_at %s'", path);
}

static void print_set(const cli_command_set *set, void *user) {
    (void)user;
    const char *path = cli_set_path(set);
    putchar('\n');
    for (size_t i = 0; i < set->n_commands; i++) {
        put_condition(path);
        printf(" -a %s -d ", set->commands[i].name);
        put_quoted(set->commands[i].summary);
        putchar('\n');
    }
    put_condition(path);
    printf(" -s h -l help -d 'show help and exit'\n");
    if (path[0] == '\0') {
        put_condition(path);
        printf(" -s V -l version -d 'show the version and exit'\n");
    }
}

static void put_value(const cli_option *option) {
    cli_string_kind kind = cli_option_string_kind(option);
    if (option->choices != NULL) {
        printf(" -x -a '");
        for (size_t i = 0; option->choices[i] != NULL; i++) {
            printf("%s%s", i == 0 ? "" : " ", option->choices[i]);
        }
        putchar('\'');
    } else {
        printf("%s", kind == CLI_FILE        ? " -r -F"
                     : kind == CLI_DIRECTORY ? " -x -a '(__fish_complete_directories)'"
                                             : " -x");
    }
}

static void print_option(const cli_syntax *syntax, const cli_option *option) {
    put_condition(syntax->command);
    if (option->letter != '\0') {
        printf(" -s %c", option->letter);
    }
    printf(" -l %s", option->name);
    if (cli_option_has_value(option)) {
        put_value(option);
    }
    printf(" -d ");
    put_quoted(option->help);
    putchar('\n');
}

static void print_command(const cli_command *command, const cli_syntax *syntax, void *user) {
    (void)command;
    (void)user;
    putchar('\n');
    if (cli_takes_files(syntax)) {
        put_condition(syntax->command);
        printf(" -F\n");
    }
    for (size_t i = 0; i < syntax->n_arguments; i++) {
        char choices[256];
        cli_argument_choices(&syntax->arguments[i], choices, sizeof choices);
        if (choices[0] != '\0') {
            put_condition(syntax->command);
            printf(" -a '%s'\n", choices);
        }
    }
    cli_each_option(syntax, print_option);
    put_condition(syntax->command);
    printf(" -s h -l help -d 'show help and exit'\n");
}

void cli_completion_fish(void) {
    const cli_visitor names = {list_set, NULL, NULL};
    const cli_visitor rules = {print_set, print_command, NULL};
    printf("# fish completion of descent %s, made by \"descent completion fish\"\n"
           "set -g __descent_commands",
           dsc_version());
    cli_visit_commands(&names);
    printf("\n\n%s", beginning);
    cli_visit_commands(&rules);
}
