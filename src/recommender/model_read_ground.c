/* Reading a model's ids and ratings: offsets that do not fit, indices that point nowhere and ratings off the scale
 * are refused. */
#include <string.h>

#include "base/error.h"
#include "recommender/model_reading.h"

static dsc_status get_ids(const dsc_model_reading *r, const char *offsets_name,
                          const char *bytes_name, dsc_id_map **out, dsc_error *err) {
    dsc_tensor offsets, bytes;
    dsc_status status = dsc_reading_vector(r, offsets_name, DSC_I64, SIZE_MAX, &offsets, err);
    if (status == DSC_OK) {
        status = dsc_reading_vector(r, bytes_name, DSC_U8, SIZE_MAX, &bytes, err);
    }
    if (status != DSC_OK) {
        return status;
    }
    /* A negative offset becomes one that lies beyond the bytes, and is refused as such. */
    dsc_error reason = {0};
    status = offsets.shape[0] < 2
                 ? dsc_fail(&reason, DSC_E_DATA, "", "there are none")
                 : dsc_id_map_from_bytes(out, bytes.data, bytes.shape[0], offsets.data,
                                         offsets.shape[0] - 1, &reason);
    if (status == DSC_E_MEMORY) {
        return dsc_fail(err, status, "", "%s", reason.message);
    }
    return status == DSC_OK ? DSC_OK
                            : dsc_fail(err, DSC_E_MODEL, r->path, "array \"%s\": %s", bytes_name,
                                       reason.message);
}

/* Row starts ascending from 0 to the end, columns ascending in each row, values on the scale: that of interactions
 * is 1 to 1 (dsc_reading_statistics), so that theirs are 1. */
static bool are_ratings_good(const dsc_sparse_matrix *m, const dsc_statistics *s) {
    if (m->start[0] != 0 || m->start[m->n_rows] != m->n_entries) {
        return false;
    }
    for (size_t row = 0; row < m->n_rows; row++) {
        if (m->start[row] > m->start[row + 1] || m->start[row + 1] > m->n_entries) {
            return false;
        }
        for (uint64_t e = m->start[row]; e < m->start[row + 1]; e++) {
            const double value = (double)m->value[e];
            if (m->column[e] >= m->n_cols ||
                (e > m->start[row] && m->column[e] <= m->column[e - 1]) ||
                !(value >= s->min && value <= s->max)) {
                return false;
            }
        }
    }
    return true;
}

static dsc_status get_ratings(dsc_model_reading *r, dsc_error *err) {
    const size_t n_users = r->n_users, n_items = r->n_items;
    dsc_tensor start, item, value, time;
    const bool has_time = r->has_times || dsc_uses_time(&r->config);
    dsc_status status =
        dsc_reading_vector(r, DSC_ARRAY_RATINGS_START, DSC_I64, n_users + 1, &start, err);
    if (status == DSC_OK) {
        status = dsc_reading_vector(r, DSC_ARRAY_RATINGS_ITEM, DSC_I32, SIZE_MAX, &item, err);
    }
    if (status == DSC_OK) {
        status =
            dsc_reading_vector(r, DSC_ARRAY_RATINGS_VALUE, DSC_F32, item.shape[0], &value, err);
    }
    if (status == DSC_OK && has_time) {
        status = dsc_reading_vector(r, DSC_ARRAY_RATINGS_TIME, DSC_I64, item.shape[0], &time, err);
    }
    if (status == DSC_OK) {
        status = dsc_sparse_matrix_init(&r->ratings, n_users, n_items, item.shape[0],
                                        has_time ? DSC_SPARSE_TIMES : DSC_SPARSE_VALUES, err);
    }
    if (status != DSC_OK) {
        return status;
    }
    dsc_sparse_matrix *m = &r->ratings;
    memcpy(m->start, start.data, (n_users + 1) * sizeof *m->start);
    memcpy(m->column, item.data, m->n_entries * sizeof *m->column);
    memcpy(m->value, value.data, m->n_entries * sizeof *m->value);
    if (has_time) {
        memcpy(m->time, time.data, m->n_entries * sizeof *m->time);
    }
    if (m->n_entries == 0 || !are_ratings_good(m, &r->statistics)) {
        return dsc_fail(err, DSC_E_MODEL, r->path,
                        "its ratings are not a sparse matrix of %zu users and %zu items inside the "
                        "scale",
                        n_users, n_items);
    }
    return DSC_OK;
}

dsc_status dsc_reading_ground(dsc_model_reading *r, dsc_error *err) {
    dsc_status status = get_ids(r, DSC_ARRAY_USER_ID_OFFSETS, DSC_ARRAY_USER_IDS, &r->users, err);
    if (status == DSC_OK) {
        status = get_ids(r, DSC_ARRAY_ITEM_ID_OFFSETS, DSC_ARRAY_ITEM_IDS, &r->items, err);
    }
    if (status != DSC_OK) {
        return status;
    }
    r->n_users = dsc_id_map_count(r->users);
    r->n_items = dsc_id_map_count(r->items);
    return get_ratings(r, err);
}
