"""Bugs in training recommenders; what a row is stands in __init__.py."""

ALS = "src/recommender/als.c"
ALS_ROW = "src/recommender/als_row.c"
ALS_STEPS = "src/recommender/als_steps.c"
BY_COLUMN = "src/recommender/by_column.c"
CLOCK = "src/recommender/clock.c"
EMBEDDING = "src/recommender/embedding.c"
BASELINE = "src/recommender/baseline.c"
FACTORISATION = "src/recommender/factorisation.c"
FULL_BATCH_RUN = "src/recommender/full_batch.c"
FULL_BATCH_NETWORK = "src/recommender/full_batch_network.inc"
FULL_BATCH = "src/recommender/full_batch_pass.inc"
FULL_BATCH_RATINGS = "src/recommender/full_batch_ratings.c"
FULL_BATCH_SIDES = "src/recommender/full_batch_sides.inc"
FULL_BATCH_VALUES = "src/recommender/full_batch_values.inc"
HISTORY = "src/recommender/history.c"
MINIBATCH = "src/recommender/minibatch_history.c"
MODEL_SIDES = "src/recommender/model_sides.c"
GROUP_BATCH = "src/recommender/group_batch.c"
SAMPLER = "src/recommender/negative_sampler.c"
FACTOR = "src/math/kernels_c_factor.inc"
ORDINAL = "src/recommender/ordinal.c"
OUTPUT = "src/recommender/output.c"
RANKING_LOSS = "src/recommender/ranking_loss.c"
TILE = "src/recommender/tile.c"
TRIALS = "src/recommender/train.c"
TRAINING = "src/recommender/training.c"
TRAINER = "src/recommender/trainer.c"
TRAINER_STEP = "src/recommender/trainer_step.c"

MUTANTS = [
    (
        "minibatch: what dropout keeps is not scaled up",
        MINIBATCH,
        "1 / ((1 - h->dropout) * sqrt((double)n))",
        "1 / sqrt((double)n)",
    ),
    (
        "minibatch: dropout keeps what it should leave out",
        MINIBATCH,
        ">= h->dropout * 0x1p32",
        "< h->dropout * 0x1p32",
    ),
    (
        "minibatch: the same entries left out in each step",
        MINIBATCH,
        "h->step * h->n_streams + h->first_stream + row",
        "h->first_stream + row",
    ),
    (
        "minibatch: users and items leave out alike",
        MINIBATCH,
        "h->step * h->n_streams + h->first_stream + row",
        "h->step * h->n_streams + row",
    ),
    (
        "minibatch: gradient of a history not scaled",
        MINIBATCH,
        "    h->kernels->scale(d_scaled, scale_of(h, row), k);\n",
        "",
    ),
    (
        "minibatch: own vector not in the side",
        MINIBATCH,
        "        h->kernels->sum_rows(side, &(dsc_picked_rows){h->own, k, &row, 1});\n",
        "",
    ),
    (
        "minibatch: penalty of a history whole for each rating",
        MINIBATCH,
        "n_uses / (float)(h->rows.start[row + 1] - h->rows.start[row])",
        "n_uses",
    ),
    (
        "minibatch: a part of the summed vectors takes what is of others",
        MINIBATCH,
        "n_picked += dsc_table_part(column[j], DSC_TABLE_PARTS) == part;",
        "n_picked += dsc_table_part(column[j], DSC_TABLE_PARTS) <= part;",
    ),
    (
        "minibatch: what is kept of a row stands where the next one's does",
        MINIBATCH,
        "uint32_t *kept = h->kept + begin;",
        "uint32_t *kept = h->kept + h->rows.start[row + 1];",
    ),
    ("full batch: history divided by its length", HISTORY, "1 / sqrt((double)n)", "1 / (double)n"),
    (
        "full batch: gradient of rated vectors not scaled",
        FULL_BATCH_SIDES,
        "dsc_pool_run(pool, s->rows->n, scale_rows, s);",
        "",
    ),
    (
        "full batch: raters' gradient along the wrong way",
        FULL_BATCH_SIDES,
        ".d_sides = p->d_item_sides,",
        ".d_sides = p->d_user_sides,",
    ),
    (
        "full batch: ridge without its half",
        FULL_BATCH_VALUES,
        "return strength / 2 * p->kernels",
        "return strength * p->kernels",
    ),
    (
        "full batch: gradients of steps without their unit",
        FULL_BATCH,
        "(real)(p->unit_of_steps * p->steps[j]);",
        "(real)p->steps[j];",
    ),
    (
        "full batch: the watcher sees steps in L-BFGS's unit",
        FULL_BATCH_RUN,
        "    scale_steps(b->model, b->pass.unit_of_steps);\n    dsc_model_set_thresholds",
        "    dsc_model_set_thresholds",
    ),
    (
        "full batch: network's part lost from the error",
        FULL_BATCH_NETWORK,
        "error[s] += output[s];",
        "error[s] += 0 * output[s];",
    ),
    (
        "full batch: a block's slopes begin where the first one's do",
        FULL_BATCH,
        ".next = p->first + block * p->by_item.n_rows,",
        ".next = p->first,",
    ),
    (
        "full batch: the second evaluation begins where the first one ended",
        BY_COLUMN,
        "memcpy(of_block, of_block - n_columns, bytes);",
        "memcpy(of_block, of_block - n_columns, 0 * bytes);",
    ),
    (
        "full batch: slopes of bins from the order by user",
        FULL_BATCH,
        "+= slopes[from];",
        "+= slopes[e + 0 * from];",
    ),
    (
        "full batch: slopes where all ratings would have them",
        FULL_BATCH,
        "part->next[part->users.column[e]]++] = part->error[e];",
        "part->next[p->by_user.all.column[part->begin + e]]++] = part->error[e];",
    ),
    (
        "full batch: weights of both orders by user",
        FULL_BATCH_RATINGS,
        "b->item_weights, p->first[item]++, m->weights[e]);",
        "b->item_weights, p->first[item]++ * 0 + e, m->weights[e]);",
    ),
    (
        "als: the users' interactions all count",
        ALS,
        "als->by_user = by_user;",
        "als->by_user = dsc_kept_ratings_all(by_user.all);",
    ),
    (
        "full batch: times of kept ratings from the first ones",
        FULL_BATCH_RATINGS,
        "dsc_clock_bin(&m->clock, all.time[e]));",
        "dsc_clock_bin(&m->clock, all.time[n]));",
    ),
    (
        "full batch: targets of the first ratings of all",
        FULL_BATCH,
        "dsc_trainer_targets(p->model, ratings, part->n, part->target);",
        "dsc_trainer_targets(p->model, p->by_user.all.value + (part->begin + 0 * (ratings != NULL)),"
        " part->n, part->target);",
    ),
    (
        "full batch: one room for the columns of all threads",
        FULL_BATCH_SIDES,
        "p->column_room + thread * p->longest_part",
        "p->column_room + 0 * thread",
    ),
    (
        "sides: a weighed history takes a root too",
        HISTORY,
        "    if (history->weights == NULL) {\n        kernels->scale",
        "    if (true) {\n        kernels->scale",
    ),
    (
        "sides: weights counted from the mean",
        MODEL_SIDES,
        "DSC_WEIGHT_OF_MEAN + (",
        "0 * DSC_WEIGHT_OF_MEAN + (",
    ),
    (
        "sides: the derivative at the side, not at its sum",
        FULL_BATCH_SIDES,
        ".normed = s->sums + at,",
        ".normed = s->sides + at,",
    ),
    (
        "sides: gradients skip the activation",
        FULL_BATCH_SIDES,
        "    if (s->sums != s->sides) {\n        const dsc_dense",
        "    if (false) {\n        const dsc_dense",
    ),
    (
        "sides: of a shared vector the last row's gradient alone",
        FULL_BATCH_SIDES,
        "total += (double)s->d_sides",
        "total = (double)s->d_sides",
    ),
    (
        "sides: weights of the transposed order",
        FULL_BATCH_SIDES,
        "weights_of(p, !s->is_item, range, thread)",
        "weights_of(p, s->is_item, range, thread)",
    ),
    (
        "sides: a shared vector held as if it were each one's",
        FULL_BATCH_VALUES,
        "share_items ? ridge->biases : ridge->vectors",
        "ridge->vectors",
    ),
    (
        "threads: the ordinal sums of the first part alone",
        FULL_BATCH,
        "dsc_ordinal_sums_add(&p->ordinal, &all, &p->sums[i]);",
        "dsc_ordinal_sums_add(&p->ordinal, &all, &p->sums[0]);",
    ),
    (
        "threads: a ridge across two parts loses its row",
        FULL_BATCH_VALUES,
        "const size_t row = (i - first) / width,",
        "const size_t row = (i - values.begin) / width,",
    ),
    (
        "ordinal: a threshold's distance without the ones below",
        ORDINAL,
        "o->thresholds[j - 1] + distance;",
        "o->thresholds[0] + distance;",
    ),
    (
        "ordinal: a loss without the distance of its thresholds",
        ORDINAL,
        "log((1 + below) * (1 + above)) + o->narrowness[place]",
        "log((1 + below) * (1 + above)) + 0 * o->narrowness[place]",
    ),
    (
        "ordinal: the slope at a threshold without the distance's share",
        ORDINAL,
        "-= share_above + o->pressure[place];",
        "-= share_above;",
    ),
    (
        "ordinal: a step moves one threshold alone",
        ORDINAL,
        "d_all_above += sums->d_thresholds[j];",
        "d_all_above = sums->d_thresholds[j];",
    ),
    (
        "ordinal: a score without a limit",
        ORDINAL,
        "return exp(fmax(-most_score, fmin(most_score, score)));",
        "return exp(score);",
    ),
    (
        "ordinal: a loss that is flat beyond the limit",
        ORDINAL,
        "+ slope * beyond;",
        "+ 0 * slope * beyond;",
    ),
    (
        "ordinal: steps of the mean are all one",
        ORDINAL,
        "mean += (o->values[j] - o->values[j - 1]) *",
        "mean += 1 *",
    ),
    (
        "ordinal: a full batch takes the place for the score",
        FULL_BATCH,
        "(is_ordinal ? 0 : (real)target[j]);",
        "(real)target[j];",
    ),
    (
        "ordinal: a minibatch with the factor of squares",
        TILE,
        "(is_ordinal ? 1.0F : 2.0F)",
        "(is_ordinal ? 2.0F : 2.0F)",
    ),
    (
        "ordinal: thresholds that stay where they began",
        TRAINER_STEP,
        "gradient[j] = (float)(d_steps[j] / (double)n);",
        "gradient[j] = 0 * (float)(d_steps[j] / (double)n);",
    ),
    (
        "ordinal: thresholds in the unit of all others",
        FULL_BATCH_RUN,
        "return exp2(round(",
        "return 1 + 0 * exp2(round(",
    ),
    (
        "ordinal: an explanation by the slope at 0",
        OUTPUT,
        "(dsc_ordinal_mean(ordinal, f) - at_zero) / f};",
        "dsc_ordinal_slope(ordinal, 0)};",
    ),
    (
        "time: a bin begins after its first second",
        CLOCK,
        "if (times[middle] <= time) {",
        "if (times[middle] < time) {",
    ),
    (
        "time: a session of the pause before it",
        CLOCK,
        "seconds(sorted[e - 1], sorted[e]) > out->gap",
        "seconds(sorted[e - 1], sorted[e]) >= out->gap",
    ),
    (
        "time: any session, however far",
        CLOCK,
        "return nearest <= clock->gap ?",
        "return found < n ?",
    ),
    (
        "time: a session's error is not passed back",
        FULL_BATCH,
        "[p->session_of[part->begin + e]] += part->error[e];",
        "[p->session_of[part->begin + e]] += 0 * part->error[e];",
    ),
    (
        "time: the ridge of sessions on the bins",
        FULL_BATCH_VALUES,
        "m->clock.n_bins, 1, ridge->time_bins, NULL},",
        "m->clock.n_bins, 1, ridge->sessions, NULL},",
    ),
    (
        "strength by count: the factors of the first rows alone",
        FULL_BATCH_VALUES,
        "group->strength * group->factor[row]);",
        "group->strength * group->factor[0]);",
    ),
    (
        "strength by count: summed vectors have the counts of the others",
        FULL_BATCH_VALUES,
        "ridge->user_history, p->item_strength}",
        "ridge->user_history, p->user_strength}",
    ),
    (
        "trials: the parabola leans the wrong way",
        TRIALS,
        "at + (left - right) / (2 * curvature)",
        "at - (left - right) / (2 * curvature)",
    ),
    (
        "trials: no way up",
        TRIALS,
        "status = walk(c, 2, err);",
        "status = walk(c, -2, err);",
    ),
    (
        "interactions: all rows are held equally",
        ALS,
        "(n_interactions + dsc_als_pair_weight(model) * n_others);",
        "(1 + dsc_als_pair_weight(model) * n_others);",
    ),
    (
        "interactions: what was not chosen has no weight",
        ALS,
        "const double shared = weight * fmax(h->als->gram[f * k + f], 0);",
        "const double shared = 0 * weight * fmax(h->als->gram[f * k + f], 0);",
    ),
    (
        "interactions: each step goes straight down",
        ALS_STEPS,
        "const float kept = left / squares;",
        "const float kept = 0 * left / squares;",
    ),
    (
        "interactions: the equations of a row without what all share",
        ALS_STEPS,
        "    add(of, out, -1, x);",
        "    add(of, out, 0, x);",
    ),
    (
        "interactions: threads leave out the last row of a part",
        ALS,
        "r < (part + 1) * DSC_ALS_PART && r < h->rows.n_rows",
        "r + 1 < (part + 1) * DSC_ALS_PART && r < h->rows.n_rows",
    ),
    (
        "interactions: a folded row without the others' Gram matrix",
        ALS_ROW,
        "a[i] = weight * gram[i];",
        "a[i] = 0 * weight * gram[i];",
    ),
    (
        "interactions: bpr of the sum instead of the mean",
        RANKING_LOSS,
        "n > 1 ? 1 / (double)(n - 1) : 0;",
        "n > 1 ? 1 : 0;",
    ),
    (
        "interactions: softmax without the chosen item's 1",
        RANKING_LOSS,
        "    d_score[0] -= 1;",
        "    d_score[0] -= 0;",
    ),
    (
        "interactions: negatives that were chosen",
        SAMPLER,
        "if (all_marked || !dsc_kept_ratings_has(&s->chosen, user, one)) {",
        "if (one < n_items) {",
    ),
    (
        "interactions: chosen items not all ruled out",
        SAMPLER,
        "for (uint64_t e = w.begin; e < w.end; e++) {",
        "for (uint64_t e = w.begin + 1; e < w.end; e++) {",
    ),
    (
        "interactions: a gap before a group that is not closed",
        GROUP_BATCH,
        "if (begin != n_pairs) {",
        "if (begin < n_pairs) {",
    ),
    (
        "interactions: the same negatives in every epoch",
        SAMPLER,
        "(uint64_t)epoch << 32 | place",
        "(uint64_t)0 * epoch << 32 | place",
    ),
    (
        "interactions: a walk that takes an item too seldom",
        SAMPLER,
        "dsc_random_below(&random, n_free--) < n - drawn",
        "dsc_random_below(&random, n_free) < n - drawn",
    ),
    (
        "tiles: a row that is touched again begins anew",
        EMBEDDING,
        "    e->kernels->accumulate_rows(&moves);",
        "    e->kernels->copy_rows(&moves);",
    ),
    (
        "tiles: a penalty that counts each row once",
        EMBEDDING,
        "        touched->weight[slot] += 1;",
        "        touched->weight[slot] = 1;",
    ),
    (
        "tiles: those after the first forget the network's gradient",
        TRAINER_STEP,
        "(is_first ? kernels->copy_rows : kernels->accumulate_rows)(&whole);",
        "kernels->copy_rows(&whole);",
    ),
    (
        "tiles: the first one adds to the network's gradient of the step before",
        TRAINER_STEP,
        "(is_first ? kernels->copy_rows : kernels->accumulate_rows)(&whole);",
        "kernels->accumulate_rows(&whole);",
    ),
    (
        "tiles: a mean over the tile instead of the minibatch",
        TILE,
        "/ (float)tile->n_batch;",
        "/ (float)tile->n;",
    ),
    (
        "tiles: users' gradients for the items",
        TRAINER_STEP,
        ".gradient = tile->d_x + p->of * k,",
        ".gradient = tile->d_x,",
    ),
    (
        "tiles: the last pair of each is left out of a whole table",
        TILE,
        "begin[1] = (uint32_t)tile->n;",
        "begin[1] = (uint32_t)tile->n - 1;",
    ),
    (
        "tiles: one thread sums histories over a whole table",
        TRAINER,
        "n_threads == 1 && !dsc_minibatch_sides_has_history(&trainer->sides)",
        "n_threads == 1",
    ),
    (
        "tiles: a failure that leaves gradients behind",
        TRAINER_STEP,
        "        dsc_embedding_reset(&trainer->tables[t]);",
        "        (void)t;",
    ),
    (
        "baselines: the last user of a part is left out",
        BASELINE,
        "for (size_t u = f->first[part]; u < f->first[part + 1]; u++) {",
        "for (size_t u = f->first[part]; u + 1 < f->first[part + 1]; u++) {",
    ),
    (
        "baselines: the second part is not added up",
        BASELINE,
        "for (size_t p = 1; p < f->n_parts; p++) {",
        "for (size_t p = 2; p < f->n_parts; p++) {",
    ),
    (
        "baselines: sums of items go on from sweep to sweep",
        BASELINE,
        "memset(f->item_sums, 0, f->n_parts * n_items * sizeof *f->item_sums);",
        "memset(f->item_sums, 0, n_items * sizeof *f->item_sums);",
    ),
    (
        "factorisation: all rounds are the same",
        FACTORISATION,
        "self->shift = self->rounds[round];",
        "self->shift = 0 * self->rounds[round];",
    ),
    (
        "factorisation: the fast numbers rest in every epoch",
        FACTORISATION,
        "self->is_first_epoch = epoch == 1;",
        "self->is_first_epoch = epoch >= 1;",
    ),
    (
        "factorisation: vectors are handed over in the order of training",
        FACTORISATION,
        "of->table + owner * of->k",
        "of->table + row * of->k",
    ),
    (
        "factorisation: the last rating of a chunk is left out",
        FACTORISATION,
        "pass.n = left - n_after;",
        "pass.n = left - n_after - (n_after > 0);",
    ),
    (
        "factorisation: every chunk begins a sum",
        FACTOR,
        "double sum = pass->sum;",
        "double sum = 0;",
    ),
    (
        "catalogue: the least sum that can enter is not rounded down",
        OUTPUT,
        "return nextafterf((float)((score - center) / spread - slack), -INFINITY);",
        "return nextafterf((float)((score - center) / spread + 1e-3), INFINITY);",
    ),
    (
        "bf16: the same lots in each step",
        EMBEDDING,
        "embedding->lot = high << 32 | dsc_random_u32(&embedding->lots);",
        "embedding->lot = high >> 63;",
    ),
    (
        "bf16: epochs predict with the vectors of the start",
        TRAINING,
        "dsc_trainer_hand_over(t->trainer);",
        ";",
    ),
    (
        "bf16: what is kept has more bits than the file",
        TRAINING,
        "if (config->use_bf16) {\n",
        "if (config->use_bf16 && config->average_epochs == 1) {\n",
    ),
    (
        "bf16: the error told is that before rounding",
        TRAINING,
        "measure_held(t, &model->statistics.validation_rmse, &model->statistics.validation_ndcg);",
        ";",
    ),
]
