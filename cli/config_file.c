/* Reading a configuration: the members of a JSON object into the targets of options. */
#include "config_file.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "network_json.h"
#include "output.h"
#include "suggest.h"

/* Room for the names of all options of a command, and for a value as text. */
enum { MAX_NAMES = 64, MAX_TEXT = 512 };

static const cli_json_kind kind = {"a configuration", 1, 0};

int cli_config_read(cli_config_file *out, const char *path) {
    *out = (cli_config_file){0};
    if (strcmp(path, "-") == 0) {
        return cli_fail_at(CLI_USAGE, "--config",
                           "a configuration is not read from standard input; expected the name of "
                           "a file (./- is one called -)");
    }
    int status = cli_json_file_read(&out->json, path, &kind);
    if (status == CLI_GO_ON && !json_is_object(out->json.document)) {
        status = cli_fail_at(CLI_BAD_DATA, out->json.name,
                             "found %s, expected an object of settings, such as "
                             "{\"form\": \"dot\", \"factors\": 20}",
                             cli_json_type_name(out->json.document));
    }
    const json_t *maker =
        status == CLI_GO_ON ? json_object_get(out->json.document, CLI_CONFIG_MAKER) : NULL;
    if (maker != NULL && !json_is_string(maker)) {
        status = cli_config_bad(out, CLI_CONFIG_MAKER, "found %s, expected a string",
                                cli_json_type_name(maker));
    }
    return status;
}

void cli_config_clear(cli_config_file *file) {
    cli_json_file_clear(&file->json);
}

bool cli_config_has(const cli_config_file *file, const char *member) {
    return file != NULL && json_object_get(file->json.document, member) != NULL;
}

const char *cli_config_text(const cli_config_file *file, const char *member) {
    return cli_config_has(file, member)
               ? json_string_value(json_object_get(file->json.document, member))
               : NULL;
}

/* Where the member's name stands before a colon; 0: it is written with escapes. */
static size_t find_line(const cli_json_file *json, const char *member) {
    const size_t length = strlen(member);
    size_t line = 1;
    for (const char *p = json->text; *p != '\0'; p++) {
        line += *p == '\n';
        if (*p == '"' && strncmp(p + 1, member, length) == 0 && p[length + 1] == '"') {
            const char *behind = p + length + 2;
            if (behind[strspn(behind, " \t\r\n")] == ':') {
                return line;
            }
        }
    }
    return 0;
}

int cli_config_bad(const cli_config_file *file, const char *member, const char *format, ...) {
    char message[768], where[512], place[32] = "";
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(message, sizeof message, format, arguments);
    va_end(arguments);
    const size_t line = find_line(&file->json, member);
    if (line > 0) {
        snprintf(place, sizeof place, ":%zu", line);
    }
    snprintf(where, sizeof where, "%.300s%s: %.120s", file->json.name, place, member);
    return cli_fail_at(CLI_BAD_DATA, where, "%s", message);
}

/* The numbers of a list with commas between them; false: one is not whole. */
static bool join(const json_t *list, char *out, size_t length) {
    size_t used = 0;
    out[0] = '\0';
    for (size_t i = 0; i < json_array_size(list) && used < length; i++) {
        const json_t *element = json_array_get(list, i);
        if (!json_is_integer(element)) {
            return false;
        }
        used += (size_t)snprintf(out + used, length - used, "%s%" JSON_INTEGER_FORMAT,
                                 i > 0 ? "," : "", json_integer_value(element));
    }
    return used > 0 && used < length;
}

/* The value as it would stand on the command line; false: it is of another type. */
static bool to_text(const cli_option *option, const json_t *value, char *out, size_t length) {
    switch (option->type) {
    case CLI_FLAG:
    case CLI_FLAG_OFF:
        return json_is_boolean(value);
    case CLI_WHOLE:
    case CLI_SIZE:
        if (json_is_string(value)) {
            snprintf(out, length, "%s", json_string_value(value));
        } else {
            snprintf(out, length, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
        }
        return json_is_integer(value) || (json_is_string(value) && option->type == CLI_WHOLE);
    case CLI_REAL:
        if (json_is_integer(value)) {
            snprintf(out, length, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
        } else {
            snprintf(out, length, "%.17g", json_real_value(value));
        }
        return json_is_number(value);
    case CLI_CHOICE:
        snprintf(out, length, "%s", json_is_string(value) ? json_string_value(value) : "");
        return json_is_string(value);
    case CLI_LIST:
        return json_is_array(value) && join(value, out, length);
    case CLI_STRING:
    case CLI_ISA:
    case CLI_TEXTS:
        break;
    }
    return false;
}

static const char *expected_type(cli_option_type type) {
    switch (type) {
    case CLI_FLAG:
    case CLI_FLAG_OFF:
        return "true or false";
    case CLI_WHOLE:
    case CLI_SIZE:
        return "a whole number";
    case CLI_REAL:
        return "a number";
    case CLI_LIST:
        return "a list of whole numbers";
    case CLI_CHOICE:
    case CLI_STRING:
    case CLI_ISA:
    case CLI_TEXTS:
        break;
    }
    return "a string";
}

/* What stands where another type is expected. */
static const char *found_type(const cli_option *option, const json_t *value) {
    if (json_is_real(value) && option->type != CLI_REAL) {
        return "a number with a fraction";
    }
    if (json_is_array(value) && option->type == CLI_LIST) {
        return json_array_size(value) == 0 ? "an empty list" : "a list of something else";
    }
    return cli_json_type_name(value);
}

static int apply_one(const cli_config_file *file, const cli_option *option, const json_t *value) {
    char text[MAX_TEXT] = "", range[128], problem[768];
    if (!to_text(option, value, text, sizeof text)) {
        cli_option_range(option, range, sizeof range);
        return cli_config_bad(file, option->name, "found %s, expected %s%s%s",
                              found_type(option, value), expected_type(option->type),
                              range[0] != '\0' ? ", " : "", range);
    }
    if (!cli_option_has_value(option)) {
        *(bool *)option->target = json_is_true(value) == (option->type == CLI_FLAG);
        return CLI_GO_ON;
    }
    return cli_option_set(option, text, problem, sizeof problem)
               ? CLI_GO_ON
               : cli_config_bad(file, option->name, "%s", problem);
}

static bool is_of_files(const cli_option *option) {
    return option->type != CLI_STRING && option->type != CLI_ISA && option->type != CLI_TEXTS;
}

static int report_unknown(const cli_config_file *file, const cli_option_group *groups,
                          size_t n_groups, const char *member) {
    const char *names[MAX_NAMES];
    size_t n = 0;
    for (size_t g = 0; g < n_groups; g++) {
        for (size_t i = 0; i < groups[g].n_options && n < MAX_NAMES; i++) {
            if (is_of_files(&groups[g].options[i])) {
                names[n++] = groups[g].options[i].name;
            }
        }
    }
    const char *nearest = cli_suggest(member, names, n);
    if (nearest != NULL) {
        return cli_config_bad(file, member, "no such setting; did you mean \"%s\"?", nearest);
    }
    return cli_config_bad(file, member,
                          "no such setting; expected options of the groups \"%s\" and \"%s\" of "
                          "--help without their dashes",
                          groups[0].heading, groups[n_groups - 1].heading);
}

int cli_config_apply(const cli_config_file *file, const cli_option_group *groups, size_t n_groups) {
    json_t *object = file->json.document;
    int status = CLI_GO_ON;
    for (void *at = json_object_iter(object); at != NULL && status == CLI_GO_ON;
         at = json_object_iter_next(object, at)) {
        const char *member = json_object_iter_key(at);
        const cli_option *option = cli_option_find(groups, n_groups, member);
        if (strcmp(member, CLI_CONFIG_MAKER) == 0) {
            continue;
        }
        status = option != NULL && is_of_files(option)
                     ? apply_one(file, option, json_object_iter_value(at))
                     : report_unknown(file, groups, n_groups, member);
    }
    return status;
}
