/* Predictors: what they learn, what they hold out, how they end, and what they refuse. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "planted_table.h"
#include "small_networks.h"

static dsc_predictor *must_fit(const dsc_table *table, const dsc_predictor_config *config) {
    const dsc_predictor_source source = {.table = table};
    dsc_predictor *predictor = NULL;
    MUST(dsc_predictor_fit(&predictor, &source, config, NULL, NULL, &failure));
    return predictor;
}

static dsc_predictor_info info_of(const dsc_predictor *predictor) {
    dsc_predictor_info info;
    dsc_predictor_get_info(predictor, &info);
    return info;
}

static void learns_a_number_in_its_own_unit(void **state) {
    (void)state;
    dsc_table *table = planted_table(400, PLANTED_NUMBER);
    dsc_predictor *predictor = must_fit(table, NULL);
    const dsc_predictor_info info = info_of(predictor);
    dsc_predictor_evaluation evaluation;
    assert_int_equal(info.task, DSC_TASK_REGRESSION);
    assert_int_equal(info.n_rows, 360);
    assert_int_equal(info.n_held_out, 40);
    assert_int_equal(info.config.loss, DSC_MEAN_SQUARED_ERROR);
    assert_true(info.score < info.baseline / 5);
    assert_false(dsc_predictor_is_useless(predictor));
    assert_false(dsc_predictor_has_probabilities(predictor));
    MUST(dsc_predictor_evaluate(predictor, table, NULL, 0, &evaluation, &failure));
    assert_int_equal(evaluation.n_rows, 400);
    assert_true(evaluation.regression.r2 > 0.95);
    assert_true(fabs(evaluation.regression_baseline.r2) < 0.01);
    assert_null(evaluation.confusion);
    dsc_predictor_evaluation_clear(&evaluation);
    dsc_predictor_destroy(predictor);
    dsc_table_destroy(table);
}

/* The same target in units a million times smaller: predictions follow, the fit does not change. */
static void the_unit_of_the_target_does_not_matter(void **state) {
    (void)state;
    dsc_table *table = planted_table(200, PLANTED_NUMBER);
    dsc_table *large = planted_table(200, PLANTED_LARGE_NUMBER);
    dsc_predictor *a = must_fit(table, NULL), *b = must_fit(large, NULL);
    const dsc_predictor_info x = info_of(a), y = info_of(b);
    assert_true(fabs(y.score / x.score / 1e6 - 1) < 0.05);
    assert_true(fabs(y.baseline / x.baseline / 1e6 - 1) < 1e-6);
    dsc_predictor_destroy(a);
    dsc_predictor_destroy(b);
    dsc_table_destroy(table);
    dsc_table_destroy(large);
}

static void learns_classes_with_probabilities(void **state) {
    (void)state;
    static const dsc_loss losses[] = {DSC_CROSS_ENTROPY, DSC_BINARY_CROSS_ENTROPY, DSC_HINGE};
    dsc_table *table = planted_table(400, PLANTED_CLASS);
    for (size_t l = 0; l < COUNT(losses); l++) {
        dsc_predictor_config config = dsc_predictor_config_default();
        config.has_loss = true;
        config.loss = losses[l];
        dsc_predictor *predictor = must_fit(table, &config);
        dsc_predictor_evaluation evaluation;
        dsc_predictions predicted;
        MUST(dsc_predictor_evaluate(predictor, table, NULL, 0, &evaluation, &failure));
        assert_int_equal(evaluation.n_classes, 3);
        assert_true(evaluation.classification.accuracy > 0.9);
        assert_true(evaluation.classification_baseline.accuracy < 0.7);
        assert_int_equal(isnan(evaluation.classification.log_loss), losses[l] == DSC_HINGE);
        assert_true(evaluation.classification_baseline.log_loss > 0.5);
        MUST(dsc_predictor_predict(predictor, table, NULL, 0, &predicted, &failure));
        assert_null(predicted.value);
        assert_int_equal(predicted.probability == NULL, losses[l] == DSC_HINGE);
        for (size_t i = 0; i < predicted.n_rows && predicted.probability != NULL; i++) {
            const double *p = predicted.probability + 3 * i;
            assert_true(fabs(p[0] + p[1] + p[2] - 1) < 1e-12);
            assert_true(p[predicted.category[i]] >= fmax(p[0], fmax(p[1], p[2])));
        }
        dsc_predictions_clear(&predicted);
        dsc_predictor_evaluation_clear(&evaluation);
        dsc_predictor_destroy(predictor);
    }
    dsc_table_destroy(table);
}

/* Balanced weights find more of the rare class than it gets without. */
static void balanced_classes_raise_the_recall_of_the_rare_one(void **state) {
    (void)state;
    dsc_table *table = planted_table(600, PLANTED_RARE_CLASS);
    double recall[2];
    for (int is_balanced = 0; is_balanced < 2; is_balanced++) {
        dsc_predictor_config config = dsc_predictor_config_default();
        dsc_predictor_evaluation evaluation;
        config.balances_classes = is_balanced != 0;
        config.fit.max_epochs = 30;
        dsc_predictor *predictor = must_fit(table, &config);
        MUST(dsc_predictor_evaluate(predictor, table, NULL, 0, &evaluation, &failure));
        recall[is_balanced] = dsc_metrics_of_class(evaluation.confusion, 2, 1).recall;
        dsc_predictor_evaluation_clear(&evaluation);
        dsc_predictor_destroy(predictor);
    }
    assert_true(recall[1] > recall[0] + 0.1);
    dsc_table_destroy(table);
}

static void lbfgs_and_a_linear_model_learn_too(void **state) {
    (void)state;
    dsc_table *table = planted_table(300, PLANTED_NUMBER);
    for (size_t n_hidden = 0; n_hidden < 2; n_hidden++) {
        dsc_predictor_config config = dsc_predictor_config_default();
        config.n_hidden = n_hidden;
        config.fit.use_lbfgs = true;
        dsc_predictor *predictor = must_fit(table, &config);
        const dsc_predictor_info info = info_of(predictor);
        assert_int_equal(info.config.fit.max_epochs, 200);
        assert_true(info.score < info.baseline * (n_hidden == 0 ? 0.9 : 0.2));
        assert_int_equal(dsc_network_n_layers(dsc_predictor_network(predictor)), n_hidden + 1);
        dsc_predictor_destroy(predictor);
    }
    dsc_table_destroy(table);
}

static void the_seed_is_that_of_everything(void **state) {
    (void)state;
    dsc_table *table = planted_table(150, PLANTED_CLASS);
    dsc_predictor *predictor[3];
    for (size_t i = 0; i < 3; i++) {
        dsc_predictor_config config = dsc_predictor_config_default();
        config.fit.max_epochs = 3;
        config.dropout = 0.2;
        config.fit.seed = i == 2 ? 8 : 7;
        predictor[i] = must_fit(table, &config);
    }
    const void *parameters[3];
    for (size_t i = 0; i < 3; i++) {
        parameters[i] = dsc_network_parameters_const(dsc_predictor_network(predictor[i]));
    }
    const size_t n_bytes = info_of(predictor[0]).n_parameters * sizeof(float);
    assert_memory_equal(parameters[0], parameters[1], n_bytes);
    assert_memory_not_equal(parameters[0], parameters[2], n_bytes);
    for (size_t i = 0; i < 3; i++) {
        dsc_predictor_destroy(predictor[i]);
    }
    dsc_table_destroy(table);
}

/* Rows that are not chosen change nothing, whatever stands in them. */
static void only_the_rows_given_are_learned_from(void **state) {
    (void)state;
    dsc_table *clean = planted_table(120, PLANTED_NUMBER);
    dsc_table *spoiled = planted_table(120, PLANTED_SPOILED_NUMBER);
    uint32_t rows[60];
    for (uint32_t i = 0; i < 60; i++) {
        rows[i] = (uint32_t)(59 - i); /* PLANTED_SPOILED_NUMBER spoils the others */
    }
    dsc_predictor *predictor[2];
    for (size_t i = 0; i < 2; i++) {
        const dsc_predictor_source source = {
            .table = i == 0 ? clean : spoiled, .rows = rows, .n_rows = 60};
        dsc_predictor_config config = dsc_predictor_config_default();
        config.fit.max_epochs = 3;
        predictor[i] = NULL;
        MUST(dsc_predictor_fit(&predictor[i], &source, &config, NULL, NULL, &failure));
        assert_int_equal(info_of(predictor[i]).n_rows, 54);
    }
    assert_memory_equal(dsc_network_parameters_const(dsc_predictor_network(predictor[0])),
                        dsc_network_parameters_const(dsc_predictor_network(predictor[1])),
                        info_of(predictor[0]).n_parameters * sizeof(float));
    dsc_predictor_destroy(predictor[0]);
    dsc_predictor_destroy(predictor[1]);
    dsc_table_destroy(clean);
    dsc_table_destroy(spoiled);
}

/* A class with one row alone is trained on under every seed: held out, it would be unknown. */
static void a_class_of_one_row_is_never_held_out(void **state) {
    (void)state;
    dsc_table *table = table_of_text("x,y\n1,a\n2,a\n3,a\n4,a\n5,b\n6,b\n7,b\n8,b\n9,c\n");
    for (uint64_t seed = 1; seed <= 20; seed++) {
        dsc_predictor_config config = dsc_predictor_config_default();
        config.holdout = 0.5;
        config.fit.max_epochs = 1;
        config.fit.seed = seed;
        dsc_predictor *predictor = must_fit(table, &config);
        assert_int_equal(dsc_encoding_n_outputs(dsc_predictor_encoding(predictor)), 3);
        assert_int_equal(dsc_predictor_class_count(predictor, 2), 1);
        assert_int_equal(info_of(predictor).n_rows + info_of(predictor).n_held_out, 9);
        dsc_predictor_destroy(predictor);
    }
    dsc_table_destroy(table);
}

static bool stop_after_two(const dsc_fit_progress *progress, void *user) {
    *(size_t *)user = progress->epoch;
    return progress->epoch < 2;
}

static void a_watcher_may_stop_it_and_keeps_the_best(void **state) {
    (void)state;
    dsc_table *table = planted_table(100, PLANTED_NUMBER);
    const dsc_predictor_source source = {.table = table};
    dsc_predictor *predictor = NULL;
    size_t last = 0;
    dsc_error err;
    assert_int_equal(dsc_predictor_fit(&predictor, &source, NULL, stop_after_two, &last, &err),
                     DSC_E_CANCELLED);
    assert_int_equal(last, 2);
    assert_non_null(predictor);
    assert_int_equal(info_of(predictor).result.n_epochs, 2);
    assert_true(info_of(predictor).result.best_epoch >= 1);
    dsc_predictor_destroy(predictor);
    dsc_table_destroy(table);
}

/* A rate that makes the loss overflow is told with epoch and layer, and the best epoch before it,
 * if there was one, is handed out with finite weights. */
static void an_overflow_is_told_and_the_best_epoch_kept(void **state) {
    (void)state;
    dsc_table *table = planted_table(100, PLANTED_NUMBER);
    const dsc_predictor_source source = {.table = table};
    bool has_kept = false, has_lost = false;
    for (double rate = 1; rate < 1e30; rate *= 10) {
        dsc_predictor_config config = dsc_predictor_config_default();
        dsc_predictor *predictor = NULL;
        dsc_error err = {DSC_OK, "", ""};
        config.fit.optimizer = dsc_sgd(rate);
        config.fit.max_epochs = 50;
        dsc_status status = dsc_predictor_fit(&predictor, &source, &config, NULL, NULL, &err);
        if (status == DSC_E_NONFINITE) {
            assert_non_null(strstr(err.where, "epoch "));
            assert_non_null(strstr(err.where, ", layer "));
            has_kept = has_kept || predictor != NULL;
            has_lost = has_lost || predictor == NULL;
        }
        if (predictor != NULL) {
            const dsc_predictor_info info = info_of(predictor);
            const float *w = dsc_network_parameters_const(dsc_predictor_network(predictor));
            for (size_t i = 0; i < info.n_parameters; i++) {
                assert_true(isfinite(w[i]));
            }
        }
        dsc_predictor_destroy(predictor);
    }
    assert_true(has_kept);
    assert_true(has_lost);
    dsc_table_destroy(table);
}

static void a_model_that_learned_nothing_is_called_useless(void **state) {
    (void)state;
    dsc_table *table = planted_table(200, PLANTED_NOISE);
    dsc_predictor_config config = dsc_predictor_config_default();
    config.fit.optimizer = dsc_adam(1);
    config.fit.max_epochs = 3;
    dsc_predictor *predictor = must_fit(table, &config);
    assert_true(dsc_predictor_is_useless(predictor));
    dsc_predictor_destroy(predictor);
    dsc_table_destroy(table);
}

/* --- refusals ------------------------------------------------------------------------------ */

typedef void (*spoiler)(dsc_predictor_config *config);

#define SPOILER(name, change)                                                                      \
    static void name(dsc_predictor_config *config) {                                               \
        change;                                                                                    \
    }
SPOILER(too_deep, config->n_hidden = DSC_MAX_PREDICTOR_HIDDEN + 1)
SPOILER(no_width, config->hidden[1] = 0)
SPOILER(wide, config->hidden[0] = 65537)
SPOILER(no_activation, config->activation = (dsc_activation)99)
SPOILER(all_dropped, config->dropout = 1)
SPOILER(no_loss, config->has_loss = true; config->loss = (dsc_loss)99)
SPOILER(wrong_loss, config->has_loss = true; config->loss = DSC_CROSS_ENTROPY)
SPOILER(sum_loss, config->has_loss = true; config->loss = DSC_HALF_SUM_OF_SQUARES)
SPOILER(balanced, config->balances_classes = true)
SPOILER(all_held_out, config->holdout = 0.6)
SPOILER(rate_0, config->fit.optimizer.rate = 0)
SPOILER(rate_negative, config->fit.optimizer.rate = -0.1)
SPOILER(rate_infinite, config->fit.optimizer.rate = INFINITY)
SPOILER(rate_nan, config->fit.optimizer.rate = NAN)
SPOILER(l1_negative, config->fit.l1 = -1)
SPOILER(l2_infinite, config->fit.l2 = INFINITY)
SPOILER(clip_nan, config->fit.clip_norm = NAN)
SPOILER(no_batch, config->fit.batch_size = 0)
SPOILER(lbfgs_l1, config->fit.use_lbfgs = true; config->fit.l1 = 0.1)
SPOILER(lbfgs_dropout, config->fit.use_lbfgs = true; config->dropout = 0.1)
SPOILER(bad_schedule, config->fit.schedule.floor = 2)

static void settings_out_of_range_are_refused_by_name(void **state) {
    (void)state;
    const struct {
        spoiler spoil;
        const char *where;
    } cases[] = {
        {too_deep, "n_hidden"},
        {no_width, "hidden layer 2"},
        {wide, "hidden layer 1"},
        {no_activation, "activation"},
        {all_dropped, "dropout"},
        {no_loss, "loss"},
        {wrong_loss, "loss"},
        {sum_loss, "loss"},
        {balanced, "balances_classes"},
        {all_held_out, "holdout"},
        {rate_0, "rate"},
        {rate_negative, "rate"},
        {rate_infinite, "rate"},
        {rate_nan, "rate"},
        {l1_negative, "l1"},
        {l2_infinite, "l2"},
        {clip_nan, "clip_norm"},
        {no_batch, "batch_size"},
        {lbfgs_l1, "use_lbfgs"},
        {lbfgs_dropout, "use_lbfgs"},
        {bad_schedule, "floor"},
    };
    dsc_table *table = planted_table(20, PLANTED_NUMBER);
    const dsc_predictor_source source = {.table = table};
    for (size_t i = 0; i < COUNT(cases); i++) {
        dsc_predictor_config config = dsc_predictor_config_default();
        dsc_predictor *predictor = (dsc_predictor *)(uintptr_t)1;
        dsc_error err = {DSC_OK, "", ""};
        cases[i].spoil(&config);
        dsc_status status = dsc_predictor_fit(&predictor, &source, &config, NULL, NULL, &err);
        if (status != DSC_E_ARGUMENT || (strstr(err.where, cases[i].where) == NULL &&
                                         strstr(err.message, cases[i].where) == NULL)) {
            fail_msg("case %zu (%s): %s: %s: %s", i, cases[i].where, dsc_status_name(status),
                     err.where, err.message);
        }
        assert_null(predictor);
    }
    dsc_table_destroy(table);
}

static void data_that_cannot_be_learned_are_refused(void **state) {
    (void)state;
    const struct {
        const char *text;
        dsc_task task;
        dsc_status status;
        const char *message;
    } cases[] = {
        {"x,y\n1,2\n", DSC_TASK_DETECT, DSC_E_DATA, "has 1 row to train on; expected at least 2"},
        {"y\n1\n2\n3\n", DSC_TASK_DETECT, DSC_E_ARGUMENT, ""}, /* one column is no feature */
        {"x,y\n1,a\n2,a\n3,a\n", DSC_TASK_DETECT, DSC_E_DATA, "class"},
        {"x,y\n1,a\n2,b\n3,a\n", DSC_TASK_REGRESSION, DSC_E_DATA, ""},
        {"x,y\n1,1e300\n2,2\n3,3\n4,-1e300\n", DSC_TASK_DETECT, DSC_E_DATA, ""},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        dsc_table *table = table_of_text(cases[i].text);
        const dsc_predictor_source source = {.table = table, .encoding = {.task = cases[i].task}};
        dsc_predictor *predictor = (dsc_predictor *)(uintptr_t)1;
        dsc_error err = {DSC_OK, "", ""};
        dsc_predictor_config config = dsc_predictor_config_default();
        config.fit.max_epochs = 1;
        dsc_status status = dsc_predictor_fit(&predictor, &source, &config, NULL, NULL, &err);
        if (status != cases[i].status || strstr(err.message, cases[i].message) == NULL) {
            fail_msg("case %zu: %s: %s: %s", i, dsc_status_name(status), err.where, err.message);
        }
        assert_null(predictor);
        dsc_table_destroy(table);
    }
}

static void a_class_that_is_unknown_is_bad_data(void **state) {
    (void)state;
    dsc_table *table = table_of_text("x,y\n1,a\n2,b\n3,a\n4,b\n");
    dsc_table *other = table_of_text("x,y\n1,a\n2,c\n");
    dsc_predictor_config config = dsc_predictor_config_default();
    config.holdout = 0;
    config.fit.max_epochs = 1;
    dsc_predictor *predictor = must_fit(table, &config);
    assert_true(isnan(info_of(predictor).result.validation_loss));
    dsc_predictor_evaluation evaluation;
    dsc_error err;
    assert_int_equal(dsc_predictor_evaluate(predictor, other, NULL, 0, &evaluation, &err),
                     DSC_E_DATA);
    assert_non_null(strstr(err.where, ":3"));
    assert_null(evaluation.confusion);
    dsc_predictor_destroy(predictor);
    dsc_table_destroy(table);
    dsc_table_destroy(other);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(learns_a_number_in_its_own_unit),
        cmocka_unit_test(the_unit_of_the_target_does_not_matter),
        cmocka_unit_test(learns_classes_with_probabilities),
        cmocka_unit_test(balanced_classes_raise_the_recall_of_the_rare_one),
        cmocka_unit_test(lbfgs_and_a_linear_model_learn_too),
        cmocka_unit_test(the_seed_is_that_of_everything),
        cmocka_unit_test(only_the_rows_given_are_learned_from),
        cmocka_unit_test(a_class_of_one_row_is_never_held_out),
        cmocka_unit_test(a_watcher_may_stop_it_and_keeps_the_best),
        cmocka_unit_test(an_overflow_is_told_and_the_best_epoch_kept),
        cmocka_unit_test(a_model_that_learned_nothing_is_called_useless),
        cmocka_unit_test(settings_out_of_range_are_refused_by_name),
        cmocka_unit_test(data_that_cannot_be_learned_are_refused),
        cmocka_unit_test(a_class_that_is_unknown_is_bad_data),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
