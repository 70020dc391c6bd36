/* Scatter: parts of the entries, each of which knows where its own go. */
#include "ratings/scatter.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "ratings/sparse_parts.h"

/* Most parts for a thread: each has a counter a key, of 8 bytes, and this many entries a counter. */
#define PARTS_A_THREAD    4
#define ENTRIES_A_COUNTER ((size_t)8)

static size_t begin_of_part(const dsc_scatter *s, size_t part) {
    const size_t begin = part * s->part_entries;
    return begin < s->n ? begin : s->n;
}

static void count_part(void *job, size_t part, size_t thread) {
    (void)thread;
    const dsc_scatter *s = job;
    uint64_t *count = s->next + part * s->n_keys;
    const size_t end = begin_of_part(s, part + 1);
    for (size_t i = begin_of_part(s, part); i < end; i++) {
        count[s->key[i]]++;
    }
}

/* From counts to places: the entries of a key lie part by part. */
static void add_up(const dsc_scatter *s, uint64_t *start) {
    uint64_t n = 0;
    for (size_t key = 0; key < s->n_keys; key++) {
        start[key] = n;
        for (size_t part = 0; part < s->n_parts; part++) {
            uint64_t *place = &s->next[part * s->n_keys + key];
            const uint64_t count = *place;
            *place = n;
            n += count;
        }
    }
    start[s->n_keys] = n;
}

/* One for one thread. */
static size_t count_parts(const dsc_scatter *s) {
    const size_t n_threads = dsc_pool_n_threads(s->pool);
    const size_t most = n_threads > 1 ? n_threads * PARTS_A_THREAD : 1;
    const size_t least = ENTRIES_A_COUNTER * s->n_keys;
    const size_t n = s->n / (least > DSC_SPARSE_PART ? least : DSC_SPARSE_PART);
    return n > most ? most : n > 0 ? n : 1;
}

dsc_status dsc_scatter_init(dsc_scatter *s, uint64_t *start, dsc_error *err) {
    s->start = start;
    s->n_parts = count_parts(s);
    s->part_entries = s->n / s->n_parts + 1;
    s->next = calloc(s->n_parts * s->n_keys + 1, sizeof *s->next);
    if (s->next == NULL) {
        return dsc_fail_memory(err, "the matrix of ratings");
    }
    dsc_pool_run(s->pool, s->n_parts, count_part, s);
    add_up(s, start);
    return DSC_OK;
}

void dsc_scatter_clear(dsc_scatter *s) {
    free(s->next);
    *s = (dsc_scatter){0};
}

typedef struct moving {
    const dsc_scatter *s;
    dsc_scatter_from from;
    dsc_scatter_to to;
} moving;

/* The row that entry i, below n, is in: the last one that begins there or before. */
static size_t find_row(const dsc_scatter_from *from, size_t i) {
    size_t low = 0;
    size_t high = from->n_rows;
    while (high - low > 1) {
        const size_t middle = low + (high - low) / 2;
        if (from->row_start[middle] <= i) {
            low = middle;
        } else {
            high = middle;
        }
    }
    return low;
}

static void move_rows(const moving *m, uint64_t *next, size_t begin, size_t end) {
    const uint32_t *key = m->s->key;
    const float *value = m->from.value;
    size_t row = find_row(&m->from, begin);
    for (size_t i = begin; i < end; row++) {
        const uint64_t end_of_row = m->from.row_start[row + 1];
        const size_t to_end = end_of_row < end ? (size_t)end_of_row : end;
        for (; i < to_end; i++) {
            const uint64_t to = next[key[i]]++;
            m->to.index[to] = (uint32_t)row;
            if (value != NULL) {
                m->to.value[to] = value[i];
            }
        }
    }
}

static void move_indices(const moving *m, uint64_t *next, size_t begin, size_t end) {
    const uint32_t *key = m->s->key;
    for (size_t i = begin; i < end; i++) {
        const uint64_t to = next[key[i]]++;
        m->to.index[to] = m->from.index[i];
        m->to.value[to] = m->from.value[i];
    }
}

static void move_times(const moving *m, uint64_t *next, size_t begin, size_t end) {
    const uint32_t *key = m->s->key;
    for (size_t i = begin; i < end; i++) {
        m->to.time[next[key[i]]++] = m->from.time[i];
    }
}

static void move_part(void *job, size_t part, size_t thread) {
    (void)thread;
    const moving *m = job;
    const size_t begin = begin_of_part(m->s, part);
    const size_t end = begin_of_part(m->s, part + 1);
    uint64_t *next = m->s->next + part * m->s->n_keys;
    if (m->from.time != NULL) {
        move_times(m, next, begin, end);
    } else if (m->from.row_start != NULL) {
        move_rows(m, next, begin, end);
    } else {
        move_indices(m, next, begin, end);
    }
}

void dsc_scatter_move(dsc_scatter *s, dsc_scatter_from from, dsc_scatter_to to) {
    moving m = {s, from, to};
    dsc_pool_run(s->pool, s->n_parts, move_part, &m);
    /* A part's places ended where those of the next one begin. */
    memmove(s->next + s->n_keys, s->next, (s->n_parts - 1) * s->n_keys * sizeof *s->next);
    memcpy(s->next, s->start, s->n_keys * sizeof *s->next);
}
