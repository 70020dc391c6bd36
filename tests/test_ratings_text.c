/* Ratings from text: what is read from which input, and which message a bad input gives.
 *
 * Ratings are written as "user item rating [time]" in the order of the user-item matrix, ids in
 * brackets where they hold blanks. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "descent/ratings.h"

enum { TEXT_BYTES = 1000 };

static size_t write_id(dsc_id id, char *out, size_t capacity) {
    bool has_blank = memchr(id.bytes, ' ', id.length) != NULL;
    return (size_t)snprintf(out, capacity, "%s%.*s%s ", has_blank ? "[" : "", (int)id.length,
                            id.bytes, has_blank ? "]" : "");
}

/* All ratings, one after the other, divided by ", ". */
static void write_ratings(const dsc_ratings *ratings, char out[TEXT_BYTES]) {
    dsc_sparse m = dsc_ratings_by_user(ratings);
    size_t n = 0;
    out[0] = '\0';
    for (uint32_t u = 0; u < m.n_rows; u++) {
        for (uint64_t i = m.start[u]; i < m.start[u + 1]; i++) {
            dsc_id user = dsc_ratings_user_id(ratings, u);
            dsc_id item = dsc_ratings_item_id(ratings, m.column[i]);
            assert_int_equal(dsc_ratings_find_user(ratings, user), u);
            assert_int_equal(dsc_ratings_find_item(ratings, item), m.column[i]);
            n += (size_t)snprintf(out + n, TEXT_BYTES - n, "%s", n > 0 ? ", " : "");
            n += write_id(user, out + n, TEXT_BYTES - n);
            n += write_id(item, out + n, TEXT_BYTES - n);
            n += (size_t)snprintf(out + n, TEXT_BYTES - n, "%g", (double)m.value[i]);
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
    /* every delimiter, with and without times */
    {"a,x,4\nb,y,3.5\n", "a x 4, b y 3.5", "comma", false, {0}},
    {"a\tx\t4\t100\nb\ty\t3.5\t200\n", "a x 4 100, b y 3.5 200", "tab", false, {0}},
    {"1::2::3::4\n5::6::7::8\n", "1 2 3 4, 5 6 7 8", "\"::\"", false, {0}},
    {"a x 4\nb   y\t3.5\n", "a x 4, b y 3.5", "blank", false, {0}},
    {"  a x 4  \n", "a x 4", "blank", false, {0}},
    {"a;x;4\nb;y;3.5\n", "a x 4, b y 3.5", "semicolon", false, {0}},
    {"a|x|4\nb|y|3.5\n", "a x 4, b y 3.5", "pipe", false, {0}},
    {"a:b::c::4\n", "a:b c 4", "\"::\"", false, {0}},

    /* the delimiter that explains most wins: ids may hold the others */
    {"Joe Smith,The Matrix,5\nAnn Lee,The Matrix,4\n",
     "[Joe Smith] [The Matrix] 5, [Ann Lee] [The Matrix] 4",
     "comma",
     false,
     {0}},
    {"a,b\tx;y\t5\n", "a,b x;y 5", "tab", false, {0}},
    {"a,b,c;d;5\nb;d;4\n", "a,b,c d 5, b d 4", "semicolon", false, {0}},

    /* lines: LF, CR LF, no end, empty ones, a byte order mark */
    {"a,x,4", "a x 4", "comma", false, {0}},
    {"a,x,4\r\nb,y,3\r\n", "a x 4, b y 3", "comma", false, {0}},
    {"a,x,4\r\nb,y,3\r", "a x 4, b y 3", "comma", false, {0}},
    {"\n \t\na,x,4\n\n\r\nb,y,3\n\n", "a x 4, b y 3", "comma", false, {0}},
    {"\xef\xbb\xbf"
     "a,x,4\n",
     "a x 4",
     "comma",
     false,
     {0}},
    {"\xef\xbb\xbfuser,item,rating\na,x,4\n", "a x 4", "comma", true, {0}},

    /* quotes and blanks around fields; ids are compared without them */
    {"\"a\",\"x,y\",\"4\"\na,\"x,y\",5\n", "a x,y 5", "comma", false, {0}},
    {"\"say \"\"hi\"\"\",x,4\n", "[say \"hi\"] x 4", "comma", false, {0}},
    {"\"\"\"\",\"\"\"\"\"\",4\n", "\" \"\" 4", "comma", false, {0}},
    {" a , x ,\t4 \n a,x,5\n", "a x 5", "comma", false, {0}},
    {" \"a\" , \" x\" , 4\n", "a [ x] 4", "comma", false, {0}},
    {"\"a b\" x 4\n\"c\"\t\"d\" \"5\"\n", "[a b] x 4, c d 5", "blank", false, {0}},
    {"\"a\"::\"x\"::4\n", "a x 4", "\"::\"", false, {0}},
    {"a\"b,x,4\n", "a\"b x 4", "comma", false, {0}},

    /* headers: by names in any order, by a word above numbers, told, or none */
    {"userId,movieId,rating,timestamp\n1,2,3.5,9\n", "1 2 3.5 9", "comma", true, {0}},
    {"timestamp\titem_id\tscore\tuser_id\n9\tx\t4\ta\n", "a x 4 9", "tab", true, {0}},
    {",\"User ID\",\"Product\",\"Stars\"\n0,a,x,4\n1,b,y,3\n", "a x 4, b y 3", "comma", true, {0}},
    {"user_id:token\titem_id:token\trating:float\na\tx\t4\n", "a x 4", "tab", true, {0}},
    {"wer,was,wie\na,x,4\n", "a x 4", "comma", true, {0}},
    {"user,item,foo\na,x,4\n", "a x 4", "comma", true, {0}},
    {"user,item,5\na,x,4\n", "user item 5, a x 4", "comma", false, {0}},
    {"1,2,3\n4,5,1\n", "4 5 1", "comma", true, {.header = DSC_HEADER_YES}},
    {"user,item,rating,time\na,x,4,2001-01-01\n", "a x 4", "comma", true, {0}},

    /* times: a fourth column of numbers, otherwise none */
    {"a,x,4,good\nb,y,3,bad\n", "a x 4, b y 3", "comma", false, {0}},
    {"a,x,4,978300760.7\n", "a x 4 978300760", "comma", false, {0}},
    {"a,x,4,9,more,columns\n", "a x 4 9", "comma", false, {0}},

    /* columns and delimiter as told */
    {"4,x,a\n3,y,b\n",
     "a x 4, b y 3",
     "comma",
     false,
     {.user_column = 3, .item_column = 2, .rating_column = 1}},
    {"user,item,rating,time\na,x,4,9\n",
     "a x 4",
     "comma",
     true,
     {.user_column = 1, .item_column = 2, .rating_column = 3}},
    {"a,x,0,4,9\n",
     "a x 4 9",
     "comma",
     false,
     {.user_column = 1, .item_column = 2, .rating_column = 4, .time_column = 5}},
    {"a,b;c,d;4\n", "a,b c,d 4", "semicolon", false, {.delimiter = DSC_DELIMITER_SEMICOLON}},
    {"a b,c d,4\n", "[a b] [c d] 4", "comma", false, {.delimiter = DSC_DELIMITER_COMMA}},

    /* numbers, and ids of any bytes; order of appearance; the last of equal pairs */
    {"a,x,-1e1\na,y,+.5\n", "a x -10, a y 0.5", "comma", false, {0}},
    {"\xe4\xbd\xa0,\xff,4\n", "\xe4\xbd\xa0 \xff 4", "comma", false, {0}},
    {"007,1,4\n7,01,3\n", "007 1 4, 7 01 3", "comma", false, {0}},
    {"b,y,1\na,x,2\nb,x,3\n", "b y 1, b x 3, a x 2", "comma", false, {0}},
    {"a,x,1\nb,x,2\na,x,5\n", "a x 5, b x 2", "comma", false, {0}},
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
        write_ratings(ratings, found);
        assert_string_equal(found, c->expected);
        assert_string_equal(report.delimiter, c->delimiter);
        assert_string_equal(report.compression, "none");
        assert_int_equal(report.has_header, c->has_header);
        assert_int_equal(report.n_bad, 0);
        assert_int_equal(report.first_bad.code, DSC_OK);
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
    {"", "t.csv", "the file is empty; expected lines of user, item, rating", {0}},
    {"\n \n", "t.csv", "nothing but blank lines", {0}},
    {"\xef\xbb\xbf", "t.csv", "the file is empty", {0}},
    {"user,item,rating\n", "t.csv", "a header and no ratings", {0}},
    {"userId\tmovieId\tstars\ttime\n\n", "t.csv", "a header and no ratings", {0}},
    {"1,2,3\n", "t.csv", "a header and no ratings", {.header = DSC_HEADER_YES}},
    {"user,item,rating\ra,x,4\rb,y,3\r", "t.csv:1:17", "a carriage return stands within", {0}},

    {"a,x,4\nb,y\n",
     "t.csv:2:4",
     "found 2 fields separated by comma, expected at least 3 fields",
     {0}},
    {"a,x\nb,y\n", "t.csv:1:4", "found 2 fields separated by comma", {0}},
    {"a\tx\n", "t.csv:1:4", "found 2 fields separated by tab", {0}},
    {"a\n", "t.csv:1:2", "found one field and no comma, expected at least 3 fields", {0}},
    {"a,x,4,9\nb,y,4\nc,z,4,9\n",
     "t.csv:2:6",
     "expected at least 4 fields: user in column 1, item in 2",
     {0}},
    {"a,x,4\n",
     "t.csv:1:6",
     "expected at least 7",
     {.user_column = 1, .item_column = 2, .rating_column = 7}},

    /* an id with the delimiter in it */
    {"a,x,4\nb,Seven, 7, 4\nc,z,4\n",
     "t.csv:2:13",
     "found 4 fields separated by comma, expected 3 as on other lines; a field that holds the "
     "delimiter must be in quotes; --columns 1,2,3",
     {0}},
    {"a,x,4\nb,y,4,\n", "t.csv:2:7", "found 4 fields", {0}},
    {"b,y,4,9,\"\na,x,4\nc,z,4\n", "t.csv:1:7", "found more than 3 fields", {0}},
    {"a::x::4\nb::y::4::z\n", "t.csv:2:10", "found 4 fields separated by \"::\"", {0}},
    {"a x 4\nb y 4\nJoe Smith y 4\n", "t.csv:3:13", "found 4 fields separated by blank", {0}},
    {"user,item,rating\n1,a,x,4\n2,b,y,3\n",
     "t.csv:1:17",
     "the header names 3 columns and the lines below have 4 fields",
     {0}},

    {"a,x,4\nb,y,foo\n", "t.csv:2:5", "rating \"foo\" is not a number; expected a number", {0}},
    {"a,x,foo\n", "t.csv:1:5", "rating \"foo\" is not a number", {0}},
    {"u,i,score\n1,2,x\n3,4,y\n", "t.csv:2:5", "rating \"x\" is not a number", {0}},
    {"u,i,score\na,2,x\nb,y,y\n", "t.csv:1:5", "rating \"score\" is not a number", {0}},
    {"1,2,foo\n1,3,4\n", "t.csv:1:5", "rating \"foo\" is not a number", {0}},
    {"foo,bar,baz\n1,3,4\n",
     "t.csv:1:9",
     "rating \"baz\" is not a number",
     {.header = DSC_HEADER_NO}},
    {"a\tx\t4,5\nb\ty\t3,5\n",
     "t.csv:1:5",
     "rating \"4,5\" is not a number: it has a decimal comma",
     {0}},
    {"a;x;4\nb;y;3,5\n", "t.csv:2:5", "decimal comma", {0}},
    {"a,x,4\nb,y,\n", "t.csv:2:5", "the rating is empty", {0}},
    {"a,x,nan\n", "t.csv:1:5", "rating \"nan\" is not a finite number", {0}},
    {"a,x,-inf\n", "t.csv:1:5", "rating \"-inf\" is not a finite number", {0}},
    {"a,x,1e999\n", "t.csv:1:5", "rating \"1e999\" is too large", {0}},
    {"a,x,0x10\n", "t.csv:1:5", "hexadecimal", {0}},
    {"a,x,4 stars\n", "t.csv:1:5", "rating \"4 stars\" is not a number", {0}},
    {"a,x, 4x \n", "t.csv:1:6", "rating \"4x\" is not a number", {0}},
    {"a,x,4,9\nb,y,4,9\nc,z,4,soon\n", "t.csv:3:7", "time \"soon\" is not a number", {0}},
    {"a,x,4,9\nb,y,4,9\nc,z,4,\n", "t.csv:3:7", "the time is empty", {0}},
    {"a,x,4,1e30\n", "t.csv:1:7", "time \"1e30\" is too large", {0}},
    {"a,x,4,soon\n",
     "t.csv:1:7",
     "time \"soon\" is not a number",
     {.user_column = 1, .item_column = 2, .rating_column = 3, .time_column = 4}},
    {"a,x,1234567890123456789012345678901234567890123456789x\n",
     "t.csv:1:5",
     "rating \"1234567890123456789012345678901234567890...\" is not",
     {0}},

    {",x,4\n", "t.csv:1:1", "the user id is empty", {0}},
    {"a,,4\n", "t.csv:1:3", "the item id is empty", {0}},
    {"a, ,4\n", "t.csv:1:4", "the item id is empty", {0}},
    {"a,\"\",4\n", "t.csv:1:4", "the item id is empty", {0}},

    {"a,x,4\n\"b,y,4\n", "t.csv:2:1", "a quote that does not close on this line", {0}},
    {"a,\"x\"\",4\n",
     "t.csv:1:3",
     "a quote that does not close",
     {.delimiter = DSC_DELIMITER_COMMA}},
    {"a,x,4\n\"b\"c,y,4\n", "t.csv:2:4", "text behind a closing quote", {0}},
    {"\"a\"b x 4\n",
     "t.csv:1:4",
     "text behind a closing quote",
     {.delimiter = DSC_DELIMITER_BLANK}},

    {"rating,user,thing\n4,a,x\n",
     "t.csv:1:8",
     "the header has the user in column 2 (\"user\")",
     {0}},
    {"\n\nrating,user,thing\n4,a,x\n", "t.csv:3:8", "--columns 1,2,3", {0}},

    {"\xff\xfe"
     "a\0,\0",
     "t.csv",
     "UTF-16",
     {0}},
    {"\xfe\xff\0a\0,", "t.csv", "UTF-16", {0}},
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
        assert_int_equal(err.code, DSC_E_DATA);
        assert_null(ratings);
        assert_string_equal(err.where, c->where);
        assert_non_null(strstr(err.message, c->message));
        assert_int_equal(dsc_ratings_read_memory(&ratings, c->text, strlen(c->text), "t.csv",
                                                 &c->format, NULL, NULL),
                         DSC_E_DATA);
    }
}

static void a_zero_byte_has_its_place(void **state) {
    (void)state;
    static const char text[] = "a,x,4\nb,y\0,3\nc,z,5\nd\0,z,1\n";
    dsc_ratings *ratings;
    dsc_ratings_report report;
    dsc_error err;
    assert_int_equal(
        dsc_ratings_read_memory(&ratings, text, sizeof text - 1, "t.csv", NULL, NULL, &err),
        DSC_E_DATA);
    assert_string_equal(err.where, "t.csv:2:4");
    assert_non_null(strstr(err.message, "zero byte"));
    const dsc_ratings_format skipping = {.on_error = DSC_ON_ERROR_SKIP};
    assert_int_equal(
        dsc_ratings_read_memory(&ratings, text, sizeof text - 1, "t.csv", &skipping, &report, &err),
        DSC_OK);
    assert_int_equal(report.n_bad, 2);
    char found[TEXT_BYTES];
    write_ratings(ratings, found);
    assert_string_equal(found, "a x 4, c z 5");
    dsc_ratings_destroy(ratings);
}

static void skipping_counts_and_keeps_the_first(void **state) {
    (void)state;
    const char *text = "user,item,rating\n\na,x,4\nb,y\nc,z,foo\nd,z,2\nd,z,3\n,z,3\n";
    const dsc_ratings_format skipping = {.on_error = DSC_ON_ERROR_SKIP};
    dsc_ratings *ratings;
    dsc_ratings_report report;
    assert_int_equal(
        dsc_ratings_read_memory(&ratings, text, strlen(text), "t.csv", &skipping, &report, NULL),
        DSC_OK);
    char found[TEXT_BYTES];
    write_ratings(ratings, found);
    assert_string_equal(found, "a x 4, d z 3");
    assert_int_equal(report.n_lines, 8);
    assert_int_equal(report.n_empty, 1);
    assert_int_equal(report.n_bad, 3);
    assert_int_equal(report.first_bad.code, DSC_E_DATA);
    assert_string_equal(report.first_bad.where, "t.csv:4:4");
    assert_non_null(strstr(report.first_bad.message, "found 2 fields"));
    assert_int_equal(report.n_duplicates, 1);
    assert_int_equal(report.first_duplicate_line, 7);
    assert_int_equal(report.n_columns, 3);
    assert_int_equal(report.user_column, 1);
    assert_int_equal(report.time_column, 0);
    /* who stands only on bad lines is nobody */
    assert_int_equal(dsc_ratings_n_users(ratings), 2);
    assert_int_equal(dsc_ratings_find_user(ratings, (dsc_id){"b", 1}), DSC_NO_INDEX);
    dsc_ratings_destroy(ratings);
}

/* Where the columns are set, what stands behind them does not matter, but is said. */
static void wide_lines_are_counted(void **state) {
    (void)state;
    const char *text = "a,x,4,fine\nb,y,3,good, but long\nc,z,foo,bad\nd,z,2,\"\ne,z,1,,\nf,z,1,\n";
    const dsc_ratings_format format = {
        .on_error = DSC_ON_ERROR_SKIP, .user_column = 1, .item_column = 2, .rating_column = 3};
    dsc_ratings *ratings;
    dsc_ratings_report report;
    assert_int_equal(
        dsc_ratings_read_memory(&ratings, text, strlen(text), "t.csv", &format, &report, NULL),
        DSC_OK);
    char found[TEXT_BYTES];
    write_ratings(ratings, found);
    assert_string_equal(found, "a x 4, b y 3, d z 2, e z 1, f z 1");
    assert_int_equal(report.n_columns, 4);
    assert_int_equal(report.n_wide, 2);
    assert_int_equal(report.first_wide_line, 2);
    assert_int_equal(report.n_bad, 1);
    dsc_ratings_destroy(ratings);
}

static void skipping_everything_is_an_error(void **state) {
    (void)state;
    const char *text = "1,x,foo\nb,y,1,\"\nc\n";
    const dsc_ratings_format skipping = {.on_error = DSC_ON_ERROR_SKIP,
                                         .user_column = 1,
                                         .item_column = 2,
                                         .rating_column = 3,
                                         .time_column = 4};
    dsc_ratings *ratings;
    dsc_ratings_report report;
    dsc_error err;
    assert_int_equal(
        dsc_ratings_read_memory(&ratings, text, strlen(text), "t", &skipping, &report, &err),
        DSC_E_DATA);
    assert_null(ratings);
    assert_string_equal(err.where, "t:1:8");
    assert_non_null(
        strstr(err.message, "no rating is left: all 3 lines are bad; the first: found"));
    assert_int_equal(report.n_bad, 3);
}

static void long_lines_are_bad_lines(void **state) {
    (void)state;
    enum { LONG = 3 * 1024 * 1024 };
    const char *begin = "a,x,4\n";
    const char *end = "\nb,y,5\n";
    char *text = malloc(LONG + 64);
    assert_non_null(text);
    memcpy(text, begin, strlen(begin));
    memset(text + strlen(begin), 'z', LONG);
    memcpy(text + strlen(begin) + LONG, end, strlen(end));
    size_t length = strlen(begin) + LONG + strlen(end);
    dsc_ratings *ratings;
    dsc_ratings_report report;
    dsc_error err;
    assert_int_equal(dsc_ratings_read_memory(&ratings, text, length, "t", NULL, NULL, &err),
                     DSC_E_DATA);
    assert_string_equal(err.where, "t:2:1");
    assert_non_null(strstr(err.message, "longer than 1 MiB"));
    const dsc_ratings_format skipping = {.on_error = DSC_ON_ERROR_SKIP};
    assert_int_equal(dsc_ratings_read_memory(&ratings, text, length, "t", &skipping, &report, &err),
                     DSC_OK);
    assert_int_equal(report.n_bad, 1);
    assert_int_equal(report.n_lines, 3);
    char found[TEXT_BYTES];
    write_ratings(ratings, found);
    assert_string_equal(found, "a x 4, b y 5");
    dsc_ratings_destroy(ratings);
    /* a long line without an end; and nothing but one */
    assert_int_equal(dsc_ratings_read_memory(&ratings, text + strlen(begin), LONG, "t", &skipping,
                                             &report, &err),
                     DSC_E_DATA);
    assert_int_equal(report.n_lines, 1);
    free(text);
}

/* Lines at every place relative to the ends of the reader's buffer, ids of many lengths. */
static void lines_cross_buffer_ends(void **state) {
    (void)state;
    enum { N = 60000, ID_BYTES = 40 };
    char *text = malloc((size_t)N * (ID_BYTES + 32));
    assert_non_null(text);
    size_t length = 0;
    for (int i = 0; i < N; i++) {
        char id[ID_BYTES];
        memset(id, 'i', sizeof id);
        length += (size_t)sprintf(text + length, "u%d,%.*s%d,%d.5\n%s", i % 7, i % ID_BYTES, id, i,
                                  i % 5, i % 1000 == 0 ? "\n" : "");
    }
    dsc_ratings *ratings;
    dsc_ratings_report report;
    assert_int_equal(dsc_ratings_read_memory(&ratings, text, length, "t", NULL, &report, NULL),
                     DSC_OK);
    assert_int_equal(report.n_lines, N + N / 1000);
    assert_int_equal(report.n_duplicates, 0);
    assert_int_equal(dsc_ratings_n_users(ratings), 7);
    assert_int_equal(dsc_ratings_n_items(ratings), N);
    assert_null(dsc_ratings_by_item(ratings).start);
    assert_int_equal(dsc_ratings_sort_by_item(ratings, NULL), DSC_OK);
    dsc_sparse by_item = dsc_ratings_by_item(ratings);
    for (uint32_t i = 0; i < N; i++) {
        assert_int_equal(by_item.start[i], i);
        assert_int_equal(by_item.column[i], i % 7);
        assert_true(by_item.value[i] == (float)(i % 5) + 0.5F);
    }
    dsc_ratings_destroy(ratings);
    free(text);
}

static void contradicting_formats(void **state) {
    (void)state;
    const dsc_ratings_format cases[] = {
        {.user_column = 1},
        {.user_column = 1, .item_column = 2},
        {.time_column = 4},
        {.user_column = 1, .item_column = 1, .rating_column = 3},
        {.user_column = 1, .item_column = 2, .rating_column = 3, .time_column = 2},
        {.user_column = 1, .item_column = 2, .rating_column = 100000},
        {.delimiter = (dsc_delimiter)7},
        {.header = (dsc_header)3},
        {.on_error = (dsc_on_error)2},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        dsc_ratings *ratings = (dsc_ratings *)(uintptr_t)1;
        dsc_error err = {DSC_OK, "", ""};
        assert_int_equal(dsc_ratings_read_memory(&ratings, "a,x,4", 5, "t", &cases[i], NULL, &err),
                         DSC_E_ARGUMENT);
        assert_null(ratings);
        assert_true(strlen(err.message) > 0);
    }
}

static void long_names_keep_line_and_column(void **state) {
    (void)state;
    char name[1000];
    memset(name, 'n', sizeof name);
    memcpy(name + 990, "/end.csv", 9);
    dsc_ratings *ratings;
    dsc_error err;
    assert_int_equal(dsc_ratings_read_memory(&ratings, "a,x,foo", 7, name, NULL, NULL, &err),
                     DSC_E_DATA);
    assert_memory_equal(err.where, "...nnn", 6);
    assert_non_null(strstr(err.where, "/end.csv:1:5"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(good_texts),
        cmocka_unit_test(bad_texts),
        cmocka_unit_test(a_zero_byte_has_its_place),
        cmocka_unit_test(skipping_counts_and_keeps_the_first),
        cmocka_unit_test(wide_lines_are_counted),
        cmocka_unit_test(skipping_everything_is_an_error),
        cmocka_unit_test(long_lines_are_bad_lines),
        cmocka_unit_test(lines_cross_buffer_ends),
        cmocka_unit_test(contradicting_formats),
        cmocka_unit_test(long_names_keep_line_and_column),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
