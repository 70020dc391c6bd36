/* The version of the library, as numbers and as text. */
#ifndef DESCENT_VERSION_H
#define DESCENT_VERSION_H

#ifdef __cplusplus
extern "C" {
#endif

/* The version of these headers, by the rules of semver.org. */
#define DSC_VERSION_MAJOR 0
#define DSC_VERSION_MINOR 1
#define DSC_VERSION_PATCH 0
#define DSC_VERSION       "0.1.0"

/* The version of the library that is linked, which may differ from the header's. Static storage. */
const char *dsc_version(void);

#ifdef __cplusplus
}
#endif
#endif
