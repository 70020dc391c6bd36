/* "Did you mean ...?": the known name nearest to a mistyped one. */
#include "suggest.h"

#include <stdint.h>
#include <string.h>

enum { MAX_LENGTH = 63 };

static size_t smaller(size_t a, size_t b) {
    return a < b ? a : b;
}

/* Optimal string alignment, three rows of its table at a time. */
size_t cli_distance(const char *a, const char *b) {
    size_t n_a = strlen(a);
    size_t n_b = strlen(b);
    if (n_a > MAX_LENGTH || n_b > MAX_LENGTH) {
        return SIZE_MAX;
    }
    size_t rows[3][MAX_LENGTH + 1] = {{0}};
    for (size_t j = 0; j <= n_b; j++) {
        rows[0][j] = j;
    }
    for (size_t i = 1; i <= n_a; i++) {
        const size_t *before = rows[(i + 1) % 3]; /* row i - 2 */
        const size_t *above = rows[(i - 1) % 3];
        size_t *row = rows[i % 3];
        row[0] = i;
        for (size_t j = 1; j <= n_b; j++) {
            row[j] = smaller(above[j] + 1, row[j - 1] + 1);
            row[j] = smaller(row[j], above[j - 1] + (a[i - 1] != b[j - 1]));
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
                row[j] = smaller(row[j], before[j - 2] + 1);
            }
        }
    }
    return rows[n_a % 3][n_b];
}

const char *cli_suggest(const char *word, const char *const *names, size_t n_names) {
    const char *nearest = NULL;
    size_t best = SIZE_MAX;
    for (size_t i = 0; i < n_names; i++) {
        size_t distance = cli_distance(word, names[i]);
        size_t allowed = strlen(names[i]) / 3;
        if (distance <= (allowed > 0 ? allowed : 1) && distance < best) {
            best = distance;
            nearest = names[i];
        }
    }
    return nearest;
}
