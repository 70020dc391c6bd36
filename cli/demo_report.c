/* What `descent demo` shows of a trained model: its errors, and two users with their top tens. */
#include "demo_report.h"

#include <stdio.h>
#include <string.h>

#include "command.h"
#include "output.h"

enum { N_LIKED = 5, N_RECOMMENDED = 10, GENRES_TEXT = 64 };

int cli_demo_print_errors(const dsc_evaluation *evaluation, const cli_demo_data *data) {
    static const cli_column columns[] = {
        {"", false, false}, {"RMSE", true, false}, {"what it is", false, true}};
    const struct {
        const char *name;
        double rmse;
        const char *meaning;
    } rows[] = {
        {"mean", evaluation->mean.rmse, "the mean rating every time"},
        {"biases", evaluation->biases.rmse, "how mild the user is, how liked the title is"},
        {"model", evaluation->model.rmse, "tastes too: vectors and histories"},
        {"best possible", cli_demo_best_rmse(data), "the planted tastes themselves; noise is left"},
    };
    cli_table *table = cli_table_create(columns, CLI_COUNT(columns));
    for (size_t i = 0; i < CLI_COUNT(rows); i++) {
        char name[32];
        char rmse[32];
        snprintf(name, sizeof name, "  %s", rows[i].name);
        snprintf(rmse, sizeof rmse, "%.4f", rows[i].rmse);
        const dsc_id cells[] = {cli_id(name), cli_id(rmse), cli_id(rows[i].meaning)};
        cli_table_add(table, cells);
    }
    return cli_table_print(table);
}

static void describe_genres(const cli_demo_data *data, size_t item, char out[GENRES_TEXT]) {
    bool has_second = data->second_genre[item] < CLI_DEMO_GENRES;
    snprintf(out, GENRES_TEXT, "%s%s%s", cli_demo_genre(data->genre[item]), has_second ? ", " : "",
             has_second ? cli_demo_genre(data->second_genre[item]) : "");
}

/* The user's own ratings in training, by planted item; 0: not rated. */
static void collect_ratings(const cli_demo_data *data, size_t user, float out[CLI_DEMO_ITEMS]) {
    memset(out, 0, CLI_DEMO_ITEMS * sizeof *out);
    for (size_t i = 0; i < data->n_ratings; i++) {
        const cli_demo_rating *rating = &data->ratings[i];
        if (rating->user == user && !rating->is_test) {
            out[rating->item] = rating->value;
        }
    }
}

/* The item with the highest value among those not yet taken, which it takes. */
static size_t take_best(const float *values, bool *is_taken) {
    size_t best = CLI_DEMO_ITEMS;
    for (size_t item = 0; item < CLI_DEMO_ITEMS; item++) {
        if (!is_taken[item] && (best == CLI_DEMO_ITEMS || values[item] > values[best])) {
            best = item;
        }
    }
    is_taken[best] = true;
    return best;
}

static int print_liked(const cli_demo_data *data, const float *own) {
    static const cli_column columns[] = {
        {"gave", true, false}, {"title", false, true}, {"genres", false, false}};
    cli_table *table = cli_table_create(columns, CLI_COUNT(columns));
    bool is_taken[CLI_DEMO_ITEMS] = {false};
    for (size_t i = 0; i < N_LIKED; i++) {
        size_t item = take_best(own, is_taken);
        char rating[16];
        char genres[GENRES_TEXT];
        snprintf(rating, sizeof rating, "%.1f", (double)own[item]);
        describe_genres(data, item, genres);
        const dsc_id cells[] = {cli_id(rating), cli_id(data->title[item]), cli_id(genres)};
        cli_table_add(table, cells);
    }
    return cli_table_print(table);
}

/* The planted index behind the model's. */
static size_t planted_item(const cli_demo_data *data, const dsc_recommender *model,
                           uint32_t model_item) {
    dsc_id id = dsc_recommender_item_id(model, model_item);
    size_t item = 0;
    while (strlen(data->item_name[item]) != id.length ||
           memcmp(data->item_name[item], id.bytes, id.length) != 0) {
        item++;
    }
    return item;
}

/* How many of `items` are among the n titles, not rated in training, that the planted user would
 * like best. */
static size_t count_hits(const float *truth, const float *own, const size_t *items, size_t n) {
    bool is_taken[CLI_DEMO_ITEMS];
    for (size_t item = 0; item < CLI_DEMO_ITEMS; item++) {
        is_taken[item] = own[item] > 0;
    }
    size_t n_hits = 0;
    for (size_t i = 0; i < n; i++) {
        size_t best = take_best(truth, is_taken);
        for (size_t j = 0; j < n; j++) {
            n_hits += items[j] == best;
        }
    }
    return n_hits;
}

static int print_recommended(const cli_demo_data *data, const float *truth, const size_t *items,
                             const dsc_recommendation *found, size_t n) {
    static const cli_column columns[] = {{"rank", true, false},
                                         {"predicted", true, false},
                                         {"planted", true, false},
                                         {"title", false, true},
                                         {"genres", false, false}};
    cli_table *table = cli_table_create(columns, CLI_COUNT(columns));
    for (size_t i = 0; i < n; i++) {
        char rank[32];
        char predicted[16];
        char planted[16];
        char genres[GENRES_TEXT];
        snprintf(rank, sizeof rank, "%zu", i + 1);
        snprintf(predicted, sizeof predicted, "%.2f", (double)found[i].rating);
        snprintf(planted, sizeof planted, "%.2f", (double)truth[items[i]]);
        describe_genres(data, items[i], genres);
        const dsc_id cells[] = {cli_id(rank), cli_id(predicted), cli_id(planted),
                                cli_id(data->title[items[i]]), cli_id(genres)};
        cli_table_add(table, cells);
    }
    return cli_table_print(table);
}

int cli_demo_print_user(const cli_demo_data *data, const dsc_recommender *model, dsc_scorer *scorer,
                        size_t user) {
    float own[CLI_DEMO_ITEMS];
    collect_ratings(data, user, own);
    dsc_recommendation found[N_RECOMMENDED];
    size_t n_found = 0;
    uint32_t model_user = dsc_recommender_find_user(model, cli_id(data->user_name[user]));
    dsc_scorer_recommend(scorer, model_user, N_RECOMMENDED, found, &n_found);
    size_t items[N_RECOMMENDED];
    for (size_t i = 0; i < n_found; i++) {
        items[i] = planted_item(data, model, found[i].item);
    }
    printf("%s has liked\n", data->user_name[user]);
    int status = print_liked(data, own);
    printf("\nand is recommended\n");
    if (status == CLI_DONE) {
        status = print_recommended(data, data->truth[user], items, found, n_found);
    }
    printf("%zu of these %zu are among the %zu unrated titles that were planted to please %s "
           "most.\n\n",
           count_hits(data->truth[user], own, items, n_found), n_found, n_found,
           data->user_name[user]);
    return status;
}
