"""Experiments on what an archive survives: killed processes, disks that fail or fill up, power cuts, readers beside a
writer, readers with a clearance, and input that is made to do harm.

Each module is one experiment; ``python -m trials NAME --seed N`` runs it and prints its figures as one line of JSON.
docs/reliability.md has a table made from such lines. The suite runs a short version of each.
"""
