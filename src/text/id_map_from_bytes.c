/* Id maps from the form in which files keep them. */
#include "base/error.h"
#include "text/id_map.h"

dsc_status dsc_id_map_from_bytes(dsc_id_map **out, const char *bytes, size_t n_bytes,
                                 const uint64_t *offset, size_t n, dsc_error *err) {
    *out = NULL;
    dsc_id_map *map = NULL;
    dsc_status status;
    if (n > DSC_MAX_IDS || offset[0] != 0 || offset[n] != n_bytes) {
        return dsc_fail(err, DSC_E_DATA, "", "the offsets of %zu ids do not fit their %zu bytes", n,
                        n_bytes);
    }
    status = dsc_id_map_create(&map, DSC_MAX_IDS, err);
    for (size_t i = 0; i < n && status == DSC_OK; i++) {
        if (offset[i + 1] <= offset[i] || offset[i + 1] > n_bytes) {
            status = dsc_fail(err, DSC_E_DATA, "", "id %zu is empty or ends outside its bytes", i);
            break;
        }
        uint32_t index;
        dsc_id id = {bytes + offset[i], (size_t)(offset[i + 1] - offset[i])};
        status = dsc_id_map_add(map, id, &index, err);
        if (status == DSC_OK && index != i) {
            status =
                dsc_fail(err, DSC_E_DATA, "", "ids %zu and %zu are the same", (size_t)index, i);
        }
    }
    if (status != DSC_OK) {
        dsc_id_map_destroy(map);
        return status;
    }
    *out = map;
    return DSC_OK;
}
