"""cablesearch completion."""

from __future__ import annotations

import os

import click

__all__ = ["completion"]

_SHELLS = ("bash", "zsh", "fish")


@click.command()
@click.argument("shell", type=click.Choice(_SHELLS), required=False)
def completion(shell: str | None) -> None:
    """Print the script that switches completion on.

    It completes commands, options, files and values of the archive: TAGS, posts, levels, ids.

    SHELL is bash, zsh or fish; default: the one that SHELL in the environment names.

    \b
    Examples:
      eval "$(cablesearch completion bash)"      in ~/.bashrc
      eval "$(cablesearch completion zsh)"       in ~/.zshrc, after compinit
      cablesearch completion fish | source       in ~/.config/fish/config.fish
    """
    from cablesearch.cli.shells import script

    shell = shell or os.path.basename(os.environ.get("SHELL", ""))
    if shell not in _SHELLS:
        raise click.UsageError(f"name a shell: {', '.join(_SHELLS)}")
    click.echo(script(shell), nl=False)
