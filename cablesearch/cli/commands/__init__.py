"""The commands, one module each; `cablesearch.cli.COMMANDS` lists them."""
