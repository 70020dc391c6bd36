/* What the commands that ask a model share: loading, titles, counting. */
#include "model.h"

#include <stdbool.h>
#include <stdlib.h>

#include "descent/model_kind.h"

int cli_load_model(dsc_recommender **out, const char *path) {
    dsc_error err;
    if (dsc_recommender_load(out, path, &err) == DSC_OK) {
        return CLI_GO_ON;
    }
    dsc_model_kind kind;
    int status = cli_fail(&err);
    if (err.code == DSC_E_MODEL && dsc_model_kind_of_file(path, &kind, NULL) == DSC_OK &&
        kind == DSC_MODEL_PREDICTOR) {
        cli_note("%s is a predictor: descent net predict and net evaluate ask it", path);
    }
    return status;
}

static bool has_any_title(const dsc_recommender *model, const dsc_titles *titles) {
    dsc_recommender_info info;
    dsc_recommender_get_info(model, &info);
    for (uint32_t item = 0; item < info.n_items; item++) {
        if (dsc_titles_find(titles, dsc_recommender_item_id(model, item)).bytes != NULL) {
            return true;
        }
    }
    return false;
}

/* Reads titles, and says on stderr when none of them belongs to the model; *out is NULL where `path`
 * is. */
static int load_titles(dsc_titles **out, const dsc_recommender *model, const char *path) {
    dsc_error err;
    *out = NULL;
    if (path == NULL) {
        return CLI_GO_ON;
    }
    if (dsc_titles_read(out, path, &err) != DSC_OK) {
        return cli_fail(&err);
    }
    if (!has_any_title(model, *out)) {
        cli_note("%s: none of its %zu ids is an item of the model; expected the item id first in "
                 "each line, then the title",
                 cli_input_name(path), dsc_titles_count(*out));
    }
    return CLI_GO_ON;
}

int cli_ask_model(const char *model_path, const char *items_path, cli_ask ask,
                  const void *request) {
    dsc_recommender *model = NULL;
    dsc_titles *titles = NULL;
    int status = cli_load_model(&model, model_path);
    if (status == CLI_GO_ON) {
        status = load_titles(&titles, model, items_path);
    }
    if (status == CLI_GO_ON) {
        status = ask(request, model, titles);
    }
    dsc_titles_destroy(titles);
    dsc_recommender_destroy(model);
    return status;
}

bool cli_has_scores(const dsc_recommender *model) {
    dsc_recommender_info info;
    dsc_recommender_get_info(model, &info);
    return info.config.is_implicit;
}

const char *cli_rating_name(const dsc_recommender *model) {
    return cli_has_scores(model) ? "score" : "rating";
}

int cli_unknown_user(const char *id) {
    return cli_fail_at(CLI_FAILED, id,
                       "the model does not know this user; expected an id of the "
                       "ratings it was trained on");
}

int cli_unknown_item(const char *id) {
    return cli_fail_at(CLI_FAILED, id,
                       "the model does not know this item; expected an id of the "
                       "ratings it was trained on");
}

uint32_t *cli_count_ratings(const dsc_recommender *model) {
    dsc_sparse ratings = dsc_recommender_ratings(model);
    uint32_t *counts = calloc(ratings.n_cols > 0 ? ratings.n_cols : 1, sizeof *counts);
    for (size_t i = 0; counts != NULL && i < ratings.n_entries; i++) {
        counts[ratings.column[i]]++;
    }
    return counts;
}
