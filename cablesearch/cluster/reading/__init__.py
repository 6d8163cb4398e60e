"""Answers from a cluster: `cablesearch.protocols.reader.Reader`, one module for each family of questions."""
