"""Completion in bash, zsh and fish: what click does for each, with values that have blanks, commas and colons."""

from __future__ import annotations

import os
import re
from typing import ClassVar

from click import Command
from click.shell_completion import (
    BashComplete,
    CompletionItem,
    FishComplete,
    ShellComplete,
    ZshComplete,
    add_completion_class,
    split_arg_string,
)

__all__ = ["SHELLS", "register", "script"]

_VARIABLE = "_CABLESEARCH_COMPLETE"
_JOINTS = (":", "=")
"""Where bash breaks words that are one for everyone else."""
_SPECIAL = re.compile(r"([^\w@%+:,./=^-])")
"""What a backslash has to stand before in bash, outside of quotes."""

_BASH = """\
%(complete_func)s() {
    local IFS=$'\\n' line
    COMPREPLY=()
    while IFS= read -r line; do
        case $line in
            dir,*) compopt -o dirnames ;;
            file,*) compopt -o default ;;
            plain,*) COMPREPLY+=("${line#plain,}") ;;
        esac
    done < <(env COMP_WORDS="${COMP_WORDS[*]}" COMP_CWORD=$COMP_CWORD %(complete_var)s=bash_complete "$1" 2>/dev/null)
}

complete -o nosort -F %(complete_func)s %(prog_name)s
"""


class _Silent(ShellComplete):
    """Completion that has nothing to offer where something is wrong."""

    def complete(self) -> str:
        try:
            return super().complete()
        except Exception:
            return ""


class _Bash(_Silent, BashComplete):
    """Bash gives words as they are typed, broken at colons, and takes them as they are to stand there."""

    name: ClassVar[str] = "bash"
    source_template: ClassVar[str] = _BASH

    def source(self) -> str:
        # Without starting bash to see its version, as click does.
        return self.source_template % self.source_vars()

    def get_completion_args(self) -> tuple[list[str], str]:
        given, number = os.environ["COMP_WORDS"], int(os.environ["COMP_CWORD"])
        words = given.split("\n") if "\n" in given else _typed(given)
        current = words[number] if number < len(words) else ""
        start = number
        while start > 1 and (words[start - 1] in _JOINTS or (start < len(words) and words[start] in _JOINTS)):
            start -= 1
        self._quote = current[:1] if current[:1] in ("'", '"') else ""
        # What bash keeps of the word, as it replaces only the part behind the last joint.
        self._kept = "".join(words[start:number]) + (current if current in _JOINTS else "")
        word = "".join(words[start : number + 1])
        parts = split_arg_string("\n".join(words[1:start]))
        return parts, "".join(split_arg_string(word)) if word else ""

    def format_completion(self, item: CompletionItem[str]) -> str:
        value = item.value
        if item.type != "plain":
            return f"{item.type},{value}"
        kept = self._kept.rpartition("=")[2] if self._kept.startswith("-") else self._kept
        if kept and value.lower().startswith(kept.lower()):
            value = value[len(kept) :]
        if self._quote == '"':
            value = re.sub(r'(["\\$`])', r"\\\1", value)
        elif self._quote == "'":
            value = value.replace("'", "'\\''")
        else:
            value = _SPECIAL.sub(r"\\\1", value)
        return f"plain,{value}"


def _typed(line: str) -> list[str]:
    """Return the words of a line as they are typed, with their quotes."""
    return re.findall(r"""(?:[^\s"'\\]|\\.|"(?:[^"\\]|\\.)*"?|'[^']*'?)+""", line)


class _Whole(_Silent):
    """Zsh and fish replace the whole word, also where it is an option with its value: ``--tag=PH``."""

    def get_completions(self, args: list[str], incomplete: str) -> list[CompletionItem[str]]:
        items = super().get_completions(args, incomplete)
        name, equals, _ = incomplete.partition("=")
        if equals and name.startswith("--"):
            items = [CompletionItem(f"{name}={item.value}", item.type, item.help) for item in items]
        return items


class _Zsh(_Whole, ZshComplete):
    name: ClassVar[str] = "zsh"


class _Fish(_Whole, FishComplete):
    name: ClassVar[str] = "fish"
    # A value may have commas.
    source_template: ClassVar[str] = FishComplete.source_template.replace('string split ","', 'string split -m 1 ","')


SHELLS: dict[str, type[ShellComplete]] = {"bash": _Bash, "zsh": _Zsh, "fish": _Fish}


def register() -> None:
    """Let click complete with the classes of this module."""
    for shell in SHELLS.values():
        add_completion_class(shell)


def script(shell: str) -> str:
    """Return the script that switches completion on in a shell."""
    # The script does not depend on the command.
    return SHELLS[shell](Command("cablesearch"), {}, "cablesearch", _VARIABLE).source()
