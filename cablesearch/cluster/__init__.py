"""An archive on an OpenSearch cluster: what `cablesearch.protocols` asks, answered by a cluster."""
