/* A whole file from bytes in memory, all or nothing. */
#include "descent/file.h"

#include "base/atomic_file.h"

dsc_status dsc_file_write(const char *path, const void *bytes, size_t length, dsc_error *err) {
    dsc_atomic_file *file;
    dsc_status status = dsc_atomic_file_open(&file, path, err);
    if (status != DSC_OK) {
        return status;
    }
    status = dsc_atomic_file_write(file, bytes, length, err);
    if (status != DSC_OK) {
        dsc_atomic_file_discard(file);
        return status;
    }
    return dsc_atomic_file_commit(file, err);
}
