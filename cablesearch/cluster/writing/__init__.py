"""Writing to an archive on a cluster: `cablesearch.protocols.pen.Pen`."""
