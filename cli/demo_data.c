/* Ratings with planted tastes: people who love and hate genres, in numbers that are known. */
#include "demo_data.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "descent/random.h"

/* All in stars. The tastes are the larger part of what makes ratings differ. */
#define MIDDLE      3.0
#define MILDNESS    0.35 /* standard deviation over users */
#define QUALITY     0.35 /* and over items */
#define FAVOURITE   1.3  /* added for the genre a fan loves */
#define SECOND_LOVE 0.8  /* for one other genre */
#define DISLIKE     1.1  /* subtracted for one that the fan cannot stand */
#define LEANING     0.2  /* standard deviation for the rest */
#define SECOND_PART 0.5  /* weight of an item's second genre */
#define LOWEST      0.5
#define HIGHEST     5.0

#define SHARE_RATED 0.40 /* of all pairs */
#define SHARE_TEST  0.10 /* of the ratings */

enum { PURPOSE_TASTES = 1, PURPOSE_ITEMS = 2, PURPOSE_RATINGS = 3 };
enum { N_WORDS = 5 };

typedef struct genre_words {
    const char *name;
    const char *slug; /* in ids */
    const char *first[N_WORDS];
    const char *second[N_WORDS];
} genre_words;

static const genre_words genres[CLI_DEMO_GENRES] = {
    {"science fiction",
     "scifi",
     {"The Last", "Beyond the", "Silent", "Return of the", "A Distant"},
     {"Comet", "Android", "Starship", "Colony", "Nebula"}},
    {"romance",
     "romance",
     {"Letters to", "A Summer in", "Meet Me in", "Dancing in", "Two Hearts in"},
     {"Lisbon", "Verona", "Paris", "the Rain", "September"}},
    {"comedy",
     "comedy",
     {"My Cousin's", "The Wrong", "Who Took the", "Four Weddings and a", "Never Trust a"},
     {"Llama", "Dentist", "Butler", "Trombone", "Wedding Cake"}},
    {"horror",
     "horror",
     {"The Haunted", "Whispers from the", "It Came from the", "Do Not Open the", "Blood in the"},
     {"Cellar", "Attic", "Asylum", "Well", "Lighthouse"}},
    {"documentary",
     "documentary",
     {"Inside the", "The Hidden Life of the", "A Year in the", "The Truth about the", "Saving the"},
     {"Rainforest", "Deep Sea", "Octopus", "Arctic", "Beehive"}},
    {"western",
     "western",
     {"Sundown at", "Gunfight at", "The Ballad of", "Last Train to", "Riders of"},
     {"Dry Creek", "Red Mesa", "Dead Horse Pass", "Silver Gulch", "Coyote Flats"}},
    {"animation",
     "animation",
     {"The Brave Little", "Professor", "Captain", "The Secret Garden of", "Goodnight"},
     {"Hedgehog", "Teapot", "Penguin", "Snail", "Dragonfly"}},
    {"thriller",
     "thriller",
     {"The Berlin", "No Witness to the", "Seconds before the", "The Ninth", "Anatomy of a"},
     {"Cipher", "Heist", "Deadline", "Courier", "Betrayal"}},
};

const char *cli_demo_genre(size_t genre) {
    return genres[genre].name;
}

/* Another genre than `genre`, each as likely. */
static size_t other_genre(dsc_random *random, size_t genre) {
    size_t offset = 1 + dsc_random_below(random, CLI_DEMO_GENRES - 1);
    return (genre + offset) % CLI_DEMO_GENRES;
}

static void make_taste(size_t user, uint64_t seed, double taste[CLI_DEMO_GENRES]) {
    dsc_random random = dsc_random_stream(seed, PURPOSE_TASTES, user);
    for (size_t g = 0; g < CLI_DEMO_GENRES; g++) {
        taste[g] = LEANING * dsc_random_normal(&random);
    }
    size_t loved = user / CLI_DEMO_FANS;
    if (loved < CLI_DEMO_GENRES) {
        size_t second = other_genre(&random, loved);
        size_t hated = other_genre(&random, loved);
        while (hated == second) {
            hated = other_genre(&random, loved);
        }
        taste[loved] += FAVOURITE;
        taste[second] += SECOND_LOVE;
        taste[hated] -= DISLIKE;
    }
}

static void make_items(cli_demo_data *data, uint64_t seed, double quality[CLI_DEMO_ITEMS]) {
    for (size_t item = 0; item < CLI_DEMO_ITEMS; item++) {
        dsc_random random = dsc_random_stream(seed, PURPOSE_ITEMS, item);
        size_t genre = item / CLI_DEMO_TITLES;
        size_t number = item % CLI_DEMO_TITLES;
        const genre_words *words = &genres[genre];
        bool has_second = dsc_random_uniform(&random) < 0.5;
        data->genre[item] = (uint8_t)genre;
        data->second_genre[item] =
            (uint8_t)(has_second ? other_genre(&random, genre) : CLI_DEMO_GENRES);
        quality[item] = QUALITY * dsc_random_normal(&random);
        snprintf(data->item_name[item], CLI_DEMO_NAME, "%s-%02zu", words->slug, number + 1);
        snprintf(data->title[item], CLI_DEMO_NAME, "%s %s", words->first[number / N_WORDS],
                 words->second[number % N_WORDS]);
    }
}

static void name_user(cli_demo_data *data, size_t user) {
    size_t genre = user / CLI_DEMO_FANS;
    if (genre < CLI_DEMO_GENRES) {
        snprintf(data->user_name[user], CLI_DEMO_NAME, "%s-fan-%02zu", genres[genre].slug,
                 user % CLI_DEMO_FANS + 1);
    } else {
        snprintf(data->user_name[user], CLI_DEMO_NAME, "all-rounder-%02zu",
                 user - CLI_DEMO_GENRES * CLI_DEMO_FANS + 1);
    }
}

static double clip(double value) {
    return fmin(fmax(value, LOWEST), HIGHEST);
}

/* Draws which items the user rated and how. */
static void rate(cli_demo_data *data, size_t user, uint64_t seed) {
    dsc_random random = dsc_random_stream(seed, PURPOSE_RATINGS, user);
    for (size_t item = 0; item < CLI_DEMO_ITEMS; item++) {
        double noise = CLI_DEMO_NOISE * dsc_random_normal(&random);
        bool is_rated = dsc_random_uniform(&random) < SHARE_RATED;
        bool is_test = dsc_random_uniform(&random) < SHARE_TEST;
        if (is_rated) {
            double value = clip((double)data->truth[user][item] + noise);
            data->ratings[data->n_ratings++] = (cli_demo_rating){
                (uint16_t)user, (uint16_t)item, (float)(floor(2 * value + 0.5) / 2), is_test};
            data->n_test += is_test;
        }
    }
}

cli_demo_data *cli_demo_data_create(uint64_t seed) {
    cli_demo_data *data = calloc(1, sizeof *data);
    if (data == NULL) {
        return NULL;
    }
    double quality[CLI_DEMO_ITEMS];
    make_items(data, seed, quality);
    for (size_t user = 0; user < CLI_DEMO_USERS; user++) {
        double taste[CLI_DEMO_GENRES + 1]; /* the last stands for "no second genre" */
        taste[CLI_DEMO_GENRES] = 0;
        make_taste(user, seed, taste);
        dsc_random random = dsc_random_stream(seed, PURPOSE_TASTES, CLI_DEMO_USERS + user);
        double mildness = MILDNESS * dsc_random_normal(&random);
        for (size_t item = 0; item < CLI_DEMO_ITEMS; item++) {
            double liking =
                taste[data->genre[item]] + SECOND_PART * taste[data->second_genre[item]];
            data->truth[user][item] = (float)clip(MIDDLE + mildness + quality[item] + liking);
        }
        name_user(data, user);
        rate(data, user, seed);
    }
    return data;
}

static dsc_status fail(dsc_error *err, const char *path) {
    err->code = DSC_E_IO;
    snprintf(err->where, sizeof err->where, "%s", path);
    snprintf(err->message, sizeof err->message, "cannot be written: %s", strerror(errno));
    return DSC_E_IO;
}

/* Closes `file`, whose earlier errors stdio remembers. A part of a file is removed. */
static dsc_status finish(FILE *file, const char *path, dsc_error *err) {
    bool has_failed = ferror(file) != 0;
    has_failed |= fclose(file) != 0;
    if (!has_failed) {
        return DSC_OK;
    }
    fail(err, path);
    remove(path);
    return DSC_E_IO;
}

dsc_status cli_demo_write_ratings(const cli_demo_data *data, bool is_test, const char *path,
                                  dsc_error *err) {
    FILE *file = fopen(path, "w");
    if (file == NULL) {
        return fail(err, path);
    }
    fputs("user,item,rating\n", file);
    for (size_t i = 0; i < data->n_ratings; i++) {
        const cli_demo_rating *rating = &data->ratings[i];
        if (rating->is_test == is_test) {
            fprintf(file, "%s,%s,%.1f\n", data->user_name[rating->user],
                    data->item_name[rating->item], (double)rating->value);
        }
    }
    return finish(file, path, err);
}

dsc_status cli_demo_write_titles(const cli_demo_data *data, const char *path, dsc_error *err) {
    FILE *file = fopen(path, "w");
    if (file == NULL) {
        return fail(err, path);
    }
    fputs("item,title,genres\n", file);
    for (size_t i = 0; i < CLI_DEMO_ITEMS; i++) {
        bool has_second = data->second_genre[i] < CLI_DEMO_GENRES;
        fprintf(file, "%s,%s,%s%s%s\n", data->item_name[i], data->title[i],
                genres[data->genre[i]].name, has_second ? "|" : "",
                has_second ? genres[data->second_genre[i]].name : "");
    }
    return finish(file, path, err);
}

double cli_demo_best_rmse(const cli_demo_data *data) {
    double sum = 0;
    for (size_t i = 0; i < data->n_ratings; i++) {
        const cli_demo_rating *rating = &data->ratings[i];
        if (rating->is_test) {
            double error = (double)rating->value - (double)data->truth[rating->user][rating->item];
            sum += error * error;
        }
    }
    return sqrt(sum / (double)data->n_test);
}
