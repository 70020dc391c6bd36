/* Computing a value from its operands, whatever they are: the right way, and the parts of it from
 * which wrong ways are made.
 *
 * A view says where each value of the list is at present: its truth, what a person wrote, or what
 * follows from that. Activations, losses and norms are the library's. */
#ifndef DESCENT_CLI_CHECK_COMPUTE_H
#define DESCENT_CLI_CHECK_COMPUTE_H

#include "check_values.h"

typedef const double *const *cli_view; /* (values->n), each of its value's shape */

typedef struct cli_compute {
    const cli_values *values;
    dsc_network **activations; /* (n_layers): f alone, of the layer's width; NULL: the identity */
    dsc_workspace **passes;    /* (n_layers) */
    dsc_network **norms;       /* (n_layers): the normalisation alone; NULL: there is none */
    dsc_workspace **norm_passes;
    dsc_network *loss; /* the loss alone, of its output */
    dsc_workspace *loss_pass;
    double *zeros; /* of the output's shape */
} cli_compute;

/* Returns CLI_GO_ON or CLI_FAILED after a message; to be cleared in any case. */
int cli_compute_make(cli_compute *out, const cli_values *values);
void cli_compute_clear(cli_compute *compute);

/* The right value into out (its shape) from the operands in `view`; false: it overflows. */
bool cli_compute_right(const cli_compute *c, const cli_value *v, cli_view view, double *out);

/* A factor of a product. */
typedef struct cli_factor {
    const double *data; /* (n_rows, n_cols) */
    size_t n_rows;
    size_t n_cols;
    bool is_transposed;
} cli_factor;

/* Operand i of a value as a factor. */
cli_factor cli_operand(const cli_compute *c, const cli_value *v, cli_view view, size_t i);

/* The two factors of a value that is a product, transposed as they must be; false: it is none. */
bool cli_factors(const cli_compute *c, const cli_value *v, cli_view view, cli_factor out[2]);

/* Element of a factor as it stands in the product. */
double cli_factor_at(const cli_factor *factor, size_t row, size_t col);

/* a b into out; false where they do not fit each other or the value's shape. */
bool cli_product(cli_factor a, cli_factor b, const cli_value *v, double *out);

/* Adds the bias of a value of kind CLI_V_SUMS, times `factor`. */
void cli_add_bias(const cli_compute *c, const cli_value *v, cli_view view, double factor,
                  double *out);

/* dA times the derivative of the layer's activation at z, all of the layer's output shape. */
bool cli_through_activation(const cli_compute *c, size_t layer, const double *d_a, const double *z,
                            double *out);

#endif
