/* Reading the samples of a window, positions by stretches of ratings. */
#include "recommender/sample_window.h"

#include <string.h>

#include "base/error.h"
#include "base/memory.h"

/* Samples of a window at least. Of positions: so many that several threads have parts of them. */
enum { WINDOW_OF_PACKED = 1 << 14, WINDOW_OF_POSITIONS = 1 << 17 };

/* Samples of a part. Of positions: so many that of a million ratings most lines of memory are used. */
enum { PART_OF_PACKED = 1 << 11, PART_OF_POSITIONS = 1 << 16 };

/* Stretches that the ratings are cut into, at most: of a million each is four lines of memory. */
enum { STRETCHES = 1 << 14 };

/* Samples that are read together. */
enum { CHUNK = 64 };

struct dsc_sample_sorter {
    uint32_t next[STRETCHES + 1];         /* place of the next position of each stretch */
    uint32_t position[PART_OF_POSITIONS]; /* by stretch */
    uint16_t place[PART_OF_POSITIONS];    /* that each has in the part */
};

static bool is_packed(const dsc_sample_window *window) {
    return window->list->packed != NULL;
}

static size_t part_size(const dsc_sample_window *window) {
    return is_packed(window) ? PART_OF_PACKED : PART_OF_POSITIONS;
}

dsc_status dsc_sample_window_init(dsc_sample_window *out, const dsc_sample_list *list,
                                  size_t batch_size, dsc_pool *pool, dsc_error *err) {
    *out = (dsc_sample_window){.list = list, .pool = pool};
    const size_t least = is_packed(out) ? WINDOW_OF_PACKED : WINDOW_OF_POSITIONS,
                 wanted = batch_size > least ? batch_size : least;
    out->capacity = wanted < list->n ? wanted : list->n;
    out->sample = dsc_alloc(out->capacity, sizeof *out->sample);
    if (!is_packed(out)) {
        out->sorters = dsc_alloc(dsc_pool_n_threads(pool), sizeof *out->sorters);
    }
    if (out->sample == NULL || (!is_packed(out) && out->sorters == NULL)) {
        dsc_sample_window_clear(out);
        return dsc_fail_memory(err, "the training samples");
    }
    return DSC_OK;
}

void dsc_sample_window_clear(dsc_sample_window *window) {
    dsc_free(window->sample);
    dsc_free(window->sorters);
    *window = (dsc_sample_window){0};
}

void dsc_sample_window_reset(dsc_sample_window *window) {
    window->n = 0;
}

/* Which stretch a position is of: its upper bits. */
static unsigned shift_of(const dsc_sample_list *list) {
    unsigned shift = 0;
    while (list->ratings.n_entries >> shift >= STRETCHES) {
        shift++;
    }
    return shift;
}

static void sort(dsc_sample_sorter *sorter, const uint32_t *position, size_t n, unsigned shift) {
    uint32_t *next = sorter->next;
    memset(next, 0, sizeof sorter->next);
    for (size_t s = 0; s < n; s++) {
        next[(position[s] >> shift) + 1]++;
    }
    for (size_t i = 1; i < STRETCHES; i++) {
        next[i] += next[i - 1];
    }
    for (size_t s = 0; s < n; s++) {
        const uint32_t at = next[position[s] >> shift]++;
        sorter->position[at] = position[s];
        sorter->place[at] = (uint16_t)s;
    }
}

/* The n samples of a list from `first` on go to out, sample s to place[s]; NULL: to s. */
static void read_samples(const dsc_sample_list *list, size_t first, size_t n, const uint16_t *place,
                         dsc_training_sample *out) {
    uint32_t user[CHUNK], item[CHUNK];
    float target[CHUNK];
    for (size_t at = 0; at < n; at += CHUNK) {
        const size_t n_now = n - at < CHUNK ? n - at : CHUNK;
        dsc_sample_list_ask(list, first + at + CHUNK, n - at > 2 * CHUNK ? CHUNK : 0);
        dsc_sample_list_read(list, first + at, n_now, &(dsc_sample_rows){user, item, target});
        for (size_t s = 0; s < n_now; s++) {
            out[place != NULL ? place[at + s] : at + s] =
                (dsc_training_sample){user[s], item[s], target[s]};
        }
    }
}

/* A part of the pool's job. */
static void read_part(void *job, size_t part, size_t thread) {
    const dsc_sample_window *window = job;
    const size_t most = part_size(window), begin = part * most, left = window->n - begin,
                 n = left < most ? left : most, first = window->first + begin;
    dsc_training_sample *out = window->sample + begin;
    if (is_packed(window)) {
        read_samples(window->list, first, n, NULL, out);
        return;
    }
    dsc_sample_sorter *sorter = &window->sorters[thread];
    dsc_sample_list sorted = *window->list;
    sort(sorter, sorted.position + first, n, shift_of(&sorted));
    sorted.position = sorter->position;
    read_samples(&sorted, 0, n, sorter->place, out);
}

const dsc_training_sample *dsc_sample_window_at(dsc_sample_window *window, size_t first, size_t n,
                                                size_t *n_after) {
    if (first < window->first || first + n > window->first + window->n) {
        const size_t left = window->list->n - first, most = part_size(window);
        window->first = first;
        window->n = left < window->capacity ? left : window->capacity;
        dsc_pool_run(window->pool, (window->n + most - 1) / most, read_part, window);
    }
    *n_after = window->first + window->n - first - n;
    return window->sample + (first - window->first);
}
