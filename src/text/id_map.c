/* Id map: a table of small whole numbers, and open addressing with linear probing for all other ids.
 *
 * The ids lie in one byte arena. A slot holds a short id whole, so that most lookups touch one cache
 * line and nothing else. */
#include "text/id_map.h"

#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

#include "base/error.h"
#include "base/memory.h"
#include "text/id_key.h"
#include "text/id_number.h"

#define FIRST_N_SLOTS  64
#define FIRST_N_PLACES 1024

/* key is the id itself, padded with zero bytes, when it is short, else its hash. */
typedef struct slot {
    uint64_t key;
    uint32_t length; /* of the id, modulo 2^32 */
    uint32_t index;  /* DSC_NO_INDEX: the slot is free */
} slot;

struct dsc_id_map {
    slot *slots; /* (mask + 1), at most half of them taken */
    size_t mask;
    size_t n_in_slots;
    uint32_t *place; /* (n_places) by number: the index plus 1, or 0 */
    size_t n_places;
    uint64_t seed;
    size_t n;
    size_t max_ids;
    char *bytes; /* (offset[n]) */
    size_t bytes_capacity;
    uint64_t *offset; /* (n + 1) */
    size_t offset_capacity;
};

/* Where an id is looked for. */
typedef struct probe {
    uint32_t number; /* DSC_NO_ID_NUMBER: in the slots, by the others */
    uint64_t hash;
    uint64_t key;
} probe;

static inline probe probe_of(const dsc_id_map *map, dsc_id id) {
    uint64_t key = dsc_id_key(id, map->seed);
    return (probe){dsc_id_number(key, id.length), dsc_id_hash(key, id.length, map->seed), key};
}

static inline bool is_match(const dsc_id_map *map, const slot *s, uint64_t key, dsc_id id) {
    if (s->key != key || s->length != (uint32_t)id.length) {
        return false;
    }
    if (id.length <= DSC_SHORT_ID_BYTES) {
        return true;
    }
    uint64_t begin = map->offset[s->index];
    return map->offset[s->index + 1] - begin == id.length &&
           memcmp(map->bytes + begin, id.bytes, id.length) == 0;
}

/* The slot that holds `id`, or the free one where it belongs. */
static inline slot *slot_of(const dsc_id_map *map, probe p, dsc_id id) {
    size_t i = p.hash & map->mask;
    while (map->slots[i].index != DSC_NO_INDEX && !is_match(map, &map->slots[i], p.key, id)) {
        i = (i + 1) & map->mask;
    }
    return &map->slots[i];
}

static slot *create_slots(size_t n_slots) {
    slot *slots = reallocarray(NULL, n_slots, sizeof *slots);
    if (slots != NULL) {
        memset(slots, 0xFF, n_slots * sizeof *slots); /* every index DSC_NO_INDEX */
    }
    return slots;
}

/* All ids into a table of `n_slots`, a power of two. */
static bool rehash(dsc_id_map *map, size_t n_slots) {
    slot *slots = create_slots(n_slots);
    if (slots == NULL) {
        return false;
    }
    size_t mask = n_slots - 1;
    for (size_t index = 0; index < map->n; index++) {
        dsc_id id = dsc_id_map_id(map, (uint32_t)index);
        probe p = probe_of(map, id);
        if (p.number != DSC_NO_ID_NUMBER) {
            continue;
        }
        size_t i = p.hash & mask;
        while (slots[i].index != DSC_NO_INDEX) {
            i = (i + 1) & mask;
        }
        slots[i] = (slot){p.key, (uint32_t)id.length, (uint32_t)index};
    }
    free(map->slots);
    map->slots = slots;
    map->mask = mask;
    return true;
}

/* A seed that an author of ids cannot guess, so that nobody can choose ids that all collide. */
static uint64_t random_seed(const void *address) {
    uint64_t seed;
    if (getrandom(&seed, sizeof seed, GRND_NONBLOCK) == (ssize_t)sizeof seed) {
        return seed;
    }
    struct timespec now = {0, 0};
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_nsec ^ (uint64_t)now.tv_sec << 32 ^ (uint64_t)(uintptr_t)address;
}

dsc_status dsc_id_map_create(dsc_id_map **out, size_t max_ids, dsc_error *err) {
    *out = NULL;
    dsc_id_map *map = calloc(1, sizeof *map);
    if (map == NULL) {
        return dsc_fail_memory(err, "a map of ids");
    }
    map->seed = random_seed(map);
    map->max_ids = max_ids;
    void *offset = NULL;
    bool has_memory = rehash(map, FIRST_N_SLOTS) &&
                      dsc_grow(&offset, &map->offset_capacity, 1, sizeof *map->offset);
    map->offset = offset;
    if (!has_memory) {
        dsc_id_map_destroy(map);
        return dsc_fail_memory(err, "a map of ids");
    }
    map->offset[0] = 0;
    *out = map;
    return DSC_OK;
}

void dsc_id_map_destroy(dsc_id_map *map) {
    if (map == NULL) {
        return;
    }
    free(map->slots);
    free(map->place);
    free(map->bytes);
    free(map->offset);
    free(map);
}

/* Places for all numbers up to `number`. */
static bool reserve_places(dsc_id_map *map, uint32_t number) {
    size_t n = map->n_places > 0 ? map->n_places : FIRST_N_PLACES;
    while (n <= number) {
        n *= 2;
    }
    if (n == map->n_places) {
        return true;
    }
    uint32_t *place = calloc(n, sizeof *place); /* not touched before it is used */
    if (place == NULL) {
        return false;
    }
    if (map->n_places > 0) {
        memcpy(place, map->place, map->n_places * sizeof *place);
    }
    free(map->place);
    map->place = place;
    map->n_places = n;
    return true;
}

/* Room for one more id of `length` bytes, with at most half of the slots taken. */
static bool reserve(dsc_id_map *map, size_t length, probe p) {
    size_t n_bytes;
    if (__builtin_add_overflow((size_t)map->offset[map->n], length, &n_bytes)) {
        return false;
    }
    void *bytes = map->bytes;
    void *offset = map->offset;
    bool has_memory = dsc_grow(&bytes, &map->bytes_capacity, n_bytes, 1) &&
                      dsc_grow(&offset, &map->offset_capacity, map->n + 2, sizeof *map->offset);
    map->bytes = bytes;
    map->offset = offset;
    if (!has_memory) {
        return false;
    }
    if (p.number != DSC_NO_ID_NUMBER) {
        return reserve_places(map, p.number);
    }
    return map->n_in_slots < (map->mask + 1) / 2 || rehash(map, 2 * (map->mask + 1));
}

/* Apart from the search, to keep that short. */
__attribute__((noinline)) static dsc_status add_new(dsc_id_map *map, dsc_id id, probe p,
                                                    uint32_t *index, dsc_error *err) {
    if (map->n >= map->max_ids) {
        return dsc_fail(err, DSC_E_DATA, "", "there are more than %zu different ids", map->max_ids);
    }
    if (!reserve(map, id.length, p)) {
        return dsc_fail_memory(err, "a map of ids");
    }
    if (p.number != DSC_NO_ID_NUMBER) {
        map->place[p.number] = (uint32_t)map->n + 1;
    } else {
        slot *s = slot_of(map, p, id); /* the table may have grown */
        *s = (slot){p.key, (uint32_t)id.length, (uint32_t)map->n};
        map->n_in_slots++;
    }
    if (id.length > 0) {
        memcpy(map->bytes + map->offset[map->n], id.bytes, id.length);
    }
    map->offset[map->n + 1] = map->offset[map->n] + id.length;
    *index = (uint32_t)map->n;
    map->n++;
    return DSC_OK;
}

static inline uint32_t find_probed(const dsc_id_map *map, dsc_id id, probe p) {
    if (p.number != DSC_NO_ID_NUMBER) { /* 0 - 1: DSC_NO_INDEX */
        return p.number < map->n_places ? map->place[p.number] - 1 : DSC_NO_INDEX;
    }
    return slot_of(map, p, id)->index;
}

static inline dsc_status add_probed(dsc_id_map *map, dsc_id id, probe p, uint32_t *index,
                                    dsc_error *err) {
    const uint32_t found = find_probed(map, id, p);
    if (found == DSC_NO_INDEX) {
        return add_new(map, id, p, index, err);
    }
    *index = found;
    return DSC_OK;
}

dsc_status dsc_id_map_add(dsc_id_map *map, dsc_id id, uint32_t *index, dsc_error *err) {
    return add_probed(map, id, probe_of(map, id), index, err);
}

/* True when an id is the one before it, as users of files grouped by user are; long ids, whose keys
 * do not tell, count as different. */
static inline bool is_repeated(const dsc_id *ids, const uint64_t *keys, size_t i) {
    return i > 0 && keys[i] == keys[i - 1] && ids[i].length == ids[i - 1].length &&
           ids[i].length <= DSC_SHORT_ID_BYTES;
}

dsc_status dsc_id_map_add_many(dsc_id_map *map, const dsc_id *ids, size_t n, uint32_t *index,
                               dsc_error *err) {
    uint64_t keys[DSC_IDS_AT_ONCE];
    uint64_t hashes[DSC_IDS_AT_ONCE];
    uint32_t numbers[DSC_IDS_AT_ONCE];
    for (size_t i = 0; i < n; i++) {
        keys[i] = dsc_id_key_of_padded(ids[i], map->seed);
        if (is_repeated(ids, keys, i)) {
            continue;
        }
        numbers[i] = dsc_id_number(keys[i], ids[i].length);
        if (numbers[i] == DSC_NO_ID_NUMBER) {
            hashes[i] = dsc_id_hash(keys[i], ids[i].length, map->seed);
            __builtin_prefetch(&map->slots[hashes[i] & map->mask]);
        }
    }
    dsc_status status = DSC_OK;
    for (size_t i = 0; i < n && status == DSC_OK; i++) {
        if (is_repeated(ids, keys, i)) {
            index[i] = index[i - 1];
        } else if (numbers[i] < map->n_places && map->place[numbers[i]] != 0) {
            index[i] = map->place[numbers[i]] - 1;
        } else {
            const uint64_t hash = numbers[i] == DSC_NO_ID_NUMBER ? hashes[i] : 0;
            status = add_probed(map, ids[i], (probe){numbers[i], hash, keys[i]}, &index[i], err);
        }
    }
    return status;
}

size_t dsc_id_map_find_numbers(const dsc_id_map *map, const uint64_t *number, size_t n,
                               uint32_t *index) {
    const uint32_t *place = map->place;
    const size_t n_places = map->n_places;
    for (size_t i = 0; i < n; i++) {
        if (number[i] >= n_places || place[number[i]] == 0) {
            return i;
        }
        index[i] = place[number[i]] - 1;
    }
    return n;
}

uint32_t dsc_id_map_find(const dsc_id_map *map, dsc_id id) {
    return find_probed(map, id, probe_of(map, id));
}

size_t dsc_id_map_count(const dsc_id_map *map) {
    return map->n;
}

dsc_id dsc_id_map_id(const dsc_id_map *map, uint32_t index) {
    uint64_t begin = map->offset[index];
    return (dsc_id){map->bytes + begin, (size_t)(map->offset[index + 1] - begin)};
}

const char *dsc_id_map_bytes(const dsc_id_map *map) {
    return map->bytes;
}

const uint64_t *dsc_id_map_offsets(const dsc_id_map *map) {
    return map->offset;
}
