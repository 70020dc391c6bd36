/* Id maps: indices in order of appearance, ids of any bytes, building from stored bytes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "text/id_map.h"

static dsc_id id_of(const char *text) {
    return (dsc_id){text, strlen(text)};
}

static uint32_t add(dsc_id_map *map, dsc_id id) {
    uint32_t index = DSC_NO_INDEX;
    assert_int_equal(dsc_id_map_add(map, id, &index, NULL), DSC_OK);
    return index;
}

static dsc_id_map *create(size_t max_ids) {
    dsc_id_map *map = NULL;
    assert_int_equal(dsc_id_map_create(&map, max_ids, NULL), DSC_OK);
    return map;
}

static void indices_follow_first_appearance(void **state) {
    (void)state;
    dsc_id_map *map = create(DSC_MAX_IDS);
    assert_int_equal(dsc_id_map_count(map), 0);
    assert_int_equal(dsc_id_map_find(map, id_of("b")), DSC_NO_INDEX);
    assert_int_equal(add(map, id_of("b")), 0);
    assert_int_equal(add(map, id_of("a")), 1);
    assert_int_equal(add(map, id_of("b")), 0);
    assert_int_equal(add(map, id_of("a much longer id")), 2);
    assert_int_equal(add(map, id_of("a much longer ID")), 3);
    assert_int_equal(add(map, id_of("a much longer id")), 2);
    assert_int_equal(dsc_id_map_count(map), 4);
    assert_int_equal(dsc_id_map_find(map, id_of("a much longer ID")), 3);
    assert_int_equal(dsc_id_map_id(map, 2).length, 16);
    assert_memory_equal(dsc_id_map_id(map, 2).bytes, "a much longer id", 16);
    dsc_id_map_destroy(map);
}

/* Lengths on both sides of what a slot holds, zero bytes included: "a" is not "a\0". */
static void every_byte_and_length_counts(void **state) {
    (void)state;
    static const char bytes[24] = "\0\0ab\0\0\0\0\0\0\xff\0\0\0\0\0c";
    dsc_id_map *map = create(DSC_MAX_IDS);
    dsc_id seen[24 * 24];
    uint32_t index[24 * 24];
    size_t n = 0;
    for (size_t begin = 0; begin < sizeof bytes; begin++) {
        for (size_t length = 0; begin + length < sizeof bytes; length++) {
            seen[n] = (dsc_id){bytes + begin, length};
            index[n] = add(map, seen[n]);
            n++;
        }
    }
    for (size_t i = 0; i < n; i++) {
        for (size_t j = 0; j < n; j++) {
            int is_same = seen[i].length == seen[j].length &&
                          memcmp(seen[i].bytes, seen[j].bytes, seen[i].length) == 0;
            assert_int_equal(is_same, index[i] == index[j]);
        }
    }
    dsc_id_map_destroy(map);
}

/* Whole numbers, which have a table of their own, on both sides of what it holds, and other ways to
 * write them, which are other ids. */
static void numbers_and_what_looks_like_them(void **state) {
    (void)state;
    static const char *const ids[] = {
        "0",  "00", "7",        "07",      "007",     "+7",      "-7",     "7.0",
        "7 ", " 7", "1048575",  "1048576", "1048577", "9999999", "999999", "10000000",
        "1",  "01", "12345678", "0000001", "1:",      "/1",      "a",      ""};
    enum { N = sizeof ids / sizeof ids[0] };
    dsc_id_map *map = create(DSC_MAX_IDS);
    for (size_t i = 0; i < N; i++) {
        assert_int_equal(dsc_id_map_find(map, id_of(ids[i])), DSC_NO_INDEX);
        assert_int_equal(add(map, id_of(ids[i])), i);
    }
    char padded[N][16] = {{0}};
    dsc_id all[N];
    uint32_t index[N];
    for (size_t i = 0; i < N; i++) {
        assert_int_equal(dsc_id_map_find(map, id_of(ids[i])), i);
        strcpy(padded[i], ids[i]);
        all[i] = id_of(padded[i]);
    }
    assert_int_equal(dsc_id_map_add_many(map, all, N, index, NULL), DSC_OK);
    for (size_t i = 0; i < N; i++) {
        assert_int_equal(index[i], i);
    }
    assert_int_equal(dsc_id_map_find(map, id_of("6")), DSC_NO_INDEX);
    assert_int_equal(dsc_id_map_find(map, id_of("500000")), DSC_NO_INDEX);
    dsc_id_map_destroy(map);
}

static void many_ids_are_all_found(void **state) {
    (void)state;
    enum { N = 100000 };
    dsc_id_map *map = create(DSC_MAX_IDS);
    char text[32];
    for (int i = 0; i < N; i++) {
        snprintf(text, sizeof text, i % 2 ? "%d" : "user number %d", i);
        assert_int_equal(add(map, id_of(text)), i);
    }
    for (int i = 0; i < N; i++) {
        snprintf(text, sizeof text, i % 2 ? "%d" : "user number %d", i);
        assert_int_equal(dsc_id_map_find(map, id_of(text)), i);
        dsc_id id = dsc_id_map_id(map, (uint32_t)i);
        assert_int_equal(id.length, strlen(text));
        assert_memory_equal(id.bytes, text, id.length);
    }
    assert_int_equal(dsc_id_map_find(map, id_of("user number 1")), DSC_NO_INDEX);
    dsc_id_map_destroy(map);
}

/* Many at once are the same as one by one: lengths of all kinds, new ids among known ones, growth
 * in the middle. */
static void many_at_once(void **state) {
    (void)state;
    enum { N = DSC_IDS_AT_ONCE, ROUNDS = 100, ID_BYTES = 16 };
    char text[N][ID_BYTES + DSC_ID_SLACK] = {{0}};
    dsc_id_map *one_by_one = create(DSC_MAX_IDS);
    dsc_id_map *many = create(DSC_MAX_IDS);
    for (int round = 0; round < ROUNDS; round++) {
        dsc_id ids[N];
        uint32_t index[N];
        for (int i = 0; i < N; i++) {
            snprintf(text[i], ID_BYTES, "%0*d", 1 + i % 12, round * N / 2 + i);
            ids[i] = id_of(text[i]);
        }
        size_t n = round % 2 == 0 ? N : N - 1;
        assert_int_equal(dsc_id_map_add_many(many, ids, n, index, NULL), DSC_OK);
        for (size_t i = 0; i < n; i++) {
            assert_int_equal(add(one_by_one, ids[i]), index[i]);
        }
    }
    assert_int_equal(dsc_id_map_count(many), dsc_id_map_count(one_by_one));
    assert_int_equal(dsc_id_map_add_many(many, NULL, 0, NULL, NULL), DSC_OK);
    dsc_id_map_destroy(one_by_one);
    dsc_id_map_destroy(many);
}

static void one_id_too_many(void **state) {
    (void)state;
    dsc_id_map *map = create(2);
    dsc_error err;
    uint32_t index = 9;
    add(map, id_of("a"));
    add(map, id_of("b"));
    assert_int_equal(dsc_id_map_add(map, id_of("c"), &index, &err), DSC_E_DATA);
    assert_string_equal(err.message, "there are more than 2 different ids");
    assert_int_equal(index, 9);
    assert_int_equal(dsc_id_map_count(map), 2);
    assert_int_equal(add(map, id_of("b")), 1);
    dsc_id_map_destroy(map);
}

static void stored_bytes_make_the_same_map(void **state) {
    (void)state;
    dsc_id_map *map = create(DSC_MAX_IDS);
    add(map, id_of("x"));
    add(map, id_of("a rather long id"));
    add(map, id_of("y"));
    dsc_id_map *copy = NULL;
    size_t n_bytes = (size_t)dsc_id_map_offsets(map)[3];
    assert_int_equal(n_bytes, 18);
    assert_int_equal(dsc_id_map_from_bytes(&copy, dsc_id_map_bytes(map), n_bytes,
                                           dsc_id_map_offsets(map), 3, NULL),
                     DSC_OK);
    assert_memory_equal(dsc_id_map_bytes(copy), "xa rather long idy", 18);
    assert_memory_equal(dsc_id_map_offsets(copy), dsc_id_map_offsets(map), 4 * sizeof(uint64_t));
    assert_int_equal(dsc_id_map_find(copy, id_of("y")), 2);
    dsc_id_map_destroy(copy);
    dsc_id_map_destroy(map);
    const uint64_t none[] = {0};
    assert_int_equal(dsc_id_map_from_bytes(&copy, NULL, 0, none, 0, NULL), DSC_OK);
    assert_int_equal(dsc_id_map_count(copy), 0);
    dsc_id_map_destroy(copy);
}

static void bad_stored_bytes_are_refused(void **state) {
    (void)state;
    const struct {
        const char *bytes;
        size_t n_bytes;
        uint64_t offset[4];
        size_t n;
        const char *message;
    } cases[] = {
        {"abc", 3, {1, 2, 3}, 2, "do not fit"},
        {"abc", 3, {0, 1, 2}, 2, "do not fit"},
        {"abc", 3, {0, 1, 4}, 2, "do not fit"},
        {"abc", 3, {0, 1, 1, 3}, 3, "id 1 is empty"},
        {"abc", 3, {0, 2, 1, 3}, 3, "id 1 is empty"},
        {"abc", 3, {0, UINT64_MAX, 2, 3}, 3, "id 0 is empty or ends outside"},
        {"aba", 3, {0, 1, 2, 3}, 3, "ids 0 and 2 are the same"},
        {"", 0, {0}, SIZE_MAX, "do not fit"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        dsc_id_map *map = (dsc_id_map *)(uintptr_t)1;
        dsc_error err = {DSC_OK, "", ""};
        print_message("%s\n", cases[i].message);
        assert_int_equal(dsc_id_map_from_bytes(&map, cases[i].bytes, cases[i].n_bytes,
                                               cases[i].offset, cases[i].n, &err),
                         DSC_E_DATA);
        assert_null(map);
        assert_non_null(strstr(err.message, cases[i].message));
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(indices_follow_first_appearance),
        cmocka_unit_test(every_byte_and_length_counts),
        cmocka_unit_test(numbers_and_what_looks_like_them),
        cmocka_unit_test(many_ids_are_all_found),
        cmocka_unit_test(many_at_once),
        cmocka_unit_test(one_id_too_many),
        cmocka_unit_test(stored_bytes_make_the_same_map),
        cmocka_unit_test(bad_stored_bytes_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
