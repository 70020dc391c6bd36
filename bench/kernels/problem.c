/* What a kernel works on: see problem.h. */
#include "problem.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cases.h"
#include "descent/isa.h"
#include "descent/random.h"

/* Bytes of a fence, and what they hold. */
enum { FENCE = 128, FENCE_BYTE = 0xa5 };

/* Of streams that are drawn from. */
enum { SEED = 7, NUMBERS = 1000 };

static void require(bool holds, const char *what) {
    if (!holds) {
        fprintf(stderr, "kernels: %s\n", what);
        exit(EXIT_FAILURE);
    }
}

size_t kernel_sets(kernel_set sets[MOST_SETS]) {
    size_t n = 0;
    for (; n < MOST_SETS && dsc_isa_available(n) != NULL; n++) {
        kernel_set *set = &sets[n];
        set->name = dsc_isa_available(n);
        require(dsc_isa_set(set->name, NULL) == DSC_OK &&
                    dsc_kernels_choose(&set->kernels, DSC_FLOAT32, NULL) == DSC_OK,
                "an instruction set that is available cannot be set");
        set->read_digits = dsc_digits_choose();
        set->find_separators = dsc_separators_choose();
        set->find_ranks = dsc_ranks_choose();
    }
    require(dsc_isa_set(NULL, NULL) == DSC_OK, "the instruction set cannot be reset");
    return n;
}

/* --- arrays ------------------------------------------------------------------------------------ */

static size_t size_of(array_kind kind) {
    static const size_t sizes[] = {[ARRAY_FLOATS] = sizeof(float),
                                   [ARRAY_POSITIVE] = sizeof(float),
                                   [ARRAY_SHARES] = sizeof(float),
                                   [ARRAY_BF16] = sizeof(uint16_t),
                                   [ARRAY_DOUBLES] = sizeof(double),
                                   [ARRAY_BYTES] = 1,
                                   [ARRAY_WORDS] = 1,
                                   [ARRAY_SCRATCH] = sizeof(float)};
    return sizes[kind];
}

/* How far behind a multiple of 64 bytes an array begins that is not aligned. */
static size_t offset_of(array_kind kind) {
    return kind == ARRAY_DOUBLES || kind == ARRAY_WORDS ? 8 : 4;
}

static bool has_bytes(const kernel_array *array) {
    return array->kind == ARRAY_BYTES || array->kind == ARRAY_WORDS;
}

static float special_number(size_t i) {
    static const float special[] = {NAN,      INFINITY, -INFINITY, 0.0F,   -0.0F, 0x1p60F,
                                    -0x1p60F, 1e-45F,   -104.0F,   -87.4F, 89.0F};
    return special[i % (sizeof special / sizeof special[0])];
}

/* Normal numbers of which arrays are made, each from a place of its own on: a million of them would
 * take longer to draw than to work on. Their number is prime, so that rows differ. */
enum { N_NORMAL = 4093 };

static const double *normal_numbers(void) {
    static double numbers[N_NORMAL];
    if (numbers[0] == 0) {
        dsc_random random = dsc_random_stream(SEED, 0, 0);
        for (size_t i = 0; i < N_NORMAL; i++) {
            numbers[i] = dsc_random_normal(&random);
        }
    }
    return numbers;
}

static float draw(const kernel_problem *p, array_kind kind, size_t i) {
    double z = normal_numbers()[(i + 97 * p->n_arrays) % N_NORMAL];
    if (kind == ARRAY_SHARES) {
        return (float)(1 / (1 + exp(-z)));
    }
    if (p->values == DRAWN_SPECIAL && i % 7 == 3) {
        z = (double)special_number(i / 7 + p->n_arrays);
    } else if (p->values == DRAWN_SUBNORMAL && p->n_arrays % 2 == 0) {
        z *= 1e-38;
    }
    return (float)(kind == ARRAY_POSITIVE ? fabs(z) : z);
}

static void fill(kernel_problem *p, const kernel_array *array) {
    for (size_t i = 0; i < array->n; i++) {
        const float value = draw(p, array->kind, i);
        if (array->kind == ARRAY_BF16) {
            uint32_t bits;
            memcpy(&bits, &value, sizeof bits);
            ((uint16_t *)array->at)[i] = (uint16_t)(bits >> 16);
        } else {
            ((float *)array->at)[i] = value;
        }
    }
}

void *problem_add(kernel_problem *p, array_kind kind, size_t n) {
    require(p->n_arrays < MOST_ARRAYS, "a case has too many arrays");
    const size_t n_bytes = n * size_of(kind);
    const size_t before = FENCE + (p->is_aligned ? 0 : offset_of(kind));
    const size_t room = (before + n_bytes + FENCE + 63) / 64 * 64;
    kernel_array *array = &p->arrays[p->n_arrays];
    *array = (kernel_array){.kind = kind, .n = n, .n_room = n, .block = aligned_alloc(64, room)};
    require(array->block != NULL, "no memory for an array");
    memset(array->block, FENCE_BYTE, room);
    array->at = (unsigned char *)array->block + before;
    if (kind >= ARRAY_DOUBLES) {
        memset(array->at, 0, n_bytes);
    } else {
        fill(p, array);
    }
    p->n_arrays++;
    return array->at;
}

uint32_t *problem_add_numbers(kernel_problem *p, size_t n, size_t below) {
    dsc_random random = dsc_random_stream(SEED, NUMBERS, p->n_arrays);
    uint32_t *numbers = problem_add(p, ARRAY_BYTES, n * sizeof *numbers);
    for (size_t i = 0; i < n; i++) {
        numbers[i] = dsc_random_below(&random, (uint32_t)below);
    }
    return numbers;
}

uint32_t *problem_add_distinct(kernel_problem *p, size_t n, size_t below) {
    dsc_random random = dsc_random_stream(SEED, NUMBERS, p->n_arrays);
    uint32_t *numbers = problem_add(p, ARRAY_BYTES, below * sizeof *numbers);
    for (size_t i = 0; i < below; i++) {
        numbers[i] = (uint32_t)i;
    }
    for (size_t i = 0; i < n; i++) { /* the first n of a shuffled deck */
        const size_t other = i + dsc_random_below(&random, (uint32_t)(below - i));
        const uint32_t one = numbers[i];
        numbers[i] = numbers[other];
        numbers[other] = one;
    }
    return numbers;
}

static bool is_fence(const unsigned char *from, size_t n) {
    for (size_t i = 0; i < n; i++) {
        if (from[i] != FENCE_BYTE) {
            return false;
        }
    }
    return true;
}

kernel_problem problem_create(const kernel_case *of, const size_t size[MOST_SIZES],
                              drawn_values values, bool is_aligned) {
    kernel_problem p = {.of = of, .values = values, .is_aligned = is_aligned};
    memcpy(p.size, size, sizeof p.size);
    of->set_up(&p);
    return p;
}

bool problem_destroy(kernel_problem *p) {
    bool is_whole = true;
    for (size_t i = 0; i < p->n_arrays; i++) {
        kernel_array *array = &p->arrays[i];
        const unsigned char *begin = array->at, *block = array->block;
        is_whole = is_whole && is_fence(block, (size_t)(begin - block)) &&
                   is_fence(begin + array->n_room * size_of(array->kind), FENCE);
        free(array->block);
    }
    p->n_arrays = 0;
    return is_whole;
}

void problem_run(kernel_problem *p, const kernel_set *set) {
    p->result = p->of->call(p, set);
}

/* --- comparing --------------------------------------------------------------------------------- */

static double number_at(const kernel_array *array, size_t i) {
    if (has_bytes(array)) {
        return ((const unsigned char *)array->at)[i];
    }
    if (array->kind == ARRAY_DOUBLES) {
        return ((const double *)array->at)[i];
    }
    float value = 0;
    if (array->kind == ARRAY_BF16) {
        const uint32_t bits = (uint32_t)((const uint16_t *)array->at)[i] << 16;
        memcpy(&value, &bits, sizeof value);
    } else {
        value = ((const float *)array->at)[i];
    }
    return (double)value;
}

/* `bound`: of the difference. What is not a number need not have the same bits. */
static bool is_near(double got, double plain, double bound) {
    if (isnan(plain) || isnan(got)) {
        return isnan(plain) && isnan(got);
    }
    if (got == plain) {
        return bound > 0 || signbit(got) == signbit(plain);
    }
    return isfinite(got) && fabs(got - plain) <= bound;
}

/* Where numbers count as very large: sums of them hide all others. */
static const double very_large = 1e6;

/* Of the elements that are finite, either below what is very large or from there on. */
static double largest_of(const kernel_array *array, bool is_very_large) {
    double largest = 0;
    for (size_t i = 0; i < array->n; i++) {
        const double size = fabs(number_at(array, i));
        if (isfinite(size) && (size >= very_large) == is_very_large) {
            largest = fmax(largest, size);
        }
    }
    return largest;
}

static bool arrays_agree(const kernel_array *got, const kernel_array *plain, double tolerance,
                         size_t *at) {
    const bool is_rounded = tolerance > 0 && !has_bytes(plain);
    const double usual = is_rounded ? largest_of(plain, false) : 0;
    const double large = is_rounded ? largest_of(plain, true) : 0;
    for (*at = 0; *at < plain->n; (*at)++) {
        const double expected = number_at(plain, *at);
        /* below the normal numbers each term of a sum loses a digit */
        const double largest = fabs(expected) < very_large ? usual : large;
        const double bound = is_rounded ? tolerance * largest + 100 * (double)FLT_TRUE_MIN : 0;
        if (!is_near(number_at(got, *at), expected, bound)) {
            return false;
        }
    }
    return true;
}

bool problem_agrees(const kernel_problem *got, const kernel_problem *plain, char *fault,
                    size_t room) {
    const double tolerance = plain->of->tolerance;
    if (!is_near(got->result, plain->result, tolerance * fabs(plain->result))) {
        snprintf(fault, room, "the result is %.9g, plain C has %.9g", got->result, plain->result);
        return false;
    }
    for (size_t a = 0; a < plain->n_arrays; a++) {
        const kernel_array *one = &got->arrays[a], *other = &plain->arrays[a];
        size_t at = 0;
        if (other->kind == ARRAY_SCRATCH) {
            continue;
        }
        if (one->n != other->n) {
            snprintf(fault, room, "array %zu has %zu elements, plain C %zu", a, one->n, other->n);
            return false;
        }
        if (!arrays_agree(one, other, tolerance, &at)) {
            snprintf(fault, room, "array %zu: element %zu of %zu is %.9g, plain C has %.9g", a, at,
                     other->n, number_at(one, at), number_at(other, at));
            return false;
        }
    }
    return true;
}
