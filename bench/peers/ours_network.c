/* Our side of bench/peers/dense_networks.py: dsc_fit by plain SGD, an epoch or more a burst.
 *
 *     ours_network --start FILE [--layers N,N,...] [--activation NAME] [--loss cross-entropy]
 *                  [--samples N] [--batch N] [--rate X] [--threads N] [--make | --curve N]
 *
 * With --make it writes FILE (network_options.h), else it reads it. With --curve it prints the loss before each of N
 * steps on all samples at once. */
#include "descent/fit.h"
#include "descent/random.h"
#include "network_options.h"
#include "turn.h"

typedef struct turn {
    bench_turn turn;
    const network_options *options;
} turn;

static bool take_turn(const dsc_fit_progress *progress, void *user) {
    turn *t = user;
    (void)progress;
    return bench_end_epoch(&t->turn, t->options->n_samples);
}

static bool print_loss(const dsc_fit_progress *progress, void *user) {
    (void)user;
    bench_print_record((bench_field[]){
        {"epoch", NULL, (double)progress->epoch}, {"loss", NULL, progress->train_loss}, {0}});
    return true;
}

static dsc_network *create(const network_options *o) {
    dsc_layer_config layers[MAX_WIDTHS] = {0};
    dsc_activation activation = DSC_IDENTITY;
    dsc_network *net;
    dsc_error err;
    if (!dsc_activation_from_name(o->activation, &activation)) {
        fprintf(stderr, "no activation \"%s\"\n", o->activation);
        exit(2);
    }
    for (size_t l = 1; l < o->n_widths; l++) {
        layers[l - 1] = (dsc_layer_config){o->widths[l], activation, true, false, 0};
    }
    if (o->is_classes || strcmp(o->activation, "relu") == 0) {
        layers[o->n_widths - 2].activation = DSC_IDENTITY;
    }
    const dsc_network_config config = {.precision = DSC_FLOAT32,
                                       .n_in = o->widths[0],
                                       .n_layers = o->n_widths - 1,
                                       .layers = layers,
                                       .loss = o->is_classes ? DSC_CROSS_ENTROPY
                                                             : DSC_MEAN_SQUARED_ERROR};
    bench_require(dsc_network_create(&net, &config, &err), &err);
    dsc_network_init(net, DSC_INIT_GLOROT, 1);
    return net;
}

/* Inputs in 0 .. 1, and targets of one class each, or in 0 .. 1 too. */
static void make_samples(const network_options *o, float *x, float *y) {
    dsc_random random = dsc_random_stream(1, 0, 0);
    const size_t n_in = o->widths[0], n_out = o->widths[o->n_widths - 1];
    for (size_t i = 0; i < o->n_samples * n_in; i++) {
        x[i] = (float)dsc_random_uniform(&random);
    }
    for (size_t s = 0; s < o->n_samples; s++) {
        const uint32_t class = dsc_random_below(&random, (uint32_t)n_out);
        for (size_t k = 0; k < n_out; k++) {
            y[s * n_out + k] =
                o->is_classes ? (float)(k == class) : (float)dsc_random_uniform(&random);
        }
    }
}

static void transfer(FILE *file, void *values, size_t n, bool is_writing) {
    const size_t n_done =
        is_writing ? fwrite(values, sizeof(float), n, file) : fread(values, sizeof(float), n, file);
    if (n_done != n) {
        fputs("the file of the start is short\n", stderr);
        exit(EXIT_FAILURE);
    }
}

static void train(dsc_network *net, const network_options *o, float *x, float *y) {
    dsc_fit_config config = dsc_fit_config_default();
    turn t = {.options = o};
    dsc_error err;
    config.max_epochs = o->curve != NULL ? strtoul(o->curve, NULL, 10) : SIZE_MAX / 2;
    config.batch_size = o->curve != NULL ? o->n_samples : o->batch;
    config.optimizer = dsc_sgd(o->rate);
    config.n_threads = o->n_threads;
    const dsc_fit_data data = {.x = dsc_matrix_f32(x, o->n_samples, o->widths[0]),
                               .y = dsc_matrix_f32(y, o->n_samples, o->widths[o->n_widths - 1])};
    const dsc_status status =
        dsc_fit(net, &data, &config, o->curve != NULL ? print_loss : take_turn, &t, NULL, &err);
    if (status != DSC_E_CANCELLED) {
        bench_require(status, &err);
    }
}

int main(int argc, char **argv) {
    const network_options o = network_options_read(argc, argv);
    const bool is_writing = bench_has_option(argc, argv, "--make");
    const size_t n_x = o.n_samples * o.widths[0], n_y = o.n_samples * o.widths[o.n_widths - 1];
    dsc_network *net = create(&o);
    float *x = calloc(n_x, sizeof *x), *y = calloc(n_y, sizeof *y);
    FILE *file = fopen(o.start, is_writing ? "wb" : "rb");
    if (file == NULL || x == NULL || y == NULL) {
        perror(o.start);
        return EXIT_FAILURE;
    }
    if (is_writing) {
        make_samples(&o, x, y);
    }
    transfer(file, dsc_network_parameters(net), dsc_network_n_parameters(net), is_writing);
    transfer(file, x, n_x, is_writing);
    transfer(file, y, n_y, is_writing);
    if (fclose(file) != 0) {
        perror(o.start);
        return EXIT_FAILURE;
    }
    if (!is_writing) {
        train(net, &o, x, y);
    }
    free(x);
    free(y);
    dsc_network_destroy(net);
    return EXIT_SUCCESS;
}
