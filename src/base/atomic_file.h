/* Writing a file all or nothing: temporary file, fsync, rename, fsync of the directory.
 *
 * Readers see the old file or the new one, complete, also after a crash or a power loss. */
#ifndef DSC_BASE_ATOMIC_FILE_H
#define DSC_BASE_ATOMIC_FILE_H

#include <stddef.h>

#include "descent/status.h"

typedef struct dsc_atomic_file dsc_atomic_file;

/* Opens a temporary file beside `path` (same directory, so that the rename cannot cross devices).
 * A symbolic link at `path` is followed, and an existing file's permissions are kept.
 * Returns DSC_OK; DSC_E_IO (where = path); DSC_E_MEMORY; *out NULL after a failure. */
dsc_status dsc_atomic_file_open(dsc_atomic_file **out, const char *path, dsc_error *err);

/* Appends; handles short writes and EINTR. Returns DSC_OK or DSC_E_IO; the file must then be
 * discarded. */
dsc_status dsc_atomic_file_write(dsc_atomic_file *file, const void *bytes, size_t length,
                                 dsc_error *err);

/* Makes the new file the one at `path` and frees `file`. After a failure the old file is as it was,
 * the temporary one is gone and `file` is freed too. */
dsc_status dsc_atomic_file_commit(dsc_atomic_file *file, dsc_error *err);

/* Removes the temporary file and frees `file`; NULL is allowed. */
void dsc_atomic_file_discard(dsc_atomic_file *file);

#endif
