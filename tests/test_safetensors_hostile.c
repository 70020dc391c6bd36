/* Container files made by an enemy or by another program: well-signed but wrong, or not signed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "scratch_dir.h"
#include "store/safetensors.h"

#define LENGTH(array) (sizeof(array) / sizeof *(array))

/* Opens a file that is expected to be refused with a message that contains `message`, or accepted
 * when `message` is NULL. */
static void expect_answer(const char *path, const char *what, const char *message) {
    dsc_error err = {0};
    dsc_safetensors *file;
    dsc_status status = dsc_safetensors_open(&file, path, &err);
    dsc_safetensors_close(file);
    if (status != (message == NULL ? DSC_OK : DSC_E_MODEL) ||
        (message != NULL && strstr(err.message, message) == NULL)) {
        fail_msg("%s: %s, \"%s\"", what, dsc_status_name(status), err.message);
    }
    assert_string_equal(err.where, message == NULL ? "" : path);
}

/* Writes a file of the given header, `n_data` bytes of arrays and a checksum that is correct.
 *   alignment  [in]  the header is padded with blanks so that arrays begin at a multiple of it */
static char *compose(const char *dir, const char *header, size_t header_bytes, size_t n_data,
                     size_t alignment) {
    size_t padded = (header_bytes + alignment - 1) / alignment * alignment;
    size_t n_bytes = 8 + padded + n_data + 8;
    char *bytes = calloc(n_bytes, 1);
    assert_non_null(bytes);
    memcpy(bytes, &(uint64_t){padded}, 8);
    memset(bytes + 8, ' ', padded);
    memcpy(bytes + 8, header, header_bytes);
    memcpy(bytes + n_bytes - 8, &(uint64_t){XXH3_64bits(bytes, n_bytes - 8)}, 8);
    char *path = scratch_write(dir, "model", bytes, n_bytes);
    free(bytes);
    return path;
}

#define ENTRY(dtype, shape, begin, end)                                                            \
    "{\"dtype\":\"" dtype "\",\"shape\":" shape ",\"data_offsets\":[" begin "," end "]}"
#define CHECKSUM(begin, end) ",\"checksum\":" ENTRY("U8", "[8]", begin, end) "}"
/* One array "a" and the checksum, which then lies at 16 .. 24. */
#define ONE(entry) "{\"a\":" entry CHECKSUM("16", "24")
/* Two arrays before the checksum. */
#define TWO(first, second) "{\"a\":" first ",\"b\":" second CHECKSUM("16", "24")

static void headers_with_a_correct_checksum_are_still_checked(void **state) {
    const struct {
        const char *what, *header;
        size_t n_data;
        const char *message; /* NULL: accepted, which shows that the others fail for their reason */
    } cases[] = {
        {"good", ONE(ENTRY("F32", "[2,2]", "0", "16")), 16, NULL},
        {"good, two", TWO(ENTRY("F64", "[1]", "0", "8"), ENTRY("U8", "[2,4]", "8", "16")), 16,
         NULL},
        {"good, no array", "{\"__metadata__\":{\"k\":\"v\"}" CHECKSUM("0", "8"), 0, NULL},
        {"good, metadata last",
         "{\"checksum\":" ENTRY("U8", "[8]", "0", "8") ",\"__metadata__\":{}}", 0, NULL},

        {"product wraps to 16", ONE(ENTRY("F64", "[2305843009213693954,8]", "0", "16")), 16,
         "not what its shape needs"},
        {"product wraps to 0", ONE(ENTRY("U8", "[4294967296,4294967296]", "0", "0")), 16,
         "not what its shape needs"},
        {"huge length", ONE(ENTRY("U8", "[9223372036854775807]", "0", "16")), 16,
         "not what its shape needs"},
        {"huge length beside 0", ONE(ENTRY("U8", "[0,9223372036854775807]", "0", "16")), 16,
         "not what its shape needs"},
        {"length beyond 63 bits", ONE(ENTRY("U8", "[9223372036854775808]", "0", "16")), 16,
         "too big integer"},
        {"negative length", ONE(ENTRY("U8", "[-16]", "0", "16")), 16, "expected a shape of whole"},
        {"two negative lengths", ONE(ENTRY("U8", "[-4,-4]", "0", "16")), 16,
         "expected a shape of whole"},
        {"fraction as length", ONE(ENTRY("U8", "[16.0]", "0", "16")), 16,
         "expected a shape of whole"},
        {"text as length", ONE(ENTRY("U8", "[\"16\"]", "0", "16")), 16,
         "expected a shape of whole"},
        {"shape no array", ONE(ENTRY("U8", "16", "0", "16")), 16, "shape of 1 or 2 lengths"},
        {"no dimension", ONE(ENTRY("F32", "[]", "0", "4")), 16, "shape of 1 or 2 lengths"},
        {"three dimensions", ONE(ENTRY("U8", "[4,2,2]", "0", "16")), 16, "shape of 1 or 2 lengths"},

        {"unknown dtype", ONE(ENTRY("F16", "[8]", "0", "16")), 16, "expected a dtype of U8"},
        {"dtype in small letters", ONE(ENTRY("u8", "[16]", "0", "16")), 16,
         "expected a dtype of U8"},
        {"dtype no string", ONE("{\"dtype\":1,\"shape\":[16],\"data_offsets\":[0,16]}"), 16,
         "expected a dtype of U8"},
        {"size of another dtype", ONE(ENTRY("F32", "[16]", "0", "16")), 16,
         "takes 16 bytes, which is not what its shape needs"},

        {"gap in front", ONE(ENTRY("U8", "[8]", "8", "16")), 16, "begins at byte 8, expected 0"},
        {"gap between", TWO(ENTRY("U8", "[4]", "0", "4"), ENTRY("U8", "[8]", "8", "16")), 16,
         "\"b\" begins at byte 8, expected 4"},
        {"overlap", TWO(ENTRY("U8", "[12]", "0", "12"), ENTRY("U8", "[8]", "8", "16")), 16,
         "\"b\" begins at byte 8, expected 12"},
        {"the same bytes twice",
         TWO(ENTRY("U8", "[16]", "0", "16"), ENTRY("U8", "[16]", "0", "16")), 16,
         "\"b\" begins at byte 0, expected 16"},
        {"not in order", TWO(ENTRY("U8", "[8]", "8", "16"), ENTRY("U8", "[8]", "0", "8")), 16,
         "\"a\" begins at byte 8, expected 0"},
        {"begin behind end", TWO(ENTRY("U8", "[16]", "0", "16"), ENTRY("U8", "[8]", "16", "8")), 16,
         "\"b\" ends at byte 8, expected 16 to 24"},
        {"end out of range", ONE(ENTRY("U8", "[32]", "0", "32")), 16,
         "ends at byte 32, expected 0 to 24"},
        {"end at the largest number", ONE(ENTRY("U8", "[16]", "0", "9223372036854775807")), 16,
         "ends at byte 9223372036854775807"},
        {"over the checksum", ONE(ENTRY("U8", "[24]", "0", "24")), 16,
         "\"checksum\" begins at byte 16, expected 24"},
        {"negative offsets", ONE(ENTRY("U8", "[16]", "-16", "0")), 16, "expected data_offsets of"},
        {"offsets beyond 63 bits", ONE(ENTRY("U8", "[1]", "0", "18446744073709551617")), 16,
         "too big integer"},
        {"one offset", ONE("{\"dtype\":\"U8\",\"shape\":[16],\"data_offsets\":[0]}"), 16,
         "expected data_offsets of"},
        {"three offsets", ONE("{\"dtype\":\"U8\",\"shape\":[16],\"data_offsets\":[0,16,16]}"), 16,
         "expected data_offsets of"},
        {"fraction as offset", ONE(ENTRY("U8", "[16]", "0", "16.0")), 16,
         "expected data_offsets of"},
        {"unaligned", TWO(ENTRY("U8", "[4]", "0", "4"), ENTRY("F64", "[1]", "4", "12")), 16,
         "\"b\" begins at byte 4, expected a multiple of its element size"},

        {"member missing", ONE("{\"dtype\":\"U8\",\"shape\":[16]}"), 16,
         "expected an object of dtype, shape and data_offsets"},
        {"member too many",
         ONE("{\"dtype\":\"U8\",\"shape\":[16],\"data_offsets\":[0,16],\"x\":1}"), 16,
         "expected an object of dtype, shape and data_offsets"},
        {"other members", ONE("{\"Dtype\":\"U8\",\"shape\":[16],\"data_offsets\":[0,16]}"), 16,
         "expected a dtype of"},
        {"entry no object", ONE("[1,2,3]"), 16, "expected an object of dtype"},
        {"entry null", ONE("null"), 16, "expected an object of dtype"},

        {"name twice",
         "{\"a\":" ENTRY("U8", "[8]", "0", "8") ",\"a\":" ENTRY("U8", "[8]", "8", "16")
             CHECKSUM("16", "24"),
         16, "duplicate object key"},
        {"name twice, once escaped",
         "{\"a\":" ENTRY("U8", "[8]", "0", "8") ",\"\\u0061\":" ENTRY("U8", "[8]", "8", "16")
             CHECKSUM("16", "24"),
         16, "duplicate object key"},
        {"dtype twice",
         ONE("{\"dtype\":\"F64\",\"dtype\":\"U8\",\"shape\":[16],\"data_offsets\":[0,16]}"), 16,
         "duplicate object key"},
        {"zero byte in a name",
         "{\"a\\u0000b\":" ENTRY("U8", "[16]", "0", "16") CHECKSUM("16", "24"), 16, "not JSON"},
        {"not UTF-8", "{\"caf\xE9\":" ENTRY("U8", "[16]", "0", "16") CHECKSUM("16", "24"), 16,
         "unable to decode byte 0xe9"},
        {"metadata no object", "{\"__metadata__\":[]" CHECKSUM("0", "8"), 0, "not a JSON object"},
        {"metadata no string", "{\"__metadata__\":{\"k\":1}" CHECKSUM("0", "8"), 0,
         "\"k\" is not a string"},
        {"metadata nested", "{\"__metadata__\":{\"k\":{\"k\":\"v\"}}" CHECKSUM("0", "8"), 0,
         "\"k\" is not a string"},

        {"two values", "{} {}", 16, "not JSON"},
        {"unfinished", "{\"a\":", 16, "not JSON"},
        {"blank first", " {}", 16, "not a model file: expected '{' as byte 9, found 0x20"},
        {"an array", "[]", 16, "not a model file: expected '{' as byte 9, found 0x5b"},

        {"no checksum", "{\"a\":" ENTRY("U8", "[24]", "0", "24") "}", 16,
         "written by something else: it has no array \"checksum\""},
        {"checksum not last",
         "{\"checksum\":" ENTRY("U8", "[8]", "0", "8") ",\"a\":" ENTRY("U8", "[16]", "8", "24") "}",
         16, "as the last array, found a"},
        {"checksum of another size", "{\"checksum\":" ENTRY("U8", "[24]", "0", "24") "}", 16,
         "as the last array, found checksum"},
        {"checksum of another type", "{\"checksum\":" ENTRY("I64", "[8]", "0", "64") "}", 56,
         "as the last array, found checksum"},
        {"checksum of another shape", "{\"checksum\":" ENTRY("U8", "[8,1]", "0", "8") "}", 0,
         "as the last array, found checksum"},
        {"checksum no object", "{\"checksum\":true}", 0, "expected an object of dtype"},
        {"bytes behind the checksum",
         "{"
         "\"checksum\":" ENTRY("U8", "[8]", "0", "8") "}",
         16, "16 bytes follow the last array"},
    };
    for (size_t i = 0; i < LENGTH(cases); i++) {
        char *path = compose(*state, cases[i].header, strlen(cases[i].header), cases[i].n_data, 8);
        expect_answer(path, cases[i].what, cases[i].message);
        free(path);
    }
}

static void arrays_must_begin_at_a_multiple_of_eight(void **state) {
    static const char header[] = ONE(ENTRY("F32", "[4]", "0", "16")) "   ";
    for (size_t length = sizeof header - 4; length < sizeof header; length++) {
        char *path = compose(*state, header, length, 16, 1);
        expect_answer(path, "header length", length % 8 == 0 ? NULL : "expected a multiple of 8");
        free(path);
    }
}

/* 100000 levels would overflow the stack of a parser that knows no limit. */
static void deep_nesting_is_refused(void **state) {
    enum { LEVELS = 100000 };
    char *header = malloc(LEVELS + 6);
    assert_non_null(header);
    memcpy(header, "{\"a\":", 5);
    memset(header + 5, '[', LEVELS);
    char *path = compose(*state, header, LEVELS + 5, 16, 8);
    expect_answer(path, "nesting", "maximum parsing depth reached");
    free(header);
    free(path);
}

static void header_lengths_are_checked(void **state) {
    const struct {
        uint64_t length;
        const char *message;
    } cases[] = {
        {0, "its header has 0 bytes, expected 2 to 1048576"},
        {1, "its header has 1 bytes, expected 2 to 1048576"},
        {33, "its header has 33 bytes, but only 32 are there"},
        {(1 << 20) + 1, "its header has 1048577 bytes, expected 2 to 1048576"},
        {UINT64_MAX, "its header has 18446744073709551615 bytes, expected 2 to 1048576"},
        {UINT64_MAX - 7, "its header has 18446744073709551608 bytes, expected 2 to 1048576"},
        {32, "the file is damaged: its header is not JSON"},
        {2, "written by something else"},
    };
    for (size_t i = 0; i < LENGTH(cases); i++) {
        char bytes[40] = "";
        memcpy(bytes, &cases[i].length, 8);
        memcpy(bytes + 8, "{}", 2);
        char *path = scratch_write(*state, "model", bytes, sizeof bytes);
        expect_answer(path, "header length", cases[i].message);
        free(path);
    }
}

/* A header length far beyond the end is refused before memory for such a file is asked for. */
static void a_large_file_of_another_kind_is_not_read(void **state) {
    char *path = scratch_write(*state, "film", "\0\0\0\0\0\0\0\1{", 9);
    assert_int_equal(truncate(path, (off_t)1 << 40), 0);
    expect_answer(path, "1 TiB", "not a model file: its header has");
    free(path);
}

#define BYTES(literal) literal, sizeof(literal) - 1

static void files_of_another_kind_are_named_as_such(void **state) {
    const struct {
        const char *what, *bytes;
        size_t n_bytes;
        const char *message;
    } cases[] = {
        {"empty", BYTES(""), "not a model file: it is empty"},
        {"nine bytes", BYTES("\2\0\0\0\0\0\0\0{"), "not a model file: it has 9 bytes"},
        {"ratings", BYTES("user,item,rating\n1,2,3.5\n"),
         "not a model file: expected '{' as byte 9, found 0x6d"},
        {"JSON", BYTES("{\"layers\": [1, 2, 3]}"), "not a model file: expected '{' as byte 9"},
        {"compressed", BYTES("\x1F\x8B\x08\0\0\0\0\0\0\3\1\0"),
         "not a model file: expected '{' as byte 9"},
        {"another program's",
         BYTES("\x38\0\0\0\0\0\0\0"
               "{\"w\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}  "
               "\0\0\x80\x3F"),
         "written by something else: it has no array \"checksum\""},
    };
    for (size_t i = 0; i < LENGTH(cases); i++) {
        char *path = scratch_write(*state, "model", cases[i].bytes, cases[i].n_bytes);
        expect_answer(path, cases[i].what, cases[i].message);
        free(path);
    }
}

/* What a user most often has: a download that stopped, and a byte that changed. */
static void damage_is_explained(void **state) {
    static const char header[] = ONE(ENTRY("U8", "[16]", "0", "16"));
    char *path = compose(*state, header, strlen(header), 16, 8);
    size_t n_bytes;
    char *bytes = scratch_read(path, &n_bytes);
    free(path);
    path = scratch_write(*state, "model", bytes, n_bytes - 3);
    expect_answer(path, "cut", "incomplete: it has 21 bytes of arrays, expected 24");
    free(path);
    bytes[n_bytes - 9] = 1;
    path = scratch_write(*state, "model", bytes, n_bytes);
    expect_answer(path, "altered", "the file is damaged: its checksum is ");
    expect_answer(path, "altered", ", but its bytes give ");
    free(path);
    free(bytes);
}

#define IN_SCRATCH(test) cmocka_unit_test_setup_teardown(test, scratch_begin, scratch_end)

int main(void) {
    const struct CMUnitTest tests[] = {
        IN_SCRATCH(headers_with_a_correct_checksum_are_still_checked),
        IN_SCRATCH(arrays_must_begin_at_a_multiple_of_eight),
        IN_SCRATCH(deep_nesting_is_refused),
        IN_SCRATCH(header_lengths_are_checked),
        IN_SCRATCH(a_large_file_of_another_kind_is_not_read),
        IN_SCRATCH(files_of_another_kind_are_named_as_such),
        IN_SCRATCH(damage_is_explained),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
