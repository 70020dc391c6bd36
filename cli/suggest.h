/* "Did you mean ...?": the known name nearest to a mistyped one. */
#ifndef DESCENT_CLI_SUGGEST_H
#define DESCENT_CLI_SUGGEST_H

#include <stddef.h>

/* How far two words are apart: insertions, deletions, changes of one byte and swaps of neighbours.
 * Words beyond 63 bytes are infinitely far (SIZE_MAX). */
size_t cli_distance(const char *a, const char *b);

/* The name at most a third of its letters (but at least 1) away from `word`, the nearest one and
 * the first among equals; NULL when there is none. */
const char *cli_suggest(const char *word, const char *const *names, size_t n_names);

#endif
