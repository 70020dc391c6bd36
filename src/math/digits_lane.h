/* A field in a vector of 16 bytes, for the reader of digits with AVX2, which joins two such lanes. */
#ifndef DSC_MATH_DIGITS_LANE_H
#define DSC_MATH_DIGITS_LANE_H

#include <immintrin.h>

#include "math/digits.h"

/* Steps of 16 bytes to the right, which from n on leave n of them; -1 makes a zero. The last 16 are for
 * fields that are too long. */
static const signed char dsc_digits_slide[48] = {-1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1,
                                                 -1, -1, -1, -1, -1, 0,  1,  2,  3,  4,  5,
                                                 6,  7,  8,  9,  10, 11, 12, 13, 14, 15};

/* Of some fields together, without a branch a field: above DSC_MAX_DIGITS - 1 when one is empty or too
 * long, and negative when one begins with a zero or what is below. */
typedef struct dsc_digits_seen {
    unsigned length;
    int first;
} dsc_digits_seen;

static inline bool dsc_digits_are_odd(dsc_digits_seen seen) {
    return seen.length >= DSC_MAX_DIGITS || seen.first < 0;
}

/* The digits of the field that ends with *mark at the end of a lane, as numbers from 0 to 9 where they
 * are digits, and zeros in front. */
static inline __m128i dsc_digits_lane(const char *text, const uint16_t *mark,
                                      dsc_digits_seen *seen) {
    const char *begin = text + mark[-1];
    const unsigned n = (unsigned)mark[0] - 1 - mark[-1];
    const __m128i bytes = _mm_loadu_si128((const __m128i *)(const void *)begin);
    const __m128i slide =
        _mm_loadu_si128((const __m128i *)(const void *)(dsc_digits_slide + n % 32));
    seen->length |= n - 1;
    seen->first |= *begin - '1';
    return _mm_shuffle_epi8(_mm_sub_epi8(bytes, _mm_set1_epi8('0')), slide);
}

#endif
