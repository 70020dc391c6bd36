/* Numbers that must be about equal, for all tests. cmocka.h comes first. */
#ifndef ASSERT_NEAR_H
#define ASSERT_NEAR_H

#include <math.h>

/* Apart by no more than the tolerance. */
static inline void assert_within(double found, double expected, double tolerance) {
    if (!(fabs(found - expected) <= tolerance)) {
        fail_msg("found %.17g; expected %.17g, give or take %g", found, expected, tolerance);
    }
}

/* The same, the tolerance being a share of what is expected where that is above 1. */
static inline void assert_near(const char *what, double found, double expected, double tolerance) {
    if (!(fabs(found - expected) <= tolerance * fmax(1, fabs(expected)))) {
        fail_msg("%s is %.12g; expected %.12g", what, found, expected);
    }
}

#endif
