/* The option of every command that computes in single precision: with which instructions. */
#include "computing.h"

/* For completion; the library says which of them the processor can run. */
static const char *const isas[] = {"avx512", "avx2", "neon", "c", NULL};

const cli_option cli_isa_option = {
    .type = CLI_ISA,
    .name = "isa",
    .value = "NAME",
    .choices = isas,
    .help = "instruction set to compute with: avx512, avx2, neon, or c for none in particular; "
            "without it that of the environment variable DESCENT_ISA, or the widest that the "
            "processor has",
};
