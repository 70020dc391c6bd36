/* Losses of interactions. docs/math.md (115) to (118). */
#include "recommender/ranking_loss.h"

#include <assert.h>
#include <math.h>

/* 1 / (1 + exp(-x)), without overflow. */
static double sigmoid(double x) {
    const double e = exp(-fabs(x));
    return x >= 0 ? 1 / (1 + e) : e / (1 + e);
}

/* log(1 + exp(x)), without overflow. */
static double softplus(double x) {
    return fmax(x, 0) + log1p(exp(-fabs(x)));
}

/* (116) */
static double cross_entropy(const double *score, size_t n, double *d_score) {
    double sum = softplus(-score[0]);
    d_score[0] = -sigmoid(-score[0]);
    for (size_t j = 1; j < n; j++) {
        sum += softplus(score[j]);
        d_score[j] = sigmoid(score[j]);
    }
    return sum;
}

/* (117) */
static double bpr(const double *score, size_t n, double *d_score) {
    const double share = n > 1 ? 1 / (double)(n - 1) : 0;
    double sum = 0;
    d_score[0] = 0;
    for (size_t j = 1; j < n; j++) {
        const double lead = score[0] - score[j];
        sum += share * softplus(-lead);
        d_score[j] = share * sigmoid(-lead);
        d_score[0] -= d_score[j];
    }
    return sum;
}

/* (118) */
static double softmax(const double *score, size_t n, double *d_score) {
    double largest = score[0], sum = 0;
    for (size_t j = 1; j < n; j++) {
        largest = fmax(largest, score[j]);
    }
    for (size_t j = 0; j < n; j++) {
        d_score[j] = exp(score[j] - largest);
        sum += d_score[j];
    }
    for (size_t j = 0; j < n; j++) {
        d_score[j] /= sum;
    }
    d_score[0] -= 1;
    return largest + log(sum) - score[0];
}

double dsc_ranking_loss(dsc_rating_loss loss, const double *score, size_t n, double *d_score) {
    switch (loss) {
    case DSC_LOSS_CROSS_ENTROPY:
        return cross_entropy(score, n, d_score);
    case DSC_LOSS_BPR:
        return bpr(score, n, d_score);
    case DSC_LOSS_SOFTMAX:
        return softmax(score, n, d_score);
    case DSC_LOSS_SQUARED:
    case DSC_LOSS_ORDINAL:
        break;
    }
    assert(!"a loss of interactions");
    return 0;
}
