/* Sparse gradient steps on a table of rows. */
#include "recommender/embedding.h"

#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "descent/ratings.h"
#include "network/optimizer_rows.h"

/* Samples whose rows are looked up before their gradients are added. */
enum { CHUNK = 64 };

static dsc_status create_parts(dsc_embedding *e, const dsc_embedding_config *config,
                               dsc_error *err) {
    const size_t width = config->width;
    /* A batch cannot touch more rows than there are. */
    const size_t in_part = (config->n_rows + config->n_parts - 1) / config->n_parts;
    const size_t most = (config->max_batch < in_part ? config->max_batch : in_part) + 1;
    const size_t n = most * config->n_parts;
    dsc_touched_rows *first = &e->part[0];
    first->row = dsc_alloc(n, sizeof *first->row);
    first->weight = dsc_alloc(n, sizeof *first->weight);
    first->gradient = dsc_alloc(n * width, sizeof *first->gradient);
    if (first->row == NULL || first->weight == NULL || first->gradient == NULL) {
        return dsc_fail_memory(err, "the gradients of a table");
    }
    for (size_t p = 1; p < config->n_parts; p++) {
        e->part[p] = (dsc_touched_rows){.row = first->row + p * most,
                                        .weight = first->weight + p * most,
                                        .gradient = first->gradient + p * most * width};
    }
    return DSC_OK;
}

dsc_status dsc_embedding_init(dsc_embedding *out, void *values, const dsc_embedding_config *config,
                              dsc_error *err) {
    *out = (dsc_embedding){.values = values,
                           .width = config->width,
                           .is_bf16 = config->is_bf16,
                           .lots = config->lots,
                           .l2 = config->l2,
                           .n_parts = config->n_parts};
    dsc_status status = dsc_kernels_choose(&out->kernels, DSC_FLOAT32, err);
    if (status == DSC_OK) {
        status = dsc_optimizer_create(&out->optimizer, config->optimizer, DSC_FLOAT32,
                                      config->n_rows * config->width, err);
    }
    if (status == DSC_OK) {
        status = create_parts(out, config, err);
    }
    if (status == DSC_OK) {
        out->slot = dsc_alloc(config->n_rows, sizeof *out->slot);
        status = out->slot != NULL ? DSC_OK : dsc_fail_memory(err, "the gradients of a table");
    }
    if (status != DSC_OK) {
        dsc_embedding_clear(out);
        return status;
    }
    for (size_t r = 0; r < config->n_rows; r++) {
        out->slot[r] = DSC_NO_INDEX;
    }
    return DSC_OK;
}

void dsc_embedding_clear(dsc_embedding *embedding) {
    dsc_optimizer_destroy(embedding->optimizer);
    dsc_free(embedding->slot);
    dsc_free(embedding->part[0].row);
    dsc_free(embedding->part[0].weight);
    dsc_free(embedding->part[0].gradient);
    *embedding = (dsc_embedding){0};
}

void dsc_embedding_add(dsc_embedding *embedding, uint32_t row, const float *gradient) {
    const dsc_shared_addend addend = {&row, 1, gradient, 1};
    dsc_embedding_add_shared(embedding, dsc_table_part(row, embedding->n_parts), &addend);
}

/* At most CHUNK samples: first the rows that they are the first to touch, then the others. */
static void add_chunk(dsc_embedding *e, dsc_touched_rows *touched, const dsc_row_addends *a) {
    dsc_row_move first[CHUNK], again[CHUNK];
    size_t n_first = 0, n_again = 0;
    for (size_t j = 0; j < a->n; j++) {
        const uint32_t sample = a->sample[j], row = a->row[sample];
        const uint32_t found = e->slot[row], next = (uint32_t)(touched->n + n_first);
        const bool is_first = found == DSC_NO_INDEX;
        const uint32_t slot = is_first ? next : found;
        /* Whether a row is touched first is anybody's guess: both are noted, and one of them stays. */
        e->slot[row] = slot;
        touched->row[next] = row;
        touched->weight[slot] += 1;
        first[n_first] = again[n_again] = (dsc_row_move){.from = sample, .to = slot};
        n_first += is_first;
        n_again += !is_first;
    }
    touched->n += n_first;
    dsc_row_moves moves = {.to = touched->gradient,
                           .from = a->gradient,
                           .to_stride = e->width,
                           .from_stride = a->stride,
                           .width = e->width,
                           .moves = first,
                           .n = n_first};
    e->kernels->copy_rows(&moves);
    moves.moves = again;
    moves.n = n_again;
    e->kernels->accumulate_rows(&moves);
}

void dsc_embedding_add_many(dsc_embedding *embedding, size_t part, const dsc_row_addends *addends) {
    dsc_row_addends chunk = *addends;
    for (size_t j = 0; j < addends->n; j++) { /* they do not fit the caches of large tables */
        __builtin_prefetch(&embedding->slot[addends->row[addends->sample[j]]], 1);
    }
    for (size_t begin = 0; begin < addends->n; begin += CHUNK) {
        chunk.sample = addends->sample + begin;
        chunk.n = addends->n - begin < CHUNK ? addends->n - begin : CHUNK;
        add_chunk(embedding, &embedding->part[part], &chunk);
    }
}

void dsc_embedding_begin_step(dsc_embedding *embedding) {
    dsc_optimizer_begin_step(embedding->optimizer);
    if (embedding->is_bf16) {
        const uint64_t high = dsc_random_u32(&embedding->lots);
        embedding->lot = high << 32 | dsc_random_u32(&embedding->lots);
    }
}

static void forget(dsc_embedding *embedding, size_t part) {
    dsc_touched_rows *touched = &embedding->part[part];
    for (size_t t = 0; t < touched->n; t++) {
        embedding->slot[touched->row[t]] = DSC_NO_INDEX;
        touched->weight[t] = 0;
    }
    touched->n = 0;
}

void dsc_embedding_step_part(dsc_embedding *embedding, size_t part, size_t n) {
    const dsc_touched_rows *touched = &embedding->part[part];
    dsc_optimizer_update_rows(embedding->optimizer,
                              &(dsc_row_steps){.parameters = embedding->values,
                                               .width = embedding->width,
                                               .row = touched->row,
                                               .weight = touched->weight,
                                               .gradients = touched->gradient,
                                               .n = touched->n,
                                               .n_samples = (double)n,
                                               .is_bf16 = embedding->is_bf16,
                                               .lot = embedding->lot},
                              embedding->l2);
    forget(embedding, part);
}

void dsc_embedding_step(dsc_embedding *embedding, size_t n) {
    dsc_embedding_begin_step(embedding);
    for (size_t p = 0; p < embedding->n_parts; p++) {
        dsc_embedding_step_part(embedding, p, n);
    }
}

void dsc_embedding_reset(dsc_embedding *embedding) {
    for (size_t p = 0; p < embedding->n_parts; p++) {
        forget(embedding, p);
    }
}

void dsc_embedding_add_shared(dsc_embedding *embedding, size_t part,
                              const dsc_shared_addend *addend) {
    dsc_touched_rows *touched = &embedding->part[part];
    dsc_row_move first[DSC_MOST_SHARED], again[DSC_MOST_SHARED];
    size_t n_first = 0, n_again = 0;
    for (size_t j = 0; j < addend->n; j++) {
        const uint32_t row = addend->row[j];
        uint32_t slot = embedding->slot[row];
        if (slot == DSC_NO_INDEX) {
            slot = (uint32_t)touched->n++;
            embedding->slot[row] = slot;
            touched->row[slot] = row;
            touched->weight[slot] = 0;
            first[n_first++] = (dsc_row_move){.from = 0, .to = slot};
        } else {
            again[n_again++] = (dsc_row_move){.from = 0, .to = slot};
        }
        touched->weight[slot] += addend->weight;
    }
    dsc_row_moves moves = {.to = touched->gradient,
                           .from = addend->gradient,
                           .to_stride = embedding->width,
                           .from_stride = embedding->width,
                           .width = embedding->width,
                           .moves = first,
                           .n = n_first};
    embedding->kernels->copy_rows(&moves);
    moves.moves = again;
    moves.n = n_again;
    embedding->kernels->accumulate_rows(&moves);
}
