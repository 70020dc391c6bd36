/* Samples of 4 bytes: which user, which item, and which of the distinct ratings, as far as they fit. */
#ifndef DSC_RECOMMENDER_PACKED_SAMPLE_H
#define DSC_RECOMMENDER_PACKED_SAMPLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The user in the lowest bits, the item in the next, above them the number of the rating. */
typedef struct dsc_sample_bits {
    unsigned user, item;
} dsc_sample_bits;

/* Bits that tell so many apart, at most 2^63. */
static inline unsigned dsc_bits_for(size_t n) {
    unsigned bits = 0;
    while (n > (size_t)1 << bits) {
        bits++;
    }
    return bits;
}

/* Whether samples of so many distinct ratings fit. */
static inline bool dsc_sample_bits_fit(dsc_sample_bits bits, size_t n_values) {
    return bits.user + bits.item + dsc_bits_for(n_values) <= 32;
}

static inline uint32_t dsc_sample_pack(dsc_sample_bits bits, uint32_t user, uint32_t item,
                                       uint32_t value) {
    return (uint32_t)(user | (item | (uint64_t)value << bits.item) << bits.user);
}

static inline uint32_t dsc_packed_user(dsc_sample_bits bits, uint32_t packed) {
    return (uint32_t)(packed & (((uint64_t)1 << bits.user) - 1));
}

static inline uint32_t dsc_packed_item(dsc_sample_bits bits, uint32_t packed) {
    return (uint32_t)((uint64_t)packed >> bits.user & (((uint64_t)1 << bits.item) - 1));
}

static inline uint32_t dsc_packed_value(dsc_sample_bits bits, uint32_t packed) {
    return (uint32_t)((uint64_t)packed >> (bits.user + bits.item));
}

#endif
