/* What a model file holds: the format that its metadata names. */
#include "descent/model_kind.h"

#include <string.h>

#include "store/formats.h"
#include "store/part_reader.h"

dsc_status dsc_model_kind_of_file(const char *path, dsc_model_kind *out, dsc_error *err) {
    static const struct {
        const char *format;
        dsc_model_kind kind;
    } formats[] = {
        {DSC_FORMAT_RECOMMENDER, DSC_MODEL_RECOMMENDER},
        {DSC_FORMAT_PREDICTOR, DSC_MODEL_PREDICTOR},
        {DSC_FORMAT_NETWORK, DSC_MODEL_NETWORK},
    };
    dsc_safetensors *file;
    dsc_status status = dsc_safetensors_open(&file, path, err);
    if (status != DSC_OK) {
        return status;
    }
    const char *format = dsc_safetensors_metadata(file, DSC_PART_FORMAT);
    *out = DSC_MODEL_UNKNOWN;
    for (size_t i = 0; format != NULL && i < sizeof formats / sizeof formats[0]; i++) {
        if (strcmp(format, formats[i].format) == 0) {
            *out = formats[i].kind;
        }
    }
    dsc_safetensors_close(file);
    return DSC_OK;
}
