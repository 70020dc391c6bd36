/* Separators: where in a text the bytes stand that end a plain field, found many at a time; a mark is the
 * place behind one, where the next field begins.
 *
 * They are the delimiter and all bytes at or below '"': blanks, tabs, line ends, zero bytes and the
 * quote itself. One function for each instruction set; that in plain C is what the others are held
 * against. */
#ifndef DSC_MATH_SEPARATORS_H
#define DSC_MATH_SEPARATORS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The most bytes that are looked at at once, so that their marks stay in the first level cache, and
 * the room for marks: some are written behind the last one, for that spares branches. */
#define DSC_SEPARATORS_BYTES ((size_t)4096)
#define DSC_SEPARATORS_MARKS (DSC_SEPARATORS_BYTES + 16)

typedef struct dsc_separators {
    size_t n;       /* of all kinds */
    size_t n_lines; /* of line feeds */
    bool is_plain;  /* they are the delimiter and line feeds, and between them no field is empty */
} dsc_separators;

/* Marks the separators in text[0 .. n), which begins a field, ascending, n <= DSC_SEPARATORS_BYTES; no other
 * byte is read.
 *   marks  [out]  (DSC_SEPARATORS_MARKS) what is behind the number returned is undefined */
typedef dsc_separators dsc_separators_finder(const char *text, size_t n, char delimiter,
                                             uint16_t *marks);

dsc_separators_finder dsc_separators_c;
#if defined __x86_64__
dsc_separators_finder dsc_separators_avx2;
dsc_separators_finder dsc_separators_avx512;
#endif

/* The one of the instruction set in use (descent/isa.h). */
dsc_separators_finder *dsc_separators_choose(void);

#endif
