/* The instruction set that arithmetic in single precision is done with.
 *
 * At first use the library takes the one that the environment variable DESCENT_ISA names, and
 * without it the widest that the processor and the operating system support. A network, an optimizer
 * and all that is made of them keep the one that was in use when they were created. Results of one
 * instruction set are always the same bytes; those of "c" differ from the others by rounding, which
 * the others do once for a multiplication and an addition. Double precision is always "c". */
#ifndef DESCENT_ISA_H
#define DESCENT_ISA_H

#include <stddef.h>

#include "descent/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The names that this processor can run, the widest first, "c" last: of "avx512" (F, DQ, BW, VL),
 * "avx2" (with FMA), "neon" and "c" (plain C, on every processor). NULL: there are not so many.
 * Static storage. Any thread. */
const char *dsc_isa_available(size_t index);

/* The name of the one in use. While DESCENT_ISA names none that is available: the widest, although
 * creating a network or an optimizer then fails. Static storage. Any thread. */
const char *dsc_isa_name(void);

/* Takes the one with that name for what is created from now on; NULL: as at first use.
 * Returns DSC_OK; DSC_E_ARGUMENT: not available, and the message names those that are.
 * Failure: the one in use stays. Any thread; it holds for all threads of the process. */
dsc_status dsc_isa_set(const char *name, dsc_error *err);

#ifdef __cplusplus
}
#endif
#endif
