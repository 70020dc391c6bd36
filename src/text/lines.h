/* Lines: cuts an input into lines inside one buffer, and names places in messages.
 *
 * Line ends are LF or CR LF; the last line may lack its end. A UTF-8 byte order mark at the start
 * is passed over and not counted in columns; UTF-16 is refused. */
#ifndef DSC_TEXT_LINES_H
#define DSC_TEXT_LINES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "descent/status.h"
#include "text/input.h"

/* Longer lines are bad lines; they are passed over without being held in memory. The second is of
 * lines that are lists: a million items with long ids. */
#define DSC_MAX_LINE_BYTES ((size_t)1024 * 1024)
#define DSC_MAX_LIST_BYTES (64 * DSC_MAX_LINE_BYTES)

/* Bytes after a line that may be read, though not used. */
#define DSC_LINE_SLACK 16

/* What was read at once, in places from its first byte. */
typedef struct dsc_chunk {
    size_t n;          /* bytes; fewer than asked for at the end of the input */
    size_t whole;      /* behind the last line end; 0: there is none */
    size_t nul;        /* the first zero byte; n: there is none */
    dsc_status status; /* of the reading behind these bytes */
    dsc_error err;
} dsc_chunk;

typedef struct dsc_lines {
    dsc_input *input;         /* owned */
    char *buffer;             /* room for the longest line, a chunk behind it and DSC_LINE_SLACK */
    size_t max_line_bytes;    /* of a line that is no bad one */
    size_t chunk_bytes;       /* read at once */
    size_t begin;             /* first byte not handed out */
    size_t end;               /* behind the last byte read; zeros follow */
    size_t whole;             /* behind the last line end read; 0: there is none */
    size_t nul;               /* the first zero byte from begin to end; end when there is none */
    bool is_at_end;           /* of the input */
    bool is_inside_long_line; /* its start has been handed out as a fault */
    bool has_ahead;           /* `chunk` lies in `ahead`, behind room for the longest line */
    char *ahead;              /* as large as the buffer; NULL: nothing is read ahead */
    dsc_chunk chunk;          /* the last one, or the next one */
    uint64_t n_lines;
    uint64_t n_bytes; /* of the input read so far */
} dsc_lines;

/* What makes a line or field unreadable. */
typedef struct dsc_text_fault {
    const char *message; /* static; NULL: no fault */
    size_t column;       /* in bytes from 1 */
} dsc_text_fault;

typedef struct dsc_line {
    char *bytes;   /* in the buffer, may be written, valid until the next call; NULL: no more */
    size_t length; /* without the line end */
    uint64_t number;
    dsc_text_fault fault; /* too long, then `bytes` is cut; or a zero byte */
} dsc_line;

/* Takes `input` over, also on failure. Returns DSC_OK; DSC_E_DATA for UTF-16; DSC_E_IO;
 * DSC_E_MEMORY. Freed with dsc_lines_clear after success and failure. */
dsc_status dsc_lines_init(dsc_lines *lines, dsc_input *input, dsc_error *err);

/* The same with DSC_MAX_LIST_BYTES; memory is touched for lines as long as there are, no longer. */
dsc_status dsc_lines_init_lists(dsc_lines *lines, dsc_input *input, dsc_error *err);
void dsc_lines_clear(dsc_lines *lines);

/* The next line. Returns DSC_OK, with line->bytes NULL at the end; the errors of dsc_input_read. */
dsc_status dsc_lines_next(dsc_lines *lines, dsc_line *line, dsc_error *err);

/* True when the next line lies in the buffer as a whole, so that dsc_lines_next leaves the bytes of
 * lines handed out before where they are. */
bool dsc_lines_is_buffered(const dsc_lines *lines);

/* All whole lines in the buffer, from the next one on, for readers that cut them themselves; NULL
 * when the next one is not there as a whole. And the step over the first n_lines of them, to where
 * the next one begins. */
char *dsc_lines_block(dsc_lines *lines, size_t *length);
void dsc_lines_take_block(dsc_lines *lines, const char *next, uint64_t n_lines);

/* The number of line ends. Cost: a fraction of what it takes to read them from memory. */
size_t dsc_lines_count(const char *bytes, size_t n_bytes);

/* The line at `bytes`, which ends with an LF or at `end`, as dsc_lines_next would give it. Returns
 * where the next one begins. */
char *dsc_lines_cut(const dsc_lines *lines, char *bytes, char *end, uint64_t number,
                    dsc_line *line);

/* From now on reads chunk_bytes at once, not fewer than before, and can read ahead. Moves the bytes of
 * lines handed out before. Returns DSC_OK; DSC_E_MEMORY, the lines are then as before. */
dsc_status dsc_lines_widen(dsc_lines *lines, size_t chunk_bytes, dsc_error *err);

/* Reads the next chunk, if it is not yet there, into memory of its own. May run in another thread
 * while this one looks at lines in the buffer, and takes none. Errors are those of whoever needs
 * the chunk. */
void dsc_lines_read_ahead(dsc_lines *lines);

/* Reads on until the next line is in the buffer as a whole, as far as it is none too long. Moves
 * the bytes of lines handed out before. The errors of dsc_input_read. */
dsc_status dsc_lines_fill(dsc_lines *lines, dsc_error *err);

/* A look at the bytes to come, as far as they are in the buffer: all of them (*is_all) or at least
 * 64 KiB. Borrowed until the next line is read. */
const char *dsc_lines_peek(const dsc_lines *lines, size_t *length, bool *is_all);

/* Writes DSC_E_DATA at "name:line:column" into *err, unless err is NULL. */
void dsc_lines_error_set(const dsc_lines *lines, uint64_t line, size_t column, dsc_error *err,
                         const char *format, ...) DSC_PRINTF(5, 6);

/* The same, and its value is DSC_E_DATA, as with dsc_fail. */
#define dsc_lines_fail(lines, line, column, err, ...)                                              \
    (dsc_lines_error_set((lines), (line), (column), (err), __VA_ARGS__), (dsc_status)DSC_E_DATA)

/* Text to show in a message: its first bytes, with "..." for the rest. */
#define DSC_SHOWN_BYTES 40
typedef struct dsc_shown {
    char text[DSC_SHOWN_BYTES + 4];
} dsc_shown;
dsc_shown dsc_show(const char *bytes, size_t length);

#endif
