/* Tables on the command line: the options that say how to read them, and the report. */
#include "net_data.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "descent/model_kind.h"
#include "report.h"

void cli_net_data_options(cli_net_data *data, cli_option options[CLI_N_DATA_OPTIONS]) {
    cli_option text[CLI_N_READING_OPTIONS];
    cli_reading_options(&data->reading, text);
    options[0] = text[0];
    options[1] = text[1];
    options[2] = (cli_option){
        .type = CLI_STRING,
        .name = "labels",
        .value = "FILE",
        .help = "a second file with one column, which becomes the last one, named label: the "
                "labels of IDX images",
        .target = &data->labels_path,
    };
    options[3] = (cli_option){
        .type = CLI_STRING,
        .name = "rows",
        .value = "FILE",
        .help = "take only the rows whose numbers, counted from 0, stand in this file, one a line",
        .target = &data->rows_path,
    };
}

const uint32_t *cli_net_rows(const cli_net_table *table) {
    return table->has_rows ? table->rows.row : NULL;
}

size_t cli_net_n_rows(const cli_net_table *table) {
    return table->has_rows ? table->rows.n : dsc_table_n_rows(table->table);
}

void cli_net_table_clear(cli_net_table *table) {
    dsc_table_destroy(table->table);
    dsc_rows_clear(&table->rows);
    *table = (cli_net_table){0};
}

static dsc_table_format format_of(const cli_net_data *data) {
    return (dsc_table_format){.delimiter = (dsc_delimiter)data->reading.delimiter,
                              .header = (dsc_header)data->reading.header,
                              .labels_path = data->labels_path};
}

static const char *name_of(const char *path) {
    return strcmp(path, "-") == 0 ? "standard input" : path;
}

static const char *plural(size_t n) {
    return n == 1 ? "" : "s";
}

static void print_report(const cli_net_data *data, const dsc_table_report *report,
                         const cli_net_table *out) {
    bool is_text = strcmp(report->form, "text") == 0;
    bool is_compressed = strcmp(report->compression, "none") != 0;
    fprintf(stderr, "Read %s: %s", name_of(data->path), report->form);
    if (is_text) {
        fprintf(stderr, ", delimiter %s, %s header line", report->delimiter,
                report->has_header ? "a" : "no");
    }
    fprintf(stderr, "%s%s; %zu row%s, %zu column%s", is_compressed ? ", compressed with " : "",
            is_compressed ? report->compression : "", dsc_table_n_rows(out->table),
            plural(dsc_table_n_rows(out->table)), report->n_columns, plural(report->n_columns));
    if (report->n_ignored > 0) {
        fprintf(stderr, " of which %zu %s ignored", report->n_ignored,
                report->n_ignored == 1 ? "is" : "are");
    }
    if (report->n_missing > 0) {
        fprintf(stderr, ", %" PRIu64 " value%s missing", report->n_missing,
                report->n_missing == 1 ? "" : "s");
    }
    if (data->rows_path != NULL) {
        fprintf(stderr, "; %zu row%s taken, those in %s", out->rows.n, plural(out->rows.n),
                name_of(data->rows_path));
    }
    fputc('\n', stderr);
}

/* After the table: its rows, and the report. */
static int finish(cli_net_table *out, const cli_net_data *data, const dsc_table_report *report,
                  bool is_quiet) {
    dsc_error err;
    if (data->rows_path != NULL) {
        if (dsc_rows_read(&out->rows, data->rows_path, dsc_table_n_rows(out->table), &err) !=
            DSC_OK) {
            cli_net_table_clear(out);
            return cli_fail(&err);
        }
        out->has_rows = true;
    }
    if (!is_quiet) {
        print_report(data, report, out);
    }
    return CLI_GO_ON;
}

/* Names the option that a message of the library's cannot name. */
static int fail_reading(const dsc_error *err) {
    const int status = cli_fail(err);
    if (err->code == DSC_E_DATA && strstr(err->message, "categorical") != NULL) {
        cli_note("--categorical COLUMN makes a column one of categories, --ignore COLUMN leaves it "
                 "out");
    } else if (err->code == DSC_E_DATA && strstr(err->message, "missing") != NULL) {
        cli_note("--missing mean, median, most-frequent or zero fills missing values");
    }
    return status;
}

int cli_net_read(cli_net_table *out, const cli_net_data *data, const cli_net_choices *choices,
                 bool is_quiet) {
    dsc_error err;
    dsc_table_report report;
    dsc_table_format format = format_of(data);
    format.choices = choices->choices;
    format.n_choices = choices->n;
    format.missing = choices->keeps_missing ? DSC_MISSING_KEEP : DSC_MISSING_REFUSE;
    *out = (cli_net_table){0};
    if (dsc_table_read(&out->table, data->path, &format, &report, &err) != DSC_OK) {
        return fail_reading(&err);
    }
    return finish(out, data, &report, is_quiet);
}

static bool is_known(const dsc_encoding *encoding, size_t feature, dsc_id category) {
    size_t n = dsc_encoding_feature(encoding, feature).n_inputs;
    for (size_t i = 0; i < n; i++) {
        dsc_id known = dsc_encoding_category(encoding, feature, i);
        if (known.length == category.length &&
            memcmp(known.bytes, category.bytes, category.length) == 0) {
            return true;
        }
    }
    return false;
}

/* Such a category counts as none of those that are known, unless the model refuses it. */
static void tell_of_unknown(const dsc_table *table, const dsc_encoding *encoding,
                            const dsc_feature_info *feature, size_t index) {
    char name[256];
    size_t column;
    snprintf(name, sizeof name, "%.*s", (int)feature->name.length, feature->name.bytes);
    if (dsc_table_find(table, name, &column, NULL) != DSC_OK) {
        return;
    }
    size_t n_unknown = 0;
    dsc_id first = {0};
    for (uint32_t c = 0; c < dsc_table_n_categories(table, column); c++) {
        dsc_id category = dsc_table_category_text(table, column, c);
        if (!is_known(encoding, index, category)) {
            first = n_unknown++ == 0 ? category : first;
        }
    }
    if (n_unknown > 0) {
        cli_note("%s: column %s has %zu categor%s that the model does not know, such as "
                 "\"%.*s\"; they count as none of its own",
                 dsc_table_name(table), name, n_unknown, n_unknown == 1 ? "y" : "ies",
                 (int)(first.length < 100 ? first.length : 100), first.bytes);
    }
}

int cli_net_read_for(cli_net_table *out, const dsc_predictor *predictor, const cli_net_data *data,
                     bool needs_target, bool is_quiet) {
    dsc_error err;
    dsc_table_report report;
    dsc_table_format format = format_of(data);
    const dsc_encoding *encoding = dsc_predictor_encoding(predictor);
    *out = (cli_net_table){0};
    if (dsc_encoding_read(encoding, &out->table, data->path, needs_target, &format, &report,
                          &err) != DSC_OK) {
        return cli_fail(&err);
    }
    int status = finish(out, data, &report, is_quiet);
    for (size_t f = 0; status == CLI_GO_ON && f < dsc_encoding_n_features(encoding); f++) {
        dsc_feature_info feature = dsc_encoding_feature(encoding, f);
        if (feature.kind == DSC_COLUMN_CATEGORICAL) {
            tell_of_unknown(out->table, encoding, &feature, f);
        }
    }
    return status;
}

int cli_load_predictor(dsc_predictor **out, const char *path) {
    dsc_error err;
    if (dsc_predictor_load(out, path, &err) == DSC_OK) {
        return CLI_GO_ON;
    }
    dsc_model_kind kind;
    int status = cli_fail(&err);
    if (err.code == DSC_E_MODEL && dsc_model_kind_of_file(path, &kind, NULL) == DSC_OK) {
        if (kind == DSC_MODEL_RECOMMENDER) {
            cli_note("%s is a recommender: descent predict, evaluate and recommend ask it", path);
        } else if (kind == DSC_MODEL_NETWORK) {
            cli_note("%s is a bare network, without what its inputs and outputs mean: descent "
                     "inspect shows it, the library's dsc_network_load reads it",
                     path);
        }
    }
    return status;
}
