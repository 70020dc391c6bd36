/* Row crew: the whole lines that a text has in its buffer, into a ratings list, by a pool of
 * threads.
 *
 * The lines are cut into parts that follow from the text alone, and each is read to where its ratings
 * stay in the list. Every thread numbers the ids that it meets by itself; when all parts are read, these
 * are numbered for good, part after part, each in the order in which it first came. So the list is the
 * same whoever read which part. While parts are read, so is the next chunk of the input.
 */
#ifndef DSC_RATINGS_ROW_CREW_H
#define DSC_RATINGS_ROW_CREW_H

#include "base/pool.h"
#include "ratings/row_part.h"

/* Text that a thread reads at a time, to stay in its second level cache; how many times it does before
 * all put together what they have; and the most times that all do together. */
#define DSC_PART_BYTES     ((size_t)256 * 1024)
#define DSC_PARTS_A_THREAD ((size_t)4)
#define DSC_PARTS_A_BLOCK  ((size_t)128)

/* One thread's own numbers of ids to those in the list. */
typedef struct dsc_renumbering {
    uint32_t *user;
    uint32_t *item;
    size_t user_capacity;
    size_t item_capacity;
} dsc_renumbering;

/* All zero is valid and empty. */
typedef struct dsc_row_crew {
    dsc_row_plan plan;
    dsc_lines *lines; /* borrowed, as are all but the arrays */
    dsc_ratings_list *list;
    dsc_ratings_report *report; /* lines are counted in it as they are read */
    dsc_pool *pool;
    size_t part_bytes;
    size_t n_workers;          /* with one, ids go straight into the list */
    dsc_row_worker *worker;    /* (n_workers) */
    dsc_renumbering *renumber; /* (n_workers) */
    dsc_row_part *part;        /* (n_parts) of a block */
    size_t n_parts;
    size_t part_capacity;
} dsc_row_crew;

/* Fills in the workers, for a crew whose other fields are set up to part_bytes.
 * Returns DSC_OK; DSC_E_MEMORY. Freed with dsc_row_crew_clear after success and failure. */
dsc_status dsc_row_crew_init(dsc_row_crew *crew, dsc_error *err);
void dsc_row_crew_clear(dsc_row_crew *crew);

/* Reads all whole lines in the buffer, of which there is one at least.
 * Returns DSC_OK; DSC_E_DATA the first bad line, or too many ids; DSC_E_MEMORY. */
dsc_status dsc_row_crew_read(dsc_row_crew *crew, dsc_error *err);

#endif
