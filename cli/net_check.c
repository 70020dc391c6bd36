/* `descent net check`: what someone computed by hand, compared with what is right. */
#include <stdio.h>
#include <string.h>

#include "check_report.h"
#include "exact_document.h"
#include "matrix_text.h"
#include "network_file.h"
#include "options.h"
#include "output.h"

/* The fewest columns in which the tables look right. */
enum { MIN_WIDTH = 60 };

enum { FORMAT_TEXT, FORMAT_JSON };

typedef struct request {
    const char *path;      /* NULL: the built-in example */
    const char *tolerance; /* NULL: by the digits; read exactly */
    bool is_exact;
    size_t precision;
    size_t format;
} request;

static int parse(request *out, int argc, char **argv) {
    static const char *const formats[] = {"text", "json", NULL};
    *out = (request){.precision = 6, .format = FORMAT_TEXT};
    const cli_option check_options[] = {
        {.type = CLI_FLAG,
         .name = "exact",
         .letter = 'x',
         .help = "print every value as a fraction, and leave no room for rounding when comparing; "
                 "where the network does not allow it, say why and compute in double",
         .target = &out->is_exact},
        {.type = CLI_STRING,
         .name = "tolerance",
         .letter = 't',
         .value = "X",
         .help = "a number is right when it differs by at most X, such as 0.01 or 1/3, whatever "
                 "its digits are; without it the digits that are written decide",
         .target = &out->tolerance},
    };
    const cli_option output_options[] = {
        {.type = CLI_SIZE,
         .name = "precision",
         .letter = 'p',
         .help = "most decimals of a right value in the text, or more where more were written; "
                 "JSON has them all",
         .target = &out->precision,
         .whole_max = CLI_MAX_DECIMALS},
        {.type = CLI_CHOICE,
         .name = "format",
         .letter = 'f',
         .help = "text for people, or one JSON document",
         .target = &out->format,
         .choices = formats},
    };
    const cli_argument arguments[] = {
        {"FILE.json",
         "the network and, under the key \"check\", the values to check, as "
         "docs/network-check.md describes; - is standard input; without it the built-in example "
         "is taken",
         &out->path, true},
    };
    const cli_option_group groups[] = {
        {"Check", check_options, CLI_COUNT(check_options)},
        {"Output", output_options, CLI_COUNT(output_options)},
    };
    const cli_syntax syntax = {
        .command = "net check",
        .summary = "Checks backpropagation that was done by hand: compares your matrices of one "
                   "training step with the right ones, names the cells that differ and, where it "
                   "can be recognised, what went wrong: a missing transpose or factor, a turned "
                   "sign, a slip in one cell, or a value that follows from an earlier wrong one. "
                   "Without values to check it lists all that can be checked.",
        .arguments = arguments,
        .n_arguments = CLI_COUNT(arguments),
        .groups = groups,
        .n_groups = CLI_COUNT(groups),
        .notes = "Exit status: 0 all values are right, 1 one is not, 3 the file breaks a rule.\n"
                 "\n"
                 "Examples:\n"
                 "  descent net check                 what can be checked, and how to write it\n"
                 "  descent net check --exact         every value as a fraction\n"
                 "  descent net check homework.json\n",
    };
    return cli_parse(&syntax, argc, argv);
}

/* A tolerance of 0 or more into the judge. */
static int read_tolerance(const char *text, cli_judge *judge) {
    if (text == NULL) {
        return CLI_GO_ON;
    }
    cli_written number;
    mpq_init(number.value);
    const char *expected = cli_written_read(&number, text);
    mpq_set(judge->tolerance, number.value);
    mpq_clear(number.value);
    judge->has_tolerance = true;
    if (expected != NULL) {
        return cli_usage_error("net check", "--tolerance", "\"%.40s\" is not a number; expected %s",
                               text, expected);
    }
    if (mpq_sgn(judge->tolerance) < 0) {
        return cli_usage_error("net check", "--tolerance",
                               "%.40s is out of range; expected 0 or more", text);
    }
    return CLI_GO_ON;
}

/* Judges the answers and prints the report. */
static int check(const request *asked, const cli_answers *answers, const cli_judge *judge,
                 const char *obstacle) {
    cli_finding *findings = NULL;
    int status = cli_diagnose(&findings, answers, judge);
    if (status != CLI_GO_ON) {
        return status;
    }
    const cli_check_report report = {
        .values = answers->values,
        .answers = answers,
        .findings = findings,
        .judge = judge,
        .shows_fractions = asked->is_exact && judge->exact != NULL,
        .obstacle = obstacle,
        .precision = asked->precision,
        .width = cli_text_width(MIN_WIDTH),
    };
    status = asked->format == FORMAT_JSON ? cli_check_json(&report) : cli_check_text(&report);
    if (status == CLI_DONE && cli_check_count(&report, CLI_RIGHT) < answers->n) {
        status = CLI_FAILED;
    }
    cli_findings_free(findings, answers->n);
    return status;
}

/* The exact values where there are any, and at a small cost or asked for; else *out is empty, and
 * `obstacle` says why where it was asked for. */
static int make_exact(cli_exact *out, const request *asked, cli_values *values,
                      const json_t *document, char obstacle[CLI_OBSTACLE_TEXT]) {
    char problem[CLI_OBSTACLE_TEXT] = "";
    cli_exact_obstacle(values->file->net, problem);
    if (problem[0] != '\0' || !(asked->is_exact || cli_exact_is_cheap(values))) {
        snprintf(obstacle, CLI_OBSTACLE_TEXT, "%s", asked->is_exact ? problem : "");
        return CLI_GO_ON;
    }
    int status = cli_exact_make(out, values, document, problem);
    if (status == CLI_GO_ON) {
        cli_exact_round(out, values);
        return status;
    }
    cli_exact_clear(out);
    if (status == CLI_BAD_DATA) {
        status = asked->is_exact ? cli_fail_at(CLI_BAD_DATA, values->file->name, "%s", problem)
                                 : CLI_GO_ON;
    }
    return status;
}

/* Everything that follows once the file's network stands. */
static int run(const request *asked, cli_values *values, cli_judge *judge) {
    json_t *document = cli_exact_document(values->file->text, values->file->length);
    if (document == NULL) {
        return cli_no_memory();
    }
    char obstacle[CLI_OBSTACLE_TEXT] = "";
    cli_answers answers;
    cli_exact exact = {0};
    int status = cli_answers_read(&answers, values, document);
    if (status == CLI_GO_ON) {
        status = make_exact(&exact, asked, values, document, obstacle);
    }
    if (status == CLI_GO_ON) {
        judge->exact = exact.memory != NULL ? &exact : NULL;
        judge->is_strict = asked->is_exact;
        status = check(asked, &answers, judge, obstacle);
        judge->exact = NULL;
    }
    cli_exact_clear(&exact);
    cli_answers_clear(&answers);
    json_decref(document);
    return status;
}

int cli_net_check(int argc, char **argv) {
    request asked;
    int status = parse(&asked, argc, argv);
    if (status != CLI_GO_ON) {
        return status;
    }
    cli_judge judge = {0};
    cli_network_file file = {0};
    cli_values values = {0};
    mpq_init(judge.tolerance);
    status = read_tolerance(asked.tolerance, &judge);
    if (status == CLI_GO_ON) {
        status = cli_network_file_read(&file, asked.path);
    }
    if (status == CLI_GO_ON) {
        status = cli_values_make(&values, &file);
    }
    if (status == CLI_GO_ON) {
        status = run(&asked, &values, &judge);
    }
    cli_values_clear(&values);
    cli_network_file_clear(&file);
    mpq_clear(judge.tolerance);
    return status;
}
