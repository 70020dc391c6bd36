#include "blended.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>

#include "planted_ratings.h"

void blended_members(dsc_recommender_config members[N_BLENDED]) {
    static const dsc_form forms[] = {DSC_FORM_HISTORIES, DSC_FORM_DOT};
    for (size_t m = 0; m < 2; m++) {
        members[m] = dsc_recommender_config_of(forms[m], 300);
        members[m].n_factors = 3 + m;
        members[m].max_epochs = 12;
        members[m].choose_ridge = false;
        members[m].ridge = (dsc_ridge){1, 2, 3, 1, 1};
        members[m].seed = m + 1;
    }
    members[2] = small_config();
    members[2].seed = 3;
}

dsc_blend_config blended_config(const dsc_recommender_config *members) {
    return (dsc_blend_config){.n_members = N_BLENDED,
                              .members = members,
                              .holdout = 0.2,
                              .n_folds = 1,
                              .seed = 5,
                              .n_threads = 1};
}

dsc_recommender *must_blend(const dsc_ratings *ratings, const dsc_blend_config *config,
                            dsc_blend_report *report) {
    dsc_recommender *blend = NULL;
    dsc_error err = {DSC_OK, "", ""};
    if (dsc_blend_train(&blend, ratings, config, NULL, NULL, report, &err) != DSC_OK) {
        fail_msg("%s: %s", err.where, err.message);
    }
    assert_non_null(blend);
    return blend;
}

const double blended_weights[N_BLENDED] = {2, 5, 3};

int blended_begin(void **state) {
    blended *b = calloc(1, sizeof *b);
    if (b == NULL) {
        return -1;
    }
    const planted what = {.n_users = N_BLENDED_USERS,
                          .n_items = N_BLENDED_ITEMS,
                          .share = 0.4,
                          .noise = 0.5,
                          .seed = 1};
    b->ratings = planted_ratings(&what);
    blended_members(b->members);
    dsc_blend_config config = blended_config(b->members);
    config.weights = blended_weights;
    b->blend = must_blend(b->ratings, &config, NULL);
    *state = b;
    return 0;
}

int blended_end(void **state) {
    blended *b = *state;
    dsc_recommender_destroy(b->blend);
    dsc_ratings_destroy(b->ratings);
    free(b);
    return 0;
}

double blended_score(const dsc_recommender *model, uint32_t user, uint32_t item) {
    dsc_scorer *scorer = must_create_scorer(model);
    double score;
    dsc_scorer_score(scorer, user, 1, &item, &score);
    dsc_scorer_destroy(scorer);
    return score;
}
