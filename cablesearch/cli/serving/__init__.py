"""Commands that serve an archive to other programs; `cablesearch.cli.COMMANDS` lists them."""
