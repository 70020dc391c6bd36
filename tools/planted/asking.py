"""Bugs in asking recommenders: lists, evaluation, newcomers, explanations, blends; what a row is stands in __init__.py."""

BLEND = "src/recommender/blend.c"
BLEND_HELD = "src/recommender/blend_held.c"
BLEND_TRAIN = "src/recommender/blend_train.c"
BLEND_WEIGHTS = "src/recommender/blend_weights.c"
CANDIDATES = "src/recommender/candidates.c"
CATALOGUE = "src/recommender/catalogue.c"
BOUND = "src/recommender/estimate_bound.c"
ESTIMATE = "src/recommender/estimate.c"
EVALUATE = "src/recommender/evaluate.c"
EXPLAIN = "src/recommender/explain.c"
EXPLAIN_SLOPE = "src/recommender/explain_slope.c"
FOLD_IN = "src/recommender/fold_in.c"
FOLD_IN_CONFIG = "src/recommender/fold_in_config.c"
FOLD_IN_OBJECTIVE = "src/recommender/fold_in_objective.c"
FOLDED_RATINGS = "src/recommender/folded_ratings.c"
ITEM_RUN = "src/recommender/item_run.c"
LISTS = "src/recommender/lists.c"
OUTPUT = "src/recommender/output.c"
PAIR_SLOPE = "src/recommender/pair_slope.c"
RANK_USER = "src/recommender/rank_user.c"
RANKING = "src/recommender/ranking.c"
RECOMMEND = "src/recommender/recommend.c"
SCORER = "src/recommender/scorer.c"
SIDE_TILE = "src/recommender/side_tile.c"
SIMILAR = "src/recommender/similar.c"
STRENGTH = "src/recommender/strength.c"

FOLD_IN_MANY = "src/recommender/fold_in_many.c"
MUTANTS = [
    (
        "few lists: a scorer on an empty catalogue is of now",
        SCORER,
        "        dsc_scorer_set_time(*out, catalogue->time);\n",
        "",
    ),
    (
        "few lists: the last that are few are many",
        CATALOGUE,
        "return n_lists > 1 && n_lists > n_least;",
        "return n_lists > 1 && n_lists >= n_least;",
    ),
    (
        "estimate: what the items' rounding adds is forgotten",
        ESTIMATE,
        "const double more = e->of_error * off",
        "const double more = e->of_error * (has_all ? off : 0)",
    ),
    (
        "estimate: what bytes leave of the weights is nothing",
        BOUND,
        "    e->of_size = behind * dsc_spectral_bound(rest) + of_sizes;",
        "    e->of_size = of_sizes;",
    ),
    (
        "estimate: the layers behind make no distance longer",
        BOUND,
        "        behind *= dsc_spectral_bound(weights);\n",
        "",
    ),
    (
        "estimate: users moved the way of the items",
        ESTIMATE,
        "const double shift = out->sign * e->shift[k]",
        "const double shift = -e->shift[k]",
    ),
    (
        "estimate: biases round nothing off",
        ESTIMATE,
        "8 * (double)FLT_EPSILON * fabs((double)bias)",
        "0 * fabs((double)bias)",
    ),
    (
        "estimate: what is added for any pair is not",
        ESTIMATE,
        "(has_all ? e->of_all : 0)",
        "0",
    ),
    (
        "estimate: users take a whole byte",
        ESTIMATE,
        ".room = estimate->room,",
        ".room = NULL,",
    ),
    (
        "estimate: users a little too large for a byte",
        ESTIMATE,
        "MOST - dsc_whole(of_items / e->step[k], MOST);",
        "MOST - dsc_whole(of_items / e->step[k] / 2, MOST);",
    ),
    (
        "estimate: whoever is far outside has one",
        ESTIMATE,
        "if (!(off < DSC_FARTHEST)) {",
        "if (!(off < INFINITY)) {",
    ),
    (
        "estimate: a user's numbers in the next one's place",
        ESTIMATE,
        ".to = out->numbers,\n                               .column = estimate->n_groups * DSC_BYTE_GROUP,",
        ".to = out->numbers,\n                               .column = (estimate->n_groups - 1) * DSC_BYTE_GROUP,",
    ),
    (
        "estimate: all of a block have the first one's",
        ESTIMATE,
        ".joined = users->numbers + u * n_bytes,",
        ".joined = users->numbers,",
    ),
    (
        "estimate: the biases of the tile before",
        ESTIMATE,
        ".biases = estimate->biases + lists->tile * DSC_TILE,",
        ".biases = estimate->biases,",
    ),
    (
        "estimate: sums of sizes are exact",
        BOUND,
        "const double of_sizes = rounding * s.product;",
        "const double of_sizes = 0 * s.product;",
    ),
    (
        "estimate: sums of biases are exact",
        BOUND,
        "rounding * s.fixed + s.vanished",
        "s.vanished",
    ),
    (
        "estimate: sizes without the layers behind",
        BOUND,
        "    s->product *= size;\n",
        "    s->product *= s->product == 1 ? size : 1;\n",
    ),
    (
        "estimate: biases are as they were before the layers behind",
        BOUND,
        "s->fixed = s->fixed * size + bias;",
        "s->fixed = s->fixed + bias;",
    ),
    (
        "estimate: sums that overflow are bounded",
        BOUND,
        "s->is_bounded = s->is_bounded && 4",
        "s->is_bounded = true || 4",
    ),
    (
        "estimate: weights that are no numbers are bounded",
        BOUND,
        "s->is_bounded && 4 * DSC_FARTHEST * s->product + s->fixed < (double)FLT_MAX / 2;",
        "s->is_bounded && !(4 * DSC_FARTHEST * s->product + s->fixed >= (double)FLT_MAX / 2);",
    ),
    (
        "estimate: norms without what is beside the diagonal",
        BOUND,
        "(a == b ? 1 : 2) * sum_block",
        "(a == b ? 1 : 0) * sum_block",
    ),
    (
        "estimate: norms with each pair of blocks once",
        BOUND,
        "(a == b ? 1 : 2) * sum_block",
        "1 * sum_block",
    ),
    (
        "estimate: fourth powers that vanish are a bound",
        BOUND,
        "sum < DBL_MIN / DBL_EPSILON ? frobenius : sqrt",
        "sum < 0 ? frobenius : sqrt",
    ),
    (
        "lists: an item's bound is that of another user",
        RECOMMEND,
        "scorer->estimated->sum + u * DSC_TILE;",
        "scorer->estimated->sum;",
    ),
    (
        "lists: who waits is computed for the block's first",
        RECOMMEND,
        "{users->half + u, users->bias + u,",
        "{users->half, users->bias + u,",
    ),
    (
        "lists: users of a block who wait have the first one's bias",
        RECOMMEND,
        "{users->half + u, users->bias + u,",
        "{users->half + u, users->bias,",
    ),
    (
        "lists: nothing enters one whose worst is infinite",
        OUTPUT,
        "isinf(score) ? 0 : 8",
        "isnan(score) ? 0 : 8",
    ),
    (
        "lists: estimates for others of those who asked",
        RECOMMEND,
        "const size_t u = lists[l].place;",
        "const size_t u = l;",
    ),
    (
        "lists: the last items that wait are forgotten",
        RECOMMEND,
        "        drop_outrun(&lists[u]);\n        offer_waiting(scorer, u, &lists[u]);\n",
        "",
    ),
    (
        "lists: the filter of what is rated has other bits",
        RECOMMEND,
        "*filter_word(list, item) |= UINT32_C(1) << item % 32;",
        "*filter_word(list, item) |= UINT32_C(1) << item % 31;",
    ),
    (
        "lists: whoever waits is dropped by another's bound",
        RECOMMEND,
        "        list->most[n] = list->most[c];\n",
        "",
    ),
    (
        "lists: items that wait get another's bias",
        RECOMMEND,
        "to->bias[c] = from.bias[place % DSC_TILE];",
        "to->bias[c] = from.bias[c];",
    ),
    (
        "many: the failure of whichever thread had the last",
        FOLD_IN_MANY,
        "(first->status == DSC_OK || other->part < first->part)",
        "(first->status == DSC_OK || other->part > first->part)",
    ),
    (
        "many: everybody under the strengths of the first",
        FOLD_IN_MANY,
        "&all->config[part], &err",
        "&all->config[0], &err",
    ),
    (
        "fold-in: the side before its activation",
        FOLD_IN_OBJECTIVE,
        "(dsc_kernel_activation)p->from.parts->activation, 1, k",
        "DSC_KERNEL_IDENTITY, 1, k",
    ),
    (
        "fold-in: slopes skip the activation",
        PAIR_SLOPE,
        "        pass_back_activation(s, n, slope);\n",
        "",
    ),
    (
        "explanation: a weighed history as a count",
        EXPLAIN,
        "is_weighed ? (double)dsc_model_weight(w->model, rating) : 1",
        "is_weighed ? 1.0 : 1",
    ),
    (
        "fold-in: the bias's strength on the vector",
        FOLD_IN_OBJECTIVE,
        "gradient[f] = p->l2_vector * x[f];",
        "gradient[f] = p->config->l2_bias * x[f];",
    ),
    (
        "fold-in: the side without its history",
        FOLD_IN_OBJECTIVE,
        "p->sum[f] = x[f] + (double)p->history[f];",
        "p->sum[f] = x[f];",
    ),
    (
        "fold-in: the others' biases forgotten",
        FOLD_IN_OBJECTIVE,
        "x[k] + (double)p->from.biases",
        "x[k] + 0 * (double)p->from.biases",
    ),
    (
        "fold-in: items against items",
        FOLD_IN_OBJECTIVE,
        "(others){model->user_sides,  model->user_biases,",
        "(others){model->item_sides,  model->user_biases,",
    ),
    (
        "fold-in: the earlier of two ratings",
        FOLDED_RATINGS,
        "(x->place > y->place) - (x->place < y->place)",
        "(x->place < y->place) - (x->place > y->place)",
    ),
    (
        "fold-in: strength upside down",
        FOLD_IN_CONFIG,
        "error * error * (double)n / squares",
        "squares / (error * error * (double)n)",
    ),
    (
        "fold-in: an item at the user's place of the network",
        PAIR_SLOPE,
        "side_at = s->is_item ? k : 0, other_at = s->is_item ? 0 : k",
        "side_at = 0, other_at = k",
    ),
    (
        "explanation: the slope at the end of the way alone",
        EXPLAIN_SLOPE,
        "((double)(first + s) + 0.5) / (double)n",
        "1 + 0 * ((double)(first + s) + 0.5) / (double)n",
    ),
    (
        "explanation: presence without the root",
        EXPLAIN,
        " : 1) / sqrt(w->user->n_history);",
        " : 1) / w->user->n_history;",
    ),
    (
        "explanation: surprise without the user's bias",
        EXPLAIN,
        "value[r] + (double)w->user->bias +",
        "value[r] + 0 * (double)w->user->bias +",
    ),
    (
        "explanation: values not taken off the rest",
        EXPLAIN,
        "out->own_vector -= of_own;",
        "out->own_vector -= 0 * of_own;",
    ),
    ("similar: a dot product for a cosine", SIMILAR, "product(a, b, k) / lengths", "product(a, b, k)"),
    (
        "time: a fold-in at the time of now",
        FOLDED_RATINGS,
        "given->time != NULL ? given->time[known[e].place] : DSC_NOW;",
        "DSC_NOW;",
    ),
    (
        "blend: the mean of the members without their weights",
        SCORER,
        "mean += member->weight * dsc_output_unclipped(member->model, score);",
        "mean += dsc_output_unclipped(member->model, score) / (double)model->n_members;",
    ),
    (
        "blend: members clipped before the mean",
        SCORER,
        "mean += member->weight * dsc_output_unclipped(member->model, score);",
        "mean += member->weight * dsc_output_rating(member->model, score);",
    ),
    (
        "blend: weights may fall below 0",
        BLEND_WEIGHTS,
        "if (p->is_free[m] && p->solution[m] <= 0) {",
        "if (p->is_free[m] && p->solution[m] <= -1e9) {",
    ),
    (
        "blend: weights without a pull to equal ones",
        BLEND_WEIGHTS,
        "p.product[m][m] += equal_ratings / (double)n_ratings;",
        "p.product[m][m] += 1e-9;",
    ),
    (
        "blend: weights judged by the half they were found on",
        BLEND_HELD,
        "weight[1 - half_of[p]]",
        "weight[half_of[p]]",
    ),
    (
        "blend: members learn from what is held out",
        BLEND_TRAIN,
        "dsc_ratings_part(&part, ratings, split, r->fold, false, err);",
        "dsc_ratings_part(&part, ratings, split, r->fold, true, err);",
    ),
    (
        "blend: a newcomer under the strengths of the heaviest member everywhere",
        FOLD_IN,
        "return usual_of_first > 0 ? usual * (strength / usual_of_first) : strength;",
        "return usual_of_first > 0 || usual > 0 ? strength : 0;",
    ),
    (
        "blend: an explanation without weights",
        EXPLAIN,
        "reason->push += weight * of_member->reasons[r].push;",
        "reason->push += of_member->reasons[r].push;",
    ),
    (
        "blend: the lightest member stands for the whole",
        BLEND,
        "c->weight[place - 1] < weight; place--) {",
        "c->weight[place - 1] > weight; place--) {",
    ),
    (
        "area: a tie is a whole pair",
        RANKING,
        "twice += n_below + n_until;",
        "twice += 2 * n_until;",
    ),
    (
        "area: a tie is no pair among many",
        RANKING,
        "(n_relevant - below) + (n_relevant - until)",
        "2 * (n_relevant - until)",
    ),
    (
        "area: relevant ones before each other",
        RANKING,
        "- (uint64_t)n_relevant * n_relevant",
        "- (uint64_t)n_relevant",
    ),
    (
        "newcomers: what was given can be recommended",
        CANDIDATES,
        "c->mark[c->side.others[j]] = RATED;",
        "c->mark[c->side.others[j]] = c->side.is_folded_in ? NOTHING : RATED;",
    ),
    (
        "newcomers: the fallback knows what was given",
        EVALUATE,
        "float *of_model = (e->from != NULL ? e->fallback : e->predicted) + begin;",
        "float *of_model = (e->from != NULL ? e->predicted : e->predicted) + begin;",
    ),
    (
        "newcomers: a part is judged by the pairs of the first",
        EVALUATE,
        "for (size_t p = begin; p < begin + n; p++) {\n        judge_pair(e, p);",
        "for (size_t p = 0; p < n; p++) {\n        judge_pair(e, p);",
    ),
    (
        "newcomers: biases without what was given",
        EVALUATE,
        "mean + e->user_side[p].baseline +",
        "mean +",
    ),
    (
        "newcomers: the dot product with the model's sides",
        RANK_USER,
        "w->of_dot.sides = plan->dot_sides;",
        "w->of_dot.sides = plan->sides;",
    ),
    (
        "rankings: the users of a group share the first one's scores",
        RANK_USER,
        "g->scores + n_known * g->scorer->model->n_items : NULL;",
        "g->scores : NULL;",
    ),
    (
        "strength by count: a row without ratings has none",
        STRENGTH,
        "pow(fmax(n, 1) / usual, power)",
        "pow(n / usual, power)",
    ),
    (
        "strength by count: empty rows count in the average",
        STRENGTH,
        "n_filled += ratings.start[r + 1] > ratings.start[r];",
        "n_filled += ratings.start[r + 1] >= ratings.start[r];",
    ),
    (
        "strength by count: items have the average of users",
        STRENGTH,
        "is_item ? model->n_items : model->n_users;",
        "is_item ? model->n_users : model->n_users;",
    ),
    (
        "strength by count: a fold-in forgets the filled-up history",
        FOLD_IN_OBJECTIVE,
        "fmax((double)n, p->config->n_history)",
        "fmax((double)n, 0)",
    ),
    (
        "catalogue: the items' half of the first layer with the users' weights",
        SIDE_TILE,
        "is_item ? weights + k * width : weights",
        "weights",
    ),
    (
        "catalogue: the first layer's bias in both halves",
        SIDE_TILE,
        ".start = is_item ? NULL : dsc_network_bias(model->network, 0).data,",
        ".start = dsc_network_bias(model->network, 0).data,",
    ),
    (
        "catalogue: items of the last tile that are none",
        ITEM_RUN,
        "wanted[u] &= all;",
        "wanted[u] &= all | all << 1;",
    ),
    (
        "catalogue: rated items are recommended",
        RECOMMEND,
        "user->others[middle] < item",
        "user->others[middle] <= item",
    ),
    (
        "catalogue: a scorer uses a catalogue of another time",
        ITEM_RUN,
        "catalogue != NULL && dsc_catalogue_is_of(catalogue, scorer->time) ? catalogue : NULL",
        "catalogue",
    ),
    (
        "catalogue: a user of a long vector is done too early",
        RECOMMEND,
        "list->norm * reach->norm * (1 + rounding)",
        "fmin(list->norm, 1) * reach->norm * (1 + rounding)",
    ),
    (
        "catalogue: a user who is done takes the next one along",
        RECOMMEND,
        "const growing moved = lists[from];",
        "const growing moved = *done;",
    ),
    (
        "catalogue: the reach of a tile alone",
        CATALOGUE,
        "fmax(reach->norm, reach[1].norm)",
        "reach->norm",
    ),
    (
        "ranking: the threads' lists are not put together",
        LISTS,
        "lists->count[i] += from->count[i];",
        "lists->count[i] = from->count[i];",
    ),
]
