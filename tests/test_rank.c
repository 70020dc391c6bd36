/* A model ranked against test ratings: by hand, user by user, and by what must hold of chance and
 * of sampled rankings. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "descent/evaluation.h"
#include "fail_alloc.h"
#include "planted_ratings.h"
#include "scratch_dir.h"

static const size_t cutoffs[] = {1, 3, 10, 500};
enum { N_K = 4, N_ITEMS = 40, N_EXTRA = 10 };

#define assert_near(found, expected) assert_close_at(__LINE__, found, expected)

static void assert_close_at(int line, double found, double expected) {
    if (!(isnan(expected) ? isnan(found) : fabs(found - expected) <= 1e-12)) {
        fail_msg("line %d: found %.17g, expected %.17g", line, found, expected);
    }
}

typedef struct fixture {
    dsc_ratings *training, *test; /* the test has 10 users and 10 items that are not in training */
    dsc_recommender *model, *dot;
    dsc_ranking_plan plan;
} fixture;

static int begin(void **state) {
    static fixture f;
    const planted what = {.n_users = 50, .n_items = N_ITEMS, .share = 0.3, .noise = 0.5, .seed = 1};
    planted wider = what;
    wider.part = 1;
    wider.n_users += 10;
    wider.n_items += N_EXTRA;
    wider.share = 0.3;
    f.training = planted_ratings(&what);
    assert_int_equal(dsc_ratings_sort_by_item(f.training, NULL), DSC_OK);
    f.test = planted_ratings(&wider);
    const dsc_recommender_config config = small_config();
    f.model = must_train(f.training, &config);
    assert_int_equal(dsc_recommender_train_dot(&f.dot, f.model, 0, NULL, NULL, NULL), DSC_OK);
    f.plan =
        (dsc_ranking_plan){.k = cutoffs, .n_k = N_K, .min_relevant = 5, .seed = 4, .dot = f.dot};
    *state = &f;
    return 0;
}

static int end(void **state) {
    fixture *f = *state;
    dsc_recommender_destroy(f->model);
    dsc_recommender_destroy(f->dot);
    dsc_ratings_destroy(f->training);
    dsc_ratings_destroy(f->test);
    return 0;
}

static dsc_ranking_evaluation *must_rank(const fixture *f, const dsc_ranking_plan *plan) {
    static dsc_ranking_evaluation out;
    dsc_error err = {DSC_OK, "", ""};
    memset(&out, 0xAA, sizeof out);
    if (dsc_recommender_rank(f->model, f->test, plan, &out, &err) != DSC_OK) {
        fail_msg("%s: %s", err.where, err.message);
    }
    return &out;
}

/* The rating of a pair of the test file, or NAN. */
static double rating_of(const dsc_ratings *ratings, uint32_t user, uint32_t item) {
    const dsc_sparse all = dsc_ratings_by_user(ratings);
    if (user == DSC_NO_INDEX || item == DSC_NO_INDEX) {
        return (double)NAN;
    }
    for (uint64_t e = all.start[user]; e < all.start[user + 1]; e++) {
        if (all.column[e] == item) {
            return (double)all.value[e];
        }
    }
    return (double)NAN;
}

/* Whoever ranks all by one number an item; the model by recommending everything. */
static double score_of(const fixture *f, dsc_contender by, uint32_t item, const double *by_model) {
    const dsc_sparse items = dsc_ratings_by_item(f->training);
    if (by == DSC_BY_POPULARITY) {
        return (double)(items.start[item + 1] - items.start[item]);
    }
    return by == DSC_BY_MEAN ? 0 : by_model[item];
}

/* The model's order as dsc_scorer_recommend gives it: the first has the highest number. Items that
 * it leaves out, which were rated in training, get NAN. */
static void order_by_model(dsc_scorer *scorer, uint32_t user, double *score) {
    dsc_recommendation list[N_ITEMS];
    size_t n = 0;
    for (size_t i = 0; i < N_ITEMS; i++) {
        score[i] = (double)NAN;
    }
    dsc_scorer_recommend(scorer, user, N_ITEMS, list, &n);
    for (size_t r = 0; r < n; r++) {
        score[list[r].item] = -(double)r;
    }
}

/* Means of what a ranker says of each user's candidates, which are found pair by pair. */
static void recompute(const fixture *f, dsc_contender by, double *mean, double *auc,
                      size_t *n_ranked) {
    double sum[N_K * DSC_N_LIST_METRICS] = {0}, sum_of_auc = 0;
    dsc_ranker *ranker;
    dsc_scorer *scorer = must_create_scorer(f->model);
    *n_ranked = 0;
    assert_int_equal(dsc_ranker_create(&ranker, N_ITEMS + N_EXTRA, cutoffs, N_K, NULL), DSC_OK);
    for (uint32_t u = 0; u < dsc_ratings_n_users(f->test); u++) {
        const uint32_t user = dsc_recommender_find_user(f->model, dsc_ratings_user_id(f->test, u));
        double by_model[N_ITEMS], score[N_ITEMS + N_EXTRA], at[N_K * DSC_N_LIST_METRICS], area;
        bool relevant[N_ITEMS + N_EXTRA];
        size_t n = 0, n_relevant = 0;
        order_by_model(scorer, user, by_model);
        for (uint32_t i = 0; i < N_ITEMS; i++) {
            const dsc_id id = dsc_recommender_item_id(f->model, i);
            if (isnan(by_model[i])) {
                continue;
            }
            relevant[n] =
                rating_of(f->test, u, dsc_ratings_find_item(f->test, id)) >= f->plan.min_relevant;
            n_relevant += relevant[n];
            score[n++] = score_of(f, by, i, by_model);
        }
        for (uint32_t i = 0; i < dsc_ratings_n_items(f->test); i++) {
            const dsc_id id = dsc_ratings_item_id(f->test, i);
            if (dsc_recommender_find_item(f->model, id) == DSC_NO_INDEX &&
                rating_of(f->test, u, i) >= f->plan.min_relevant) {
                relevant[n] = true;
                n_relevant++;
                score[n++] = -(double)INFINITY;
            }
        }
        if (n_relevant == 0) {
            continue;
        }
        dsc_ranker_measure(ranker, n, score, relevant, at, &area);
        (*n_ranked)++;
        sum_of_auc += area;
        for (size_t m = 0; m < N_K * DSC_N_LIST_METRICS; m++) {
            sum[m] += at[m];
        }
    }
    for (size_t m = 0; m < N_K * DSC_N_LIST_METRICS; m++) {
        mean[m] = sum[m] / (double)*n_ranked;
    }
    *auc = sum_of_auc / (double)*n_ranked;
    dsc_ranker_destroy(ranker);
    dsc_scorer_destroy(scorer);
}

/* Test pairs that are in training too. */
static size_t count_seen(const fixture *f) {
    const dsc_sparse all = dsc_ratings_by_user(f->test);
    size_t n = 0;
    for (uint32_t u = 0; u < all.n_rows; u++) {
        const uint32_t user = dsc_ratings_find_user(f->training, dsc_ratings_user_id(f->test, u));
        for (uint64_t e = all.start[u]; e < all.start[u + 1]; e++) {
            const dsc_id item = dsc_ratings_item_id(f->test, all.column[e]);
            n += isnan(rating_of(f->training, user, dsc_ratings_find_item(f->training, item))) ? 0
                                                                                               : 1;
        }
    }
    return n;
}

static void figures_agree_with_recommending_pair_by_pair(void **state) {
    const fixture *f = *state;
    const dsc_ranking_evaluation *out = must_rank(f, &f->plan);
    const dsc_contender contenders[] = {DSC_BY_MODEL, DSC_BY_POPULARITY, DSC_BY_MEAN};
    for (size_t i = 0; i < 3; i++) {
        double mean[N_K * DSC_N_LIST_METRICS], auc;
        size_t n_ranked;
        recompute(f, contenders[i], mean, &auc, &n_ranked);
        assert_int_equal(out->n_ranked_users, n_ranked);
        for (size_t c = 0; c < N_K; c++) {
            for (size_t m = 0; m < DSC_N_LIST_METRICS; m++) {
                assert_near(out->by[contenders[i]].at[c][m].value,
                            mean[c * DSC_N_LIST_METRICS + m]);
            }
        }
        assert_near(out->by[contenders[i]].auc.value, auc);
    }
    assert_true(out->n_unknown_users > 0 && out->n_unknown_users <= 10);
    assert_true(out->n_unknown_pairs > 0 && out->n_unknown_pairs < out->n_relevant);
    assert_int_equal(out->n_users, dsc_ratings_n_users(f->test));
    assert_true(out->n_ranked_users < out->n_users); /* some find nothing relevant */
    assert_int_equal(out->n_items, N_ITEMS);
    assert_int_equal(out->n_seen_pairs, count_seen(f));
    assert_true(out->n_seen_pairs > 0);
    assert_true(out->by[DSC_BY_MODEL].auc.value > out->by[DSC_BY_MEAN].auc.value);
}

/* What it ranks is what it would if it were the model itself; without it all others are the same. */
static void the_dot_product_ranks_like_a_model(void **state) {
    fixture f = *(const fixture *)*state;
    const dsc_ranking_evaluation beside = *must_rank(&f, &f.plan);
    f.plan.dot = NULL;
    const dsc_ranking_evaluation without = *must_rank(&f, &f.plan);
    f.model = f.dot;
    const dsc_ranking_evaluation alone = *must_rank(&f, &f.plan);
    for (size_t c = 0; c < N_K; c++) {
        for (size_t m = 0; m < DSC_N_RANKING_METRICS; m++) {
            assert_near(beside.by[DSC_BY_DOT].at[c][m].value,
                        alone.by[DSC_BY_MODEL].at[c][m].value);
            assert_true(isnan(without.by[DSC_BY_DOT].at[c][m].value));
            for (size_t k = 0; k < DSC_BY_DOT; k++) {
                assert_near(beside.by[k].at[c][m].value, without.by[k].at[c][m].value);
            }
        }
    }
    assert_near(beside.by[DSC_BY_DOT].auc.value, alone.by[DSC_BY_MODEL].auc.value);
    assert_true(beside.by[DSC_BY_DOT].auc.value > beside.by[DSC_BY_MEAN].auc.value + 0.05);
    assert_true(fabs(beside.by[DSC_BY_DOT].auc.value - beside.by[DSC_BY_MODEL].auc.value) > 1e-6);
}

/* The users of training alone, who know all items: a constant scorer has an area of one half, and
 * hits as often as its share of the candidates. */
static void the_mean_scores_like_chance(void **state) {
    fixture f = *(const fixture *)*state;
    planted what = {.n_users = 50, .n_items = N_ITEMS, .share = 0.3, .noise = 0.5, .seed = 1};
    what.part = 1;
    f.test = planted_ratings(&what);
    const dsc_ranking_evaluation *out = must_rank(&f, &f.plan);
    const dsc_ranking_scores *chance = &out->by[DSC_BY_MEAN];
    assert_int_equal(out->n_unknown_pairs, 0);
    assert_near(chance->auc.value, 0.5);
    for (size_t c = 0; c < N_K; c++) {
        assert_near(chance->at[c][DSC_AUC_AT].value, 0.5);
    }
    assert_near(chance->at[0][DSC_NDCG].value, chance->at[0][DSC_PRECISION].value);
    assert_near(chance->at[0][DSC_HIT_RATE].value, chance->at[0][DSC_PRECISION].value);
    assert_near(chance->at[3][DSC_RECALL].value, 1);
    assert_near(chance->at[3][DSC_COVERAGE].value, 1);
    dsc_ratings_destroy(f.test);
}

/* The test pairs as lists: each of them is relevant, whatever the plan says of ratings. */
static void implicit_feedback_is_relevant(void **state) {
    const fixture *f = *state;
    const dsc_sparse rows = dsc_ratings_by_user(f->test);
    const dsc_ratings_format format = {.feedback = DSC_FEEDBACK_IMPLICIT,
                                       .layout = DSC_LAYOUT_LISTS};
    fixture of_lists = *f;
    char *text = malloc(rows.n_entries * 32 + rows.n_rows * 32);
    assert_non_null(text);
    size_t n = 0;
    for (uint32_t u = 0; u < rows.n_rows; u++) {
        const dsc_id user = dsc_ratings_user_id(f->test, u);
        n += (size_t)sprintf(text + n, "%.*s", (int)user.length, user.bytes);
        for (uint64_t e = rows.start[u]; e < rows.start[u + 1]; e++) {
            const dsc_id item = dsc_ratings_item_id(f->test, rows.column[e]);
            n += (size_t)sprintf(text + n, " %.*s", (int)item.length, item.bytes);
        }
        text[n++] = '\n';
    }
    assert_int_equal(dsc_ratings_read_memory(&of_lists.test, text, n, "t", &format, NULL, NULL),
                     DSC_OK);
    dsc_ranking_plan plan = f->plan;
    plan.min_relevant = -(double)INFINITY;
    const dsc_ranking_evaluation all = *must_rank(f, &plan);
    plan.min_relevant = 5;
    const dsc_ranking_evaluation found = *must_rank(&of_lists, &plan);
    assert_int_equal(found.n_relevant, rows.n_entries - found.n_seen_pairs);
    assert_memory_equal(&found, &all, sizeof all);
    dsc_error err;
    dsc_evaluation errors;
    assert_int_equal(dsc_recommender_evaluate(f->model, of_lists.test, NULL, &errors, &err),
                     DSC_E_DATA);
    assert_non_null(strstr(err.message, "nothing to predict"));
    dsc_ratings_destroy(of_lists.test);
    free(text);
}

/* More negatives than there are: those of all items, when nothing is tested but what is relevant. */
static void sampling_everything_is_ranking_everything(void **state) {
    const fixture *f = *state;
    dsc_ranking_plan plan = f->plan;
    plan.min_relevant = -(double)INFINITY;
    const dsc_ranking_evaluation full = *must_rank(f, &plan);
    plan.n_negatives = 1000;
    const dsc_ranking_evaluation sampled = *must_rank(f, &plan);
    assert_int_equal(full.n_negatives, 0);
    assert_int_equal(sampled.n_negatives, 1000);
    for (size_t k = 0; k < DSC_N_CONTENDERS; k++) {
        for (size_t c = 0; c < N_K; c++) {
            for (size_t m = 0; m < DSC_N_LIST_METRICS; m++) {
                assert_near(sampled.by[k].at[c][m].value, full.by[k].at[c][m].value);
            }
            assert_true(!isnan(full.by[k].at[c][DSC_NOVELTY].value));
            assert_true(isnan(sampled.by[k].at[c][DSC_NOVELTY].value));
            assert_true(isnan(sampled.by[k].at[c][DSC_COVERAGE].value));
        }
        assert_near(sampled.by[k].auc.value, full.by[k].auc.value);
    }
}

/* Few negatives make ranking easy, and are drawn from the seed alone: by rejection for 3 and 7, by
 * selection for 20. */
static void sampled_rankings_are_easier(void **state) {
    const fixture *f = *state;
    dsc_ranking_plan plan = f->plan;
    plan.n_negatives = 3;
    const dsc_ranking_evaluation first = *must_rank(f, &plan);
    const dsc_ranking_evaluation again = *must_rank(f, &plan);
    assert_memory_equal(&first, &again, sizeof first);
    plan.seed++;
    const dsc_ranking_evaluation other = *must_rank(f, &plan);
    assert_true(first.by[DSC_BY_MODEL].auc.value != other.by[DSC_BY_MODEL].auc.value);
    double before = 2;
    const size_t numbers[] = {3, 7, 20};
    for (size_t i = 0; i < 3; i++) {
        plan.n_negatives = numbers[i];
        const double hits = must_rank(f, &plan)->by[DSC_BY_MODEL].at[1][DSC_RECALL].value;
        assert_true(hits < before);
        before = hits;
    }
}

/* tea was rated by 3, jam by 2, ham and fig by 1; ann has not rated ham and fig, bob has tea. */
static const char small_training[] = "ann,tea,5\nann,jam,1\nbob,tea,4\ncid,tea,3\ncid,jam,3\n"
                                     "cid,ham,3\ndan,fig,2\n";

typedef struct given_case {
    const char *test, *negatives;
    size_t n_dropped, n_unknown_pairs;
    double mrr; /* of popularity */
} given_case;

static const given_case given_cases[] = {
    {"bob,jam,5\n", "(bob,jam)\tham\tfig\n", 0, 0, 1},
    {"bob,ham,5\n", "bob jam fig\n", 0, 0, (1.0 / 2 + 1.0 / 3) / 2}, /* tied with fig, behind jam */
    {"bob,ham,5\n", "bob jam fig ham\n", 1, 0, (1.0 / 2 + 1.0 / 3) / 2}, /* its own negative */
    {"bob,ham,5\n", "bob tea jam\n", 1, 0, 1.0 / 2},                     /* rated in training */
    {"bob,pie,5\n", "bob jam ham\n", 0, 1, 1.0 / 3},                     /* known to nobody */
    {"bob,pie,5\n", "bob jam nut\n", 0, 1, (1.0 / 2 + 1.0 / 3) / 2},     /* as is this negative */
    {"bob,pie,5\n", "bob jam pie\n", 1, 1, 1.0 / 2},
    {"eve,jam,5\n", "eve tea fig\nbob fig\n", 0, 0, 1.0 / 2},
    {"bob,jam,5\nbob,ham,1\n", "bob ham fig\n", 0, 0, 1}, /* tested, but not relevant */
};

static void given_negatives_by_hand(void **state) {
    dsc_ratings *training = ratings_from_text(small_training);
    dsc_recommender_config config = small_config();
    config.holdout = 0;
    fixture f = {.model = must_train(training, &config)};
    const size_t k = 10;
    for (size_t i = 0; i < sizeof given_cases / sizeof *given_cases; i++) {
        const given_case *c = &given_cases[i];
        dsc_negatives *given;
        char *path = scratch_write(*state, "given", c->negatives, strlen(c->negatives));
        assert_int_equal(dsc_negatives_read(&given, path, NULL), DSC_OK);
        f.test = ratings_from_text(c->test);
        f.plan = (dsc_ranking_plan){.k = &k, .n_k = 1, .min_relevant = 3, .given = given};
        print_message("case %zu\n", i);
        const dsc_ranking_evaluation *out = must_rank(&f, &f.plan);
        assert_int_equal(out->n_dropped, c->n_dropped);
        assert_int_equal(out->n_unknown_pairs, c->n_unknown_pairs);
        assert_near(out->by[DSC_BY_POPULARITY].at[0][DSC_MRR].value, c->mrr);
        dsc_ratings_destroy(f.test);
        dsc_negatives_destroy(given);
        free(path);
    }
    dsc_recommender_destroy(f.model);
    dsc_ratings_destroy(training);
}

/* What was in training is no candidate, and who finds nothing else is left out. */
static void what_was_in_training_is_not_ranked(void **state) {
    (void)state;
    dsc_ratings *training = ratings_from_text(small_training);
    dsc_recommender_config config = small_config();
    config.holdout = 0;
    const size_t k = 2;
    fixture f = {.model = must_train(training, &config),
                 .test = ratings_from_text("ann,tea,5\nann,ham,4\nbob,tea,4\ndan,jam,1\n"),
                 .plan = {.k = &k, .n_k = 1, .min_relevant = 3}};
    const dsc_ranking_evaluation *out = must_rank(&f, &f.plan);
    assert_int_equal(out->n_users, 3);
    assert_int_equal(out->n_ranked_users, 1);
    assert_int_equal(out->n_relevant, 1);
    assert_int_equal(out->n_seen_pairs, 2);
    assert_near(out->by[DSC_BY_POPULARITY].at[0][DSC_MRR].value, 0.75); /* ham, fig: tied */
    assert_near(out->by[DSC_BY_MODEL].at[0][DSC_COVERAGE].value, 0.5);
    dsc_ratings_destroy(f.test);
    f.test = ratings_from_text("bob,tea,4\ndan,jam,1\n");
    dsc_ranking_evaluation unused;
    dsc_error err;
    assert_int_equal(dsc_recommender_rank(f.model, f.test, &f.plan, &unused, &err), DSC_E_DATA);
    assert_non_null(strstr(err.message, "no user has a relevant item"));
    dsc_ratings_destroy(f.test);
    dsc_recommender_destroy(f.model);
    dsc_ratings_destroy(training);
}

/* The interval holds the mean, and gives nothing where there is none. */
static void intervals_are_around_the_means(void **state) {
    const fixture *f = *state;
    const dsc_bootstrap bootstrap = {.level = 0.9, .n_resamples = 300, .seed = 2};
    dsc_ranking_plan plan = f->plan;
    const dsc_ranking_evaluation without = *must_rank(f, &plan);
    plan.bootstrap = &bootstrap;
    const dsc_ranking_evaluation with = *must_rank(f, &plan);
    for (size_t k = 0; k < DSC_N_CONTENDERS; k++) {
        for (size_t m = 0; m < DSC_N_RANKING_METRICS; m++) {
            const dsc_measure *one = &with.by[k].at[2][m];
            assert_near(one->value, without.by[k].at[2][m].value);
            assert_true(isnan(without.by[k].at[2][m].range.low));
            if (m == DSC_COVERAGE || m == DSC_GINI) {
                assert_true(isnan(one->range.low) && isnan(one->range.high));
            } else {
                assert_true(one->range.low <= one->value && one->value <= one->range.high);
            }
        }
        assert_true(with.by[k].auc.range.low <= with.by[k].auc.value);
    }
    assert_true(with.by[DSC_BY_MODEL].auc.range.high - with.by[DSC_BY_MODEL].auc.range.low > 0.01);
}

static bool stop_at_once(size_t n_done, size_t n_users, void *user) {
    assert_true(n_done < n_users);
    (*(size_t *)user)++;
    return n_done < 32;
}

static void threads_change_no_figure(void **state) {
    const fixture *f = *state;
    static const size_t n_threads[] = {1, 2, 3, 8};
    static dsc_ranking_evaluation found[2];
    const dsc_bootstrap bootstrap = {.level = 0.9, .n_resamples = 50, .seed = 2};
    for (size_t n_negatives = 0; n_negatives <= 20; n_negatives += 20) {
        dsc_ranking_plan plan = f->plan;
        plan.bootstrap = &bootstrap;
        plan.n_negatives = n_negatives;
        for (size_t t = 0; t < sizeof n_threads / sizeof *n_threads; t++) {
            plan.n_threads = n_threads[t];
            found[t > 0] = *must_rank(f, &plan);
            assert_memory_equal(&found[t > 0], &found[0], sizeof found[0]);
        }
        assert_true(found[0].n_ranked_users > 32); /* more than are ranked at once */
    }
    dsc_ranking_plan plan = f->plan;
    dsc_error err;
    plan.n_threads = 2000;
    assert_int_equal(dsc_recommender_rank(f->model, f->test, &plan, &found[0], &err),
                     DSC_E_ARGUMENT);
    assert_string_equal(err.where, "n_threads");
}

static void refusals(void **state) {
    const fixture *f = *state;
    dsc_ranking_evaluation out;
    dsc_error err;
    dsc_ranking_plan plan = f->plan;
    size_t n_calls = 0;
    plan.watcher = stop_at_once;
    plan.user = &n_calls;
    plan.n_threads = 1; /* so that not all users are in one batch */
    assert_int_equal(dsc_recommender_rank(f->model, f->test, &plan, &out, &err), DSC_E_CANCELLED);
    assert_int_equal(n_calls, 2);
    plan = f->plan;
    plan.n_k = 0;
    assert_int_equal(dsc_recommender_rank(f->model, f->test, &plan, &out, &err), DSC_E_ARGUMENT);
    const dsc_bootstrap bad = {.level = 2, .n_resamples = 100};
    plan = f->plan;
    plan.bootstrap = &bad;
    assert_int_equal(dsc_recommender_rank(f->model, f->test, &plan, &out, &err), DSC_E_ARGUMENT);
    dsc_ratings *others = ratings_from_text(small_training);
    dsc_recommender_config config = small_config();
    config.holdout = 0;
    dsc_recommender *other = must_train(others, &config);
    plan = f->plan;
    plan.dot = other;
    assert_int_equal(dsc_recommender_rank(f->model, f->test, &plan, &out, &err), DSC_E_ARGUMENT);
    assert_string_equal(err.where, "dot");
    dsc_recommender_destroy(other);
    dsc_ratings_destroy(others);
    assert_string_equal(dsc_contender_name(DSC_BY_POPULARITY), "popularity");
    assert_string_equal(dsc_contender_name(DSC_BY_DOT), "dot");
    assert_null(dsc_contender_name((dsc_contender)DSC_N_CONTENDERS));
}

static void negatives_are_needed_for_everybody(void **state) {
    dsc_ratings *training = ratings_from_text(small_training);
    dsc_recommender_config config = small_config();
    config.holdout = 0;
    dsc_recommender *model = must_train(training, &config);
    dsc_ratings *test = ratings_from_text("ann,ham,4\nbob,jam,4\n");
    char *path = scratch_write(*state, "given", "ann fig\n", 8);
    const size_t k = 2;
    dsc_negatives *given;
    dsc_ranking_evaluation out;
    dsc_error err;
    assert_int_equal(dsc_negatives_read(&given, path, NULL), DSC_OK);
    dsc_ranking_plan plan = {.k = &k, .n_k = 1, .min_relevant = 3, .given = given};
    assert_int_equal(dsc_recommender_rank(model, test, &plan, &out, &err), DSC_E_DATA);
    assert_non_null(strstr(err.message, "none for the user \"bob\""));
    plan.n_negatives = 5;
    assert_int_equal(dsc_recommender_rank(model, test, &plan, &out, &err), DSC_E_ARGUMENT);
    free(path);
    dsc_negatives_destroy(given);
    dsc_ratings_destroy(test);
    dsc_ratings_destroy(training);
    dsc_recommender_destroy(model);
}

static void memory_may_end_anywhere(void **state) {
    const fixture *f = *state;
    const dsc_bootstrap bootstrap = {.level = 0.9, .n_resamples = 3, .seed = 2};
    dsc_ranking_plan plan = f->plan;
    size_t nth = 0;
    dsc_status status;
    plan.bootstrap = &bootstrap;
    do {
        dsc_ranking_evaluation out;
        fail_alloc_begin(++nth, false);
        status = dsc_recommender_rank(f->model, f->test, &plan, &out, NULL);
        assert_int_equal(fail_alloc_end(), status != DSC_OK);
        assert_true(status == DSC_OK || status == DSC_E_MEMORY);
    } while (status != DSC_OK);
    assert_true(nth > 30);
}

int main(void) {
#define WITH_DIR(test)   cmocka_unit_test_setup_teardown(test, scratch_begin, scratch_end)
#define WITH_MODEL(test) cmocka_unit_test_setup_teardown(test, begin, end)
    const struct CMUnitTest tests[] = {
        WITH_MODEL(figures_agree_with_recommending_pair_by_pair),
        WITH_MODEL(the_dot_product_ranks_like_a_model),
        WITH_MODEL(the_mean_scores_like_chance),
        WITH_MODEL(sampling_everything_is_ranking_everything),
        WITH_MODEL(sampled_rankings_are_easier),
        WITH_DIR(given_negatives_by_hand),
        cmocka_unit_test(what_was_in_training_is_not_ranked),
        WITH_MODEL(implicit_feedback_is_relevant),
        WITH_MODEL(intervals_are_around_the_means),
        WITH_MODEL(threads_change_no_figure),
        WITH_MODEL(refusals),
        WITH_DIR(negatives_are_needed_for_everybody),
        WITH_MODEL(memory_may_end_anywhere),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
