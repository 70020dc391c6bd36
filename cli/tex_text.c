/* Text of the user in LaTeX: every sign as itself, or by its code where the fonts have none. */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "output.h"
#include "tex.h"
#include "text.h"

/* A word without a blank may be broken after so many characters, so that none leaves the page. */
enum { MAX_WORD = 20 };

/* Those of Latin-1's letters and of punctuation that the standard fonts have. */
static bool has_glyph(uint32_t code) {
    static const uint32_t punctuation[] = {0x2013, 0x2014, 0x2018, 0x2019, 0x201C, 0x201D, 0x2026};
    static const uint32_t no_letters[] = {0xD0, 0xD7, 0xDE, 0xF0, 0xF7, 0xFE};
    bool is_there = code >= 0xC0 && code <= 0xFF;
    for (size_t i = 0; i < CLI_COUNT(no_letters); i++) {
        is_there = is_there && code != no_letters[i];
    }
    for (size_t i = 0; i < CLI_COUNT(punctuation); i++) {
        is_there = is_there || code == punctuation[i];
    }
    return is_there;
}

/* One character of ASCII as LaTeX text. */
static void print_ascii(char c) {
    static const struct {
        char sign;
        const char *tex;
    } signs[] = {
        {'\\', "\\textbackslash{}"},
        {'~', "\\textasciitilde{}"},
        {'^', "\\textasciicircum{}"},
        {'<', "\\ensuremath{<}"},
        {'>', "\\ensuremath{>}"},
        {'|', "\\ensuremath{|}"},
        {'"', "{\"}"},
        {'-', "{-}"},
        {'`', "{`}"},
        {'\'', "{'}"},
    };
    for (size_t i = 0; i < CLI_COUNT(signs); i++) {
        if (signs[i].sign == c) {
            fputs(signs[i].tex, stdout);
            return;
        }
    }
    if (strchr("_%&#${}", c) != NULL) {
        putchar('\\');
    }
    putchar(c);
}

void cli_tex_text(const char *text) {
    size_t n_in_word = 0;
    for (const char *at = text; *at != '\0';) {
        uint32_t code = 0;
        const size_t length = cli_utf8_decode(at, strlen(at), &code);
        if (length == 1) {
            print_ascii(*at);
        } else if (has_glyph(code)) {
            printf("%.*s", (int)length, at);
        } else {
            printf("[U+%04X]", (unsigned)code);
            n_in_word = MAX_WORD - 1; /* eight letters, so no more of them side by side */
        }
        n_in_word = code == ' ' ? 0 : n_in_word + 1;
        if (n_in_word == MAX_WORD) {
            fputs("\\allowbreak{}", stdout);
            n_in_word = 0;
        }
        at += length > 0 ? length : 1;
    }
}
