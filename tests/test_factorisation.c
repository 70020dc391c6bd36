/* Twin AdaGrad: its kernel by hand and against tools/reference_factorisation.py, the same bytes on every
 * instruction set and with any number of threads, the grid of blocks, and what training makes of it.
 * docs/math.md (180) to (189). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "descent/isa.h"
#include "descent/random.h"
#include "file_parts.h"
#include "kernel_cases.h"
#include "planted_ratings.h"
#include "recommender/factorisation.h"
#include "recommender/trainer.h"
#include "scratch_dir.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static void assert_near(double found, double expected, double tolerance) {
    assert_true(fabs(found - expected) <= tolerance);
}

/* --- the kernel ------------------------------------------------------------------------------- */

/* One user, one item, one number each, in double: e = 1 - 0.5 * 2 - 0.25 + 0.125 = -0.125, and with no
 * L2 the slopes are 0.25 of p, 0.0625 of q and 0.125 of both biases. */
static void one_rating_by_hand(void **state) {
    (void)state;
    _Alignas(DSC_ALIGNMENT) double p[DSC_FACTOR_BLOCK] = {0.5}, q[DSC_FACTOR_BLOCK] = {2};
    double user[] = {4, 1, 0.25, 0.25}, item[] = {1, 1, 16, -0.125};
    const dsc_training_sample rating = {0, 0, 1};
    const double squared =
        dsc_kernels_c_f64.factor_step(&(dsc_factor_pass){.ratings = &rating,
                                                         .n = 1,
                                                         .n_factors = 1,
                                                         .width = DSC_FACTOR_BLOCK,
                                                         .vectors = {p, q},
                                                         .states = {user, item},
                                                         .rate = 0.5,
                                                         .has_biases = true});
    assert_true(squared == 0.015625);
    assert_true(p[0] == 0.5 - 0.5 / 2 * 0.25);
    assert_true(q[0] == 2 - 0.5 * 0.0625);
    const double expected_user[] = {4.0625, 1, 0.265625, 0.25 - 0.5 / 0.5 * 0.125};
    const double expected_item[] = {1.00390625, 1, 16.015625, -0.125 - 0.5 / 4 * 0.125};
    for (size_t i = 0; i < DSC_FACTOR_STATE; i++) {
        assert_true(user[i] == expected_user[i]);
        assert_true(item[i] == expected_item[i]);
    }
    for (size_t f = 1; f < DSC_FACTOR_BLOCK; f++) {
        assert_true(p[f] == 0 && q[f] == 0);
    }
}

/* Two steps on one pair with an L2 of 1: the second starts from what the first left. */
static void two_steps_by_hand(void **state) {
    (void)state;
    _Alignas(DSC_ALIGNMENT) double p[DSC_FACTOR_BLOCK] = {1}, q[DSC_FACTOR_BLOCK] = {1};
    double user[] = {1, 1, 1, 0}, item[] = {1, 1, 1, 0};
    const dsc_training_sample ratings[] = {{0, 0, 3}, {0, 0, 3}};
    const double squared =
        dsc_kernels_c_f64.factor_step(&(dsc_factor_pass){.ratings = ratings,
                                                         .n = 2,
                                                         .n_factors = 1,
                                                         .width = DSC_FACTOR_BLOCK,
                                                         .vectors = {p, q},
                                                         .states = {user, item},
                                                         .rate = 0.5,
                                                         .l2 = 1});
    /* e = 2, both slopes -1, both numbers 1.5; then e = 0.75 and both slopes 0.375 over root 2 */
    assert_true(squared == 4.5625);
    const double moved = 1.5 - 0.5 / sqrt(2) * 0.375;
    assert_true(p[0] == moved && q[0] == moved);
    assert_true(user[0] == 2.140625 && item[0] == 2.140625);
    assert_true(user[3] == 0 && item[3] == 0); /* no biases */
}

/* A case of the reference, or drawn numbers, in both precisions. */
typedef struct factor_case {
    size_t n[2], n_factors, width, n_ratings;
    bool is_double;
    dsc_training_sample *ratings;
    void *vectors[2], *states[2]; /* as in the pass */
} factor_case;

static size_t size_of(const factor_case *c) {
    return c->is_double ? sizeof(double) : sizeof(float);
}

static double get(const factor_case *c, const void *values, size_t i) {
    return c->is_double ? ((const double *)values)[i] : (double)((const float *)values)[i];
}

static void set(const factor_case *c, void *values, size_t i, double value) {
    if (c->is_double) {
        ((double *)values)[i] = value;
    } else {
        ((float *)values)[i] = (float)value;
    }
}

static factor_case factor_case_create(const size_t n[2], size_t n_factors, size_t n_ratings,
                                      bool is_double) {
    factor_case c = {.n = {n[0], n[1]},
                     .n_factors = n_factors,
                     .width =
                         (n_factors + DSC_FACTOR_BLOCK - 1) / DSC_FACTOR_BLOCK * DSC_FACTOR_BLOCK,
                     .n_ratings = n_ratings,
                     .is_double = is_double};
    c.ratings = dsc_alloc(n_ratings, sizeof *c.ratings);
    assert_non_null(c.ratings);
    for (size_t s = 0; s < 2; s++) {
        c.vectors[s] = dsc_alloc(n[s] * c.width, size_of(&c));
        c.states[s] = dsc_alloc(n[s] * DSC_FACTOR_STATE, size_of(&c));
        assert_true(c.vectors[s] != NULL && c.states[s] != NULL);
    }
    return c;
}

static void factor_case_destroy(factor_case *c) {
    dsc_free(c->ratings);
    for (size_t s = 0; s < 2; s++) {
        dsc_free(c->vectors[s]);
        dsc_free(c->states[s]);
    }
}

static double factor_case_run(const factor_case *c, const dsc_kernels *kernels,
                              dsc_factor_pass settings) {
    settings.ratings = c->ratings;
    settings.n = c->n_ratings;
    settings.n_factors = c->n_factors;
    settings.width = c->width;
    for (size_t s = 0; s < 2; s++) {
        settings.vectors[s] = c->vectors[s];
        settings.states[s] = c->states[s];
    }
    return kernels->factor_step(&settings);
}

static double number_in(const json_t *rows, size_t row, size_t column) {
    return json_number_value(json_array_get(json_array_get(rows, row), column));
}

/* Compares with, or takes, what the reference has of a side. */
static void visit_side(factor_case *c, size_t s, const json_t *of, double tolerance, bool takes) {
    const size_t n_columns[] = {c->n_factors, DSC_FACTOR_STATE},
                 widths[] = {c->width, DSC_FACTOR_STATE};
    void *const arrays[] = {c->vectors[s], c->states[s]};
    for (size_t a = 0; a < 2; a++) {
        for (size_t row = 0; row < c->n[s]; row++) {
            for (size_t f = 0; f < n_columns[a]; f++) {
                const double expected = number_in(json_array_get(of, a), row, f);
                if (takes) {
                    set(c, arrays[a], row * widths[a] + f, expected);
                } else {
                    assert_near(get(c, arrays[a], row * widths[a] + f), expected, tolerance);
                }
            }
            for (size_t f = n_columns[a]; f < widths[a]; f++) {
                assert_true(get(c, arrays[a], row * widths[a] + f) == 0);
            }
        }
    }
}

static void compare_with_reference(const json_t *reference, const json_t *one,
                                   const dsc_kernels *kernels, double tolerance) {
    const size_t n[] = {(size_t)json_integer_value(json_object_get(reference, "n_users")),
                        (size_t)json_integer_value(json_object_get(reference, "n_items"))};
    const json_t *ratings = json_object_get(one, "ratings");
    factor_case c =
        factor_case_create(n, (size_t)json_integer_value(json_object_get(one, "n_factors")),
                           json_array_size(ratings), kernels->precision == DSC_FLOAT64);
    for (size_t i = 0; i < c.n_ratings; i++) {
        c.ratings[i] = (dsc_training_sample){(uint32_t)number_in(ratings, i, 0),
                                             (uint32_t)number_in(ratings, i, 1),
                                             (float)number_in(ratings, i, 2)};
    }
    for (size_t s = 0; s < 2; s++) {
        visit_side(&c, s, json_array_get(json_object_get(one, "before"), s), 0, true);
    }
    const double squared = factor_case_run(
        &c, kernels,
        (dsc_factor_pass){.rate = json_number_value(json_object_get(reference, "rate")),
                          .l2 = json_number_value(json_object_get(reference, "l2")),
                          .l2_biases = json_number_value(json_object_get(reference, "l2_biases")),
                          .has_biases = json_is_true(json_object_get(one, "has_biases")),
                          .is_slow_only = json_is_true(json_object_get(one, "is_slow_only"))});
    assert_near(squared, json_number_value(json_object_get(one, "sum")), 100 * tolerance);
    for (size_t s = 0; s < 2; s++) {
        visit_side(&c, s, json_array_get(json_object_get(one, "after"), s), tolerance, false);
    }
    factor_case_destroy(&c);
}

static void the_kernel_is_the_reference(void **state) {
    (void)state;
    json_t *reference = json_load_file("tests/data/reference_factorisation.json", 0, NULL);
    assert_non_null(reference);
    size_t at;
    json_t *one;
    json_array_foreach(json_object_get(reference, "cases"), at, one) {
        compare_with_reference(reference, one, &dsc_kernels_c_f64, 1e-12);
        for (size_t i = 0; dsc_isa_available(i) != NULL; i++) {
            compare_with_reference(reference, one, kernels_named(dsc_isa_available(i)), 4e-6);
        }
    }
    assert_int_equal(at, 11);
    json_decref(reference);
}

static void fill_case(factor_case *c, size_t stream) {
    dsc_random random = dsc_random_stream(stream, 1, 0);
    for (size_t i = 0; i < c->n_ratings; i++) {
        c->ratings[i] = (dsc_training_sample){dsc_random_below(&random, (uint32_t)c->n[0]),
                                              dsc_random_below(&random, (uint32_t)c->n[1]),
                                              (float)dsc_random_normal(&random)};
    }
    for (size_t s = 0; s < 2; s++) {
        for (size_t row = 0; row < c->n[s]; row++) {
            for (size_t f = 0; f < c->n_factors; f++) {
                set(c, c->vectors[s], row * c->width + f, 0.3 * dsc_random_normal(&random));
            }
            for (size_t f = 0; f + 1 < DSC_FACTOR_STATE; f++) {
                set(c, c->states[s], row * DSC_FACTOR_STATE + f, 1);
            }
        }
    }
}

static void every_instruction_set_gives_the_same_bytes(void **state) {
    (void)state;
    static const size_t sizes[] = {1, 7, 8, 9, 15, 16, 17, 24, 32, 33, 64, 100};
    static const size_t n[] = {5, 9};
    for (size_t i = 0; i < COUNT(sizes); i++) {
        const dsc_factor_pass settings = {.rate = 0.1,
                                          .l2 = 0.04,
                                          .l2_biases = 0.02,
                                          .has_biases = i % 4 != 1,
                                          .is_slow_only = i % 3 == 0};
        factor_case plain = factor_case_create(n, sizes[i], 300, false);
        fill_case(&plain, i);
        const double expected = factor_case_run(&plain, kernels_named("c"), settings);
        for (size_t isa = 0; dsc_isa_available(isa) != NULL; isa++) {
            factor_case other = factor_case_create(n, sizes[i], 300, false);
            fill_case(&other, i);
            const double sum =
                factor_case_run(&other, kernels_named(dsc_isa_available(isa)), settings);
            assert_true(sum == expected);
            for (size_t s = 0; s < 2; s++) {
                assert_memory_equal(other.vectors[s], plain.vectors[s],
                                    n[s] * plain.width * sizeof(float));
                assert_memory_equal(other.states[s], plain.states[s],
                                    n[s] * DSC_FACTOR_STATE * sizeof(float));
            }
            factor_case_destroy(&other);
        }
        factor_case_destroy(&plain);
    }
}

/* Whatever the pieces, and however far each looks ahead. */
static void a_pass_in_pieces_is_one_pass(void **state) {
    (void)state;
    enum { N = 300, N_FACTORS = 24 };
    static const size_t n[] = {5, 9}, pieces[] = {1, 2, 7, 8, 9, 100, N - 1, N};
    const dsc_factor_pass settings = {.rate = 0.1, .l2 = 0.04, .has_biases = true};
    for (size_t isa = 0; dsc_isa_available(isa) != NULL; isa++) {
        const dsc_kernels *kernels = kernels_named(dsc_isa_available(isa));
        factor_case whole = factor_case_create(n, N_FACTORS, N, false);
        fill_case(&whole, 1);
        const double expected = factor_case_run(&whole, kernels, settings);
        for (size_t p = 0; p < COUNT(pieces); p++) {
            factor_case cut = factor_case_create(n, N_FACTORS, N, false);
            fill_case(&cut, 1);
            dsc_training_sample *ratings = cut.ratings;
            dsc_factor_pass piece = settings;
            for (size_t begin = 0; begin < N; begin += pieces[p]) {
                const size_t left = N - begin;
                cut.ratings = ratings + begin;
                cut.n_ratings = left < pieces[p] ? left : pieces[p];
                piece.n_after = left - cut.n_ratings;
                piece.sum = factor_case_run(&cut, kernels, piece);
            }
            assert_true(piece.sum == expected);
            for (size_t s = 0; s < 2; s++) {
                assert_memory_equal(cut.vectors[s], whole.vectors[s],
                                    n[s] * cut.width * sizeof(float));
                assert_memory_equal(cut.states[s], whole.states[s],
                                    n[s] * DSC_FACTOR_STATE * sizeof(float));
            }
            cut.ratings = ratings;
            factor_case_destroy(&cut);
        }
        factor_case_destroy(&whole);
    }
}

/* --- training --------------------------------------------------------------------------------- */

static const planted many = {.n_users = 120, .n_items = 90, .share = 0.5, .noise = 0.3, .seed = 1};

static dsc_recommender_config twin_config(void) {
    dsc_recommender_config config = dsc_recommender_config_of(DSC_FORM_DOT, 0);
    dsc_recommender_config_set_twin_adagrad(&config);
    config.n_factors = 6;
    config.max_epochs = 8;
    return config;
}

/* Every rating stands in one place of the order, and a round's blocks share no row. */
static void every_rating_is_used_once_an_epoch(void **state) {
    (void)state;
    dsc_ratings *ratings = planted_ratings(&many);
    dsc_recommender_config config = twin_config();
    dsc_recommender *model;
    assert_int_equal(dsc_model_from_ratings(&model, &config, ratings, NULL), DSC_OK);
    const dsc_sparse all = dsc_sparse_view(&model->ratings);
    double squares = 0;
    for (uint64_t e = 0; e < all.n_entries; e++) {
        const double target = (double)dsc_trainer_target(model, all.value[e]);
        squares += target * target;
    }
    /* At a rate of nothing the errors are those of the start, nearly the targets: over all ratings. */
    model->config.optimizer.rate = 1e-30;
    dsc_factorisation *factorisation;
    assert_int_equal(
        dsc_factorisation_create(&factorisation, model, dsc_kept_ratings_all(all), NULL), DSC_OK);
    assert_int_equal(dsc_factorisation_n_rounds(factorisation), 2); /* root of 5400 / 1024 */
    for (size_t epoch = 1; epoch <= 3; epoch++) {
        double sum = 0;
        for (size_t round = 0; round < 2; round++) {
            sum += dsc_factorisation_run(factorisation, epoch, round);
        }
        assert_near(sum, squares, 2e-4 * squares);
    }
    dsc_factorisation_destroy(factorisation);
    dsc_recommender_destroy(model);
    dsc_ratings_destroy(ratings);
}

/* One rating, of user 3 and item 4: theirs alone are moved, in their own places. */
static void vectors_come_back_to_their_owners(void **state) {
    (void)state;
    dsc_ratings *ratings = planted_ratings(&many);
    const dsc_recommender_config config = twin_config();
    dsc_recommender *model;
    assert_int_equal(dsc_model_from_ratings(&model, &config, ratings, NULL), DSC_OK);
    const size_t k = config.n_factors, n = many.n_users * k;
    dsc_sparse_matrix one = {0};
    assert_int_equal(
        dsc_sparse_matrix_init(&one, many.n_users, many.n_items, 1, DSC_SPARSE_VALUES, NULL),
        DSC_OK);
    for (size_t u = 4; u <= many.n_users; u++) {
        one.start[u] = 1;
    }
    one.column[0] = 4;
    one.value[0] = (float)(model->statistics.mean + model->statistics.spread / 2);
    dsc_factorisation *factorisation;
    assert_int_equal(dsc_factorisation_create(&factorisation, model,
                                              dsc_kept_ratings_all(dsc_sparse_view(&one)), NULL),
                     DSC_OK);
    dsc_factorisation_hand_over(factorisation);
    float *start = dsc_alloc(n, sizeof *start);
    assert_non_null(start);
    memcpy(start, model->user_vectors, n * sizeof *start);
    double squares = 0;
    for (size_t i = 0; i < n; i++) {
        assert_true(fabsf(start[i]) <= 0.0433F);
        squares += (double)start[i] * (double)start[i] / (double)n;
    }
    assert_near(sqrt(squares), 0.025, 0.0015);
    assert_memory_not_equal(start, start + k, k * sizeof *start);
    assert_memory_not_equal(start, model->item_vectors, k * sizeof *start);
    dsc_factorisation_run(factorisation, 1, 0);
    dsc_factorisation_hand_over(factorisation);
    /* Both biases by the rate times the error, 0.5 but for the product of the starts. */
    for (size_t u = 0; u < many.n_users; u++) {
        assert_int_equal(model->user_biases[u] != 0, u == 3);
        assert_int_equal(memcmp(model->user_vectors + u * k, start + u * k, k * sizeof *start) != 0,
                         u == 3);
    }
    for (size_t i = 0; i < many.n_items; i++) {
        assert_int_equal(model->item_biases[i] != 0, i == 4);
    }
    assert_near((double)model->user_biases[3], 0.05, 0.0015);
    assert_true(model->user_biases[3] == model->item_biases[4]);
    dsc_factorisation_destroy(factorisation);
    dsc_free(start);
    dsc_sparse_matrix_clear(&one);
    dsc_recommender_destroy(model);
    dsc_ratings_destroy(ratings);
}

static void any_number_of_threads_gives_the_same_bytes(void **state) {
    (void)state;
    static const size_t n_threads[] = {1, 2, 3, 8};
    dsc_ratings *ratings = planted_ratings(
        &(planted){.n_users = 300, .n_items = 200, .share = 0.5, .noise = 0.3, .seed = 2});
    dsc_recommender_config config = twin_config();
    dsc_recommender *first = NULL;
    for (size_t i = 0; i < COUNT(n_threads); i++) {
        config.n_threads = n_threads[i];
        dsc_recommender *model = must_train(ratings, &config);
        if (first == NULL) {
            first = model;
            continue;
        }
        assert_memory_equal(model->tables, first->tables,
                            first->n_table_values * sizeof *first->tables);
        assert_true(model->statistics.train_rmse == first->statistics.train_rmse);
        dsc_recommender_destroy(model);
    }
    config.seed = 7;
    dsc_recommender *other = must_train(ratings, &config);
    assert_memory_not_equal(other->tables, first->tables,
                            first->n_table_values * sizeof *first->tables);
    dsc_recommender_destroy(other);
    dsc_recommender_destroy(first);
    dsc_ratings_destroy(ratings);
}

/* The tastes are 1.5 either way around 3, the noise is 0.3. */
static void planted_tastes_are_learned(void **state) {
    (void)state;
    dsc_ratings *ratings = planted_ratings(&many);
    dsc_ratings *test = planted_ratings(&(planted){
        .n_users = 120, .n_items = 90, .share = 0.3, .noise = 0.3, .seed = 1, .part = 1});
    dsc_recommender_config config = twin_config();
    config.max_epochs = 60;
    dsc_recommender *model = must_train(ratings, &config);
    dsc_evaluation found;
    assert_int_equal(dsc_recommender_evaluate(model, test, NULL, &found, NULL), DSC_OK);
    assert_true(found.biases.rmse > 1.4);
    assert_true(found.model.rmse < 0.45);
    dsc_recommender_info info;
    dsc_recommender_get_info(model, &info);
    assert_true(info.validation_rmse < 0.45);
    assert_true(info.best_epoch + config.patience >= info.n_epochs);
    dsc_recommender_destroy(model);
    dsc_ratings_destroy(test);
    dsc_ratings_destroy(ratings);
}

static bool stop_in_epoch_3(const dsc_training_progress *progress, void *user) {
    (void)user;
    return progress->epoch < 3;
}

static void training_can_be_stopped(void **state) {
    (void)state;
    dsc_ratings *ratings = planted_ratings(&many);
    dsc_recommender_config config = twin_config();
    config.holdout = 0;
    dsc_recommender *model;
    dsc_error err;
    assert_int_equal(dsc_recommender_train(&model, ratings, &config, stop_in_epoch_3, NULL, &err),
                     DSC_E_CANCELLED);
    assert_string_equal(err.where, "epoch 3");
    assert_non_null(model);
    config.max_epochs = 2;
    dsc_recommender *two = must_train(ratings, &config);
    assert_memory_equal(model->tables, two->tables, two->n_table_values * sizeof *two->tables);
    dsc_recommender_destroy(model);
    /* And a rate that is far too high is an error with advice. */
    config.optimizer.rate = 1e6;
    config.max_epochs = 20;
    assert_int_equal(dsc_recommender_train(&model, ratings, &config, NULL, NULL, &err),
                     DSC_E_NONFINITE);
    assert_null(model);
    assert_non_null(strstr(err.message, "lower learning rate"));
    dsc_recommender_destroy(two);
    dsc_ratings_destroy(ratings);
}

static void what_it_does_not_train_is_refused(void **state) {
    (void)state;
    dsc_recommender_config config[8];
    for (size_t i = 0; i < COUNT(config); i++) {
        config[i] = twin_config();
    }
    assert_int_equal(dsc_recommender_config_check(&config[0], NULL), DSC_OK);
    config[0].use_network = true;
    config[1].use_user_history = true;
    config[2].use_item_history = true;
    config[3].use_lbfgs = true;
    config[4].is_implicit = true;
    config[4].use_mean = false;
    config[4].loss = DSC_LOSS_SOFTMAX;
    config[5].loss = DSC_LOSS_ORDINAL;
    config[6].average_epochs = 2;
    config[7].use_network = true;
    config[7].use_dot = false;
    for (size_t i = 0; i < COUNT(config); i++) {
        dsc_error err;
        assert_int_equal(dsc_recommender_config_check(&config[i], &err), DSC_E_ARGUMENT);
        assert_string_equal(err.where, "use_twin_adagrad");
    }
}

/* The file says how the model was trained, and a file that lies about it is refused. */
static dsc_status load(const char *path, dsc_error *err) {
    dsc_recommender *model;
    const dsc_status status = dsc_recommender_load(&model, path, err);
    dsc_recommender_destroy(model);
    return status;
}

static void the_model_file_remembers(void **state) {
    char *path = scratch_path(*state, "model"), *damaged = scratch_path(*state, "damaged");
    dsc_ratings *ratings = planted_ratings(&many);
    dsc_recommender_config config = twin_config();
    config.l2_vectors = 0.03;
    dsc_recommender *model = must_train(ratings, &config);
    assert_int_equal(dsc_recommender_save(model, path, NULL), DSC_OK);
    dsc_recommender *read;
    assert_int_equal(dsc_recommender_load(&read, path, NULL), DSC_OK);
    assert_true(read->config.use_twin_adagrad && !read->config.use_lbfgs);
    assert_true(read->config.l2_vectors == 0.03 && read->config.optimizer.rate == 0.1);
    assert_memory_equal(read->tables, model->tables, model->n_table_values * sizeof(float));
    file_parts parts;
    file_parts_open(&parts, path);
    file_parts_load_key(&parts, damaged, load, "use_twin_adagrad", "yes", "use_twin_adagrad");
    file_parts_load_key(&parts, damaged, load, "use_network", "true", "use_twin_adagrad");
    file_parts_load_key(&parts, damaged, load, "use_lbfgs", "true", "use_twin_adagrad");
    file_parts_load_key(&parts, damaged, load, "use_twin_adagrad", "false", NULL);
    file_parts_close(&parts);
    free(path);
    free(damaged);
    dsc_recommender_destroy(read);
    dsc_recommender_destroy(model);
    dsc_ratings_destroy(ratings);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_rating_by_hand),
        cmocka_unit_test(two_steps_by_hand),
        cmocka_unit_test(the_kernel_is_the_reference),
        cmocka_unit_test(every_instruction_set_gives_the_same_bytes),
        cmocka_unit_test(a_pass_in_pieces_is_one_pass),
        cmocka_unit_test(every_rating_is_used_once_an_epoch),
        cmocka_unit_test(vectors_come_back_to_their_owners),
        cmocka_unit_test(any_number_of_threads_gives_the_same_bytes),
        cmocka_unit_test(planted_tastes_are_learned),
        cmocka_unit_test(training_can_be_stopped),
        cmocka_unit_test(what_it_does_not_train_is_refused),
        cmocka_unit_test_setup_teardown(the_model_file_remembers, scratch_begin, scratch_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
