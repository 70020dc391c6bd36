/* Parsing of one command's line by its table. */
#include "options.h"

#include <assert.h>
#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "descent/isa.h"
#include "suggest.h"

enum {
    MAX_OPTIONS = 64,
    FIRST_CODE = 256 /* what getopt_long returns for option 0: above every letter */
};

/* The table in the form getopt_long wants, with --help as the last option. */
typedef struct prepared {
    size_t n;
    const cli_option *options[MAX_OPTIONS]; /* NULL: --help */
    const char *names[MAX_OPTIONS];
    struct option long_options[MAX_OPTIONS + 1];
    char letters[2 * MAX_OPTIONS + 4];
} prepared;

static void prepare_one(prepared *p, const cli_option *option, const char *name, char letter) {
    assert(p->n < MAX_OPTIONS);
    bool has_value = option != NULL && cli_option_has_value(option);
    p->options[p->n] = option;
    p->names[p->n] = name;
    p->long_options[p->n] = (struct option){
        .name = name,
        .has_arg = has_value ? required_argument : no_argument,
        .val = FIRST_CODE + (int)p->n,
    };
    p->n++;
    if (letter != '\0') {
        char addition[3] = {letter, has_value ? ':' : '\0', '\0'};
        strcat(p->letters, addition);
    }
}

static void prepare(prepared *p, const cli_syntax *syntax) {
    memset(p, 0, sizeof *p);
    strcpy(p->letters, ":"); /* tells a missing value (':') from an unknown option ('?') */
    for (size_t g = 0; g < syntax->n_groups; g++) {
        for (size_t i = 0; i < syntax->groups[g].n_options; i++) {
            const cli_option *option = &syntax->groups[g].options[i];
            prepare_one(p, option, option->name, option->letter);
        }
    }
    prepare_one(p, NULL, "help", 'h');
}

/* Index of the option that getopt_long's code or letter means; p->n: none. */
static size_t find(const prepared *p, int code) {
    if (code >= FIRST_CODE) {
        return (size_t)(code - FIRST_CODE);
    }
    for (size_t i = 0; i < p->n; i++) {
        char letter = p->options[i] != NULL ? p->options[i]->letter : 'h';
        if (letter != '\0' && letter == (char)code) {
            return i;
        }
    }
    return p->n;
}

int cli_usage_error(const char *command, const char *where, const char *format, ...) {
    char message[1024];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(message, sizeof message, format, arguments);
    va_end(arguments);
    cli_fail_at(CLI_USAGE, where, "%s", message);
    fprintf(stderr, "Try \"descent%s%s --help\".\n", command != NULL ? " " : "",
            command != NULL ? command : "");
    return CLI_USAGE;
}

/* "--epochs=3" without its value. */
static void copy_name(const char *word, char *out, size_t length) {
    size_t n = strcspn(word, "=");
    n = n < length ? n : length - 1;
    memcpy(out, word, n);
    out[n] = '\0';
}

static int report_unknown_long(const prepared *p, const char *command, const char *word) {
    char name[64];
    copy_name(word, name, sizeof name);
    char similar[256] = "";
    size_t n_similar = 0;
    for (size_t i = 0; i < p->n; i++) {
        if (strncmp(p->names[i], name + 2, strlen(name + 2)) == 0) {
            size_t used = strlen(similar);
            snprintf(similar + used, sizeof similar - used, "%s--%s", n_similar > 0 ? " or " : "",
                     p->names[i]);
            n_similar++;
        }
    }
    if (n_similar > 1) {
        return cli_usage_error(command, name, "could mean %s", similar);
    }
    const char *nearest = cli_suggest(name + 2, p->names, p->n);
    if (nearest != NULL) {
        return cli_usage_error(command, name, "no such option; did you mean --%s?", nearest);
    }
    return cli_usage_error(command, name, "no such option");
}

/* getopt_long returned '?': unknown, ambiguous, or a flag that was given a value. */
static int report_unknown(const prepared *p, const char *command, const char *word) {
    if (optopt >= FIRST_CODE) {
        char name[64];
        copy_name(word, name, sizeof name);
        return cli_usage_error(command, name, "takes no value");
    }
    if (optopt == 0) {
        return report_unknown_long(p, command, word);
    }
    char letter[3] = {'-', (char)optopt, '\0'};
    return cli_usage_error(command, letter, "no such option");
}

static int report_missing_value(const prepared *p, const char *command) {
    char name[80];
    char value[128];
    char range[128];
    const cli_option *option = p->options[find(p, optopt)];
    snprintf(name, sizeof name, "--%s", option->name);
    cli_option_value_name(option, value, sizeof value);
    cli_option_range(option, range, sizeof range);
    return cli_usage_error(command, name, "its value %s is missing%s%s%s", value,
                           range[0] != '\0' ? " (" : "", range, range[0] != '\0' ? ")" : "");
}

static int take_arguments(const cli_syntax *syntax, int n, char **words) {
    for (size_t i = 0; i < syntax->n_arguments; i++) {
        const cli_argument *argument = &syntax->arguments[i];
        if ((int)i < n && words[i][0] == '\0') {
            return cli_usage_error(syntax->command, syntax->command, "%s is empty: expected %s",
                                   argument->name, argument->help);
        } else if ((int)i < n) {
            *argument->target = words[i];
        } else if (!argument->is_optional) {
            return cli_usage_error(syntax->command, syntax->command, "%s is missing: %s",
                                   argument->name, argument->help);
        }
    }
    if (n > (int)syntax->n_arguments) {
        return cli_usage_error(syntax->command, syntax->command, "unexpected argument \"%s\"",
                               words[syntax->n_arguments]);
    }
    return CLI_GO_ON;
}

static int check_required(const prepared *p, const char *command) {
    for (size_t i = 0; i < p->n; i++) {
        const cli_option *option = p->options[i];
        if (option != NULL && option->is_required && *(const char *const *)option->target == NULL) {
            return cli_usage_error(command, command, "--%s %s is missing: %s", option->name,
                                   option->value, option->help);
        }
    }
    return CLI_GO_ON;
}

/* What the library would find out in the midst of the work of a command with --isa. */
static int check_environment(const prepared *p, const char *command) {
    const char *name = getenv("DESCENT_ISA");
    for (size_t i = 0; name != NULL && name[0] != '\0' && i < p->n; i++) {
        dsc_error err;
        if (p->options[i] != NULL && p->options[i]->type == CLI_ISA &&
            dsc_isa_set(name, &err) != DSC_OK) {
            return cli_usage_error(command, "DESCENT_ISA", "%s", err.message);
        }
    }
    return CLI_GO_ON;
}

/* Where the next table goes instead of being parsed by; no sink: it is parsed by. */
static struct {
    cli_syntax_sink sink;
    void *user;
} wanted;

void cli_syntax_of(int (*run)(int argc, char **argv), cli_syntax_sink sink, void *user) {
    char word[] = "";
    char *argv[] = {word, NULL};
    wanted.sink = sink;
    wanted.user = user;
    int status = run(1, argv);
    assert(status == CLI_DONE && wanted.sink == NULL);
    (void)status;
}

int cli_parse(const cli_syntax *syntax, int argc, char **argv) {
    if (wanted.sink != NULL) {
        cli_syntax_sink sink = wanted.sink;
        wanted.sink = NULL;
        sink(syntax, wanted.user);
        return CLI_DONE;
    }
    prepared p;
    prepare(&p, syntax);
    opterr = 0;
    optind = 0; /* 0 makes the GNU parser start anew */
    bool has_isa = false;
    int code;
    while ((code = getopt_long(argc, argv, p.letters, p.long_options, NULL)) != -1) {
        if (code == '?') {
            return report_unknown(&p, syntax->command, argv[optind - 1]);
        }
        if (code == ':') {
            return report_missing_value(&p, syntax->command);
        }
        const cli_option *option = p.options[find(&p, code)];
        if (option == NULL) {
            cli_print_help(syntax);
            return CLI_DONE;
        }
        has_isa = has_isa || option->type == CLI_ISA;
        char problem[512];
        if (!cli_option_set(option, optarg, problem, sizeof problem)) {
            char name[80];
            snprintf(name, sizeof name, "--%s", option->name);
            return cli_usage_error(syntax->command, name, "%s", problem);
        }
        if (option->is_given != NULL) {
            *option->is_given = true;
        }
    }
    int status = take_arguments(syntax, argc - optind, argv + optind);
    if (status == CLI_GO_ON) {
        status = check_required(&p, syntax->command);
    }
    return status != CLI_GO_ON || has_isa ? status : check_environment(&p, syntax->command);
}
