/* The n best of a stream against a full sort of it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdlib.h>

#include "descent/random.h"
#include "recommender/top_n.h"

enum { MAX_STREAM = 500 };

static int by_score_then_item(const void *a, const void *b) {
    const dsc_candidate *x = a, *y = b;
    if (x->score != y->score) {
        return x->score > y->score ? -1 : 1;
    }
    return x->item < y->item ? -1 : x->item > y->item;
}

/* Offers the stream, and compares what stays with the first of a full sort. */
static void check(const dsc_candidate *stream, size_t n, size_t capacity) {
    dsc_candidate sorted[MAX_STREAM];
    for (size_t i = 0; i < n; i++) {
        sorted[i] = stream[i];
    }
    qsort(sorted, n, sizeof *sorted, by_score_then_item);
    /* On the heap, and of the exact size: one element too far is seen by a sanitizer. */
    dsc_candidate *heap = calloc(capacity > 0 ? capacity : 1, sizeof *heap);
    assert_non_null(heap);
    dsc_top_n top = {.heap = capacity > 0 ? heap : NULL, .capacity = capacity};
    for (size_t i = 0; i < n; i++) {
        dsc_top_n_offer(&top, stream[i].score, stream[i].item);
        assert_int_equal(top.count, i + 1 < capacity ? i + 1 : capacity);
    }
    dsc_top_n_sort(&top);
    assert_int_equal(top.count, n < capacity ? n : capacity);
    for (size_t i = 0; i < top.count; i++) {
        assert_int_equal(heap[i].item, sorted[i].item);
        assert_true(heap[i].score == sorted[i].score);
    }
    free(heap);
}

/* n_scores distinct scores: few of them give many ties. The items come in any order. */
static void fill(dsc_candidate *stream, size_t n, uint32_t n_scores, uint64_t seed) {
    dsc_random random = dsc_random_stream(seed, 0, 0);
    for (size_t i = 0; i < n; i++) {
        stream[i] = (dsc_candidate){dsc_random_below(&random, n_scores) - 2.5, (uint32_t)i};
    }
    for (size_t i = n; i > 1; i--) {
        const size_t j = dsc_random_below(&random, (uint32_t)i);
        const dsc_candidate moved = stream[i - 1];
        stream[i - 1] = stream[j];
        stream[j] = moved;
    }
}

static void equals_a_full_sort(void **state) {
    (void)state;
    const size_t lengths[] = {1, 2, 3, 10, MAX_STREAM};
    const size_t capacities[] = {0, 1, 2, 3, 7, 10, 64, MAX_STREAM, MAX_STREAM + 100};
    const uint32_t n_scores[] = {1, 3, 50, 1000000};
    dsc_candidate stream[MAX_STREAM];
    for (size_t l = 0; l < sizeof lengths / sizeof *lengths; l++) {
        for (size_t s = 0; s < sizeof n_scores / sizeof *n_scores; s++) {
            fill(stream, lengths[l], n_scores[s], 10 * l + s);
            for (size_t c = 0; c < sizeof capacities / sizeof *capacities; c++) {
                check(stream, lengths[l], capacities[c]);
            }
        }
    }
}

static void streams_in_order(void **state) {
    (void)state;
    dsc_candidate rising[MAX_STREAM], falling[MAX_STREAM];
    for (uint32_t i = 0; i < MAX_STREAM; i++) {
        rising[i] = (dsc_candidate){i / 2.0, i};
        falling[i] = (dsc_candidate){-(double)i, i};
    }
    for (size_t capacity = 1; capacity < 40; capacity++) {
        check(rising, MAX_STREAM, capacity);
        check(falling, MAX_STREAM, capacity);
    }
}

static void an_empty_stream(void **state) {
    (void)state;
    check(NULL, 0, 0);
    check(NULL, 0, 5);
}

static void infinite_scores_have_their_place(void **state) {
    (void)state;
    const double inf = (double)INFINITY;
    const dsc_candidate stream[] = {{0, 0}, {-inf, 1}, {inf, 3}, {1, 4}, {inf, 2}, {-inf, 5}};
    for (size_t capacity = 0; capacity <= 7; capacity++) {
        check(stream, sizeof stream / sizeof *stream, capacity);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(equals_a_full_sort),
        cmocka_unit_test(streams_in_order),
        cmocka_unit_test(an_empty_stream),
        cmocka_unit_test(infinite_scores_have_their_place),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
