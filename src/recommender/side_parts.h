/* What the settings make of one kind of side: of all users', or of all items'. */
#ifndef DSC_RECOMMENDER_SIDE_PARTS_H
#define DSC_RECOMMENDER_SIDE_PARTS_H

#include <stdbool.h>

#include "descent/recommender.h"

typedef struct dsc_side_parts {
    bool has_history;          /* vectors of what was rated, or of who rated, are summed */
    bool is_weighed;           /* by the ratings: (130); false: all alike, (50) */
    bool is_shared;            /* one own vector for all, (131) */
    dsc_activation activation; /* of the side as a whole, (132) */
} dsc_side_parts;

dsc_side_parts dsc_side_parts_of(const dsc_recommender_config *config, bool is_item);

/* DSC_OK, or DSC_E_ARGUMENT with the setting's name in err->where: weighing, sharing and activations
 * are of sides with a history, trained by full batches. */
dsc_status dsc_side_parts_check(const dsc_recommender_config *config, dsc_error *err);

/* Whether a side is anything that model files of version 2 do not know. */
bool dsc_side_parts_are_recent(const dsc_recommender_config *config);

#endif
