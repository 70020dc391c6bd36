/* The completion script for bash, which needs nothing but bash 4 itself. */
#include <stdio.h>

#include "completion.h"
#include "descent/version.h"

/* $command becomes the words that lead to the cursor and name a command: "train", "net trace". */
static const char beginning[] =
    "_descent() {\n"
    "    local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]}\n"
    "    # --name=value arrives as three words\n"
    "    if [[ $cur == = ]]; then\n"
    "        cur=\n"
    "    elif [[ $prev == = ]]; then\n"
    "        prev=${COMP_WORDS[COMP_CWORD - 2]}\n"
    "    fi\n"
    "    local command= i\n"
    "    for ((i = 1; i < COMP_CWORD; i++)); do\n"
    "        _descent_is_command \"$command${command:+ }${COMP_WORDS[i]}\" || break\n"
    "        command+=${command:+ }${COMP_WORDS[i]}\n"
    "    done\n"
    "    COMPREPLY=()\n"
    "    _descent_value \"$command\" \"$prev\" && return\n"
    "    case $command in\n";

static const char ending[] =
    "    esac\n"
    "}\n"
    "\n"
    "_descent_words() {\n"
    "    mapfile -t COMPREPLY < <(compgen -W \"$1\" -- \"$cur\")\n"
    "}\n"
    "\n"
    "# Options after a dash, else these words and, by bash itself, what $3 names: files.\n"
    "_descent_options() {\n"
    "    if [[ $cur == -* ]]; then\n"
    "        _descent_words \"$1\"\n"
    "    else\n"
    "        [[ -z $2 ]] || _descent_words \"$2\"\n"
    "        [[ -z $3 ]] || compopt -o \"$3\"\n"
    "    fi\n"
    "}\n"
    "\n"
    "complete -F _descent descent\n";

/* --- which words name a command --------------------------------------------------------------- */

static void list_set(const cli_command_set *set, void *user) {
    (void)user;
    const char *path = cli_set_path(set);
    for (size_t i = 0; i < set->n_commands; i++) {
        printf("    '%s%s%s') ;;\n", path, path[0] != '\0' ? " " : "", set->commands[i].name);
    }
}

/* --- values: "COMMAND:OPTION" ----------------------------------------------------------------- */

static void print_value(const cli_syntax *syntax, const cli_option *option) {
    if (!cli_option_has_value(option)) {
        return;
    }
    printf("    '%s:--%s'", syntax->command, option->name);
    if (option->letter != '\0') {
        printf(" | '%s:-%c'", syntax->command, option->letter);
    }
    printf(") ");
    cli_string_kind kind = cli_option_string_kind(option);
    if (option->choices != NULL) {
        printf("_descent_words '");
        for (size_t i = 0; option->choices[i] != NULL; i++) {
            printf("%s%s", i == 0 ? "" : " ", option->choices[i]);
        }
        printf("' ");
    } else if (kind != CLI_TEXT) {
        printf("compopt -o %s ", kind == CLI_FILE ? "default" : "dirnames");
    }
    printf(";;\n");
}

static void print_values(const cli_command *command, const cli_syntax *syntax, void *user) {
    (void)command;
    (void)user;
    cli_each_option(syntax, print_value);
}

/* --- what may follow a command ---------------------------------------------------------------- */

static void print_set(const cli_command_set *set, void *user) {
    (void)user;
    const char *path = cli_set_path(set);
    printf("    '%s') _descent_options '--help%s' '", path, path[0] == '\0' ? " --version" : "");
    for (size_t i = 0; i < set->n_commands; i++) {
        printf("%s%s", i == 0 ? "" : " ", set->commands[i].name);
    }
    printf("' ;;\n");
}

static void print_option(const cli_syntax *syntax, const cli_option *option) {
    (void)syntax;
    printf("--%s ", option->name);
}

static void print_command(const cli_command *command, const cli_syntax *syntax, void *user) {
    (void)command;
    (void)user;
    printf("    '%s') _descent_options '", syntax->command);
    cli_each_option(syntax, print_option);
    printf("--help' '");
    for (size_t i = 0; i < syntax->n_arguments; i++) {
        char choices[256];
        cli_argument_choices(&syntax->arguments[i], choices, sizeof choices);
        printf("%s", choices);
    }
    printf("' '%s' ;;\n", cli_takes_files(syntax) ? "default" : "");
}

void cli_completion_bash(void) {
    const cli_visitor names = {list_set, NULL, NULL};
    const cli_visitor values = {NULL, print_values, NULL};
    const cli_visitor followers = {print_set, print_command, NULL};
    printf("# bash completion of descent %s, made by \"descent completion bash\"\n", dsc_version());
    printf("_descent_is_command() {\n    case $1 in\n");
    cli_visit_commands(&names);
    printf("    *) return 1 ;;\n    esac\n}\n\n"
           "# Completes the value of option $2 of command $1; false: it takes none.\n"
           "_descent_value() {\n    case $1:$2 in\n");
    cli_visit_commands(&values);
    printf("    *) return 1 ;;\n    esac\n}\n\n");
    printf("%s", beginning);
    cli_visit_commands(&followers);
    printf("%s", ending);
}
