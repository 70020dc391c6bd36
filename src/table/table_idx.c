/* IDX: the format of MNIST. Two zero bytes, the type of the elements, the number of dimensions,
 * each dimension in four bytes, the elements; the highest byte of a number comes first. */
#include <endian.h>
#include <string.h>

#include "table/elements.h"

#define MAGIC_BYTES 4

/* The elements' type by the third byte of the file; false: there is none. */
static bool find_type(unsigned char code, dsc_value_type *out) {
    switch (code) {
    case 0x08:
        *out = DSC_VALUE_U8;
        return true;
    case 0x09:
        *out = DSC_VALUE_I8;
        return true;
    case 0x0B:
        *out = DSC_VALUE_I16;
        return true;
    case 0x0C:
        *out = DSC_VALUE_I32;
        return true;
    case 0x0D:
        *out = DSC_VALUE_F32;
        return true;
    case 0x0E:
        *out = DSC_VALUE_F64;
        return true;
    default:
        return false;
    }
}

static dsc_status fail_header(const dsc_table *table, size_t n_found, size_t n_expected,
                              dsc_error *err) {
    return dsc_fail(err, DSC_E_DATA, table->name,
                    "the IDX header is cut: found %zu bytes, expected %zu", n_found, n_expected);
}

static dsc_status read_header(dsc_table *table, dsc_input *input, dsc_elements *out,
                              size_t *n_header, dsc_error *err) {
    unsigned char magic[MAGIC_BYTES];
    size_t n;
    dsc_status status = dsc_input_read(input, (char *)magic, sizeof magic, &n, err);
    if (status != DSC_OK) {
        return status;
    }
    if (n < sizeof magic) {
        return fail_header(table, n, sizeof magic, err);
    }
    *out = (dsc_elements){.is_big_endian = true, .n_dimensions = magic[3]};
    if (!find_type(magic[2], &out->type)) {
        return dsc_fail(err, DSC_E_DATA, table->name,
                        "found the first bytes 00 00 %02x %02x, expected text, NPY, or IDX, whose "
                        "third byte is the type of its elements, 08, 09, 0b, 0c, 0d or 0e",
                        (unsigned)magic[2], (unsigned)magic[3]);
    }
    if (out->n_dimensions == 0 || out->n_dimensions > DSC_MAX_DIMENSIONS) {
        return dsc_fail(err, DSC_E_DATA, table->name,
                        "found an IDX file of %zu dimensions, expected 1 to %d", out->n_dimensions,
                        DSC_MAX_DIMENSIONS);
    }
    uint32_t dimension[DSC_MAX_DIMENSIONS];
    size_t n_bytes = out->n_dimensions * sizeof *dimension;
    status = dsc_input_read(input, (char *)dimension, n_bytes, &n, err);
    *n_header = sizeof magic + n_bytes;
    if (status == DSC_OK && n < n_bytes) {
        status = fail_header(table, sizeof magic + n, *n_header, err);
    }
    for (size_t d = 0; d < out->n_dimensions && status == DSC_OK; d++) {
        out->dimension[d] = be32toh(dimension[d]);
    }
    return status;
}

dsc_status dsc_table_read_idx(dsc_table *table, dsc_input *input, dsc_table_job *job,
                              dsc_error *err) {
    dsc_elements elements;
    size_t n_header = 0;
    dsc_status status = read_header(table, input, &elements, &n_header, err);
    if (status == DSC_OK) {
        status = dsc_elements_read(&elements, table, input, n_header, job, err);
    }
    dsc_input_close(input);
    return status;
}
