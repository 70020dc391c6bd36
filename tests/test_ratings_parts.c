/* Ratings read in parts by threads: the same list, report and error as by the general reader, line by
 * line, whatever the lines are and wherever a part begins. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "descent/isa.h"
#include "descent/random.h"
#include "ratings/ratings_reader.h"
#include "scratch_dir.h"

enum { BLOCK_BYTES = 256 * 1024 };

typedef struct text {
    char *bytes;
    size_t length;
} text;

typedef struct result {
    dsc_status status;
    dsc_error err;
    dsc_ratings_report report;
    dsc_ratings_list list;
} result;

static void read_input(result *out, dsc_input *input, const dsc_ratings_format *format,
                       size_t n_threads, size_t part_bytes) {
    *out = (result){.status = DSC_OK};
    dsc_reading reading = {
        .n_threads = n_threads, .part_bytes = part_bytes, .block_bytes = BLOCK_BYTES};
    out->status =
        dsc_ratings_list_read(&out->list, input, format, &reading, &out->report, &out->err);
    dsc_pool_destroy(reading.pool);
}

static void read_text(result *out, const text *of, const dsc_ratings_format *format,
                      size_t n_threads, size_t part_bytes) {
    dsc_input *input;
    assert_int_equal(dsc_input_open_memory(&input, of->bytes, of->length, "t", NULL), DSC_OK);
    read_input(out, input, format, n_threads, part_bytes);
}

static void read_file(result *out, const char *path, const dsc_ratings_format *format,
                      size_t n_threads) {
    dsc_input *input;
    assert_int_equal(dsc_input_open(&input, path, NULL), DSC_OK);
    read_input(out, input, format, n_threads, 5000);
}

static void assert_same_ids(const dsc_id_map *a, const dsc_id_map *b) {
    const size_t n = dsc_id_map_count(a);
    assert_int_equal(n, dsc_id_map_count(b));
    assert_memory_equal(dsc_id_map_offsets(a), dsc_id_map_offsets(b), (n + 1) * sizeof(uint64_t));
    assert_memory_equal(dsc_id_map_bytes(a), dsc_id_map_bytes(b), dsc_id_map_offsets(a)[n]);
}

static void assert_same_list(const dsc_ratings_list *a, const dsc_ratings_list *b) {
    assert_int_equal(a->n, b->n);
    assert_int_equal(a->arrays.user == NULL, b->arrays.user == NULL);
    if (a->arrays.user != NULL) {
        assert_memory_equal(a->arrays.user, b->arrays.user, a->n * sizeof(uint32_t));
    } else {
        assert_int_equal(a->n_starts, b->n_starts);
        assert_memory_equal(a->start, b->start, a->n_starts * sizeof(uint64_t));
    }
    assert_memory_equal(a->arrays.item, b->arrays.item, a->n * sizeof(uint32_t));
    assert_memory_equal(a->arrays.value, b->arrays.value, a->n * sizeof(float));
    assert_int_equal(a->arrays.time == NULL, b->arrays.time == NULL);
    if (a->arrays.time != NULL) {
        assert_memory_equal(a->arrays.time, b->arrays.time, a->n * sizeof(int64_t));
    }
    dsc_value_range range = DSC_NO_VALUES;
    for (size_t i = 0; i < a->n; i++) {
        assert_int_equal(dsc_ratings_list_line(a, i), dsc_ratings_list_line(b, i));
        range.low = fminf(range.low, a->arrays.value[i]);
        range.high = fmaxf(range.high, a->arrays.value[i]);
    }
    assert_true(a->range.low == range.low && a->range.high == range.high);
    assert_true(b->range.low == range.low && b->range.high == range.high);
    assert_same_ids(a->users, b->users);
    assert_same_ids(a->items, b->items);
}

static void assert_same_counts(const dsc_ratings_report *a, const dsc_ratings_report *b) {
    assert_int_equal(a->n_lines, b->n_lines);
    assert_int_equal(a->n_empty, b->n_empty);
    assert_int_equal(a->n_bad, b->n_bad);
    assert_int_equal(a->n_wide, b->n_wide);
    assert_int_equal(a->first_wide_line, b->first_wide_line);
}

/* Of two readings of the same text. */
static void assert_same(const result *a, const result *b) {
    assert_int_equal(a->status, b->status);
    assert_same_counts(&a->report, &b->report);
    assert_int_equal(a->report.first_bad.code, b->report.first_bad.code);
    assert_string_equal(a->report.first_bad.where, b->report.first_bad.where);
    assert_string_equal(a->report.first_bad.message, b->report.first_bad.message);
    if (a->status == DSC_OK) {
        assert_same_list(&a->list, &b->list);
    } else {
        assert_string_equal(a->err.where, b->err.where);
        assert_string_equal(a->err.message, b->err.message);
    }
}

/* The line number in "t:LINE:COLUMN"; 0: no such place. */
static unsigned line_of(const char *where) {
    unsigned line = 0;
    return sscanf(where, "t:%u:", &line) == 1 ? line : 0;
}

/* The same lines behind a column that is not read: then the columns are not in the order that the
 * reader of plain rows knows, and all lines go the general way. Blank lines stay blank. */
static text behind_a_column(const text *of, const char *delimiter) {
    text out = {malloc(8 * of->length + 8), 0};
    assert_non_null(out.bytes);
    for (size_t begin = 0; begin < of->length;) {
        const char *newline = memchr(of->bytes + begin, '\n', of->length - begin);
        const size_t end = newline != NULL ? (size_t)(newline - of->bytes) + 1 : of->length;
        bool is_blank = true;
        for (size_t i = begin; i < end; i++) {
            const char c = of->bytes[i];
            const bool is_end = c == '\n' || (c == '\r' && i + 2 == end && newline != NULL) ||
                                (c == '\r' && i + 1 == end);
            is_blank = is_blank && (c == ' ' || c == '\t' || is_end);
        }
        if (!is_blank) {
            out.length += (size_t)sprintf(out.bytes + out.length, "x%s", delimiter);
        }
        memcpy(out.bytes + out.length, of->bytes + begin, end - begin);
        out.length += end - begin;
        begin = end;
    }
    return out;
}

static void clear(result *r) {
    dsc_ratings_list_clear(&r->list);
}

/* A text by all ways: parts of these sizes, these numbers of threads, every instruction set. */
static void check(const text *of, dsc_ratings_format format, const char *delimiter,
                  const size_t *part_bytes, size_t n_sizes) {
    const size_t shift = 1;
    dsc_ratings_format shifted = format;
    shifted.user_column += shift;
    shifted.item_column += shift;
    shifted.rating_column += shift * (format.rating_column != 0);
    shifted.time_column += shift * (format.time_column != 0);
    text other = behind_a_column(of, delimiter);
    result general, plain;
    read_text(&general, &other, &shifted, 1, SIZE_MAX);
    read_text(&plain, of, &format, 1, SIZE_MAX);
    assert_int_equal(general.status, plain.status);
    assert_same_counts(&general.report, &plain.report);
    assert_int_equal(line_of(general.report.first_bad.where),
                     line_of(plain.report.first_bad.where));
    if (plain.status == DSC_OK) {
        assert_same_list(&general.list, &plain.list);
    } else {
        assert_int_equal(line_of(general.err.where), line_of(plain.err.where));
    }
    static const size_t n_threads[] = {2, 3, 8};
    for (size_t i = 0; i < n_sizes; i++) {
        assert_int_equal(
            dsc_isa_set(dsc_isa_available(i) != NULL ? dsc_isa_available(i) : "c", NULL), DSC_OK);
        result parts;
        read_text(&parts, of, &format, n_threads[i % 3], part_bytes[i]);
        assert_same(&plain, &parts);
        clear(&parts);
    }
    dsc_isa_set(NULL, NULL);
    clear(&general);
    clear(&plain);
    free(other.bytes);
}

static size_t append(text *to, const char *from) {
    const size_t n = strlen(from);
    memcpy(to->bytes + to->length, from, n);
    to->length += n;
    return n;
}

/* What stands in fields, D for the delimiter: from the plain to the hostile. */
static const char *const ids[] = {"1",
                                  "12",
                                  "7",
                                  "07",
                                  "123456",
                                  "1048575",
                                  "99",
                                  "1048576",
                                  "a",
                                  "user-9",
                                  "12345678",
                                  "an-id-that-is-long",
                                  "4294967296",
                                  "0",
                                  "\"3\"",
                                  "\"a\"\"b\"",
                                  "\"xDy\"",
                                  " 12 ",
                                  "\xc3\xa9",
                                  "\xff\x80",
                                  "+1",
                                  "-1",
                                  "1.0",
                                  ":",
                                  "123456789012",
                                  "",
                                  "\"",
                                  "1:2",
                                  "00"};
static const char *const ratings[] = {
    "4",  "3.5", "5",     "1",       "0.5",      "-2",        "+3",    "10",    "4.25",    "1e1",
    ".5", "5.",  "1E-1",  "1234567", "12345678", "0.1234567", "\"4\"", " 4",    "4 ",      "nan",
    "x",  "",    "1e400", "-0",      "--1",      "3,5",       "0x1",   "4.5.6", "16777217"};
static const char *const times[] = {"978300760",
                                    "1112484727",
                                    "0",
                                    "1",
                                    "12345678",
                                    "123456789",
                                    "1234567890123",
                                    "1234567890123456",
                                    "12345678901234567",
                                    "9223372036854775807",
                                    "9223372036854775808",
                                    "-5",
                                    "97830076.5",
                                    "",
                                    "1e9",
                                    "x",
                                    " 8 ",
                                    "99999999x"};

#define PICK(list, random, n_usual)                                                                \
    (list)[dsc_random_below(random, 10) < 8                                                        \
               ? dsc_random_below(random, n_usual)                                                 \
               : dsc_random_below(random, (uint32_t)(sizeof(list) / sizeof(list)[0]))]

static void append_field(text *to, const char *field, const char *delimiter) {
    for (const char *p = field; *p != '\0'; p++) {
        if (*p == 'D') {
            append(to, delimiter);
        } else {
            to->bytes[to->length++] = *p;
        }
    }
}

static void append_line(text *to, dsc_random *random, const char *delimiter, bool has_time) {
    append_field(to, PICK(ids, random, 6), delimiter);
    append(to, delimiter);
    append_field(to, PICK(ids, random, 7), delimiter);
    append(to, delimiter);
    append_field(to, PICK(ratings, random, 5), delimiter);
    if (has_time) {
        append(to, delimiter);
        append_field(to, PICK(times, random, 3), delimiter);
    }
    switch (dsc_random_below(random, 40)) {
    case 0:
        append(to, delimiter);
        append(to, "more");
        break;
    case 1:
        to->bytes[to->length++] = '\0';
        break;
    case 2:
        append(to, "\n");
        break;
    case 3:
        append(to, "\n \t\r\n\nuser alone");
        break;
    default:
        break;
    }
    append(to, dsc_random_below(random, 8) == 0 ? "\r\n" : "\n");
}

static const struct {
    const char *bytes;
    dsc_delimiter delimiter;
} delimiters[] = {{",", DSC_DELIMITER_COMMA},     {"::", DSC_DELIMITER_DOUBLE_COLON},
                  {"\t", DSC_DELIMITER_TAB},      {"|", DSC_DELIMITER_PIPE},
                  {";", DSC_DELIMITER_SEMICOLON}, {" ", DSC_DELIMITER_BLANK}};

static dsc_ratings_format format_of(size_t d, bool has_time, bool is_skipping) {
    return (dsc_ratings_format){.delimiter = delimiters[d].delimiter,
                                .header = DSC_HEADER_NO,
                                .on_error = is_skipping ? DSC_ON_ERROR_SKIP : DSC_ON_ERROR_STOP,
                                .user_column = 1,
                                .item_column = 2,
                                .rating_column = 3,
                                .time_column = has_time ? 4 : 0};
}

/* Some lines at random; the last one may lack its end. */
static void lines_of_all_kinds(void **state) {
    (void)state;
    text of = {malloc(1 << 20), 0};
    assert_non_null(of.bytes);
    for (size_t round = 0; round < 1200; round++) {
        dsc_random random = dsc_random_stream(7, 0, round);
        const size_t d = round % (sizeof delimiters / sizeof delimiters[0]);
        const bool has_time = round / 6 % 2 == 0;
        const size_t n_lines = 1 + dsc_random_below(&random, 60);
        const size_t n_sizes = round % 11 == 0 ? 4 : 0; /* threads take their time */
        of.length = 0;
        for (size_t i = 0; i < n_lines; i++) {
            append_line(&of, &random, delimiters[d].bytes, has_time);
        }
        of.length -= dsc_random_below(&random, 4) == 0;
        const size_t sizes[] = {1, 2 + dsc_random_below(&random, 100), 64,
                                1 + dsc_random_below(&random, 2000)};
        check(&of, format_of(d, has_time, true), delimiters[d].bytes, sizes, n_sizes);
        check(&of, format_of(d, has_time, false), delimiters[d].bytes, sizes, n_sizes / 2);
    }
    free(of.bytes);
}

/* Good rows, so that errors stop nothing, cut at every place by parts of every size. */
static void parts_begin_anywhere(void **state) {
    (void)state;
    text of = {malloc(1 << 16), 0};
    assert_non_null(of.bytes);
    enum { N = 40 };
    uint64_t line[N];
    uint64_t n_lines = 0;
    for (int i = 0; i < N; i++) {
        line[i] = ++n_lines;
        n_lines += i % 11 == 0;
        of.length += (size_t)sprintf(of.bytes + of.length, "%d,%d,%d.5,%d%s%s", i / 7, i * i % 23,
                                     i % 5, 978300000 + i * 9999999, i % 5 == 0 ? "\r\n" : "\n",
                                     i % 11 == 0 ? "\n" : "");
    }
    size_t sizes[80];
    for (size_t i = 0; i < 80; i++) {
        sizes[i] = i + 1;
    }
    check(&of, format_of(0, true, false), ",", sizes, 80);
    const dsc_ratings_format format = format_of(0, true, false);
    result r;
    read_text(&r, &of, &format, 2, 37);
    assert_int_equal(r.list.n, N);
    for (size_t i = 0; i < N; i++) {
        assert_int_equal(dsc_ratings_list_line(&r.list, i), line[i]);
        assert_int_equal(r.list.arrays.time[i], 978300000 + (int)i * 9999999);
        assert_true(r.list.arrays.value[i] == (float)(i % 5) + 0.5F);
    }
    clear(&r);
    free(of.bytes);
}

/* As many colons as a row has, of which some stand alone. */
static void single_colons(void **state) {
    (void)state;
    static const char *const lines[] = {"1:2:7::4::978300760\n", "1::2:7:4::978300760\n",
                                        "1::2::7:4:978300760\n", ":1:2::4::978300760\n",
                                        "1:::2:4::978300760\n",  "1::2::4::978300760:\n"};
    text of = {malloc(1 << 10), 0};
    assert_non_null(of.bytes);
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
        of.length = 0;
        append(&of, "1::2::3::978300759\n");
        append(&of, lines[i]);
        append(&of, "1::3::3::978300761\n");
        check(&of, format_of(1, true, true), "::", NULL, 0);
    }
    free(of.bytes);
}

/* Lines that are no rows but have, some of them together, the separators of rows: a few, and more than are
 * looked at once. */
static void lines_that_are_rows_together(void **state) {
    (void)state;
    static const struct {
        size_t delimiter; /* of delimiters */
        const char *good, *bad;
        size_t n_wide; /* of the bad lines, those that are rows with something behind */
    } cases[] = {
        {0, "1,2,3\n", "5\n6,7\n", 0},       {0, "1,2,3\n", "5,6\n7\n", 0},
        {0, "1,2,3\n", "5,6,7,8\n9,1\n", 1}, {0, "1,2,3\n", "5,6\n7,8,9,1\n", 1},
        {0, "1,2,3\n", "1,,3\n", 0},         {0, "1,2,3\n", "1 2 3\n", 0},
        {1, "1::2::3\n", "1:2:3\n", 0},
    };
    static const size_t sizes[] = {7, 1000, 5000};
    text of = {malloc(1 << 16), 0};
    assert_non_null(of.bytes);
    for (size_t i = 0; i < 3 * sizeof cases / sizeof cases[0]; i++) {
        const size_t d = cases[i / 3].delimiter;
        const size_t n_good = i % 3 == 2 ? 700 : 1, n_bad = i % 3 == 0 ? 2 : 2000;
        of.length = 0;
        for (size_t j = 0; j < n_good + n_bad; j++) {
            append(&of, j < n_good ? cases[i / 3].good : cases[i / 3].bad);
        }
        check(&of, format_of(d, false, true), delimiters[d].bytes, sizes, 3);
        check(&of, format_of(d, false, false), delimiters[d].bytes, sizes, 3);
        const dsc_ratings_format format = format_of(d, false, true);
        result r;
        read_text(&r, &of, &format, 1, SIZE_MAX);
        assert_int_equal(r.list.n, n_good + n_bad * cases[i / 3].n_wide);
        clear(&r);
    }
    free(of.bytes);
}

/* Runs of rows of one user, of every length about that of a look, beside ids that begin or end as it
 * does. */
static void neighbours_of_one_user(void **state) {
    (void)state;
    static const char *const users[] = {"1",       "12",      "123",      "1234567", "12345678",
                                        "1234568", "2234567", "12345679", "a",       "ab",
                                        "1234560", "abcdefg", "abcdefgh", "21",      "22"};
    enum { N_USERS = sizeof users / sizeof users[0] };
    text of = {malloc(1 << 20), 0};
    assert_non_null(of.bytes);
    for (size_t d = 0; d < 2; d++) {
        for (uint64_t round = 0; round < 60; round++) {
            dsc_random random = dsc_random_stream(7, 1, round);
            of.length = 0;
            for (size_t run = 0; run < 30; run++) {
                const char *user = users[dsc_random_below(&random, N_USERS)];
                const size_t length = 1 + dsc_random_below(&random, 20);
                for (size_t i = 0; i < length; i++) {
                    const char *other = users[dsc_random_below(&random, N_USERS)];
                    const bool is_other = dsc_random_below(&random, 30) == 0;
                    of.length += (size_t)sprintf(of.bytes + of.length, "%s%s%u%s4%s978300759\n",
                                                 is_other ? other : user, delimiters[d].bytes,
                                                 dsc_random_below(&random, 100),
                                                 delimiters[d].bytes, delimiters[d].bytes);
                }
            }
            check(&of, format_of(d, true, false), delimiters[d].bytes, NULL, 0);
        }
    }
    free(of.bytes);
}

static void too_many_threads(void **state) {
    (void)state;
    const dsc_ratings_format format = {.n_threads = 1025};
    dsc_ratings *none;
    dsc_error err;
    assert_int_equal(dsc_ratings_read_memory(&none, "1,2,3\n", 6, "t", &format, NULL, &err),
                     DSC_E_ARGUMENT);
    assert_string_equal(err.where, "n_threads");
    assert_string_equal(err.message, "is 1025; expected 0 to 1024");
}

/* A line that lies across two blocks, by each of its bytes; and one that is too long for any. */
static void blocks_begin_anywhere(void **state) {
    (void)state;
    const size_t size = 3 * BLOCK_BYTES + ((size_t)1 << 21);
    text of = {malloc(size), 0};
    assert_non_null(of.bytes);
    for (size_t first = 1; first < 26; first++) {
        of.length = 0;
        for (size_t i = 0; i < first; i++) {
            of.bytes[of.length++] = 'u';
        }
        append(&of, ",i,1,2\n");
        for (unsigned i = 0; of.length < 2 * BLOCK_BYTES; i++) {
            of.length += (size_t)sprintf(of.bytes + of.length, "%u,%u,%u.5,%u%s\n", i / 9, i % 1009,
                                         i % 5, 978300000 + i, i % 999 == 3 ? "x" : "");
            if (i == 9999 && first == 7) { /* longer than a line may be */
                memset(of.bytes + of.length, 'y', (1 << 20) + 100000);
                of.length += (1 << 20) + 100000;
                append(&of, "\n");
            }
        }
        const size_t sizes[] = {5000, 100000};
        check(&of, format_of(0, true, true), ",", sizes, 2);
    }
    free(of.bytes);
}

/* A compressed stream that is cut off behind a bad line: the line is reported, or skipped, before the
 * stream, whether a thread reads ahead or not. */
static void streams_break_off(void **state) {
    text of = {malloc(4 * BLOCK_BYTES), 0}, packed = {malloc(4 * BLOCK_BYTES), 0};
    assert_true(of.bytes != NULL && packed.bytes != NULL);
    for (unsigned i = 0; of.length < 3 * BLOCK_BYTES; i++) {
        of.length += (size_t)sprintf(of.bytes + of.length, "%u,%u,%u\n", i / 9, i % 1009, i % 5);
    }
    append(&of, "1,1,bad\n2,2,2\n");
    z_stream z = {0};
    assert_int_equal(deflateInit2(&z, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
    z.next_in = (Bytef *)of.bytes;
    z.avail_in = (uInt)of.length;
    z.next_out = (Bytef *)packed.bytes;
    z.avail_out = 4 * BLOCK_BYTES;
    assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
    packed.length = z.total_out - 8; /* without its checksum and length */
    deflateEnd(&z);
    char *path = scratch_write(*state, "cut.gz", packed.bytes, packed.length);
    for (int is_skipping = 0; is_skipping < 2; is_skipping++) {
        const dsc_ratings_format format = format_of(0, false, is_skipping != 0);
        result one, more;
        read_file(&one, path, &format, 1);
        assert_int_equal(one.status, DSC_E_DATA);
        assert_int_equal(strstr(one.err.message, "truncated") != NULL, is_skipping);
        for (size_t n_threads = 2; n_threads <= 3; n_threads++) {
            read_file(&more, path, &format, n_threads);
            assert_same(&one, &more);
            clear(&more);
        }
        clear(&one);
    }
    free(path);
    free(of.bytes);
    free(packed.bytes);
}

/* Interactions: without a rating, and with one that is not read. */
static void interactions(void **state) {
    (void)state;
    text of = {malloc(1 << 16), 0};
    assert_non_null(of.bytes);
    for (size_t round = 0; round < 40; round++) {
        dsc_random random = dsc_random_stream(8, 0, round);
        const bool has_rating = round % 2 == 0;
        of.length = 0;
        for (size_t i = 0; i < 30; i++) {
            append_field(&of, PICK(ids, &random, 6), ",");
            append(&of, ",");
            append_field(&of, PICK(ids, &random, 7), ",");
            if (has_rating) {
                append(&of, ",");
                append_field(&of, PICK(ratings, &random, 5), ",");
            }
            append(&of, ",");
            append_field(&of, PICK(times, &random, 3), ",");
            append(&of, "\n");
        }
        dsc_ratings_format format = format_of(0, true, true);
        format.feedback = DSC_FEEDBACK_IMPLICIT;
        format.rating_column = 0;
        format.time_column = has_rating ? 4 : 3;
        const size_t sizes[] = {1, 33, 500};
        check(&of, format, ",", sizes, 3);
    }
    free(of.bytes);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_of_all_kinds),
        cmocka_unit_test(parts_begin_anywhere),
        cmocka_unit_test(blocks_begin_anywhere),
        cmocka_unit_test(interactions),
        cmocka_unit_test(single_colons),
        cmocka_unit_test(lines_that_are_rows_together),
        cmocka_unit_test(neighbours_of_one_user),
        cmocka_unit_test_setup_teardown(streams_break_off, scratch_begin, scratch_end),
        cmocka_unit_test(too_many_threads),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
