/* The command line of one command: a table from which parsing, messages, --help, the man page and
 * completion follow.
 *
 * Every option names the variable it sets. What the variable holds before parsing is the default,
 * and --help shows it. Options may stand before, between and after arguments; "--" ends them. */
#ifndef DESCENT_CLI_OPTIONS_H
#define DESCENT_CLI_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "report.h"

/* The kind of an option, and the type of what `target` points to. */
typedef enum cli_option_type {
    CLI_FLAG = 0,     /* bool, becomes true */
    CLI_FLAG_OFF = 1, /* bool, becomes false */
    CLI_STRING = 2,   /* const char *, borrowed from argv; NULL before: no default */
    CLI_WHOLE = 3,    /* uint64_t; CLI_NOT_GIVEN before: no default */
    CLI_SIZE = 4,     /* size_t, otherwise the same */
    CLI_REAL = 5,     /* double; NAN before: no default */
    CLI_CHOICE = 6,   /* size_t, an index in `choices` */
    CLI_LIST = 7,     /* cli_list; n of 0 before: no default */
    CLI_ISA = 8,      /* no target: the name of an instruction set, handed to dsc_isa_set */
    CLI_TEXTS = 9     /* cli_texts: every time the option is given adds one */
} cli_option_type;

#define CLI_NOT_GIVEN UINT64_MAX

enum { CLI_MAX_LIST = 8 };

typedef struct cli_list {
    size_t n;
    size_t values[CLI_MAX_LIST];
} cli_list;

enum { CLI_MAX_TEXTS = 16 };

typedef struct cli_texts {
    size_t n;
    const char *values[CLI_MAX_TEXTS]; /* borrowed from argv, none empty */
} cli_texts;

/* Bounds of a real number; all zero: any finite number. */
typedef struct cli_interval {
    double low;  /* -INFINITY: none */
    double high; /* INFINITY: none */
    bool is_low_open;
    bool is_high_open;
} cli_interval;

typedef struct cli_option {
    cli_option_type type;
    const char *name;  /* without "--" */
    char letter;       /* 0: none */
    const char *value; /* stands for the value in help; NULL: "N", "X" or the choices. A string's
                          name says what completion offers: see cli_string_kind */
    const char *help;  /* one sentence without its full stop; range and default are added */
    void *target;
    uint64_t whole_min, whole_max; /* CLI_WHOLE, CLI_SIZE, CLI_LIST; whole_max 0: no limit */
    cli_interval interval;         /* CLI_REAL */
    size_t min_length, max_length; /* CLI_LIST: how many numbers */
    const char *const *choices;    /* CLI_CHOICE, CLI_ISA: ends with NULL */
    bool is_required;              /* CLI_STRING: must be given */
    bool *is_given;                /* becomes true where the command line has it; NULL: not asked */
} cli_option;

typedef struct cli_option_group {
    const char *heading; /* "Training" */
    const cli_option *options;
    size_t n_options;
} cli_option_group;

typedef struct cli_argument {
    const char *name; /* "RATINGS", a file; or all there is to choose from: "bash|zsh|fish" */
    const char *help;
    const char **target; /* borrowed from argv; unchanged when not given */
    bool is_optional;    /* only the last ones */
} cli_argument;

typedef struct cli_syntax {
    const char *command; /* "train", "net trace" */
    const char *summary; /* what it does: a paragraph of plain text, wrapped by --help */
    const cli_argument *arguments;
    size_t n_arguments;
    const cli_option_group *groups;
    size_t n_groups;
    const char *notes; /* printed at the end of --help as it is: examples; NULL: none */
} cli_syntax;

/* Returned by cli_parse when the command is to run. */
enum { CLI_GO_ON = -1 };

/* Parses argv[1 ..], reorders it, and sets the targets. Returns CLI_GO_ON, or the exit status when
 * --help has been printed or a message says what is wrong. */
int cli_parse(const cli_syntax *syntax, int argc, char **argv);

/* Hands the table of a command to `sink` instead of running it: `run` is called as usual, and its
 * cli_parse returns CLI_DONE after it has called the sink. Not for several threads. */
typedef void (*cli_syntax_sink)(const cli_syntax *syntax, void *user);
void cli_syntax_of(int (*run)(int argc, char **argv), cli_syntax_sink sink, void *user);

/* "descent: WHERE: MESSAGE", then how to get help; returns CLI_USAGE. For what a table cannot say.
 */
int cli_usage_error(const char *command, const char *where, const char *format, ...)
    CLI_PRINTF(3, 4);

/* --- for those who write about a table, --help, the manual, completion, and for lists of numbers in
 * a string ------------------------------------------------------------------------------------- */

/* The option with that long name; NULL: the groups have none. */
const cli_option *cli_option_find(const cli_option_group *groups, size_t n_groups,
                                  const char *name);

/* Sets the option's target from text; false: `problem` says what was found and expected. */
bool cli_option_set(const cli_option *option, const char *text, char *problem, size_t length);

/* What the option accepts, "1 to 1024", or "" when there is nothing to say. */
void cli_option_range(const cli_option *option, char *out, size_t length);

/* The target's value as text, or "" when there is none. */
void cli_option_default(const cli_option *option, char *out, size_t length);

/* Whether the option takes a value. */
bool cli_option_has_value(const cli_option *option);

/* What stands for the value in help, "N", "sgd|adam". */
void cli_option_value_name(const cli_option *option, char *out, size_t length);

/* The option's explanation with its range and default behind it in parentheses. */
void cli_option_explanation(const cli_option *option, char *out, size_t length);

/* What a CLI_STRING holds, by the name of its value: DIR a directory; FILE, MODEL, CONFIG and DATA a file;
 * all else is free text. */
typedef enum cli_string_kind { CLI_TEXT = 0, CLI_FILE = 1, CLI_DIRECTORY = 2 } cli_string_kind;
cli_string_kind cli_option_string_kind(const cli_option *option);

void cli_print_help(const cli_syntax *syntax);

#endif
