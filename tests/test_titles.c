/* Titles: every form in which item names are published, and bad files by place and reason. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/utf8.h"
#include "descent/titles.h"
#include "ratings/latin1.h"
#include "scratch_dir.h"

static dsc_id find(const dsc_titles *titles, const char *item) {
    return dsc_titles_find(titles, (dsc_id){item, strlen(item)});
}

typedef struct good_case {
    const char *text;
    size_t count;
    struct {
        const char *item, *title; /* title NULL: the file has none */
    } expected[3];
} good_case;

static const good_case good_cases[] = {
    /* u.item: pipe, latin-1, many columns */
    {"1|Toy Story (1995)|01-Jan-1995||http://x|0|1\n"
     "2|Cit\xe9 des enfants perdus, La (1995)|01-Jan-1995||http://y|1|0\n",
     2,
     {{"1", "Toy Story (1995)"}, {"2", "Cit\xc3\xa9 des enfants perdus, La (1995)"}, {"3", NULL}}},
    /* movies.dat: "::", latin-1, single colons, pipes and quotes in titles and genres */
    {"12::Dracula: Dead and Loving It (1995)::Comedy|Horror\n"
     "73::Mis\xe9rables, Les (1995)::Drama|Musical\n"
     "1234::\"Great\" Cats (1998)::Musical\n",
     3,
     {{"12", "Dracula: Dead and Loving It (1995)"},
      {"73", "Mis\xc3\xa9rables, Les (1995)"},
      {"1234", "\"Great\" Cats (1998)"}}},
    /* CSV with a header, quotes, CR LF and a byte order mark */
    {"\xef\xbb\xbfmovieId,title,genres\r\n11,\"American President, The (1995)\",Comedy|Drama\r\n"
     "12,\"Say \"\"Hi\"\"\",Comedy\r\n",
     2,
     {{"11", "American President, The (1995)"}, {"12", "Say \"Hi\""}, {"movieId", NULL}}},
    /* two columns, by tab, blank, semicolon; UTF-8 stays as it is */
    {"a\tAm\xc3\xa9lie\nb\tThe Matrix\n", 2, {{"a", "Am\xc3\xa9lie"}, {"b", "The Matrix"}, {0}}},
    {"a The Matrix\nb  Heat \nc Blade Runner 2049\n",
     3,
     {{"a", "The Matrix"}, {"b", "Heat"}, {"c", "Blade Runner 2049"}}},
    {"id;name\nx;Heat, 1995\ny;Ran\n", 2, {{"x", "Heat, 1995"}, {"y", "Ran"}, {"id", NULL}}},
    /* no header: a first line that names nothing; the last of equal ids wins; blank lines */
    {"\nx,First\ny,Other\nx,Last\n\n", 2, {{"x", "Last"}, {"y", "Other"}, {0}}},
    {"1,Title\n", 1, {{"1", "Title"}, {0}}},
};

static void good_files(void **state) {
    for (size_t i = 0; i < sizeof good_cases / sizeof good_cases[0]; i++) {
        const good_case *c = &good_cases[i];
        print_message("case %zu\n", i);
        char *path = scratch_write(*state, "titles", c->text, strlen(c->text));
        dsc_titles *titles = NULL;
        dsc_error err = {DSC_OK, "", ""};
        dsc_status status = dsc_titles_read(&titles, path, &err);
        assert_string_equal(err.message, "");
        assert_int_equal(status, DSC_OK);
        assert_int_equal(dsc_titles_count(titles), c->count);
        for (size_t k = 0; k < 3 && c->expected[k].item != NULL; k++) {
            dsc_id title = find(titles, c->expected[k].item);
            if (c->expected[k].title == NULL) {
                assert_null(title.bytes);
                assert_int_equal(title.length, 0);
            } else {
                assert_int_equal(title.length, strlen(c->expected[k].title));
                assert_memory_equal(title.bytes, c->expected[k].title, title.length);
            }
        }
        dsc_titles_destroy(titles);
        free(path);
    }
}

static void bad_files(void **state) {
    const struct {
        const char *text;
        const char *where; /* the end of it */
        const char *message;
    } cases[] = {
        {"", "/titles", "the file holds no titles"},
        {"movieId,title,genres\n", "/titles", "the file holds no titles"},
        {"1,Heat\n2\n", "/titles:2:2", "no title for item \"2\"; expected an id and a title"},
        {"1|Heat\n2|\n", "/titles:2:3", "no title for item \"2\""},
        {"1,Heat\n,Ran\n", "/titles:2:1", "the item id is empty"},
        {"1,Heat\n2,Good, the Bad\n", "/titles:2:9",
         "found 3 fields separated by comma, expected 2"},
        {"1,Heat\n2,\"Ran\n", "/titles:2:3", "a quote that does not close"},
        {"\xfe\xff\x01", "/titles", "UTF-16"},
        {"PK\x03\x04", "/titles", "a zip archive"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        print_message("case %zu: %s\n", i, cases[i].message);
        char *path = scratch_write(*state, "titles", cases[i].text, strlen(cases[i].text));
        dsc_titles *titles = (dsc_titles *)(uintptr_t)1;
        dsc_error err;
        assert_int_equal(dsc_titles_read(&titles, path, &err), DSC_E_DATA);
        assert_null(titles);
        assert_string_equal(strrchr(err.where, '/'), cases[i].where);
        assert_non_null(strstr(err.message, cases[i].message));
        free(path);
    }
}

static void missing_files_and_no_titles(void **state) {
    char *path = scratch_path(*state, "nothing-here");
    dsc_titles *titles;
    assert_int_equal(dsc_titles_read(&titles, path, NULL), DSC_E_IO);
    free(path);
    assert_null(find(NULL, "1").bytes);
    dsc_titles_destroy(NULL);
}

static void utf8_is_told_from_latin1(void **state) {
    (void)state;
    const struct {
        const char *text;
        bool is_utf8;
    } cases[] = {
        {"", true},
        {"plain", true},
        {"\xc3\xa9", true},
        {"\xe4\xbd\xa0", true},
        {"\xf0\x9f\x8e\xac", true},
        {"\xf4\x8f\xbf\xbf", true},
        {"\xe9", false},             /* latin-1 */
        {"\xc3", false},             /* cut */
        {"\xe4\xbd", false},         /* cut */
        {"\xe4\xbdx", false},        /* broken */
        {"\x80", false},             /* no lead */
        {"\xc0\xaf", false},         /* overlong */
        {"\xe0\x9f\xbf", false},     /* overlong */
        {"\xf0\x8f\xbf\xbf", false}, /* overlong */
        {"\xed\xa0\x80", false},     /* a surrogate */
        {"\xf4\x90\x80\x80", false}, /* above U+10FFFF */
        {"\xf5\x80\x80\x80", false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        assert_int_equal(dsc_is_utf8(cases[i].text, strlen(cases[i].text)), cases[i].is_utf8);
    }
    for (int c = 1; c < 256; c++) {
        char byte = (char)c;
        char out[2];
        size_t n = dsc_latin1_utf8_length(&byte, 1);
        dsc_latin1_to_utf8(out, &byte, 1);
        assert_int_equal(n, c < 0x80 ? 1 : 2);
        assert_true(dsc_is_utf8(out, n));
    }
}

/* The published files, where they are. */
static void public_titles(void **state) {
    (void)state;
    const struct {
        const char *path;
        size_t count;
        const char *item, *title;
    } files[] = {
        {"ml-100k/u.item", 1682, "1", "Toy Story (1995)"},
        {"ml-1m/movies.dat", 3883, "73", "Mis\xc3\xa9rables, Les (1995)"},
    };
    const char *folder = getenv("DESCENT_DATA");
    folder = folder != NULL ? folder : "../shared/datasets";
    size_t n_read = 0;
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
        char path[4096];
        snprintf(path, sizeof path, "%s/%s", folder, files[i].path);
        if (access(path, R_OK) != 0) {
            print_message("skipped: %s is not there (DESCENT_DATA names the folder)\n", path);
            continue;
        }
        dsc_titles *titles;
        dsc_error err;
        assert_int_equal(dsc_titles_read(&titles, path, &err), DSC_OK);
        assert_int_equal(dsc_titles_count(titles), files[i].count);
        dsc_id title = find(titles, files[i].item);
        assert_int_equal(title.length, strlen(files[i].title));
        assert_memory_equal(title.bytes, files[i].title, title.length);
        dsc_titles_destroy(titles);
        n_read++;
    }
    if (n_read == 0) {
        skip();
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(good_files, scratch_begin, scratch_end),
        cmocka_unit_test_setup_teardown(bad_files, scratch_begin, scratch_end),
        cmocka_unit_test_setup_teardown(missing_files_and_no_titles, scratch_begin, scratch_end),
        cmocka_unit_test(utf8_is_told_from_latin1),
        cmocka_unit_test(public_titles),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
