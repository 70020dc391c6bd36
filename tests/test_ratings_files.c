/* Ratings from files: compressed, damaged, missing, and the public data sets where they are. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <zlib.h>
#include <zstd.h>

#include "descent/ratings.h"
#include "scratch_dir.h"

enum { N_LINES = 50000, PACKED_BYTES = 4 * 1024 * 1024 };

/* Ratings that no pair of which is equal: enough text for several buffers. */
static char *make_text(size_t *length) {
    char *text = malloc((size_t)N_LINES * 40);
    assert_non_null(text);
    *length = 0;
    for (int i = 0; i < N_LINES; i++) {
        *length += (size_t)sprintf(text + *length, "%d\t%d\t%d\t%d\n", i / 100, (i * 7919) % 100003,
                                   1 + i % 5, 978300000 + i);
    }
    return text;
}

static size_t pack_gzip(const char *text, size_t length, unsigned char *out) {
    z_stream z = {0};
    assert_int_equal(deflateInit2(&z, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
    z.next_in = (z_const Bytef *)(uintptr_t)text;
    z.avail_in = (uInt)length;
    z.next_out = out;
    z.avail_out = PACKED_BYTES;
    assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
    size_t n = z.total_out;
    deflateEnd(&z);
    return n;
}

/* With a checksum, as the zstd program writes it. */
static size_t pack_zstd(const char *text, size_t length, unsigned char *out) {
    ZSTD_CCtx *context = ZSTD_createCCtx();
    assert_non_null(context);
    ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, 1);
    size_t n = ZSTD_compress2(context, out, PACKED_BYTES, text, length);
    assert_false(ZSTD_isError(n));
    ZSTD_freeCCtx(context);
    return n;
}

typedef size_t (*packer)(const char *text, size_t length, unsigned char *out);

static const struct {
    const char *name;
    packer pack;
} forms[] = {{"gzip", pack_gzip}, {"zstd", pack_zstd}};

/* Reads the file that `bytes` make under a name that tells nothing. */
static dsc_status read_bytes(void **state, const void *bytes, size_t length, dsc_ratings **ratings,
                             dsc_ratings_report *report, dsc_error *err) {
    char *path = scratch_write(*state, "ratings", bytes, length);
    dsc_status status = dsc_ratings_read(ratings, path, NULL, report, err);
    free(path);
    return status;
}

static void compressed_in_one_piece_and_in_two(void **state) {
    size_t length;
    char *text = make_text(&length);
    unsigned char *packed = malloc(2 * PACKED_BYTES);
    assert_non_null(packed);
    for (size_t f = 0; f < 2; f++) {
        for (size_t first = 0; first <= length / 2; first += length / 2) {
            size_t n = first > 0 ? forms[f].pack(text, first, packed) : 0;
            n += forms[f].pack(text + first, length - first, packed + n);
            dsc_ratings *ratings;
            dsc_ratings_report report;
            dsc_error err = {DSC_OK, "", ""};
            dsc_status status = read_bytes(state, packed, n, &ratings, &report, &err);
            assert_string_equal(err.message, "");
            assert_int_equal(status, DSC_OK);
            assert_string_equal(report.compression, forms[f].name);
            assert_int_equal(report.n_bytes, length);
            assert_true(report.columns_s > 0);
            assert_int_equal(report.n_lines, N_LINES);
            assert_int_equal(dsc_ratings_by_user(ratings).n_entries, N_LINES);
            dsc_ratings_destroy(ratings);
        }
    }
    free(packed);
    free(text);
}

/* Cut anywhere, a stream is an error, even where the text so far ends with a whole line. */
static void truncated_streams(void **state) {
    size_t length;
    char *text = make_text(&length);
    unsigned char *packed = malloc(PACKED_BYTES);
    assert_non_null(packed);
    for (size_t f = 0; f < 2; f++) {
        size_t n = forms[f].pack(text, length, packed);
        const size_t cuts[] = {n - 1, n - 4, n - 5, n - 8, n - 9, n / 2, 20, 5};
        for (size_t i = 0; i < sizeof cuts / sizeof cuts[0]; i++) {
            dsc_ratings *ratings = (dsc_ratings *)(uintptr_t)1;
            dsc_ratings_report report;
            dsc_error err;
            assert_int_equal(read_bytes(state, packed, cuts[i], &ratings, &report, &err),
                             DSC_E_DATA);
            assert_null(ratings);
            assert_non_null(strstr(err.where, "/ratings"));
            assert_non_null(strstr(err.message, "stream is truncated"));
            assert_non_null(strstr(err.message, forms[f].name));
            assert_string_equal(report.compression, forms[f].name);
        }
    }
    free(packed);
    free(text);
}

static void damaged_streams(void **state) {
    size_t length;
    char *text = make_text(&length);
    unsigned char *packed = malloc(PACKED_BYTES);
    assert_non_null(packed);
    for (size_t f = 0; f < 2; f++) {
        size_t n = forms[f].pack(text, length, packed);
        /* the checksum at the end of both; something behind the end of the stream */
        packed[n - 5 + f] ^= 1;
        dsc_ratings *ratings;
        dsc_error err;
        assert_int_equal(read_bytes(state, packed, n, &ratings, NULL, &err), DSC_E_DATA);
        assert_non_null(strstr(err.message, "stream is damaged"));
        packed[n - 5 + f] ^= 1;
        memcpy(packed + n, "garbage", 7);
        assert_int_equal(read_bytes(state, packed, n + 7, &ratings, NULL, &err), DSC_E_DATA);
        assert_non_null(strstr(err.message, "damaged"));
    }
    /* gzip alone may be padded with zeros */
    size_t n = pack_gzip(text, length, packed);
    memset(packed + n, 0, 512);
    dsc_ratings *ratings;
    assert_int_equal(read_bytes(state, packed, n + 512, &ratings, NULL, NULL), DSC_OK);
    dsc_ratings_destroy(ratings);
    free(packed);
    free(text);
}

static void other_files(void **state) {
    const struct {
        const char *bytes;
        size_t length;
        const char *message;
    } cases[] = {
        {"", 0, "the file is empty"},
        {"PK\x03\x04zip", 7, "a zip archive; expected text, plain or compressed by gzip or zstd"},
        {"BZh91AY", 7, "compressed by bzip2"},
        {"\xfd"
         "7zXZ\0\0",
         7, "compressed by xz"},
        {"7z\xbc\xaf\x27\x1c\0", 7, "a 7z archive"},
        {"\xff\xfe"
         "1\0\t\0",
         6, "UTF-16"},
        {"\x1f\x8b", 2, "the gzip stream is truncated"},
        {"\x1f\x8bxxxxxxxxxxxx", 14, "the gzip stream is damaged"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        dsc_ratings *ratings = (dsc_ratings *)(uintptr_t)1;
        dsc_error err;
        print_message("%s\n", cases[i].message);
        assert_int_equal(read_bytes(state, cases[i].bytes, cases[i].length, &ratings, NULL, &err),
                         DSC_E_DATA);
        assert_null(ratings);
        assert_non_null(strstr(err.message, cases[i].message));
    }
}

/* A frame of one block, not compressed, that asks for a window of 2^(10 + its upper five bits). */
static void zstd_windows_up_to_128_mib(void **state) {
    unsigned char frame[] = "\x28\xb5\x2f\xfd\0w\x41\0\0u1,i1,5\n";
    const size_t length = sizeof frame - 1;
    dsc_ratings *ratings;
    dsc_error err;
    frame[5] = (27 - 10) << 3;
    assert_int_equal(read_bytes(state, frame, length, &ratings, NULL, NULL), DSC_OK);
    dsc_ratings_destroy(ratings);
    frame[5] = (28 - 10) << 3;
    assert_int_equal(read_bytes(state, frame, length, &ratings, NULL, &err), DSC_E_DATA);
    assert_non_null(strstr(err.message, "needs a window of more than 128 MiB"));
}

/* An empty stream is an empty file. */
static void compressed_nothing(void **state) {
    unsigned char *packed = malloc(PACKED_BYTES);
    assert_non_null(packed);
    for (size_t f = 0; f < 2; f++) {
        dsc_ratings *ratings;
        dsc_error err;
        size_t n = forms[f].pack("", 0, packed);
        assert_int_equal(read_bytes(state, packed, n, &ratings, NULL, &err), DSC_E_DATA);
        assert_non_null(strstr(err.message, "the file is empty"));
    }
    free(packed);
}

static void files_that_cannot_be_read(void **state) {
    char *missing = scratch_path(*state, "nothing-here.csv");
    dsc_ratings *ratings = (dsc_ratings *)(uintptr_t)1;
    dsc_ratings_report report;
    dsc_error err;
    assert_int_equal(dsc_ratings_read(&ratings, missing, NULL, &report, &err), DSC_E_IO);
    assert_null(ratings);
    assert_string_equal(err.where, missing);
    assert_string_equal(err.message, "cannot open: No such file or directory");
    assert_int_equal(report.n_lines, 0);
    free(missing);
    assert_int_equal(dsc_ratings_read(&ratings, *state, NULL, NULL, &err), DSC_E_IO);
    assert_string_equal(err.message, "cannot read: Is a directory");
}

static void a_byte_order_mark_in_a_file(void **state) {
    const char text[] = "\xef\xbb\xbfuser;item;rating\r\n1;2;3.5\r\n1;3;x\r\n";
    dsc_ratings *ratings;
    dsc_error err;
    assert_int_equal(read_bytes(state, text, sizeof text - 1, &ratings, NULL, &err), DSC_E_DATA);
    assert_non_null(strstr(err.where, "/ratings:3:5"));
}

/* Reads itself again with the file as standard input. */
static int read_standard_input(const char *dir) {
    char *path = scratch_path(dir, "ratings");
    FILE *file = freopen(path, "r", stdin);
    free(path);
    dsc_ratings *ratings = NULL;
    dsc_error err = {DSC_OK, "", ""};
    if (file == NULL || dsc_ratings_read(&ratings, "-", NULL, NULL, &err) != DSC_E_DATA) {
        return 1;
    }
    return strcmp(err.where, "standard input:2:5") == 0 ? 0 : 2;
}

static void standard_input(void **state) {
    free(scratch_write(*state, "ratings", "a,x,4\nb,y,foo\n", 14));
    assert_int_equal(scratch_in_child(read_standard_input, *state, false), 0);
}

typedef struct data_set {
    const char *path; /* below the data folder */
    const char *delimiter;
    size_t n_users, n_items, n_ratings, n_duplicates;
    double min, max, mean; /* the mean to 4 digits, 0: not published */
    bool has_time;
} data_set;

static const data_set data_sets[] = {
    {"ml-100k/u.data", "tab", 943, 1682, 100000, 0, 1, 5, 3.5299, true},
    {"ml-1m/ratings.tsv", "tab", 6040, 3706, 1000209, 0, 1, 5, 3.5816, false},
    {"movietweetings/ratings.dat", "\"::\"", 9063, 6798, 40000, 0, 0, 10, 0, true},
    {"filmtrust/ratings.txt", "blank", 1508, 2071, 35494, 3, 0.5, 4, 0, false},
    {"jester/jester1.tsv.gz", "tab", 24983, 100, 1810455, 0, -9.95, 10, 0, false},
};

/* What cannot be told from the counts: both orders hold the same, times are where they should. */
static void check_orders(dsc_ratings *ratings, bool has_time) {
    dsc_sparse by_user = dsc_ratings_by_user(ratings);
    assert_null(dsc_ratings_by_item(ratings).start);
    assert_int_equal(dsc_ratings_sort_by_item(ratings, NULL), DSC_OK);
    dsc_sparse by_item = dsc_ratings_by_item(ratings);
    assert_int_equal(by_user.n_entries, by_item.n_entries);
    assert_int_equal(by_user.time != NULL, has_time);
    double sums[2] = {0, 0};
    for (size_t i = 0; i < by_user.n_entries; i++) {
        sums[0] += (double)by_user.value[i];
        sums[1] += (double)by_item.value[i];
    }
    assert_true(sums[0] - sums[1] < 1e-3 && sums[1] - sums[0] < 1e-3);
}

static void public_data_sets(void **state) {
    (void)state;
    const char *folder = getenv("DESCENT_DATA");
    folder = folder != NULL ? folder : "../shared/datasets";
    size_t n_read = 0;
    for (size_t i = 0; i < sizeof data_sets / sizeof data_sets[0]; i++) {
        const data_set *d = &data_sets[i];
        char path[4096];
        snprintf(path, sizeof path, "%s/%s", folder, d->path);
        if (access(path, R_OK) != 0) {
            print_message("skipped: %s is not there (DESCENT_DATA names the folder)\n", path);
            continue;
        }
        dsc_ratings *ratings;
        dsc_ratings_report report;
        dsc_ratings_summary summary;
        dsc_error err;
        assert_int_equal(dsc_ratings_read(&ratings, path, NULL, &report, &err), DSC_OK);
        dsc_ratings_summarize(ratings, &summary);
        assert_string_equal(report.delimiter, d->delimiter);
        assert_false(report.has_header);
        assert_int_equal(report.n_duplicates, d->n_duplicates);
        assert_int_equal(summary.n_users, d->n_users);
        assert_int_equal(summary.n_items, d->n_items);
        assert_int_equal(summary.n_ratings, d->n_ratings);
        assert_true(summary.min == (double)(float)d->min && summary.max == d->max);
        assert_true(d->mean == 0 ||
                    (summary.mean > d->mean - 5e-5 && summary.mean < d->mean + 5e-5));
        check_orders(ratings, d->has_time);
        dsc_ratings_destroy(ratings);
        n_read++;
    }
    if (n_read == 0) {
        skip();
    }
}

int main(void) {
#define IN_FOLDER(test) cmocka_unit_test_setup_teardown(test, scratch_begin, scratch_end)
    const struct CMUnitTest tests[] = {
        IN_FOLDER(compressed_in_one_piece_and_in_two),
        IN_FOLDER(truncated_streams),
        IN_FOLDER(damaged_streams),
        IN_FOLDER(other_files),
        IN_FOLDER(zstd_windows_up_to_128_mib),
        IN_FOLDER(compressed_nothing),
        IN_FOLDER(files_that_cannot_be_read),
        IN_FOLDER(a_byte_order_mark_in_a_file),
        IN_FOLDER(standard_input),
        cmocka_unit_test(public_data_sets),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
