/* What the files of src/predictor share: the struct behind dsc_predictor. */
#ifndef DSC_PREDICTOR_PREDICTOR_INTERNAL_H
#define DSC_PREDICTOR_PREDICTOR_INTERNAL_H

#include "descent/predictor.h"

struct dsc_predictor {
    dsc_predictor_info info;
    dsc_encoding *encoding;
    dsc_network *network;  /* single precision */
    uint64_t *class_count; /* (n classes) of the training rows; NULL: regression */
};

/* DSC_OK, or DSC_E_ARGUMENT with the setting's name in err->where. */
dsc_status dsc_predictor_config_check(const dsc_predictor_config *config, dsc_error *err);

/* Sets the loss that the task asks for where none is chosen.
 * Returns DSC_OK; DSC_E_ARGUMENT a loss, or class weights, that the task does not know. */
dsc_status dsc_predictor_settle_loss(dsc_predictor_config *config, dsc_task task, dsc_error *err);

/* Predictions of encoded rows; out is all zero after a failure. */
dsc_status dsc_predictor_predict_samples(const dsc_predictor *predictor, const dsc_samples *samples,
                                         dsc_predictions *out, dsc_error *err);

/* Their comparison with the samples' targets. */
dsc_status dsc_predictor_evaluate_samples(const dsc_predictor *predictor,
                                          const dsc_samples *samples, dsc_predictor_evaluation *out,
                                          dsc_error *err);

#endif
