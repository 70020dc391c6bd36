/* Negatives by rejection; by a walk through the catalogue where little of it is left. */
#include "recommender/negative_sampler.h"

#include <stdbool.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "descent/random.h"
#include "ratings/sparse.h"

/* A stream of dsc_random_stream; see model_values.c for the others. */
enum { PURPOSE_NEGATIVES = 30 };

/* Of so many random items at least one must be free, or else all are walked through. */
enum { MOST_TRIES = 8 };

/* Marks that cost about as much as one search in a row. */
enum { MARKS_A_SEARCH = 32 };

dsc_status dsc_negative_sampler_init(dsc_negative_sampler *out, dsc_sparse chosen, uint64_t seed,
                                     dsc_error *err) {
    *out = (dsc_negative_sampler){.chosen = chosen, .seed = seed};
    out->drawn_in = dsc_alloc(chosen.n_cols, sizeof *out->drawn_in);
    return out->drawn_in != NULL ? DSC_OK : dsc_fail_memory(err, "the negatives");
}

void dsc_negative_sampler_clear(dsc_negative_sampler *sampler) {
    dsc_free(sampler->drawn_in);
    *sampler = (dsc_negative_sampler){0};
}

static void begin_draw(dsc_negative_sampler *s) {
    if (++s->draw == 0) { /* 2^32 draws later */
        memset(s->drawn_in, 0, s->chosen.n_cols * sizeof *s->drawn_in);
        s->draw = 1;
    }
}

/* Rules out what the user chose, where that costs less than looking for each of n items. */
static bool rule_out_chosen(dsc_negative_sampler *s, uint32_t user, size_t n) {
    const uint64_t begin = s->chosen.start[user], end = s->chosen.start[user + 1];
    if (end - begin > n * MARKS_A_SEARCH) {
        return false;
    }
    for (uint64_t e = begin; e < end; e++) {
        s->drawn_in[s->chosen.column[e]] = s->draw;
    }
    return true;
}

/* n of n_free items, n_free large: what is taken is drawn again. */
static void draw_again(dsc_negative_sampler *s, uint32_t user, dsc_random random, size_t n,
                       uint32_t *item) {
    const uint32_t n_items = (uint32_t)s->chosen.n_cols;
    const bool all_marked = rule_out_chosen(s, user, n);
    for (size_t drawn = 0; drawn < n;) {
        const uint32_t one = dsc_random_below(&random, n_items);
        if (s->drawn_in[one] == s->draw) {
            continue;
        }
        s->drawn_in[one] = s->draw;
        if (all_marked || dsc_sparse_find(s->chosen, user, one) == s->chosen.n_entries) {
            item[drawn++] = one;
        }
    }
}

/* Each free item in turn is taken with the chance that leaves every choice as likely. */
static void walk(const dsc_negative_sampler *s, uint32_t user, dsc_random random, uint32_t n_free,
                 size_t n, uint32_t *item) {
    uint64_t next = s->chosen.start[user];
    const uint64_t end = s->chosen.start[user + 1];
    size_t drawn = 0;
    for (uint32_t one = 0; drawn < n; one++) {
        if (next < end && s->chosen.column[next] == one) {
            next++;
        } else if (dsc_random_below(&random, n_free--) < n - drawn) {
            item[drawn++] = one;
        }
    }
}

size_t dsc_negative_sampler_draw(dsc_negative_sampler *sampler, uint32_t user, uint32_t epoch,
                                 size_t place, size_t n, uint32_t *item) {
    const dsc_sparse chosen = sampler->chosen;
    const size_t n_free = chosen.n_cols - (size_t)(chosen.start[user + 1] - chosen.start[user]);
    const dsc_random random =
        dsc_random_stream(sampler->seed, PURPOSE_NEGATIVES, (uint64_t)epoch << 32 | place);
    n = n < n_free ? n : n_free;
    begin_draw(sampler);
    if ((n_free - n) * MOST_TRIES >= chosen.n_cols) {
        draw_again(sampler, user, random, n, item);
    } else {
        walk(sampler, user, random, (uint32_t)n_free, n, item);
    }
    return n;
}
