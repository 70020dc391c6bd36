/* Row part: plain rows in one go, other lines one by one. */
#include "ratings/row_part.h"

#include <stdlib.h>

#include "base/memory.h"
#include "text/fields.h"

/* One way through a part. Ids are looked up together, DSC_IDS_AT_ONCE of them. */
typedef struct pass {
    dsc_row_part *part;
    dsc_row_worker *worker;
    const dsc_row_plan *plan;
    dsc_plain_cursor cursor;
    size_t n; /* ratings read whose ids are not looked up yet; those before are part->n */
    dsc_id user[DSC_IDS_AT_ONCE];
    dsc_id item[DSC_IDS_AT_ONCE];
} pass;

static void look_up(pass *p) {
    dsc_row_part *part = p->part;
    dsc_row_worker *w = p->worker;
    uint32_t user[DSC_IDS_AT_ONCE];
    dsc_status status = dsc_id_map_add_many(w->users, p->user, p->n, user, &w->err);
    for (size_t i = 0; i < p->n && status == DSC_OK; i++) {
        status = dsc_user_runs_add(&part->users, user[i], 1)
                     ? DSC_OK
                     : dsc_fail_memory(&w->err, "the ratings");
    }
    if (status == DSC_OK) {
        status = dsc_id_map_add_many(w->items, p->item, p->n, part->out.item + part->n, &w->err);
    }
    part->status = status;
    part->n += p->n;
    p->n = 0;
}

/* Notes how line numbers follow from entries, from the next one on, which is on the line behind those
 * read. */
static void note_line(pass *p) {
    dsc_row_part *part = p->part;
    const size_t entry = part->n + p->n;
    const uint64_t offset = part->n_lines + 1 - entry;
    if (part->n_offsets > 0 && part->offsets[part->n_offsets - 1].offset == offset) {
        return;
    }
    void *offsets = part->offsets;
    const bool has_memory =
        dsc_grow(&offsets, &part->offsets_capacity, part->n_offsets + 1, sizeof *part->offsets);
    part->offsets = offsets;
    if (has_memory) {
        part->offsets[part->n_offsets++] = (dsc_line_offset){entry, offset};
    } else {
        part->status = dsc_fail_memory(&p->worker->err, "the ratings");
    }
}

/* The plain rows that come next, but for those that a later call reads. Returns their number. */
static size_t read_plain_rows(pass *p) {
    dsc_row_part *part = p->part;
    const dsc_plain_format *format = &p->plan->plain;
    dsc_row_worker *w = p->worker;
    const size_t entry = part->n + p->n;
    const dsc_plain_rows rows =
        dsc_plain_rows_read(format, &p->cursor, part->out.value + entry,
                            part->out.time != NULL ? part->out.time + entry : NULL);
    if (rows.n == 0) {
        return 0;
    }
    dsc_value_range_add(&part->range, part->out.value + entry, rows.n);
    note_line(p);
    if (part->status == DSC_OK) {
        look_up(p); /* ids in their order */
    }
    if (part->status == DSC_OK) {
        part->status =
            dsc_plain_users_add(format, rows.user, rows.n, w->users, &part->users, &w->err);
    }
    if (part->status == DSC_OK) {
        part->status = dsc_plain_items_add(format, rows.item, rows.n, w->items,
                                           part->out.item + entry, &w->err);
    }
    part->n += rows.n;
    part->n_lines += rows.n;
    return rows.n;
}

static void take_rating(pass *p, const dsc_rating *rating) {
    dsc_row_part *part = p->part;
    const size_t entry = part->n + p->n;
    note_line(p);
    p->user[p->n] = rating->user;
    p->item[p->n] = rating->item;
    part->out.value[entry] = rating->value;
    dsc_value_range_add(&part->range, &rating->value, 1);
    if (part->out.time != NULL) {
        part->out.time[entry] = rating->time;
    }
    p->n++;
    if (p->worker->row.n_unescaped > 0 && part->status == DSC_OK) {
        look_up(p); /* before the row reads the next line */
    }
}

/* Any line. Returns false where reading ends at a bad one. */
static bool read_line(pass *p) {
    dsc_row_part *part = p->part;
    dsc_line line;
    char *at = part->begin + (p->cursor.at - part->begin);
    const char *next = dsc_lines_cut(p->plan->lines, at, part->end, part->n_lines + 1, &line);
    bool is_good = true;
    if (line.fault.message == NULL && dsc_is_blank_line(line.bytes, line.length)) {
        part->n_empty++;
    } else {
        dsc_rating rating;
        const dsc_status status = dsc_rating_row_read(&p->worker->row, &line, &rating, NULL);
        is_good = status == DSC_OK;
        if (is_good) {
            take_rating(p, &rating);
        } else if (status == DSC_E_MEMORY) {
            part->status = dsc_fail_memory(&p->worker->err, "the fields of a line");
        } else if (part->n_bad++ == 0) {
            part->bad = line.bytes;
            part->bad_line = line.number;
        }
    }
    part->n_lines++;
    dsc_plain_cursor_pass(&p->cursor, next);
    return is_good || p->plan->is_skipping;
}

static void read_lines(pass *p) {
    const char *end = p->part->end;
    bool is_going_on = true;
    while (is_going_on && p->cursor.at < end && p->part->status == DSC_OK) {
        if (p->plan->plain.is_usable && read_plain_rows(p) > 0) {
            continue;
        }
        if (p->n == DSC_IDS_AT_ONCE) {
            look_up(p);
        }
        is_going_on = p->part->status == DSC_OK && read_line(p);
    }
    if (p->part->status == DSC_OK) {
        look_up(p);
    }
}

void dsc_row_part_read(dsc_row_part *part, dsc_row_worker *worker, const dsc_row_plan *plan) {
    pass p;
    p.part = part;
    p.worker = worker;
    p.plan = plan;
    p.n = 0;
    dsc_plain_cursor_init(&p.cursor, part->begin, part->end);
    *part = (dsc_row_part){.begin = part->begin,
                           .end = part->end,
                           .out = part->out,
                           .worker = part->worker,
                           .room = part->room,
                           .from = part->from,
                           .range = DSC_NO_VALUES,
                           .users = {part->users.run, 0, part->users.capacity},
                           .offsets = part->offsets,
                           .offsets_capacity = part->offsets_capacity};
    worker->row.n_wide = 0;
    part->first_user = (uint32_t)dsc_id_map_count(worker->users);
    part->first_item = (uint32_t)dsc_id_map_count(worker->items);
    read_lines(&p);
    part->end_user = (uint32_t)dsc_id_map_count(worker->users);
    part->end_item = (uint32_t)dsc_id_map_count(worker->items);
    part->n_wide = worker->row.n_wide;
    part->first_wide_line = worker->row.first_wide_line;
}

void dsc_row_part_clear(dsc_row_part *part) {
    free(part->offsets);
    free(part->users.run);
    *part = (dsc_row_part){0};
}
