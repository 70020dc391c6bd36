/* The side of FANN in bench/peers/dense_networks.py: incremental training, a step a sample, which is
 * the fastest that it has; with --curve the loss before each of N steps on all samples at once. The
 * options and the file are those of ours_network. */
#include <floatfann.h>

#include "network_options.h"

/* FANN has no rectifier; this is its cheapest that is not linear. */
static enum fann_activationfunc_enum activation_of(const char *name) {
    if (strcmp(name, "sigmoid") == 0) {
        return FANN_SIGMOID;
    }
    return strcmp(name, "identity") == 0 ? FANN_LINEAR : FANN_LINEAR_PIECE;
}

static float *read_numbers(FILE *file, size_t n) {
    float *values = calloc(n, sizeof *values);
    if (values == NULL || fread(values, sizeof *values, n, file) != n) {
        fputs("fann_network: the file of the start is short\n", stderr);
        exit(EXIT_FAILURE);
    }
    return values;
}

/* From descent's layout, (n_in, n_out) and then the biases, to FANN's, by neuron with the bias last. */
static void set_weights(struct fann *ann, const network_options *o, const float *parameters) {
    float *weights = calloc(network_n_parameters(o), sizeof *weights), *out = weights;
    struct fann_connection *connections = calloc(network_n_parameters(o), sizeof *connections);
    if (weights == NULL || connections == NULL) {
        fputs("fann_network: no memory\n", stderr);
        exit(EXIT_FAILURE);
    }
    for (size_t l = 1; l < o->n_widths; l++) {
        const size_t n_in = o->widths[l - 1], n_out = o->widths[l];
        for (size_t to = 0; to < n_out; to++) {
            for (size_t from = 0; from <= n_in; from++) {
                *out++ = parameters[from * n_out + to];
            }
        }
        parameters += (n_in + 1) * n_out;
    }
    fann_get_connection_array(ann, connections);
    for (size_t i = 0; i < network_n_parameters(o); i++) {
        connections[i].weight = weights[i];
    }
    fann_set_weight_array(ann, connections, (unsigned)network_n_parameters(o));
    free(connections);
    free(weights);
}

static struct fann *create(const network_options *o) {
    unsigned widths[MAX_WIDTHS];
    for (size_t l = 0; l < o->n_widths; l++) {
        widths[l] = (unsigned)o->widths[l];
    }
    struct fann *ann = fann_create_standard_array((unsigned)o->n_widths, widths);
    if (ann == NULL) {
        fputs("fann_network: no network\n", stderr);
        exit(EXIT_FAILURE);
    }
    /* Plain gradient descent of squares: the usual functions, no table of errors. */
    const bool is_curved = strcmp(o->activation, "sigmoid") == 0;
    fann_set_activation_function_hidden(ann, activation_of(o->activation));
    fann_set_activation_function_output(ann, is_curved ? FANN_SIGMOID : FANN_LINEAR);
    fann_set_activation_steepness_hidden(ann, is_curved ? 0.5F : 1);
    fann_set_activation_steepness_output(ann, is_curved ? 0.5F : 1);
    fann_set_train_error_function(ann, FANN_ERRORFUNC_LINEAR);
    fann_set_training_algorithm(ann, o->curve != NULL ? FANN_TRAIN_BATCH : FANN_TRAIN_INCREMENTAL);
    fann_set_learning_momentum(ann, 0);
    fann_set_learning_rate(ann, (float)o->rate);
    return ann;
}

/* The loss is the mean of squares: its step is 2 / n_out of FANN's. */
static void print_curve(struct fann *ann, const network_options *o, float *x, float *y) {
    const size_t n_in = o->widths[0], n_out = o->widths[o->n_widths - 1];
    struct fann_train_data *data =
        fann_create_train((unsigned)o->n_samples, (unsigned)n_in, (unsigned)n_out);
    for (size_t s = 0; data != NULL && s < o->n_samples; s++) {
        memcpy(data->input[s], x + s * n_in, n_in * sizeof *x);
        memcpy(data->output[s], y + s * n_out, n_out * sizeof *y);
    }
    fann_set_learning_rate(ann, (float)(o->rate * 2 / (double)n_out));
    for (size_t epoch = 1; data != NULL && epoch <= strtoul(o->curve, NULL, 10); epoch++) {
        const double loss = (double)fann_train_epoch(ann, data);
        bench_print_record(
            (bench_field[]){{"epoch", NULL, (double)epoch}, {"loss", NULL, loss}, {0}});
    }
    fann_destroy_train(data);
}

static void take_turns(struct fann *ann, const network_options *o, float *x, float *y) {
    const size_t n_in = o->widths[0], n_out = o->widths[o->n_widths - 1];
    bench_print_record((bench_field[]){{"ready", NULL, 1}, {"version", "2.2", 0}, {0}});
    size_t s = 0;
    while (bench_wait_for_turn()) {
        const double begin_s = bench_now_s(), worked_begin_s = bench_worked_s();
        size_t n = 0;
        do {
            for (size_t i = 0; i < 100; i++) {
                fann_train(ann, x + s * n_in, y + s * n_out);
                s = s + 1 < o->n_samples ? s + 1 : 0;
            }
            n += 100;
        } while (bench_now_s() - begin_s < BENCH_BURST_S);
        bench_print_record((bench_field[]){{"amount", NULL, (double)n},
                                           {"seconds", NULL, bench_now_s() - begin_s},
                                           {"worked_s", NULL, bench_worked_s() - worked_begin_s},
                                           {0}});
    }
}

int main(int argc, char **argv) {
    const network_options o = network_options_read(argc, argv);
    FILE *file = fopen(o.start, "rb");
    if (file == NULL) {
        perror(o.start);
        return EXIT_FAILURE;
    }
    float *parameters = read_numbers(file, network_n_parameters(&o));
    float *x = read_numbers(file, o.n_samples * o.widths[0]);
    float *y = read_numbers(file, o.n_samples * o.widths[o.n_widths - 1]);
    fclose(file);
    struct fann *ann = create(&o);
    set_weights(ann, &o, parameters);
    if (o.curve != NULL) {
        print_curve(ann, &o, x, y);
    } else {
        take_turns(ann, &o, x, y);
    }
    fann_destroy(ann);
    free(y);
    free(x);
    free(parameters);
    return EXIT_SUCCESS;
}
