/* Id key: what an id is told by in eight bytes, and its hash. */
#ifndef DSC_TEXT_ID_KEY_H
#define DSC_TEXT_ID_KEY_H

#include <endian.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "descent/delimited.h"

/* Ids up to this many bytes are their own key, padded with zero bytes. */
#define DSC_SHORT_ID_BYTES 8

/* At most 8 bytes as one number; the loads overlap, which spares a loop. */
static inline uint64_t dsc_id_pack(const char *bytes, size_t length) {
    if (length >= 4) {
        uint32_t first, last;
        memcpy(&first, bytes, 4);
        memcpy(&last, bytes + length - 4, 4);
        return le32toh(first) | (uint64_t)le32toh(last) << (8 * (length - 4));
    }
    if (length == 0) {
        return 0;
    }
    const unsigned char *b = (const unsigned char *)bytes;
    return b[0] | (uint64_t)b[length / 2] << (8 * (length / 2)) |
           (uint64_t)b[length - 1] << (8 * (length - 1));
}

/* The id itself when it is short, else its hash. */
static inline uint64_t dsc_id_key(dsc_id id, uint64_t seed) {
    return id.length <= DSC_SHORT_ID_BYTES ? dsc_id_pack(id.bytes, id.length)
                                           : XXH3_64bits_withSeed(id.bytes, id.length, seed);
}

/* The same where 8 bytes can be read, without a branch on the length of short ids, which nobody could
 * predict. */
static inline uint64_t dsc_id_key_of_padded(dsc_id id, uint64_t seed) {
    if (id.length >= DSC_SHORT_ID_BYTES) {
        return dsc_id_key(id, seed);
    }
    uint64_t key;
    memcpy(&key, id.bytes, sizeof key);
    return le64toh(key) & ((UINT64_C(1) << (8 * id.length)) - 1);
}

/* The hash of an id of that many bytes. */
static inline uint64_t dsc_id_hash(uint64_t key, size_t length, uint64_t seed) {
    return length <= DSC_SHORT_ID_BYTES ? XXH3_64bits_withSeed(&key, sizeof key, seed) : key;
}

#endif
