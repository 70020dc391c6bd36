/* The members of a blend: each is parsed as a command line of `descent train`. */
#include "blend_members.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_WORDS = 64 };

/* A member's command line. */
typedef struct line {
    char *words[MAX_WORDS + 3]; /* the first is the program's, and a NULL at the end */
    size_t n;
} line;

static void clear(line *l) {
    for (size_t i = 0; i < l->n; i++) {
        free(l->words[i]);
    }
}

static bool ends_with(const char *word, const char *end) {
    const size_t n = strlen(word), n_end = strlen(end);
    return n > n_end && strcmp(word + n - n_end, end) == 0;
}

/* Whether the word names this option, perhaps cut short, as on the command line. */
static bool names(const char *word, const char *option) {
    return strncmp(word, option, strcspn(word, "=")) == 0;
}

/* What is about the program or the reading of the ratings, and not about a model, stands outside. */
static bool is_of_model(const char *word) {
    static const char *const others[] = {"isa",      "delimiter", "header", "columns",
                                         "on-error", "json",      "quiet",  "help"};
    bool is_other = word[0] == '-' || word[0] == '=';
    for (size_t i = 0; i < CLI_COUNT(others); i++) {
        is_other = is_other || (names(word, others[i]) && !names(word, "hidden"));
    }
    const bool has_form = strchr(word, '=') != NULL || strncmp(word, "no-", 3) == 0;
    return has_form && !is_other;
}

static int take_weight(const char *text, double *out) {
    const cli_option option = {.type = CLI_REAL,
                               .name = "weight",
                               .target = out,
                               .interval = {.low = 0, .high = INFINITY}};
    char problem[256];
    return cli_option_set(&option, text, problem, sizeof problem)
               ? CLI_GO_ON
               : cli_usage_error("blend", "weight", "%s", problem);
}

/* One word of member m: onto its command line, or what it says beyond that. */
static int take_word(cli_members *self, size_t m, const char *word, line *l) {
    static const char weight[] = "weight=";
    char *option = NULL;
    if (strncmp(word, weight, sizeof weight - 1) == 0) {
        return take_weight(word + sizeof weight - 1, &self->weight[m]);
    }
    const bool is_file = ends_with(word, ".json") && strchr(word, '=') == NULL;
    if (!is_file && !is_of_model(word)) {
        return cli_usage_error("blend", "--member",
                               "\"%s\" is not a setting of a model; expected an option of descent "
                               "train without its dashes, such as factors=20 or no-biases",
                               word);
    }
    if (l->n >= MAX_WORDS) {
        return cli_usage_error("blend", "--member", "has more than %d settings", MAX_WORDS);
    }
    self->has_seed[m] = self->has_seed[m] || names(word, "seed");
    if (asprintf(&option, is_file ? "--config=%s" : "--%s", word) < 0) {
        return cli_no_memory();
    }
    l->words[l->n++] = option;
    return CLI_GO_ON;
}

static int parse_words(cli_members *self, size_t m, char *text, line *l) {
    const cli_train_use use = {
        .command = "train", .summary = "", .ratings_help = "the ratings", .notes = ""};
    char *rest = NULL;
    int status = CLI_GO_ON;
    for (char *word = strtok_r(text, " \t\n", &rest); status == CLI_GO_ON && word != NULL;
         word = strtok_r(NULL, " \t\n", &rest)) {
        status = take_word(self, m, word, l);
    }
    if (status == CLI_GO_ON) {
        char ratings[] = "ratings"; /* stands for those of the blend */
        char *words[MAX_WORDS + 3];
        memcpy(words, l->words, sizeof words);
        words[l->n] = ratings;
        status = cli_train_parse(&self->train[m], &use, (int)l->n + 1, words);
    }
    return status;
}

static int parse_member(cli_members *self, size_t m, const char *text) {
    line l = {.words = {strdup("descent")}, .n = 1};
    char *copy = strdup(text);
    int status =
        l.words[0] != NULL && copy != NULL ? parse_words(self, m, copy, &l) : cli_no_memory();
    clear(&l);
    free(copy);
    if (status != CLI_GO_ON) {
        cli_note("this was in --member \"%s\"", text);
    }
    return status;
}

static int check_weights(const cli_members *self) {
    size_t n_given = 0;
    double sum = 0;
    for (size_t m = 0; m < self->n; m++) {
        if (!isnan(self->weight[m])) {
            n_given++;
            sum += self->weight[m];
        }
    }
    if (n_given > 0 && n_given < self->n) {
        return cli_usage_error("blend", "weight",
                               "%zu of %zu members have one; expected all of them or none", n_given,
                               self->n);
    }
    if (n_given > 0 && !(sum > 0 && isfinite(sum))) {
        return cli_usage_error("blend", "weight", "they add up to %g; expected more than 0", sum);
    }
    return CLI_GO_ON;
}

int cli_members_parse(cli_members *out, const cli_texts *texts) {
    *out = (cli_members){.n = texts->n, .is_usual = texts->n == 0};
    int status = CLI_GO_ON;
    for (size_t m = 0; m < DSC_MAX_MEMBERS; m++) {
        out->weight[m] = NAN;
    }
    for (size_t m = 0; status == CLI_GO_ON && m < texts->n; m++) {
        status = parse_member(out, m, texts->values[m]);
    }
    return status == CLI_GO_ON ? check_weights(out) : status;
}

void cli_members_settle(cli_members *members, const dsc_ratings *ratings, uint64_t seed) {
    const size_t n_ratings = dsc_ratings_by_user(ratings).n_entries;
    if (members->is_usual) {
        members->n = dsc_blend_usual_members(ratings, members->config);
    }
    for (size_t m = 0; m < members->n; m++) {
        if (!members->is_usual) {
            cli_train_settle(&members->train[m], n_ratings);
            members->config[m] = members->train[m].config;
        }
        if (!members->has_seed[m]) {
            members->config[m].seed = seed + m;
        }
    }
}
