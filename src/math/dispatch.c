/* Which table of kernels is used: by precision, and by what the processor can run.
 *
 * The choice is the library's only state that is not in an object: it says how to compute on this
 * machine, not what. See docs/decisions/0006-kernels-per-instruction-set.md. */
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "descent/isa.h"
#include "math/kernels.h"

typedef struct isa {
    const char *name;
    const dsc_kernels *f32;
    bool (*is_available)(void); /* the processor has it, and the system saves its registers */
} isa;

static bool always(void) {
    return true;
}

#if defined __x86_64__
static bool has_avx2(void) {
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") &&
           __builtin_cpu_supports("bmi") && __builtin_cpu_supports("popcnt");
}

static bool has_avx512(void) {
    return has_avx2() && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
           __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl");
}
#endif

/* The widest first; "c" is always there. */
static const isa isas[] = {
#if defined __x86_64__
    {"avx512", &dsc_kernels_avx512_f32, has_avx512},
    {"avx2", &dsc_kernels_avx2_f32, has_avx2},
#elif defined __aarch64__
    {"neon", &dsc_kernels_neon_f32, always},
#endif
    {"c", &dsc_kernels_c_f32, always},
};

enum { N_ISAS = sizeof isas / sizeof isas[0] };

/* NULL: not chosen yet. */
static _Atomic(const isa *) in_use;

static const isa *widest(void) {
    const isa *one = isas;
    while (!one->is_available()) {
        one++;
    }
    return one;
}

const char *dsc_isa_available(size_t index) {
    for (size_t i = 0; i < N_ISAS; i++) {
        if (isas[i].is_available() && index-- == 0) {
            return isas[i].name;
        }
    }
    return NULL;
}

/* `where`: who asks for the name. */
static dsc_status find(const char *name, const char *where, const isa **out, dsc_error *err) {
    char available[64] = "";
    for (size_t i = 0; i < N_ISAS; i++) {
        if (!isas[i].is_available()) {
            continue;
        }
        if (strcmp(isas[i].name, name) == 0) {
            *out = &isas[i];
            return DSC_OK;
        }
        const size_t used = strlen(available);
        snprintf(available + used, sizeof available - used, "%s%s", used > 0 ? ", " : "",
                 isas[i].name);
    }
    return dsc_fail(err, DSC_E_ARGUMENT, where, "found \"%s\"; this processor can run: %s", name,
                    available);
}

static dsc_status choose(const isa **out, dsc_error *err) {
    *out = atomic_load(&in_use);
    if (*out != NULL) {
        return DSC_OK;
    }
    const char *wanted = getenv("DESCENT_ISA");
    if (wanted != NULL && wanted[0] != '\0') {
        dsc_status status = find(wanted, "DESCENT_ISA", out, err);
        if (status != DSC_OK) {
            return status;
        }
    } else {
        *out = widest();
    }
    atomic_store(&in_use, *out);
    return DSC_OK;
}

dsc_status dsc_isa_set(const char *name, dsc_error *err) {
    const isa *wanted = NULL;
    if (name != NULL) {
        dsc_status status = find(name, "instruction set", &wanted, err);
        if (status != DSC_OK) {
            return status;
        }
    }
    atomic_store(&in_use, wanted);
    return DSC_OK;
}

const char *dsc_isa_name(void) {
    const isa *one;
    return choose(&one, NULL) == DSC_OK ? one->name : widest()->name;
}

dsc_status dsc_kernels_choose(const dsc_kernels **out, dsc_precision precision, dsc_error *err) {
    const isa *one;
    dsc_status status = choose(&one, err);
    if (status == DSC_OK) {
        *out = precision == DSC_FLOAT32 ? one->f32 : &dsc_kernels_c_f64;
    }
    return status;
}
