/* The plot of a scan as an SVG picture: error against rate, both on log scales.
 *
 * A verdict has a shape as well as a colour, so that the picture reads in grey; it has a title and
 * a description for those who cannot see it. */
#include <math.h>
#include <string.h>

#include "scan.h"

/* Pixels. What overflows stands in a strip of its own above the plot. */
enum {
    WIDTH = 860,
    HEIGHT = 560,
    LEFT = 84,
    RIGHT = 766,
    STRIP = 112, /* middle of the strip */
    TOP = 136,
    BOTTOM = 490
};

/* Colours that also the colour-blind tell apart (Okabe and Ito), dark enough on white. */
static const char *const colours[DSC_SCAN_N_VERDICTS] = {"#0072b2", "#007d5c", "#b86e00", "#c04a00",
                                                         "#555555"};

/* Shapes around (0, 0). */
static const char *const shapes[DSC_SCAN_N_VERDICTS] = {
    "<circle r=\"5.5\"", "<path d=\"M-6.5-5h13L0 6.5z\"", "<path d=\"M0-7.5 7.5 0 0 7.5-7.5 0z\"",
    "<path d=\"M-6.5 5h13L0-6.5z\"", "<path d=\"M-5-5 5 5M-5 5 5-5\""};

typedef struct picture {
    const cli_scan *scan;
    FILE *out;
    double x_low, x_high; /* decimal exponents at both ends */
    double y_low, y_high;
} picture;

/* Text with what XML and control characters need. */
static void print_text(FILE *out, const char *text) {
    for (; *text != '\0'; text++) {
        switch (*text) {
        case '&':
            fputs("&amp;", out);
            break;
        case '<':
            fputs("&lt;", out);
            break;
        case '>':
            fputs("&gt;", out);
            break;
        case '"':
            fputs("&quot;", out);
            break;
        default:
            fputc((unsigned char)*text < 0x20 ? ' ' : *text, out);
        }
    }
}

static double x_of(const picture *p, double rate) {
    return LEFT + (RIGHT - LEFT) * (log10(rate) - p->x_low) / (p->x_high - p->x_low);
}

static double y_of(const picture *p, double error) {
    const double exponent = error > 0 ? log10(error) : p->y_low;
    return BOTTOM - (BOTTOM - TOP) * (exponent - p->y_low) / (p->y_high - p->y_low);
}

static void fit_axes(picture *p) {
    const cli_scan *scan = p->scan;
    const double first = cli_scan_first_error(scan);
    p->y_low = first > 0 ? log10(first) : 0;
    p->y_high = p->y_low;
    for (size_t i = 0; i < scan->n_rows; i++) {
        const double error = cli_scan_error(scan, &scan->rows[i]);
        if (scan->rows[i].result.overflow_step == 0 && error > 0) {
            p->y_low = fmin(p->y_low, log10(error));
            p->y_high = fmax(p->y_high, log10(error));
        }
    }
    p->y_low = floor(p->y_low);
    p->y_high = fmax(ceil(p->y_high), p->y_low + 1);
    p->x_low = log10(scan->rows[0].rate);
    p->x_high = log10(scan->rows[scan->n_rows - 1].rate);
    if (scan->has_curvature && isfinite(scan->curvature.rate_bound)) {
        p->x_low = fmin(p->x_low, log10(scan->curvature.rate_bound));
        p->x_high = fmax(p->x_high, log10(scan->curvature.rate_bound));
    }
    const double margin = fmax(0.04 * (p->x_high - p->x_low), 0.01);
    p->x_low -= margin;
    p->x_high += margin;
}

static void print_head(const picture *p) {
    const cli_scan *scan = p->scan;
    const char *name = scan->file->description != NULL ? scan->file->description : scan->file->name;
    fprintf(p->out,
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" width=\"%d\" "
            "height=\"%d\" role=\"img\" aria-labelledby=\"title desc\" font-family=\"system-ui, "
            "sans-serif\" font-size=\"13\" fill=\"#222\">\n",
            WIDTH, HEIGHT, WIDTH, HEIGHT);
    fprintf(p->out, "<title id=\"title\">%s after %zu steps against the learning rate</title>\n",
            cli_scan_has_norm(scan) ? "Error norm" : "Loss", scan->n_steps);
    fputs("<desc id=\"desc\">", p->out);
    print_text(p->out, name);
    fprintf(p->out, ". Before the first step: %.5g.", cli_scan_first_error(scan));
    for (size_t i = 0; i < scan->n_rows; i++) {
        const cli_scan_row *row = &scan->rows[i];
        char rate[CLI_EXACT_LENGTH];
        fprintf(p->out, " Rate %s: %s", cli_exact(row->rate, rate),
                dsc_scan_verdict_name(row->result.verdict));
        if (row->result.overflow_step == 0) {
            fprintf(p->out, ", %.5g", cli_scan_error(scan, row));
        }
        fputc('.', p->out);
    }
    fprintf(p->out, "</desc>\n<rect width=\"%d\" height=\"%d\" fill=\"#fff\"/>\n", WIDTH, HEIGHT);
    fprintf(
        p->out,
        "<text x=\"%d\" y=\"30\" font-size=\"17\" font-weight=\"600\">%s after %zu step%s</text>\n",
        LEFT, cli_scan_has_norm(scan) ? "Error norm" : "Loss", scan->n_steps,
        scan->n_steps == 1 ? "" : "s");
    fprintf(p->out, "<text x=\"%d\" y=\"50\" fill=\"#555\">", LEFT);
    print_text(p->out, name);
    fputs("</text>\n", p->out);
}

static void print_shape(const picture *p, dsc_scan_verdict verdict, double x, double y,
                        const char *end) {
    const bool is_line = verdict == DSC_SCAN_OVERFLOWS;
    fprintf(p->out, "%s transform=\"translate(%.1f %.1f)\" %s=\"%s\"%s%s", shapes[verdict], x, y,
            is_line ? "fill=\"none\" stroke-width=\"2.5\" stroke" : "stroke=\"#fff\" fill",
            colours[verdict], end[0] == '\0' ? "/>\n" : ">", end);
}

static void print_legend(const picture *p) {
    double x = LEFT + 6;
    for (int v = 0; v < DSC_SCAN_N_VERDICTS; v++) {
        size_t n = 0;
        for (size_t i = 0; i < p->scan->n_rows; i++) {
            n += (int)p->scan->rows[i].result.verdict == v;
        }
        if (n == 0) {
            continue;
        }
        const char *name = dsc_scan_verdict_name((dsc_scan_verdict)v);
        print_shape(p, (dsc_scan_verdict)v, x, 70, "");
        fprintf(p->out, "<text x=\"%.1f\" y=\"74.5\">%s</text>\n", x + 13, name);
        x += 42 + 6.3 * (double)strlen(name);
    }
}

/* Lines and numbers at powers of ten of the error, as many as have room. */
static void print_y_axis(const picture *p) {
    const int low = (int)p->y_low, high = (int)p->y_high;
    const int every = (high - low + 9) / 10;
    for (int e = low; e <= high; e += every) {
        const double y = BOTTOM - (BOTTOM - TOP) * ((double)e - p->y_low) / (p->y_high - p->y_low);
        fprintf(p->out, "<path d=\"M%d %.1fH%d\" stroke=\"#e4e4e4\"/>\n", LEFT, y, RIGHT);
        fprintf(p->out, "<text x=\"%d\" y=\"%.1f\" text-anchor=\"end\">", LEFT - 8, y + 4.5);
        if (e >= -3 && e <= 3) {
            fprintf(p->out, "%g</text>\n", pow(10, e));
        } else {
            fprintf(p->out, "10<tspan dy=\"-5\" font-size=\"10\">%s%d</tspan></text>\n",
                    e < 0 ? "−" : "", e < 0 ? -e : e);
        }
    }
    fprintf(p->out,
            "<text transform=\"translate(22 %d) rotate(-90)\" text-anchor=\"middle\">%s</text>\n",
            (TOP + BOTTOM) / 2, cli_scan_has_norm(p->scan) ? "spectral norm of the error" : "loss");
}

/* Ticks at 1, 2 and 5 times powers of ten; in a narrow range at every tenth of the power. */
static void print_x_axis(const picture *p) {
    const double span = p->x_high - p->x_low;
    double last = -1000;
    for (int e = (int)floor(p->x_low); e <= (int)floor(p->x_high); e++) {
        for (int tenth = 10; tenth < 100; tenth++) {
            const bool is_main = tenth == 10 || tenth == 20 || tenth == 50;
            const bool is_shown = span > 4     ? tenth == 10
                                  : span > 1.2 ? is_main
                                  : span > 0.3 ? tenth % 10 == 0
                                               : true;
            const double rate = tenth * pow(10, e - 1), x = x_of(p, rate);
            if (!is_shown || x < LEFT || x > RIGHT) {
                continue;
            }
            const bool has_room = x - last >= (span > 4 ? 72 : 44);
            if (has_room || span <= 4) { /* of very many powers only those that are named */
                fprintf(p->out, "<path d=\"M%.1f %dv5\" stroke=\"#222\"/>\n", x, BOTTOM);
            }
            if (!has_room) {
                continue;
            }
            last = x;
            fprintf(p->out, "<text x=\"%.1f\" y=\"%d\" text-anchor=\"middle\">%g</text>\n", x,
                    BOTTOM + 20, rate);
        }
    }
    fprintf(p->out, "<text x=\"%d\" y=\"%d\" text-anchor=\"middle\">learning rate</text>\n",
            (LEFT + RIGHT) / 2, BOTTOM + 46);
    fprintf(p->out, "<path d=\"M%d %dH%d\" stroke=\"#222\"/>\n", LEFT, BOTTOM, RIGHT);
}

/* The error before the first step, named beside the plot, and 2 / curvature, named above it. */
static void print_marks(const picture *p) {
    const cli_scan *scan = p->scan;
    const double y = y_of(p, cli_scan_first_error(scan));
    fprintf(p->out,
            "<path d=\"M%d %.1fH%d\" stroke=\"#888\" stroke-dasharray=\"2 4\"/>\n"
            "<text x=\"%d\" y=\"%.1f\" fill=\"#555\">at the start</text>\n",
            LEFT, y, RIGHT, RIGHT + 6, y + 4.5);
    if (!scan->has_curvature || !isfinite(scan->curvature.rate_bound)) {
        return;
    }
    const double x = x_of(p, scan->curvature.rate_bound);
    const bool is_right = x > (LEFT + RIGHT) / 2.0;
    fprintf(p->out,
            "<path d=\"M%.1f %dV%d\" stroke=\"#222\" stroke-dasharray=\"7 4\"/>\n"
            "<text x=\"%.1f\" y=\"%d\" text-anchor=\"%s\">2 / curvature = %.3g</text>\n",
            x, STRIP - 24, BOTTOM, is_right ? x - 6 : x + 6, STRIP - 16, is_right ? "end" : "start",
            scan->curvature.rate_bound);
}

static void print_points(const picture *p) {
    const cli_scan *scan = p->scan;
    bool is_open = false;
    fputs("<path d=\"", p->out);
    for (size_t i = 0; i < scan->n_rows; i++) {
        const bool is_whole = scan->rows[i].result.overflow_step == 0;
        if (is_whole) {
            fprintf(p->out, "%c%.1f %.1f", is_open ? 'L' : 'M', x_of(p, scan->rows[i].rate),
                    y_of(p, cli_scan_error(scan, &scan->rows[i])));
        }
        is_open = is_whole;
    }
    fputs("\" fill=\"none\" stroke=\"#bbb\"/>\n", p->out);
    for (size_t i = 0; i < scan->n_rows; i++) {
        const cli_scan_row *row = &scan->rows[i];
        const bool is_whole = row->result.overflow_step == 0;
        char rate[CLI_EXACT_LENGTH], end[256];
        cli_exact(row->rate, rate);
        if (is_whole) {
            snprintf(end, sizeof end, "<title>rate %s: %s, %s %.5g</title>", rate,
                     dsc_scan_verdict_name(row->result.verdict), cli_scan_error_name(scan),
                     cli_scan_error(scan, row));
        } else {
            snprintf(end, sizeof end, "<title>rate %s: overflows after step %zu</title>", rate,
                     row->result.overflow_step);
        }
        const double y = is_whole ? y_of(p, cli_scan_error(scan, row)) : STRIP;
        print_shape(p, row->result.verdict, x_of(p, row->rate), y, end);
        fprintf(p->out, "</%s>\n", row->result.verdict == DSC_SCAN_CONVERGES ? "circle" : "path");
    }
}

/* The strip of what overflows, when there is any. */
static void print_strip(const picture *p) {
    bool has_any = false;
    for (size_t i = 0; i < p->scan->n_rows; i++) {
        has_any = has_any || p->scan->rows[i].result.overflow_step > 0;
    }
    if (has_any) {
        fprintf(p->out,
                "<rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"24\" fill=\"#f3f3f3\"/>\n"
                "<text x=\"%d\" y=\"%.1f\" text-anchor=\"end\">too large</text>\n",
                LEFT, STRIP - 12, RIGHT - LEFT, LEFT - 8, STRIP + 4.5);
    }
}

void cli_scan_svg(const cli_scan *scan, FILE *out) {
    picture p = {.scan = scan, .out = out};
    fit_axes(&p);
    print_head(&p);
    print_legend(&p);
    print_strip(&p);
    print_y_axis(&p);
    print_x_axis(&p);
    print_marks(&p);
    print_points(&p);
    fputs("</svg>\n", out);
}
