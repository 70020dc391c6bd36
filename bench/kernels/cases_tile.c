/* Cases of tiles of samples: sizes are rows, and the inner dimension of a product. */
#include "cases.h"

/* Forms of a product and of a sum. */
enum { BARE, STARTED, JOINED };

enum { OUT, X, A, START, OTHER };

static void set_up_product(kernel_problem *p) {
    const size_t n_rows = p->size[0], n_inner = p->size[1];
    problem_add(p, ARRAY_FLOATS, n_rows * DSC_TILE);
    problem_add(p, ARRAY_FLOATS, n_inner * DSC_TILE);
    problem_add(p, ARRAY_FLOATS, n_inner * n_rows);
    problem_add(p, ARRAY_FLOATS, n_rows);
    problem_add(p, ARRAY_FLOATS, n_inner * DSC_TILE);
    p->operations = 2.0 * DSC_TILE * (double)n_rows * (double)n_inner;
}

static double multiply_tile(kernel_problem *p, const kernel_set *set) {
    const int form = p->of->form;
    set->kernels->multiply_tile(
        &(dsc_tile_product){.n_rows = p->size[0],
                            .n_inner = p->size[1],
                            .a = array_of(p, A),
                            .a_stride = p->size[0],
                            .x = array_of(p, X),
                            .joined = form == JOINED ? array_of(p, OTHER) : NULL,
                            .start = form == BARE ? NULL : array_of(p, START),
                            .activation = form == BARE ? DSC_KERNEL_IDENTITY : DSC_KERNEL_RELU,
                            .out = array_of(p, OUT)});
    return 0;
}

static void set_up_dots(kernel_problem *p) {
    problem_add(p, ARRAY_FLOATS, DSC_TILE);
    problem_add(p, ARRAY_FLOATS, p->size[0] * DSC_TILE);
    problem_add(p, ARRAY_FLOATS, p->size[0] * DSC_TILE);
    p->operations = 2.0 * DSC_TILE * (double)p->size[0];
}

static double dot_tiles(kernel_problem *p, const kernel_set *set) {
    set->kernels->dot_tiles(array_of(p, OUT), array_of(p, 1), array_of(p, 2), p->size[0]);
    return 0;
}

static void set_up_join(kernel_problem *p) {
    for (size_t i = 0; i < 3; i++) {
        problem_add(p, ARRAY_FLOATS, p->size[0] * DSC_TILE);
    }
    p->bytes = (double)((p->of->form == BARE ? 3 : 2) * p->size[0] * DSC_TILE * sizeof(float));
}

static double join_tiles(kernel_problem *p, const kernel_set *set) {
    const bool is_spread = p->of->form != BARE;
    const dsc_tile_join join = {.n_rows = p->size[0],
                                .one = array_of(p, 1),
                                .other = array_of(p, 2),
                                .is_spread = is_spread,
                                .activation = is_spread ? DSC_KERNEL_RELU : DSC_KERNEL_IDENTITY};
    set->kernels->join_tiles(array_of(p, OUT), &join);
    return 0;
}

enum { SUM, MORE, OWN, BIASES, LEAST, WANTED };

static void set_up_finish(kernel_problem *p) {
    const size_t n = p->size[0];
    problem_add(p, ARRAY_FLOATS, n * DSC_TILE);
    problem_add(p, ARRAY_FLOATS, n * DSC_TILE);
    problem_add(p, ARRAY_FLOATS, n);
    problem_add(p, ARRAY_FLOATS, DSC_TILE);
    problem_add(p, ARRAY_FLOATS, n);
    problem_add(p, ARRAY_BYTES, n * sizeof(uint32_t));
    p->bytes = (double)((p->of->form == BARE ? 2 : 3) * n * DSC_TILE * sizeof(float));
}

static double finish_rows(kernel_problem *p, const kernel_set *set) {
    set->kernels->finish_rows(
        array_of(p, SUM), &(dsc_tile_rows){.n_rows = p->size[0],
                                           .more = p->of->form == BARE ? NULL : array_of(p, MORE),
                                           .own = array_of(p, OWN),
                                           .biases = array_of(p, BIASES),
                                           .least = array_of(p, LEAST),
                                           .wanted = array_of(p, WANTED)});
    return 0;
}

static void set_up_packing(kernel_problem *p) {
    problem_add(p, ARRAY_FLOATS, p->size[0] * DSC_TILE);
    problem_add(p, ARRAY_FLOATS, p->size[0] * DSC_TILE);
    p->bytes = (double)(2 * p->size[0] * DSC_TILE * sizeof(float));
}

static double pack_tile(kernel_problem *p, const kernel_set *set) {
    const void *from[DSC_TILE];
    const size_t n_columns = p->of->form == BARE ? DSC_TILE : 5;
    for (size_t c = 0; c < n_columns; c++) {
        from[c] = (const float *)array_of(p, 1) + (n_columns - 1 - c) * p->size[0];
    }
    set->kernels->pack_tile(array_of(p, OUT), from, n_columns, p->size[0]);
    return 0;
}

/* Bytes of a product: small enough that no sum of two goes beyond a byte. */
static void add_bytes(kernel_problem *p, size_t n, int most) {
    const uint32_t *drawn = problem_add_numbers(p, n, 2 * (size_t)most + 1);
    int8_t *bytes = problem_add(p, ARRAY_BYTES, n);
    for (size_t i = 0; i < n; i++) {
        bytes[i] = (int8_t)((int)drawn[i] - most);
    }
}

enum { BYTES_A = 1, BYTES_X = 3, BYTES_JOINED = 5, BYTES_SCALE, BYTES_START, BYTES_OUT };

/* Sizes: rows, and inner numbers by fours. */
static void set_up_bytes(kernel_problem *p) {
    const size_t n_rows = p->size[0], n_groups = p->size[1];
    add_bytes(p, n_groups * n_rows * DSC_BYTE_GROUP, 127);
    add_bytes(p, n_groups * DSC_TILE * DSC_BYTE_GROUP, 64);
    add_bytes(p, n_groups * DSC_BYTE_GROUP, 63);
    problem_add(p, ARRAY_FLOATS, n_rows);
    problem_add(p, ARRAY_FLOATS, n_rows);
    problem_add(p, ARRAY_FLOATS, n_rows * DSC_TILE);
    p->operations = 2.0 * DSC_TILE * DSC_BYTE_GROUP * (double)n_rows * (double)n_groups;
}

/* By plain C where the processor lacks what the set's own would take. */
static double multiply_bytes(kernel_problem *p, const kernel_set *set) {
    const dsc_kernels *kernels = set->kernels->has_fast_bytes() ? set->kernels : &dsc_kernels_c_f32;
    kernels->multiply_bytes(&(dsc_byte_product){.n_rows = p->size[0],
                                                .n_groups = p->size[1],
                                                .a = array_of(p, BYTES_A),
                                                .x = array_of(p, BYTES_X),
                                                .joined = array_of(p, BYTES_JOINED),
                                                .scale = array_of(p, BYTES_SCALE),
                                                .start = array_of(p, BYTES_START),
                                                .is_rectified = p->of->form == JOINED,
                                                .out = array_of(p, BYTES_OUT)});
    return 0;
}

#define TILES(function, title, up, of, tolerated, ...)                                             \
    {                                                                                              \
        .name = #function title, .entry = ENTRY(function), .set_up = (up), .call = (function),     \
        .form = (of), .tolerance = (tolerated), .timed = {                                         \
            __VA_ARGS__                                                                            \
        }                                                                                          \
    }

const kernel_case tile_cases[] = {
    TILES(multiply_tile, "", set_up_product, BARE, 1e-5, {32, 64}, {64, 128}),
    TILES(multiply_tile, ", relu", set_up_product, STARTED, 1e-5, {16, 32}, {8, 16}, {1, 8}),
    TILES(multiply_tile, ", joined", set_up_product, JOINED, 1e-5, {16, 32}, {32, 64}),
    TILES(multiply_bytes, "", set_up_bytes, BARE, 1e-6, {16, 8}),
    TILES(multiply_bytes, ", relu", set_up_bytes, JOINED, 1e-6, {32, 16}),
    {.name = "has_fast_bytes", .entry = ENTRY(has_fast_bytes)}, /* an answer, nothing to compute */
    TILES(dot_tiles, "", set_up_dots, BARE, 1e-5, {32}, {64}),
    TILES(join_tiles, "", set_up_join, BARE, 0, {32}),
    TILES(join_tiles, ", spread, relu", set_up_join, STARTED, 0, {32}),
    TILES(finish_rows, "", set_up_finish, BARE, 0, {32}),
    TILES(finish_rows, ", more", set_up_finish, STARTED, 0, {32}),
    TILES(pack_tile, "", set_up_packing, BARE, 0, {32}, {64}),
    TILES(pack_tile, ", 5 columns", set_up_packing, STARTED, 0, {32}),
    {.name = NULL},
};
