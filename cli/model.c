/* What the commands that ask a model share: loading, titles, counting. */
#include "model.h"

#include <stdlib.h>

int cli_load_model(dsc_recommender **out, const char *path) {
    dsc_error err;
    return dsc_recommender_load(out, path, &err) == DSC_OK ? CLI_GO_ON : cli_fail(&err);
}

int cli_load_titles(dsc_titles **out, const char *path) {
    dsc_error err;
    *out = NULL;
    return path == NULL || dsc_titles_read(out, path, &err) == DSC_OK ? CLI_GO_ON : cli_fail(&err);
}

uint32_t *cli_count_ratings(const dsc_recommender *model) {
    dsc_sparse ratings = dsc_recommender_ratings(model);
    uint32_t *counts = calloc(ratings.n_cols > 0 ? ratings.n_cols : 1, sizeof *counts);
    for (size_t i = 0; counts != NULL && i < ratings.n_entries; i++) {
        counts[ratings.column[i]]++;
    }
    return counts;
}
