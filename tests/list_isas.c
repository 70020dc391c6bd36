/* Prints the instruction sets that this processor can run, one a line: for with_isa.sh. */
#include <stdio.h>

#include "descent/isa.h"

int main(void) {
    for (size_t i = 0; dsc_isa_available(i) != NULL; i++) {
        puts(dsc_isa_available(i));
    }
    return 0;
}
