/* Plain ids: columns of ids to indices, most of them by their numbers, neighbouring users by one look. */
#include <endian.h>
#include <string.h>

#include "ratings/plain_row.h"

dsc_status dsc_plain_items_add(const dsc_plain_format *format, dsc_field_column ids, size_t n,
                               dsc_id_map *map, uint32_t *index, dsc_error *err) {
    uint64_t number[DSC_IDS_AT_ONCE];
    dsc_id id[DSC_IDS_AT_ONCE];
    const size_t n_numbers = format->read_digits(ids, n, number);
    const size_t n_known = dsc_id_map_find_numbers(map, number, n_numbers, index);
    if (n_known == n) {
        return DSC_OK;
    }
    for (size_t i = n_known; i < n; i++) {
        const char *begin = dsc_field_begin(ids, i);
        id[i] = (dsc_id){begin, (size_t)(dsc_field_end(ids, i) - begin)};
    }
    return dsc_id_map_add_many(map, id + n_known, n - n_known, index + n_known, err);
}

/* Ids that are compared with another without a branch each. */
#define IDS_A_LOOK 8

static inline uint64_t word_at(dsc_field_column ids, size_t i) {
    uint64_t word;
    memcpy(&word, dsc_field_begin(ids, i), sizeof word);
    return le64toh(word);
}

/* How many ids from the first on are the same as it, at least; 0: nothing is known. They are short, and
 * are compared with what ends them. */
static size_t count_repeated(dsc_field_column ids, size_t n) {
    const size_t n_bytes = (size_t)ids.mark[0] - ids.mark[-1];
    if (n < IDS_A_LOOK || n_bytes > sizeof(uint64_t)) {
        return 0;
    }
    const uint64_t first = word_at(ids, 0);
    const unsigned n_beyond = 64 - 8 * (unsigned)n_bytes;
    size_t n_same = 0;
    for (; n_same + IDS_A_LOOK <= n; n_same += IDS_A_LOOK) {
        uint64_t difference = 0;
        for (size_t i = n_same; i < n_same + IDS_A_LOOK; i++) {
            difference |= word_at(ids, i) ^ first;
        }
        if (difference << n_beyond != 0) {
            break;
        }
    }
    return n_same;
}

dsc_status dsc_plain_users_add(const dsc_plain_format *format, dsc_field_column ids, size_t n,
                               dsc_id_map *map, dsc_user_runs *runs, dsc_error *err) {
    dsc_status status = DSC_OK;
    for (size_t i = 0; i < n && status == DSC_OK;) {
        uint32_t index[IDS_A_LOOK];
        const dsc_field_column rest = {ids.text, ids.mark + i * ids.stride, ids.stride};
        const size_t n_left = n - i;
        const size_t n_same = count_repeated(rest, n_left);
        const size_t n_looked_up = n_same > 0 ? 1 : n_left < IDS_A_LOOK ? n_left : IDS_A_LOOK;
        status = dsc_plain_items_add(format, rest, n_looked_up, map, index, err);
        for (size_t k = 0; k < n_looked_up && status == DSC_OK; k++) {
            const bool has_memory = dsc_user_runs_add(runs, index[k], n_same > 0 ? n_same : 1);
            status = has_memory ? DSC_OK : dsc_fail_memory(err, "the ratings");
        }
        i += n_same > 0 ? n_same : n_looked_up;
    }
    return status;
}
