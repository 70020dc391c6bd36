/* Shuffling positions, and reading samples by them. */
#include "recommender/sample_list.h"

#include <stdlib.h>

#include "base/error.h"
#include "base/memory.h"
#include "math/drawn_numbers.h"
#include "recommender/trainer.h"

/* Swaps whose places are drawn together, so that memory delivers them meanwhile. */
enum { AHEAD = 64 };

/* Samples whose ratings become targets together. */
enum { CHUNK = 64 };

dsc_status dsc_sample_list_init(dsc_sample_list *out, const dsc_recommender *model,
                                dsc_sparse ratings, size_t n, dsc_error *err) {
    *out = (dsc_sample_list){.model = model, .ratings = ratings, .n = n};
    dsc_status status = dsc_row_finder_init(&out->users, ratings, err);
    out->position = dsc_alloc(n, sizeof *out->position);
    if (status == DSC_OK && out->position == NULL) {
        status = dsc_fail_memory(err, "the training samples");
    }
    if (status != DSC_OK) {
        dsc_sample_list_clear(out);
    }
    return status;
}

void dsc_sample_list_clear(dsc_sample_list *list) {
    dsc_row_finder_clear(&list->users);
    dsc_free(list->position);
    *list = (dsc_sample_list){0};
}

void dsc_shuffle(uint32_t *number, size_t n, const dsc_kernels *kernels, dsc_random random) {
    uint32_t other[AHEAD];
    dsc_drawn_numbers numbers;
    dsc_drawn_numbers_init(&numbers, kernels, random);
    for (size_t i = n; i > 1;) {
        const size_t n_drawn = i - 1 < AHEAD ? i - 1 : AHEAD;
        for (size_t d = 0; d < n_drawn; d++) {
            other[d] = dsc_drawn_number_below(&numbers, (uint32_t)(i - d));
            __builtin_prefetch(&number[other[d]], 1);
        }
        for (size_t d = 0; d < n_drawn; d++, i--) {
            const uint32_t moved = number[i - 1];
            number[i - 1] = number[other[d]];
            number[other[d]] = moved;
        }
    }
}

static int compare_positions(const void *x, const void *y) {
    const uint32_t a = *(const uint32_t *)x, b = *(const uint32_t *)y;
    return (a > b) - (a < b);
}

void dsc_sample_list_sort(dsc_sample_list *list) {
    if (list->n > 0) {
        qsort(list->position, list->n, sizeof *list->position, compare_positions);
    }
}

void dsc_sample_list_ask(const dsc_sample_list *list, size_t first, size_t n) {
    for (size_t s = first; s < first + n && s < list->n; s++) {
        const uint32_t position = list->position[s];
        __builtin_prefetch(&list->ratings.column[position]);
        __builtin_prefetch(&list->ratings.value[position]);
    }
}

void dsc_sample_list_read(const dsc_sample_list *list, size_t first, size_t n,
                          const dsc_sample_rows *out) {
    const uint32_t *position = list->position + first;
    for (size_t s = 0; s < n; s++) {
        out->user[s] = dsc_row_of(&list->users, position[s]);
        out->item[s] = list->ratings.column[position[s]];
    }
    for (size_t begin = 0; out->target != NULL && begin < n; begin += CHUNK) {
        const size_t n_now = n - begin < CHUNK ? n - begin : CHUNK;
        float rating[CHUNK];
        for (size_t s = 0; s < n_now; s++) {
            rating[s] = list->ratings.value[position[begin + s]];
        }
        dsc_trainer_targets(list->model, rating, n_now, out->target + begin);
    }
}
