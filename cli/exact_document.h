/* The numbers of a JSON document exactly as they are written. */
#ifndef DESCENT_CLI_EXACT_DOCUMENT_H
#define DESCENT_CLI_EXACT_DOCUMENT_H

#include <jansson.h>
#include <stddef.h>

/* The same document with a string in place of every number, which holds the number's text: jansson
 * itself keeps a double.
 *   text  [in]  valid JSON of `length` bytes
 * Returns NULL when there is no memory; released with json_decref. */
json_t *cli_exact_document(const char *text, size_t length);

#endif
