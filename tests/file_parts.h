/* A model file taken apart and written anew with one thing wrong, its checksum correct. */
#ifndef FILE_PARTS_H
#define FILE_PARTS_H

#include <stddef.h>

#include "store/safetensors.h"

enum { MAX_FILE_PARTS = 64 };

typedef struct file_parts {
    dsc_safetensors *file;
    dsc_tensor tensor[MAX_FILE_PARTS]; /* all but the checksum */
    size_t n_tensors;
    dsc_metadata metadata[MAX_FILE_PARTS];
    size_t n_metadata;
} file_parts;

/* Loads a file and throws what it made away; it must make nothing when it fails. */
typedef dsc_status (*file_loader)(const char *path, dsc_error *err);

/* That of a recommender's model. */
dsc_status load_recommender(const char *path, dsc_error *err);

void file_parts_open(file_parts *parts, const char *path);
void file_parts_close(file_parts *parts);

/* Writes the parts to `path` and loads them: DSC_E_MODEL, with `text` in the message and the path as
 * the place, is expected; text NULL: DSC_OK. */
void file_parts_load(const file_parts *parts, const char *path, file_loader load, const char *text);

/* The same without each part in turn; its name must be in the message. */
void file_parts_load_without_each(const file_parts *parts, const char *path, file_loader load);

/* With element `at` of an array, or with the value of a key, replaced. */
void file_parts_load_value(const file_parts *parts, const char *path, file_loader load,
                           const char *array, size_t at, double value, const char *text);
void file_parts_load_key(const file_parts *parts, const char *path, file_loader load,
                         const char *key, const char *value, const char *text);

/* With each array one row shorter, one row longer, and as a matrix instead of a vector or the
 * reverse: refused for any reason. `free_rows` (NULL: none) names an array whose rows, one more
 * or less, make another sound model. */
void file_parts_load_other_shapes(const file_parts *parts, const char *path, file_loader load,
                                  const char *free_rows);

/* Each byte of the file flipped, and the file cut after every length: refused. */
void file_parts_load_altered(const char *from, const char *path, file_loader load);

#endif
