"""A group of commands that imports the module of a command only when the command is needed."""

from __future__ import annotations

import importlib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, cast

import click

__all__ = ["LazyGroup"]

_LONGEST_SENTENCE = 1_000


class _Commands(Mapping[str, click.Command]):
    """Commands by name, each imported when it is first looked up."""

    def __init__(self, names: Sequence[str], package: str) -> None:
        self._names, self._package = names, package

    def __getitem__(self, name: str) -> click.Command:
        if name not in self._names:
            raise KeyError(name)
        module = importlib.import_module(f"{self._package}.{name}")
        return cast("click.Command", getattr(module, name))

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)


class LazyGroup(click.Group):
    """A group whose commands are the modules of a package.

    Args:
        names: the names of the commands, in the order in which the help lists them.
        package: the package with a module for each name, which defines a command of the same name.
        synonyms: other words for commands, which are no commands, but name the right one in the error.
        default: what to try instead of a command that is like none.
    """

    def __init__(
        self, *, names: Sequence[str], package: str, synonyms: Mapping[str, str], default: str, **attributes: Any
    ) -> None:
        super().__init__(**attributes)
        self._synonyms, self._default = synonyms, default
        # click only reads its mapping: to look commands up, and to suggest names near a misspelt one.
        self.commands = cast("dict[str, click.Command]", _Commands(names, package))

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names in their own order, where click would sort them."""
        del ctx
        return list(self.commands)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the commands with whole sentences about them, where click would cut those that take two lines."""
        commands = [(name, self.commands[name]) for name in self.list_commands(ctx)]
        with formatter.section("Commands"):
            formatter.write_dl([(name, command.get_short_help_str(_LONGEST_SENTENCE)) for name, command in commands])

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
