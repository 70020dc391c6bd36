/* The numbers of a JSON document exactly as they are written.
 *
 * Outside of strings only numbers hold digits and minus signs, so that quoting them needs no more
 * than to know where strings begin and end. jansson has accepted the text before. */
#include "exact_document.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Length of the string that begins at text[0], with both quotation marks. */
static size_t string_length(const char *text, size_t length) {
    size_t i = 1;
    while (i < length && text[i] != '"') {
        i += text[i] == '\\' ? 2 : 1;
    }
    return i < length ? i + 1 : length;
}

static size_t number_length(const char *text, size_t length) {
    size_t i = 0;
    while (i < length && text[i] != '\0' && strchr("+-.eE0123456789", text[i]) != NULL) {
        i++;
    }
    return i;
}

json_t *cli_exact_document(const char *text, size_t length) {
    char *quoted = NULL;
    size_t quoted_length = 0;
    FILE *out = open_memstream(&quoted, &quoted_length);
    if (out == NULL) {
        return NULL;
    }
    for (size_t i = 0, n; i < length; i += n) {
        const char *at = text + i;
        n = *at == '"' ? string_length(at, length - i) : 1;
        if (*at == '-' || (*at >= '0' && *at <= '9')) {
            n = number_length(at, length - i);
            fprintf(out, "\"%.*s\"", (int)n, at);
        } else {
            fwrite(at, 1, n, out);
        }
    }
    const bool is_whole = fclose(out) == 0;
    json_t *document =
        is_whole ? json_loadb(quoted, quoted_length, JSON_REJECT_DUPLICATES, NULL) : NULL;
    free(quoted);
    return document;
}
