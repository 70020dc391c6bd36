/* descent split: from a file of ratings to files to learn from and files to test with. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "command.h"
#include "descent/file.h"
#include "output.h"
#include "reading.h"
#include "split_options.h"

typedef struct request {
    const char *ratings_path;
    const char *directory;
    cli_reading reading;
    cli_split_request split;
    uint64_t seed;
    bool is_quiet;
} request;

/* DIR/train.csv, or with folds DIR/train1.csv; freed with free(), NULL: no memory. */
static char *path_of(const request *self, uint32_t n_splits, uint32_t k, bool is_test) {
    char *path = NULL;
    const char *part = is_test ? "test" : "train";
    const int length = n_splits == 1
                           ? asprintf(&path, "%s/%s.csv", self->directory, part)
                           : asprintf(&path, "%s/%s%" PRIu32 ".csv", self->directory, part, k + 1);
    return length < 0 ? NULL : path;
}

/* The fewest digits, from 6 on, that are read as the same float: 4.1, not 4.0999999. */
static void write_rating(float value, char *out, size_t length) {
    enum { FEWEST = 6, ENOUGH = 9 };
    for (int digits = FEWEST; digits <= ENOUGH; digits++) {
        snprintf(out, length, "%.*g", digits, (double)value);
        if (strtof(out, NULL) == value) {
            return;
        }
    }
}

/* The columns in their order: without ratings where they were not read, and with times if any. */
static size_t keep_cells(dsc_id cells[4], bool has_rating, bool has_time) {
    size_t n = 2;
    if (has_rating) {
        n++;
    }
    if (has_time) {
        cells[n++] = cells[3];
    }
    return n;
}

static void write_rows(FILE *file, const dsc_ratings *part) {
    const dsc_sparse all = dsc_ratings_by_user(part);
    const bool has_rating = dsc_ratings_feedback(part) == DSC_FEEDBACK_EXPLICIT;
    const bool has_time = all.time != NULL;
    dsc_id names[] = {cli_id("user"), cli_id("item"), cli_id("rating"), cli_id("time")};
    cli_csv_write(file, names, keep_cells(names, has_rating, has_time));
    for (uint32_t user = 0; user < all.n_rows; user++) {
        for (uint64_t e = all.start[user]; e < all.start[user + 1]; e++) {
            char rating[32], time[32] = "";
            write_rating(all.value[e], rating, sizeof rating);
            if (has_time) {
                snprintf(time, sizeof time, "%" PRId64, all.time[e]);
            }
            dsc_id cells[] = {dsc_ratings_user_id(part, user),
                              dsc_ratings_item_id(part, all.column[e]), cli_id(rating),
                              cli_id(time)};
            cli_csv_write(file, cells, keep_cells(cells, has_rating, has_time));
        }
    }
}

/* The part as text, (*length) bytes freed with free(); NULL: no memory. */
static char *make_text(const dsc_ratings *part, size_t *length) {
    char *text = NULL;
    FILE *file = open_memstream(&text, length);
    if (file == NULL) {
        return NULL;
    }
    write_rows(file, part);
    const bool has_failed = ferror(file) != 0;
    if (fclose(file) != 0 || has_failed) {
        free(text);
        return NULL;
    }
    return text;
}

/* One part into its file. */
static int write_part(const request *self, const dsc_ratings *part, const char *path) {
    const dsc_sparse all = dsc_ratings_by_user(part);
    dsc_error err;
    size_t length = 0;
    char *text = make_text(part, &length);
    if (text == NULL) {
        return cli_no_memory();
    }
    const dsc_status status = dsc_file_write(path, text, length, &err);
    free(text);
    if (status != DSC_OK) {
        return cli_fail(&err);
    }
    if (!self->is_quiet) {
        fprintf(stderr, "Wrote ");
        cli_write_clean(path, stderr);
        fprintf(stderr, ": %zu %s of %zu users and %zu items\n", all.n_entries,
                dsc_ratings_feedback(part) == DSC_FEEDBACK_EXPLICIT ? "ratings" : "interactions",
                all.n_rows, all.n_cols);
    }
    return CLI_GO_ON;
}

/* The directory, made if it is not there, must have none of the files yet. */
static int check_directory(const request *self, uint32_t n_splits) {
    if (mkdir(self->directory, 0777) != 0 && errno != EEXIST) {
        return cli_fail_at(CLI_IO, self->directory, "the directory cannot be made: %s",
                           strerror(errno));
    }
    struct stat found;
    if (stat(self->directory, &found) != 0 || !S_ISDIR(found.st_mode)) {
        return cli_fail_at(CLI_IO, self->directory, "is not a directory");
    }
    for (uint32_t i = 0; i < 2 * n_splits; i++) {
        char *path = path_of(self, n_splits, i / 2, i % 2 != 0);
        if (path == NULL) {
            return cli_no_memory();
        }
        int status = CLI_GO_ON;
        if (lstat(path, &found) == 0) {
            status = cli_fail_at(CLI_IO, path,
                                 "is there already and is kept; choose another directory with "
                                 "--output, or move the file");
        }
        free(path);
        if (status != CLI_GO_ON) {
            return status;
        }
    }
    return CLI_GO_ON;
}

static int write_all(const request *self, const dsc_ratings *ratings, const uint32_t *split,
                     uint32_t n_splits) {
    int status = CLI_GO_ON;
    for (uint32_t i = 0; i < 2 * n_splits && status == CLI_GO_ON; i++) {
        const bool is_test = i % 2 != 0;
        dsc_error err;
        dsc_ratings *part = NULL;
        char *path = path_of(self, n_splits, i / 2, is_test);
        if (path == NULL) {
            status = cli_no_memory();
        } else if (dsc_ratings_part(&part, ratings, split, i / 2, is_test, &err) != DSC_OK) {
            status = cli_fail(&err);
        } else {
            status = write_part(self, part, path);
        }
        dsc_ratings_destroy(part);
        free(path);
    }
    return status == CLI_GO_ON ? CLI_DONE : status;
}

static int split_ratings(const request *self, const dsc_ratings *ratings) {
    const dsc_split_plan plan = cli_split_plan(&self->split, self->seed);
    const uint32_t n_splits = dsc_split_plan_count(&plan);
    dsc_error err;
    uint32_t *split = calloc(dsc_ratings_by_user(ratings).n_entries, sizeof *split);
    if (split == NULL) {
        return cli_no_memory();
    }
    int status = CLI_GO_ON;
    if (dsc_ratings_assign(ratings, &plan, split, &err) != DSC_OK) {
        status = cli_fail(&err);
    }
    if (status == CLI_GO_ON) {
        status = check_directory(self, n_splits);
    }
    if (status == CLI_GO_ON) {
        status = write_all(self, ratings, split, n_splits);
    }
    free(split);
    return status;
}

static int parse(request *self, int argc, char **argv) {
    cli_option split_options[CLI_N_SPLIT_OPTIONS + 2];
    cli_split_options(&self->split, split_options);
    split_options[CLI_N_SPLIT_OPTIONS] = (cli_option){
        .type = CLI_WHOLE,
        .name = "seed",
        .letter = 's',
        .help = "start of all randomness: the same seed gives the same files",
        .target = &self->seed,
    };
    split_options[CLI_N_SPLIT_OPTIONS + 1] = (cli_option){
        .type = CLI_STRING,
        .name = "output",
        .letter = 'o',
        .value = "DIR",
        .help = "where to write train.csv and test.csv, of folds train1.csv, test1.csv and so on; "
                "made if it is not there",
        .target = &self->directory,
        .is_required = true,
    };
    cli_option reading_options[CLI_N_READING_OPTIONS];
    cli_reading_options(&self->reading, reading_options);
    const cli_option output_options[] = {CLI_QUIET_OPTION(self->is_quiet)};
    const cli_option_group groups[] = {
        {"Splitting", split_options, CLI_COUNT(split_options)},
        {"Reading", reading_options, CLI_N_READING_OPTIONS},
        {"Output", output_options, CLI_COUNT(output_options)},
    };
    const cli_argument arguments[] = {
        {"RATINGS",
         "the ratings, one a line: user, item, rating and, if there is one, time; plain, gzip or "
         "zstd; - is standard input; interactions are written a pair a line",
         &self->ratings_path, false},
    };
    const cli_syntax syntax = {
        .command = "split",
        .summary = "Splits a file of ratings into files to learn from and files to test with, so "
                   "that any program can be held against the same test. The split of descent "
                   "validate with the same options and seed is the same.",
        .arguments = arguments,
        .n_arguments = CLI_COUNT(arguments),
        .groups = groups,
        .n_groups = CLI_COUNT(groups),
        .notes = "Examples:\n"
                 "  descent split ratings.csv -o parts\n"
                 "  descent split ratings.csv --protocol folds --folds 10 -o parts\n",
    };
    int status = cli_parse(&syntax, argc, argv);
    return status == CLI_GO_ON ? cli_split_check("split", &self->split) : status;
}

int cli_split(int argc, char **argv) {
    request self = {.split = cli_split_default(), .seed = 1};
    dsc_ratings *ratings = NULL;
    int status = parse(&self, argc, argv);
    if (status == CLI_GO_ON) {
        status = cli_read_ratings(&ratings, self.ratings_path, &self.reading, self.is_quiet);
    }
    if (status == CLI_GO_ON) {
        status = split_ratings(&self, ratings);
    }
    dsc_ratings_destroy(ratings);
    return status;
}
