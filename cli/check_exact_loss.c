/* The losses that keep rational numbers rational, element by element. */
#include "check_exact.h"

/* |error| - delta, which is above 0 where the Huber loss is straight. */
static void go_beyond(const cli_exact *e, mpq_srcptr error, mpq_ptr out) {
    mpq_t delta;
    mpq_init(delta);
    mpq_set_d(delta, dsc_network_huber_delta(e->values->file->net));
    mpq_abs(out, error);
    mpq_sub(out, out, delta);
    mpq_clear(delta);
}

/* 1 - y a, which is above 0 where the hinge costs. */
static void miss_margin(mpq_srcptr a, mpq_srcptr y, mpq_ptr out) {
    mpq_t one;
    mpq_init(one);
    mpq_set_ui(one, 1, 1);
    mpq_mul(out, a, y);
    mpq_sub(out, one, out);
    mpq_clear(one);
}

/* (3), (4), (26), (27), (30) */
void cli_exact_loss_term(const cli_exact *e, mpq_srcptr a, mpq_srcptr y, mpq_ptr out) {
    const dsc_loss loss = dsc_network_loss(e->values->file->net);
    mpq_t beyond;
    mpq_init(beyond);
    if (loss == DSC_HINGE) {
        miss_margin(a, y, out);
        if (mpq_sgn(out) < 0) {
            mpq_set_ui(out, 0, 1);
        }
    } else if (loss == DSC_MEAN_ABSOLUTE_ERROR) {
        mpq_abs(out, a);
    } else {
        mpq_mul(out, a, a);
        go_beyond(e, a, beyond);
        if (loss == DSC_HUBER && mpq_sgn(beyond) > 0) {
            mpq_mul(beyond, beyond, beyond); /* e^2 - (|e| - d)^2 is 2 d (|e| - d / 2) */
            mpq_sub(out, out, beyond);
        }
        if (loss != DSC_MEAN_SQUARED_ERROR) {
            mpq_div_2exp(out, out, 1);
        }
    }
    mpq_clear(beyond);
}

/* (5), (26), (27), (30) */
void cli_exact_loss_slope(const cli_exact *e, mpq_srcptr a, mpq_srcptr y, mpq_ptr out) {
    const dsc_loss loss = dsc_network_loss(e->values->file->net);
    const int sign = mpq_sgn(a);
    mpq_t beyond;
    mpq_init(beyond);
    if (loss == DSC_HINGE) {
        miss_margin(a, y, beyond);
        mpq_neg(out, y);
        if (mpq_sgn(beyond) <= 0) {
            mpq_set_ui(out, 0, 1);
        }
    } else if (loss == DSC_MEAN_ABSOLUTE_ERROR) {
        mpq_set_si(out, sign, 1);
    } else {
        mpq_set(out, a);
        go_beyond(e, a, beyond);
        if (loss == DSC_HUBER && mpq_sgn(beyond) > 0) {
            (sign > 0 ? mpq_sub : mpq_add)(out, out, beyond);
        }
        if (loss == DSC_MEAN_SQUARED_ERROR) {
            mpq_mul_2exp(out, out, 1);
        }
    }
    mpq_clear(beyond);
}
