/* Packing samples, shuffling and reading them. */
#include "recommender/sample_list.h"

#include "base/error.h"
#include "base/memory.h"
#include "math/drawn_numbers.h"
#include "recommender/trainer.h"
#include "recommender/value_numbers.h"

/* Swaps whose places are drawn together, so that memory delivers them meanwhile. */
enum { AHEAD = 64 };

/* Samples whose ratings become targets together. */
enum { CHUNK = 64 };

dsc_status dsc_sample_list_init(dsc_sample_list *out, const dsc_recommender *model,
                                dsc_sparse ratings, size_t n, dsc_error *err) {
    *out = (dsc_sample_list){.model = model, .ratings = ratings, .n = n};
    dsc_status status = dsc_row_finder_init(&out->users, ratings, err);
    out->position = dsc_alloc(n, sizeof *out->position);
    if (status == DSC_OK && out->position == NULL) {
        status = dsc_fail_memory(err, "the training samples");
    }
    if (status != DSC_OK) {
        dsc_sample_list_clear(out);
    }
    return status;
}

void dsc_sample_list_clear(dsc_sample_list *list) {
    dsc_row_finder_clear(&list->users);
    dsc_free(list->position);
    dsc_free(list->packed);
    dsc_free(list->target);
    *list = (dsc_sample_list){0};
}

/* All positions become packed samples. */
static void pack(dsc_sample_list *list, const dsc_value_numbers *values) {
    list->packed = list->position;
    list->position = NULL;
    for (size_t s = 0; s < list->n; s++) {
        const uint32_t at = list->packed[s];
        if (list->n - s > AHEAD) {
            __builtin_prefetch(&list->ratings.column[list->packed[s + AHEAD]]);
            __builtin_prefetch(&list->ratings.value[list->packed[s + AHEAD]]);
        }
        list->packed[s] =
            dsc_sample_pack(list->bits, dsc_row_of(&list->users, at), list->ratings.column[at],
                            dsc_value_number(values, list->ratings.value[at]));
    }
}

dsc_status dsc_sample_list_pack(dsc_sample_list *list, dsc_error *err) {
    const dsc_sparse *ratings = &list->ratings;
    dsc_status status = DSC_OK;
    dsc_value_numbers *values = dsc_alloc(1, sizeof *values);
    if (values == NULL) {
        return dsc_fail_memory(err, "the training samples");
    }
    for (uint64_t e = 0; e < ratings->n_entries; e++) {
        dsc_value_numbers_add(values, ratings->value[e]);
    }
    list->bits = (dsc_sample_bits){dsc_bits_for(ratings->n_rows), dsc_bits_for(ratings->n_cols)};
    if (dsc_value_numbers_are_all(values) && dsc_sample_bits_fit(list->bits, values->n)) {
        list->target = dsc_alloc(values->n, sizeof *list->target);
        if (list->target != NULL) {
            dsc_trainer_targets(list->model, values->value, values->n, list->target);
            pack(list, values);
        } else {
            status = dsc_fail_memory(err, "the training samples");
        }
    }
    dsc_free(values);
    return status;
}

void dsc_shuffle_positions(uint32_t *position, size_t n, const dsc_kernels *kernels,
                           dsc_random random) {
    uint32_t other[AHEAD];
    dsc_drawn_numbers numbers;
    dsc_drawn_numbers_init(&numbers, kernels, random);
    for (size_t i = n; i > 1;) {
        const size_t n_drawn = i - 1 < AHEAD ? i - 1 : AHEAD;
        for (size_t d = 0; d < n_drawn; d++) {
            other[d] = dsc_drawn_number_below(&numbers, (uint32_t)(i - d));
            __builtin_prefetch(&position[other[d]], 1);
        }
        for (size_t d = 0; d < n_drawn; d++, i--) {
            const uint32_t moved = position[i - 1];
            position[i - 1] = position[other[d]];
            position[other[d]] = moved;
        }
    }
}

void dsc_sample_list_shuffle(dsc_sample_list *list, dsc_random random) {
    dsc_shuffle_positions(list->packed != NULL ? list->packed : list->position, list->n,
                          list->model->kernels, random);
}

void dsc_sample_list_ask(const dsc_sample_list *list, size_t first, size_t n) {
    for (size_t s = first; list->position != NULL && s < first + n && s < list->n; s++) {
        const uint32_t position = list->position[s];
        __builtin_prefetch(&list->ratings.column[position]);
        __builtin_prefetch(&list->ratings.value[position]);
    }
}

static void read_packed(const dsc_sample_list *list, size_t first, size_t n,
                        const dsc_sample_rows *out) {
    const uint32_t *packed = list->packed + first;
    const dsc_sample_bits bits = list->bits;
    for (size_t s = 0; s < n; s++) {
        out->user[s] = dsc_packed_user(bits, packed[s]);
        out->item[s] = dsc_packed_item(bits, packed[s]);
    }
    for (size_t s = 0; out->target != NULL && s < n; s++) {
        out->target[s] = list->target[dsc_packed_value(bits, packed[s])];
    }
}

static void read_positions(const dsc_sample_list *list, size_t first, size_t n,
                           const dsc_sample_rows *out) {
    const uint32_t *position = list->position + first;
    for (size_t s = 0; s < n; s++) {
        out->user[s] = dsc_row_of(&list->users, position[s]);
        out->item[s] = list->ratings.column[position[s]];
    }
    for (size_t begin = 0; out->target != NULL && begin < n; begin += CHUNK) {
        const size_t n_now = n - begin < CHUNK ? n - begin : CHUNK;
        float rating[CHUNK];
        for (size_t s = 0; s < n_now; s++) {
            rating[s] = list->ratings.value[position[begin + s]];
        }
        dsc_trainer_targets(list->model, rating, n_now, out->target + begin);
    }
}

void dsc_sample_list_read(const dsc_sample_list *list, size_t first, size_t n,
                          const dsc_sample_rows *out) {
    (list->packed != NULL ? read_packed : read_positions)(list, first, n, out);
}
