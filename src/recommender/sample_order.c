/* Packing samples, shuffling them and dealing them out. */
#include "recommender/sample_order.h"

#include <stdbool.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "recommender/trainer.h"
#include "recommender/value_numbers.h"

/* Streams of dsc_random_stream; see model_values.c for the others. A class has an index of its own: its number times
 * 2^32 and the epoch. */
enum { PURPOSE_SHUFFLE = 5, PURPOSE_DEAL = 72 };

/* Samples that are read before their turn, at least, and those that one thread reads together. */
enum { WINDOW = 1 << 14, PART = 1 << 11, CHUNK = 64 };

/* Classes that a loop of one kind looks at. */
enum { LANES = 16 };

/* Samples whose ratings are asked for before they are packed. */
enum { AHEAD = 16 };

/* --- packing ----------------------------------------------------------------------------------- */

/* How samples are packed into classes, if they are. */
static bool choose_form(dsc_sample_order *order, const dsc_value_numbers *values) {
    const dsc_sparse *ratings = &order->list->ratings;
    const unsigned item = dsc_bits_for(ratings->n_cols), other = item + dsc_bits_for(values->n),
                   user = dsc_bits_for(ratings->n_rows);
    if (!dsc_value_numbers_are_all(values) || other > 32) {
        return false;
    }
    order->bits = (dsc_sample_bits){user + other <= 32 ? user : 32 - other, item};
    const size_t n_classes = ((ratings->n_rows - 1) >> order->bits.user) + 1;
    if (n_classes > DSC_MOST_CLASSES) {
        return false;
    }
    order->n_classes = n_classes;
    return true;
}

static size_t class_of(const dsc_sample_order *order, uint32_t position) {
    return dsc_row_of(&order->list->users, position) >> order->bits.user;
}

/* Brings the positions into the order of their classes, in place. */
static void sort_by_class(dsc_sample_order *order) {
    uint32_t *position = order->list->position;
    memset(order->start, 0, sizeof order->start);
    for (size_t s = 0; s < order->list->n; s++) {
        order->start[class_of(order, position[s]) + 1]++;
    }
    for (size_t c = 0; c < order->n_classes; c++) {
        order->start[c + 1] += order->start[c];
        order->next[c] = order->start[c];
    }
    for (size_t c = 0; c < order->n_classes; c++) {
        while (order->next[c] < order->start[c + 1]) {
            uint32_t *here = &position[order->next[c]];
            const size_t own = class_of(order, *here);
            uint32_t *there = &position[order->next[own]++];
            const uint32_t moved = *here;
            *here = *there;
            *there = moved;
        }
    }
}

static void pack(dsc_sample_order *order, const dsc_value_numbers *values) {
    const dsc_sample_list *list = order->list;
    const uint32_t mask = (uint32_t)(((uint64_t)1 << order->bits.user) - 1);
    for (size_t s = 0; s < list->n; s++) {
        const uint32_t at = list->position[s];
        dsc_sample_list_ask(list, s + AHEAD, 1);
        list->position[s] = dsc_sample_pack(order->bits, dsc_row_of(&list->users, at) & mask,
                                            list->ratings.column[at],
                                            dsc_value_number(values, list->ratings.value[at]));
    }
}

/* Packs the samples if they fit. Returns DSC_OK; DSC_E_MEMORY with the list unchanged. */
static dsc_status pack_all(dsc_sample_order *order, dsc_error *err) {
    const dsc_sparse *ratings = &order->list->ratings;
    dsc_value_numbers *values = dsc_alloc(1, sizeof *values);
    if (values == NULL) {
        return dsc_fail_memory(err, "the training samples");
    }
    dsc_status status = DSC_OK;
    for (uint64_t e = 0; e < ratings->n_entries; e++) {
        dsc_value_numbers_add(values, ratings->value[e]);
    }
    if (choose_form(order, values)) {
        order->target = dsc_alloc(values->n, sizeof *order->target);
        if (order->target != NULL) {
            dsc_trainer_targets(order->list->model, values->value, values->n, order->target);
            if (order->n_classes > 1) {
                sort_by_class(order);
            }
            pack(order, values);
        } else {
            status = dsc_fail_memory(err, "the training samples");
        }
    }
    dsc_free(values);
    return status;
}

dsc_status dsc_sample_order_init(dsc_sample_order *out, dsc_sample_list *list, size_t batch_size,
                                 dsc_pool *pool, dsc_error *err) {
    const size_t wanted = batch_size > WINDOW ? batch_size : WINDOW;
    *out = (dsc_sample_order){.list = list, .pool = pool, .n_classes = 1};
    out->start[1] = (uint32_t)list->n;
    out->capacity = wanted < list->n ? wanted : list->n;
    out->sample = dsc_alloc(out->capacity, sizeof *out->sample);
    dsc_status status =
        out->sample != NULL ? pack_all(out, err) : dsc_fail_memory(err, "the training samples");
    if (status != DSC_OK) {
        dsc_sample_order_clear(out);
    }
    return status;
}

void dsc_sample_order_clear(dsc_sample_order *order) {
    dsc_free(order->sample);
    dsc_free(order->target);
    *order = (dsc_sample_order){0};
}

/* --- an epoch ---------------------------------------------------------------------------------- */

typedef struct shuffling {
    const dsc_sample_order *order;
    size_t epoch;
} shuffling;

/* A part of the pool's job: a class. */
static void shuffle_class(void *job, size_t own, size_t thread) {
    const shuffling *s = job;
    const dsc_sample_list *list = s->order->list;
    const uint32_t begin = s->order->start[own], end = s->order->start[own + 1];
    (void)thread;
    dsc_shuffle(list->position + begin, end - begin, list->model->kernels,
                dsc_random_stream(list->model->config.seed, PURPOSE_SHUFFLE,
                                  (uint64_t)own << 32 | s->epoch));
}

void dsc_sample_order_begin(dsc_sample_order *order, size_t epoch) {
    const dsc_recommender *model = order->list->model;
    dsc_pool_run(order->pool, order->n_classes, shuffle_class, &(shuffling){order, epoch});
    dsc_drawn_numbers_init(&order->numbers, model->kernels,
                           dsc_random_stream(model->config.seed, PURPOSE_DEAL, epoch));
    for (size_t c = 0; c < DSC_MOST_CLASSES; c++) {
        const size_t own = c < order->n_classes ? c : order->n_classes - 1;
        order->next[c] = order->start[own];
        order->n_left[c] = order->start[own + 1];
    }
    order->first = order->n = 0;
}

/* The class that a random one of all samples left is of, which is then no more left. */
static size_t deal(dsc_sample_order *order) {
    const size_t last = (order->n_classes - 1) / LANES * LANES;
    const uint32_t n_all = order->n_left[order->n_classes - 1],
                   at = dsc_drawn_number_below(&order->numbers, n_all);
    uint32_t own = 0;
    for (size_t first = 0; first <= last; first += LANES) {
        uint32_t *n_left = order->n_left + first;
        for (size_t c = 0; c < LANES; c++) {
            const uint32_t is_before = n_left[c] <= at;
            own += is_before;
            n_left[c] -= 1 - is_before;
        }
    }
    return own;
}

static dsc_training_sample unpack(const dsc_sample_order *order, uint32_t packed, size_t own) {
    const dsc_sample_bits bits = order->bits;
    return (dsc_training_sample){.user = dsc_packed_user(bits, packed) |
                                         (uint32_t)((uint64_t)own << bits.user),
                                 .item = dsc_packed_item(bits, packed),
                                 .target = order->target[dsc_packed_value(bits, packed)]};
}

static void read_positions(const dsc_sample_list *list, size_t first, size_t n,
                           dsc_training_sample *out) {
    uint32_t user[CHUNK], item[CHUNK];
    float target[CHUNK];
    for (size_t at = 0; at < n; at += CHUNK) {
        const size_t n_now = n - at < CHUNK ? n - at : CHUNK;
        dsc_sample_list_ask(list, first + at + CHUNK, CHUNK);
        dsc_sample_list_read(list, first + at, n_now, &(dsc_sample_rows){user, item, target});
        for (size_t s = 0; s < n_now; s++) {
            out[at + s] = (dsc_training_sample){user[s], item[s], target[s]};
        }
    }
}

/* What is read behind the samples that are there. */
typedef struct reading {
    const dsc_sample_order *order;
    size_t n;
} reading;

/* A part of the pool's job, of a single class. */
static void read_part(void *job, size_t part, size_t thread) {
    const reading *r = job;
    const dsc_sample_order *order = r->order;
    const size_t begin = part * PART, n = r->n - begin < PART ? r->n - begin : PART,
                 first = order->first + order->n + begin;
    dsc_training_sample *out = order->sample + order->n + begin;
    (void)thread;
    if (order->target == NULL) {
        read_positions(order->list, first, n, out);
        return;
    }
    for (size_t s = 0; s < n; s++) {
        out[s] = unpack(order, order->list->position[first + s], 0);
    }
}

/* Reads as many samples as there is room for. */
static void read_on(dsc_sample_order *order) {
    const size_t left = order->list->n - order->first - order->n, room = order->capacity - order->n,
                 n = left < room ? left : room;
    if (order->n_classes == 1) {
        dsc_pool_run(order->pool, (n + PART - 1) / PART, read_part, &(reading){order, n});
    } else {
        for (size_t s = 0; s < n; s++) {
            const size_t own = deal(order);
            const uint32_t packed = order->list->position[order->next[own]++];
            order->sample[order->n + s] = unpack(order, packed, own);
        }
    }
    order->n += n;
}

const dsc_training_sample *dsc_sample_order_take(dsc_sample_order *order, size_t first, size_t n,
                                                 size_t *n_after) {
    if (first + n > order->first + order->n) {
        const size_t n_done = first - order->first;
        order->n -= n_done;
        memmove(order->sample, order->sample + n_done, order->n * sizeof *order->sample);
        order->first = first;
        read_on(order);
    }
    *n_after = order->first + order->n - first - n;
    return order->sample + (first - order->first);
}
