/* The option of every command that computes in single precision: with which instructions. */
#ifndef DESCENT_CLI_COMPUTING_H
#define DESCENT_CLI_COMPUTING_H

#include "options.h"

extern const cli_option cli_isa_option;

/* A group of the command's table. */
#define CLI_COMPUTING_GROUP                                                                        \
    { "Computing", &cli_isa_option, 1 }

#endif
