"""Tools for language models: an archive as a server of the Model Context Protocol.

It is a thin skin over `cablesearch.archive.Archive`, as the command line is. The SDK (package ``mcp``, not this one) is
an extra, and only ``cablesearch mcp`` imports these modules.

- `server` answers the protocol's requests; `transports` connects it to standard input and output, or to HTTP,
  where `guard` stands before it.
- `tools` has the tools, by family; `resources` has cables by their links, `prompts` the instructions and prompts.
- `commits` finds the last commit, `work` bounds how much is computed at once, and for how long.
- `quoting` makes what cables say harmless and tells it from the server's words, `cursors` continues long answers,
  `permalinks` names cables and paragraphs.
"""
