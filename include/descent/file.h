/* Writing a file whole or not at all, as the library writes its models. */
#ifndef DESCENT_FILE_H
#define DESCENT_FILE_H

#include <stddef.h>

#include "descent/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Puts `bytes` (length) into the file at `path`: into a temporary file beside it, which is flushed
 * and then takes its name, so that readers, and a crash, see the old file or the new one, complete.
 * A symbolic link is followed and an existing file's permissions are kept; a new file gets 0666 less
 * the umask.
 *   bytes  [in]  borrowed; NULL allowed where length is 0
 * Returns DSC_OK; DSC_E_IO (err->where = path), also for a directory, a device, a pipe, a file that
 * the process may not write to; DSC_E_MEMORY. Failure: the old file is as it was. */
dsc_status dsc_file_write(const char *path, const void *bytes, size_t length, dsc_error *err);

#ifdef __cplusplus
}
#endif
#endif
