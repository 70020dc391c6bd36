/* Negatives by rejection; by a walk through the catalogue where little of it is left. */
#include "recommender/negative_sampler.h"

#include <stdbool.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "descent/random.h"

/* A stream of dsc_random_stream; see model_values.c for the others. */
enum { PURPOSE_NEGATIVES = 30 };

/* Of so many random items at least one must be free, or else all are walked through. */
enum { MOST_TRIES = 8 };

/* Marks that cost about as much as one search in a row. */
enum { MARKS_A_SEARCH = 32 };

dsc_status dsc_negative_sampler_init(dsc_negative_sampler *out, dsc_kept_ratings chosen,
                                     uint64_t seed, dsc_error *err) {
    *out = (dsc_negative_sampler){.chosen = chosen, .seed = seed};
    out->drawn_in = dsc_alloc(chosen.all.n_cols, sizeof *out->drawn_in);
    return out->drawn_in != NULL ? DSC_OK : dsc_fail_memory(err, "the negatives");
}

void dsc_negative_sampler_clear(dsc_negative_sampler *sampler) {
    dsc_free(sampler->drawn_in);
    *sampler = (dsc_negative_sampler){0};
}

static void begin_draw(dsc_negative_sampler *s) {
    if (++s->draw == 0) { /* 2^32 draws later */
        memset(s->drawn_in, 0, s->chosen.all.n_cols * sizeof *s->drawn_in);
        s->draw = 1;
    }
}

/* Rules out what the user chose, where that costs less than looking for each of n items. */
static bool rule_out_chosen(dsc_negative_sampler *s, uint32_t user, size_t n) {
    const dsc_kept_ratings *chosen = &s->chosen;
    if (chosen->start[user + 1] - chosen->start[user] > n * MARKS_A_SEARCH) {
        return false;
    }
    const dsc_row_range row = {user, (size_t)user + 1};
    for (dsc_kept_walk w = dsc_kept_walk_over(chosen, row); dsc_kept_walk_next(&w);) {
        for (uint64_t e = w.begin; e < w.end; e++) {
            s->drawn_in[chosen->all.column[e]] = s->draw;
        }
    }
    return true;
}

/* n of n_free items, n_free large: what is taken is drawn again. */
static void draw_again(dsc_negative_sampler *s, uint32_t user, dsc_random random, size_t n,
                       uint32_t *item) {
    const uint32_t n_items = (uint32_t)s->chosen.all.n_cols;
    const bool all_marked = rule_out_chosen(s, user, n);
    for (size_t drawn = 0; drawn < n;) {
        const uint32_t one = dsc_random_below(&random, n_items);
        if (s->drawn_in[one] == s->draw) {
            continue;
        }
        s->drawn_in[one] = s->draw;
        if (all_marked || !dsc_kept_ratings_has(&s->chosen, user, one)) {
            item[drawn++] = one;
        }
    }
}

/* Each free item in turn is taken with the chance that leaves every choice as likely. */
static void walk(const dsc_negative_sampler *s, uint32_t user, dsc_random random, uint32_t n_free,
                 size_t n, uint32_t *item) {
    const uint32_t *column = s->chosen.all.column;
    dsc_kept_walk w = dsc_kept_walk_over(&s->chosen, (dsc_row_range){user, (size_t)user + 1});
    bool is_ahead = dsc_kept_walk_next(&w);
    uint64_t next = w.begin;
    size_t drawn = 0;
    for (uint32_t one = 0; drawn < n; one++) {
        if (is_ahead && column[next] == one) {
            if (++next == w.end) {
                is_ahead = dsc_kept_walk_next(&w);
                next = w.begin;
            }
        } else if (dsc_random_below(&random, n_free--) < n - drawn) {
            item[drawn++] = one;
        }
    }
}

size_t dsc_negative_sampler_draw(dsc_negative_sampler *sampler, uint32_t user, uint32_t epoch,
                                 size_t place, size_t n, uint32_t *item) {
    const uint64_t *start = sampler->chosen.start;
    const size_t n_items = sampler->chosen.all.n_cols;
    const size_t n_free = n_items - (size_t)(start[user + 1] - start[user]);
    const dsc_random random =
        dsc_random_stream(sampler->seed, PURPOSE_NEGATIVES, (uint64_t)epoch << 32 | place);
    n = n < n_free ? n : n_free;
    begin_draw(sampler);
    if ((n_free - n) * MOST_TRIES >= n_items) {
        draw_again(sampler, user, random, n, item);
    } else {
        walk(sampler, user, random, (uint32_t)n_free, n, item);
    }
    return n;
}
