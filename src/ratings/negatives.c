/* A file of negatives: a row of items a user, with the line and field machinery of the ratings. */
#include "descent/negatives.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "text/fields.h"
#include "text/id_map.h"
#include "text/input.h"
#include "text/lines.h"

struct dsc_negatives {
    dsc_id_map *users;
    dsc_id_map *items;
    uint64_t *start; /* (n_users + 1) */
    size_t starts_capacity;
    uint32_t *item; /* (start[n_users]) */
    size_t items_capacity;
    uint64_t *seen_on; /* (n_items) the last line that named the item */
    size_t seen_capacity;
};

void dsc_negatives_destroy(dsc_negatives *negatives) {
    if (negatives == NULL) {
        return;
    }
    dsc_id_map_destroy(negatives->users);
    dsc_id_map_destroy(negatives->items);
    free(negatives->start);
    free(negatives->item);
    free(negatives->seen_on);
    free(negatives);
}

static bool is_gap(char c) {
    return c == ' ' || c == '\t';
}

/* The next field from *at on, or of length 0 at the end of the line. */
static dsc_id next_field(const dsc_line *line, size_t *at) {
    while (*at < line->length && is_gap(line->bytes[*at])) {
        (*at)++;
    }
    const size_t begin = *at;
    while (*at < line->length && !is_gap(line->bytes[*at])) {
        (*at)++;
    }
    return (dsc_id){line->bytes + begin, *at - begin};
}

/* "(user,item)" becomes "user"; the item may hold commas, the user not. False: half a bracket. */
static bool take_user(dsc_id *field) {
    if (field->bytes[0] != '(') {
        return true;
    }
    const char *comma = memchr(field->bytes, ',', field->length);
    if (comma == NULL || comma == field->bytes + 1 || field->bytes[field->length - 1] != ')') {
        return false;
    }
    *field = (dsc_id){field->bytes + 1, (size_t)(comma - field->bytes) - 1};
    return true;
}

static dsc_status add_item(dsc_negatives *self, const dsc_lines *lines, const dsc_line *line,
                           dsc_id id, uint64_t *n, dsc_error *err) {
    uint32_t index;
    dsc_status status = dsc_id_map_add(self->items, id, &index, err);
    void *item = self->item, *seen_on = self->seen_on;
    if (status != DSC_OK) {
        return status;
    }
    const size_t n_seen = self->seen_capacity;
    bool has_memory =
        dsc_grow(&seen_on, &self->seen_capacity, (size_t)index + 1, sizeof *self->seen_on);
    self->seen_on = seen_on;
    has_memory = has_memory && dsc_grow(&item, &self->items_capacity, *n + 1, sizeof *self->item);
    self->item = item;
    if (!has_memory) {
        return dsc_fail_memory(err, "the negatives");
    }
    memset(self->seen_on + n_seen, 0, (self->seen_capacity - n_seen) * sizeof *self->seen_on);
    if (self->seen_on[index] == line->number) {
        return dsc_lines_fail(lines, line->number, (size_t)(id.bytes - line->bytes) + 1, err,
                              "the item \"%s\" stands twice in this line",
                              dsc_show(id.bytes, id.length).text);
    }
    self->seen_on[index] = line->number;
    self->item[(*n)++] = index;
    return DSC_OK;
}

static dsc_status read_line(dsc_negatives *self, const dsc_lines *lines, const dsc_line *line,
                            dsc_error *err) {
    const size_t n_users = dsc_id_map_count(self->users);
    uint64_t n = self->start[n_users];
    size_t at = 0;
    uint32_t index;
    dsc_id user = next_field(line, &at);
    if (!take_user(&user)) {
        return dsc_lines_fail(lines, line->number, 1, err, "\"%s\" is not of the form (user,item)",
                              dsc_show(user.bytes, user.length).text);
    }
    if (dsc_id_map_find(self->users, user) != DSC_NO_INDEX) {
        return dsc_lines_fail(lines, line->number, 1, err,
                              "the user \"%s\" has a line already; expected one line a user",
                              dsc_show(user.bytes, user.length).text);
    }
    dsc_status status = DSC_OK;
    for (dsc_id id = next_field(line, &at); id.length > 0 && status == DSC_OK;
         id = next_field(line, &at)) {
        status = add_item(self, lines, line, id, &n, err);
    }
    if (status != DSC_OK) {
        return status;
    }
    if (n == self->start[n_users]) {
        return dsc_lines_fail(lines, line->number, line->length + 1, err,
                              "found no negatives; expected a user, then items separated by tabs "
                              "or blanks");
    }
    void *start = self->start;
    if (!dsc_grow(&start, &self->starts_capacity, n_users + 2, sizeof *self->start)) {
        return dsc_fail_memory(err, "the negatives");
    }
    self->start = start;
    self->start[n_users + 1] = n;
    return dsc_id_map_add(self->users, user, &index, err);
}

static dsc_status read_lines(dsc_negatives *self, dsc_lines *lines, const char *name,
                             dsc_error *err) {
    for (;;) {
        dsc_line line;
        dsc_status status = dsc_lines_next(lines, &line, err);
        if (status != DSC_OK) {
            return status;
        }
        if (line.bytes == NULL) {
            break;
        }
        if (line.fault.message != NULL) {
            return dsc_lines_fail(lines, line.number, line.fault.column, err, "%s",
                                  line.fault.message);
        }
        if (dsc_is_blank_line(line.bytes, line.length)) {
            continue;
        }
        status = read_line(self, lines, &line, err);
        if (status != DSC_OK) {
            return status;
        }
    }
    if (dsc_id_map_count(self->users) == 0) {
        return dsc_fail(err, DSC_E_DATA, name, "is empty; expected a user and negatives a line");
    }
    return DSC_OK;
}

dsc_status dsc_negatives_read(dsc_negatives **out, const char *path, dsc_error *err) {
    *out = NULL;
    dsc_input *input;
    dsc_lines lines;
    dsc_status status = dsc_input_open(&input, path, err);
    if (status != DSC_OK) {
        return status;
    }
    status = dsc_lines_init(&lines, input, err);
    void *start = NULL;
    dsc_negatives *self = calloc(1, sizeof *self);
    if (status == DSC_OK &&
        (self == NULL || !dsc_grow(&start, &self->starts_capacity, 1, sizeof *self->start))) {
        status = dsc_fail_memory(err, "the negatives");
    }
    if (status != DSC_OK) {
        goto done;
    }
    self->start = start;
    self->start[0] = 0;
    status = dsc_id_map_create(&self->users, DSC_MAX_IDS, err);
    if (status == DSC_OK) {
        status = dsc_id_map_create(&self->items, DSC_MAX_IDS, err);
    }
    if (status == DSC_OK) {
        status = read_lines(self, &lines, dsc_input_name(lines.input), err);
    }
    if (status == DSC_OK) {
        *out = self;
        self = NULL;
    }
done:
    dsc_negatives_destroy(self);
    dsc_lines_clear(&lines);
    return status;
}

size_t dsc_negatives_n_users(const dsc_negatives *negatives) {
    return dsc_id_map_count(negatives->users);
}

const uint32_t *dsc_negatives_find(const dsc_negatives *negatives, dsc_id user, size_t *n) {
    const uint32_t row = dsc_id_map_find(negatives->users, user);
    *n = 0;
    if (row == DSC_NO_INDEX) {
        return negatives->item;
    }
    *n = (size_t)(negatives->start[row + 1] - negatives->start[row]);
    return negatives->item + negatives->start[row];
}

size_t dsc_negatives_n_items(const dsc_negatives *negatives) {
    return dsc_id_map_count(negatives->items);
}

dsc_id dsc_negatives_item(const dsc_negatives *negatives, uint32_t index) {
    return dsc_id_map_id(negatives->items, index);
}
