/* Members that blend well: docs/accuracy.md has how they were chosen. */
#include "descent/blend.h"

/* Histories of another length of vectors and other strengths than the usual. */
static dsc_recommender_config histories(size_t n_ratings, size_t n_factors, double user_history,
                                        double item_history) {
    dsc_recommender_config config = dsc_recommender_config_of(DSC_FORM_HISTORIES, n_ratings);
    config.n_factors = n_factors > 0 ? n_factors : config.n_factors;
    config.ridge.user_history *= user_history;
    config.ridge.item_history *= item_history;
    return config;
}

size_t dsc_blend_usual_members(size_t n_ratings, dsc_recommender_config members[DSC_MAX_MEMBERS]) {
    size_t n = 0;
    members[n++] = histories(n_ratings, 0, 2, 0.5);
    members[n++] = histories(n_ratings, 0, 1, 0.25);
    members[n++] = histories(n_ratings, 10, 1, 0.5);
    members[n++] = histories(n_ratings, 5, 1, 1);
    members[n++] = dsc_recommender_config_of(DSC_FORM_MIXED, n_ratings);
    for (size_t m = 0; m < n; m++) {
        members[m].seed = m + 1;
    }
    return n;
}
