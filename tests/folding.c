/* Small models of every form, and somebody who is folded in. */
#include "folding.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "planted_ratings.h"

const char *const forms[N_FORMS] = {"histories", "dot", "perceptron", "mixed", "all"};
const uint32_t items[N_GIVEN] = {8, 3, 40, 1, 12, 33, 7};
const float ratings[N_GIVEN] = {4.5F, 2, 4, 1.5F, 5, 1, 2.5F};
const dsc_given given = {N_GIVEN, items, ratings, NULL};

dsc_recommender *create_model(const char *form) {
    const planted what = {
        .n_users = N_USERS, .n_items = N_ITEMS, .share = 0.3, .noise = 0.3, .seed = 5};
    dsc_ratings *rated = planted_ratings(&what);
    dsc_recommender_config config = small_config();
    dsc_form known;
    const bool is_all = strcmp(form, "all") == 0;
    if (!is_all) {
        assert_true(dsc_form_from_name(form, &known));
        const dsc_recommender_config of_form = dsc_recommender_config_of(known, 1000);
        config.use_dot = of_form.use_dot;
        config.use_network = of_form.use_network;
        config.use_user_history = config.use_item_history = of_form.use_user_history;
        config.use_lbfgs = of_form.use_lbfgs;
    } else {
        config.use_dot = config.use_network = config.use_lbfgs = true;
        config.use_user_history = config.use_item_history = true;
    }
    config.activation = DSC_TANH; /* smooth: at a kink of relu a descent may end above a minimum */
    config.ridge = (dsc_ridge){1, 2, 3, 4, 0.1, .power = config.use_lbfgs ? 0.5 : 0};
    config.choose_ridge = false;
    config.max_epochs = config.use_lbfgs ? 200 : 150; /* until the tastes are learned */
    config.holdout = 0;
    dsc_recommender *model = must_train(rated, &config);
    dsc_ratings_destroy(rated);
    assert_int_equal(model->n_users, N_USERS);
    assert_int_equal(model->n_items, N_ITEMS);
    return model;
}

dsc_folded *must_fold(const dsc_recommender *model, bool is_item,
                      const dsc_fold_in_config *config) {
    dsc_folded *folded = NULL;
    dsc_error err = {DSC_OK, "", ""};
    if ((is_item ? dsc_fold_in_item : dsc_fold_in_user)(&folded, model, &given, config, &err) !=
        DSC_OK) {
        fail_msg("%s: %s", err.where, err.message);
    }
    return folded;
}
