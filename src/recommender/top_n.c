/* Selection of the n best by a binary heap. */
#include "recommender/top_n.h"

#include <stdbool.h>

static bool is_better(const dsc_candidate *a, const dsc_candidate *b) {
    return a->score > b->score || (a->score == b->score && a->item < b->item);
}

/* Lets the candidate at `at` sink until both below it are better. */
static void sink(dsc_candidate *heap, size_t count, size_t at) {
    const dsc_candidate moved = heap[at];
    for (size_t child = 2 * at + 1; child < count; child = 2 * at + 1) {
        if (child + 1 < count && is_better(&heap[child], &heap[child + 1])) {
            child++;
        }
        if (is_better(&heap[child], &moved)) {
            break;
        }
        heap[at] = heap[child];
        at = child;
    }
    heap[at] = moved;
}

static void rise(dsc_candidate *heap, size_t at) {
    const dsc_candidate moved = heap[at];
    while (at > 0 && is_better(&heap[(at - 1) / 2], &moved)) {
        heap[at] = heap[(at - 1) / 2];
        at = (at - 1) / 2;
    }
    heap[at] = moved;
}

void dsc_top_n_offer(dsc_top_n *top, double score, uint32_t item) {
    const dsc_candidate offered = {score, item};
    if (top->count < top->capacity) {
        top->heap[top->count] = offered;
        rise(top->heap, top->count++);
    } else if (top->capacity > 0 && is_better(&offered, &top->heap[0])) {
        top->heap[0] = offered;
        sink(top->heap, top->count, 0);
    }
}

void dsc_top_n_sort(dsc_top_n *top) {
    for (size_t n = top->count; n > 1; n--) {
        const dsc_candidate worst = top->heap[0];
        top->heap[0] = top->heap[n - 1];
        top->heap[n - 1] = worst;
        sink(top->heap, n - 1, 0);
    }
}
