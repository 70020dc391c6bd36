/* What descent tune judges trials by. docs/math.md (153) */
#include "tune_measure.h"

#include <math.h>
#include <stdlib.h>

/* Pairs predicted at a time. */
enum { CHUNK = 1024 };

static double square(double error) {
    return error * error;
}

/* Pairs of user and item on their way to a model. */
typedef struct chunk {
    size_t n;
    uint32_t user[CHUNK], item[CHUNK];
    float known[CHUNK], predicted[CHUNK];
} chunk;

static void add_up(dsc_scorer *scorer, chunk *pairs, double (*value_of)(double error),
                   cli_sums *sums) {
    dsc_scorer_predict(scorer, pairs->n, pairs->user, pairs->item, pairs->predicted, NULL);
    for (size_t p = 0; p < pairs->n; p++) {
        const double value = value_of((double)pairs->predicted[p] - (double)pairs->known[p]);
        sums->sum += value;
        sums->squares += value * value;
    }
    sums->n += pairs->n;
    pairs->n = 0;
}

/* Adds up a function of the error of each test pair. */
static dsc_status take_pairs(const dsc_recommender *model, const dsc_ratings *test,
                             double (*value_of)(double error), cli_sums *sums, dsc_error *err) {
    const dsc_sparse rows = dsc_ratings_by_user(test);
    dsc_scorer *scorer = NULL;
    chunk pairs = {0};
    const dsc_status status = dsc_scorer_create(&scorer, model, err);
    for (uint32_t u = 0; status == DSC_OK && u < rows.n_rows; u++) {
        const uint32_t user = dsc_recommender_find_user(model, dsc_ratings_user_id(test, u));
        for (uint64_t p = rows.start[u]; p < rows.start[u + 1]; p++) {
            pairs.user[pairs.n] = user;
            pairs.item[pairs.n] =
                dsc_recommender_find_item(model, dsc_ratings_item_id(test, rows.column[p]));
            pairs.known[pairs.n++] = rows.value[p];
            if (pairs.n == CHUNK) {
                add_up(scorer, &pairs, value_of, sums);
            }
        }
    }
    if (status == DSC_OK) {
        add_up(scorer, &pairs, value_of, sums);
    }
    dsc_scorer_destroy(scorer);
    return status;
}

static dsc_status take_squared(const dsc_recommender *model, const dsc_ratings *test,
                               cli_sums *sums, dsc_error *err) {
    return take_pairs(model, test, square, sums, err);
}

static dsc_status take_absolute(const dsc_recommender *model, const dsc_ratings *test,
                                cli_sums *sums, dsc_error *err) {
    return take_pairs(model, test, fabs, sums, err);
}

/* The root, and by its slope its error. */
static cli_score finish_rmse(double mean, double error_of_mean) {
    const double rmse = sqrt(mean);
    return (cli_score){rmse, rmse > 0 ? error_of_mean / (2 * rmse) : 0};
}

static cli_score finish_mae(double mean, double error_of_mean) {
    return (cli_score){mean, error_of_mean};
}

static const cli_measure measures[] = {
    {"rmse", "RMSE", take_squared, finish_rmse},
    {"mae", "MAE", take_absolute, finish_mae},
};
const char *const cli_measure_names[] = {"rmse", "mae", NULL};

const cli_measure *cli_measure_of(size_t index) {
    return &measures[index];
}

cli_score cli_measure_score(const cli_measure *measure, const cli_sums *sums) {
    const double n = (double)sums->n, mean = sums->sum / n;
    const double variance = fmax(sums->squares / n - mean * mean, 0);
    return measure->finish(mean, sqrt(variance / (n - 1)));
}
