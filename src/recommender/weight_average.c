/* The mean of weights over epochs. docs/math.md (174). */
#include "recommender/weight_average.h"

#include "base/error.h"
#include "base/memory.h"

static size_t n_network_values(const dsc_recommender *model) {
    return model->network != NULL ? dsc_network_n_parameters(model->network) : 0;
}

dsc_status dsc_weight_average_init(dsc_weight_average *out, dsc_recommender *model, size_t n_epochs,
                                   dsc_error *err) {
    *out = (dsc_weight_average){.model = model, .n_epochs = n_epochs};
    if (n_epochs == 1) {
        return DSC_OK;
    }
    out->mean = dsc_alloc(model->n_table_values + n_network_values(model), sizeof *out->mean);
    return out->mean != NULL ? DSC_OK : dsc_fail_memory(err, "the mean of weights");
}

void dsc_weight_average_clear(dsc_weight_average *average) {
    dsc_free(average->mean);
    *average = (dsc_weight_average){0};
}

static void add(float *mean, const float *values, size_t n, float share) {
    for (size_t i = 0; i < n; i++) {
        mean[i] += share * (values[i] - mean[i]);
    }
}

static void swap(float *a, float *b, size_t n) {
    for (size_t i = 0; i < n; i++) {
        const float moved = a[i];
        a[i] = b[i];
        b[i] = moved;
    }
}

void dsc_weight_average_add(dsc_weight_average *average) {
    const dsc_recommender *m = average->model;
    if (average->mean == NULL) {
        return;
    }
    average->n_added++;
    const size_t n = average->n_added < average->n_epochs ? average->n_added : average->n_epochs;
    const float share = 1.0f / (float)n;
    add(average->mean, m->tables, m->n_table_values, share);
    if (m->network != NULL) {
        add(average->mean + m->n_table_values, dsc_network_parameters_const(m->network),
            n_network_values(m), share);
    }
}

void dsc_weight_average_swap(dsc_weight_average *average) {
    dsc_recommender *m = average->model;
    if (average->mean == NULL) {
        return;
    }
    swap(average->mean, m->tables, m->n_table_values);
    if (m->network != NULL) {
        swap(average->mean + m->n_table_values, dsc_network_parameters(m->network),
             n_network_values(m));
    }
    if (m->threshold_steps != NULL) {
        dsc_model_set_thresholds(m);
    }
}
