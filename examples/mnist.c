/* Learns to read handwritten digits: mnist FOLDER [SAMPLES [EPOCHS]]
 *
 * FOLDER has the four files of the MNIST set, *-ubyte.gz. A tenth of the training samples is held
 * out to choose the best epoch; the test images are looked at once, in the end. */
#include <stdio.h>
#include <stdlib.h>
#include <zlib.h>

#include "descent/fit.h"

enum { PIXELS = 28 * 28, DIGITS = 10 };

typedef struct digits {
    size_t n;
    float *images;  /* (n, PIXELS), 0 white to 1 black */
    float *targets; /* (n, DIGITS), one-hot; in the same piece of memory */
} digits;

static void must(bool is_done, const char *where, const char *message) {
    if (!is_done) {
        fprintf(stderr, "mnist: %s: %s\n", where, message);
        exit(EXIT_FAILURE);
    }
}

/* Up to n items of `size` bytes each, behind a header of `skip` bytes. Returns how many. */
static size_t read_items(const char *folder, const char *name, unsigned skip, size_t n, size_t size,
                         unsigned char *out) {
    char path[4096];
    snprintf(path, sizeof path, "%s/%s-ubyte.gz", folder, name);
    gzFile file = gzopen(path, "rb");
    must(file != NULL && gzread(file, out, skip) == (int)skip, path, "cannot be read");
    const int n_bytes = gzread(file, out, (unsigned)(n * size));
    must(gzclose(file) == Z_OK && n_bytes > 0, path, "is damaged or empty");
    return (size_t)n_bytes / size;
}

static digits read_digits(const char *folder, const char *images, const char *labels, size_t most) {
    digits out;
    unsigned char *bytes = (unsigned char *)malloc(most * PIXELS);
    out.images = (float *)calloc(most, (PIXELS + DIGITS) * sizeof *out.images);
    must(bytes != NULL && out.images != NULL, images, "no memory");
    out.targets = out.images + most * PIXELS;
    out.n = read_items(folder, images, 16, most, PIXELS, bytes);
    for (size_t i = 0; i < out.n * PIXELS; i++) {
        out.images[i] = (float)bytes[i] / 255;
    }
    must(read_items(folder, labels, 8, out.n, 1, bytes) == out.n, labels, "has too few labels");
    for (size_t i = 0; i < out.n; i++) {
        out.targets[i * DIGITS + bytes[i] % DIGITS] = 1;
    }
    free(bytes);
    return out;
}

static bool watch(const dsc_fit_progress *now, void *user) {
    (void)user;
    printf("epoch %zu: loss %.4f, on what is held out %.4f\n", now->epoch, now->train_loss,
           now->validation_loss);
    return true;
}

static size_t index_of_largest(const float *row) {
    size_t best = 0;
    for (size_t k = 1; k < DIGITS; k++) {
        best = row[k] > row[best] ? k : best;
    }
    return best;
}

static void train(dsc_network *net, const digits *data, size_t max_epochs) {
    const size_t n = data->n - data->n / 10;
    const dsc_fit_data split = {dsc_matrix_f32(data->images, n, PIXELS),
                                dsc_matrix_f32(data->targets, n, DIGITS),
                                dsc_matrix_f32(data->images + n * PIXELS, data->n - n, PIXELS),
                                dsc_matrix_f32(data->targets + n * DIGITS, data->n - n, DIGITS)};
    dsc_fit_config config = dsc_fit_config_default();
    config.max_epochs = max_epochs;
    config.seed = 1;
    dsc_error err;
    must(dsc_fit(net, &split, &config, watch, NULL, NULL, &err) == DSC_OK, err.where, err.message);
}

static void test(const dsc_network *net, const digits *data) {
    float *logits = (float *)malloc(data->n * DIGITS * sizeof *logits);
    dsc_error err;
    double n_right = 0;
    must(logits != NULL, "test", "no memory");
    const dsc_matrix x = dsc_matrix_f32(data->images, data->n, PIXELS);
    must(dsc_network_predict(net, x, logits, &err) == DSC_OK, err.where, err.message);
    for (size_t i = 0; i < data->n; i++) {
        n_right +=
            index_of_largest(logits + i * DIGITS) == index_of_largest(data->targets + i * DIGITS);
    }
    printf("of %zu test images read right: %.1f %%\n", data->n, 100 * n_right / (double)data->n);
    free(logits);
}

int main(int argc, char **argv) {
    const size_t n_samples = argc > 2 ? strtoul(argv[2], NULL, 10) : 60000;
    const size_t n_epochs = argc > 3 ? strtoul(argv[3], NULL, 10) : 5;
    must(argc > 1 && n_samples >= 10 && n_samples <= 60000, "usage",
         "mnist FOLDER [SAMPLES [EPOCHS]]; 10 to 60000 samples");
    digits known = read_digits(argv[1], "train-images-idx3", "train-labels-idx1", n_samples);
    digits unseen = read_digits(argv[1], "t10k-images-idx3", "t10k-labels-idx1", 10000);

    const dsc_layer_config layers[] = {{128, DSC_RELU, true}, {DIGITS, DSC_IDENTITY, true}};
    const dsc_network_config config = {DSC_FLOAT32, PIXELS, 2, layers, DSC_CROSS_ENTROPY};
    dsc_error err;
    dsc_network *net = NULL;
    must(dsc_network_create(&net, &config, &err) == DSC_OK, err.where, err.message);
    dsc_network_init(net, DSC_INIT_HE, 1);
    train(net, &known, n_epochs);
    test(net, &unseen);
    dsc_network_destroy(net);
    free(known.images);
    free(unseen.images);
    return EXIT_SUCCESS;
}
