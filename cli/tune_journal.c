/* The journal of descent tune: opening, reading, appending. docs/tuning.md describes its lines. */
#include "tune_journal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "options.h"
#include "output.h"

/* A double survives printing and reading with 17 significant digits. */
enum { FLAGS = JSON_COMPACT | JSON_REAL_PRECISION(17), MAX_DIFFERENCES = 400 };

static int fail(const cli_journal *self, const char *what) {
    return cli_fail_at(CLI_IO, self->path, "%s: %s", what, strerror(errno));
}

/* The whole file as terminated text; NULL with *status set. */
static char *read_all(const cli_journal *self, size_t *length, int *status) {
    struct stat found;
    char *text = NULL;
    size_t n = 0;
    if (fstat(self->file, &found) != 0 || !S_ISREG(found.st_mode)) {
        *status = cli_fail_at(CLI_IO, self->path, "is not a regular file");
        return NULL;
    }
    text = malloc((size_t)found.st_size + 1);
    if (text == NULL) {
        *status = cli_no_memory();
        return NULL;
    }
    while (n < (size_t)found.st_size) {
        const ssize_t got = pread(self->file, text + n, (size_t)found.st_size - n, (off_t)n);
        if (got < 0 && errno != EINTR) {
            *status = fail(self, "cannot be read");
            free(text);
            return NULL;
        }
        if (got == 0) {
            break;
        }
        n += got > 0 ? (size_t)got : 0;
    }
    text[n] = '\0';
    *length = n;
    return text;
}

static int append_text(cli_journal *self, const char *text) {
    const size_t length = strlen(text);
    for (size_t n = 0; n < length;) {
        const ssize_t put = write(self->file, text + n, length - n);
        if (put < 0 && errno != EINTR) {
            return fail(self, "cannot write");
        }
        n += put > 0 ? (size_t)put : 0;
    }
    return fdatasync(self->file) == 0 ? CLI_GO_ON : fail(self, "cannot write");
}

/* One line; the document is released. */
static int append_line(cli_journal *self, json_t *document) {
    char *text = document != NULL ? json_dumps(document, FLAGS) : NULL;
    char *line = NULL;
    int status = CLI_GO_ON;
    if (text == NULL || asprintf(&line, "%s\n", text) < 0) {
        status = cli_no_memory();
    } else {
        status = append_text(self, line);
        free(line);
    }
    free(text);
    json_decref(document);
    return status;
}

static bool keep(cli_journal *self, const cli_evaluation *evaluation) {
    if (self->n == self->capacity) {
        const size_t capacity = 2 * self->capacity + 64;
        cli_evaluation *entries = reallocarray(self->entries, capacity, sizeof *entries);
        if (entries == NULL) {
            return false;
        }
        self->entries = entries;
        self->capacity = capacity;
    }
    self->entries[self->n++] = *evaluation;
    return true;
}

/* --- reading --------------------------------------------------------------------------------- */

/* A whole number of at least 1. */
static bool take_size(const json_t *object, const char *name, size_t *out) {
    const json_t *value = json_object_get(object, name);
    const bool is_size = json_is_integer(value) && json_integer_value(value) >= 1;
    *out = is_size ? (size_t)json_integer_value(value) : 0;
    return is_size;
}

/* The same, counted from 0 in here and from 1 in the file. */
static bool take_number(const json_t *object, const char *name, size_t *out) {
    const bool is_number = take_size(object, name, out);
    *out -= is_number;
    return is_number;
}

static bool take_real(const json_t *object, const char *name, double *out) {
    const json_t *value = json_object_get(object, name);
    *out = json_number_value(value);
    return json_is_number(value);
}

static bool read_evaluation(const json_t *line, cli_evaluation *out) {
    *out = (cli_evaluation){.has_failed = json_is_true(json_object_get(line, "failed"))};
    return take_number(line, "trial", &out->trial) && take_number(line, "fold", &out->fold) &&
           take_size(line, "epochs", &out->epochs) && take_real(line, "seconds", &out->seconds) &&
           (out->has_failed ||
            (take_size(line, "n", &out->sums.n) && take_real(line, "sum", &out->sums.sum) &&
             take_real(line, "squares", &out->sums.squares) &&
             take_size(line, "parameters", &out->n_parameters)));
}

/* What is another in the header than it should be: "trials 27 instead of 9, seed ...". */
static void list_differences(const json_t *found, json_t *expected, char *out, size_t length) {
    size_t used = 0;
    out[0] = '\0';
    for (void *at = json_object_iter(expected); at != NULL && used < length;
         at = json_object_iter_next(expected, at)) {
        const char *name = json_object_iter_key(at);
        const json_t *there = json_object_get(found, name);
        if (json_equal(there, json_object_iter_value(at)) != 0) {
            continue;
        }
        char *a = there != NULL ? json_dumps(there, JSON_ENCODE_ANY) : NULL;
        char *b = json_dumps(json_object_iter_value(at), JSON_ENCODE_ANY);
        used += (size_t)snprintf(out + used, length - used, "%s%s %s instead of %s",
                                 used > 0 ? ", " : "", name, a != NULL ? a : "nothing",
                                 b != NULL ? b : "?");
        free(a);
        free(b);
    }
}

static int check_header(const cli_journal *self, const json_t *found, json_t *expected) {
    const char *first = json_object_iter_key(json_object_iter(expected));
    char differences[MAX_DIFFERENCES];
    if (json_object_get(found, first) == NULL) {
        return cli_fail_at(CLI_BAD_DATA, self->path,
                           "is no journal of descent tune; expected one, or a file that is not "
                           "there yet");
    }
    list_differences(found, expected, differences, sizeof differences);
    if (differences[0] != '\0') {
        return cli_fail_at(CLI_BAD_DATA, self->path,
                           "is the journal of another search: found %s; remove it to begin anew, "
                           "or name another one by --journal",
                           differences);
    }
    return CLI_GO_ON;
}

/* The lines of `text`, which is cut up, into entries; *kept becomes the length of those that are
 * whole. */
static int read_lines(cli_journal *self, char *text, size_t length, json_t *header, size_t *kept) {
    size_t number = 1;
    char *next;
    *kept = 0;
    for (char *line = text; line < text + length; line = next, number++) {
        char *end = strchr(line, '\n');
        next = end != NULL ? end + 1 : text + length;
        if (end == NULL) { /* torn, but a file of something else may have no lines at all */
            return number > 1 ? CLI_GO_ON : check_header(self, NULL, header);
        }
        *end = '\0';
        int status = CLI_GO_ON;
        cli_evaluation evaluation;
        json_t *document = json_loads(line, JSON_REJECT_DUPLICATES, NULL);
        if (number == 1) {
            status = check_header(self, document, header);
        } else if (!read_evaluation(document, &evaluation)) {
            json_decref(document);
            return next == text + length
                       ? CLI_GO_ON /* torn by a loss of power */
                       : cli_fail_at(CLI_BAD_DATA, self->path,
                                     "line %zu is no evaluation; expected an object with "
                                     "\"trial\", \"fold\", \"epochs\" and what was found",
                                     number);
        } else if (!keep(self, &evaluation)) {
            status = cli_no_memory();
        }
        json_decref(document);
        if (status != CLI_GO_ON) {
            return status;
        }
        *kept = (size_t)(next - text);
    }
    return CLI_GO_ON;
}

/* Whether the file is the beginning of the header and no more. */
static bool is_torn_header(const char *text, size_t length, json_t *header) {
    char *whole = json_dumps(header, FLAGS);
    const bool is = whole != NULL && length <= strlen(whole) && memcmp(whole, text, length) == 0;
    free(whole);
    return is;
}

static int read_journal(cli_journal *self, json_t *header) {
    size_t length = 0, kept = 0;
    int status = CLI_GO_ON;
    char *text = read_all(self, &length, &status);
    if (text == NULL) {
        return status;
    }
    if (!is_torn_header(text, length, header)) {
        status = read_lines(self, text, length, header, &kept);
    }
    if (status == CLI_GO_ON && kept < length) {
        cli_note("%s: dropped its last line, which was not written whole", self->path);
        status = ftruncate(self->file, (off_t)kept) == 0 ? CLI_GO_ON : fail(self, "cannot write");
    }
    if (status == CLI_GO_ON && kept == 0) {
        status = append_line(self, json_deep_copy(header));
    }
    free(text);
    return status;
}

/* --- the journal ----------------------------------------------------------------------------- */

int cli_journal_open(cli_journal *out, const char *path, json_t *header) {
    *out = (cli_journal){.path = path};
    out->file = open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
    if (out->file < 0) {
        return fail(out, "cannot be opened");
    }
    const struct flock whole = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    if (fcntl(out->file, F_SETLK, &whole) != 0 && (errno == EACCES || errno == EAGAIN)) {
        return cli_fail_at(CLI_IO, path, "is in use by another descent tune");
    }
    return read_journal(out, header);
}

const cli_evaluation *cli_journal_find(const cli_journal *journal, size_t trial, size_t fold,
                                       size_t epochs) {
    for (size_t i = 0; i < journal->n; i++) {
        const cli_evaluation *e = &journal->entries[i];
        if (e->trial == trial && e->fold == fold && e->epochs == epochs) {
            return e;
        }
    }
    return NULL;
}

int cli_journal_add(cli_journal *journal, const cli_evaluation *e) {
    json_t *line = json_pack("{s:I, s:I, s:I}", "trial", (json_int_t)e->trial + 1, "fold",
                             (json_int_t)e->fold + 1, "epochs", (json_int_t)e->epochs);
    json_t *rest = e->has_failed
                       ? json_pack("{s:b, s:f}", "failed", 1, "seconds", e->seconds)
                       : json_pack("{s:I, s:f, s:f, s:I, s:f}", "n", (json_int_t)e->sums.n, "sum",
                                   e->sums.sum, "squares", e->sums.squares, "parameters",
                                   (json_int_t)e->n_parameters, "seconds", e->seconds);
    if (rest == NULL || json_object_update(line, rest) != 0) {
        json_decref(line);
        line = NULL;
    }
    json_decref(rest);
    const int status = append_line(journal, line);
    return status == CLI_GO_ON && !keep(journal, e) ? cli_no_memory() : status;
}

void cli_journal_close(cli_journal *journal) {
    if (journal->file >= 0) {
        close(journal->file);
    }
    free(journal->entries);
    *journal = (cli_journal){.file = -1};
}
