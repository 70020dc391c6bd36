/* Row crew: cuts a block of lines into parts, has them read, and puts them together. */
#include "ratings/row_crew.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "ratings/row_join.h"

static bool has_one(const dsc_row_crew *crew) {
    return crew->n_workers == 1;
}

dsc_status dsc_row_crew_init(dsc_row_crew *crew, dsc_error *err) {
    crew->n_workers = dsc_pool_n_threads(crew->pool);
    crew->worker = calloc(crew->n_workers, sizeof *crew->worker);
    crew->renumber = calloc(crew->n_workers, sizeof *crew->renumber);
    if (crew->worker == NULL || crew->renumber == NULL) {
        return dsc_fail_memory(err, "the ratings");
    }
    dsc_status status = DSC_OK;
    for (size_t i = 0; i < crew->n_workers && status == DSC_OK; i++) {
        dsc_row_worker *w = &crew->worker[i];
        status = dsc_rating_row_init(&w->row, crew->plan.format, crew->plan.lines, err);
        if (has_one(crew)) {
            w->users = crew->list->users;
            w->items = crew->list->items;
            continue;
        }
        if (status == DSC_OK) {
            status = dsc_id_map_create(&w->users, DSC_MAX_IDS, err);
        }
        if (status == DSC_OK) {
            status = dsc_id_map_create(&w->items, DSC_MAX_IDS, err);
        }
    }
    return status;
}

void dsc_row_crew_clear(dsc_row_crew *crew) {
    for (size_t i = 0; i < crew->n_workers && crew->worker != NULL; i++) {
        dsc_row_worker *w = &crew->worker[i];
        dsc_rating_row_clear(&w->row);
        if (!has_one(crew)) {
            dsc_id_map_destroy(w->users);
            dsc_id_map_destroy(w->items);
        }
    }
    for (size_t i = 0; i < crew->n_workers && crew->renumber != NULL; i++) {
        free(crew->renumber[i].user);
        free(crew->renumber[i].item);
    }
    for (size_t i = 0; i < crew->part_capacity; i++) {
        dsc_row_part_clear(&crew->part[i]);
    }
    free(crew->worker);
    free(crew->renumber);
    free(crew->part);
    *crew = (dsc_row_crew){0};
}

/* All parts, the later ones without lines yet. */
static bool reserve_parts(dsc_row_crew *crew, size_t n_parts) {
    const size_t n_before = crew->part_capacity;
    void *part = crew->part;
    const bool has_memory = dsc_grow(&part, &crew->part_capacity, n_parts, sizeof *crew->part);
    crew->part = part;
    if (has_memory && crew->part_capacity > n_before) {
        memset(crew->part + n_before, 0, (crew->part_capacity - n_before) * sizeof *crew->part);
    }
    return has_memory;
}

/* The first line that begins at `at`, which is not the text's first byte, or behind it. */
static char *next_line(char *at, char *end) {
    char *newline = memchr(at - 1, '\n', (size_t)(end - at) + 1);
    return newline + 1; /* the text ends with one */
}

/* Room in the list for n_more ratings; where there is too little, for as many as there will be if the
 * rest of the text is like what was read, and a little more. */
static bool reserve_ratings(const dsc_row_crew *crew, size_t n_more) {
    dsc_ratings_list *list = crew->list;
    const dsc_lines *lines = crew->lines;
    const uint64_t n_read = lines->n_bytes - (lines->end - lines->begin);
    if (list->capacity - list->n < n_more && n_read > 0) {
        const double a_byte = (double)list->n / (double)n_read;
        const double n_left = (double)dsc_input_size(lines->input) - (double)n_read;
        const size_t n_guessed = n_left > 0 ? (size_t)(1.02 * n_left * a_byte) : 0;
        if (dsc_ratings_list_reserve(list, n_guessed + n_more)) {
            return true;
        }
    }
    return dsc_ratings_list_reserve(list, n_more);
}

/* A part has the lines that begin in its share of the bytes. */
static dsc_status cut(dsc_row_crew *crew, char *text, size_t length, dsc_error *err) {
    const size_t n_parts = has_one(crew) ? 1 : (length - 1) / crew->part_bytes + 1;
    if (!reserve_parts(crew, n_parts)) {
        return dsc_fail_memory(err, "the ratings");
    }
    crew->n_parts = n_parts;
    char *begin = text;
    for (size_t i = 0; i < n_parts; i++) {
        dsc_row_part *part = &crew->part[i];
        char *end = text + length;
        if (i + 1 < n_parts) {
            end = next_line(text + (i + 1) * crew->part_bytes, end);
        }
        part->begin = begin;
        part->end = end;
        begin = end;
    }
    return DSC_OK;
}

/* Behind the last part there may be more room than it needs. */
static void find_room(void *job, size_t number, size_t thread) {
    (void)thread;
    const dsc_row_crew *crew = job;
    dsc_row_part *part = &crew->part[number];
    const size_t n_bytes = (size_t)(part->end - part->begin);
    part->room = number + 1 == crew->n_parts ? dsc_row_part_room(n_bytes)
                                             : dsc_lines_count(part->begin, n_bytes);
}

/* Where ratings will stay, if every line holds one: the parts' places in the list. */
static dsc_status place(dsc_row_crew *crew, dsc_error *err) {
    const dsc_ratings_list *list = crew->list;
    size_t n = 0;
    dsc_pool_run(crew->pool, crew->n_parts, find_room, crew);
    for (size_t i = 0; i < crew->n_parts; i++) {
        n += crew->part[i].room;
    }
    if (!reserve_ratings(crew, n)) {
        return dsc_fail_memory(err, "the ratings");
    }
    size_t from = list->n;
    for (size_t i = 0; i < crew->n_parts; i++) {
        dsc_row_part *part = &crew->part[i];
        part->from = from;
        part->out = dsc_rating_arrays_at(&list->arrays, from);
        from += part->room;
    }
    return DSC_OK;
}

/* Part 0 is the next chunk: it comes first, for it is the longest. */
static void read_part(void *job, size_t part, size_t thread) {
    dsc_row_crew *crew = job;
    if (part == 0) {
        dsc_lines_read_ahead(crew->lines);
        return;
    }
    crew->part[part - 1].worker = thread;
    dsc_row_part_read(&crew->part[part - 1], &crew->worker[thread], &crew->plan);
}

/* The ids that a part was the first of its worker to meet, into the list's map. */
static dsc_status number_ids(dsc_id_map *to, const dsc_id_map *from, uint32_t first, uint32_t end,
                             uint32_t *renumber, dsc_error *err) {
    dsc_status status = DSC_OK;
    for (uint32_t i = first; i < end && status == DSC_OK; i++) {
        status = dsc_id_map_add(to, dsc_id_map_id(from, i), &renumber[i], err);
    }
    return status;
}

static dsc_status renumber(dsc_row_crew *crew, const dsc_row_part *part, dsc_error *err) {
    const dsc_row_worker *w = &crew->worker[part->worker];
    dsc_renumbering *r = &crew->renumber[part->worker];
    void *user = r->user;
    void *item = r->item;
    const bool has_memory = dsc_grow(&user, &r->user_capacity, part->end_user, sizeof *r->user) &&
                            dsc_grow(&item, &r->item_capacity, part->end_item, sizeof *r->item);
    r->user = user;
    r->item = item;
    if (!has_memory) {
        return dsc_fail_memory(err, "the ratings");
    }
    dsc_status status =
        number_ids(crew->list->users, w->users, part->first_user, part->end_user, r->user, err);
    return status == DSC_OK ? number_ids(crew->list->items, w->items, part->first_item,
                                         part->end_item, r->item, err)
                            : status;
}

/* The error of a part's first bad line, which is read again for it. */
static dsc_status fail_line(dsc_row_crew *crew, const dsc_row_part *part, uint64_t n_lines_before,
                            dsc_error *err) {
    dsc_line line;
    dsc_rating none;
    dsc_lines_cut(crew->lines, part->bad, part->end, n_lines_before + part->bad_line, &line);
    return dsc_rating_row_read(&crew->worker[0].row, &line, &none, err);
}

/* What a part counted, with its lines' numbers in the file. */
static dsc_status count(dsc_row_crew *crew, const dsc_row_part *part, uint64_t n_lines_before,
                        dsc_error *err) {
    dsc_ratings_report *report = crew->report;
    report->n_empty += part->n_empty;
    if (report->n_wide == 0 && part->n_wide > 0) {
        report->first_wide_line = n_lines_before + part->first_wide_line;
    }
    report->n_wide += part->n_wide;
    if (part->n_bad == 0) {
        return DSC_OK;
    }
    if (!crew->plan.is_skipping) {
        return fail_line(crew, part, n_lines_before, err);
    }
    if (report->n_bad == 0) {
        (void)fail_line(crew, part, n_lines_before, &report->first_bad);
    }
    report->n_bad += part->n_bad;
    return DSC_OK;
}

/* All of a part but its ratings: they go to the list's entries from `entry` on. */
static dsc_status take_part(dsc_row_crew *crew, const dsc_row_part *part, size_t entry,
                            dsc_error *err) {
    const uint64_t n_lines_before = crew->lines->n_lines;
    if (part->status != DSC_OK) {
        const dsc_error *of = &crew->worker[part->worker].err;
        return dsc_fail(err, part->status, of->where, "%s", of->message);
    }
    dsc_status status = has_one(crew) ? DSC_OK : renumber(crew, part, err);
    for (size_t i = 0; i < part->n_offsets && status == DSC_OK; i++) {
        const dsc_line_offset *o = &part->offsets[i];
        const uint64_t line = n_lines_before + o->entry + o->offset;
        status = dsc_ratings_list_note(crew->list, entry + o->entry, line, err);
    }
    dsc_lines_take_block(crew->lines, part->end, part->n_lines);
    return status == DSC_OK ? count(crew, part, n_lines_before, err) : status;
}

/* A part's ids by their numbers in the list. */
static void renumber_part(void *job, size_t number, size_t thread) {
    (void)thread;
    const dsc_row_crew *crew = job;
    const dsc_row_part *part = &crew->part[number];
    const dsc_renumbering *r = &crew->renumber[part->worker];
    for (size_t i = 0; i < part->n; i++) {
        part->out.item[i] = r->item[part->out.item[i]];
    }
    for (size_t i = 0; i < part->users.n; i++) {
        part->users.run[i].user = r->user[part->users.run[i].user];
    }
}

dsc_status dsc_row_crew_read(dsc_row_crew *crew, dsc_error *err) {
    size_t length;
    char *text = dsc_lines_block(crew->lines, &length);
    dsc_status status = cut(crew, text, length, err);
    if (status == DSC_OK) {
        status = place(crew, err);
    }
    if (status != DSC_OK) {
        return status;
    }
    if (has_one(crew)) {
        read_part(crew, 1, 0);
    } else {
        /* A worker's ids are numbered by the part that met them first. */
        dsc_pool_run_ascending(crew->pool, crew->n_parts + 1, read_part, crew);
    }
    size_t n = crew->list->n;
    for (size_t i = 0; i < crew->n_parts && status == DSC_OK; i++) {
        status = take_part(crew, &crew->part[i], n, err);
        n += crew->part[i].n;
    }
    if (status != DSC_OK) {
        return status;
    }
    if (!has_one(crew)) {
        dsc_pool_run(crew->pool, crew->n_parts, renumber_part, crew);
    }
    return dsc_row_parts_join(crew->part, crew->n_parts, crew->list, crew->pool, err);
}
