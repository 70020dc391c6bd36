/* The numbers of tests/data/reference_tower.json, which tools/reference_tower.py computed
 * independently, in double, from docs/math.md; and comparing with them. */
#ifndef DSC_TESTS_REFERENCE_TOWER_H
#define DSC_TESTS_REFERENCE_TOWER_H

#include "small_networks.h"

#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "descent/optimizer.h"

enum {
    N_USERS = 7,
    N_ITEMS = 9,
    K = 32, /* length of a vector */
    N_LAYERS = 4,
    N_RATINGS = 31,
    N_STEPS = 5,
    MAX_BATCH = 12,
    N_NETWORK = 64 * 32 + 32 + 32 * 16 + 16 + 16 * 8 + 8 + 8 + 1,
    MAX_VALUES = 64 * 32
};
static const size_t widths[N_LAYERS + 1] = {2 * K, 32, 16, 8, 1};

/* Largest error of an element, relative to the largest magnitude in its array. */
static const double tolerance = 1e-5;

static json_t *reference; /* loaded by the group's setup */

/* The value at a path such as "first_batch/values/Z1". */
static inline json_t *at(const char *path) {
    json_t *value = reference;
    while (*path != '\0') {
        char key[64] = {0};
        const size_t length = strcspn(path, "/");
        assert_true(length < sizeof key);
        memcpy(key, path, length);
        value = json_object_get(value, key);
        if (value == NULL) {
            fail_msg("reference_tower.json has no \"%s\"", key);
        }
        path += length + (path[length] == '/');
    }
    return value;
}

/* All numbers of nested arrays, in order; returns how many. */
static inline size_t flatten(const json_t *value, double *out, size_t room) {
    if (!json_is_array(value)) {
        assert_true(json_is_number(value) && room > 0);
        out[0] = json_number_value(value);
        return 1;
    }
    size_t n = 0;
    for (size_t i = 0; i < json_array_size(value); i++) {
        n += flatten(json_array_get(value, i), out + n, room - n);
    }
    return n;
}

static inline void read_numbers(const char *path, double *out, size_t n) {
    assert_int_equal(flatten(at(path), out, n), n);
}

static inline void read_floats(const char *path, float *out, size_t n) {
    double values[MAX_VALUES];
    assert_in_range(n, 1, MAX_VALUES);
    read_numbers(path, values, n);
    for (size_t i = 0; i < n; i++) {
        out[i] = (float)values[i];
    }
}

static inline double number(const char *path) {
    return json_number_value(at(path));
}

static inline void assert_close(const char *path, const float *found, size_t n) {
    double expected[MAX_VALUES], largest = 0;
    assert_in_range(n, 1, MAX_VALUES);
    read_numbers(path, expected, n);
    for (size_t i = 0; i < n; i++) {
        largest = fmax(largest, fabs(expected[i]));
    }
    for (size_t i = 0; i < n; i++) {
        const double error = fabs((double)found[i] - expected[i]);
        if (!(error <= tolerance * largest)) {
            fail_msg("%s: element %zu is %.9g; expected %.9g; off by %.2g of the largest", path, i,
                     (double)found[i], expected[i], error / largest);
        }
    }
}

enum { USER_VECTORS, ITEM_VECTORS, USER_BIASES, ITEM_BIASES, N_TABLES };
static const struct {
    const char *name;
    size_t n_rows, width;
} tables[N_TABLES] = {{"user_vectors", N_USERS, K},
                      {"item_vectors", N_ITEMS, K},
                      {"user_biases", N_USERS, 1},
                      {"item_biases", N_ITEMS, 1}};

/* What the script drew and chose. */
typedef struct data {
    size_t user[N_RATINGS], item[N_RATINGS];
    float target[N_RATINGS], rating[N_RATINGS];
    size_t batch[N_STEPS][MAX_BATCH], n_batch[N_STEPS];
    double l2_vectors, l2_biases, l2_network;
} data;

static inline void read_indices(const char *path, size_t *out, size_t n) {
    double values[N_RATINGS];
    read_numbers(path, values, n);
    for (size_t i = 0; i < n; i++) {
        out[i] = (size_t)values[i];
    }
}

static inline void read_data(data *d) {
    read_indices("user", d->user, N_RATINGS);
    read_indices("item", d->item, N_RATINGS);
    read_floats("rating", d->rating, N_RATINGS);
    const double mean = number("mean"), spread = number("spread");
    for (size_t i = 0; i < N_RATINGS; i++) {
        d->target[i] = (float)(((double)d->rating[i] - mean) / spread);
    }
    assert_int_equal(json_array_size(at("batches")), N_STEPS);
    for (size_t b = 0; b < N_STEPS; b++) {
        double indices[MAX_BATCH];
        d->n_batch[b] = flatten(json_array_get(at("batches"), b), indices, MAX_BATCH);
        for (size_t s = 0; s < d->n_batch[b]; s++) {
            d->batch[b][s] = (size_t)indices[s];
        }
    }
    d->l2_vectors = number("l2/vectors");
    d->l2_biases = number("l2/biases");
    d->l2_network = number("l2/network");
}

static inline dsc_optimizer_config read_optimizer(const char *rule) {
    char path[64];
    snprintf(path, sizeof path, "after/%s/optimizer", rule);
    const json_t *from = at(path);
    dsc_optimizer_config config = {.rate = json_number_value(json_object_get(from, "rate")),
                                   .momentum = json_number_value(json_object_get(from, "momentum")),
                                   .beta1 = json_number_value(json_object_get(from, "beta1")),
                                   .beta2 = json_number_value(json_object_get(from, "beta2")),
                                   .epsilon = json_number_value(json_object_get(from, "epsilon"))};
    assert_true(
        dsc_optimizer_from_name(json_string_value(json_object_get(from, "kind")), &config.kind));
    return config;
}

static inline void set_network(dsc_network *net) {
    for (size_t l = 0; l < N_LAYERS; l++) {
        char path[32];
        float weights[MAX_VALUES], bias[K];
        snprintf(path, sizeof path, "parameters/W%zu", l + 1);
        read_floats(path, weights, widths[l] * widths[l + 1]);
        snprintf(path, sizeof path, "parameters/b%zu", l + 1);
        read_floats(path, bias, widths[l + 1]);
        MUST(dsc_network_set_layer(net, l, dsc_matrix_f32(weights, widths[l], widths[l + 1]),
                                   dsc_matrix_f32(bias, 1, widths[l + 1]), &failure));
    }
}

/* Compares an array laid out as a network's parameters with `path`/W1, b1, ... */
static inline void assert_network_close(const char *path, const float *found) {
    for (size_t l = 0; l < N_LAYERS; l++) {
        char name[128];
        snprintf(name, sizeof name, "%s/W%zu", path, l + 1);
        assert_close(name, found, widths[l] * widths[l + 1]);
        found += widths[l] * widths[l + 1];
        snprintf(name, sizeof name, "%s/b%zu", path, l + 1);
        assert_close(name, found, widths[l + 1]);
        found += widths[l + 1];
    }
}

/* Parameters after five steps, against "after/RULE/parameters". */
static inline void assert_parameters_close(const char *rule, const dsc_network *net,
                                           const float *const found[N_TABLES]) {
    char path[64];
    snprintf(path, sizeof path, "after/%s/parameters", rule);
    assert_network_close(path, dsc_network_parameters_const(net));
    for (size_t k = 0; k < N_TABLES; k++) {
        snprintf(path, sizeof path, "after/%s/parameters/%s", rule, tables[k].name);
        assert_close(path, found[k], tables[k].n_rows * tables[k].width);
    }
}

static const char *const rules[] = {"sgd", "momentum", "adam"};

static inline int load_reference(void **state) {
    (void)state;
    json_error_t error;
    reference = json_load_file("tests/data/reference_tower.json", 0, &error);
    if (reference == NULL) {
        print_error("tests/data/reference_tower.json:%d: %s\n", error.line, error.text);
    }
    return reference == NULL;
}

static inline int free_reference(void **state) {
    (void)state;
    json_decref(reference);
    return 0;
}

#endif
