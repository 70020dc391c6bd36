/* Rate schedules. Implements docs/math.md (43) to (46). */
#include "descent/schedule.h"

#include <math.h>
#include <string.h>

#include "base/error.h"

static const double pi = 3.14159265358979323846;

static const char *const names[] = {"constant", "step", "cosine", "plateau"};
enum { N_NAMES = sizeof names / sizeof names[0] };

const char *dsc_schedule_name(dsc_schedule_kind kind) {
    return (unsigned)kind < N_NAMES ? names[kind] : NULL;
}

bool dsc_schedule_from_name(const char *name, dsc_schedule_kind *out) {
    for (size_t i = 0; i < N_NAMES; i++) {
        if (strcmp(names[i], name) == 0) {
            *out = (dsc_schedule_kind)i;
            return true;
        }
    }
    return false;
}

static dsc_status check(const dsc_schedule_config *config, dsc_error *err) {
    if (dsc_schedule_name(config->kind) == NULL) {
        return dsc_fail(err, DSC_E_ARGUMENT, "schedule", "%d is not a schedule", (int)config->kind);
    }
    if (!(config->warmup >= 0 && isfinite(config->warmup))) {
        return dsc_fail(err, DSC_E_ARGUMENT, "warmup", "is %g epochs; expected a number from 0 up",
                        config->warmup);
    }
    if (!(config->factor > 0 && config->factor < 1)) {
        return dsc_fail(err, DSC_E_ARGUMENT, "factor", "is %g; expected 0 < factor < 1",
                        config->factor);
    }
    if (!(config->floor >= 0 && config->floor < 1)) {
        return dsc_fail(err, DSC_E_ARGUMENT, "floor", "is %g; expected 0 <= floor < 1",
                        config->floor);
    }
    if (config->kind == DSC_COSINE && config->n_epochs == 0) {
        return dsc_fail(err, DSC_E_ARGUMENT, "n_epochs", "is 0; expected the length of the cosine");
    }
    return DSC_OK;
}

dsc_status dsc_schedule_init(dsc_schedule *out, const dsc_schedule_config *config, dsc_error *err) {
    dsc_schedule schedule = {.config = *config, .best = INFINITY, .share = 1};
    dsc_schedule_config *c = &schedule.config;
    c->every = c->every > 0 ? c->every : 10;
    c->patience = c->patience > 0 ? c->patience : 5;
    c->factor = fpclassify(c->factor) == FP_ZERO ? 0.5 : c->factor;
    dsc_status status = check(c, err);
    if (status == DSC_OK) {
        *out = schedule;
    }
    return status;
}

/* (43), (44), (46) */
static double share_of_kind(const dsc_schedule *schedule, double epoch) {
    const dsc_schedule_config *c = &schedule->config;
    switch (c->kind) {
    case DSC_CONSTANT_RATE:
        return 1;
    case DSC_STEP_DECAY:
        return pow(c->factor, floor(epoch / (double)c->every));
    case DSC_COSINE: {
        const double done = fmin(epoch / (double)c->n_epochs, 1);
        return c->floor + (1 - c->floor) * (1 + cos(pi * done)) / 2;
    }
    case DSC_ON_PLATEAU:
        return schedule->share;
    }
    return 1;
}

double dsc_schedule_share(const dsc_schedule *schedule, double epoch) {
    const double warmup = schedule->config.warmup;
    const double risen = epoch < warmup ? epoch / warmup : 1; /* (45) */
    return risen * share_of_kind(schedule, epoch);
}

void dsc_schedule_observe(dsc_schedule *schedule, double loss) {
    const dsc_schedule_config *c = &schedule->config;
    if (loss < schedule->best) {
        schedule->best = loss;
        schedule->n_waiting = 0;
        return;
    }
    schedule->n_waiting++;
    if (schedule->n_waiting >= c->patience) {
        schedule->share = fmax(schedule->share * c->factor, c->floor);
        schedule->n_waiting = 0;
    }
}
