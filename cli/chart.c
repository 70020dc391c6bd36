/* A small chart of a training run for a terminal: errors over epochs, in plain characters. */
#include "chart.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum {
    HEIGHT = 14,
    WIDTH = 48 /* columns of the plot, beside labels on both sides */
};

typedef struct canvas {
    char cell[HEIGHT][WIDTH + 1];
    double low; /* RMSE of the lowest and of the highest row */
    double high;
} canvas;

static void include(canvas *self, double value) {
    if (isfinite(value)) {
        self->low = fmin(self->low, value);
        self->high = fmax(self->high, value);
    }
}

static size_t row_of(const canvas *self, double value) {
    double share = (self->high - value) / (self->high - self->low);
    double row = floor(share * (HEIGHT - 1) + 0.5);
    return (size_t)fmin(fmax(row, 0), HEIGHT - 1);
}

static void draw(canvas *self, const cli_curve *curve, const double *values, char mark) {
    for (size_t epoch = 0; epoch < curve->n; epoch++) {
        size_t column = curve->n == 1 ? 0 : epoch * (WIDTH - 1) / (curve->n - 1);
        if (isfinite(values[epoch])) {
            self->cell[row_of(self, values[epoch])][column] = mark;
        }
    }
}

static void prepare(canvas *self, const cli_curve *curve, const cli_level *levels,
                    size_t n_levels) {
    self->low = INFINITY;
    self->high = -INFINITY;
    for (size_t i = 0; i < curve->n; i++) {
        include(self, curve->training[i]);
        include(self, curve->validation[i]);
    }
    for (size_t i = 0; i < n_levels; i++) {
        include(self, levels[i].value);
    }
    if (!(self->high > self->low)) {
        self->high = self->low + 1;
    }
    for (size_t row = 0; row < HEIGHT; row++) {
        memset(self->cell[row], ' ', WIDTH);
        self->cell[row][WIDTH] = '\0';
    }
    for (size_t i = 0; i < n_levels; i++) {
        memset(self->cell[row_of(self, levels[i].value)], '-', WIDTH);
    }
}

void cli_chart_print(const cli_curve *curve, const cli_level *levels, size_t n_levels) {
    if (curve->n == 0) {
        return;
    }
    canvas self;
    prepare(&self, curve, levels, n_levels);
    draw(&self, curve, curve->training, '.');
    draw(&self, curve, curve->validation, 'o');
    printf("  RMSE   . training   o held out\n");
    for (size_t row = 0; row < HEIGHT; row++) {
        double value = self.high - (self.high - self.low) * (double)row / (HEIGHT - 1);
        printf("  %5.3f |%s|", value, self.cell[row]);
        for (size_t i = 0; i < n_levels; i++) {
            if (row_of(&self, levels[i].value) == row) {
                printf(" %s", levels[i].label);
            }
        }
        putchar('\n');
    }
    printf("         epoch 1%*zu\n", WIDTH - 6, curve->n);
}
