/* The page of web/trace/, compiled in. */
#ifndef DESCENT_CLI_TRACE_PAGE_H
#define DESCENT_CLI_TRACE_PAGE_H

/* Its text up to and after the place of the data, line by line; NULL ends each. */
extern const char *const cli_trace_page_head[];
extern const char *const cli_trace_page_tail[];

#endif
