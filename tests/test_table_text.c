/* Tables from text: what is read from which input, and which message a bad input gives.
 *
 * A table is written as its names, then its rows: numbers as %g, categories in brackets, "-" for a
 * missing value, "." for an ignored one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "descent/table.h"

enum { TEXT_BYTES = 1000 };

static size_t write_value(const dsc_table *table, size_t row, size_t c, char *out, size_t room) {
    switch (dsc_table_column_kind(table, c)) {
    case DSC_COLUMN_NUMERIC: {
        double value = dsc_table_number(table, row, c);
        return isnan(value) ? (size_t)snprintf(out, room, " -")
                            : (size_t)snprintf(out, room, " %g", value);
    }
    case DSC_COLUMN_CATEGORICAL: {
        uint32_t category = dsc_table_category(table, row, c);
        if (category == DSC_NO_INDEX) {
            return (size_t)snprintf(out, room, " -");
        }
        assert_in_range(category, 0, dsc_table_n_categories(table, c) - 1);
        dsc_id text = dsc_table_category_text(table, c, category);
        return (size_t)snprintf(out, room, " [%.*s]", (int)text.length, text.bytes);
    }
    case DSC_COLUMN_IGNORED:
    case DSC_COLUMN_DETECT:
        break;
    }
    return (size_t)snprintf(out, room, " .");
}

static void write_table(const dsc_table *table, char out[TEXT_BYTES]) {
    size_t n = 0;
    for (size_t c = 0; c < dsc_table_n_columns(table); c++) {
        n += (size_t)snprintf(out + n, TEXT_BYTES - n, "%s%s", c > 0 ? " " : "",
                              dsc_table_column_name(table, c));
    }
    for (size_t r = 0; r < dsc_table_n_rows(table); r++) {
        n += (size_t)snprintf(out + n, TEXT_BYTES - n, "%s", r > 0 ? "," : ":");
        for (size_t c = 0; c < dsc_table_n_columns(table); c++) {
            n += write_value(table, r, c, out + n, TEXT_BYTES - n);
        }
    }
    assert_true(n < TEXT_BYTES);
}

#define ONE(text, kind)   .choices = (const dsc_column_choice[]){{text, kind}}, .n_choices = 1
#define KEEP              .missing = DSC_MISSING_KEEP
#define CATEGORICAL(text) ONE(text, DSC_COLUMN_CATEGORICAL)
#define IGNORED(text)     ONE(text, DSC_COLUMN_IGNORED)
#define DETECT(text)      ONE(text, DSC_COLUMN_DETECT)

typedef struct good_case {
    const char *text;
    const char *expected;
    const char *delimiter;
    bool has_header;
    dsc_table_format format;
} good_case;

static const char *const dash[] = {"-"};

static const good_case good_cases[] = {
    /* every delimiter */
    {"1,2\n3,4\n", "1 2: 1 2, 3 4", "comma", false, {0}},
    {"1;2\n3;4\n", "1 2: 1 2, 3 4", "semicolon", false, {0}},
    {"1\t2\n3\t4\n", "1 2: 1 2, 3 4", "tab", false, {0}},
    {"1|2\n3|4\n", "1 2: 1 2, 3 4", "pipe", false, {0}},
    {"  1   2 \n3\t 4\n", "1 2: 1 2, 3 4", "blank", false, {0}},
    {"1.5 \t2 \n3 \t4 \n", "1 2: 1.5 2, 3 4", "tab", false, {0}},
    {"1::2\n3::4\n", "1 2: 1 2, 3 4", "\"::\"", false, {0}},
    {"1.5\n-2e1\n", "1: 1.5, -20", "comma", false, {0}},
    {"1,2;3,4\n5,6;7,8\n",
     "1 2: [1,2] [3,4], [5,6] [7,8]",
     "semicolon",
     false,
     {.delimiter = DSC_DELIMITER_SEMICOLON,
      .choices = (const dsc_column_choice[]){{"1", DSC_COLUMN_CATEGORICAL},
                                             {"-1", DSC_COLUMN_CATEGORICAL}},
      .n_choices = 2}},

    /* headers: words above numbers, told, or none */
    {"a,b\n1,2\n", "a b: 1 2", "comma", true, {0}},
    {"Block 1,Block 2\n1,2\n", "Block 1 Block 2: 1 2", "comma", true, {0}},
    {"\"a \"\"x\"\"\",\"b,c\"\n1,2\n", "a \"x\" b,c: 1 2", "comma", true, {0}},
    {"\xef\xbb\xbf"
     "a,b\r\n1,2\r\n",
     "a b: 1 2",
     "comma",
     true,
     {0}},
    {"\n\na b\n\n1 2\n\n3 4", "a b: 1 2, 3 4", "blank", true, {0}},
    {"1,2\n3,4\n", "1 2: 3 4", "comma", true, {.header = DSC_HEADER_YES}},
    {"a,,c\n1,2,3\n", "a 2 c: 1 2 3", "comma", true, {0}},
    {"x,y\nu,1\n", "x y: [u] 1", "comma", true, {CATEGORICAL("x")}},
    {"x,y\nu,v\n",
     "1 2: [x] [y], [u] [v]",
     "comma",
     false,
     {.choices =
          (const dsc_column_choice[]){{"1", DSC_COLUMN_CATEGORICAL}, {"2", DSC_COLUMN_CATEGORICAL}},
      .n_choices = 2}},

    /* kinds, by name, by number, from the end; names come before numbers */
    {"a,b,c\nu,1,2\nv,3,4\nu,5,6\n",
     "a b c: [u] 1 2, [v] 3 4, [u] 5 6",
     "comma",
     true,
     {CATEGORICAL("a")}},
    {"u,1,2\nv,3,4\n", "1 2 3: [u] 1 2, [v] 3 4", "comma", false, {CATEGORICAL("1")}},
    {"1,2,u\n3,4,\"u,v\"\n", "1 2 3: 1 2 [u], 3 4 [u,v]", "comma", false, {CATEGORICAL("-1")}},
    {"2,1\nu,3\n", "2 1: [u] 3", "comma", true, {.header = DSC_HEADER_YES, CATEGORICAL("2")}},
    {"a,b\n1,what\n2,ever\n", "a b: 1 ., 2 .", "comma", true, {IGNORED("b")}},
    {"a,b\n1,inf\n2,\n", "a b: 1 ., 2 .", "comma", true, {IGNORED("2")}},
    {"a,b\n1,u\n2,v\n", "a b: 1 [u], 2 [v]", "comma", true, {DETECT("b")}},
    {"a,b\n1,3\n2,4\n", "a b: 1 3, 2 4", "comma", true, {DETECT("b")}},
    {"1,\"say \"\"hi\"\"\"\n", "1 2: 1 [say \"hi\"]", "comma", false, {CATEGORICAL("2")}},
    {"01,1\n1,2\n1.0,3\n", "1 2: [01] 1, [1] 2, [1.0] 3", "comma", false, {CATEGORICAL("1")}},

    /* missing values, where they are kept */
    {"a,b\n1,\n,2\n", "a b: 1 -, - 2", "comma", true, {KEEP}},
    {"1,NA\nnan,2\n?,null\nN/A,\"\"\n", "1 2: 1 -, - 2, - -, - -", "comma", false, {KEEP}},
    {"1,u\n2,NA\n3,\n", "1 2: 1 [u], 2 -, 3 -", "comma", false, {KEEP, CATEGORICAL("2")}},
    {"1,-\n2,3\n",
     "1 2: 1 -, 2 3",
     "comma",
     false,
     {KEEP, .missing_words = dash, .n_missing_words = 1}},
    {"NA,NA\n1,2\n", "1 2: - -, 1 2", "comma", false, {KEEP}},
};

static void good_texts(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof good_cases / sizeof good_cases[0]; i++) {
        const good_case *c = &good_cases[i];
        dsc_table *table = NULL;
        dsc_table_report report;
        dsc_error err = {DSC_OK, "", ""};
        print_message("case %zu: %s\n", i, c->expected);
        dsc_status status = dsc_table_read_memory(&table, c->text, strlen(c->text), "t.csv",
                                                  &c->format, &report, &err);
        assert_string_equal(err.message, "");
        assert_int_equal(status, DSC_OK);
        char found[TEXT_BYTES];
        write_table(table, found);
        assert_string_equal(found, c->expected);
        assert_string_equal(report.form, "text");
        assert_string_equal(report.delimiter, c->delimiter);
        assert_string_equal(report.compression, "none");
        assert_int_equal(report.has_header, c->has_header);
        assert_int_equal(dsc_table_has_names(table), c->has_header);
        assert_int_equal(report.n_columns, dsc_table_n_columns(table));
        assert_int_equal(report.n_bytes, strlen(c->text));
        assert_string_equal(dsc_table_name(table), "t.csv");
        dsc_table_destroy(table);
    }
}

typedef struct bad_case {
    const char *text;
    const char *where;
    const char *message; /* a part of it */
    dsc_table_format format;
    dsc_status status; /* 0: DSC_E_DATA */
} bad_case;

static const bad_case bad_cases[] = {
    {"", "t.csv", "the file is empty; expected rows", {0}, 0},
    {"\n \t\n", "t.csv", "the file is empty", {0}, 0},
    {"\xef\xbb\xbf", "t.csv", "the file is empty", {0}, 0},
    {"a,b\n", "t.csv", "a header and no rows", {0}, 0},
    {"1,2\n", "t.csv", "a header and no rows", {.header = DSC_HEADER_YES}, 0},

    /* ragged rows */
    {"1,2,3\n4,5\n6,7,8\n",
     "t.csv:2:4",
     "found 2 fields separated by comma, expected 3 as on other lines",
     {0},
     0},
    {"a,b\n1,2\n3\n",
     "t.csv:3:2",
     "found 1 field separated by comma, expected 2 as the header",
     {0},
     0},
    {"1,2\n3,4,5\n6,7\n", "t.csv:2:5", "found 3 fields separated by comma, expected 2", {0}, 0},
    {"1,2\n3,4,\n6,7\n", "t.csv:2:5", "found 3 fields", {0}, 0},
    {"a,b\n1,2,3\n4,5,6\n",
     "t.csv:1:4",
     "the header names 2 columns, expected 3: the lines below have 3 fields separated by comma",
     {0},
     0},

    /* text and numbers that are none */
    {"a,b\n1,2\n3,x y\n",
     "t.csv:3:3",
     "column \"b\": \"x y\" is not a number; expected a number, unless the column is said to be "
     "categorical or ignored",
     {0},
     0},
    {"1,2\n3,\"x\"\n", "t.csv:2:4", "column \"2\": \"x\" is not a number", {0}, 0},
    {"a,2\n1,2\n",
     "t.csv:1:1",
     "if this line names the columns, say that there is a header",
     {0},
     0},
    {"1;4,5\n2;5,5\n", "t.csv:1:3", "decimal comma", {.delimiter = DSC_DELIMITER_SEMICOLON}, 0},
    {"1,inf\n", "t.csv:1:3", "\"inf\" is not a finite number; expected a number", {0}, 0},
    {"1,2\n-Infinity,2\n", "t.csv:2:1", "not a finite number", {0}, 0},
    {"1,1e999\n", "t.csv:1:3", "\"1e999\" is too large a number", {0}, 0},
    {"1,0x10\n", "t.csv:1:3", "hexadecimal", {0}, 0},
    {"1,nan\n2,3\n",
     "t.csv:1:3",
     "not a finite number",
     {KEEP, .missing_words = dash, .n_missing_words = 1},
     0},

    /* missing values, where they are refused */
    {"a,b\n1,2\n3,\n",
     "t.csv:3:3",
     "column \"b\": found nothing, a missing value, expected a number; fill missing values, leave "
     "the column out, or take the line out",
     {0},
     0},
    {"1,2\nNA,3\n", "t.csv:2:1", "found \"NA\", a missing value", {0}, 0},
    {"1,u\n3,?\n",
     "t.csv:2:3",
     "found \"?\", a missing value, expected a category",
     {CATEGORICAL("2")},
     0},

    /* names */
    {"a,b,a\n1,2,3\n",
     "t.csv:1:5",
     "columns 1 and 3 are both named \"a\"; expected names that differ",
     {0},
     0},
    {"a,b\n1,2\n",
     "t.csv",
     "there is no column \"c\"; expected one of: a, b; or a number from 1 to 2, or from -1",
     {IGNORED("c")},
     DSC_E_ARGUMENT},
    {"1,2\n3,4\n",
     "t.csv",
     "there is no column \"3\"; expected a number from 1 to 2",
     {IGNORED("3")},
     DSC_E_ARGUMENT},
    {"1,2\n", "t.csv", "there is no column \"0\"", {IGNORED("0")}, DSC_E_ARGUMENT},
    {"1,2\n", "t.csv", "there is no column \"-3\"", {IGNORED("-3")}, DSC_E_ARGUMENT},
    {"1,2\n", "t.csv", "there is no column \"1.5\"", {IGNORED("1.5")}, DSC_E_ARGUMENT},

    /* quotes and bytes */
    {"1,2\n\"3,4\n", "t.csv:2:1", "a quote that does not close on this line", {0}, 0},
    {"a,\"b\n1,2\n", "t.csv:1:3", "a quote that does not close", {.header = DSC_HEADER_YES}, 0},
    {"1,2\n\"3\"x,4\n", "t.csv:2:4", "text behind a closing quote", {0}, 0},
    {"\xff\xfe"
     "1,",
     "t.csv",
     "UTF-16",
     {0},
     0},

    /* settings */
    {"1\n", "format", "none of its values", {.delimiter = (dsc_delimiter)99}, DSC_E_ARGUMENT},
    {"1\n", "format", "none of its values", {.missing = (dsc_missing)2}, DSC_E_ARGUMENT},
    {"1\n", "format", "column \"1\" is none", {ONE("1", (dsc_column_kind)4)}, DSC_E_ARGUMENT},
};

static void bad_texts(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof bad_cases / sizeof bad_cases[0]; i++) {
        const bad_case *c = &bad_cases[i];
        dsc_status expected = c->status != DSC_OK ? c->status : DSC_E_DATA;
        dsc_table *table = (dsc_table *)(uintptr_t)1;
        dsc_error err = {DSC_OK, "", ""};
        print_message("case %zu: %s\n", i, c->message);
        dsc_status status = dsc_table_read_memory(&table, c->text, strlen(c->text), "t.csv",
                                                  &c->format, NULL, &err);
        print_message("    %s: %s\n", err.where, err.message);
        assert_int_equal(status, expected);
        assert_int_equal(err.code, expected);
        assert_null(table);
        assert_string_equal(err.where, c->where);
        assert_non_null(strstr(err.message, c->message));
        assert_int_equal(dsc_table_read_memory(&table, c->text, strlen(c->text), "t.csv",
                                               &c->format, NULL, NULL),
                         expected);
    }
}

static void a_zero_byte_has_its_place(void **state) {
    (void)state;
    static const char in_row[] = "1,2\n3,\0004\n";
    static const char in_header[] = "a,b\0c\n3,4\n";
    dsc_table *table;
    dsc_error err;
    assert_int_equal(
        dsc_table_read_memory(&table, in_row, sizeof in_row - 1, "t.csv", NULL, NULL, &err),
        DSC_E_DATA);
    assert_string_equal(err.where, "t.csv:2:3");
    assert_int_equal(
        dsc_table_read_memory(&table, in_header, sizeof in_header - 1, "t.csv", NULL, NULL, &err),
        DSC_E_DATA);
    assert_string_equal(err.where, "t.csv:1:4");
}

/* More columns than one reading of the input holds, and more rows than one growth. */
static void wide_and_long_tables(void **state) {
    (void)state;
    enum { N_WIDE = 90000, N_LONG = 5000 };
    char *text = malloc((size_t)N_WIDE * 8 * 2);
    assert_non_null(text);
    size_t n = 0;
    for (int c = 0; c < N_WIDE; c++) {
        n += (size_t)sprintf(text + n, "c%d%c", c, c + 1 < N_WIDE ? ',' : '\n');
    }
    for (int c = 0; c < N_WIDE; c++) {
        n += (size_t)sprintf(text + n, "%d%c", c, c + 1 < N_WIDE ? ',' : '\n');
    }
    dsc_table *table;
    dsc_table_report report;
    dsc_error err = {DSC_OK, "", ""};
    dsc_status status = dsc_table_read_memory(&table, text, n, "wide", NULL, &report, &err);
    assert_string_equal(err.message, "");
    assert_int_equal(status, DSC_OK);
    assert_int_equal(dsc_table_n_columns(table), N_WIDE);
    assert_true(report.has_header);
    assert_string_equal(dsc_table_column_name(table, N_WIDE - 1), "c89999");
    assert_true(dsc_table_number(table, 0, N_WIDE - 1) >= N_WIDE - 1);
    dsc_table_destroy(table);
    n = 0;
    for (int r = 0; r < N_LONG; r++) {
        n += (size_t)sprintf(text + n, "%s%d,k%d\n", r % 7 == 0 ? "\n" : "", r, r % 11);
    }
    const dsc_table_format format = {CATEGORICAL("2")};
    assert_int_equal(dsc_table_read_memory(&table, text, n, "long", &format, &report, &err),
                     DSC_OK);
    assert_int_equal(dsc_table_n_rows(table), N_LONG);
    assert_int_equal(dsc_table_n_categories(table, 1), 11);
    assert_int_equal(report.n_empty, (N_LONG + 6) / 7);
    for (size_t r = 0; r < N_LONG; r++) {
        assert_int_equal(dsc_table_number(table, r, 0), r);
        assert_int_equal(dsc_table_category(table, r, 1), r % 11);
        assert_int_equal(dsc_table_line(table, r), r + r / 7 + 2);
    }
    dsc_table_destroy(table);
    free(text);
}

static void finds_columns(void **state) {
    (void)state;
    static const struct {
        const char *selector;
        size_t column;
    } cases[] = {{"a", 0}, {"b", 1}, {"1", 2}, {"2", 1}, {"3", 2}, {"-1", 2}, {"-3", 0}};
    const char *text = "a,b,1\n1,2,3\n";
    dsc_table *table;
    const dsc_table_format format = {.header = DSC_HEADER_YES};
    assert_int_equal(dsc_table_read_memory(&table, text, strlen(text), "t", &format, NULL, NULL),
                     DSC_OK);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        size_t column = 99;
        assert_int_equal(dsc_table_find(table, cases[i].selector, &column, NULL), DSC_OK);
        assert_int_equal(column, cases[i].column);
    }
    dsc_table_destroy(table);
}

/* Two choices for one column agree, or the one that leaves it open yields. */
static void choices_do_not_contradict(void **state) {
    (void)state;
    static const struct {
        dsc_column_kind first, second;
        dsc_status status;
        dsc_column_kind kind;
    } cases[] = {
        {DSC_COLUMN_IGNORED, DSC_COLUMN_IGNORED, DSC_OK, DSC_COLUMN_IGNORED},
        {DSC_COLUMN_IGNORED, DSC_COLUMN_DETECT, DSC_OK, DSC_COLUMN_IGNORED},
        {DSC_COLUMN_DETECT, DSC_COLUMN_IGNORED, DSC_OK, DSC_COLUMN_IGNORED},
        {DSC_COLUMN_DETECT, DSC_COLUMN_CATEGORICAL, DSC_OK, DSC_COLUMN_CATEGORICAL},
        {DSC_COLUMN_CATEGORICAL, DSC_COLUMN_DETECT, DSC_OK, DSC_COLUMN_CATEGORICAL},
        {DSC_COLUMN_IGNORED, DSC_COLUMN_CATEGORICAL, DSC_E_ARGUMENT, 0},
        {DSC_COLUMN_CATEGORICAL, DSC_COLUMN_IGNORED, DSC_E_ARGUMENT, 0},
        {DSC_COLUMN_IGNORED, DSC_COLUMN_NUMERIC, DSC_E_ARGUMENT, 0},
    };
    const char *text = "a,b\n1,2\n3,4\n";
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const dsc_column_choice choices[] = {{"b", cases[i].first}, {"-1", cases[i].second}};
        const dsc_table_format format = {.choices = choices, .n_choices = 2};
        dsc_table *table;
        dsc_error err = {0};
        assert_int_equal(
            dsc_table_read_memory(&table, text, strlen(text), "t", &format, NULL, &err),
            cases[i].status);
        if (cases[i].status == DSC_OK) {
            assert_int_equal(dsc_table_column_kind(table, 1), cases[i].kind);
        } else {
            assert_non_null(strstr(err.message, "column \"b\" is said to be"));
        }
        dsc_table_destroy(table);
    }
}

static void strata_number_the_values(void **state) {
    (void)state;
    const char *text = "2.5,x,1\n-1,y,1\n2.5,,1\n,x,1\n7,y,1\n";
    const dsc_table_format format = {
        KEEP,
        .choices =
            (const dsc_column_choice[]){{"2", DSC_COLUMN_CATEGORICAL}, {"3", DSC_COLUMN_IGNORED}},
        .n_choices = 2};
    dsc_table *table;
    assert_int_equal(dsc_table_read_memory(&table, text, strlen(text), "t", &format, NULL, NULL),
                     DSC_OK);
    uint32_t stratum[5];
    size_t n;
    assert_int_equal(dsc_table_strata(table, 0, stratum, &n, NULL), DSC_OK);
    static const uint32_t numbers[] = {1, 0, 1, 3, 2};
    assert_int_equal(n, 4);
    assert_memory_equal(stratum, numbers, sizeof numbers);
    assert_int_equal(dsc_table_strata(table, 1, stratum, &n, NULL), DSC_OK);
    static const uint32_t categories[] = {0, 1, 2, 0, 1};
    assert_int_equal(n, 3);
    assert_memory_equal(stratum, categories, sizeof categories);
    assert_int_equal(dsc_table_strata(table, 2, stratum, &n, NULL), DSC_E_ARGUMENT);
    dsc_table_destroy(table);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(good_texts),
        cmocka_unit_test(bad_texts),
        cmocka_unit_test(a_zero_byte_has_its_place),
        cmocka_unit_test(wide_and_long_tables),
        cmocka_unit_test(finds_columns),
        cmocka_unit_test(choices_do_not_contradict),
        cmocka_unit_test(strata_number_the_values),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
