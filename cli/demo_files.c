/* The files of the demonstration, which must not cost anybody a file of their own. */
#include "demo_files.h"

#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "report.h"

static const char *const names[CLI_DEMO_N_FILES] = {
    [CLI_DEMO_RATINGS] = "ratings.csv",
    [CLI_DEMO_TEST] = "test.csv",
    [CLI_DEMO_TITLES_FILE] = "titles.csv",
    [CLI_DEMO_MODEL] = "model.safetensors",
};

/* A line of the record is a fingerprint in 16 hexadecimal digits, a blank, and a name. */
static const char record_title[] =
    "# Written by descent demo, which may replace these files while they are unchanged.\n";

static bool join(char out[CLI_DEMO_PATH], const char *directory, const char *name) {
    return snprintf(out, CLI_DEMO_PATH, "%s/%s", directory, name) < CLI_DEMO_PATH;
}

/* FNV-1a: against mistakes, not against forgers. Returns false, with errno set, when the file cannot
 * be read. */
static bool read_fingerprint(const char *path, uint64_t *out) {
    FILE *file = fopen(path, "rb");
    if (file == NULL) {
        return false;
    }
    unsigned char bytes[4096];
    uint64_t hash = UINT64_C(0xcbf29ce484222325);
    size_t n;
    while ((n = fread(bytes, 1, sizeof bytes, file)) > 0) {
        for (size_t i = 0; i < n; i++) {
            hash = (hash ^ bytes[i]) * UINT64_C(0x100000001b3);
        }
    }
    const bool is_read = ferror(file) == 0;
    const int error = errno;
    fclose(file);
    errno = error;
    *out = hash != 0 ? hash : 1;
    return is_read;
}

static void take_line(cli_demo_files *files, const char *line) {
    char *end;
    uint64_t fingerprint = strtoull(line, &end, 16);
    for (size_t i = 0; i < CLI_DEMO_N_FILES; i++) {
        size_t length = strlen(names[i]);
        if (end == line + 16 && strncmp(end + 1, names[i], length) == 0 &&
            strcmp(end + 1 + length, "\n") == 0) {
            files->fingerprint[i] = fingerprint;
        }
    }
}

/* No record means that nothing here is ours; false: the file of that name is not a record. */
static bool read_record(cli_demo_files *files) {
    struct stat found;
    if (stat(files->record, &found) != 0) {
        return errno == ENOENT;
    }
    FILE *file = S_ISREG(found.st_mode) ? fopen(files->record, "r") : NULL;
    if (file == NULL) {
        return false;
    }
    char line[128];
    bool is_record = fgets(line, sizeof line, file) != NULL && strcmp(line, record_title) == 0;
    while (is_record && fgets(line, sizeof line, file) != NULL) {
        take_line(files, line);
    }
    fclose(file);
    return is_record;
}

/* A regular file first of all: opening a pipe would wait for a writer. */
static bool may_be_replaced(const cli_demo_files *files, size_t i) {
    struct stat found;
    uint64_t fingerprint;
    if (stat(files->path[i], &found) != 0) {
        return errno == ENOENT;
    }
    return S_ISREG(found.st_mode) && read_fingerprint(files->path[i], &fingerprint) &&
           fingerprint == files->fingerprint[i];
}

static int fail_kept(const char *path) {
    return cli_fail_at(CLI_IO, path,
                       "is there already and is not as a demonstration left it, so it is kept; "
                       "choose another folder with --directory, or move the file");
}

int cli_demo_files_begin(cli_demo_files *files, const char *directory) {
    memset(files, 0, sizeof *files);
    bool fits = join(files->record, directory, ".descent-demo");
    for (size_t i = 0; i < CLI_DEMO_N_FILES; i++) {
        fits = fits && join(files->path[i], directory, names[i]);
    }
    if (!fits) {
        return cli_fail_at(CLI_USAGE, directory, "is too long a name");
    }
    if (mkdir(directory, 0777) != 0 && errno != EEXIST) {
        return cli_fail_at(CLI_IO, directory, "the directory cannot be made: %s", strerror(errno));
    }
    struct stat found;
    if (stat(directory, &found) != 0 || !S_ISDIR(found.st_mode)) {
        return cli_fail_at(CLI_IO, directory, "is not a directory");
    }
    if (!read_record(files)) {
        return fail_kept(files->record);
    }
    for (size_t i = 0; i < CLI_DEMO_N_FILES; i++) {
        if (!may_be_replaced(files, i)) {
            return fail_kept(files->path[i]);
        }
    }
    return CLI_DONE;
}

int cli_demo_files_note(cli_demo_files *files, cli_demo_file written) {
    if (!read_fingerprint(files->path[written], &files->fingerprint[written])) {
        return cli_fail_at(CLI_IO, files->path[written], "cannot be read: %s", strerror(errno));
    }
    FILE *record = fopen(files->record, "w");
    bool is_written = record != NULL && fputs(record_title, record) >= 0;
    for (size_t i = 0; i < CLI_DEMO_N_FILES && is_written; i++) {
        if (files->fingerprint[i] != 0) {
            is_written =
                fprintf(record, "%016" PRIx64 " %s\n", files->fingerprint[i], names[i]) > 0;
        }
    }
    if (record != NULL) {
        is_written &= fclose(record) == 0;
    }
    return is_written
               ? CLI_DONE
               : cli_fail_at(CLI_IO, files->record, "cannot be written: %s", strerror(errno));
}
