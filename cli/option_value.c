/* Values of options: text to number and back, ranges, and what to say when they do not fit. */
#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "descent/isa.h"
#include "options.h"

const cli_option *cli_option_find(const cli_option_group *groups, size_t n_groups,
                                  const char *name) {
    for (size_t g = 0; g < n_groups; g++) {
        for (size_t i = 0; i < groups[g].n_options; i++) {
            if (strcmp(groups[g].options[i].name, name) == 0) {
                return &groups[g].options[i];
            }
        }
    }
    return NULL;
}

bool cli_option_has_value(const cli_option *option) {
    return option->type != CLI_FLAG && option->type != CLI_FLAG_OFF;
}

/* Appends to the terminated text in `out`; what does not fit is cut. */
static void append(char *out, size_t length, const char *format, ...) CLI_PRINTF(3, 4);
static void append(char *out, size_t length, const char *format, ...) {
    size_t used = strlen(out);
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(out + used, length - used, format, arguments);
    va_end(arguments);
}

static void append_choices(char *out, size_t length, const char *const *choices,
                           const char *separator) {
    for (size_t i = 0; choices[i] != NULL; i++) {
        append(out, length, "%s%s", i == 0 ? "" : separator, choices[i]);
    }
}

static void append_whole_range(char *out, size_t length, const cli_option *option) {
    if (option->whole_max != 0) {
        append(out, length, "%llu to %llu", (unsigned long long)option->whole_min,
               (unsigned long long)option->whole_max);
    } else if (option->whole_min > 0) {
        append(out, length, "at least %llu", (unsigned long long)option->whole_min);
    }
}

static bool has_interval(cli_interval interval) {
    return interval.low != 0 || interval.high != 0;
}

static void append_interval(char *out, size_t length, cli_interval interval) {
    if (!has_interval(interval)) {
        return;
    }
    if (isfinite(interval.low) && isfinite(interval.high) && !interval.is_low_open &&
        !interval.is_high_open) {
        append(out, length, "%g to %g", interval.low, interval.high);
        return;
    }
    if (isfinite(interval.low)) {
        append(out, length, "%s %g", interval.is_low_open ? "more than" : "at least", interval.low);
    }
    if (isfinite(interval.high)) {
        append(out, length, "%s%s %g", isfinite(interval.low) ? ", " : "",
               interval.is_high_open ? "less than" : "at most", interval.high);
    }
}

void cli_option_range(const cli_option *option, char *out, size_t length) {
    out[0] = '\0';
    switch (option->type) {
    case CLI_WHOLE:
    case CLI_SIZE:
        append_whole_range(out, length, option);
        break;
    case CLI_REAL:
        append_interval(out, length, option->interval);
        break;
    case CLI_LIST:
        append(out, length, "%zu %s %zu numbers, each ", option->min_length,
               option->max_length == option->min_length + 1 ? "or" : "to", option->max_length);
        append_whole_range(out, length, option);
        break;
    case CLI_FLAG:
    case CLI_FLAG_OFF:
    case CLI_STRING:
    case CLI_CHOICE:
    case CLI_ISA:
    case CLI_TEXTS:
        break;
    }
}

void cli_option_value_name(const cli_option *option, char *out, size_t length) {
    out[0] = '\0';
    if (!cli_option_has_value(option)) {
        return;
    }
    if (option->value != NULL) {
        append(out, length, "%s", option->value);
    } else if (option->type == CLI_CHOICE) {
        append_choices(out, length, option->choices, "|");
    } else {
        append(out, length, "%s",
               option->type == CLI_REAL   ? "X"
               : option->type == CLI_LIST ? "N,N,..."
                                          : "N");
    }
}

cli_string_kind cli_option_string_kind(const cli_option *option) {
    static const char *const files[] = {"FILE", "MODEL", "CONFIG", "DATA"};
    if (option->type != CLI_STRING || option->value == NULL) {
        return CLI_TEXT;
    }
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
        if (strstr(option->value, files[i]) != NULL) {
            return CLI_FILE;
        }
    }
    return strcmp(option->value, "DIR") == 0 ? CLI_DIRECTORY : CLI_TEXT;
}

static void append_list(char *out, size_t length, const cli_list *list) {
    for (size_t i = 0; i < list->n; i++) {
        append(out, length, "%s%zu", i == 0 ? "" : ",", list->values[i]);
    }
}

/* CLI_WHOLE and CLI_SIZE differ in the type of their target alone. */
static uint64_t read_whole(const cli_option *option) {
    return option->type == CLI_SIZE ? *(const size_t *)option->target
                                    : *(const uint64_t *)option->target;
}

static void write_whole(const cli_option *option, uint64_t value) {
    if (option->type == CLI_SIZE) {
        *(size_t *)option->target = (size_t)value;
    } else {
        *(uint64_t *)option->target = value;
    }
}

void cli_option_default(const cli_option *option, char *out, size_t length) {
    out[0] = '\0';
    switch (option->type) {
    case CLI_STRING:
        if (*(const char *const *)option->target != NULL) {
            append(out, length, "%s", *(const char *const *)option->target);
        }
        break;
    case CLI_WHOLE:
    case CLI_SIZE:
        if (read_whole(option) != CLI_NOT_GIVEN) {
            append(out, length, "%llu", (unsigned long long)read_whole(option));
        }
        break;
    case CLI_REAL:
        if (!isnan(*(const double *)option->target)) {
            append(out, length, "%g", *(const double *)option->target);
        }
        break;
    case CLI_CHOICE:
        append(out, length, "%s", option->choices[*(const size_t *)option->target]);
        break;
    case CLI_LIST:
        append_list(out, length, option->target);
        break;
    case CLI_FLAG:
    case CLI_FLAG_OFF:
    case CLI_ISA:
    case CLI_TEXTS:
        break;
    }
}

/* Digits only, to the end of the text; *is_huge when they exceed 64 bits. */
static bool parse_whole(const char *text, uint64_t *out, bool *is_huge) {
    *is_huge = false;
    if (text[0] == '\0' || text[strspn(text, "0123456789")] != '\0') {
        return false;
    }
    errno = 0;
    *out = strtoull(text, NULL, 10);
    *is_huge = errno == ERANGE;
    return true;
}

static bool is_in_whole_range(const cli_option *option, uint64_t value) {
    bool fits_target = option->type == CLI_WHOLE || (size_t)value == value;
    return fits_target && value >= option->whole_min &&
           (option->whole_max == 0 || value <= option->whole_max);
}

static bool set_whole(const cli_option *option, const char *text, char *problem, size_t length) {
    char range[128];
    cli_option_range(option, range, sizeof range);
    if (range[0] == '\0') {
        append(range, sizeof range, "0 to 2^64 - 1");
    }
    uint64_t value = 0;
    bool is_huge = false;
    if (!parse_whole(text, &value, &is_huge)) {
        append(problem, length, "\"%s\" is not a whole number; expected %s", text, range);
        return false;
    }
    if (is_huge || !is_in_whole_range(option, value)) {
        append(problem, length, "%s is out of range; expected %s", text, range);
        return false;
    }
    write_whole(option, value);
    return true;
}

static bool is_in_interval(cli_interval interval, double value) {
    if (!has_interval(interval)) {
        return true;
    }
    return (interval.is_low_open ? value > interval.low : value >= interval.low) &&
           (interval.is_high_open ? value < interval.high : value <= interval.high);
}

static bool set_real(const cli_option *option, const char *text, char *problem, size_t length) {
    char range[128];
    cli_option_range(option, range, sizeof range);
    char *end = NULL;
    double value = strtod(text, &end);
    /* strtod also takes blanks, hexadecimal numbers, "inf" and "nan". */
    bool is_number = end != text && text[strspn(text, "+-.0123456789eE")] == '\0' && *end == '\0';
    if (!is_number || !isfinite(value)) {
        append(problem, length, "\"%s\" is not %s%s%s", text,
               is_number ? "a number that fits" : "a number", range[0] != '\0' ? "; expected " : "",
               range);
        return false;
    }
    if (!is_in_interval(option->interval, value)) {
        append(problem, length, "%s is out of range; expected %s", text, range);
        return false;
    }
    *(double *)option->target = value;
    return true;
}

static bool set_choice(const cli_option *option, const char *text, char *problem, size_t length) {
    for (size_t i = 0; option->choices[i] != NULL; i++) {
        if (strcmp(text, option->choices[i]) == 0) {
            *(size_t *)option->target = i;
            return true;
        }
    }
    append(problem, length, "\"%s\" is none of the choices; expected one of ", text);
    append_choices(problem, length, option->choices, ", ");
    return false;
}

static bool parse_list(const cli_option *option, const char *text, cli_list *list) {
    list->n = 0;
    while (true) {
        char number[32];
        size_t digits = strcspn(text, ",");
        uint64_t value = 0;
        bool is_huge = false;
        if (digits >= sizeof number || list->n == option->max_length || list->n == CLI_MAX_LIST) {
            return false;
        }
        memcpy(number, text, digits);
        number[digits] = '\0';
        if (!parse_whole(number, &value, &is_huge) || is_huge ||
            !is_in_whole_range(option, value)) {
            return false;
        }
        list->values[list->n++] = (size_t)value;
        if (text[digits] == '\0') {
            return list->n >= option->min_length;
        }
        text += digits + 1;
    }
}

static bool set_list(const cli_option *option, const char *text, char *problem, size_t length) {
    cli_list list = {0};
    if (!parse_list(option, text, &list)) {
        char range[128];
        cli_option_range(option, range, sizeof range);
        append(problem, length, "found \"%s\"; expected %s, separated by commas", text, range);
        return false;
    }
    *(cli_list *)option->target = list;
    return true;
}

static bool set_isa(const char *text, char *problem, size_t length) {
    dsc_error err;
    if (dsc_isa_set(text, &err) != DSC_OK) {
        append(problem, length, "%s", err.message);
        return false;
    }
    return true;
}

static bool add_text(const cli_option *option, const char *text, char *problem, size_t length) {
    cli_texts *texts = option->target;
    if (text[0] == '\0') {
        append(problem, length, "its value %s is empty", option->value);
        return false;
    }
    if (texts->n == CLI_MAX_TEXTS) {
        append(problem, length, "is given more than %d times", CLI_MAX_TEXTS);
        return false;
    }
    texts->values[texts->n++] = text;
    return true;
}

bool cli_option_set(const cli_option *option, const char *text, char *problem, size_t length) {
    problem[0] = '\0';
    switch (option->type) {
    case CLI_FLAG:
        *(bool *)option->target = true;
        return true;
    case CLI_FLAG_OFF:
        *(bool *)option->target = false;
        return true;
    case CLI_STRING:
        if (text[0] ==
            '\0') { /* an unset variable of a script: no file, directory or id is meant */
            append(problem, length, "its value %s is empty", option->value);
            return false;
        }
        *(const char **)option->target = text;
        return true;
    case CLI_WHOLE:
    case CLI_SIZE:
        return set_whole(option, text, problem, length);
    case CLI_REAL:
        return set_real(option, text, problem, length);
    case CLI_CHOICE:
        return set_choice(option, text, problem, length);
    case CLI_LIST:
        return set_list(option, text, problem, length);
    case CLI_ISA:
        return set_isa(text, problem, length);
    case CLI_TEXTS:
        return add_text(option, text, problem, length);
    }
    return false;
}
