/* Fold-ins of many, a part of a pool's job each. */
#include "base/error.h"
#include "base/memory.h"
#include "base/pool.h"
#include "descent/fold_in.h"

/* The first failure that a thread has met. */
typedef struct failure {
    dsc_status status;
    size_t part;
    dsc_error err;
} failure;

typedef struct fold_ins {
    dsc_folded **out;
    const dsc_recommender *model;
    const dsc_newcomers *newcomers;
    failure *failures; /* (threads) */
} fold_ins;

static void fold_in_one(void *job, size_t part, size_t thread) {
    const fold_ins *f = job;
    const dsc_newcomers *all = f->newcomers;
    failure *first = &f->failures[thread];
    dsc_error err;
    const dsc_status status = (all->are_items ? dsc_fold_in_item : dsc_fold_in_user)(
        &f->out[part], f->model, &all->given[part], &all->config[part], &err);
    if (status != DSC_OK && (first->status == DSC_OK || part < first->part)) {
        *first = (failure){status, part, err};
    }
}

/* Whichever thread met it: the one that stands first. */
static const failure *first_of(const failure *failures, size_t n_threads) {
    const failure *first = &failures[0];
    for (size_t t = 1; t < n_threads; t++) {
        const failure *other = &failures[t];
        if (other->status != DSC_OK && (first->status == DSC_OK || other->part < first->part)) {
            first = other;
        }
    }
    return first;
}

dsc_status dsc_fold_in_many(dsc_folded **out, const dsc_recommender *model,
                            const dsc_newcomers *newcomers, dsc_error *err) {
    const size_t n = newcomers->n;
    dsc_pool *pool;
    for (size_t i = 0; i < n; i++) {
        out[i] = NULL;
    }
    if (n > DSC_MAX_PARTS) {
        return dsc_fail(err, DSC_E_ARGUMENT, "newcomers", "are %zu; expected at most %d", n,
                        (int)DSC_MAX_PARTS);
    }
    dsc_status status = dsc_pool_create_for(&pool, newcomers->n_threads, n, err);
    if (status != DSC_OK) {
        return status;
    }
    const size_t n_threads = dsc_pool_n_threads(pool);
    failure *failures = dsc_alloc(n_threads, sizeof *failures);
    if (failures == NULL) {
        status = dsc_fail_memory(err, "fold-ins");
        goto done;
    }
    dsc_pool_run(pool, n, fold_in_one, &(fold_ins){out, model, newcomers, failures});
    const failure *first = first_of(failures, n_threads);
    status = first->status;
    if (status != DSC_OK && err != NULL) {
        *err = first->err;
    }
done:
    for (size_t i = 0; status != DSC_OK && i < n; i++) {
        dsc_folded_destroy(out[i]);
        out[i] = NULL;
    }
    dsc_free(failures);
    dsc_pool_destroy(pool);
    return status;
}
