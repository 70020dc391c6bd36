/* What the machine can do at best, in turns with what is compared to it: bench/peers/harness.py.
 *
 *     machine [--threads N]
 *
 * Each turn: floating-point operations a second of all threads together, by independent fused multiplications and
 * additions of the instruction set in use, and bytes a second that they read from a block that no
 * cache holds. */
#include <pthread.h>

#include "../bench.h"
#include "../fma_peak.h"
#include "descent/isa.h"

/* N_ROUNDS of the peak's loop in one call; BLOCK bytes that all threads read together. */
enum { MAX_THREADS = 64, N_ROUNDS = 10000, LINE = 64 };
#define BLOCK   ((size_t)256 << 20)
#define BURST_S 0.05

typedef struct worker {
    double (*now_s)(void); /* as what is compared is timed: one thread by the processor's time */
    fma_peak peak;
    const unsigned char *begin;
    size_t size;
    double operations_s, bytes_s;
    uint64_t sink;
} worker;

/* Every byte, eight sums at once, which compilers make into wide loads. */
static uint64_t read_all(const unsigned char *begin, size_t size) {
    uint64_t sums[8] = {0}, word[8];
    for (size_t i = 0; i + LINE <= size; i += LINE) {
        memcpy(word, begin + i, LINE);
        for (size_t j = 0; j < 8; j++) {
            sums[j] += word[j];
        }
    }
    return sums[0] + sums[1] + sums[2] + sums[3] + sums[4] + sums[5] + sums[6] + sums[7];
}

static void *compute(void *argument) {
    worker *w = argument;
    volatile float sink;
    size_t n = 0;
    const double begin_s = w->now_s();
    double elapsed_s = 0;
    while (w->peak.rounds != NULL && elapsed_s < BURST_S) {
        sink = w->peak.rounds(N_ROUNDS);
        (void)sink;
        n++;
        elapsed_s = w->now_s() - begin_s;
    }
    w->operations_s = (double)n * N_ROUNDS * (double)w->peak.operations / elapsed_s;
    return NULL;
}

static void *read_memory(void *argument) {
    worker *w = argument;
    const double begin_s = w->now_s();
    w->sink += read_all(w->begin, w->size);
    w->bytes_s = (double)w->size / (w->now_s() - begin_s);
    return NULL;
}

static void run(void *(*body)(void *), worker *workers, size_t n) {
    pthread_t threads[MAX_THREADS];
    for (size_t i = 0; i < n; i++) {
        if (pthread_create(&threads[i], NULL, body, &workers[i]) != 0) {
            fputs("machine: no thread\n", stderr);
            exit(EXIT_FAILURE);
        }
    }
    for (size_t i = 0; i < n; i++) {
        pthread_join(threads[i], NULL);
    }
}

int main(int argc, char **argv) {
    const size_t n = strtoul(bench_option(argc, argv, "--threads", "1"), NULL, 10);
    unsigned char *block = malloc(BLOCK);
    worker workers[MAX_THREADS] = {0};
    if (n < 1 || n > MAX_THREADS || block == NULL) {
        fputs("usage: machine [--threads 1 .. 64], with 256 MB of memory\n", stderr);
        return 2;
    }
    memset(block, 1, BLOCK);
    for (size_t i = 0; i < n; i++) {
        workers[i] = (worker){.now_s = n == 1 ? bench_worked_s : bench_now_s,
                              .peak = fma_peak_of(dsc_isa_name()),
                              .begin = block + i * (BLOCK / n),
                              .size = BLOCK / n};
    }
    bench_print_record((bench_field[]){{"ready", NULL, 1}, {"isa", dsc_isa_name(), 0}, {0}});
    while (bench_wait_for_turn()) {
        double operations_s = 0, bytes_s = 0;
        run(compute, workers, n);
        run(read_memory, workers, n);
        for (size_t i = 0; i < n; i++) {
            operations_s += workers[i].operations_s;
            bytes_s += workers[i].bytes_s;
        }
        bench_print_record(
            (bench_field[]){{"operations_s", NULL, operations_s}, {"bytes_s", NULL, bytes_s}, {0}});
    }
    free(block);
    return EXIT_SUCCESS;
}
