/* Writing a predictor: encoding, network, settings and results become parts of a file. */
#include <math.h>

#include "descent/version.h"
#include "predictor/encoding_parts.h"
#include "predictor/network_parts.h"
#include "predictor/predictor_file.h"
#include "predictor/predictor_internal.h"
#include "store/formats.h"

static void add_settings(const dsc_predictor_config *config, dsc_part_writer *writer) {
    const dsc_fit_config *fit = &config->fit;
    dsc_part_add_text(writer, DSC_KEY_OPTIMIZER,
                      fit->use_lbfgs ? DSC_NAME_LBFGS : dsc_optimizer_name(fit->optimizer.kind));
    dsc_part_add_flag(writer, DSC_KEY_NESTEROV, fit->optimizer.is_nesterov);
    dsc_part_add_text(writer, DSC_KEY_SCHEDULE, dsc_schedule_name(fit->schedule.kind));
    dsc_part_add_number(writer, DSC_KEY_SCHEDULE_EVERY, fit->schedule.every);
    dsc_part_add_number(writer, DSC_KEY_SCHEDULE_EPOCHS, fit->schedule.n_epochs);
    dsc_part_add_number(writer, DSC_KEY_SCHEDULE_WAIT, fit->schedule.patience);
    dsc_part_add_flag(writer, DSC_KEY_BALANCES, config->balances_classes);
    dsc_part_add_number(writer, DSC_KEY_MAX_EPOCHS, fit->max_epochs);
    dsc_part_add_number(writer, DSC_KEY_BATCH_SIZE, fit->batch_size);
    dsc_part_add_number(writer, DSC_KEY_PATIENCE, fit->patience);
    dsc_part_add_number(writer, DSC_KEY_SEED, fit->seed);
    double *real = dsc_part_reals(writer, DSC_N_FIT_REALS);
    if (real != NULL) {
        real[DSC_FIT_RATE] = fit->optimizer.rate;
        real[DSC_FIT_MOMENTUM] = fit->optimizer.momentum;
        real[DSC_FIT_BETA1] = fit->optimizer.beta1;
        real[DSC_FIT_BETA2] = fit->optimizer.beta2;
        real[DSC_FIT_EPSILON] = fit->optimizer.epsilon;
        real[DSC_FIT_DECAY] = fit->optimizer.decay;
        real[DSC_FIT_L1] = fit->l1;
        real[DSC_FIT_L2] = fit->l2;
        real[DSC_FIT_CLIP_NORM] = fit->clip_norm;
        real[DSC_FIT_HOLDOUT] = config->holdout;
        real[DSC_FIT_WARMUP] = fit->schedule.warmup;
        real[DSC_FIT_FACTOR] = fit->schedule.factor;
        real[DSC_FIT_FLOOR] = fit->schedule.floor;
    }
    dsc_part_add_vector(writer, DSC_ARRAY_HYPERPARAMETERS, DSC_F64, DSC_N_FIT_REALS, real);
}

static void add_results(const dsc_predictor *predictor, dsc_part_writer *writer) {
    const dsc_predictor_info *info = &predictor->info;
    dsc_part_add_number(writer, DSC_KEY_N_ROWS, info->n_rows);
    dsc_part_add_number(writer, DSC_KEY_N_HELD_OUT, info->n_held_out);
    dsc_part_add_number(writer, DSC_KEY_N_EPOCHS, info->result.n_epochs);
    dsc_part_add_number(writer, DSC_KEY_BEST_EPOCH, info->result.best_epoch);
    dsc_part_add_flag(writer, DSC_KEY_STOPPED_EARLY, info->result.has_stopped_early);
    double *real = dsc_part_reals(writer, DSC_N_RESULTS);
    if (real != NULL) {
        real[DSC_RESULT_TRAIN_LOSS] = info->result.train_loss;
        real[DSC_RESULT_VALIDATION_LOSS] =
            isnan(info->result.validation_loss) ? 0 : info->result.validation_loss;
        real[DSC_RESULT_SCORE] = info->score;
        real[DSC_RESULT_BASELINE] = info->baseline;
    }
    dsc_part_add_vector(writer, DSC_ARRAY_RESULTS, DSC_F64, DSC_N_RESULTS, real);
    if (predictor->class_count != NULL) {
        dsc_part_add_vector(writer, DSC_ARRAY_CLASS_COUNTS, DSC_I64,
                            dsc_encoding_n_outputs(predictor->encoding), predictor->class_count);
    }
}

dsc_status dsc_predictor_save(const dsc_predictor *predictor, const char *path, dsc_error *err) {
    dsc_part_writer writer = {0};
    dsc_part_add_text(&writer, DSC_PART_FORMAT, DSC_FORMAT_PREDICTOR);
    dsc_part_add_text(&writer, DSC_PART_FORMAT_VERSION, DSC_PREDICTOR_VERSION);
    dsc_part_add_text(&writer, DSC_PART_WRITER, "descent " DSC_VERSION);
    dsc_encoding_add_parts(predictor->encoding, &writer);
    add_settings(&predictor->info.config, &writer);
    add_results(predictor, &writer);
    dsc_status status = dsc_network_add_parts(predictor->network, &writer, err);
    if (status == DSC_OK) {
        status = dsc_part_writer_write(&writer, path, err);
    }
    dsc_part_writer_clear(&writer);
    return status;
}
