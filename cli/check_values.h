/* The values of one training step that can be checked: what each is computed from, and its value.
 *
 * The list holds what dsc_trace_run shows, under the same names; after the step a name has "new "
 * in front. A value's operands stand before it in the list, so that the list is also an order in
 * which everything can be computed. Layers count from 0 here, from 1 in the names. */
#ifndef DESCENT_CLI_CHECK_VALUES_H
#define DESCENT_CLI_CHECK_VALUES_H

#include <stdbool.h>
#include <stddef.h>

#include "descent/trace.h"
#include "network_file.h"

/* How a value follows from its operands, which are named in braces, in this order. */
typedef enum cli_value_kind {
    CLI_V_GIVEN = 0,        /* X, Y, W, b, gain, shift: {} */
    CLI_V_SUMS = 1,         /* {input, W, b where there is one}; called A where f is the identity */
    CLI_V_OUTPUT = 2,       /* f of {Z}, or of {N} in a normalised layer */
    CLI_V_ERROR = 3,        /* {prediction, Y} */
    CLI_V_SPECTRAL = 4,     /* {error} */
    CLI_V_FROBENIUS = 5,    /* {error} */
    CLI_V_LOSS = 6,         /* {error}, or {prediction, Y} where the error is not enough */
    CLI_V_D_PREDICTION = 7, /* the same */
    CLI_V_D_SUMS = 8,       /* through f: {dA, Z, A}, or {dA, N, A} */
    CLI_V_D_WEIGHTS = 9,    /* {input, dZ} */
    CLI_V_D_BIAS = 10,      /* {dZ}; of a shift {dN} */
    CLI_V_D_OUTPUT = 11,    /* {dZ, W of the layer behind} */
    CLI_V_NEW_WEIGHTS = 12, /* {W, dW} */
    CLI_V_NEW_ROW = 13,     /* {b, db}, and gain and shift likewise */
    CLI_V_NORMED = 14,      /* {Z, gain, shift}; called A where f is the identity */
    CLI_V_D_NORMED = 15,    /* through the normalisation: {dN, Z, gain} */
    CLI_V_D_GAIN = 16       /* {dN, Z} */
} cli_value_kind;

enum { CLI_MAX_OPERANDS = 3, CLI_VALUE_NAME = 32, CLI_VALUE_TEXT = 256 };
#define CLI_NO_VALUE ((size_t)-1)

typedef struct cli_value {
    char name[CLI_VALUE_NAME]; /* "dW2", "new prediction" */
    char formula[CLI_VALUE_TEXT];
    char meaning[CLI_VALUE_TEXT];
    cli_value_kind kind;
    size_t layer;
    bool is_new; /* after the step */
    dsc_trace_phase phase;
    bool is_number; /* a norm or the loss: 1 x 1 */
    size_t n_rows;
    size_t n_cols;
    size_t n_operands;
    size_t operands[CLI_MAX_OPERANDS]; /* indices in the list */
    double *truth;                     /* (n_rows, n_cols), from the library */
} cli_value;

typedef struct cli_values {
    const cli_network_file *file; /* borrowed */
    size_t n;
    cli_value *items; /* (n) */
    double *memory;   /* of all truths */
    size_t n_filled;  /* how many truths the trace has given */
} cli_values;

/* Lists the values and takes one step with the library's trace.
 *   out  [out]  to be given to cli_values_clear, also after a failure
 * Returns CLI_GO_ON, or CLI_FAILED after a message: no memory, or a value that overflows. */
int cli_values_make(cli_values *out, const cli_network_file *file);

void cli_values_clear(cli_values *values);

/* The first half of it: the list without the values. Returns the same. */
int cli_values_list(cli_values *out);

/* Index of a name; CLI_NO_VALUE: there is none. */
size_t cli_values_find(const cli_values *values, const char *name);

/* Elements of a value. */
size_t cli_value_size(const cli_value *value);

/* "2 x 3", "number". */
void cli_value_shape(const cli_value *value, char out[CLI_VALUE_NAME]);

/* Whether the loss and its gradient follow from prediction - target alone. */
bool cli_loss_is_of_error(dsc_loss loss);

#endif
