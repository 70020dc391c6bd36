/* The scale of ratings: what is refused because it is ids or times, and what the summary says. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "descent/ratings.h"

/* Columns in the wrong order show themselves by too many whole numbers. */
static void ids_taken_for_ratings(void **state) {
    (void)state;
    enum { N = 1001 };
    char text[N * 16 + 16];
    for (int n_values = N - 1; n_values <= N; n_values++) {
        size_t length = 0;
        for (int i = 0; i < N; i++) {
            length += (size_t)sprintf(text + length, "%d,1,%d\n", i, 10 * (i % n_values));
        }
        dsc_ratings *ratings;
        dsc_error err;
        dsc_status status = dsc_ratings_read_memory(&ratings, text, length, "t", NULL, NULL, &err);
        assert_int_equal(status, n_values == N ? DSC_E_DATA : DSC_OK);
        if (n_values == N) {
            assert_string_equal(err.where, "t");
            assert_non_null(
                strstr(err.message, "column 3, taken for the rating, holds 1001 distinct"));
            assert_non_null(strstr(err.message, "--columns 1,2,3"));
        }
        dsc_ratings_destroy(ratings);
        /* one fraction shows that they are ratings; so does the caller's word */
        const dsc_ratings_format told = {.user_column = 1, .item_column = 2, .rating_column = 3};
        assert_int_equal(dsc_ratings_read_memory(&ratings, text, length, "t", &told, NULL, &err),
                         DSC_OK);
        dsc_ratings_destroy(ratings);
        length += (size_t)sprintf(text + length, "z,1,0.5\n");
        assert_int_equal(dsc_ratings_read_memory(&ratings, text, length, "t", NULL, NULL, &err),
                         DSC_OK);
        dsc_ratings_destroy(ratings);
    }
}

/* Times are so large that in single precision the thousands of them merge into a few dozen. */
static void times_taken_for_ratings(void **state) {
    (void)state;
    enum { N = 3000 };
    static char text[N * 24];
    size_t length = 0;
    for (int i = 0; i < N; i++) {
        length += (size_t)sprintf(text + length, "%d,1,%d\n", i, 881000000 + i);
    }
    dsc_ratings *ratings;
    dsc_error err;
    assert_int_equal(dsc_ratings_read_memory(&ratings, text, length, "t", NULL, NULL, &err),
                     DSC_E_DATA);
    assert_non_null(strstr(err.message, "column 3, taken for the rating, holds whole numbers as "
                                        "large as 881003008, as ids or times do"));
    const dsc_ratings_format told = {.user_column = 1, .item_column = 2, .rating_column = 3};
    assert_int_equal(dsc_ratings_read_memory(&ratings, text, length, "t", &told, NULL, &err),
                     DSC_OK);
    dsc_ratings_destroy(ratings);
    /* whole numbers that are too small or too large for a time */
    const char *const scales[] = {"a,x,16777215\nb,x,-16777215\n", "a,x,1\nb,x,1e20\n"};
    for (size_t i = 0; i < sizeof scales / sizeof scales[0]; i++) {
        assert_int_equal(
            dsc_ratings_read_memory(&ratings, scales[i], strlen(scales[i]), "t", NULL, NULL, &err),
            DSC_OK);
        dsc_ratings_destroy(ratings);
    }
}

static void summaries(void **state) {
    (void)state;
    const char *few = "a,x,1\na,y,2\nb,x,2\nb,z,4.5\n";
    dsc_ratings *ratings;
    dsc_ratings_summary s;
    assert_int_equal(dsc_ratings_read_memory(&ratings, few, strlen(few), "t", NULL, NULL, NULL),
                     DSC_OK);
    dsc_ratings_summarize(ratings, &s);
    dsc_ratings_destroy(ratings);
    assert_int_equal(s.n_users, 2);
    assert_int_equal(s.n_items, 3);
    assert_int_equal(s.n_ratings, 4);
    assert_true(s.density == 4.0 / 6);
    assert_true(s.min == 1 && s.max == 4.5 && s.mean == 2.375);
    assert_true(s.standard_deviation > 1.29301 && s.standard_deviation < 1.29302);
    assert_int_equal(s.n_bins, 3);
    const double value[] = {1, 2, 4.5};
    const size_t count[] = {1, 2, 1};
    for (size_t i = 0; i < 3; i++) {
        assert_true(s.bin_low[i] == value[i] && s.bin_high[i] == value[i]);
        assert_int_equal(s.bin_count[i], count[i]);
    }

    /* The scale of 0 to 10 has a bin a value. */
    const char *scale = "a,0,0\na,1,1\na,2,2\na,3,3\na,4,4\na,5,5\na,6,6\na,7,7\na,8,8\na,9,9\n"
                        "a,b,10\nb,b,10\n";
    assert_int_equal(dsc_ratings_read_memory(&ratings, scale, strlen(scale), "t", NULL, NULL, NULL),
                     DSC_OK);
    dsc_ratings_summarize(ratings, &s);
    dsc_ratings_destroy(ratings);
    assert_int_equal(s.n_bins, 11);
    for (size_t i = 0; i < 11; i++) {
        assert_true(s.bin_low[i] == (double)i && s.bin_high[i] == (double)i);
        assert_int_equal(s.bin_count[i], i == 10 ? 2 : 1);
    }

    /* 21 values, the even numbers of 0 to 40, are too many for that. */
    char many[21 * 16] = "";
    for (int i = 0; i <= 20; i++) {
        const size_t used = strlen(many);
        snprintf(many + used, sizeof many - used, "a,%d,%d\n", i, 2 * i);
    }
    assert_int_equal(dsc_ratings_read_memory(&ratings, many, strlen(many), "t", NULL, NULL, NULL),
                     DSC_OK);
    dsc_ratings_summarize(ratings, &s);
    dsc_ratings_destroy(ratings);
    assert_int_equal(s.n_bins, 10);
    for (size_t i = 0; i < 10; i++) {
        assert_true(s.bin_low[i] == 4 * (double)i && s.bin_high[i] == 4 * (double)(i + 1));
        assert_int_equal(s.bin_count[i], i == 9 ? 3 : 2); /* the last bin holds its upper end */
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ids_taken_for_ratings),
        cmocka_unit_test(times_taken_for_ratings),
        cmocka_unit_test(summaries),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
