/* Ratings with planted tastes: people who love and hate genres, in numbers that are known.
 *
 *     rating = clip(middle + mildness_u + quality_i + taste_u . genres_i + noise)
 *
 * rounded to half stars. What a perfect recommender could know of it (all but the noise and the
 * rounding) is kept, so that a trained one can be compared with it. */
#ifndef DESCENT_CLI_DEMO_DATA_H
#define DESCENT_CLI_DEMO_DATA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "descent/status.h"

#define CLI_DEMO_NOISE 0.4 /* standard deviation of the planted noise, in stars */

enum {
    CLI_DEMO_GENRES = 8,
    CLI_DEMO_FANS = 36,         /* of each genre */
    CLI_DEMO_ALL_ROUNDERS = 12, /* who have no favourite */
    CLI_DEMO_USERS = CLI_DEMO_GENRES * CLI_DEMO_FANS + CLI_DEMO_ALL_ROUNDERS,
    CLI_DEMO_TITLES = 25, /* of each genre */
    CLI_DEMO_ITEMS = CLI_DEMO_GENRES * CLI_DEMO_TITLES,
    CLI_DEMO_NAME = 48
};

typedef struct cli_demo_rating {
    uint16_t user; /* planted index, not the model's */
    uint16_t item;
    float value;
    bool is_test; /* kept from the model */
} cli_demo_rating;

typedef struct cli_demo_data {
    char user_name[CLI_DEMO_USERS][CLI_DEMO_NAME]; /* "science-fiction-fan-07" */
    char item_name[CLI_DEMO_ITEMS][CLI_DEMO_NAME]; /* "horror-12" */
    char title[CLI_DEMO_ITEMS][CLI_DEMO_NAME];     /* "The Haunted Cellar" */
    uint8_t genre[CLI_DEMO_ITEMS];                 /* the main one */
    uint8_t second_genre[CLI_DEMO_ITEMS];          /* CLI_DEMO_GENRES: none */
    float truth[CLI_DEMO_USERS][CLI_DEMO_ITEMS];   /* the rating without noise and rounding */
    size_t n_ratings;
    size_t n_test;
    cli_demo_rating ratings[CLI_DEMO_USERS * CLI_DEMO_ITEMS];
} cli_demo_data;

/* The same seed gives the same data. Freed with free(); NULL: no memory. */
cli_demo_data *cli_demo_data_create(uint64_t seed);

/* "science fiction"; genre < CLI_DEMO_GENRES. Static storage. */
const char *cli_demo_genre(size_t genre);

/* Writes the ratings that are (not) part of the test as user,item,rating with a header, or the
 * titles as item,title,genres. Returns DSC_OK or DSC_E_IO. */
dsc_status cli_demo_write_ratings(const cli_demo_data *data, bool is_test, const char *path,
                                  dsc_error *err);
dsc_status cli_demo_write_titles(const cli_demo_data *data, const char *path, dsc_error *err);

/* RMSE of the planted truth on the test ratings: no recommender can be expected to do better. */
double cli_demo_best_rmse(const cli_demo_data *data);

#endif
