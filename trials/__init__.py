"""Experiments on what an archive survives: killed processes, failing or full disks, power cuts, readers beside a
writer, readers with a clearance, and hostile input.

Each module is one experiment; ``python -m trials NAME --seed N`` runs it and prints its figures as one line of JSON.
docs/reliability.md has a table made from such lines. The suite runs a short version of each.
"""
