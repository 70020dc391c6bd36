/* The facts about a model: what it learned from and how it was trained, as text and as JSON. */
#ifndef DESCENT_CLI_FACTS_H
#define DESCENT_CLI_FACTS_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "descent/recommender.h"

typedef enum cli_fact_kind {
    CLI_COUNT_FACT = 0,
    CLI_REAL_FACT = 1,
    CLI_SWITCH_FACT = 2,
    CLI_TEXT_FACT = 3,
    CLI_SIZES_FACT = 4,
    CLI_SEED_FACT = 5 /* a string in JSON, whose numbers do not hold 64 bits everywhere */
} cli_fact_kind;

/* One fact: its name in JSON and for people, and a value of one of six kinds. */
typedef struct cli_fact {
    const char *name;
    const char *label;
    cli_fact_kind kind;
    uint64_t count; /* CLI_COUNT_FACT; CLI_SEED_FACT; CLI_SWITCH_FACT: 0 is off */
    double real;    /* CLI_REAL_FACT; NAN: none */
    const char *text;
    const size_t *sizes; /* CLI_SIZES_FACT: `count` of them */
} cli_fact;

enum { CLI_MAX_FACTS = 32 };

typedef struct cli_facts {
    size_t n;
    cli_fact facts[CLI_MAX_FACTS];
} cli_facts;

/* Adds one fact; texts and sizes are borrowed. A real of NAN is printed as none, no sizes too. */
void cli_add_count(cli_facts *list, const char *name, const char *label, uint64_t count);
void cli_add_real(cli_facts *list, const char *name, const char *label, double real);
void cli_add_switch(cli_facts *list, const char *name, const char *label, bool is_on);
void cli_add_text(cli_facts *list, const char *name, const char *label, const char *text);
void cli_add_sizes(cli_facts *list, const char *name, const char *label, const size_t *sizes,
                   size_t n);
void cli_add_seed(cli_facts *list, const char *name, const char *label, uint64_t seed);

/* What the model learned from, and how well. */
void cli_list_results(cli_facts *out, const dsc_recommender_info *info, uint64_t file_bytes);

/* How it was trained; borrows `config`. Labels are the options of descent train. */
void cli_list_settings(cli_facts *out, const dsc_recommender_config *config);

/* One line a fact, on stdout. */
void cli_print_facts(const cli_facts *facts);

/* An object; NULL: no memory. */
json_t *cli_facts_to_json(const cli_facts *facts);

#endif
