/* The side of libcsv in bench/peers/reading.py: fields to numbers by strtoul and strtof, kept in
 * arrays. A turn reads the file twice and tells the second.
 *
 *     csv_reading --file RATINGS --rows N */
#include <csv.h>

#include "../bench.h"

enum { PART = 1 << 20 };

typedef struct rows {
    uint32_t *user, *item, *time;
    float *rating;
    size_t n, max, column;
    bool is_header;
} rows;

static void take_field(void *field, size_t length, void *argument) {
    rows *r = argument;
    const char *text = field; /* csv_init is told to end fields with a zero */
    (void)length;
    if (!r->is_header && r->n < r->max) {
        switch (r->column) {
        case 0:
            r->user[r->n] = (uint32_t)strtoul(text, NULL, 10);
            break;
        case 1:
            r->item[r->n] = (uint32_t)strtoul(text, NULL, 10);
            break;
        case 2:
            r->rating[r->n] = strtof(text, NULL);
            break;
        default:
            r->time[r->n] = (uint32_t)strtoul(text, NULL, 10);
        }
    }
    r->column++;
}

static void take_row(int end, void *argument) {
    rows *r = argument;
    (void)end;
    r->n += r->is_header ? 0 : 1;
    r->is_header = false;
    r->column = 0;
}

static size_t read_file(const char *path, rows *r) {
    static char part[PART];
    struct csv_parser parser;
    FILE *file = fopen(path, "rb");
    size_t n_bytes = 0, n;
    if (file == NULL || csv_init(&parser, CSV_APPEND_NULL) != 0) {
        perror(path);
        exit(EXIT_FAILURE);
    }
    r->n = r->column = 0;
    r->is_header = true;
    while ((n = fread(part, 1, PART, file)) > 0) {
        if (csv_parse(&parser, part, n, take_field, take_row, r) != n) {
            fprintf(stderr, "%s: %s\n", path, csv_strerror(csv_error(&parser)));
            exit(EXIT_FAILURE);
        }
        n_bytes += n;
    }
    csv_fini(&parser, take_field, take_row, r);
    csv_free(&parser);
    fclose(file);
    return n_bytes;
}

int main(int argc, char **argv) {
    const char *path = bench_option(argc, argv, "--file", "");
    rows r = {.max = strtoul(bench_option(argc, argv, "--rows", "0"), NULL, 10)};
    r.user = calloc(r.max + 1, sizeof *r.user);
    r.item = calloc(r.max + 1, sizeof *r.item);
    r.time = calloc(r.max + 1, sizeof *r.time);
    r.rating = calloc(r.max + 1, sizeof *r.rating);
    if (r.user == NULL || r.item == NULL || r.time == NULL || r.rating == NULL) {
        fputs("csv_reading: no memory\n", stderr);
        return EXIT_FAILURE;
    }
    bench_print_record((bench_field[]){{"ready", NULL, 1}, {"version", "libcsv 3", 0}, {0}});
    while (bench_wait_for_turn()) {
        read_file(path, &r);
        const double begin_s = bench_now_s(), worked_begin_s = bench_worked_s();
        const size_t n_bytes = read_file(path, &r);
        const double seconds = bench_now_s() - begin_s,
                     worked_s = bench_worked_s() - worked_begin_s;
        double sum = 0;
        for (size_t i = 0; i < r.n && i < r.max; i++) {
            sum += (double)r.rating[i];
        }
        bench_print_record((bench_field[]){{"amount", NULL, (double)n_bytes},
                                           {"seconds", NULL, seconds},
                                           {"worked_s", NULL, worked_s},
                                           {"rows", NULL, (double)r.n},
                                           {"check", NULL, sum},
                                           {0}});
    }
    free(r.user);
    free(r.item);
    free(r.time);
    free(r.rating);
    return EXIT_SUCCESS;
}
