/* A folder of a test's own, with helpers to make, read and count files in it.
 *
 * Functions that cannot do their job fail the running test. Returned names and bytes are freed by
 * the caller with free(). */
#ifndef SCRATCH_DIR_H
#define SCRATCH_DIR_H

#include <stdbool.h>
#include <stddef.h>

/* cmocka fixtures: *state is the folder's absolute name (char *). The second one removes the folder
 * with all that is in it. */
int scratch_begin(void **state);
int scratch_end(void **state);

/* "DIR/name". */
char *scratch_path(const char *dir, const char *name);

/* Makes or overwrites DIR/name, and returns its full name. */
char *scratch_write(const char *dir, const char *name, const void *bytes, size_t n_bytes);

/* The bytes of a file, with a 0 behind them; n_bytes may be NULL. */
char *scratch_read(const char *path, size_t *n_bytes);

/* Whether the file at `path` holds exactly `text`. */
bool scratch_holds(const char *path, const char *text);

/* Entries of a folder, hidden ones too, without "." and "..". */
size_t scratch_count(const char *dir);

/* Runs `body` in a process of its own and returns what it returns, or -1 when it was killed. The
 * body must not use cmocka's assertions; with is_unprivileged it runs as a user who is not root. */
int scratch_in_child(int (*body)(const char *dir), const char *dir, bool is_unprivileged);

#endif
