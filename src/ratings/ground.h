/* Users, items and the ratings by user: what ratings that were read and the models that are trained on
 * them have in common. It is there once, and goes with the last of its holders, whichever that is. */
#ifndef DSC_RATINGS_GROUND_H
#define DSC_RATINGS_GROUND_H

#include <stdatomic.h>

#include "ratings/sparse.h"
#include "text/id_map.h"

/* Const once there is a second holder. */
typedef struct dsc_ground {
    atomic_size_t n_holders;
    dsc_id_map *users;
    dsc_id_map *items;
    dsc_sparse_matrix by_user; /* (users, items) */
    dsc_feedback feedback;     /* implicit: every value is 1 */
} dsc_ground;

/* Explicit feedback, with one holder.
 *   users, items, by_user  [in]  taken over on success alone; by_user is then cleared
 * Returns DSC_OK; DSC_E_MEMORY; *out is NULL after a failure. */
dsc_status dsc_ground_create(dsc_ground **out, dsc_id_map *users, dsc_id_map *items,
                             dsc_sparse_matrix *by_user, dsc_error *err);

/* One holder more, and one less; the last one frees it. Threads: any number at once. */
dsc_ground *dsc_ground_hold(dsc_ground *ground);
void dsc_ground_release(dsc_ground *ground); /* NULL is allowed */

#endif
