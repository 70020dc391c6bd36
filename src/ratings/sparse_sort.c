/* Sorting the rows of a sparse matrix: parts of rows by a pool, each in its own place. */
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "math/ranks.h"
#include "ratings/sparse_parts.h"

/* Room to sort one row: its entries' columns and places, and a copy of what they hold. */
typedef struct row_sorter {
    dsc_ranks_finder *find_ranks;
    dsc_rank_set set;
    uint64_t *keys;   /* (longest row) column << 32 | place within the row */
    uint64_t *spare;  /* (longest row) */
    uint32_t *column; /* (longest row), as are those below */
    uint32_t *rank;
    float *value;
    int64_t *time; /* NULL: no times */
} row_sorter;

static void row_sorter_clear(row_sorter *sorter) {
    free(sorter->set.bits);
    free(sorter->set.before);
    free(sorter->column);
    free(sorter->rank);
    free(sorter->keys);
    free(sorter->spare);
    free(sorter->value);
    free(sorter->time);
}

/* Freed with row_sorter_clear after success and failure. */
static dsc_status row_sorter_init(row_sorter *sorter, const dsc_sparse_matrix *m, dsc_error *err) {
    size_t longest = 1;
    for (size_t row = 0; row < m->n_rows; row++) {
        size_t n = (size_t)(m->start[row + 1] - m->start[row]);
        longest = n > longest ? n : longest;
    }
    bool has_time = m->time != NULL;
    sorter->find_ranks = dsc_ranks_choose();
    sorter->set.n_words = dsc_rank_words(m->n_cols);
    sorter->set.bits = calloc(sorter->set.n_words, sizeof *sorter->set.bits);
    sorter->set.before = reallocarray(NULL, sorter->set.n_words, sizeof *sorter->set.before);
    sorter->column = reallocarray(NULL, longest, sizeof *sorter->column);
    sorter->rank = reallocarray(NULL, longest, sizeof *sorter->rank);
    sorter->keys = reallocarray(NULL, longest, sizeof *sorter->keys);
    sorter->spare = reallocarray(NULL, longest, sizeof *sorter->spare);
    sorter->value = reallocarray(NULL, longest, sizeof *sorter->value);
    sorter->time = has_time ? reallocarray(NULL, longest, sizeof *sorter->time) : NULL;
    bool has_memory = sorter->set.bits != NULL && sorter->set.before != NULL &&
                      sorter->column != NULL && sorter->rank != NULL && sorter->keys != NULL &&
                      sorter->spare != NULL && sorter->value != NULL &&
                      (!has_time || sorter->time != NULL);
    return has_memory ? DSC_OK : dsc_fail_memory(err, "the matrix of ratings");
}

/* Most words of a set that are looked through for each entry of a row: what sorting it otherwise costs. */
#define WORDS_AN_ENTRY 16

/* Shorter rows are sorted by insertion, which needs no counters. */
#define SHORT_ROW  24
#define DIGIT_BITS 8
#define N_DIGITS   (1U << DIGIT_BITS)

static void sort_by_insertion(uint64_t *keys, size_t n) {
    for (size_t i = 1; i < n; i++) {
        uint64_t key = keys[i];
        size_t to = i;
        for (; to > 0 && keys[to - 1] > key; to--) {
            keys[to] = keys[to - 1];
        }
        keys[to] = key;
    }
}

/* Radix sort by column, the lowest digit first, so that equal columns stay in their order. */
static void sort_by_digits(row_sorter *sorter, size_t n, size_t n_cols) {
    for (unsigned shift = 0; (n_cols - 1) >> shift != 0; shift += DIGIT_BITS) {
        const unsigned to_digit = 32 + shift;
        uint32_t next[N_DIGITS] = {0};
        for (size_t i = 0; i < n; i++) {
            next[sorter->keys[i] >> to_digit & (N_DIGITS - 1)]++;
        }
        uint32_t n_before = 0;
        for (size_t digit = 0; digit < N_DIGITS; digit++) {
            const uint32_t count = next[digit];
            next[digit] = n_before;
            n_before += count;
        }
        for (size_t i = 0; i < n; i++) {
            const uint64_t key = sorter->keys[i];
            sorter->spare[next[key >> to_digit & (N_DIGITS - 1)]++] = key;
        }
        uint64_t *sorted = sorter->spare;
        sorter->spare = sorter->keys;
        sorter->keys = sorted;
    }
}

static bool is_ascending(const uint32_t *column, size_t n) {
    for (size_t i = 1; i < n; i++) {
        if (column[i] <= column[i - 1]) {
            return false;
        }
    }
    return true;
}

static void move_entries(dsc_sparse_matrix *m, size_t from, size_t n, size_t to) {
    if (from == to) {
        return;
    }
    memmove(m->column + to, m->column + from, n * sizeof *m->column);
    memmove(m->value + to, m->value + from, n * sizeof *m->value);
    if (m->time != NULL) {
        memmove(m->time + to, m->time + from, n * sizeof *m->time);
    }
}

/* Sorts entries as sort_row does, whose values and times are copied already; false: columns are not distinct,
 * and nothing is done. */
static bool place_by_rank(dsc_sparse_matrix *m, row_sorter *sorter, size_t begin, size_t n,
                          size_t to) {
    const uint32_t *rank = sorter->rank;
    uint32_t *column = m->column + to;
    if (sorter->find_ranks(m->column + begin, n, sorter->set, sorter->rank) < n) {
        return false;
    }
    memcpy(sorter->column, m->column + begin, n * sizeof *m->column);
    for (size_t i = 0; i < n; i++) {
        column[rank[i]] = sorter->column[i];
        m->value[to + rank[i]] = sorter->value[i];
    }
    for (size_t i = 0; i < n && m->time != NULL; i++) {
        m->time[to + rank[i]] = sorter->time[i];
    }
    return true;
}

/* Sorts the n entries from `begin` on and writes those that count to `to` and behind, which is not
 * beyond `begin`. Of equal columns the last counts; the others are added to *duplicates, `first` of
 * which is in terms of places in the unsorted matrix. Returns the number written. */
static size_t sort_row(dsc_sparse_matrix *m, row_sorter *sorter, size_t begin, size_t n, size_t to,
                       dsc_duplicates *duplicates) {
    if (n == 0) { /* a matrix without entries has no arrays either */
        return 0;
    }
    if (is_ascending(m->column + begin, n)) {
        move_entries(m, begin, n, to);
        return n;
    }
    memcpy(sorter->value, m->value + begin, n * sizeof *m->value);
    if (m->time != NULL) {
        memcpy(sorter->time, m->time + begin, n * sizeof *m->time);
    }
    if (sorter->set.n_words <= WORDS_AN_ENTRY * n && place_by_rank(m, sorter, begin, n, to)) {
        return n;
    }
    for (size_t i = 0; i < n; i++) {
        sorter->keys[i] = (uint64_t)m->column[begin + i] << 32 | i;
    }
    if (n <= SHORT_ROW) {
        sort_by_insertion(sorter->keys, n);
    } else {
        sort_by_digits(sorter, n, m->n_cols);
    }
    size_t n_written = 0;
    size_t first = SIZE_MAX;
    uint64_t last = UINT64_MAX; /* column: none yet */
    for (size_t i = 0; i < n; i++) {
        uint64_t key = sorter->keys[i];
        uint32_t column = (uint32_t)(key >> 32);
        uint32_t place = (uint32_t)key;
        bool is_again = column == last;
        first = is_again && place < first ? place : first;
        n_written += !is_again;
        last = column;
        size_t at = to + n_written - 1;
        m->column[at] = column;
        m->value[at] = sorter->value[place];
        if (m->time != NULL) {
            m->time[at] = sorter->time[place];
        }
    }
    if (duplicates->n == 0 && n_written < n) {
        duplicates->first = begin + first;
    }
    duplicates->n += n - n_written;
    return n_written;
}

/* Rows that one thread sorts at a time. */
typedef struct row_part {
    size_t first_row, end_row;
    size_t begin;     /* the first entry */
    size_t n_entries; /* before */
    size_t n_written; /* from `begin` on */
    dsc_duplicates duplicates;
} row_part;

typedef struct sort_job {
    dsc_sparse_matrix *m;
    row_sorter *sorter; /* (threads) */
    row_part *part;
} sort_job;

static void sort_part(void *context, size_t number, size_t thread) {
    const sort_job *job = context;
    dsc_sparse_matrix *m = job->m;
    row_part *part = &job->part[number];
    size_t begin = part->begin;
    size_t to = begin;
    for (size_t row = part->first_row; row < part->end_row; row++) {
        const size_t end = (size_t)m->start[row + 1];
        to += sort_row(m, &job->sorter[thread], begin, end - begin, to, &part->duplicates);
        begin = end;
        m->start[row + 1] = to;
    }
    part->n_entries = begin - part->begin;
    part->n_written = to - part->begin;
}

/* Rows with about as many entries in each part, whatever the number of threads. */
static void cut_rows(row_part *part, size_t n_parts, const dsc_sparse_matrix *m) {
    size_t row = 0;
    for (size_t i = 0; i < n_parts; i++) {
        part[i] = (row_part){.first_row = row, .begin = (size_t)m->start[row]};
        while (row < m->n_rows && (m->start[row] < (i + 1) * DSC_SPARSE_PART || i + 1 == n_parts)) {
            row++;
        }
        part[i].end_row = row;
    }
}

/* Closes the gaps that duplicates left between parts. */
static void join_parts(dsc_sparse_matrix *m, const row_part *part, size_t n_parts,
                       dsc_duplicates *duplicates) {
    size_t to = 0;
    for (size_t i = 0; i < n_parts; i++) {
        const row_part *p = &part[i];
        const size_t gap = p->begin - to;
        if (gap > 0) {
            move_entries(m, p->begin, p->n_written, to);
            for (size_t row = p->first_row; row < p->end_row; row++) {
                m->start[row + 1] -= gap;
            }
        }
        to += p->n_written;
        if (duplicates->n == 0) {
            duplicates->first = p->duplicates.first;
        }
        duplicates->n += p->duplicates.n;
    }
    m->n_entries = to;
}

dsc_status dsc_sparse_sort_rows(dsc_sparse_matrix *m, dsc_pool *pool, dsc_duplicates *duplicates,
                                dsc_error *err) {
    const size_t n_threads = dsc_pool_n_threads(pool);
    const size_t n_parts = m->n_entries / DSC_SPARSE_PART + 1;
    sort_job job = {m, calloc(n_threads, sizeof(row_sorter)), calloc(n_parts, sizeof(row_part))};
    dsc_status status = job.sorter != NULL && job.part != NULL
                            ? DSC_OK
                            : dsc_fail_memory(err, "the matrix of ratings");
    for (size_t i = 0; i < n_threads && status == DSC_OK; i++) {
        status = row_sorter_init(&job.sorter[i], m, err);
    }
    if (status == DSC_OK) {
        cut_rows(job.part, n_parts, m);
        dsc_pool_run(pool, n_parts, sort_part, &job);
        join_parts(m, job.part, n_parts, duplicates);
    }
    for (size_t i = 0; i < n_threads && job.sorter != NULL; i++) {
        row_sorter_clear(&job.sorter[i]);
    }
    free(job.sorter);
    free(job.part);
    return status;
}
