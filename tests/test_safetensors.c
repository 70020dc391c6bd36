/* Container files: what is written is read again, and no damage goes unseen. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <jansson.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "scratch_dir.h"
#include "store/safetensors.h"

#define LENGTH(array) (sizeof(array) / sizeof *(array))

/* --- a file with everything in it ------------------------------------------------------------- */

static const double f64[] = {0.1, -0.0, 1e308, 4.9e-324, 3, 4};
static const int64_t i64[] = {INT64_MIN, -1, INT64_MAX};
static const float f32[] = {0.1F, -2.5F, 3e38F, 1e-45F};
static const int32_t i32[] = {INT32_MIN, INT32_MAX, 7};
static const uint16_t bf16[] = {0x3f80, 0x8000, 1}; /* 1, -0, the smallest number */
static const uint8_t u8[] = {0, 255, 'x', '\n', 5};

/* Element sizes descending; empty arrays first, last and in between. */
static const dsc_tensor everything[] = {
    {"empty f64", DSC_F64, 2, {0, 5}, NULL}, {"f64", DSC_F64, 2, {2, 3}, f64},
    {"i64", DSC_I64, 1, {3, 1}, i64},        {"f32", DSC_F32, 2, {4, 1}, f32},
    {"empty i32", DSC_I32, 1, {0, 1}, NULL}, {"i32 \"quoted\" \xC3\xA9", DSC_I32, 2, {1, 3}, i32},
    {"bf16", DSC_BF16, 2, {1, 3}, bf16},     {"u8", DSC_U8, 1, {5, 1}, u8},
    {"", DSC_U8, 2, {3, 0}, NULL},
};

static const dsc_metadata metadata[] = {
    {"format", "test"},
    {"json", "{\"a\": [1, \"b\\n\"]}"},
    {"\xE6\x98\xA0\xE7\x94\xBB", "caf\xC3\xA9, line\nand tab\t, slash / and \\"},
    {"empty", ""},
    {"", "the key is empty"},
    {"checksum", "no array, hence allowed"},
};

static dsc_status write_everything(const char *path, dsc_error *err) {
    return dsc_safetensors_write(path, metadata, LENGTH(metadata), everything, LENGTH(everything),
                                 err);
}

static void expect_everything(const dsc_safetensors *file) {
    for (size_t i = 0; i < LENGTH(metadata); i++) {
        assert_string_equal(dsc_safetensors_metadata(file, metadata[i].key), metadata[i].value);
    }
    assert_null(dsc_safetensors_metadata(file, "absent"));
    for (size_t i = 0; i < LENGTH(everything); i++) {
        const dsc_tensor *expected = &everything[i];
        const size_t element_bytes = dsc_element_bytes(expected->element);
        dsc_tensor found;
        assert_int_equal(dsc_safetensors_tensor(file, expected->name, expected->element,
                                                expected->n_dimensions, expected->shape, &found,
                                                NULL),
                         DSC_OK);
        assert_string_equal(found.name, expected->name);
        assert_int_equal(found.element, expected->element);
        assert_int_equal(found.n_dimensions, expected->n_dimensions);
        assert_int_equal(found.shape[0], expected->shape[0]);
        assert_int_equal(found.shape[1], expected->shape[1]);
        assert_non_null(found.data);
        assert_int_equal((uintptr_t)found.data % element_bytes, 0);
        if (expected->data != NULL) {
            assert_memory_equal(found.data, expected->data,
                                element_bytes * found.shape[0] * found.shape[1]);
        }
    }
}

static void everything_comes_back(void **state) {
    char *path = scratch_path(*state, "model");
    dsc_safetensors *file;
    for (int round = 0; round < 2; round++) { /* a new file, then an old one replaced */
        assert_int_equal(write_everything(path, NULL), DSC_OK);
        assert_int_equal(dsc_safetensors_open(&file, path, NULL), DSC_OK);
        expect_everything(file);
        dsc_safetensors_close(file);
    }
    dsc_safetensors_close(NULL);
    assert_int_equal(scratch_count(*state), 1);
    free(path);
}

static void a_file_without_arrays_or_metadata_comes_back(void **state) {
    char *path = scratch_path(*state, "model");
    const size_t any[] = {SIZE_MAX};
    dsc_tensor found;
    dsc_safetensors *file;
    assert_int_equal(dsc_safetensors_write(path, NULL, 0, NULL, 0, NULL), DSC_OK);
    assert_int_equal(dsc_safetensors_open(&file, path, NULL), DSC_OK);
    assert_null(dsc_safetensors_metadata(file, "format"));
    assert_int_equal(dsc_safetensors_tensor(file, "checksum", DSC_U8, 1, any, &found, NULL),
                     DSC_E_MODEL); /* it belongs to the container, not to its user */
    dsc_safetensors_close(file);
    free(path);
}

/* The bytes of a small file, its checksum computed by Python's xxhash: what files written by any
 * version must look like. */
static void the_bytes_are_as_documented(void **state) {
    static const char header[] =
        "\xD0\0\0\0\0\0\0\0"
        "{\"__metadata__\":{\"format\":\"test\"},"
        "\"a\":{\"dtype\":\"F32\",\"shape\":[1,2],\"data_offsets\":[0,8]},"
        "\"b\":{\"dtype\":\"U8\",\"shape\":[3],\"data_offsets\":[8,11]},"
        "\"checksum\":{\"dtype\":\"U8\",\"shape\":[8],\"data_offsets\":[11,19]}}";
    static const char arrays[] = "\0\0\x80\x3F\0\0\0\xC0"
                                 "abc"
                                 "\xCD\xA9\x4D\x76\x8E\xE1\x7B\xD1";
    const float a[] = {1, -2};
    const dsc_tensor tensors[] = {{"a", DSC_F32, 2, {1, 2}, a}, {"b", DSC_U8, 1, {3, 1}, "abc"}};
    const dsc_metadata format = {"format", "test"};
    char *path = scratch_path(*state, "model");
    size_t n_bytes;
    assert_int_equal(dsc_safetensors_write(path, &format, 1, tensors, 2, NULL), DSC_OK);
    char *bytes = scratch_read(path, &n_bytes);
    size_t n_blanks = n_bytes - (sizeof header - 1) - (sizeof arrays - 1);
    assert_true(n_blanks < 8);
    assert_memory_equal(bytes, header, sizeof header - 1);
    assert_memory_equal(bytes + sizeof header - 1, "       ", n_blanks);
    assert_memory_equal(bytes + sizeof header - 1 + n_blanks, arrays, sizeof arrays - 1);
    free(bytes);
    free(path);
}

/* Python's reader of the format and a check that shares no code with this library agree. */
static void python_reads_it(void **state) {
    char *path = scratch_path(*state, "model");
    char command[4200];
    assert_int_equal(write_everything(path, NULL), DSC_OK);
    snprintf(command, sizeof command, "python3 tests/check_safetensors.py '%s' >&2", path);
    int status = system(command);
    free(path);
    if (WIFEXITED(status) && WEXITSTATUS(status) == 127) {
        print_message("skipped: there is no python3 here\n");
        skip();
    }
    assert_int_equal(status, 0);
}

/* --- asking for arrays ------------------------------------------------------------------------ */

static void an_array_must_be_what_is_expected(void **state) {
    const struct {
        const char *name;
        dsc_element element;
        size_t n_dimensions, shape[2];
        const char *message; /* NULL: accepted */
    } cases[] = {
        {"f64", DSC_F64, 2, {2, 3}, NULL},
        {"f64", DSC_F64, 2, {SIZE_MAX, 3}, NULL},
        {"f64", DSC_F64, 2, {SIZE_MAX, SIZE_MAX}, NULL},
        {"f65", DSC_F64, 2, {2, 3}, "the array \"f65\" is missing"},
        {"f64", DSC_I64, 2, {2, 3}, "array \"f64\" holds F64, expected I64"},
        {"f64", DSC_F64, 1, {6, 1}, "array \"f64\" has 2 dimensions, expected 1"},
        {"f64", DSC_F64, 2, {3, 3}, "dimension 1 of array \"f64\" has length 2, expected 3"},
        {"f64", DSC_F64, 2, {2, 2}, "dimension 2 of array \"f64\" has length 3, expected 2"},
    };
    char *path = scratch_path(*state, "model");
    dsc_safetensors *file;
    assert_int_equal(write_everything(path, NULL), DSC_OK);
    assert_int_equal(dsc_safetensors_open(&file, path, NULL), DSC_OK);
    for (size_t i = 0; i < LENGTH(cases); i++) {
        dsc_tensor found = {.name = "untouched"};
        dsc_error err = {0};
        dsc_status status =
            dsc_safetensors_tensor(file, cases[i].name, cases[i].element, cases[i].n_dimensions,
                                   cases[i].shape, &found, &err);
        assert_int_equal(status, cases[i].message == NULL ? DSC_OK : DSC_E_MODEL);
        assert_string_equal(err.message, cases[i].message == NULL ? "" : cases[i].message);
        assert_string_equal(err.where, cases[i].message == NULL ? "" : path);
        assert_string_equal(found.name, cases[i].message == NULL ? "f64" : "untouched");
    }
    dsc_safetensors_close(file);
    free(path);
}

static void elements_have_names_and_sizes(void **state) {
    (void)state;
    const struct {
        dsc_element element;
        const char *name;
        size_t bytes;
    } cases[] = {{DSC_U8, "U8", 1},
                 {DSC_I32, "I32", 4},
                 {DSC_I64, "I64", 8},
                 {DSC_F32, "F32", 4},
                 {DSC_F64, "F64", 8},
                 {DSC_BF16, "BF16", 2},
                 {(dsc_element)6, "unknown element", 0}};
    for (size_t i = 0; i < LENGTH(cases); i++) {
        assert_string_equal(dsc_element_name(cases[i].element), cases[i].name);
        assert_int_equal(dsc_element_bytes(cases[i].element), cases[i].bytes);
    }
}

/* --- arguments -------------------------------------------------------------------------------- */

static void wrong_arguments_are_refused(void **state) {
    const struct {
        dsc_tensor tensors[2];
        size_t n_tensors;
        dsc_metadata metadata[2];
        size_t n_metadata;
        const char *where, *message;
    } cases[] = {
        {{{"a", DSC_U8, 1, {1, 1}, u8}, {"a", DSC_U8, 1, {1, 1}, u8}},
         2,
         {{0}},
         0,
         "a",
         "given twice"},
        {{{"checksum", DSC_U8, 1, {1, 1}, u8}}, 1, {{0}}, 0, "checksum", "for itself"},
        {{{"__metadata__", DSC_U8, 1, {1, 1}, u8}}, 1, {{0}}, 0, "__metadata__", "for itself"},
        {{{"a", DSC_F32, 1, {1, 1}, f32}, {"b", DSC_F64, 1, {1, 1}, f64}},
         2,
         {{0}},
         0,
         "b",
         "elements of 8 bytes follow elements of 4 bytes"},
        {{{"a", DSC_U8, 0, {1, 1}, u8}}, 1, {{0}}, 0, "a", "0 dimensions, expected 1 or 2"},
        {{{"a", DSC_U8, 3, {1, 1}, u8}}, 1, {{0}}, 0, "a", "3 dimensions, expected 1 or 2"},
        {{{"a", (dsc_element)6, 1, {1, 1}, u8}}, 1, {{0}}, 0, "a", "unknown element type 6"},
        {{{"a", DSC_F64, 2, {SIZE_MAX / 8, 2}, f64}}, 1, {{0}}, 0, "a", "too large"},
        {{{"a", DSC_F64, 2, {0, SIZE_MAX}, f64}}, 1, {{0}}, 0, "a", "too large"},
        {{{"a", DSC_U8, 1, {PTRDIFF_MAX, 1}, u8}, {"b", DSC_U8, 1, {1, 1}, u8}},
         2,
         {{0}},
         0,
         "b",
         "too large"},
        {{{"caf\xE9", DSC_U8, 1, {1, 1}, u8}}, 1, {{0}}, 0, "caf?", "UTF-8"},
        {{{0}}, 0, {{"k", "v"}, {"k", "w"}}, 2, "k", "given twice"},
        {{{0}}, 0, {{"k", "caf\xE9"}}, 1, "k", "UTF-8"},
        {{{0}}, 0, {{"caf\xE9", "v"}}, 1, "caf?", "UTF-8"},
    };
    char *path = scratch_path(*state, "model");
    for (size_t i = 0; i < LENGTH(cases); i++) {
        dsc_error err = {0};
        assert_int_equal(dsc_safetensors_write(path, cases[i].metadata, cases[i].n_metadata,
                                               cases[i].tensors, cases[i].n_tensors, &err),
                         DSC_E_ARGUMENT);
        assert_string_equal(err.where, cases[i].where);
        if (strstr(err.message, cases[i].message) == NULL) {
            fail_msg("case %zu: %s", i, err.message);
        }
    }
    assert_int_equal(scratch_count(*state), 0);
    free(path);
}

static void a_header_has_a_largest_size(void **state) {
    enum { LIMIT = 1 << 20 };
    static const char around[] = "{\"__metadata__\":{\"k\":\"\"},\"checksum\":{\"dtype\":\"U8\","
                                 "\"shape\":[8],\"data_offsets\":[0,8]}}";
    const size_t most = LIMIT - (sizeof around - 1);
    char *path = scratch_path(*state, "model");
    char *value = malloc(most + 2);
    assert_non_null(value);
    for (size_t n = most; n <= most + 1; n++) {
        dsc_error err = {0};
        dsc_safetensors *file;
        memset(value, 'v', n);
        value[n] = '\0';
        const dsc_metadata large = {"k", value};
        if (n == most) {
            assert_int_equal(dsc_safetensors_write(path, &large, 1, NULL, 0, &err), DSC_OK);
            assert_int_equal(dsc_safetensors_open(&file, path, &err), DSC_OK);
            assert_string_equal(dsc_safetensors_metadata(file, "k"), value);
            dsc_safetensors_close(file);
        } else {
            assert_int_equal(dsc_safetensors_write(path, &large, 1, NULL, 0, &err), DSC_E_ARGUMENT);
            assert_string_equal(err.message,
                                "names and metadata take 1048577 bytes, expected at most 1048576");
        }
    }
    free(value);
    free(path);
}

/* --- damage ----------------------------------------------------------------------------------- */

/* A file of `bytes` must be refused. */
static void expect_refused(const char *dir, const char *bytes, size_t n_bytes, const char *what,
                           size_t number) {
    dsc_error err = {0};
    dsc_safetensors *file;
    char *path = scratch_write(dir, "damaged", bytes, n_bytes);
    dsc_status status = dsc_safetensors_open(&file, path, &err);
    if (status != DSC_E_MODEL || file != NULL || err.message[0] == '\0' ||
        strcmp(err.where, path) != 0) {
        dsc_safetensors_close(file);
        fail_msg("%s %zu: %s, \"%s\"", what, number, dsc_status_name(status), err.message);
    }
    free(path);
}

static char *small_file(const char *dir, size_t *n_bytes) {
    const dsc_metadata format = {"format", "test"};
    char *path = scratch_path(dir, "whole");
    assert_int_equal(dsc_safetensors_write(path, &format, 1, everything + 5, 2, NULL), DSC_OK);
    char *bytes = scratch_read(path, n_bytes);
    free(path);
    return bytes;
}

static void a_truncated_file_is_refused(void **state) {
    size_t n_bytes;
    char *bytes = small_file(*state, &n_bytes);
    for (size_t n = 0; n < n_bytes; n++) {
        expect_refused(*state, bytes, n, "length", n);
    }
    free(bytes);
}

static void bytes_behind_the_end_are_refused(void **state) {
    size_t n_bytes;
    char *bytes = small_file(*state, &n_bytes);
    char *longer = calloc(n_bytes + 16, 1);
    assert_non_null(longer);
    memcpy(longer, bytes, n_bytes);
    for (size_t n = 1; n <= 16; n++) {
        expect_refused(*state, longer, n_bytes + n, "zeros added:", n);
    }
    memcpy(longer + n_bytes, bytes + n_bytes - 8, 8); /* ends with the right checksum, twice */
    expect_refused(*state, longer, n_bytes + 8, "checksum added:", 8);
    free(longer);
    free(bytes);
}

static void every_flipped_bit_is_found(void **state) {
    size_t n_bytes;
    char *bytes = small_file(*state, &n_bytes);
    for (size_t bit = 0; bit < n_bytes * 8; bit++) {
        bytes[bit / 8] = (char)(bytes[bit / 8] ^ (1 << bit % 8));
        expect_refused(*state, bytes, n_bytes, "bit", bit);
        bytes[bit / 8] = (char)(bytes[bit / 8] ^ (1 << bit % 8));
    }
    free(bytes);
}

/* --- the operating system --------------------------------------------------------------------- */

static void what_cannot_be_read_is_an_io_error(void **state) {
    const struct {
        const char *name, *message;
    } cases[] = {
        {"missing", "cannot open: No such file or directory"},
        {".", "cannot read: expected a file, found a directory"},
        {"pipe", "cannot read: expected a file, found a device, pipe or socket"},
    };
    char *pipe = scratch_path(*state, "pipe");
    assert_int_equal(mkfifo(pipe, 0600), 0);
    for (size_t i = 0; i < LENGTH(cases); i++) {
        dsc_error err = {0};
        dsc_safetensors *file = (dsc_safetensors *)&err;
        char *path = scratch_path(*state, cases[i].name);
        assert_int_equal(dsc_safetensors_open(&file, path, &err), DSC_E_IO);
        assert_null(file);
        assert_string_equal(err.where, path);
        assert_string_equal(err.message, cases[i].message);
        free(path);
    }
    free(pipe);
}

static int write_beyond_the_limit(const char *dir) {
    const struct rlimit limit = {600, 600};
    dsc_error err = {0};
    char path[4096];
    snprintf(path, sizeof path, "%s/model", dir);
    signal(SIGXFSZ, SIG_IGN);
    if (setrlimit(RLIMIT_FSIZE, &limit) != 0) {
        return 1;
    }
    if (write_everything(path, &err) != DSC_E_IO || strcmp(err.where, path) != 0) {
        return 2;
    }
    return strcmp(err.message, "cannot write: File too large") == 0 ? 0 : 3;
}

static void a_full_disk_leaves_the_old_model(void **state) {
    char *path = scratch_path(*state, "model");
    dsc_safetensors *file;
    assert_int_equal(write_everything(path, NULL), DSC_OK);
    assert_int_equal(scratch_in_child(write_beyond_the_limit, *state, false), 0);
    assert_int_equal(dsc_safetensors_open(&file, path, NULL), DSC_OK);
    expect_everything(file);
    dsc_safetensors_close(file);
    assert_int_equal(scratch_count(*state), 1);
    free(path);
}

static void writing_into_a_missing_folder_fails(void **state) {
    char *path = scratch_path(*state, "missing/model");
    dsc_error err = {0};
    assert_int_equal(write_everything(path, &err), DSC_E_IO);
    assert_string_equal(err.where, path);
    assert_string_equal(err.message, "cannot write here: No such file or directory");
    free(path);
}

/* --- memory ----------------------------------------------------------------------------------- */

static size_t n_allocations_left = SIZE_MAX; /* of jansson's */

static void *scarce_malloc(size_t n_bytes) {
    if (n_allocations_left == 0) {
        return NULL;
    }
    n_allocations_left--;
    return malloc(n_bytes);
}

/* jansson reports some failed allocations as a syntax error, so that reading may say DSC_E_MODEL.
 */
static void every_failing_allocation_of_json_is_reported(void **state) {
    char *path = scratch_path(*state, "model");
    for (int is_reading = 0; is_reading <= 1; is_reading++) {
        dsc_status status = DSC_E_MEMORY;
        size_t n = 0;
        for (; status != DSC_OK; n++) {
            dsc_error err = {0};
            dsc_safetensors *file = NULL;
            json_set_alloc_funcs(scarce_malloc, free);
            n_allocations_left = n;
            status =
                is_reading ? dsc_safetensors_open(&file, path, &err) : write_everything(path, &err);
            n_allocations_left = SIZE_MAX;
            dsc_safetensors_close(file);
            json_set_alloc_funcs(malloc, free);
            assert_true(status == DSC_OK || status == DSC_E_MEMORY ||
                        (is_reading && status == DSC_E_MODEL));
            assert_int_equal(err.code, status);
            assert_int_equal(scratch_count(*state), is_reading || status == DSC_OK);
        }
        assert_true(n > 50); /* both have many */
    }
    free(path);
}

#define IN_SCRATCH(test) cmocka_unit_test_setup_teardown(test, scratch_begin, scratch_end)

int main(void) {
    const struct CMUnitTest tests[] = {
        IN_SCRATCH(everything_comes_back),
        IN_SCRATCH(a_file_without_arrays_or_metadata_comes_back),
        IN_SCRATCH(the_bytes_are_as_documented),
        IN_SCRATCH(python_reads_it),
        IN_SCRATCH(an_array_must_be_what_is_expected),
        cmocka_unit_test(elements_have_names_and_sizes),
        IN_SCRATCH(wrong_arguments_are_refused),
        IN_SCRATCH(a_header_has_a_largest_size),
        IN_SCRATCH(a_truncated_file_is_refused),
        IN_SCRATCH(bytes_behind_the_end_are_refused),
        IN_SCRATCH(every_flipped_bit_is_found),
        IN_SCRATCH(what_cannot_be_read_is_an_io_error),
        IN_SCRATCH(a_full_disk_leaves_the_old_model),
        IN_SCRATCH(writing_into_a_missing_folder_fails),
        IN_SCRATCH(every_failing_allocation_of_json_is_reported),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
