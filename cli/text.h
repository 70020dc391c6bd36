/* Text for terminals and JSON: UTF-8 checked, measured in columns, cleaned and cut. */
#ifndef DESCENT_CLI_TEXT_H
#define DESCENT_CLI_TEXT_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "descent/ratings.h"

/* The bytes of a terminated string as an id. */
dsc_id cli_id(const char *text);

/* Length of the valid UTF-8 sequence at `bytes` (n_left) and its code point, or 0: overlong forms,
 * surrogates and values above U+10FFFF are not valid. */
size_t cli_utf8_decode(const char *bytes, size_t n_left, uint32_t *code);

/* A copy of `text` that is valid UTF-8: each byte that is not part of a valid sequence becomes
 * U+FFFD. *length does not count the final zero byte, and zero bytes inside are kept.
 * NULL when there is no memory; freed with free(). */
char *cli_utf8_copy(dsc_id text, size_t *length);

/* The same for a terminal: control characters become U+FFFD too. */
char *cli_terminal_copy(dsc_id text);

/* Writes `text` for a terminal without allocating, for messages: '?' stands for each control
 * character and for each byte that is not part of a valid sequence. */
void cli_write_clean(const char *text, FILE *file);

/* Columns that valid UTF-8 takes on a terminal: 2 for East Asian wide characters and most emoji, 0
 * for combining marks. */
size_t cli_width(const char *text);

/* Cuts valid UTF-8 in place to `width` columns, the last of them "…", unless it is narrow enough.
 * `text` must have room for 3 bytes more than it holds. */
void cli_cut(char *text, size_t width);

#endif
