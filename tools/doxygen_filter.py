#!/usr/bin/env python3
"""Shows a public header to doxygen: doxygen_filter.py HEADER, the result on standard output.

The headers' comments are for people who read the header. This turns them into doxygen's form, line
by line, so that warnings name the right lines:

  the comment that begins the file           describes the file
  a comment right before declarations        describes the first of them, and those after it, up to
                                             the next blank line, that have no comment of their own
  a comment behind a declaration             describes that one
  lines "name  [in]  text"                   become @param; Returns, Failure, Cost, Math and Threads
                                             at the start of a line become paragraphs of that name

A comment that nothing follows at once, such as the heading of a section, stays a plain one.
"""
import re
import sys
from pathlib import Path

PARAMETER = re.compile(r"^( \*\s+)([a-z]\w*(?:, \w+)*)\s+\[(in|out|in,out)\](?:\s+|$)")
# Of a struct: a comment, a type, several names, a comment.
MEMBERS = re.compile(r"(?<=\n)(\s+/\*\*(?:(?!\*/).)*\*/\n)?(\s+[\w ]+?) (\w+(?:, \w+)+);"
                     r"(\s*/\*\*<(?:(?!\*/).)*\*/)?", re.DOTALL)
LINE = re.compile(r"( \*(?!/)|/\*|)(.*?)( *\*/|)$")  # of a comment
FORMULA = re.compile(r"^ \* {5,}(\S.*)$")  # of the file's comment
PARAGRAPH = re.compile(r"^( \* |/\* )(Returns|Failure|Cost|Math|Threads):?\s+")


def marked(lines, is_shared):
    """The lines of a comment before a declaration, as doxygen's."""
    out = []
    for line in lines:
        start, text, end = LINE.match(line).groups()
        line = start + re.sub(r"[\\*]", r"\\\g<0>", text) + end  # *out is no markup
        if is_shared:
            line = PARAMETER.sub(r"\1- \2 [\3]: ", line)
        else:
            line = PARAMETER.sub(lambda m: f"{m[1]}@param[{m[3]}] {m[2].replace(', ', ',')} ", line)
        line = re.sub(r"(?<![\w#])dsc_\w+(?!\w|\(|\\\*)", r"#\g<0>", line)
        line = PARAGRAPH.sub(lambda m: f"{m[1]}@{m[2].lower()} ", line)
        out.append(line)
    out[0] = out[0].replace("/*", "/**", 1)
    return out


def end_of_comment(lines, start):
    """The number of the line after the comment that begins in line `start`."""
    while "*/" not in lines[start]:
        start += 1
    return start + 1


def end_of_declaration(lines, start):
    """The number of the line after the declaration that begins in line `start`."""
    depth, i = 0, start
    while i < len(lines):
        code = re.sub(r"/\*.*?(\*/|$)", "", lines[i])
        depth += code.count("{") - code.count("}")
        is_ended = lines[start].startswith("#") or code.rstrip().endswith((";", "}"))
        if "/*" in lines[i]:
            i = end_of_comment(lines, i)
        else:
            i += 1
        if depth == 0 and is_ended:
            return i
    return i


def has_comment(declaration):
    """Whether a declaration has a comment behind it; those inside of braces are of its members."""
    return re.search(r"[;}]\s*/\*", "".join(declaration[-3:])) is not None and "{" not in "".join(
        declaration)


def on_one_line(comment):
    return re.sub(r"\n\s*\*(?!/)", "", comment).strip()


def separated(match):
    """ "int a, b; /**< text */" as "int a; /**< text */ int b; /**< text */", likewise before."""
    before, kind, names, after = match.groups()
    before, after = before or "", after or ""
    first, *others = names.split(", ")
    before_again = f" {on_one_line(before)} " if before else " "
    after_again = f" {on_one_line(after)}" if after else ""
    parts = [f"{before}{kind} {first};{after_again}"]
    parts += [f"{before_again}{kind} {name};{after_again}" for name in others[:-1]]
    parts += [f"{before_again}{kind} {name};{after}" for name in others[-1:]]
    return "".join(parts)


def behind(declaration):
    """The declaration with comments behind code, and before a member, as doxygen's."""
    text = "\n".join(declaration)
    text = re.sub(r"(?<=[^\s])([ \t]+)/\*(?!\*)", r"\1/**<", text)
    if text.startswith("typedef"):
        text = re.sub(r"^(\s+)/\*(?=[ ])", r"\1/**", text, flags=re.MULTILINE)
        text = MEMBERS.sub(separated, text)
    return text.replace("\\\"", "\\\\\"").split("\n")


def filtered(lines):
    out, i, is_first = [], 0, True
    while i < len(lines):
        if not lines[i].startswith("/*"):
            end = end_of_declaration(lines, i) if lines[i].startswith(("typedef", "#define DSC")) \
                or re.match(r"[a-z].*\(", lines[i]) else i + 1
            out += behind(lines[i:end])
            i = end
            continue
        end = end_of_comment(lines, i)
        comment = lines[i:end]
        if is_first:
            first, *rest = marked(comment, True)
            rest = [FORMULA.sub(r" * @verbatim \1 @endverbatim", line) for line in rest]
            out += [first.replace("/** ", "/** @header ", 1), *rest]
            is_first = False
        elif end == len(lines) or not re.match(r"\w|#define", lines[end]):
            out += comment
        else:
            declarations = []
            while end < len(lines) and re.match(r"\w|#define", lines[end]):
                declarations.append(lines[end:(after := end_of_declaration(lines, end))])
                end = after
            is_shared = any(not has_comment(one) for one in declarations[1:])
            out += marked(comment, is_shared)
            out[-1] += " /**@{*/" if is_shared else ""
            for one in declarations:
                out += behind(one)
            if is_shared and lines[end] == "":  # not behind a macro, whose value it would become
                out.append("/**@}*/")
                end += 1
            elif is_shared:
                out[-1] += " /**@}*/"
        i = end
    return out


def main():
    lines = Path(sys.argv[1]).read_text(encoding="utf-8").split("\n")
    print("\n".join(filtered(lines)), end="")


if __name__ == "__main__":
    main()
