/* Recommendations from a whole catalogue, for many users or for one who waits.
 *
 * A dsc_catalogue is what the items of a model contribute to every prediction, computed once:
 * the items' half of the network's first layer, docs/math.md (190), their vectors and biases, in
 * tiles of 32 items side by side. It changes no result: scorers on a catalogue and scorers on
 * the model alone give the same bytes, those of dsc_scorer_predict too. */
#ifndef DESCENT_CATALOGUE_H
#define DESCENT_CATALOGUE_H

#include <stddef.h>
#include <stdint.h>

#include "descent/recommender.h"
#include "descent/side.h"
#include "descent/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Const once it is made: any number of threads may share it, each with a scorer of its own. */
typedef struct dsc_catalogue dsc_catalogue;

/* Prepares the items of a model, of a blend those of all its members.
 *   out    [out]  freed with dsc_catalogue_destroy; NULL after a failure
 *   model  [in]   borrowed until then, and unchanged
 *   time   [in]   for which items are predicted, in seconds since 1970, or DSC_NOW; models that do
 *                 not look at times do not look at it
 * Returns DSC_OK; DSC_E_MEMORY.
 * Cost: O(items * n_factors * width of the first hidden layer + items log items), and of users *
 * n_factors for a dot product alone. Where lists go by estimates, docs/math.md (212), twice the halves' reading, and
 * for each layer behind the first O(larger width * smaller width^2), at most some tenth of a second. That
 * is more than a few lists cost: for those there is dsc_catalogue_create_for.
 * Memory: 4 bytes for each item and unit of the first hidden layer, one more where lists go by estimates
 * (and for a while 16 for each weight of the second layer), and 4 for each item and factor where the model
 * has a dot product. */
dsc_status dsc_catalogue_create(dsc_catalogue **out, const dsc_recommender *model, int64_t time,
                                dsc_error *err);

/* The same for n_lists lists in all. Few of them are sooner there if nothing is prepared: the catalogue is then an
 * empty one, scorers on it compute what they need when they need it, and give the same bytes. Which it is
 * follows from the model, n_lists, and whether the processor multiplies bytes fast: docs/math.md (213). */
dsc_status dsc_catalogue_create_for(dsc_catalogue **out, const dsc_recommender *model, int64_t time,
                                    size_t n_lists, dsc_error *err);
void dsc_catalogue_destroy(dsc_catalogue *catalogue); /* NULL is allowed */

/* dsc_scorer_create for the catalogue's model and time, borrowing both until the scorer is
 * destroyed. Recommending, and scoring many of the items, then cost what lies behind the first
 * layer, unless the catalogue is an empty one. After dsc_scorer_set_time to another time, of a model that looks at times, the scorer
 * goes on without the catalogue. */
dsc_status dsc_scorer_create_on(dsc_scorer **out, const dsc_catalogue *catalogue, dsc_error *err);

/* For whom, how many, and by how many threads. */
typedef struct dsc_catalogue_query {
    const dsc_side *users; /* (n_users) of the model or folded in; somebody unknown gets what is
                              popular, as by dsc_scorer_recommend */
    size_t n_users;        /* how many */
    size_t n;              /* items for each */
    size_t n_threads; /* 0 .. 1024; 0: as many as processors may be used. Any number gives the same
                         bytes */
} dsc_catalogue_query;

/* dsc_scorer_recommend_side for many users.
 *   out    [out]  (n_users, n) best first
 *   n_out  [out]  (n_users) how many were found, less than n when the catalogue ends
 * Returns DSC_OK; DSC_E_ARGUMENT too many threads; DSC_E_MEMORY.
 * Cost: O(users * items * weights behind the first layer, and n_factors with a dot product), shared
 * out among the threads by 32 users; less where most items need no exact sum for a list: of a dot product alone
 * it is done when nothing that is left can enter it, docs/math.md (193), and networks of rectified layers tell
 * by bytes what might, (212). Memory: a few tiles and 32 lists of n for each
 * thread. */
dsc_status dsc_catalogue_recommend(const dsc_catalogue *catalogue, const dsc_catalogue_query *query,
                                   dsc_recommendation *out, size_t *n_out, dsc_error *err);

#ifdef __cplusplus
}
#endif
#endif
