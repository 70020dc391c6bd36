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
                "read, time",
        .target = &reading->columns,
        .whole_min = 1,
        .whole_max = 1000,
        .min_length = 3,
        .max_length = 4,
    };
    options[3] = (cli_option){
        .type = CLI_CHOICE,
        .name = "on-error",
        .help = "what to do at a line that cannot be read: stop there, or skip and count it",
        .target = &reading->on_error,
        .choices = on_errors,
    };
}

dsc_ratings_format cli_reading_format(const cli_reading *reading) {
    dsc_ratings_format format = {
        .delimiter = (dsc_delimiter)reading->delimiter,
        .header = (dsc_header)reading->header,
        .on_error = (dsc_on_error)reading->on_error,
    };
    if (reading->columns.n > 0) {
        format.user_column = reading->columns.values[0];
        format.item_column = reading->columns.values[1];
        format.rating_column = reading->columns.values[2];
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

static void print_format(const char *path, const dsc_ratings_report *report) {
    bool is_compressed = strcmp(report->compression, "none") != 0;
    fprintf(stderr, "Read %s: %" PRIu64 " line%s, delimiter %s, %s header line%s%s\n",
            cli_input_name(path), report->n_lines, plural(report->n_lines), report->delimiter,
            report->has_header ? "a" : "no", is_compressed ? ", compressed with " : "",
            is_compressed ? report->compression : "");
    fprintf(stderr, "  columns: user %zu, item %zu, rating %zu", report->user_column,
            report->item_column, report->rating_column);
    if (report->time_column != 0) {
        fprintf(stderr, ", time %zu", report->time_column);
    }
    fputc('\n', stderr);
    print_unread_columns(report);
    if (report->n_empty > 0) {
        fprintf(stderr, "  empty lines passed over: %" PRIu64 "\n", report->n_empty);
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
    if (report->n_duplicates > 0) {
        cli_note("%s: %" PRIu64 " rating%s replaced by a later line for the same user and item; "
                 "the first such line is %" PRIu64,
                 cli_input_name(path), report->n_duplicates,
                 report->n_duplicates == 1 ? " was" : "s were", report->first_duplicate_line);
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

void cli_print_summary(const dsc_ratings *ratings) {
    dsc_ratings_summary summary;
    dsc_ratings_summarize(ratings, &summary);
    fprintf(stderr,
            "%zu user%s, %zu item%s, %zu rating%s (%.3g %% of all pairs)\n"
            "Scale %g to %g, mean %.3f, standard deviation %.3f\n",
            summary.n_users, plural(summary.n_users), summary.n_items, plural(summary.n_items),
            summary.n_ratings, plural(summary.n_ratings), 100 * summary.density, summary.min,
            summary.max, summary.mean, summary.standard_deviation);
    print_histogram(&summary);
}
