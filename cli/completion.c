/* descent completion: the script that completes commands, options and values in a shell. */
#include "completion.h"

#include <stdio.h>
#include <string.h>

#include "command.h"
#include "output.h"

void cli_put_escaped(const char *text, const char *special) {
    for (; *text != '\0'; text++) {
        printf("%s%c", strchr(special, *text) != NULL ? "\\" : "", *text);
    }
}

void cli_argument_choices(const cli_argument *argument, char *out, size_t length) {
    out[0] = '\0';
    if (strchr(argument->name, '|') != NULL) {
        snprintf(out, length, "%s", argument->name);
        for (char *c = out; *c != '\0'; c++) {
            *c = *c == '|' ? ' ' : *c;
        }
    }
}

bool cli_takes_files(const cli_syntax *syntax) {
    for (size_t i = 0; i < syntax->n_arguments; i++) {
        if (strchr(syntax->arguments[i].name, '|') == NULL) {
            return true;
        }
    }
    return false;
}

void cli_each_option(const cli_syntax *syntax,
                     void (*visit)(const cli_syntax *syntax, const cli_option *option)) {
    for (size_t g = 0; g < syntax->n_groups; g++) {
        for (size_t i = 0; i < syntax->groups[g].n_options; i++) {
            visit(syntax, &syntax->groups[g].options[i]);
        }
    }
}

typedef struct shell {
    const char *name;
    void (*print)(void);
} shell;

static const shell shells[] = {
    {"bash", cli_completion_bash},
    {"zsh", cli_completion_zsh},
    {"fish", cli_completion_fish},
};

int cli_completion(int argc, char **argv) {
    const char *name = NULL;
    const cli_argument arguments[] = {{"bash|zsh|fish", "the shell", &name, false}};
    const cli_syntax syntax = {
        .command = "completion",
        .summary = "Prints the script that completes commands, options, choices and file names of "
                   "descent in a shell.",
        .arguments = arguments,
        .n_arguments = CLI_COUNT(arguments),
        .notes = "Examples:\n"
                 "  source <(descent completion bash)\n"
                 "  source <(descent completion zsh)\n"
                 "  descent completion fish | source\n"
                 "  descent completion fish > ~/.config/fish/completions/descent.fish\n",
    };
    int status = cli_parse(&syntax, argc, argv);
    if (status != CLI_GO_ON) {
        return status;
    }
    for (size_t i = 0; i < CLI_COUNT(shells); i++) {
        if (strcmp(name, shells[i].name) == 0) {
            shells[i].print();
            return CLI_DONE;
        }
    }
    return cli_usage_error(syntax.command, name, "is no shell known here; expected %s",
                           arguments[0].name);
}
