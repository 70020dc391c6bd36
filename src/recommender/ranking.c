/* Metrics of one ranked list, expected over the order of ties: docs/metrics.md (82) to (89).
 *
 * The list is cut into groups of equal scores, best first, as far as the largest k reaches; the
 * last group is counted whole, also where it reaches beyond. Each of a group's n places holds each
 * of its items equally often, a relevant one with probability r / n. */
#include "descent/ranking.h"

#include <math.h>
#include <stdlib.h>

#include "base/error.h"
#include "base/memory.h"
#include "recommender/cutoffs.h"
#include "recommender/top_n.h"

typedef struct group {
    size_t begin;      /* items before it */
    size_t n;          /* items in it */
    size_t n_relevant; /* of them */
} group;

struct dsc_ranker {
    size_t max_candidates;
    size_t n_k;
    size_t k[DSC_MAX_CUTOFFS];
    size_t depth;     /* of the lists looked at: the largest k, or max_candidates if that is less */
    double *discount; /* (depth) 1 / log2(place + 1) */
    double *ideal;    /* (depth + 1) sums of the first discounts */
    dsc_candidate *heap; /* (depth) */
    size_t n_heap;
    group *groups; /* (depth) */
    size_t n_groups;
    double *relevant; /* (max_candidates) scores of the relevant ones, ascending */
};

const char *dsc_ranking_metric_name(dsc_ranking_metric metric) {
    static const char *const names[DSC_N_RANKING_METRICS] = {
        "hr",  "precision", "recall", "ndcg",    "map",      "mrr",
        "auc", "coverage",  "gini",   "novelty", "diversity"};
    const size_t value = (size_t)metric;
    return value < DSC_N_RANKING_METRICS ? names[value] : NULL;
}

static size_t least(size_t a, size_t b) {
    return a < b ? a : b;
}

dsc_status dsc_cutoffs_check(const size_t *k, size_t n_k, dsc_error *err) {
    if (n_k < 1 || n_k > DSC_MAX_CUTOFFS) {
        return dsc_fail(err, DSC_E_ARGUMENT, "k", "found %zu cutoffs, expected 1 to %d", n_k,
                        DSC_MAX_CUTOFFS);
    }
    for (size_t c = 0; c < n_k; c++) {
        if (k[c] < 1) {
            return dsc_fail(err, DSC_E_ARGUMENT, "k", "is 0, expected at least 1");
        }
    }
    return DSC_OK;
}

dsc_status dsc_ranker_create(dsc_ranker **out, size_t max_candidates, const size_t *k, size_t n_k,
                             dsc_error *err) {
    *out = NULL;
    dsc_status status = dsc_cutoffs_check(k, n_k, err);
    if (status != DSC_OK) {
        return status;
    }
    dsc_ranker *r = dsc_alloc(1, sizeof *r);
    if (r == NULL) {
        return dsc_fail_memory(err, "a ranker");
    }
    r->max_candidates = max_candidates;
    r->n_k = n_k;
    for (size_t c = 0; c < n_k; c++) {
        r->k[c] = k[c];
        r->depth = k[c] > r->depth ? k[c] : r->depth;
    }
    r->depth = least(r->depth, max_candidates);
    r->discount = dsc_alloc(r->depth, sizeof *r->discount);
    r->ideal = dsc_alloc(r->depth + 1, sizeof *r->ideal);
    r->heap = dsc_alloc(r->depth, sizeof *r->heap);
    r->groups = dsc_alloc(r->depth, sizeof *r->groups);
    r->relevant = dsc_alloc(max_candidates, sizeof *r->relevant);
    if (r->discount == NULL || r->ideal == NULL || r->heap == NULL || r->groups == NULL ||
        r->relevant == NULL) {
        dsc_ranker_destroy(r);
        return dsc_fail_memory(err, "a ranker");
    }
    for (size_t p = 0; p < r->depth; p++) {
        r->discount[p] = 1 / log2((double)p + 2);
        r->ideal[p + 1] = r->ideal[p] + r->discount[p];
    }
    *out = r;
    return DSC_OK;
}

void dsc_ranker_destroy(dsc_ranker *ranker) {
    if (ranker == NULL) {
        return;
    }
    dsc_free(ranker->discount);
    dsc_free(ranker->ideal);
    dsc_free(ranker->heap);
    dsc_free(ranker->groups);
    dsc_free(ranker->relevant);
    dsc_free(ranker);
}

/* The best `depth` candidates as groups of equal scores. */
static void find_groups(dsc_ranker *r, size_t n, const double *score, const bool *is_relevant) {
    dsc_top_n top = {.heap = r->heap, .capacity = r->depth};
    for (size_t i = 0; i < n; i++) {
        dsc_top_n_offer(&top, score[i], (uint32_t)i);
    }
    dsc_top_n_sort(&top);
    r->n_heap = top.count;
    r->n_groups = 0;
    for (size_t p = 0; p < top.count; p++) {
        if (p == 0 || r->heap[p].score < r->heap[p - 1].score) {
            r->groups[r->n_groups++] = (group){.begin = p};
        }
        group *g = &r->groups[r->n_groups - 1];
        g->n++;
        g->n_relevant += is_relevant[r->heap[p].item];
    }
    if (top.count == n || top.count == 0) {
        return;
    }
    group *last = &r->groups[r->n_groups - 1];
    const double tied = r->heap[top.count - 1].score;
    last->n = 0;
    last->n_relevant = 0;
    for (size_t i = 0; i < n; i++) {
        if (score[i] == tied) {
            last->n++;
            last->n_relevant += is_relevant[i];
        }
    }
}

/* Sums over the first k places. */
typedef struct sums {
    double hits;              /* expected relevant items */
    double gain;              /* (85) */
    double precision;         /* (86), before it is divided */
    double reciprocal;        /* (87) */
    double none;              /* probability of no relevant item */
    double area;              /* (89): pairs of relevant before irrelevant, ends of the curve */
    size_t n_relevant_before; /* in the groups that lie whole among the first k */
    size_t n_before;          /* items of those */
    const group *cut;         /* the group that reaches beyond k; NULL: none */
} sums;

/* The first m places of a group. */
static void add_group(const dsc_ranker *r, const group *g, size_t m, sums *s) {
    const double n = (double)g->n, relevant = (double)g->n_relevant;
    const double share = relevant / n;
    s->hits += (double)m * share;
    for (size_t j = 0; j < m; j++) {
        const size_t p = g->begin + j;
        const double left = n - (double)j, place = (double)p + 1;
        const double others = j > 0 ? (double)j * (relevant - 1) / (n - 1) : 0;
        s->gain += share * r->discount[p];
        s->precision += share * ((double)s->n_relevant_before + 1 + others) / place;
        /* Given none so far, all relevant ones are among those left: one comes with relevant /
         * left, which is above 1 only where `none` is 0 already. */
        s->reciprocal += s->none * fmin(relevant / left, 1) / place;
        s->none *= fmax(1 - relevant / left, 0);
    }
}

static sums add_up(const dsc_ranker *r, size_t k) {
    sums s = {.none = 1};
    for (size_t i = 0; i < r->n_groups && r->groups[i].begin < k; i++) {
        const group *g = &r->groups[i];
        const size_t m = least(g->n, k - g->begin);
        add_group(r, g, m, &s);
        if (m < g->n) {
            s.cut = g;
            break;
        }
        const double irrelevant = (double)(g->n - g->n_relevant);
        s.area += irrelevant * ((double)s.n_relevant_before + (double)g->n_relevant / 2);
        s.n_relevant_before += g->n_relevant;
        s.n_before += g->n;
    }
    return s;
}

/* (89): the first k as they are, all behind them tied. Of the cut group h of m places are relevant,
 * which is hypergeometric. */
static double auc_at(const sums *s, size_t k, size_t n_all, size_t n_relevant) {
    const double relevant = (double)n_relevant, irrelevant = (double)(n_all - n_relevant);
    const double before = (double)s->n_relevant_before;
    double area = s->area;
    double m = 0, h = 0, hh = 0; /* places, expected relevant ones, and of their square */
    if (s->cut != NULL) {
        const double n = (double)s->cut->n, r = (double)s->cut->n_relevant;
        m = (double)(k - s->cut->begin);
        h = m * r / n;
        hh = h * h + h * (1 - r / n) * (n - m) / (n - 1);
        area += m * (m - 1) / 2 * r * (n - r) / (n * (n - 1)) + (m - h) * before;
    }
    /* Behind: rest + h irrelevant items, each after before + h relevant ones and tied with the
     * other relevant - before - h. */
    const double rest = irrelevant - ((double)s->n_before - before) - m;
    const double ends = before + relevant;
    area += (rest * ends + (rest + ends) * h + hh) / 2;
    return area / (relevant * irrelevant);
}

static int compare(const void *x, const void *y) {
    const double a = *(const double *)x, b = *(const double *)y;
    return (a > b) - (a < b);
}

/* How many of the sorted values are below x, or not above it. */
static size_t count_below(const double *sorted, size_t n, double x, bool with_equal) {
    size_t low = 0, high = n;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (sorted[middle] < x || (with_equal && sorted[middle] == x)) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

/* Twice the number of pairs of a relevant candidate and another one, of any kind, that are in order:
 * 2 where the relevant one has the higher score, 1 where both have the same. By a pass over all for
 * each relevant one, which needs no branch, or by a search for each of all. */
static uint64_t count_pairs(const double *relevant, size_t n_relevant, size_t n,
                            const double *score) {
    enum { FEW = 32 };
    uint64_t twice = 0;
    for (size_t j = 0; j < n_relevant && n_relevant <= FEW; j++) {
        const double threshold = relevant[j];
        uint64_t n_below = 0, n_until = 0;
        for (size_t i = 0; i < n; i++) {
            n_below += score[i] < threshold;
            n_until += score[i] <= threshold;
        }
        twice += n_below + n_until;
    }
    for (size_t i = 0; i < n && n_relevant > FEW; i++) {
        const size_t below = count_below(relevant, n_relevant, score[i], false);
        const size_t until = count_below(relevant, n_relevant, score[i], true);
        twice += (n_relevant - below) + (n_relevant - until);
    }
    return twice;
}

/* (88). Returns the number of relevant candidates. */
static size_t whole_auc(dsc_ranker *r, size_t n, const double *score, const bool *is_relevant,
                        double *auc) {
    size_t n_relevant = 0;
    for (size_t i = 0; i < n; i++) {
        if (is_relevant[i]) {
            r->relevant[n_relevant++] = score[i];
        }
    }
    *auc = (double)NAN;
    if (n_relevant == 0 || n_relevant == n) {
        return n_relevant;
    }
    qsort(r->relevant, n_relevant, sizeof *r->relevant, compare);
    /* Among themselves, each with itself too, the relevant ones are half in order. */
    const uint64_t twice =
        count_pairs(r->relevant, n_relevant, n, score) - (uint64_t)n_relevant * n_relevant;
    *auc = (double)twice / 2 / ((double)n_relevant * (double)(n - n_relevant));
    return n_relevant;
}

void dsc_ranker_measure(dsc_ranker *ranker, size_t n, const double *score, const bool *is_relevant,
                        double *at, double *auc) {
    find_groups(ranker, n, score, is_relevant);
    const size_t n_relevant = whole_auc(ranker, n, score, is_relevant, auc);
    for (size_t c = 0; c < ranker->n_k; c++) {
        const size_t k = ranker->k[c];
        const double best = (double)least(k, n_relevant);
        const sums s = add_up(ranker, k);
        double *out = at + c * DSC_N_LIST_METRICS;
        out[DSC_HIT_RATE] = 1 - s.none;
        out[DSC_PRECISION] = s.hits / (double)k;
        out[DSC_RECALL] = s.hits / (double)n_relevant;
        out[DSC_NDCG] = s.gain / ranker->ideal[least(k, n_relevant)];
        out[DSC_MAP] = s.precision / best;
        out[DSC_MRR] = s.reciprocal;
        out[DSC_AUC_AT] = n_relevant < n ? auc_at(&s, k, n, n_relevant) : (double)NAN;
    }
}

/* Fills places [begin, end) of `place` with a random choice of the candidates whose score is
 * `tied`, each as likely: a reservoir. */
static void choose_tied(size_t n, const double *score, double tied, dsc_random *random,
                        uint32_t *place, size_t n_places) {
    uint32_t n_seen = 0;
    for (size_t i = 0; i < n; i++) {
        if (score[i] != tied) {
            continue;
        }
        const size_t to = n_seen < n_places ? n_seen : dsc_random_below(random, n_seen + 1);
        n_seen++;
        if (to < n_places) {
            place[to] = (uint32_t)i;
        }
    }
}

static void shuffle(uint32_t *place, size_t n, dsc_random *random) {
    for (size_t i = n; i > 1; i--) {
        const size_t j = dsc_random_below(random, (uint32_t)i);
        const uint32_t moved = place[i - 1];
        place[i - 1] = place[j];
        place[j] = moved;
    }
}

size_t dsc_ranker_list(dsc_ranker *ranker, size_t n, const double *score, dsc_random *random,
                       uint32_t *place) {
    const double nowhere = -(double)INFINITY;
    size_t n_listed = 0;
    for (size_t i = 0; i < ranker->n_groups; i++) {
        const group *g = &ranker->groups[i];
        const double tied = ranker->heap[g->begin].score;
        const size_t m = least(g->n, ranker->n_heap - g->begin);
        if (tied == nowhere) {
            break;
        }
        for (size_t j = 0; j < m; j++) {
            place[g->begin + j] = ranker->heap[g->begin + j].item;
        }
        if (m < g->n) {
            choose_tied(n, score, tied, random, place + g->begin, m);
        }
        shuffle(place + g->begin, m, random);
        n_listed = g->begin + m;
    }
    return n_listed;
}
