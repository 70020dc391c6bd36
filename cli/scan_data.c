/* A scan for programs: one JSON document, or comma-separated values. */
#include <jansson.h>

#include "output.h"
#include "scan.h"

static json_t *step_or_null(size_t step) {
    return step > 0 ? json_integer((json_int_t)step) : json_null();
}

static json_t *row_of(const cli_scan_row *row) {
    const dsc_scan_result *r = &row->result;
    const bool is_whole = r->overflow_step == 0;
    return json_pack("{s:f, s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "rate", row->rate,
                     "verdict", dsc_scan_verdict_name(r->verdict), "grows_at",
                     step_or_null(r->grows_at), "overflow_step", step_or_null(r->overflow_step),
                     "finite_steps", json_integer((json_int_t)r->n_finite), "last_norm",
                     json_real(r->last_norm), "last_loss", json_real(r->last_loss), "highest_loss",
                     json_real(r->highest_loss), "quarter_low",
                     is_whole ? json_real(r->quarter_low) : json_null(), "quarter_high",
                     is_whole ? json_real(r->quarter_high) : json_null(), "gradient_share",
                     is_whole ? cli_json_real(r->gradient_share) : json_null());
}

static json_t *rows_of(const cli_scan *scan) {
    json_t *rows = json_array();
    for (size_t i = 0; i < scan->n_rows; i++) {
        if (json_array_append_new(rows, row_of(&scan->rows[i])) != 0) {
            json_decref(rows);
            return NULL;
        }
    }
    return rows;
}

static json_t *curvature_of(const cli_scan *scan) {
    const dsc_curvature *c = &scan->curvature;
    return scan->has_curvature
               ? json_pack("{s:f, s:f, s:o, s:b, s:I}", "largest", c->largest, "largest_magnitude",
                           c->largest_magnitude, "rate_bound", cli_json_real(c->rate_bound),
                           "is_exact", (int)c->is_exact, "products", (json_int_t)c->n_products)
               : json_null();
}

static json_t *one_step_of(const cli_scan *scan) {
    const dsc_step_polynomial *p = &scan->polynomial;
    if (!scan->has_polynomial) {
        return json_null();
    }
    json_t *coefficients = json_array();
    for (size_t k = 0; k <= p->degree; k++) {
        json_array_append_new(coefficients, json_real(p->coefficients[k]));
    }
    return json_pack("{s:o, s:o, s:o, s:o}", "coefficients", coefficients, "best_rate",
                     p->has_fall ? json_real(p->best_rate) : json_null(), "best_loss",
                     p->has_fall ? json_real(p->best_loss) : json_null(), "limit_rate",
                     p->has_fall ? json_real(p->limit_rate) : json_null());
}

int cli_scan_json(const cli_scan *scan) {
    const cli_network_file *file = scan->file;
    const dsc_scan_result *first = &scan->rows[0].result;
    json_t *document = json_pack(
        "{s:{s:s?, s:I, s:I, s:I, s:s, s:f}, s:I, s:f, s:f, s:o, s:o, s:o}", "network",
        "description", file->description, "samples", (json_int_t)file->input.n_rows, "layers",
        (json_int_t)dsc_network_n_layers(file->net), "parameters",
        (json_int_t)dsc_network_n_parameters(file->net), "loss",
        dsc_loss_name(dsc_network_loss(file->net)), "rate", file->rate, "steps",
        (json_int_t)scan->n_steps, "first_norm", first->first_norm, "first_loss", first->first_loss,
        "curvature", curvature_of(scan), "one_step", one_step_of(scan), "rates", rows_of(scan));
    if (document == NULL) {
        return cli_no_memory();
    }
    /* 17 significant digits give back the very same double. */
    const bool is_good =
        json_dumpf(document, stdout, JSON_INDENT(2) | JSON_REAL_PRECISION(17)) == 0;
    json_decref(document);
    putchar('\n');
    return is_good || cli_stdout_failed() ? CLI_DONE : cli_no_memory();
}

/* A step, or nothing where there is none. */
static void print_step(size_t step) {
    if (step > 0) {
        printf("%zu", step);
    }
}

static void print_number(double value) {
    char text[CLI_EXACT_LENGTH];
    printf("%s,", cli_exact(value, text));
}

int cli_scan_csv(const cli_scan *scan) {
    puts("rate,verdict,grows_at,overflow_step,last_norm,last_loss,highest_loss,quarter_low,"
         "quarter_high");
    for (size_t i = 0; i < scan->n_rows; i++) {
        const dsc_scan_result *r = &scan->rows[i].result;
        print_number(scan->rows[i].rate);
        printf("%s,", dsc_scan_verdict_name(r->verdict));
        print_step(r->grows_at);
        putchar(',');
        print_step(r->overflow_step);
        putchar(',');
        print_number(r->last_norm);
        print_number(r->last_loss);
        print_number(r->highest_loss);
        if (r->overflow_step == 0) {
            char high[CLI_EXACT_LENGTH];
            print_number(r->quarter_low);
            puts(cli_exact(r->quarter_high, high));
        } else {
            puts(",");
        }
    }
    return CLI_DONE;
}
