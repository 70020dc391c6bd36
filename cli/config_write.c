/* Writing a configuration: one line an option, in the order of the table, by jansson's values. */
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "config_file.h"
#include "output.h"

/* Every double has 17 significant digits at most; whole numbers beyond 2^53 are not the same in all
 * readers of JSON. */
enum { MAX_DIGITS = 17 };
static const uint64_t largest_number = (uint64_t)1 << 53;

/* The fewest digits that give the value back. */
static int digits_of(double value) {
    for (int digits = 1; digits < MAX_DIGITS; digits++) {
        char text[64];
        snprintf(text, sizeof text, "%.*g", digits, value);
        if (strtod(text, NULL) == value) {
            return digits;
        }
    }
    return MAX_DIGITS;
}

static json_t *whole(uint64_t value) {
    return value > largest_number ? json_sprintf("%" PRIu64, value)
                                  : json_integer((json_int_t)value);
}

static json_t *list_of(const cli_list *list) {
    json_t *out = json_array();
    for (size_t i = 0; i < list->n; i++) {
        if (json_array_append_new(out, json_integer((json_int_t)list->values[i])) != 0) {
            json_decref(out);
            return NULL;
        }
    }
    return out;
}

static bool has_value(const cli_option *option) {
    switch (option->type) {
    case CLI_STRING:
    case CLI_ISA:
    case CLI_TEXTS:
        return false;
    case CLI_WHOLE: /* of the whole range, as a seed, it is a number like any other */
        return option->whole_max == 0 || *(const uint64_t *)option->target != CLI_NOT_GIVEN;
    case CLI_SIZE:
        return *(const size_t *)option->target != (size_t)CLI_NOT_GIVEN;
    case CLI_REAL:
        return !isnan(*(const double *)option->target);
    case CLI_LIST:
        return ((const cli_list *)option->target)->n > 0;
    case CLI_FLAG:
    case CLI_FLAG_OFF:
    case CLI_CHOICE:
        break;
    }
    return true;
}

/* NULL: it has none (*has_failed false), or there is no memory. */
static json_t *value_of(const cli_option *option, int *precision, bool *has_failed) {
    json_t *value = NULL;
    *precision = MAX_DIGITS;
    *has_failed = false;
    if (!has_value(option)) {
        return NULL;
    }
    switch (option->type) {
    case CLI_FLAG:
        value = json_boolean(*(const bool *)option->target);
        break;
    case CLI_FLAG_OFF:
        value = json_boolean(!*(const bool *)option->target);
        break;
    case CLI_WHOLE:
        value = whole(*(const uint64_t *)option->target);
        break;
    case CLI_SIZE:
        value = whole(*(const size_t *)option->target);
        break;
    case CLI_REAL:
        *precision = digits_of(*(const double *)option->target);
        value = json_real(*(const double *)option->target);
        break;
    case CLI_CHOICE:
        value = json_string(option->choices[*(const size_t *)option->target]);
        break;
    case CLI_LIST:
        value = list_of(option->target);
        break;
    case CLI_STRING:
    case CLI_ISA:
    case CLI_TEXTS:
        break;
    }
    *has_failed = value == NULL;
    return value;
}

static void put(cli_config_writer *writer, const char *name, json_t *value, int precision) {
    json_t *key = json_string(name);
    if (key == NULL || value == NULL) {
        writer->has_failed = true;
    } else {
        fputs(writer->n++ == 0 ? "\n  " : ",\n  ", writer->stream);
        writer->has_failed |= json_dumpf(key, writer->stream, JSON_ENCODE_ANY) != 0;
        fputs(": ", writer->stream);
        writer->has_failed |=
            json_dumpf(value, writer->stream,
                       JSON_ENCODE_ANY | JSON_REAL_PRECISION((size_t)precision)) != 0;
    }
    json_decref(key);
    json_decref(value);
}

void cli_config_begin(cli_config_writer *writer, const char *maker) {
    *writer = (cli_config_writer){0};
    writer->stream = open_memstream(&writer->text, &writer->length);
    writer->has_failed = writer->stream == NULL;
    if (writer->has_failed) {
        return;
    }
    fputc('{', writer->stream);
    put(writer, CLI_CONFIG_MAKER, json_string(maker), MAX_DIGITS);
}

void cli_config_add(cli_config_writer *writer, const cli_option *option) {
    int precision;
    bool has_failed;
    if (writer->stream == NULL) {
        return;
    }
    json_t *value = value_of(option, &precision, &has_failed);
    if (value != NULL) {
        put(writer, option->name, value, precision);
    }
    writer->has_failed |= has_failed;
}

char *cli_config_end(cli_config_writer *writer, size_t *length) {
    if (writer->stream != NULL) {
        fputs("\n}\n", writer->stream);
        writer->has_failed |= ferror(writer->stream) != 0;
        writer->has_failed |= fclose(writer->stream) != 0;
    }
    if (writer->has_failed) {
        free(writer->text);
        return NULL;
    }
    *length = writer->length;
    return writer->text;
}
