/* Reports about blends. */
#include "blend_report.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "output.h"
#include "train_options.h"

static void describe_network(const dsc_recommender_config *config, char *out, size_t length) {
    out[0] = '\0';
    for (size_t l = 0; l < config->n_hidden; l++) {
        const size_t used = strlen(out);
        snprintf(out + used, length - used, "%s%zu", l == 0 ? " " : "-", config->hidden[l]);
    }
}

void cli_describe_model(const dsc_recommender_config *config, char *out, size_t length) {
    static const char *const histories[] = {"", " with histories of users",
                                            " with histories of items",
                                            " with histories of users and items"};
    const dsc_form form = cli_train_form_of(config);
    if (form == DSC_FORM_USER_AUTOREC || form == DSC_FORM_ITEM_AUTOREC) {
        snprintf(out, length, "%s, %zu factor%s", dsc_form_name(form), config->n_factors,
                 config->n_factors == 1 ? "" : "s");
        return;
    }
    char widths[DSC_MAX_HIDDEN * 24] = "";
    if (config->use_network) {
        describe_network(config, widths, sizeof widths);
    }
    const bool is_usual_loss = config->loss == DSC_LOSS_SQUARED;
    snprintf(out, length, "%s%s%s%s%s, %zu factor%s%s%s", config->use_dot ? "dot product" : "",
             config->use_dot && config->use_network ? " and " : "",
             config->use_network ? "perceptron" : "", widths,
             histories[config->use_user_history + 2 * config->use_item_history], config->n_factors,
             config->n_factors == 1 ? "" : "s", is_usual_loss ? "" : ", loss ",
             is_usual_loss ? "" : dsc_rating_loss_name(config->loss));
    if (config->n_time_bins > 0 || config->session_gap > 0) {
        const size_t used = strlen(out);
        snprintf(out + used, length - used, ", times of ratings");
    }
}

/* The weights in the blend, whose sum is 1. */
static double weight_of(const cli_blended *self, size_t m) {
    double sum = 0;
    for (size_t j = 0; j < self->n_members; j++) {
        sum += self->report->weight[j];
    }
    return self->report->weight[m] / sum;
}

/* Of the training ratings; the model's spread is 1 where all of them are equal. */
static double deviation_of(const dsc_recommender_info *info) {
    return info->min < info->max ? info->spread : 0;
}

void cli_blended_print(const cli_blended *self) {
    dsc_recommender_info info;
    double best = (double)INFINITY;
    dsc_recommender_get_info(self->blend, &info);
    const bool has_held_out = self->report->n_held_out > 0;
    fprintf(stderr, "  weight%s  member\n", has_held_out ? "    RMSE" : "");
    for (size_t m = 0; m < self->n_members; m++) {
        char what[CLI_DESCRIPTION_LENGTH], rmse[32] = "", weight[32];
        cli_describe_model(&self->config[m], what, sizeof what);
        if (has_held_out) {
            snprintf(rmse, sizeof rmse, "  %6.4f", self->report->rmse[m]);
            best = fmin(best, self->report->rmse[m]);
        }
        snprintf(weight, sizeof weight, "%.4f", weight_of(self, m));
        fprintf(stderr, "  %s%s  %s%s\n", weight, rmse, what,
                self->report->weight[m] > 0 ? "" : ": left away");
    }
    fprintf(stderr, "Trained %zu parameters of %zu member%s in %.1f s\n", info.n_parameters,
            dsc_blend_n_members(self->blend), dsc_blend_n_members(self->blend) == 1 ? "" : "s",
            self->elapsed_s);
    if (has_held_out) {
        fprintf(stderr,
                "RMSE on %zu held out ratings: %.4f; best member: %.4f; equal weights: %.4f\n",
                self->report->n_held_out, self->report->blend_rmse, best, self->report->equal_rmse);
    } else {
        fprintf(stderr, "RMSE on the training ratings (none were held out): %.4f\n",
                info.train_rmse);
    }
    fprintf(stderr, "Standard deviation of all ratings: %.4f\n", deviation_of(&info));
    fprintf(stderr, "Saved the model to %s\n", self->path);
}

static json_t *members_to_json(const cli_blended *self) {
    json_t *list = json_array();
    for (size_t m = 0; m < self->n_members; m++) {
        char what[CLI_DESCRIPTION_LENGTH], seed[24];
        cli_describe_model(&self->config[m], what, sizeof what);
        snprintf(seed, sizeof seed, "%llu", (unsigned long long)self->config[m].seed);
        json_t *entry = json_pack("{s:s, s:s, s:o, s:o}", "model", what, "seed", seed, "weight",
                                  cli_json_real(weight_of(self, m)), "rmse",
                                  cli_json_real(self->report->rmse[m]));
        if (json_array_append_new(list, entry) != 0) {
            json_decref(list);
            return NULL;
        }
    }
    return list;
}

int cli_blended_print_json(const cli_blended *self) {
    dsc_recommender_info info;
    dsc_recommender_get_info(self->blend, &info);
    return cli_json_print(
        json_pack("{s:o, s:I, s:I, s:I, s:I, s:o, s:I, s:o, s:o, s:o, s:o, s:o}", "model",
                  cli_json_text(cli_id(self->path)), "users", (json_int_t)info.n_users, "items",
                  (json_int_t)info.n_items, "ratings", (json_int_t)info.n_ratings, "parameters",
                  (json_int_t)info.n_parameters, "members", members_to_json(self), "held_out",
                  (json_int_t)self->report->n_held_out, "validation_rmse",
                  cli_json_real(self->report->blend_rmse), "equal_weights_rmse",
                  cli_json_real(self->report->equal_rmse), "train_rmse",
                  cli_json_real(info.train_rmse), "standard_deviation",
                  cli_json_real(deviation_of(&info)), "elapsed_s", cli_json_real(self->elapsed_s)));
}
