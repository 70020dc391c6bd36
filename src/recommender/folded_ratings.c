/* The ratings that somebody is folded in by. */
#include <math.h>
#include <stdlib.h>

#include "base/error.h"
#include "base/memory.h"
#include "recommender/baseline.h"
#include "recommender/folded.h"

static dsc_status check(const dsc_given *given, size_t n_others, dsc_error *err) {
    for (size_t e = 0; e < given->n; e++) {
        if (!isfinite(given->rating[e])) {
            return dsc_fail(err, DSC_E_ARGUMENT, "given", "rating %zu of %zu is not finite", e + 1,
                            given->n);
        }
        if (given->other[e] != DSC_NO_INDEX && given->other[e] >= n_others) {
            return dsc_fail(err, DSC_E_ARGUMENT, "given",
                            "index %zu of %zu is %u; expected one below %zu", e + 1, given->n,
                            given->other[e], n_others);
        }
    }
    return DSC_OK;
}

typedef struct entry {
    size_t place; /* in the order given; of the time too */
    uint32_t other;
    float rating;
} entry;

static int compare_entries(const void *a, const void *b) {
    const entry *x = a, *y = b;
    return x->other != y->other ? (x->other > y->other ? 1 : -1)
                                : (x->place > y->place) - (x->place < y->place);
}

/* Copies the known ratings, sorted, each of them once, inside the scale. */
static dsc_status take_known(dsc_folded *self, const dsc_recommender *model, bool is_item,
                             const dsc_given *given, dsc_error *err) {
    float (*const offset_of)(const dsc_recommender *, uint32_t, int64_t) =
        is_item ? dsc_model_user_offset : dsc_model_item_offset;
    dsc_folded_info *info = &self->info;
    entry *known = dsc_alloc(given->n, sizeof *known);
    self->others = dsc_alloc(given->n, sizeof *self->others + 2 * sizeof *self->ratings);
    if (known == NULL || self->others == NULL) {
        dsc_free(known);
        return dsc_fail_memory(err, "the ratings to fold in");
    }
    self->ratings = (float *)(void *)(self->others + given->n);
    self->offsets = self->ratings + given->n;
    size_t n = 0;
    for (size_t e = 0; e < given->n; e++) {
        if (given->other[e] != DSC_NO_INDEX) {
            known[n++] = (entry){e, given->other[e], given->rating[e]};
        }
    }
    info->n_unknown = given->n - n;
    qsort(known, n, sizeof *known, compare_entries);
    for (size_t e = 0; e < n; e++) {
        if (e + 1 < n && known[e + 1].other == known[e].other) {
            info->n_repeated++;
            continue;
        }
        const bool is_implicit = model->config.is_implicit;
        const float rating = is_implicit ? 1 : (float)dsc_clip(model, (double)known[e].rating);
        info->n_outside += !is_implicit && rating != known[e].rating;
        const int64_t time = given->time != NULL ? given->time[known[e].place] : DSC_NOW;
        self->offsets[info->n_used] = offset_of(model, known[e].other, time);
        self->others[info->n_used] = known[e].other;
        self->ratings[info->n_used++] = rating;
    }
    dsc_free(known);
    return DSC_OK;
}

dsc_status dsc_folded_take_ratings(dsc_folded *self, const dsc_recommender *model, bool is_item,
                                   const dsc_given *given, dsc_error *err) {
    const dsc_status status = check(given, is_item ? model->n_users : model->n_items, err);
    return status == DSC_OK ? take_known(self, model, is_item, given, err) : status;
}
