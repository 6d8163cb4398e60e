"""A group of commands that imports the module of a command only when the command is needed."""

from __future__ import annotations

import importlib
from collections.abc import Iterator, Mapping
from typing import Any, cast

import click

__all__ = ["LazyGroup"]

_LONGEST_SENTENCE = 1_000


class _Commands(Mapping[str, click.Command]):
    """Commands by name, each imported when it is first looked up."""

    def __init__(self, modules: Mapping[str, str], package: str) -> None:
        self._modules, self._package = modules, package

    def __getitem__(self, name: str) -> click.Command:
        module = importlib.import_module(f"{self._package}.{self._modules[name]}")
        return cast("click.Command", getattr(module, name.replace("-", "_")))

    def __iter__(self) -> Iterator[str]:
        return iter(self._modules)

    def __len__(self) -> int:
        return len(self._modules)


class LazyGroup(click.Group):
    """A group whose commands are defined by the modules of a package.

    Args:
        modules: the names of the commands, in the order in which the help lists them, and the module of each.
        package: the package of the modules. A command's function has its name, with underscores for hyphens.
        sections: the headings in the list of commands, and the first command under each.
        synonyms: other words for commands, which are no commands, but name the right one in the error.
        default: what to try instead of a command that is like none.
    """

    def __init__(
        self,
        *,
        modules: Mapping[str, str],
        package: str,
        sections: Mapping[str, str],
        synonyms: Mapping[str, str],
        default: str,
        **attributes: Any,
    ) -> None:
        super().__init__(**attributes)
        self._sections = {first: heading for heading, first in sections.items()}
        self._synonyms, self._default = synonyms, default
        # click only reads its mapping: to look commands up, and to suggest names near a misspelt one.
        self.commands = cast("dict[str, click.Command]", _Commands(modules, package))

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names in their own order, where click would sort them."""
        del ctx
        return list(self.commands)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the commands with whole sentences about them, where click would cut those that take two lines."""
        sections: dict[str, list[tuple[str, str]]] = {}
        heading = "Commands"
        for name in self.list_commands(ctx):
            heading = self._sections.get(name, heading)
            sections.setdefault(heading, []).append((name, self.commands[name].get_short_help_str(_LONGEST_SENTENCE)))
        for heading, rows in sections.items():
            with formatter.section(heading):
                formatter.write_dl(rows)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Return the command that is named; an error names the one that was probably meant.

        Raises:
            click.UsageError: there is no such command.
        """
        name = args[0]
        if name not in self.commands and not ctx.resilient_parsing and not name.startswith("-"):
            from difflib import get_close_matches

            if name.lower() in self._synonyms:
                raise click.UsageError(f"No such command {name!r}. Did you mean {self._synonyms[name.lower()]!r}?", ctx)
            if not get_close_matches(name, self.commands):
                raise click.UsageError(f"No such command {name!r}. {self._default}", ctx)
        return super().resolve_command(ctx, args)
