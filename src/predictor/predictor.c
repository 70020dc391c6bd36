/* A predictor as an object: its end, and what can be seen of it. */
#include <stdlib.h>

#include "base/memory.h"
#include "predictor/predictor_internal.h"

void dsc_predictor_destroy(dsc_predictor *predictor) {
    if (predictor == NULL) {
        return;
    }
    dsc_encoding_destroy(predictor->encoding);
    dsc_network_destroy(predictor->network);
    dsc_free(predictor->class_count);
    dsc_free(predictor);
}

void dsc_predictor_get_info(const dsc_predictor *predictor, dsc_predictor_info *out) {
    *out = predictor->info;
}

bool dsc_predictor_is_useless(const dsc_predictor *predictor) {
    const dsc_predictor_info *info = &predictor->info;
    if (info->task == DSC_TASK_REGRESSION) {
        return info->baseline > 0 && info->score >= info->baseline;
    }
    return info->baseline < 1 && info->score <= info->baseline;
}

const dsc_encoding *dsc_predictor_encoding(const dsc_predictor *predictor) {
    return predictor->encoding;
}

const dsc_network *dsc_predictor_network(const dsc_predictor *predictor) {
    return predictor->network;
}

uint64_t dsc_predictor_class_count(const dsc_predictor *predictor, size_t index) {
    return predictor->class_count[index];
}

bool dsc_predictor_has_probabilities(const dsc_predictor *predictor) {
    return predictor->info.task == DSC_TASK_CLASSIFICATION &&
           predictor->info.config.loss != DSC_HINGE;
}
