"""Reads the plugin guide: what it says to do, as a shell script; its examples of host calls, as a plugin.

    guide.py script README.md [--install]    the blocks `sh run`, `LANGUAGE file=NAME`, `text shows` in order;
                                             with --install also `sh install`; a block that says
                                             neither is an error, but for drawings (no word at all)
    guide.py calls README.md portal.h        the blocks `c call`; a call of the header without one is an error
"""

import re
import shlex
import sys

PRELUDE = """
set -eu
out=$(mktemp)
shows() { grep -qF -e "$1" "$out" || { echo "the guide promises: $1"; exit 1; }; }
"""

HEAD = """#include <caseroute/portal.h>

enum { ORIGIN, TOKEN, SIGN_IN, HINT };
static const struct portal_option options[] = {
	{ .name = "origin", .type = PORTAL_ORIGIN, .help = "x" },
	{ .name = "token", .type = PORTAL_SECRET, .help = "x" },
	{ .name = "sign_in", .type = PORTAL_CREDENTIAL, .help = "x" },
	{ .name = "hint", .type = PORTAL_TEXT, .flags = PORTAL_LIST, .help = "x" },
};
"""


def blocks(path):
    """(words behind the fence, first line of the text, text) of each block."""
    words, text, first = None, [], 0
    for number, line in enumerate(open(path, encoding="utf-8"), 1):
        if not line.startswith("```"):
            if words is not None:
                text.append(line)
        elif words is None:
            words, text, first = line[3:].split(), [], number + 1
        else:
            yield words, first, "".join(text)
            words = None


def run(text, line):
    echo = "".join(f"printf '%s\\n' {shlex.quote('$ ' + one)}\n" for one in text.splitlines())
    return (
        f"{echo}{{\n{text}}} >\"$out\" 2>&1 || {{ cat \"$out\"; echo \"the guide, line {line}: failed\"; exit 1; }}\n"
        'cat "$out"\n'
    )


def step(words, line, text):
    """One block as shell, or '' if it is only to be read."""
    kind = words[1] if len(words) > 1 else ""
    if kind == "run" or (kind == "install" and "--install" in sys.argv):
        return run(text, line)
    if kind.startswith("file="):
        name = shlex.quote(kind[5:])
        return f"cat >{name} <<'END_OF_FILE'\n{text}END_OF_FILE\n"
    if kind == "shows":
        return "".join(f"shows {shlex.quote(one)}\n" for one in text.splitlines())
    if words and kind not in ("call", "install"):
        sys.exit(f"line {line}: what is a block of {words} for?")
    return ""


def script(path):
    print(PRELUDE + "".join(step(*block) for block in blocks(path)))


def calls(path, header):
    examples = [(line, text) for words, line, text in blocks(path) if words == ["c", "call"]]
    struct = re.search(r"\nstruct portal_host \{(.*?)\n\};", open(header, encoding="utf-8").read(), re.S)[1]
    all_text = "".join(text for _, text in examples)
    missing = [name for name in re.findall(r"\(\*(\w+)\)\(", struct) if f"host->{name}(" not in all_text]
    if missing:
        sys.exit(f"{path}: no example of " + ", ".join(missing))
    print(HEAD)
    for line, text in examples:
        print(f"static uint32_t line_{line}(struct portal_op *op)\n{{")
        print("\tconst struct portal_host *host = op->host;\n\tportal_str origin = op->options[ORIGIN].text;\n")
        print(f"\t(void)host;\n\t(void)origin;\n#line {line} \"README.md\"\n{text}}}\n")
    table = "".join(f"\tline_{line},\n" for line, _ in examples)
    print(f"static portal_step_function *const all[] = {{\n{table}}};\n")
    print("static uint32_t create(struct portal_op *op)\n{")
    print("\treturn op->stage < PORTAL_COUNT(all) ? all[op->stage](op) : PORTAL_DONE;\n}\n")
    print('PORTAL_PLUGIN(options, .name = "calls", .title = "x", .version = "1", .create = create);')


if sys.argv[1] == "script":
    script(sys.argv[2])
else:
    calls(sys.argv[2], sys.argv[3])
