/* Role: the names that are known. */
#include "ratings/role.h"

#include <stddef.h>
#include <string.h>

typedef struct known_name {
    const char *name;
    dsc_role role;
} known_name;

static const known_name known_names[] = {
    {"user", DSC_ROLE_USER},         {"userid", DSC_ROLE_USER},
    {"username", DSC_ROLE_USER},     {"uid", DSC_ROLE_USER},
    {"customer", DSC_ROLE_USER},     {"customerid", DSC_ROLE_USER},
    {"reviewer", DSC_ROLE_USER},     {"reviewerid", DSC_ROLE_USER},
    {"item", DSC_ROLE_ITEM},         {"items", DSC_ROLE_ITEM},
    {"itemid", DSC_ROLE_ITEM},       {"itemids", DSC_ROLE_ITEM},
    {"iid", DSC_ROLE_ITEM},          {"movie", DSC_ROLE_ITEM},
    {"movieid", DSC_ROLE_ITEM},      {"product", DSC_ROLE_ITEM},
    {"productid", DSC_ROLE_ITEM},    {"book", DSC_ROLE_ITEM},
    {"bookid", DSC_ROLE_ITEM},       {"isbn", DSC_ROLE_ITEM},
    {"asin", DSC_ROLE_ITEM},         {"anime", DSC_ROLE_ITEM},
    {"animeid", DSC_ROLE_ITEM},      {"song", DSC_ROLE_ITEM},
    {"songid", DSC_ROLE_ITEM},       {"track", DSC_ROLE_ITEM},
    {"trackid", DSC_ROLE_ITEM},      {"artist", DSC_ROLE_ITEM},
    {"artistid", DSC_ROLE_ITEM},     {"joke", DSC_ROLE_ITEM},
    {"jokeid", DSC_ROLE_ITEM},       {"business", DSC_ROLE_ITEM},
    {"businessid", DSC_ROLE_ITEM},   {"rating", DSC_ROLE_RATING},
    {"ratings", DSC_ROLE_RATING},    {"score", DSC_ROLE_RATING},
    {"stars", DSC_ROLE_RATING},      {"star", DSC_ROLE_RATING},
    {"bookrating", DSC_ROLE_RATING}, {"overall", DSC_ROLE_RATING},
    {"timestamp", DSC_ROLE_TIME},    {"time", DSC_ROLE_TIME},
    {"date", DSC_ROLE_TIME},         {"ts", DSC_ROLE_TIME},
    {"unixtime", DSC_ROLE_TIME},     {"unixreviewtime", DSC_ROLE_TIME},
    {"title", DSC_ROLE_TITLE},       {"name", DSC_ROLE_TITLE},
    {"movietitle", DSC_ROLE_TITLE},  {"itemname", DSC_ROLE_TITLE},
    {"moviename", DSC_ROLE_TITLE},   {"booktitle", DSC_ROLE_TITLE},
};

/* Longer than any known name. */
#define NAME_BYTES 32

dsc_role dsc_role_of_name(const dsc_field *field) {
    char name[NAME_BYTES];
    size_t n = 0;
    for (size_t i = 0; i < field->length && field->bytes[i] != ':'; i++) {
        char c = field->bytes[i];
        if (c == ' ' || c == '_' || c == '-' || c == '#') {
            continue;
        }
        if (n == NAME_BYTES - 1) {
            return DSC_N_ROLES;
        }
        name[n++] = (char)(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
    }
    name[n] = '\0';
    for (size_t i = 0; i < sizeof known_names / sizeof known_names[0]; i++) {
        if (strcmp(name, known_names[i].name) == 0) {
            return known_names[i].role;
        }
    }
    return DSC_N_ROLES;
}
