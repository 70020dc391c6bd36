"""Bugs in reading ratings and text; what a row is stands in __init__.py."""

GROUND = "src/ratings/ground.c"
ITEM_LISTS = "src/ratings/item_lists.c"
MODEL = "src/recommender/model.c"
PLAIN_IDS = "src/ratings/plain_ids.c"
PLAIN_ROW = "src/ratings/plain_row.c"
RATINGS = "src/ratings/ratings.c"
RATINGS_LIST = "src/ratings/ratings_list.c"
ROW_CREW = "src/ratings/row_crew.c"
ROW_JOIN = "src/ratings/row_join.c"
ROW_PART = "src/ratings/row_part.c"
SPARSE_GROUP = "src/ratings/sparse_group.c"
SPARSE_SORT = "src/ratings/sparse_sort.c"
SCATTER = "src/ratings/scatter.c"
ID_NUMBER = "src/text/id_number.h"

MUTANTS = [
    (
        "plain rows: as many lines as rows are rows",
        PLAIN_ROW,
        "has_ends &= c->base[c->edge[i] - 1] == '\\n';",
        "has_ends &= c->base[c->edge[i] - 1] != '\\0';",
    ),
    (
        "plain rows: lines that make rows together are rows",
        PLAIN_ROW,
        "format->width != 1 || found.n_lines != found.n / format->n_fields) {",
        "format->width != 1) {",
    ),
    (
        "plain rows: one colon for two where all are so",
        PLAIN_ROW,
        "!found.is_plain || format->width != 1 ||",
        "!found.is_plain ||",
    ),
    (
        "plain rows: any separators are those of rows",
        PLAIN_ROW,
        "!found.is_plain || format->width != 1 ||",
        "format->width != 1 ||",
    ),
    (
        "lists: a user alone is somebody",
        ITEM_LISTS,
        "if (status == DSC_OK && n > 0 && n_items == 0) {",
        "if (status == DSC_OK && n_items == 0) {",
    ),
    (
        "lists: every user is a new one",
        ITEM_LISTS,
        "n_items > 0 && user < n_users",
        "n_items > 0 && user > n_users",
    ),
    (
        "lists: a line an entry",
        RATINGS_LIST,
        "list->has_lists ? line : line - entry",
        "line - entry",
    ),
    (
        "lists: nothing ends a list but its last item",
        ITEM_LISTS,
        "field->length == 0 && !is_behind_last",
        "field->length == 0",
    ),
    (
        "reading: any three characters are a rating with a point",
        PLAIN_ROW,
        "& 0xF0FFF0) == 0",
        "& 0xF000F0) == 0",
    ),
    (
        "reading: one colon for two",
        PLAIN_ROW,
        "(text[mark[i]] ^ delimiter) | (mark[i + 1] - mark[i] - 1)",
        "mark[i] == 0",
    ),
    (
        "reading: an empty field is a field",
        PLAIN_ROW,
        "gaps >= 0 && difference == 0",
        "difference == 0",
    ),
    (
        "reading: a row ends with what is no delimiter",
        PLAIN_ROW,
        "text[*lf - 1] == '\\n' &&",
        "text[*lf - 1] != f->delimiter &&",
    ),
    (
        "reading: a bad line moves the numbers of none behind it",
        ROW_PART,
        "const uint64_t offset = part->n_lines + 1 - entry;",
        "const uint64_t offset = 1;",
    ),
    (
        "reading: items by the numbers of whoever read them",
        ROW_CREW,
        "part->out.item[i] = r->item[part->out.item[i]];",
        "part->out.item[i] = part->out.item[i] + 0 * r->item[0];",
    ),
    (
        "reading: lines counted from the part's first",
        ROW_CREW,
        "const uint64_t line = n_lines_before + o->entry + o->offset;",
        "const uint64_t line = o->entry + o->offset;",
    ),
    (
        "reading: the last bad line of all for the first",
        ROW_CREW,
        "if (report->n_bad == 0) {",
        "if (part->n_bad > 0) {",
    ),
    (
        "reading: ratings behind a gap stay where they are, but for one side",
        ROW_JOIN,
        "memmove(to.item, part->out.item, part->n * sizeof *to.item);",
        "memmove(to.item, part->out.item, 0);",
    ),
    (
        "reading: users of a part begin one entry apart",
        ROW_JOIN,
        "status = dsc_ratings_list_begin_user(list, entry, run->user, err);\n        entry += run->n;",
        "status = dsc_ratings_list_begin_user(list, entry, run->user, err);\n        entry += run->n > 0;",
    ),
    (
        "reading: users that come again are those of the next entry",
        RATINGS_LIST,
        "end - (size_t)list->start[i]);",
        "end - (size_t)list->start[i] - 1);",
    ),
    (
        "sparse: rows behind the last entry begin with the first",
        SPARSE_GROUP,
        "out->start[row] = triplets->n;",
        "out->start[row] = 0 * triplets->n;",
    ),
    (
        "sparse: equal columns ascend",
        SPARSE_SORT,
        "if (column[i] <= column[i - 1]) {",
        "if (column[i] < column[i - 1]) {",
    ),
    (
        "sparse: a row with equal columns is placed by rank",
        SPARSE_SORT,
        "sorter->set, sorter->rank) < n) {",
        "sorter->set, sorter->rank) < n / 2) {",
    ),
    (
        "ids: 07 is 7",
        ID_NUMBER,
        "((key & 0xFF) != '0' || length == 1)",
        "length > 0",
    ),
    (
        "sparse: gaps of duplicates closed in the entries alone",
        SPARSE_SORT,
        "m->start[row + 1] -= gap;",
        "m->start[row + 1] -= 0 * gap;",
    ),
    (
        "scatter: every part places from the key's first entry",
        SCATTER,
        "            *place = n;",
        "            *place = start[key];",
    ),
    (
        "scatter: values go where a part's times ended",
        SCATTER,
        "(s->n_parts - 1) * s->n_keys * sizeof *s->next);",
        "0 * s->n_keys * sizeof *s->next);",
    ),
    (
        "plain rows: a user's neighbours are told without what ends their ids",
        PLAIN_IDS,
        "const unsigned n_beyond = 64 - 8 * (unsigned)n_bytes;",
        "const unsigned n_beyond = 72 - 8 * (unsigned)n_bytes;",
    ),
    (
        "plain rows: the last row of a look is not compared with the user",
        PLAIN_IDS,
        "i < n_same + IDS_A_LOOK; i++) {",
        "i < n_same + IDS_A_LOOK - 1; i++) {",
    ),
    (
        "ground: the last holder but one frees it",
        GROUND,
        "memory_order_acq_rel) > 1) {",
        "memory_order_acq_rel) > 2) {",
    ),
    (
        "ground: the last holder does not free it",
        GROUND,
        "memory_order_acq_rel) > 1) {",
        "memory_order_acq_rel) > 0) {",
    ),
    (
        "ground: a model has it without holding it",
        MODEL,
        "create(out, config, dsc_ground_hold(ground), are_interactions, err);",
        "create(out, config, ground, are_interactions, err);",
    ),
    (
        "ratings: times dropped below a model",
        RATINGS,
        "memory_order_acquire) == 1) {",
        "memory_order_acquire) >= 1) {",
    ),
    (
        "ratings: times that nobody holds are not dropped",
        RATINGS,
        "memory_order_acquire) == 1) {",
        "memory_order_acquire) == 0) {",
    ),
    (
        "sort by item: one thread whatever was asked for",
        RATINGS,
        "(void)dsc_pool_create(&pool, ratings->n_threads, NULL);",
        "(void)dsc_pool_create(&pool, 1, NULL);",
    ),
    (
        "sort by item: the number of threads is not kept",
        RATINGS,
        "(*out)->n_threads = reading.n_threads;",
        "(*out)->n_threads = 1;",
    ),
    (
        "sort by item: threads for a few ratings",
        RATINGS,
        "if (by_user.n_entries > DSC_SPARSE_PART) {",
        "if (by_user.n_entries > 0) {",
    ),
    (
        "sort by item: without threads there is no order",
        RATINGS,
        "        (void)dsc_pool_create(&pool, ratings->n_threads, NULL);",
        "        if (dsc_pool_create(&pool, ratings->n_threads, err) != DSC_OK) return DSC_E_MEMORY;",
    ),
]
