/* The version that was compiled in. */
#include "descent/version.h"

const char *dsc_version(void) {
    return DSC_VERSION;
}
