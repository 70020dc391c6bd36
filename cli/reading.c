/* Ratings files on the command line: the options that say how to read them, and the report. */
#include "reading.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* In the order of dsc_delimiter, dsc_header and dsc_on_error. */
static const char *const delimiters[] = {
    "detect", "comma", "tab", "::", "blank", "semicolon", "pipe", NULL};
static const char *const headers[] = {"detect", "yes", "no", NULL};
static const char *const on_errors[] = {"stop", "skip", NULL};

static const char full_bar[] = "########################################";

void cli_reading_options(cli_reading *reading, cli_option options[CLI_N_READING_OPTIONS]) {
    options[0] = (cli_option){
        .type = CLI_CHOICE,
        .name = "delimiter",
        .letter = 'd',
        .value = "NAME",
        .help = "what separates the fields: detect, comma, tab, ::, blank, semicolon or pipe",
        .target = &reading->delimiter,
        .choices = delimiters,
    };
    options[1] = (cli_option){
        .type = CLI_CHOICE,
        .name = "header",
        .help = "whether the first line names the columns",
        .target = &reading->header,
        .choices = headers,
    };
    options[2] = (cli_option){
        .type = CLI_LIST,
        .name = "columns",
        .value = "U,I,R[,T]",
        .help = "the columns, counted from 1, that hold user, item, rating and, if it is to be "
                "read, time; with --implicit U,I is enough, and R, which is not read, may be 0",
        .target = &reading->columns,
        .whole_max = 1000,
        .min_length = 2,
        .max_length = 4,
    };
    options[3] = (cli_option){
        .type = CLI_CHOICE,
        .name = "on-error",
        .help = "what to do at a line that cannot be read: stop there, or skip and count it",
        .target = &reading->on_error,
        .choices = on_errors,
    };
    options[4] = (cli_option){
        .type = CLI_FLAG,
        .name = "implicit",
        .help = "the file holds no ratings: each line says that a user had to do with an item; a "
                "column of ratings, if there is one, is not read",
        .target = &reading->implicit,
    };
    options[5] = (cli_option){
        .type = CLI_FLAG,
        .name = "lists",
        .help = "the same as lists: each line is a user and then any number of items",
        .target = &reading->lists,
    };
}

bool cli_reading_is_implicit(const cli_reading *reading) {
    return reading->implicit || reading->lists;
}

dsc_ratings_format cli_reading_format(const cli_reading *reading) {
    dsc_ratings_format format = {
        .delimiter = (dsc_delimiter)reading->delimiter,
        .header = (dsc_header)reading->header,
        .on_error = (dsc_on_error)reading->on_error,
        .feedback =
            cli_reading_is_implicit(reading) ? DSC_FEEDBACK_IMPLICIT : DSC_FEEDBACK_EXPLICIT,
        .layout = reading->lists ? DSC_LAYOUT_LISTS : DSC_LAYOUT_ROWS,
        .n_threads = reading->threads,
    };
    if (reading->columns.n > 0) {
        format.user_column = reading->columns.values[0];
        format.item_column = reading->columns.values[1];
        format.rating_column = reading->columns.n > 2 ? reading->columns.values[2] : 0;
        format.time_column = reading->columns.n > 3 ? reading->columns.values[3] : 0;
    }
    return format;
}

/* "1 line", "2 lines". */
static const char *plural(uint64_t n) {
    return n == 1 ? "" : "s";
}

static bool is_unread(const dsc_ratings_report *report, size_t column) {
    return column <= report->n_columns && column != report->user_column &&
           column != report->item_column && column != report->rating_column &&
           column != report->time_column;
}

/* "columns 2, 5 to 9": the four that are read leave at most five runs. */
static void print_unread_columns(const dsc_ratings_report *report) {
    size_t n_unread = 0;
    char list[256] = "";
    for (size_t column = 1; column <= report->n_columns; column++) {
        const size_t first = column;
        if (!is_unread(report, first)) {
            continue;
        }
        while (is_unread(report, column + 1)) {
            column++;
        }
        const size_t used = strlen(list);
        snprintf(list + used, sizeof list - used, "%s%zu", n_unread > 0 ? ", " : "", first);
        if (column > first) {
            const size_t end = strlen(list);
            snprintf(list + end, sizeof list - end, "%s%zu", column > first + 1 ? " to " : ", ",
                     column);
        }
        n_unread += column - first + 1;
    }
    if (n_unread > 0) {
        fprintf(stderr, "  not read: column%s %s\n", plural(n_unread), list);
    }
}

static void print_columns(const dsc_ratings_report *report) {
    fprintf(stderr, "  columns: user %zu, item %zu", report->user_column, report->item_column);
    if (report->rating_column != 0) {
        fprintf(stderr, ", rating %zu", report->rating_column);
    }
    if (report->time_column != 0) {
        fprintf(stderr, ", time %zu", report->time_column);
    }
    fputc('\n', stderr);
    print_unread_columns(report);
}

static void print_lists(const dsc_ratings_report *report) {
    fprintf(stderr, "  lists: %" PRIu64 " of ", report->n_lists);
    if (report->shortest_list < report->longest_list) {
        fprintf(stderr, "%zu to ", report->shortest_list);
    }
    fprintf(stderr, "%zu item%s", report->longest_list, plural(report->longest_list));
    if (report->n_empty_lists > 0) {
        fprintf(stderr, ", %" PRIu64 " without any", report->n_empty_lists);
    }
    if (report->n_continued_lists > 0) {
        fprintf(stderr, "; %" PRIu64 " of a user who had a line before, put together",
                report->n_continued_lists);
    }
    fputc('\n', stderr);
}

static void print_format(const char *path, const dsc_ratings_report *report) {
    bool is_compressed = strcmp(report->compression, "none") != 0;
    fprintf(stderr, "Read %s: %" PRIu64 " line%s, delimiter %s, %s header line%s%s\n",
            cli_input_name(path), report->n_lines, plural(report->n_lines), report->delimiter,
            report->has_header ? "a" : "no", is_compressed ? ", compressed with " : "",
            is_compressed ? report->compression : "");
    if (report->n_lists > 0) {
        print_lists(report);
    } else {
        print_columns(report);
    }
    if (report->n_empty > 0) {
        fprintf(stderr, "  empty lines passed over: %" PRIu64 "\n", report->n_empty);
    }
}

static void print_duplicates(const char *path, const dsc_ratings_report *report) {
    const bool is_one = report->n_duplicates == 1;
    if (report->n_duplicates > 0 && report->rating_column == 0) {
        cli_note("%s: %" PRIu64 " pair%s of user and item w%s there before and count%s once; the "
                 "first such line is %" PRIu64,
                 cli_input_name(path), report->n_duplicates, is_one ? "" : "s",
                 is_one ? "as" : "ere", is_one ? "s" : "", report->first_duplicate_line);
    } else if (report->n_duplicates > 0) {
        cli_note("%s: %" PRIu64 " rating%s replaced by a later line for the same user and item; "
                 "the first such line is %" PRIu64,
                 cli_input_name(path), report->n_duplicates, is_one ? " was" : "s were",
                 report->first_duplicate_line);
    }
}

/* What a user must know even when the rest is to be quiet. */
static void print_oddities(const char *path, const dsc_ratings_report *report) {
    if (report->n_bad > 0) {
        cli_note("%s: skipped %" PRIu64 " line%s that could not be read; the first: %s: %s",
                 cli_input_name(path), report->n_bad, plural(report->n_bad),
                 report->first_bad.where, report->first_bad.message);
    }
    if (report->n_wide > 0) {
        cli_note("%s: %" PRIu64 " line%s more fields than the %zu of most lines; read by the "
                 "columns as set; the first such line is %" PRIu64,
                 cli_input_name(path), report->n_wide, report->n_wide == 1 ? " has" : "s have",
                 report->n_columns, report->first_wide_line);
    }
    print_duplicates(path, report);
    if (report->n_continued_lists > 0 && report->shortest_list == report->longest_list &&
        (report->longest_list == 2 || report->longest_list == 3)) {
        cli_note("%s: every line has %zu fields and users come in several lines, as in files of "
                 "one pair a line with a rating or a time: these are read without --lists",
                 cli_input_name(path), report->longest_list + 1);
    }
}

int cli_read_ratings(dsc_ratings **out, const char *path, const cli_reading *reading,
                     bool is_quiet) {
    dsc_error err;
    dsc_ratings_report report;
    dsc_ratings_format format = cli_reading_format(reading);
    if (dsc_ratings_read(out, path, &format, &report, &err) != DSC_OK) {
        return cli_fail(&err);
    }
    if (!is_quiet) {
        print_format(path, &report);
    }
    print_oddities(path, &report);
    return CLI_GO_ON;
}

static void print_histogram(const dsc_ratings_summary *summary) {
    size_t largest = 1;
    for (size_t i = 0; i < summary->n_bins; i++) {
        largest = summary->bin_count[i] > largest ? summary->bin_count[i] : largest;
    }
    for (size_t i = 0; i < summary->n_bins; i++) {
        char label[64];
        if (summary->bin_low[i] == summary->bin_high[i]) {
            snprintf(label, sizeof label, "%g", summary->bin_low[i]);
        } else {
            snprintf(label, sizeof label, "%.3g to %.3g", summary->bin_low[i],
                     summary->bin_high[i]);
        }
        size_t count = summary->bin_count[i];
        size_t bar = (count * (sizeof full_bar - 1) + largest - 1) / largest;
        fprintf(stderr, "  %14s %9zu %.*s\n", label, count, (int)bar, full_bar);
    }
}

/* Who has how many items: what implicit feedback has instead of a scale. */
static void print_interactions(const dsc_ratings *ratings, const dsc_ratings_summary *summary) {
    const dsc_sparse rows = dsc_ratings_by_user(ratings);
    uint64_t fewest = UINT64_MAX, most = 0;
    for (size_t u = 0; u < rows.n_rows; u++) {
        const uint64_t n = rows.start[u + 1] - rows.start[u];
        fewest = n < fewest ? n : fewest;
        most = n > most ? n : most;
    }
    fprintf(stderr,
            "%zu user%s, %zu item%s, %zu interaction%s (%.3g %% of all pairs)\n"
            "A user has %" PRIu64 " to %" PRIu64 " items, %.1f on average\n",
            summary->n_users, plural(summary->n_users), summary->n_items, plural(summary->n_items),
            summary->n_ratings, plural(summary->n_ratings), 100 * summary->density, fewest, most,
            (double)summary->n_ratings / (double)summary->n_users);
}

void cli_print_summary(const dsc_ratings *ratings) {
    dsc_ratings_summary summary;
    dsc_ratings_summarize(ratings, &summary);
    if (dsc_ratings_feedback(ratings) == DSC_FEEDBACK_IMPLICIT) {
        print_interactions(ratings, &summary);
        return;
    }
    fprintf(stderr,
            "%zu user%s, %zu item%s, %zu rating%s (%.3g %% of all pairs)\n"
            "Scale %g to %g, mean %.3f, standard deviation %.3f\n",
            summary.n_users, plural(summary.n_users), summary.n_items, plural(summary.n_items),
            summary.n_ratings, plural(summary.n_ratings), 100 * summary.density, summary.min,
            summary.max, summary.mean, summary.standard_deviation);
    print_histogram(&summary);
}
