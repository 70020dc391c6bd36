/* Small models of every form, and somebody who is folded in: for tests of fold-in. */
#ifndef DSC_TESTS_FOLDING_H
#define DSC_TESTS_FOLDING_H

#include "descent/fold_in.h"
#include "recommender/model.h"

enum { N_USERS = 60, N_ITEMS = 50, K = 4, N_FORMS = 5, N_GIVEN = 7 };

/* Their names; "all" is every part at once. */
extern const char *const forms[N_FORMS];

dsc_recommender *create_model(const char *form);

/* Who is folded in, unsorted. */
extern const uint32_t items[N_GIVEN];
extern const float ratings[N_GIVEN];
extern const dsc_given given;

/* config NULL: the usual one. */
dsc_folded *must_fold(const dsc_recommender *model, bool is_item, const dsc_fold_in_config *config);

#endif
