/* Writes the man pages of the program and all its commands: manual FOLDER TEXTS DATE
 *
 * A tool of the build, no part of the program. Options, arguments and examples come from the tables
 * that --help is made of; TEXTS/NAME.mdoc, where there is one, is the rest of the DESCRIPTION of
 * the page NAME. DATE stands on the pages: "November 25, 2026". The pages are mdoc(7). */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "commands.h"

enum {
    PATH_LENGTH = 4096,
    MAX_LINE = 76 /* of the source of a page, before escapes */
};

typedef struct manual {
    const char *folder;
    const char *texts;
    const char *date;
    FILE *page;
} manual;

static void die(const char *path) {
    perror(path);
    exit(EXIT_FAILURE);
}

/* "descent-net-trace" of "descent net trace". */
static void name_page(const char *words, char *out, size_t length) {
    snprintf(out, length, "%s", words);
    for (char *c = out; *c != '\0'; c++) {
        *c = *c == ' ' ? '-' : *c;
    }
}

/* A line of text: no backslash of it, and no dot or quote at its start, is taken for a request. A
 * dash before a word is a minus, as in an option that a reader copies. */
static void put_line(FILE *page, const char *text, size_t length) {
    if (length > 0 && (text[0] == '.' || text[0] == '\'')) {
        fputs("\\&", page);
    }
    for (size_t i = 0; i < length; i++) {
        bool starts_word = i == 0 || text[i - 1] == ' ' || text[i - 1] == '-' || text[i - 1] == '(';
        if (text[i] == '\\') {
            fputs("\\e", page);
        } else if (text[i] == '-' && starts_word) {
            fputs("\\-", page);
        } else {
            fputc(text[i], page);
        }
    }
    fputc('\n', page);
}

/* How much of `text` goes on the next line: to the end of a sentence, or as much as fits. */
static size_t next_line(const char *text) {
    size_t best = 0;
    size_t end = strcspn(text, " ");
    while (best == 0 || end <= MAX_LINE) {
        best = end;
        if (text[end] == '\0' || text[end - 1] == '.') {
            break;
        }
        end += 1 + strcspn(text + end + 1, " ");
    }
    return best;
}

/* Text with each sentence beginning a line, as roff wants it. */
static void put_text(FILE *page, const char *text) {
    while (*text != '\0') {
        size_t length = next_line(text);
        put_line(page, text, length);
        text += length;
        text += strspn(text, " ");
    }
}

/* A sentence of the tables has no full stop and may begin with a small letter. */
static void put_phrase(FILE *page, const char *text) {
    char sentence[1200];
    size_t length = strlen(text);
    bool is_ended = length > 0 && (text[length - 1] == '.' || text[length - 1] == '?');
    snprintf(sentence, sizeof sentence, "%s%s", text, is_ended ? "" : ".");
    if (sentence[0] >= 'a' && sentence[0] <= 'z') {
        sentence[0] = (char)(sentence[0] - 'a' + 'A');
    }
    put_text(page, sentence);
}

static void open_page(manual *self, const char *words, const char *summary) {
    char name[128];
    char title[128];
    char path[PATH_LENGTH];
    name_page(words, name, sizeof name);
    snprintf(title, sizeof title, "%s", name);
    for (char *c = title; *c != '\0'; c++) {
        *c = *c >= 'a' && *c <= 'z' ? (char)(*c - 'a' + 'A') : *c;
    }
    snprintf(path, sizeof path, "%s/%s.1", self->folder, name);
    self->page = fopen(path, "w");
    if (self->page == NULL) {
        die(path);
    }
    fprintf(self->page, ".Dd %s\n.Dt %s 1\n.Os\n.Sh NAME\n.Nm %s\n.Nd %s\n", self->date, title,
            name, summary);
}

/* The rest of the description, if someone wrote one. */
static void put_written(const manual *self, const char *words) {
    char name[128];
    char path[PATH_LENGTH];
    char line[1024];
    name_page(words, name, sizeof name);
    snprintf(path, sizeof path, "%s/%s.mdoc", self->texts, name);
    FILE *file = fopen(path, "r");
    if (file == NULL) {
        return;
    }
    fputs(".Pp\n", self->page);
    while (fgets(line, sizeof line, file) != NULL) {
        fputs(line, self->page);
    }
    fclose(file);
}

static void put_exit_statuses(FILE *page) {
    fputs(".Sh EXIT STATUS\n.Bl -tag -width 130\n", page);
    for (const cli_exit_status *one = cli_exit_statuses; one->meaning != NULL; one++) {
        fprintf(page, ".It %d\n", one->status);
        put_phrase(page, one->meaning);
    }
    fputs(".El\n", page);
}

static void close_page(manual *self) {
    if (ferror(self->page) != 0 || fclose(self->page) != 0) {
        die(self->folder);
    }
}

/* --- the page of a set ------------------------------------------------------------------------ */

static void write_set(const cli_command_set *set, void *user) {
    manual *self = user;
    bool is_top = cli_set_path(set)[0] == '\0';
    char phrase[256]; /* "Looks into networks." as the phrase that a page's name wants */
    snprintf(phrase, sizeof phrase, "%.*s", (int)strcspn(set->summary, ":."), set->summary);
    phrase[0] = (char)(phrase[0] - 'A' + 'a');
    open_page(self, set->prefix, phrase);
    FILE *page = self->page;
    fprintf(page, ".Sh SYNOPSIS\n.Nm %s\n.Ar command\n.Op Ar arguments\n.Op Ar options\n",
            set->prefix);
    if (is_top) {
        fputs(".Nm descent\n.Fl -help | -version\n", page);
    }
    fputs(".Sh DESCRIPTION\n", page);
    put_text(page, set->summary);
    put_written(self, set->prefix);
    fputs(".Sh COMMANDS\n.Bl -tag -width Ds\n", page);
    for (size_t i = 0; i < set->n_commands; i++) {
        char name[128];
        name_page(set->prefix, name, sizeof name);
        fprintf(page, ".It Xr %s-%s 1\n", name, set->commands[i].name);
        put_phrase(page, set->commands[i].summary);
    }
    fputs(".El\n", page);
    put_exit_statuses(page);
    if (!is_top) {
        fputs(".Sh SEE ALSO\n.Xr descent 1\n", page);
    }
    close_page(self);
}

/* --- the page of a command -------------------------------------------------------------------- */

static void put_option(FILE *page, const cli_option *option) {
    char value[128];
    char explanation[1024];
    cli_option_value_name(option, value, sizeof value);
    cli_option_explanation(option, explanation, sizeof explanation);
    fputs(".It ", page);
    if (option->letter != '\0') {
        fprintf(page, "Fl %c , ", option->letter);
    }
    fprintf(page, "Fl -%s", option->name);
    if (value[0] != '\0') {
        fprintf(page, " Ar %s", value);
    }
    fputc('\n', page);
    put_phrase(page, explanation);
}

static void put_options(FILE *page, const cli_syntax *syntax) {
    fputs(".Sh OPTIONS\n", page);
    for (size_t g = 0; g < syntax->n_groups; g++) {
        const cli_option_group *group = &syntax->groups[g];
        fprintf(page, ".Ss %s\n.Bl -tag -width Ds\n", group->heading);
        for (size_t i = 0; i < group->n_options; i++) {
            put_option(page, &group->options[i]);
        }
        fputs(".El\n", page);
    }
    fputs(".Ss Help\n.Bl -tag -width Ds\n.It Fl h , Fl -help\nShow a summary and exit.\n.El\n",
          page);
}

static void put_synopsis(FILE *page, const cli_syntax *syntax) {
    fprintf(page, ".Sh SYNOPSIS\n.Nm descent %s\n", syntax->command);
    for (size_t i = 0; i < syntax->n_arguments; i++) {
        const cli_argument *argument = &syntax->arguments[i];
        fprintf(page, ".%sAr %s\n", argument->is_optional ? "Op " : "", argument->name);
    }
    for (size_t g = 0; g < syntax->n_groups; g++) {
        for (size_t i = 0; i < syntax->groups[g].n_options; i++) {
            const cli_option *option = &syntax->groups[g].options[i];
            if (option->is_required && option->letter != '\0') {
                fprintf(page, ".Fl %c Ar %s\n", option->letter, option->value);
            } else if (option->is_required) {
                fprintf(page, ".Fl -%s Ar %s\n", option->name, option->value);
            }
        }
    }
    fputs(".Op Ar options\n", page);
}

/* The notes of --help: examples under their heading, or whatever else they are. */
static void put_notes(FILE *page, const char *notes) {
    size_t heading = strcspn(notes, "\n");
    bool is_examples = strncmp(notes, "Example", strlen("Example")) == 0;
    fputs(is_examples ? ".Sh EXAMPLES\n" : ".Sh NOTES\n", page);
    const char *line = is_examples ? notes + heading + 1 : notes;
    fputs(".Bd -literal -compact\n", page);
    while (*line != '\0') {
        size_t length = strcspn(line, "\n");
        size_t indent = strspn(line, " ") < 2 ? strspn(line, " ") : 2;
        put_line(page, line + indent, length > indent ? length - indent : 0);
        line += length + (line[length] == '\n' ? 1 : 0);
    }
    fputs(".Ed\n", page);
}

static void write_command(const cli_command *command, const cli_syntax *syntax, void *user) {
    manual *self = user;
    char words[128];
    snprintf(words, sizeof words, "descent %s", syntax->command);
    open_page(self, words, command->summary);
    FILE *page = self->page;
    put_synopsis(page, syntax);
    fputs(".Sh DESCRIPTION\n", page);
    put_text(page, syntax->summary);
    if (syntax->n_arguments > 0) {
        fputs(".Pp\nThe arguments are:\n.Bl -tag -width Ds\n", page);
        for (size_t i = 0; i < syntax->n_arguments; i++) {
            fprintf(page, ".It Ar %s\n", syntax->arguments[i].name);
            put_phrase(page, syntax->arguments[i].help);
        }
        fputs(".El\n", page);
    }
    put_written(self, words);
    put_options(page, syntax);
    put_exit_statuses(page);
    if (syntax->notes != NULL) {
        put_notes(page, syntax->notes);
    }
    fputs(".Sh SEE ALSO\n.Xr descent 1\n", page);
    close_page(self);
}

int main(int argc, char **argv) {
    if (argc != 4) {
        fputs("usage: manual FOLDER TEXTS DATE\n", stderr);
        return EXIT_FAILURE;
    }
    manual self = {.folder = argv[1], .texts = argv[2], .date = argv[3]};
    const cli_visitor visitor = {write_set, write_command, &self};
    cli_visit_commands(&visitor);
    return EXIT_SUCCESS;
}
