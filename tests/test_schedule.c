/* Rate schedules at hand-computed times. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <string.h>

#include "descent/schedule.h"

static dsc_schedule make(dsc_schedule_config config) {
    dsc_schedule schedule;
    dsc_error err = {DSC_OK, "", ""};
    if (dsc_schedule_init(&schedule, &config, &err) != DSC_OK) {
        fail_msg("%s: %s", err.where, err.message);
    }
    return schedule;
}

static void shares_at_known_times(void **state) {
    (void)state;
    const struct {
        dsc_schedule_config config;
        double epoch, share;
    } cases[] = {
        {{0}, 0.5, 1},
        {{0}, 1000, 1},
        {{.kind = DSC_STEP_DECAY, .every = 3, .factor = 0.1}, 2.99, 1},
        {{.kind = DSC_STEP_DECAY, .every = 3, .factor = 0.1}, 3, 0.1},
        {{.kind = DSC_STEP_DECAY, .every = 3, .factor = 0.1}, 7, 0.01},
        {{.kind = DSC_STEP_DECAY}, 25, 0.25}, /* every 10 epochs by half */
        {{.kind = DSC_COSINE, .n_epochs = 10}, 0, 1},
        {{.kind = DSC_COSINE, .n_epochs = 10}, 5, 0.5},
        {{.kind = DSC_COSINE, .n_epochs = 12}, 4, 0.75},
        {{.kind = DSC_COSINE, .n_epochs = 10, .floor = 0.2}, 10, 0.2},
        {{.kind = DSC_COSINE, .n_epochs = 10, .floor = 0.2}, 99, 0.2},
        {{.warmup = 4}, 1, 0.25},
        {{.warmup = 4}, 4, 1},
        {{.kind = DSC_COSINE, .n_epochs = 10, .warmup = 10}, 5, 0.25},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const dsc_schedule schedule = make(cases[i].config);
        const double share = dsc_schedule_share(&schedule, cases[i].epoch);
        if (!(fabs(share - cases[i].share) < 1e-12)) {
            fail_msg("case %zu: %g; expected %g", i, share, cases[i].share);
        }
    }
}

static void a_plateau_lowers_the_rate(void **state) {
    (void)state;
    dsc_schedule s = make(
        (dsc_schedule_config){.kind = DSC_ON_PLATEAU, .patience = 2, .factor = 0.5, .floor = 0.2});
    const struct {
        double loss, share;
    } epochs[] = {{5, 1},    {4, 1},    {4, 1},   {4.5, 0.5}, {3, 0.5}, {NAN, 0.5},
                  {3, 0.25}, {3, 0.25}, {3, 0.2}, {2.9, 0.2}, {3, 0.2}, {3, 0.2}};
    for (size_t i = 0; i < sizeof epochs / sizeof epochs[0]; i++) {
        dsc_schedule_observe(&s, epochs[i].loss);
        assert_true(fabs(dsc_schedule_share(&s, (double)i + 1) - epochs[i].share) < 1e-12);
    }
}

static void bad_settings_and_names(void **state) {
    (void)state;
    const struct {
        dsc_schedule_config config;
        const char *where;
    } cases[] = {
        {{.kind = (dsc_schedule_kind)4}, "schedule"},
        {{.warmup = -1}, "warmup"},
        {{.warmup = INFINITY}, "warmup"},
        {{.factor = 1}, "factor"},
        {{.factor = -0.5}, "factor"},
        {{.factor = NAN}, "factor"},
        {{.floor = 1}, "floor"},
        {{.kind = DSC_COSINE}, "n_epochs"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        dsc_schedule schedule;
        dsc_error err = {0};
        assert_int_equal(dsc_schedule_init(&schedule, &cases[i].config, &err), DSC_E_ARGUMENT);
        assert_string_equal(err.where, cases[i].where);
    }
    for (int i = 0; i <= DSC_ON_PLATEAU; i++) {
        dsc_schedule_kind kind = DSC_CONSTANT_RATE;
        assert_true(dsc_schedule_from_name(dsc_schedule_name((dsc_schedule_kind)i), &kind));
        assert_int_equal(kind, i);
    }
    dsc_schedule_kind kind = DSC_COSINE;
    assert_null(dsc_schedule_name((dsc_schedule_kind)4));
    assert_false(dsc_schedule_from_name("linear", &kind));
    assert_int_equal(kind, DSC_COSINE);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(shares_at_known_times),
        cmocka_unit_test(a_plateau_lowers_the_rate),
        cmocka_unit_test(bad_settings_and_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
