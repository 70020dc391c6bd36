/* Pairs with their sides and predictions. */
#include "pair_tile.h"

#include "options.h"

int cli_pair_tile_predict(cli_pair_tile *tile, size_t n, const dsc_pair *pair, cli_guests *guests,
                          int64_t time, dsc_scorer *scorer) {
    int status = CLI_GO_ON;
    tile->n = n;
    tile->pair = pair;
    for (size_t p = 0; status == CLI_GO_ON && p < n; p++) {
        cli_guests_set_time(guests, pair[p].has_time ? pair[p].time : time);
        status = cli_guests_user(guests, pair[p].user, &tile->user[p]);
        if (status == CLI_GO_ON) {
            status = cli_guests_item(guests, pair[p].item, &tile->item[p]);
        }
    }
    if (status == CLI_GO_ON) {
        dsc_scorer_predict_sides(scorer, n, tile->user, tile->item, tile->rating, tile->basis);
    }
    return status;
}
