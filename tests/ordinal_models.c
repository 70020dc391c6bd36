#include "ordinal_models.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "descent/random.h"
#include "planted_ratings.h"
#include "scratch_dir.h"

enum { LINE_LENGTH = 40, PURPOSE_MARK = 38 };

dsc_ratings *planted_marks(size_t n_users, size_t n_items, double share, uint32_t part) {
    char *text = malloc(n_users * n_items * LINE_LENGTH + 1);
    assert_non_null(text);
    size_t length = 0;
    for (size_t u = 0; u < n_users; u++) {
        for (size_t i = 0; i < n_items; i++) {
            dsc_random random = dsc_random_stream(6, PURPOSE_MARK, u * n_items + i);
            const double place = dsc_random_uniform(&random) / share;
            const double liking = u % 2 == i % 2 ? 1.5 : -1.5;
            const double rating = rint(3 + liking + 0.4 * dsc_random_normal(&random));
            if (place >= part && place < part + 1.0) {
                length += (size_t)snprintf(text + length, LINE_LENGTH, "u%zu,i%zu,%g\n", u, i,
                                           fmin(5, fmax(1, rating)));
            }
        }
    }
    dsc_ratings *ratings = ratings_from_text(text);
    free(text);
    return ratings;
}

dsc_recommender_config ordinal_config(dsc_form form) {
    dsc_recommender_config config = dsc_recommender_config_of(form, 1200);
    dsc_recommender_config_set_loss(&config, DSC_LOSS_ORDINAL, 1200);
    config.n_factors = 8;
    config.average_epochs = 1;
    config.optimizer = dsc_adam(0.01);
    config.l2_vectors = 0.01;
    config.l2_network = 0.001;
    config.average_epochs = 1; /* five steps an epoch: a mean over epochs lags far behind them */
    return config;
}

void assert_same_ordinal(const dsc_recommender *a, const dsc_recommender *b) {
    assert_int_equal(a->n_table_values, b->n_table_values);
    assert_memory_equal(a->tables, b->tables, a->n_table_values * sizeof *a->tables);
    assert_int_equal(dsc_ordinal_n_steps(&a->ordinal), dsc_ordinal_n_steps(&b->ordinal));
    assert_memory_equal(a->ordinal.thresholds, b->ordinal.thresholds,
                        dsc_ordinal_n_steps(&a->ordinal) * sizeof(double));
}

int ordinal_begin(void **state) {
    ordinal_model *f = calloc(1, sizeof *f);
    if (f == NULL || scratch_begin(&f->dir) != 0) {
        return -1;
    }
    f->path = scratch_path(f->dir, "model");
    f->ratings = planted_marks(30, 20, 0.5, 0);
    dsc_recommender_config config = ordinal_config(DSC_FORM_HISTORIES);
    config.choose_ridge = false;
    config.ridge = (dsc_ridge){1, 2, 3, 1, 1};
    config.n_factors = 4;
    config.max_epochs = 2000;
    f->model = must_train(f->ratings, &config);
    *state = f;
    return 0;
}

int ordinal_end(void **state) {
    ordinal_model *f = *state;
    dsc_recommender_destroy(f->model);
    dsc_ratings_destroy(f->ratings);
    free(f->path);
    const int result = scratch_end(&f->dir);
    free(f);
    return result;
}
