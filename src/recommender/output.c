/* From the sum of a model's parts to ratings and losses: docs/math.md (18), (140) to (149). */
#include "recommender/output.h"

#include <float.h>
#include <math.h>

#include "recommender/baseline.h"

static bool is_ordinal(const dsc_recommender *model) {
    return model->ordinal.n_values > 0; /* of a blend, which shows another's configuration, never */
}

static double center_of(const dsc_recommender *model) {
    return model->config.use_mean ? model->statistics.mean : 0;
}

double dsc_output_score(const dsc_recommender *model, double f) {
    return is_ordinal(model) ? f : center_of(model) + model->statistics.spread * f;
}

float dsc_output_least_sum(const dsc_recommender *model, double score) {
    if (is_ordinal(model)) {
        return (float)score; /* which was a sum */
    }
    const double center = center_of(model), spread = model->statistics.spread;
    /* more than the roundings here and in dsc_output_score come to; infinity has none */
    const double slack = isinf(score) ? 0 : 8 * DBL_EPSILON * (fabs(score) + fabs(center)) / spread;
    return nextafterf((float)((score - center) / spread - slack), -INFINITY);
}

double dsc_output_unclipped(const dsc_recommender *model, double score) {
    return is_ordinal(model) ? dsc_ordinal_mean(&model->ordinal, score) : score;
}

double dsc_output_rating(const dsc_recommender *model, double score) {
    return dsc_clip(model, dsc_output_unclipped(model, score));
}

double dsc_output_loss(const dsc_recommender *model, double rating, double f, double *loss) {
    if (is_ordinal(model)) {
        dsc_ordinal_sums sums = {0};
        const size_t place = dsc_ordinal_place(&model->ordinal, rating);
        const double slope = dsc_ordinal_add(&model->ordinal, place, f, &sums);
        *loss = sums.loss;
        return slope;
    }
    const double error = f - (rating - center_of(model)) / model->statistics.spread;
    *loss = error * error / 2;
    return error;
}

/* So near to 0 the difference of two ratings has lost its digits, and the slope half way is as good. */
static const double short_way = 1e-4;

dsc_output_line dsc_output_line_to(const dsc_recommender *model, double f) {
    if (!is_ordinal(model)) {
        return (dsc_output_line){center_of(model), model->statistics.spread};
    }
    const dsc_ordinal *ordinal = &model->ordinal;
    const double at_zero = dsc_ordinal_mean(ordinal, 0);
    return (dsc_output_line){at_zero, fabs(f) < short_way
                                          ? dsc_ordinal_slope(ordinal, f / 2)
                                          : (dsc_ordinal_mean(ordinal, f) - at_zero) / f};
}
