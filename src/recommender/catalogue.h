/* What scorers take from a catalogue: tiles of the model's items. */
#ifndef DSC_RECOMMENDER_CATALOGUE_H
#define DSC_RECOMMENDER_CATALOGUE_H

#include "descent/catalogue.h"
#include "recommender/estimate.h"
#include "recommender/side_tile.h"

/* What no item of some tiles is above. */
typedef struct dsc_tile_reach {
    double norm; /* Euclidean, of a vector */
    float bias;
} dsc_tile_reach;

struct dsc_catalogue {
    const dsc_recommender *model;
    int64_t time;
    bool is_empty;           /* nothing of what follows is there: scorers do without */
    bool has_lists;          /* what lists take is there, where the model has it */
    dsc_catalogue **members; /* (n_members) of a blend, which has no tiles of its own; else NULL */
    size_t n_tiles;
    size_t tile_size;       /* elements */
    float *tiles;           /* (n_tiles, tile_size) DSC_TILE items each */
    uint32_t *items;        /* (n_items) in the order of the tiles: by index, or, where users may
                              be done early, those first that can reach high sums, or, by
                              estimates, those first that appeal to all */
    dsc_tile_reach *reach;  /* (n_tiles) of the tile and all that follow; NULL: every tile must be
                              looked at */
    dsc_estimate *estimate; /* NULL: none would help */
};

/* dsc_catalogue_create for scores alone: lists from it look at every item. Without what only lists take, it is
 * made sooner. */
dsc_status dsc_catalogue_create_for_scores(dsc_catalogue **out, const dsc_recommender *model,
                                           int64_t time, dsc_error *err);

/* The tile with number t, of items[DSC_TILE t] and following. */
static inline dsc_side_tile dsc_catalogue_tile(const dsc_catalogue *catalogue, size_t t) {
    return dsc_side_tile_in(catalogue->model, catalogue->tiles + t * catalogue->tile_size);
}

/* Whether its tiles are those of a time too. */
bool dsc_catalogue_is_of(const dsc_catalogue *catalogue, int64_t time);

#endif
