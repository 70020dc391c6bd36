/* Writing a file all or nothing: temporary file, fsync, rename, fsync of the directory.
 *
 * Readers see the old file or the new one, complete, also after a crash or a power loss. A process
 * that is killed while it writes leaves the old file and a temporary one, ".NAME.XXXXXX". */
#ifndef DSC_BASE_ATOMIC_FILE_H
#define DSC_BASE_ATOMIC_FILE_H

#include <stddef.h>

#include "descent/status.h"

typedef struct dsc_atomic_file dsc_atomic_file;

/* Opens a temporary file beside `path` (same directory, so that the rename cannot cross devices).
 * A symbolic link at `path` is followed, also one that leads to a file that is not there yet, and
 * an existing file's permissions are kept (its owner is the process that writes); a new file gets
 * 0666 less the umask. An existing file must be one that the process may write to.
 * Returns DSC_OK; DSC_E_IO (where = path), also for a directory, a device, a pipe or a socket;
 * DSC_E_MEMORY; *out NULL after a failure. */
dsc_status dsc_atomic_file_open(dsc_atomic_file **out, const char *path, dsc_error *err);

/* Appends; handles short writes and EINTR. Returns DSC_OK or DSC_E_IO (where = path); the file must
 * then be discarded. */
dsc_status dsc_atomic_file_write(dsc_atomic_file *file, const void *bytes, size_t length,
                                 dsc_error *err);

/* Makes the new file the one at `path` and frees `file`. Returns DSC_OK or DSC_E_IO (where = path).
 * After a failure the old file is as it was, the temporary one is gone and `file` is freed too; but
 * when only the flushing of the directory failed, which the message then says, the new file is in
 * place, and a power loss might bring back the old one. */
dsc_status dsc_atomic_file_commit(dsc_atomic_file *file, dsc_error *err);

/* Removes the temporary file and frees `file`; NULL is allowed. */
void dsc_atomic_file_discard(dsc_atomic_file *file);

#endif
