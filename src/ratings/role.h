/* Role: what a column of a ratings file is for, told by its name. */
#ifndef DSC_RATINGS_ROLE_H
#define DSC_RATINGS_ROLE_H

#include "text/fields.h"

/* What a column is for, or DSC_N_ROLES. */
typedef enum dsc_role {
    DSC_ROLE_USER,
    DSC_ROLE_ITEM,
    DSC_ROLE_RATING,
    DSC_ROLE_TIME,
    DSC_ROLE_TITLE,
    DSC_N_ROLES
} dsc_role;

/* The role that a column's name tells: case, blanks, "_", "-" and what follows ":" do not count. */
dsc_role dsc_role_of_name(const dsc_field *field);

#endif
