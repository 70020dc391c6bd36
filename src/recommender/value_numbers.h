/* Numbers for the distinct ones of many values, as long as they are few: ratings are of a scale. */
#ifndef DSC_RECOMMENDER_VALUE_NUMBERS_H
#define DSC_RECOMMENDER_VALUE_NUMBERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* A scale of hundredths from -10 to 10 has 2,001. There are twice as many slots, so that a search ends soon. */
enum { DSC_MOST_NUMBERED = 2048, DSC_VALUE_SLOT_BITS = 12 };

/* Where the search for a value ends: at it, or where it would be. */
typedef struct dsc_value_slot {
    uint32_t bits; /* of the value */
    uint32_t next; /* its number + 1; 0: there is none */
} dsc_value_slot;

/* All zero is a valid one of none. */
typedef struct dsc_value_numbers {
    size_t n; /* distinct values; DSC_MOST_NUMBERED + 1: there are more than have numbers */
    float value[DSC_MOST_NUMBERED]; /* of each number */
    dsc_value_slot slot[1 << DSC_VALUE_SLOT_BITS];
} dsc_value_numbers;

static inline size_t dsc_value_slot_of(const dsc_value_numbers *numbers, float value) {
    const size_t n_slots = (size_t)1 << DSC_VALUE_SLOT_BITS;
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    /* The golden ratio of 2^32: values of one scale differ in few bits, which it spreads over the upper ones. */
    size_t at = bits * 2654435769U >> (32 - DSC_VALUE_SLOT_BITS);
    while (numbers->slot[at].next != 0 && numbers->slot[at].bits != bits) {
        at = (at + 1) % n_slots;
    }
    return at;
}

/* Gives a value a number, if it has none and there is one left. */
static inline void dsc_value_numbers_add(dsc_value_numbers *numbers, float value) {
    if (numbers->n > DSC_MOST_NUMBERED) {
        return;
    }
    dsc_value_slot *slot = &numbers->slot[dsc_value_slot_of(numbers, value)];
    if (slot->next != 0) {
        return;
    }
    if (numbers->n < DSC_MOST_NUMBERED) {
        numbers->value[numbers->n] = value;
        memcpy(&slot->bits, &value, sizeof slot->bits);
        slot->next = (uint32_t)numbers->n + 1;
    }
    numbers->n++;
}

/* Whether all that were added have numbers. */
static inline bool dsc_value_numbers_are_all(const dsc_value_numbers *numbers) {
    return numbers->n <= DSC_MOST_NUMBERED;
}

/* Of a value that has one. */
static inline uint32_t dsc_value_number(const dsc_value_numbers *numbers, float value) {
    return numbers->slot[dsc_value_slot_of(numbers, value)].next - 1;
}

#endif
