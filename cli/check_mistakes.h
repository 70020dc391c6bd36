/* The mistakes that people make in backpropagation by hand: one table, a row a mistake.
 *
 * Each row knows at which values its mistake can be made and computes what it would give there. */
#ifndef DESCENT_CLI_CHECK_MISTAKES_H
#define DESCENT_CLI_CHECK_MISTAKES_H

#include "check_ways.h"

/* How much a mistake says; the first class that explains a value is reported. */
typedef enum cli_mistake_class {
    CLI_SPECIFIC = 0, /* names the step that went wrong */
    CLI_GENERAL = 1,  /* describes the result: its sign, its order */
    CLI_DOUBLE = 2,   /* two mistakes at once */
    CLI_N_MISTAKE_CLASSES = 3
} cli_mistake_class;

typedef struct cli_mistake {
    const char *id;  /* a word for programs: "bias-left-out" */
    unsigned kinds;  /* bits CLI_AT(kind): where it can be made */
    unsigned losses; /* bits CLI_OF(loss): of which networks; 0: all */
    cli_mistake_class class;
    cli_way *give; /* computes what it gives */
    /* What went wrong; {0}, {1}, {2} are the operands' names, {n} the samples, {nm} the elements
     * of the prediction, {rate} the learning rate. */
    const char *text;
} cli_mistake;

#define CLI_AT(kind) (1u << (kind))
#define CLI_OF(loss) (1u << (loss))

extern const cli_mistake cli_mistakes[];
extern const size_t cli_n_mistakes;

/* The text with its names filled in. */
void cli_mistake_say(const cli_mistake *mistake, const cli_values *values, const cli_value *v,
                     char out[256]);

#endif
