/* The ground of ratings and models, with a count of who holds it. */
#include "ratings/ground.h"

#include <stdlib.h>

#include "base/memory.h"

dsc_status dsc_ground_create(dsc_ground **out, dsc_id_map *users, dsc_id_map *items,
                             dsc_sparse_matrix *by_user, dsc_error *err) {
    dsc_ground *ground = calloc(1, sizeof *ground);
    *out = ground;
    if (ground == NULL) {
        return dsc_fail_memory(err, "the ratings");
    }
    atomic_init(&ground->n_holders, 1);
    ground->users = users;
    ground->items = items;
    ground->by_user = *by_user;
    *by_user = (dsc_sparse_matrix){0};
    return DSC_OK;
}

dsc_ground *dsc_ground_hold(dsc_ground *ground) {
    atomic_fetch_add_explicit(&ground->n_holders, 1, memory_order_relaxed);
    return ground;
}

/* Whatever the other holders have read is read before it is freed. */
void dsc_ground_release(dsc_ground *ground) {
    if (ground == NULL ||
        atomic_fetch_sub_explicit(&ground->n_holders, 1, memory_order_acq_rel) > 1) {
        return;
    }
    dsc_id_map_destroy(ground->users);
    dsc_id_map_destroy(ground->items);
    dsc_sparse_matrix_clear(&ground->by_user);
    free(ground);
}
