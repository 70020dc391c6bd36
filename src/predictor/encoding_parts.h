/* An encoding as parts of a model file; docs/model-file.md, "Parts of an encoding". */
#ifndef DSC_PREDICTOR_ENCODING_PARTS_H
#define DSC_PREDICTOR_ENCODING_PARTS_H

#include "descent/encoding.h"
#include "store/part_reader.h"
#include "store/part_writer.h"

/* Adds the encoding's parts, borrowed until the file is written. */
void dsc_encoding_add_parts(const dsc_encoding *encoding, dsc_part_writer *writer);

/* An encoding from the parts of a file. *out is NULL after a failure.
 * Returns DSC_OK; DSC_E_MODEL (where = path); DSC_E_MEMORY. */
dsc_status dsc_encoding_get_parts(dsc_encoding **out, const dsc_part_reader *reader,
                                  dsc_error *err);

#endif
