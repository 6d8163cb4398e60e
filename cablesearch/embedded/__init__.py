"""An archive in a folder: what `cablesearch.protocols` asks, answered by the engine on arrays."""
