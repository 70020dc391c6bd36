/* NPY: NumPy's format for one array, versions 1 to 3. Six bytes of magic, two of version, the
 * header's length, the header, which is a Python dictionary, and the elements.
 *
 * The dictionary is read by a parser for exactly what such headers hold: nothing is evaluated. */
#include <endian.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "table/elements.h"
#include "text/lines.h"

#define MAGIC_BYTES 8 /* with the version */
/* NumPy writes about 100; records of many fields, which are refused, take more. */
#define MAX_HEADER_BYTES ((size_t)1024 * 1024)

typedef struct npy_parser {
    const char *p;
    const char *end;
    const char *name; /* of the file */
    dsc_error *err;
} npy_parser;

static dsc_status fail_header(const npy_parser *parser, const char *expected) {
    size_t n_left = (size_t)(parser->end - parser->p);
    return dsc_fail(parser->err, DSC_E_DATA, parser->name,
                    "the NPY header: found \"%s\", expected %s", dsc_show(parser->p, n_left).text,
                    expected);
}

static void pass_blanks(npy_parser *parser) {
    while (parser->p < parser->end && memchr(" \t\r\n", *parser->p, 4) != NULL) {
        parser->p++;
    }
}

/* Steps over `token` and blanks around it; false: it is not next. */
static bool take(npy_parser *parser, const char *token) {
    pass_blanks(parser);
    size_t length = strlen(token);
    if ((size_t)(parser->end - parser->p) < length || memcmp(parser->p, token, length) != 0) {
        return false;
    }
    parser->p += length;
    pass_blanks(parser);
    return true;
}

/* A string in either kind of quotes; false: none is next. */
static bool take_string(npy_parser *parser, const char **text, size_t *length) {
    pass_blanks(parser);
    if (parser->p == parser->end || (*parser->p != '\'' && *parser->p != '"')) {
        return false;
    }
    size_t n_left = (size_t)(parser->end - parser->p) - 1;
    const char *close = memchr(parser->p + 1, *parser->p, n_left);
    if (close == NULL) {
        return false;
    }
    *text = parser->p + 1;
    *length = (size_t)(close - *text);
    parser->p = close + 1;
    pass_blanks(parser);
    return true;
}

typedef struct type_name {
    const char *name; /* behind the byte order */
    dsc_value_type type;
} type_name;

static const type_name type_names[] = {
    {"f4", DSC_VALUE_F32}, {"f8", DSC_VALUE_F64}, {"i1", DSC_VALUE_I8}, {"i2", DSC_VALUE_I16},
    {"i4", DSC_VALUE_I32}, {"i8", DSC_VALUE_I64}, {"u1", DSC_VALUE_U8}, {"u2", DSC_VALUE_U16},
    {"u4", DSC_VALUE_U32}, {"u8", DSC_VALUE_U64}, {"b1", DSC_VALUE_U8},
};

static dsc_status read_type(npy_parser *parser, dsc_elements *out) {
    const char *text;
    size_t length;
    const char *begin = parser->p;
    if (take_string(parser, &text, &length) && length == 3 && memchr("<>=|", text[0], 4) != NULL) {
        for (size_t i = 0; i < sizeof type_names / sizeof type_names[0]; i++) {
            if (memcmp(text + 1, type_names[i].name, 2) == 0) {
                out->type = type_names[i].type;
                bool is_native_big = BYTE_ORDER == BIG_ENDIAN;
                out->is_big_endian = text[0] == '>' || (text[0] != '<' && is_native_big);
                return DSC_OK;
            }
        }
    }
    parser->p = begin;
    return fail_header(parser, "elements of type f4, f8, i1, i2, i4, i8, u1, u2, u4, u8 or b1; "
                               "objects, text and records are not read");
}

static dsc_status read_order(npy_parser *parser, dsc_elements *out) {
    if (take(parser, "True")) {
        out->is_column_major = true;
        return DSC_OK;
    }
    return take(parser, "False") ? DSC_OK : fail_header(parser, "True or False");
}

static bool take_size(npy_parser *parser, uint64_t *out) {
    const char *begin = parser->p;
    *out = 0;
    for (; parser->p < parser->end && *parser->p >= '0' && *parser->p <= '9'; parser->p++) {
        if (__builtin_mul_overflow(*out, UINT64_C(10), out) ||
            __builtin_add_overflow(*out, (uint64_t)(*parser->p - '0'), out)) {
            *out = UINT64_MAX; /* too large for any file, which is said where shapes are measured */
        }
    }
    bool is_found = parser->p > begin;
    take(parser, "L"); /* as Python 2 wrote long integers */
    return is_found;
}

static dsc_status read_shape(npy_parser *parser, dsc_elements *out) {
    static const char *const expected = "a shape such as (3,) or (3, 4)";
    if (!take(parser, "(")) {
        return fail_header(parser, expected);
    }
    while (!take(parser, ")")) {
        if (out->n_dimensions == DSC_MAX_DIMENSIONS) {
            return fail_header(parser, "at most 32 dimensions");
        }
        if (!take_size(parser, &out->dimension[out->n_dimensions])) {
            return fail_header(parser, expected);
        }
        out->n_dimensions++;
        if (!take(parser, ",") && (parser->p == parser->end || *parser->p != ')')) {
            return fail_header(parser, expected);
        }
    }
    if (out->n_dimensions == 0) {
        return dsc_fail(parser->err, DSC_E_DATA, parser->name,
                        "found an NPY file of one number without a dimension, expected rows");
    }
    return DSC_OK;
}

/* {'descr': '<f8', 'fortran_order': False, 'shape': (3, 4), } in any order, each once. */
static dsc_status parse_header(npy_parser *parser, dsc_elements *out) {
    enum { DESCR, ORDER, SHAPE, N_KEYS };
    static const char *const keys[N_KEYS] = {"descr", "fortran_order", "shape"};
    dsc_status (*const readers[N_KEYS])(npy_parser *, dsc_elements *) = {read_type, read_order,
                                                                         read_shape};
    bool is_read[N_KEYS] = {false};
    *out = (dsc_elements){0};
    if (!take(parser, "{")) {
        return fail_header(parser, "\"{\"");
    }
    while (!take(parser, "}")) {
        const char *text;
        size_t length;
        const char *begin = parser->p;
        bool is_key = take_string(parser, &text, &length) && take(parser, ":");
        size_t key = 0;
        while (is_key && key < N_KEYS &&
               !(length == strlen(keys[key]) && memcmp(text, keys[key], length) == 0)) {
            key++;
        }
        if (!is_key || key == N_KEYS || is_read[key]) {
            parser->p = begin;
            return fail_header(parser, "'descr', 'fortran_order' and 'shape', each once");
        }
        is_read[key] = true;
        dsc_status status = readers[key](parser, out);
        if (status != DSC_OK) {
            return status;
        }
        if (!take(parser, ",") && (parser->p == parser->end || *parser->p != '}')) {
            return fail_header(parser, "\",\" or \"}\"");
        }
    }
    if (!is_read[DESCR] || !is_read[ORDER] || !is_read[SHAPE]) {
        return fail_header(parser, "'descr', 'fortran_order' and 'shape' before the end");
    }
    if (out->is_column_major && out->n_dimensions > 2) {
        return dsc_fail(parser->err, DSC_E_DATA, parser->name,
                        "found %zu dimensions in Fortran order, expected one or two, or C order",
                        out->n_dimensions);
    }
    return DSC_OK;
}

static dsc_status fail_cut(const dsc_table *table, dsc_error *err) {
    return dsc_fail(err, DSC_E_DATA, table->name, "the NPY header is cut: the file ends inside it");
}

/* Magic, version and the length of the header that follows. */
static dsc_status read_length(dsc_table *table, dsc_input *input, size_t *length, size_t *n_before,
                              dsc_error *err) {
    unsigned char bytes[MAGIC_BYTES + 4];
    size_t n;
    dsc_status status = dsc_input_read(input, (char *)bytes, MAGIC_BYTES, &n, err);
    if (status != DSC_OK) {
        return status;
    }
    unsigned version = n == MAGIC_BYTES ? bytes[6] : 0;
    if (n == MAGIC_BYTES && (version < 1 || version > 3)) {
        return dsc_fail(err, DSC_E_DATA, table->name,
                        "found NPY version %u.%u, expected 1.0, 2.0 or 3.0", version,
                        (unsigned)bytes[7]);
    }
    size_t n_length = version == 1 ? 2 : 4;
    if (n == MAGIC_BYTES) {
        status = dsc_input_read(input, (char *)bytes + MAGIC_BYTES, n_length, &n, err);
    }
    if (status != DSC_OK) {
        return status;
    }
    if (version == 0 || n < n_length) {
        return fail_cut(table, err);
    }
    *length = 0;
    for (size_t i = n_length; i-- > 0;) {
        *length = *length << 8 | bytes[MAGIC_BYTES + i];
    }
    *n_before = MAGIC_BYTES + n_length;
    if (*length > MAX_HEADER_BYTES) {
        return dsc_fail(err, DSC_E_DATA, table->name,
                        "found an NPY header of %zu bytes, expected at most %zu", *length,
                        MAX_HEADER_BYTES);
    }
    return DSC_OK;
}

dsc_status dsc_table_read_npy(dsc_table *table, dsc_input *input, dsc_table_job *job,
                              dsc_error *err) {
    char *header = NULL;
    size_t length = 0;
    size_t n_before = 0;
    size_t n;
    dsc_elements elements;
    dsc_status status = read_length(table, input, &length, &n_before, err);
    if (status != DSC_OK) {
        goto done;
    }
    header = malloc(length + 1);
    if (header == NULL) {
        status = dsc_fail_memory(err, "an NPY header");
        goto done;
    }
    status = length > 0 ? dsc_input_read(input, header, length, &n, err) : DSC_OK;
    if (status == DSC_OK && length > 0 && n < length) {
        status = fail_cut(table, err);
    }
    const size_t n_header = n_before + length;
    if (status == DSC_OK) {
        while (length > 0 && memchr(" \n", header[length - 1], 2) != NULL) {
            length--; /* padding */
        }
        npy_parser parser = {header, header + length, table->name, err};
        status = parse_header(&parser, &elements);
    }
    if (status == DSC_OK) {
        status = dsc_elements_read(&elements, table, input, n_header, job, err);
    }
done:
    free(header);
    dsc_input_close(input);
    return status;
}
