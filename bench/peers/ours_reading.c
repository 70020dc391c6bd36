/* Our side of bench/peers/reading.py: a ratings file from the page cache, read whole twice in each turn, of which the
 * second is told.
 *
 *     ours_reading --file RATINGS [--threads N] [--stage columns]
 *
 * It also maps ids and sorts by user, which the peers do not; with --stage columns "seconds"
 * are those before it sorts. */
#include "../bench.h"
#include "descent/isa.h"
#include "descent/ratings.h"

static dsc_ratings *read_file(const char *path, const dsc_ratings_format *format,
                              dsc_ratings_report *report) {
    dsc_ratings *ratings;
    dsc_error err;
    bench_require(dsc_ratings_read(&ratings, path, format, report, &err), &err);
    return ratings;
}

int main(int argc, char **argv) {
    const char *path = bench_option(argc, argv, "--file", "-");
    const dsc_ratings_format format = {
        .n_threads = strtoul(bench_option(argc, argv, "--threads", "1"), NULL, 10)};
    const bool is_whole = strcmp(bench_option(argc, argv, "--stage", ""), "columns") != 0;
    bench_print_record((bench_field[]){{"ready", NULL, 1}, {"isa", dsc_isa_name(), 0}, {0}});
    while (bench_wait_for_turn()) {
        dsc_ratings_report report;
        dsc_ratings_destroy(read_file(path, &format, &report));
        const double begin_s = bench_now_s(), worked_begin_s = bench_worked_s();
        dsc_ratings *ratings = read_file(path, &format, &report);
        const double seconds = bench_now_s() - begin_s,
                     worked_s = bench_worked_s() - worked_begin_s;
        const dsc_sparse by_user = dsc_ratings_by_user(ratings);
        double sum = 0;
        for (size_t i = 0; i < by_user.n_entries; i++) {
            sum += (double)by_user.value[i];
        }
        bench_print_record(
            (bench_field[]){{"amount", NULL, (double)report.n_bytes},
                            {"seconds", NULL, is_whole ? seconds : report.columns_s},
                            {"rows", NULL, (double)by_user.n_entries},
                            {"check", NULL, sum},
                            is_whole ? (bench_field){"worked_s", NULL, worked_s} : (bench_field){0},
                            {0}});
        dsc_ratings_destroy(ratings);
    }
    return EXIT_SUCCESS;
}
