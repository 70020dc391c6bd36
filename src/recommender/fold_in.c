/* Fold-in of one user or item, also into the members of a blend: docs/math.md (155). */
#include "descent/fold_in.h"

#include "base/error.h"
#include "base/memory.h"
#include "recommender/baseline.h"
#include "recommender/folded.h"
#include "recommender/member.h"

/* What the side shows besides what was learned. */
static void fill_side(dsc_folded *self, const dsc_recommender *model, bool is_item) {
    const dsc_given used = {.n = self->info.n_used, .other = self->others, .rating = self->ratings};
    self->side.vector = self->vector;
    self->side.own = self->own;
    if (!model->config.is_implicit) { /* a new user of interactions has none, a new item no share */
        self->side.baseline = dsc_baseline_bias(
            model->statistics.mean, is_item ? model->user_baseline : model->item_baseline, &used);
    }
    self->side.is_folded_in = true;
    self->side.n_ratings = used.n;
    self->side.others = used.other;
    self->side.ratings = used.rating;
    self->side.offsets = self->offsets;
    self->side.folded = self;
}

static dsc_status fill(dsc_folded *self, const dsc_recommender *model, bool is_item,
                       const dsc_given *given, const dsc_fold_in_config *config, dsc_error *err) {
    const size_t k = model->config.n_factors;
    dsc_fold_in_config usual;
    if (config == NULL) {
        usual = dsc_fold_in_config_of(model, is_item);
        config = &usual;
    }
    if (model->config.is_implicit && !model->config.use_als) {
        return dsc_fail(err, DSC_E_ARGUMENT, "model",
                        "was trained on interactions in minibatches, which fold nobody in; "
                        "alternating least squares does (--form ials)");
    }
    dsc_status status = dsc_fold_in_config_check(config, err);
    if (status == DSC_OK) {
        status = dsc_folded_take_ratings(self, model, is_item, given, err);
    }
    if (status != DSC_OK || self->info.n_used == 0) {
        return status;
    }
    self->own = dsc_alloc(2 * k, sizeof *self->own);
    if (self->own == NULL) {
        return dsc_fail_memory(err, "a fold-in");
    }
    self->vector = self->own + k;
    status = dsc_folded_learn(self, model, is_item, config, err);
    fill_side(self, model, is_item);
    return status;
}

static dsc_status fill_members(dsc_folded *self, const dsc_recommender *blend, bool is_item,
                               const dsc_given *given, const dsc_fold_in_config *config,
                               dsc_error *err);

static dsc_status fold_in(dsc_folded **out, const dsc_recommender *model, bool is_item,
                          const dsc_given *given, const dsc_fold_in_config *config,
                          dsc_error *err) {
    *out = NULL;
    dsc_folded *self = dsc_alloc(1, sizeof *self);
    if (self == NULL) {
        return dsc_fail_memory(err, "a fold-in");
    }
    dsc_status status = model->n_members > 0
                            ? fill_members(self, model, is_item, given, config, err)
                            : fill(self, model, is_item, given, config, err);
    if (status != DSC_OK) {
        dsc_folded_destroy(self);
        return status;
    }
    *out = self;
    return DSC_OK;
}

/* A strength of the heaviest member's, as many times what is usual in another. */
static double strength_in(double strength, double usual, double usual_of_first) {
    return usual_of_first > 0 ? usual * (strength / usual_of_first) : strength;
}

/* Into every member by itself, under strengths of its own; it looks as in the heaviest. (155) */
static dsc_status fill_members(dsc_folded *self, const dsc_recommender *blend, bool is_item,
                               const dsc_given *given, const dsc_fold_in_config *config,
                               dsc_error *err) {
    const dsc_fold_in_config first = blend->members[0].fold_in[is_item];
    dsc_status status = DSC_OK;
    self->members = dsc_alloc(blend->n_members, sizeof(dsc_folded *)); /* the size of a pointer */
    if (self->members == NULL) {
        return dsc_fail_memory(err, "a fold-in");
    }
    self->n_members = blend->n_members;
    for (size_t m = 0; status == DSC_OK && m < blend->n_members; m++) {
        const dsc_fold_in_config usual = blend->members[m].fold_in[is_item];
        dsc_fold_in_config own = config != NULL ? *config : first;
        own.l2_vector = strength_in(own.l2_vector, usual.l2_vector, first.l2_vector);
        own.l2_bias = strength_in(own.l2_bias, usual.l2_bias, first.l2_bias);
        status = fold_in(&self->members[m], blend->members[m].model, is_item, given, &own, err);
    }
    if (status == DSC_OK) {
        self->info = self->members[0]->info;
        self->side = self->members[0]->side;
        self->side.folded = self->info.n_used > 0 ? self : NULL;
    }
    return status;
}

dsc_side dsc_folded_member_side(const dsc_folded *folded, size_t m) {
    return folded->members[m]->side;
}

dsc_status dsc_fold_in_user(dsc_folded **out, const dsc_recommender *model, const dsc_given *given,
                            const dsc_fold_in_config *config, dsc_error *err) {
    return fold_in(out, model, false, given, config, err);
}

dsc_status dsc_fold_in_item(dsc_folded **out, const dsc_recommender *model, const dsc_given *given,
                            const dsc_fold_in_config *config, dsc_error *err) {
    return fold_in(out, model, true, given, config, err);
}

void dsc_folded_destroy(dsc_folded *folded) {
    if (folded == NULL) {
        return;
    }
    for (size_t m = 0; m < folded->n_members; m++) {
        dsc_folded_destroy(folded->members[m]);
    }
    dsc_free(folded->members);
    dsc_free(folded->others);
    dsc_free(folded->own);
    dsc_free(folded);
}

dsc_side dsc_folded_side(const dsc_folded *folded) {
    return folded->side;
}

dsc_folded_info dsc_folded_get_info(const dsc_folded *folded) {
    return folded->info;
}
