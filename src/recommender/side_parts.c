/* The settings of users' sides and of items', under one roof. docs/math.md (130) to (132). */
#include "recommender/side_parts.h"

#include "base/error.h"

dsc_side_parts dsc_side_parts_of(const dsc_recommender_config *config, bool is_item) {
    return (dsc_side_parts){
        .has_history = is_item ? config->use_item_history : config->use_user_history,
        .is_weighed = is_item ? config->weigh_item_history : config->weigh_user_history,
        .is_shared = is_item ? config->share_item_vector : config->share_user_vector,
        .activation = is_item ? config->item_activation : config->user_activation};
}

dsc_status dsc_side_parts_check(const dsc_recommender_config *config, dsc_error *err) {
    static const char *const names[2][3] = {
        {"weigh_user_history", "share_user_vector", "user_activation"},
        {"weigh_item_history", "share_item_vector", "item_activation"}};
    for (int is_item = 0; is_item <= 1; is_item++) {
        const dsc_side_parts parts = dsc_side_parts_of(config, is_item != 0);
        const bool is_used[3] = {parts.is_weighed, parts.is_shared,
                                 parts.activation != DSC_IDENTITY};
        if (dsc_activation_name(parts.activation) == NULL) {
            return dsc_fail(err, DSC_E_ARGUMENT, names[is_item][2], "%d is not an activation",
                            (int)parts.activation);
        }
        for (int i = 0; i < 3; i++) {
            if (is_used[i] && !config->use_lbfgs) {
                return dsc_fail(err, DSC_E_ARGUMENT, "use_lbfgs",
                                "is off; %s is trained by full batches alone", names[is_item][i]);
            }
            if (is_used[i] && !parts.has_history) {
                return dsc_fail(err, DSC_E_ARGUMENT, names[is_item][i],
                                "is used without use_%s_history; expected both or neither",
                                is_item != 0 ? "item" : "user");
            }
        }
    }
    return DSC_OK;
}

bool dsc_side_parts_are_recent(const dsc_recommender_config *config) {
    for (int is_item = 0; is_item <= 1; is_item++) {
        const dsc_side_parts parts = dsc_side_parts_of(config, is_item != 0);
        if (parts.is_weighed || parts.is_shared || parts.activation != DSC_IDENTITY) {
            return true;
        }
    }
    return false;
}
