/* Collecting what a model file is to hold, part by part, and writing it. */
#include "store/part_writer.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/memory.h"

void dsc_part_writer_clear(dsc_part_writer *writer) {
    for (size_t i = 0; i < writer->n_blocks; i++) {
        free(writer->blocks[i]);
    }
    free(writer->blocks);
    free(writer->metadata);
    free(writer->tensors);
    *writer = (dsc_part_writer){0};
}

/* The writer's from now on; NULL, with the block freed, when there is no memory. */
static void *keep(dsc_part_writer *writer, void *block) {
    void *blocks = writer->blocks;
    if (block == NULL || !dsc_grow(&blocks, &writer->blocks_capacity, writer->n_blocks + 1,
                                   sizeof *writer->blocks)) {
        free(block);
        writer->has_failed = true;
        return NULL;
    }
    writer->blocks = blocks;
    writer->blocks[writer->n_blocks++] = block;
    return block;
}

const char *dsc_part_text(dsc_part_writer *writer, const char *format, ...) {
    char *text;
    va_list arguments;
    va_start(arguments, format);
    const int length = vasprintf(&text, format, arguments);
    va_end(arguments);
    text = keep(writer, length < 0 ? NULL : text);
    return text != NULL ? text : "";
}

double *dsc_part_reals(dsc_part_writer *writer, size_t n) {
    return keep(writer, calloc(n > 0 ? n : 1, sizeof(double)));
}

void dsc_part_add_text(dsc_part_writer *writer, const char *key, const char *value) {
    void *metadata = writer->metadata;
    if (!dsc_grow(&metadata, &writer->metadata_capacity, writer->n_metadata + 1,
                  sizeof *writer->metadata)) {
        writer->has_failed = true;
        return;
    }
    writer->metadata = metadata;
    writer->metadata[writer->n_metadata++] = (dsc_metadata){key, value};
}

void dsc_part_add_number(dsc_part_writer *writer, const char *key, uint64_t value) {
    dsc_part_add_text(writer, key, dsc_part_text(writer, "%" PRIu64, value));
}

void dsc_part_add_flag(dsc_part_writer *writer, const char *key, bool value) {
    dsc_part_add_text(writer, key, value ? "true" : "false");
}

static void add_tensor(dsc_part_writer *writer, dsc_tensor tensor) {
    void *tensors = writer->tensors;
    if (!dsc_grow(&tensors, &writer->tensors_capacity, writer->n_tensors + 1,
                  sizeof *writer->tensors)) {
        writer->has_failed = true;
        return;
    }
    writer->tensors = tensors;
    writer->tensors[writer->n_tensors++] = tensor;
}

void dsc_part_add_vector(dsc_part_writer *writer, const char *name, dsc_element element, size_t n,
                         const void *data) {
    add_tensor(writer, (dsc_tensor){name, element, 1, {n, 1}, data});
}

void dsc_part_add_matrix(dsc_part_writer *writer, const char *name, dsc_element element,
                         size_t n_rows, size_t n_cols, const void *data) {
    add_tensor(writer, (dsc_tensor){name, element, 2, {n_rows, n_cols}, data});
}

/* Insertion sort: stable, and a file has few arrays that are almost in order. */
static void sort_by_size(dsc_tensor *tensors, size_t n) {
    for (size_t i = 1; i < n; i++) {
        const dsc_tensor moved = tensors[i];
        size_t to = i;
        while (to > 0 &&
               dsc_element_bytes(tensors[to - 1].element) < dsc_element_bytes(moved.element)) {
            tensors[to] = tensors[to - 1];
            to--;
        }
        tensors[to] = moved;
    }
}

dsc_status dsc_part_writer_write(dsc_part_writer *writer, const char *path, dsc_error *err) {
    if (writer->has_failed) {
        return dsc_fail_memory(err, "the parts of a model file");
    }
    sort_by_size(writer->tensors, writer->n_tensors);
    return dsc_safetensors_write(path, writer->metadata, writer->n_metadata, writer->tensors,
                                 writer->n_tensors, err);
}
