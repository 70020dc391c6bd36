/* What `descent demo` shows of a trained model: its errors, and two users with their top tens. */
#ifndef DESCENT_CLI_DEMO_REPORT_H
#define DESCENT_CLI_DEMO_REPORT_H

#include "demo_data.h"
#include "descent/recommender.h"

/* The errors on the test ratings, from the simplest predictor to the best possible one. Returns an
 * exit status. */
int cli_demo_print_errors(const dsc_evaluation *evaluation, const cli_demo_data *data);

/* What planted user `user` liked in training, what the model recommends, and how that fits what was
 * planted. Returns an exit status. */
int cli_demo_print_user(const cli_demo_data *data, const dsc_recommender *model, dsc_scorer *scorer,
                        size_t user);

#endif
