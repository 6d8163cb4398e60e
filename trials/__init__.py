"""Experiments on what an archive survives: processes that are killed, disks that fail or fill up, power cuts, readers
beside a writer, readers who may not see everything, and input that is made to do harm.

Each module is one experiment; ``python -m trials NAME --seed N`` runs it and prints its figures as one line
of JSON. docs/reliability.md has the table that is made of such lines.
"""
