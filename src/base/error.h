/* Filling a dsc_error and returning its code in one line. */
#ifndef DSC_BASE_ERROR_H
#define DSC_BASE_ERROR_H

#include "descent/status.h"

#if defined(__GNUC__)
#define DSC_PRINTF(format_index, first_argument)                                                   \
    __attribute__((format(printf, format_index, first_argument)))
#else
#define DSC_PRINTF(format_index, first_argument)
#endif

/* Writes {code, where, message} into *err, unless err is NULL.
 * Text that is too long is cut between characters. The result is UTF-8 without the control
 * characters C0, DEL and C1, which could steer a terminal: '?' stands for each of them, and for
 * each byte that is not UTF-8. `where` NULL is "". */
void dsc_error_set(dsc_error *err, dsc_status code, const char *where, const char *format, ...)
    DSC_PRINTF(4, 5);

/* The same, and its value is `code`: a macro, so that whoever reads or analyses the caller sees
 * that a failure is never DSC_OK. `code` is evaluated twice and has no side effects. */
#define dsc_fail(err, code, ...) (dsc_error_set((err), (code), __VA_ARGS__), (dsc_status)(code))

#endif
