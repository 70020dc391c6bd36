/* A JSON document from a file, with its text, and with messages at FILE:LINE:COLUMN. */
#include "json_file.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "options.h"
#include "output.h"

typedef struct stream {
    FILE *file;
    FILE *copy; /* takes what is read */
    size_t n_read;
    size_t max_bytes;
    int error; /* errno of a read that failed, else 0 */
} stream;

/* For json_load_callback: the next bytes, without a byte order mark in front. */
static size_t read_bytes(void *buffer, size_t length, void *user) {
    stream *self = user;
    size_t n = fread(buffer, 1, length, self->file);
    self->error = ferror(self->file) ? errno : 0;
    if (self->n_read == 0 && n >= 3 && memcmp(buffer, "\xEF\xBB\xBF", 3) == 0) {
        n -= 3;
        memmove(buffer, (char *)buffer + 3, n);
    }
    self->n_read += n;
    fwrite(buffer, 1, n, self->copy);
    return self->error != 0 || self->n_read > self->max_bytes ? (size_t)-1 : n;
}

static int report_syntax(const char *name, const json_error_t *error) {
    char where[512];
    snprintf(where, sizeof where, "%s:%d:%d", name, error->line > 0 ? error->line : 1,
             error->column > 0 ? error->column : 1);
    switch ((int)json_error_code(error)) {
    case json_error_out_of_memory:
        return cli_no_memory();
    case json_error_duplicate_key:
        return cli_fail_at(CLI_BAD_DATA, where, "a key is given twice: %s", error->text);
    case json_error_numeric_overflow:
        return cli_fail_at(CLI_BAD_DATA, where, "a number is too large: %s", error->text);
    default:
        return cli_fail_at(CLI_BAD_DATA, where, "this is not JSON: %s", error->text);
    }
}

int cli_json_file_parse(cli_json_file *out, const char *text, const char *name,
                        const cli_json_kind *kind) {
    json_error_t error;
    *out = (cli_json_file){.name = name, .text = strdup(text)};
    if (out->text == NULL) {
        return cli_no_memory();
    }
    out->length = strlen(out->text);
    out->document = json_loads(out->text, JSON_REJECT_DUPLICATES | kind->flags, &error);
    return out->document != NULL ? CLI_GO_ON : report_syntax(name, &error);
}

int cli_json_file_read(cli_json_file *out, const char *path, const cli_json_kind *kind) {
    const bool is_stdin = strcmp(path, "-") == 0;
    json_error_t error;
    *out = (cli_json_file){.name = cli_input_name(path)};
    stream from = {.file = is_stdin ? stdin : fopen(path, "rb"), .max_bytes = kind->max_mib << 20};
    if (from.file == NULL) {
        return cli_fail_at(CLI_IO, out->name, "cannot be opened: %s", strerror(errno));
    }
    int status = CLI_GO_ON;
    from.copy = open_memstream(&out->text, &out->length);
    if (from.copy != NULL) {
        out->document =
            json_load_callback(read_bytes, &from, JSON_REJECT_DUPLICATES | kind->flags, &error);
    }
    if (from.copy == NULL || fclose(from.copy) != 0) {
        status = cli_no_memory();
    } else if (from.error != 0) {
        status = cli_fail_at(CLI_IO, out->name, "cannot be read: %s", strerror(from.error));
    } else if (from.n_read > from.max_bytes) {
        status = cli_fail_at(CLI_BAD_DATA, out->name, "found more than %zu MiB, expected %s",
                             kind->max_mib, kind->what);
    } else if (out->document == NULL) {
        status = report_syntax(out->name, &error);
    }
    if (!is_stdin) {
        fclose(from.file);
    }
    return status;
}

void cli_json_file_clear(cli_json_file *file) {
    json_decref(file->document);
    free(file->text);
    *file = (cli_json_file){0};
}
