/* Id map: external ids (strings of any bytes) to dense indices 0 .. n-1 and back.
 *
 * Indices are given in the order in which ids are added; nothing that can be seen depends on the
 * random seed of the hash. A map that nobody adds to may be shared by any number of threads. */
#ifndef DSC_TEXT_ID_MAP_H
#define DSC_TEXT_ID_MAP_H

#include <stddef.h>
#include <stdint.h>

#include "descent/delimited.h"
#include "descent/status.h"

/* The most ids a map can hold: DSC_NO_INDEX stays free, and n fits uint32_t. */
#define DSC_MAX_IDS ((size_t)UINT32_MAX - 1)

typedef struct dsc_id_map dsc_id_map;

/* An empty map for at most `max_ids` (<= DSC_MAX_IDS) ids, freed with dsc_id_map_destroy; *out is
 * NULL after a failure. Returns DSC_OK; DSC_E_MEMORY. */
dsc_status dsc_id_map_create(dsc_id_map **out, size_t max_ids, dsc_error *err);
void dsc_id_map_destroy(dsc_id_map *map); /* NULL is allowed */

/* The map of `n` ids that lie one after the other in `bytes`, id i from offset[i] to
 * offset[i + 1]: the form in which dsc_id_map_bytes and dsc_id_map_offsets give them. Copied.
 *   offset  [in]  (n + 1), from 0 to n_bytes, strictly ascending
 * Returns DSC_OK; DSC_E_DATA offsets that are none, too many ids, an empty id or two equal ones;
 * DSC_E_MEMORY; *out is NULL after a failure. */
dsc_status dsc_id_map_from_bytes(dsc_id_map **out, const char *bytes, size_t n_bytes,
                                 const uint64_t *offset, size_t n, dsc_error *err);

/* The index of `id`, added at the end when it is new; the bytes are copied.
 * Returns DSC_OK; DSC_E_DATA one id too many; DSC_E_MEMORY; the map is unchanged by a failure. */
dsc_status dsc_id_map_add(dsc_id_map *map, dsc_id id, uint32_t *index, dsc_error *err);

/* The most ids that dsc_id_map_add_many takes, and what must be readable from the first byte of
 * each of them on, however short it is. */
#define DSC_IDS_AT_ONCE 256
#define DSC_ID_SLACK    8

/* The same for `n` ids, faster: they are looked for together, which hides the time that memory
 * takes to deliver where they are. ids    [in]   (n) index  [out]  (n) Failure: the ids before the
 * one that failed may have been added. */
dsc_status dsc_id_map_add_many(dsc_id_map *map, const dsc_id *ids, size_t n, uint32_t *index,
                               dsc_error *err);

/* The indices of ids that are the only way to write these numbers, until the first that is not in the map,
 * or whose number is too large for a table (text/id_number.h).
 *   number  [in]   (n)
 *   index   [out]  (n) of those found
 * Returns how many were found. */
size_t dsc_id_map_find_numbers(const dsc_id_map *map, const uint64_t *number, size_t n,
                               uint32_t *index);

/* The index of `id`, or DSC_NO_INDEX. */
uint32_t dsc_id_map_find(const dsc_id_map *map, dsc_id id);

size_t dsc_id_map_count(const dsc_id_map *map);

/* The id of an index below the count; owned by the map, valid until the next add. */
dsc_id dsc_id_map_id(const dsc_id_map *map, uint32_t index);

/* All ids one after the other, and where each begins: offsets (count + 1), from 0. Owned by the
 * map, valid until the next add. */
const char *dsc_id_map_bytes(const dsc_id_map *map);
const uint64_t *dsc_id_map_offsets(const dsc_id_map *map);

#endif
