/* Implicit feedback from text: pairs a line and lists, what is read and which message a bad input
 * gives.
 *
 * Pairs are written as "user item [time]" in the order of the user-item matrix, ids in brackets
 * where they hold blanks. */
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

#include "descent/rating_split.h"
#include "descent/ratings.h"
#include "scratch_dir.h"

enum { TEXT_BYTES = 1000 };

#define ROWS  .feedback = DSC_FEEDBACK_IMPLICIT
#define LISTS .feedback = DSC_FEEDBACK_IMPLICIT, .layout = DSC_LAYOUT_LISTS

static size_t write_id(dsc_id id, char *out, size_t capacity) {
    bool has_blank = memchr(id.bytes, ' ', id.length) != NULL;
    return (size_t)snprintf(out, capacity, "%s%.*s%s", has_blank ? "[" : "", (int)id.length,
                            id.bytes, has_blank ? "]" : "");
}

/* All pairs, divided by ", "; every one has the value 1. */
static void write_pairs(const dsc_ratings *ratings, char out[TEXT_BYTES]) {
    dsc_sparse m = dsc_ratings_by_user(ratings);
    size_t n = 0;
    out[0] = '\0';
    assert_int_equal(dsc_ratings_feedback(ratings), DSC_FEEDBACK_IMPLICIT);
    for (uint32_t u = 0; u < m.n_rows; u++) {
        assert_true(m.start[u] < m.start[u + 1]);
        for (uint64_t i = m.start[u]; i < m.start[u + 1]; i++) {
            assert_true(m.value[i] == 1.0F);
            n += (size_t)snprintf(out + n, TEXT_BYTES - n, "%s", n > 0 ? ", " : "");
            n += write_id(dsc_ratings_user_id(ratings, u), out + n, TEXT_BYTES - n);
            n += (size_t)snprintf(out + n, TEXT_BYTES - n, " ");
            n += write_id(dsc_ratings_item_id(ratings, m.column[i]), out + n, TEXT_BYTES - n);
            if (m.time != NULL) {
                n += (size_t)snprintf(out + n, TEXT_BYTES - n, " %lld", (long long)m.time[i]);
            }
        }
    }
    assert_true(n < TEXT_BYTES);
}

typedef struct good_case {
    const char *text;
    const char *expected;
    const char *delimiter;
    bool has_header;
    dsc_ratings_format format;
} good_case;

static const good_case good_cases[] = {
    /* rows: two columns under every delimiter */
    {"a,x\nb,y\n", "a x, b y", "comma", false, {ROWS}},
    {"a\tx\nb\ty\n", "a x, b y", "tab", false, {ROWS}},
    {"a::x\nb::y\n", "a x, b y", "\"::\"", false, {ROWS}},
    {"a x\n b  y \n", "a x, b y", "blank", false, {ROWS}},
    {"a;x\nb;y", "a x, b y", "semicolon", false, {ROWS}},
    {"a|x\r\nb|y\r\n", "a x, b y", "pipe", false, {ROWS}},
    {"a,x \n\"b\" , y\n", "a x, b y", "comma", false, {ROWS}},
    {"Joe Smith,The Matrix\nAnn Lee,Up\n",
     "[Joe Smith] [The Matrix], [Ann Lee] Up",
     "comma",
     false,
     {ROWS}},

    /* a rating is not read, whatever it is; a line without it is as good */
    {"a,x,5\nb,y,0\nc,z,-\nd,z,\ne,z\n", "a x, b y, c z, d z, e z", "comma", false, {ROWS}},
    {"a::x::5\nb::y::1\n", "a x, b y", "\"::\"", false, {ROWS}},
    {"1,2,978300760\n3,4,978300761\n", "1 2, 3 4", "comma", false, {ROWS}},

    /* times: the fourth column, or the one of that name */
    {"a,x,5,9\nb,y,,8\n", "a x 9, b y 8", "comma", false, {ROWS}},
    {"a,x,5,good\nb,y,4,bad\n", "a x, b y", "comma", false, {ROWS}},
    {"user,item,timestamp\na,x,9\nb,y,8\n", "a x 9, b y 8", "comma", true, {ROWS}},
    {"time\tuser\titem\n9\ta\tx\n", "a x 9", "tab", true, {ROWS}},
    {"user,item,rating,time\na,x,foo,9\n", "a x 9", "comma", true, {ROWS}},

    /* headers */
    {"userId,movieId\n1,2\n", "1 2", "comma", true, {ROWS}},
    {"user,item\na,x\n", "a x", "comma", true, {ROWS}},
    {"item;user\nx;a\n", "a x", "semicolon", true, {ROWS}},
    {"wer,was\n1,2\n", "1 2", "comma", true, {ROWS}},
    {"wer,was\na,2\nb,3\n", "a 2, b 3", "comma", true, {ROWS}},
    {"wer,was\na,x\n", "wer was, a x", "comma", false, {ROWS}},
    {"ann,x\n1,2\nbob,y\n", "ann x, 1 2, bob y", "comma", false, {ROWS}},
    {"wer,was\na,x\n", "a x", "comma", true, {ROWS, .header = DSC_HEADER_YES}},
    {"user,item\na,x\n", "user item, a x", "comma", false, {ROWS, .header = DSC_HEADER_NO}},

    /* columns as told */
    {"9,x,a\n8,y,b\n", "a x, b y", "comma", false, {ROWS, .user_column = 3, .item_column = 2}},
    {"a,x,9\n",
     "a x 9",
     "comma",
     false,
     {ROWS, .user_column = 1, .item_column = 2, .time_column = 3}},
    {"a,x,9,5\n",
     "a x 9",
     "comma",
     false,
     {ROWS, .user_column = 1, .item_column = 2, .rating_column = 4, .time_column = 3}},

    /* equal pairs count once, with the later time */
    {"a,x\nb,x\na,x\n", "a x, b x", "comma", false, {ROWS}},
    {"a,x,1,9\na,x,2,7\n", "a x 7", "comma", false, {ROWS}},

    /* lists */
    {"a x y z\nb y\n", "a x, a y, a z, b y", "blank", false, {LISTS}},
    {"a x y z  \r\n\tb\t y\t\r\n\n", "a x, a y, a z, b y", "blank", false, {LISTS}},
    {"a x y", "a x, a y", "blank", false, {LISTS}},
    {"a,x,y\nb,z\n", "a x, a y, b z", "comma", false, {LISTS}},
    {"a, x, y,\nb, z,\n", "a x, a y, b z", "comma", false, {LISTS}},
    {"a::x::y\n", "a x, a y", "\"::\"", false, {LISTS}},
    {"a\tx\ty\t\nb\tz\t\n", "a x, a y, b z", "tab", false, {LISTS}},
    {"a;x;y\n", "a x, a y", "semicolon", false, {LISTS}},
    {"a|x|y\n", "a x, a y", "pipe", false, {LISTS}},
    {"a\tThe Matrix\tUp\nb\tUp\n", "a [The Matrix], a Up, b Up", "tab", false, {LISTS}},
    {"\"Joe S\" \"say \"\"x\"\"\" y\n", "[Joe S] [say \"x\"], [Joe S] y", "blank", false, {LISTS}},
    {"\xef\xbb\xbf"
     "a x y\n",
     "a x, a y",
     "blank",
     false,
     {LISTS}},
    {"a\t1 2 3\n", "a 1, a 2, a 3", "blank", false, {LISTS, .delimiter = DSC_DELIMITER_BLANK}},
    {"a\t1 2 3\n", "a [1 2 3]", "tab", false, {LISTS, .delimiter = DSC_DELIMITER_TAB}},

    /* who has no items is nobody; a user's lines are put together, and equal pairs count once */
    {"a\nb x\nc \n", "b x", "blank", false, {LISTS}},
    {"a,\nb,x\n", "b x", "comma", false, {LISTS}},
    {"a x y\nb z\na y w\n", "a x, a y, a w, b z", "blank", false, {LISTS}},
    {"a x x x\n", "a x", "blank", false, {LISTS}},
    {"a x\nb y\n", "a x, b y", "blank", false, {LISTS}},

    {"user items\na x y\n", "a x, a y", "blank", true, {LISTS}},
    {"user item item\na x y\n", "user item, a x, a y", "blank", false, {LISTS}},
    {"u i\na x y\n", "a x, a y", "blank", true, {LISTS, .header = DSC_HEADER_YES}},
    {"user item\na x y\n", "user item, a x, a y", "blank", false, {LISTS, .header = DSC_HEADER_NO}},
};

static void good_texts(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof good_cases / sizeof good_cases[0]; i++) {
        const good_case *c = &good_cases[i];
        dsc_ratings *ratings = NULL;
        dsc_ratings_report report;
        dsc_error err = {DSC_OK, "", ""};
        print_message("case %zu: %s\n", i, c->expected);
        dsc_status status = dsc_ratings_read_memory(&ratings, c->text, strlen(c->text), "t.csv",
                                                    &c->format, &report, &err);
        assert_string_equal(err.message, "");
        assert_int_equal(status, DSC_OK);
        char found[TEXT_BYTES];
        write_pairs(ratings, found);
        assert_string_equal(found, c->expected);
        assert_string_equal(report.delimiter, c->delimiter);
        assert_int_equal(report.has_header, c->has_header);
        assert_int_equal(report.rating_column, 0);
        assert_int_equal(report.n_bad, 0);
        assert_int_equal(report.n_bytes, strlen(c->text));
        dsc_ratings_destroy(ratings);
    }
}

typedef struct bad_case {
    const char *text;
    const char *where;
    const char *message; /* a part of it */
    dsc_ratings_format format;
} bad_case;

static const bad_case bad_cases[] = {
    /* taken for ratings, such files say how they are read */
    {"a,x\nb,y\n", "t.csv:1:4", "is read with --implicit", {0}},
    {"user,item\na,x\n", "t.csv:1:10", "is read with --implicit", {0}},
    {"1 2 3 9\n2 2 3 4 5\n3 2 3 6\n", "t.csv:2:9", "are read with --lists", {0}},
    {"a x y\nb x y z w\nc d z\n", "t.csv:2:7", "are read with --lists", {ROWS}},
    {"a x y\nb\nc d z\n", "t.csv:2:2", "are read with --lists", {ROWS}},

    {"", "t.csv", "the file is empty; expected lines of user, item", {ROWS}},
    {"user,item\n", "t.csv", "a header and no interactions", {ROWS}},
    {"a,x\nb\n", "t.csv:2:2", "expected at least 2 fields: user in column 1, item in 2", {ROWS}},
    {"a,x\nb,y\nc,The Good, the Bad\n", "t.csv:3:13", "--columns 1,2 reads such lines", {ROWS}},
    {"a,x\n,y\n", "t.csv:2:1", "the user id is empty", {ROWS}},
    {"a,x\nb,\n", "t.csv:2:3", "the item id is empty", {ROWS}},
    {"a,x,1,9\nb,y,1,8\nc,z,1,soon\n", "t.csv:3:7", "time \"soon\" is not a number", {ROWS}},
    {"a,x\n\"b,y\n", "t.csv:2:1", "a quote that does not close", {ROWS}},
    {"thing,user,foo\nx,a,1\n", "t.csv:1:7", "not all of user, item have a known name", {ROWS}},
    {"user,item\n1,a,x\n2,b,y\n", "t.csv:1:10", "with --columns 1,2", {ROWS}},

    {"", "t.csv", "the file is empty; expected lines of a user and then items", {LISTS}},
    {" \n\n", "t.csv", "nothing but blank lines", {LISTS}},
    {"user items\n", "t.csv", "a header and no interactions", {LISTS}},
    {"a\nb \n", "t.csv", "the file holds users and no items", {LISTS}},
    {"a,x\n,y,z\n", "t.csv:2:1", "the user id is empty", {LISTS}},
    {"a,x,,y\n", "t.csv:1:5", "the item id is empty", {LISTS}},
    {"a,x,,\n", "t.csv:1:5", "the item id is empty", {LISTS}},
    {"a \"x y\n", "t.csv:1:3", "a quote that does not close", {LISTS}},
    {"a x\nb y \"z\"z w\n", "t.csv:2:8", "text behind a closing quote", {LISTS}},
    {"a\t1 2 3\nb\t2\n", "t.csv", "tab divides each line into a user and one item, blank", {LISTS}},
    {"a\t1,2,3\nb\t2\n", "t.csv", "--delimiter", {LISTS}},
    {"a x\rb y z\r", "t.csv:1:4", "a carriage return stands within", {LISTS}},
    {"\xff\xfe"
     "a\0 ",
     "t.csv",
     "UTF-16",
     {LISTS}},
};

static void bad_texts(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof bad_cases / sizeof bad_cases[0]; i++) {
        const bad_case *c = &bad_cases[i];
        dsc_ratings *ratings = (dsc_ratings *)(uintptr_t)1;
        dsc_error err = {DSC_OK, "", ""};
        print_message("case %zu: %s\n", i, c->message);
        dsc_status status = dsc_ratings_read_memory(&ratings, c->text, strlen(c->text), "t.csv",
                                                    &c->format, NULL, &err);
        print_message("    %s: %s\n", err.where, err.message);
        assert_int_equal(status, DSC_E_DATA);
        assert_null(ratings);
        assert_string_equal(err.where, c->where);
        assert_non_null(strstr(err.message, c->message));
    }
}

static void lists_are_counted(void **state) {
    (void)state;
    const char *text = "a x y\n\nb\nb z\na y w x v\nc w x\nc\n";
    const dsc_ratings_format format = {LISTS};
    dsc_ratings *ratings;
    dsc_ratings_report report;
    assert_int_equal(
        dsc_ratings_read_memory(&ratings, text, strlen(text), "t", &format, &report, NULL), DSC_OK);
    assert_int_equal(report.n_lines, 7);
    assert_int_equal(report.n_empty, 1);
    assert_int_equal(report.n_lists, 4);
    assert_int_equal(report.n_empty_lists, 2);
    assert_int_equal(report.n_continued_lists, 1);
    assert_int_equal(report.shortest_list, 1);
    assert_int_equal(report.longest_list, 4);
    assert_int_equal(report.n_duplicates, 2);
    assert_int_equal(report.first_duplicate_line, 5);
    assert_int_equal(report.user_column, 0);
    assert_int_equal(dsc_ratings_n_users(ratings), 3);
    dsc_ratings_destroy(ratings);
}

/* Of a bad list nothing is taken, of the pairs before the fault neither. */
static void bad_lists_are_skipped_as_a_whole(void **state) {
    (void)state;
    static const char text[] = "a x y\nb v w \"u\nc x\0 y\nd \"s\"\"s\" z\ne t \"u\"u\n";
    const dsc_ratings_format format = {LISTS, .on_error = DSC_ON_ERROR_SKIP};
    const dsc_ratings_format stopping = {LISTS};
    dsc_ratings *ratings;
    dsc_ratings_report report;
    dsc_error err;
    assert_int_equal(
        dsc_ratings_read_memory(&ratings, text, sizeof text - 1, "t", &format, &report, NULL),
        DSC_OK);
    char found[TEXT_BYTES];
    write_pairs(ratings, found);
    assert_string_equal(found, "a x, a y, d s\"s, d z");
    assert_int_equal(report.n_bad, 3);
    assert_string_equal(report.first_bad.where, "t:2:7");
    assert_int_equal(dsc_ratings_n_users(ratings), 2);
    assert_int_equal(dsc_ratings_n_items(ratings), 4);
    dsc_ratings_destroy(ratings);
    assert_int_equal(dsc_ratings_read_memory(&ratings, text + 15, sizeof text - 16, "t", &stopping,
                                             &report, &err),
                     DSC_E_DATA);
    assert_string_equal(err.where, "t:1:4");
    assert_non_null(strstr(err.message, "zero byte"));
    assert_int_equal(
        dsc_ratings_read_memory(&ratings, "b \"u\nc \"\n", 9, "t", &format, &report, &err),
        DSC_E_DATA);
    assert_string_equal(err.where, "t:1:3");
    assert_non_null(strstr(err.message, "no interaction is left: all 2 lines are bad"));
}

/* The plain reader of rows and the general one see the same: a blank at the end of every line
 * keeps the first from reading any. */
static void plain_and_general_rows_agree(void **state) {
    (void)state;
    static const char *const behind[] = {"", ",5", ",5,978300760", ",,-1", ",a b,7"};
    for (size_t form = 0; form < sizeof behind / sizeof behind[0]; form++) {
        char plain[4000], general[4000], found[2][TEXT_BYTES];
        size_t n[2] = {0, 0};
        for (int i = 0; i < 40; i++) {
            n[0] += (size_t)snprintf(plain + n[0], sizeof plain - n[0], "u%d,i%d%s\n", i % 7, i,
                                     behind[form]);
            n[1] += (size_t)snprintf(general + n[1], sizeof general - n[1], "u%d,i%d%s \n", i % 7,
                                     i, behind[form]);
        }
        for (size_t which = 0; which < 2; which++) {
            const dsc_ratings_format format = {ROWS};
            dsc_ratings *ratings;
            assert_int_equal(dsc_ratings_read_memory(&ratings, which == 0 ? plain : general,
                                                     n[which], "t", &format, NULL, NULL),
                             DSC_OK);
            assert_int_equal(dsc_ratings_by_user(ratings).n_entries, 40);
            assert_int_equal(dsc_ratings_by_user(ratings).time != NULL, form >= 2);
            write_pairs(ratings, found[which]);
            dsc_ratings_destroy(ratings);
        }
        assert_string_equal(found[0], found[1]);
    }
}

/* A list of a million items, far longer than a line of ratings may be, across many buffers. */
static void a_list_of_a_million_items(void **state) {
    (void)state;
    enum { N = 1000000 };
    char *text = malloc((size_t)N * 9 + 100);
    assert_non_null(text);
    size_t length = (size_t)sprintf(text, "first 7\nlong");
    for (int i = 0; i < N; i++) {
        length += (size_t)sprintf(text + length, " %d", i);
    }
    length += (size_t)sprintf(text + length, "\nlast 3\n");
    const dsc_ratings_format format = {LISTS};
    const dsc_ratings_format skipping = {LISTS, .on_error = DSC_ON_ERROR_SKIP};
    for (int i = 0; i < 2; i++) {
        dsc_ratings *ratings;
        dsc_ratings_report report;
        assert_int_equal(dsc_ratings_read_memory(&ratings, text, length, "t",
                                                 i == 0 ? &format : &skipping, &report, NULL),
                         DSC_OK);
        assert_int_equal(report.n_lists, 3);
        assert_int_equal(report.longest_list, N);
        assert_int_equal(report.n_bad, 0);
        const dsc_sparse rows = dsc_ratings_by_user(ratings);
        assert_int_equal(rows.n_entries, N + 2);
        assert_int_equal(rows.start[2] - rows.start[1], N);
        assert_int_equal(dsc_ratings_n_items(ratings), N);
        const dsc_id last = dsc_ratings_item_id(ratings, N - 1);
        assert_memory_equal(last.bytes, "999999", last.length);
        dsc_ratings_destroy(ratings);
    }
    free(text);
}

/* Blanks take no longer when there are many of them, and a list that is too long is a bad line. */
static void lists_beyond_bounds(void **state) {
    (void)state;
    const size_t length = (size_t)65 * 1024 * 1024;
    char *text = malloc(length);
    assert_non_null(text);
    memset(text, ' ', length);
    memcpy(text, "a x\nb y", 7);
    dsc_ratings *ratings;
    dsc_ratings_report report;
    dsc_error err;
    const dsc_ratings_format stopping = {LISTS};
    const dsc_ratings_format skipping = {LISTS, .on_error = DSC_ON_ERROR_SKIP};
    assert_int_equal(dsc_ratings_read_memory(&ratings, text, length, "t", &stopping, NULL, &err),
                     DSC_E_DATA);
    assert_string_equal(err.where, "t:2:1");
    assert_non_null(strstr(err.message, "longer than 64 MiB; it may go on in another line"));
    assert_int_equal(dsc_ratings_read_memory(&ratings, text, length, "t", &skipping, &report, NULL),
                     DSC_OK);
    assert_int_equal(report.n_bad, 1);
    dsc_ratings_destroy(ratings);
    assert_int_equal(
        dsc_ratings_read_memory(&ratings, text, length / 2, "t", &stopping, &report, NULL), DSC_OK);
    char found[TEXT_BYTES];
    write_pairs(ratings, found);
    assert_string_equal(found, "a x, b y");
    dsc_ratings_destroy(ratings);
    free(text);
}

/* Two files one after the other, each compressed, are the lists of both. */
static void compressed_files_one_after_the_other(void **state) {
    static const char *const parts[] = {"a x y\nb z", "a w\nb z v\n"};
    char *path = scratch_path(*state, "lists.gz");
    for (size_t i = 0; i < 2; i++) {
        gzFile file = gzopen(path, i == 0 ? "wb" : "ab");
        assert_non_null(file);
        assert_int_equal(gzputs(file, parts[i]), strlen(parts[i]));
        if (i == 0) {
            assert_int_equal(gzputc(file, '\n'), '\n');
        }
        assert_int_equal(gzclose(file), Z_OK);
    }
    const dsc_ratings_format format = {LISTS};
    dsc_ratings *ratings;
    dsc_ratings_report report;
    assert_int_equal(dsc_ratings_read(&ratings, path, &format, &report, NULL), DSC_OK);
    char found[TEXT_BYTES];
    write_pairs(ratings, found);
    assert_string_equal(found, "a x, a y, a w, b z, b v");
    assert_string_equal(report.compression, "gzip");
    assert_int_equal(report.n_continued_lists, 2);
    assert_int_equal(report.n_duplicates, 1);
    dsc_ratings_destroy(ratings);
    free(path);
}

static void parts_are_implicit_too(void **state) {
    (void)state;
    const char *text = "a w x y z\nb x y\nc z w\n";
    const dsc_ratings_format format = {LISTS};
    const dsc_split_plan plan = {.protocol = DSC_PROTOCOL_LEAVE_ONE_OUT, .seed = 1};
    dsc_ratings *ratings;
    uint32_t split[8];
    assert_int_equal(
        dsc_ratings_read_memory(&ratings, text, strlen(text), "t", &format, NULL, NULL), DSC_OK);
    assert_int_equal(dsc_ratings_assign(ratings, &plan, split, NULL), DSC_OK);
    for (int is_in = 0; is_in < 2; is_in++) {
        dsc_ratings *part;
        assert_int_equal(dsc_ratings_part(&part, ratings, split, 0, is_in != 0, NULL), DSC_OK);
        assert_int_equal(dsc_ratings_feedback(part), DSC_FEEDBACK_IMPLICIT);
        dsc_ratings_destroy(part);
    }
    dsc_ratings_destroy(ratings);
    assert_int_equal(dsc_ratings_read_memory(&ratings, "a,x,4\n", 6, "t", NULL, NULL, NULL),
                     DSC_OK);
    assert_int_equal(dsc_ratings_feedback(ratings), DSC_FEEDBACK_EXPLICIT);
    dsc_ratings_destroy(ratings);
}

static void contradicting_formats(void **state) {
    (void)state;
    const dsc_ratings_format cases[] = {
        {.layout = DSC_LAYOUT_LISTS},
        {LISTS, .user_column = 1, .item_column = 2},
        {LISTS, .time_column = 3},
        {ROWS, .user_column = 1},
        {ROWS, .time_column = 3},
        {ROWS, .rating_column = 3},
        {ROWS, .user_column = 2, .item_column = 2},
        {.feedback = (dsc_feedback)2},
        {ROWS, .layout = (dsc_layout)2},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        dsc_ratings *ratings = (dsc_ratings *)(uintptr_t)1;
        assert_int_equal(
            dsc_ratings_read_memory(&ratings, "a b c\n", 6, "t", &cases[i], NULL, NULL),
            DSC_E_ARGUMENT);
        assert_null(ratings);
    }
}

typedef struct data_set {
    const char *path;
    dsc_ratings_format format;
    size_t n_users, n_items, n_pairs;
} data_set;

static const data_set data_sets[] = {
    {"gowalla/train.txt.gz", {LISTS}, 29858, 40979, 719081},
    {"gowalla/valid.txt.gz", {LISTS}, 29858, 31583, 91047},
    {"gowalla/test.txt.gz", {LISTS}, 29858, 38546, 217242},
    {"ml-1m/ncf/ml-1m.train.tsv", {ROWS}, 6040, 3704, 994169},
    {"ml-1m/ncf/ml-1m.test.rating", {ROWS}, 6040, 1921, 6040},
};

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
        assert_int_equal(dsc_ratings_read(&ratings, path, &d->format, &report, NULL), DSC_OK);
        print_message("%s: %zu items\n", path, dsc_ratings_n_items(ratings));
        assert_int_equal(dsc_ratings_n_users(ratings), d->n_users);
        assert_int_equal(dsc_ratings_n_items(ratings), d->n_items);
        assert_int_equal(dsc_ratings_by_user(ratings).n_entries, d->n_pairs);
        assert_int_equal(report.n_duplicates, 0);
        dsc_ratings_destroy(ratings);
        n_read++;
    }
    if (n_read == 0) {
        skip();
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(good_texts),
        cmocka_unit_test(bad_texts),
        cmocka_unit_test(lists_are_counted),
        cmocka_unit_test(bad_lists_are_skipped_as_a_whole),
        cmocka_unit_test(plain_and_general_rows_agree),
        cmocka_unit_test(a_list_of_a_million_items),
        cmocka_unit_test(lists_beyond_bounds),
        cmocka_unit_test_setup_teardown(compressed_files_one_after_the_other, scratch_begin,
                                        scratch_end),
        cmocka_unit_test(parts_are_implicit_too),
        cmocka_unit_test(contradicting_formats),
        cmocka_unit_test(public_data_sets),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
