/* Pairs: the forms of text they come in, and bad lines by place and reason. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "descent/pairs.h"
#include "fail_alloc.h"
#include "scratch_dir.h"

enum { MAX_PAIRS = 3 };

typedef struct good_case {
    const char *text;
    dsc_header header;
    size_t n;
    struct {
        const char *user, *item;
        uint64_t line;
    } expected[MAX_PAIRS];
} good_case;

static const good_case good_cases[] = {
    {"u,i\nv,j\n", DSC_HEADER_DETECT, 2, {{"u", "i", 1}, {"v", "j", 2}, {0}}},
    {"u\ti j\nv\tj", DSC_HEADER_DETECT, 2, {{"u", "i j", 1}, {"v", "j", 2}, {0}}},
    {"1::9\r\n2::8\r\n", DSC_HEADER_DETECT, 2, {{"1", "9", 1}, {"2", "8", 2}, {0}}},
    {"  1   9\n2 8 \n", DSC_HEADER_DETECT, 2, {{"1", "9", 1}, {"2", "8", 2}, {0}}},
    {"a;b\n", DSC_HEADER_DETECT, 1, {{"a", "b", 1}, {0}, {0}}},
    {"a|b\n", DSC_HEADER_DETECT, 1, {{"a", "b", 1}, {0}, {0}}},
    /* quotes, also doubled ones, and further columns, which are not looked at */
    {"\"a, b\",\"say \"\"i\"\"\",5\n", DSC_HEADER_DETECT, 1, {{"a, b", "say \"i\"", 1}, {0}, {0}}},
    {"u,i,4.5,978300760\n", DSC_HEADER_DETECT, 1, {{"u", "i", 1}, {0}, {0}}},
    /* a header: known names tell the columns; any names with DSC_HEADER_YES; none with NO */
    {"\xef\xbb\xbfuserId,movieId\nu,i\n", DSC_HEADER_DETECT, 1, {{"u", "i", 2}, {0}, {0}}},
    {"rating,item,user\n4,i,u\n", DSC_HEADER_DETECT, 1, {{"u", "i", 2}, {0}, {0}}},
    {"who,what\nu,i\n", DSC_HEADER_DETECT, 2, {{"who", "what", 1}, {"u", "i", 2}, {0}}},
    {"who,what\nu,i\n", DSC_HEADER_YES, 1, {{"u", "i", 2}, {0}, {0}}},
    {"user,item\nu,i\n", DSC_HEADER_NO, 2, {{"user", "item", 1}, {"u", "i", 2}, {0}}},
    /* blank lines count as lines; nothing at all is no error */
    {"\n \nu,i\n\n\nv,j\n\n", DSC_HEADER_DETECT, 2, {{"u", "i", 3}, {"v", "j", 6}, {0}}},
    {"", DSC_HEADER_DETECT, 0, {{0}, {0}, {0}}},
    {"user,item\n", DSC_HEADER_DETECT, 0, {{0}, {0}, {0}}},
};

static void assert_id(dsc_id id, const char *expected) {
    assert_int_equal(id.length, strlen(expected));
    assert_memory_equal(id.bytes, expected, id.length);
}

static void good_files(void **state) {
    for (size_t i = 0; i < sizeof good_cases / sizeof good_cases[0]; i++) {
        const good_case *c = &good_cases[i];
        print_message("case %zu\n", i);
        char *path = scratch_write(*state, "pairs", c->text, strlen(c->text));
        dsc_pair_reader *reader;
        assert_int_equal(dsc_pair_reader_open(&reader, path, DSC_DELIMITER_DETECT, c->header, NULL),
                         DSC_OK);
        dsc_pair pair;
        bool has_pair = true;
        for (size_t k = 0; k < c->n; k++) {
            assert_int_equal(dsc_pair_reader_next(reader, &pair, &has_pair, NULL), DSC_OK);
            assert_true(has_pair);
            assert_id(pair.user, c->expected[k].user);
            assert_id(pair.item, c->expected[k].item);
            assert_int_equal(pair.line, c->expected[k].line);
        }
        for (int again = 0; again < 2; again++) {
            assert_int_equal(dsc_pair_reader_next(reader, &pair, &has_pair, NULL), DSC_OK);
            assert_false(has_pair);
        }
        dsc_pair_reader_close(reader);
        free(path);
    }
}

static void forms(void **state) {
    const struct {
        const char *text;
        dsc_pair_form form;
    } cases[] = {
        {"u,i\n", {"comma", "none", false, 1, 2}},
        {"user::item\nu::i\n", {"\"::\"", "none", true, 1, 2}},
        {"time\titem\tuser\n9\ti\tu\n", {"tab", "none", true, 3, 2}},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char *path = scratch_write(*state, "pairs", cases[i].text, strlen(cases[i].text));
        dsc_pair_reader *reader;
        assert_int_equal(
            dsc_pair_reader_open(&reader, path, DSC_DELIMITER_DETECT, DSC_HEADER_DETECT, NULL),
            DSC_OK);
        dsc_pair pair;
        bool has_pair;
        for (int line = 0; line < 2; line++) { /* reading on does not change the answer */
            dsc_pair_form form = dsc_pair_reader_form(reader);
            assert_string_equal(form.delimiter, cases[i].form.delimiter);
            assert_string_equal(form.compression, cases[i].form.compression);
            assert_int_equal(form.has_header, cases[i].form.has_header);
            assert_int_equal(form.user_column, cases[i].form.user_column);
            assert_int_equal(form.item_column, cases[i].form.item_column);
            assert_int_equal(dsc_pair_reader_next(reader, &pair, &has_pair, NULL), DSC_OK);
        }
        dsc_pair_reader_close(reader);
        free(path);
    }
}

typedef struct bad_case {
    const char *text;
    const char *place; /* behind the file's name */
    const char *message;
} bad_case;

static const bad_case bad_cases[] = {
    {"u,i\nv\n", ":2:2", "found 1 field separated by comma, expected at least 2"},
    {"u,i\n,j\n", ":2:1", "the user id is empty"},
    {"u,i\nv,\n", ":2:3", "the item id is empty"},
    {"u,i\n\"v,j\n", ":2:1", "quote"},
    {"u,i\nv,Seven, 7\n", ":2:10", "found 3 fields separated by comma, expected 2"},
    {"item,time,user\ni,7,u\ni,7\n", ":3:4", "expected at least 3: user in column 3, item in 1"},
};

static void bad_lines(void **state) {
    for (size_t i = 0; i < sizeof bad_cases / sizeof bad_cases[0]; i++) {
        const bad_case *c = &bad_cases[i];
        print_message("case %zu\n", i);
        char *path = scratch_write(*state, "pairs", c->text, strlen(c->text));
        dsc_pair_reader *reader;
        dsc_error err = {DSC_OK, "", ""};
        assert_int_equal(
            dsc_pair_reader_open(&reader, path, DSC_DELIMITER_DETECT, DSC_HEADER_DETECT, &err),
            DSC_OK);
        dsc_pair pair;
        bool has_pair;
        assert_int_equal(dsc_pair_reader_next(reader, &pair, &has_pair, &err), DSC_OK);
        assert_int_equal(dsc_pair_reader_next(reader, &pair, &has_pair, &err), DSC_E_DATA);
        assert_int_equal(err.code, DSC_E_DATA);
        assert_string_equal(err.where + strlen(path), c->place);
        assert_non_null(strstr(err.message, c->message));
        dsc_pair_reader_close(reader);
        free(path);
    }
}

static void opening_fails(void **state) {
    char *missing = scratch_path(*state, "missing");
    char *utf16 = scratch_write(*state, "utf16", "\xff\xfeu\0,\0", 6);
    const struct {
        const char *path;
        int delimiter, header;
        dsc_status expected;
    } cases[] = {
        {missing, DSC_DELIMITER_DETECT, DSC_HEADER_DETECT, DSC_E_IO},
        {utf16, DSC_DELIMITER_DETECT, DSC_HEADER_DETECT, DSC_E_DATA},
        {utf16, DSC_DELIMITER_PIPE + 1, DSC_HEADER_DETECT, DSC_E_ARGUMENT},
        {utf16, DSC_DELIMITER_COMMA, DSC_HEADER_NO + 1, DSC_E_ARGUMENT},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        dsc_pair_reader *reader = (dsc_pair_reader *)(uintptr_t)1;
        dsc_error err = {DSC_OK, "", ""};
        assert_int_equal(dsc_pair_reader_open(&reader, cases[i].path,
                                              (dsc_delimiter)cases[i].delimiter,
                                              (dsc_header)cases[i].header, &err),
                         cases[i].expected);
        assert_int_equal(err.code, cases[i].expected);
        assert_null(reader);
    }
    dsc_pair_reader_close(NULL);
    free(utf16);
    free(missing);
}

static dsc_status open_pairs(void *path, dsc_error *err) {
    dsc_pair_reader *reader;
    dsc_status status =
        dsc_pair_reader_open(&reader, path, DSC_DELIMITER_DETECT, DSC_HEADER_DETECT, err);
    assert_int_equal(reader != NULL, status == DSC_OK);
    dsc_pair_reader_close(reader);
    return status;
}

static void each_allocation(void **state) {
    char *path = scratch_write(*state, "pairs", "u,i\n", 4);
    fail_alloc_each(open_pairs, path, 2);
    free(path);
}

/* The time of each pair; 0: none. */
static void times_where_there_are_some(void **state) {
    static const struct {
        const char *text;
        size_t column;
        int64_t times[2];
    } cases[] = {
        {"u,i,4,978300760\nv,j,5,7\n", 4, {978300760, 7}},
        {"u,i,4,978300760\nv,j,5,soon\n", 4, {978300760, 0}},
        {"u,i,4,1.9\nv,j,5,2.5\n", 4, {1, 2}},
        {"u,i,4\nv,j,5\n", 0, {0, 0}},
        {"u,i\nv,j\n", 0, {0, 0}},
        {"time,user,item\n5,u,i\n6,v,j\n", 1, {5, 6}},
        {"user,item,rating,x\nu,i,5,6\nv,j,7,8\n", 0, {0, 0}}, /* named, and no time */
    };
    for (size_t c = 0; c < sizeof cases / sizeof cases[0]; c++) {
        char *path = scratch_write(*state, "pairs", cases[c].text, strlen(cases[c].text));
        dsc_pair_reader *reader;
        assert_int_equal(
            dsc_pair_reader_open(&reader, path, DSC_DELIMITER_DETECT, DSC_HEADER_DETECT, NULL),
            DSC_OK);
        assert_int_equal(dsc_pair_reader_form(reader).time_column, cases[c].column);
        for (size_t p = 0; p < 2; p++) {
            dsc_pair pair = {.line = 0};
            bool has_pair = false;
            assert_int_equal(dsc_pair_reader_next(reader, &pair, &has_pair, NULL), DSC_OK);
            assert_true(has_pair);
            assert_int_equal(pair.has_time, cases[c].times[p] != 0);
            assert_true(!pair.has_time || pair.time == cases[c].times[p]);
        }
        dsc_pair_reader_close(reader);
        free(path);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(times_where_there_are_some, scratch_begin, scratch_end),
        cmocka_unit_test_setup_teardown(good_files, scratch_begin, scratch_end),
        cmocka_unit_test_setup_teardown(forms, scratch_begin, scratch_end),
        cmocka_unit_test_setup_teardown(bad_lines, scratch_begin, scratch_end),
        cmocka_unit_test_setup_teardown(opening_fails, scratch_begin, scratch_end),
        cmocka_unit_test_setup_teardown(each_allocation, scratch_begin, scratch_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
