"""Benchmarks: each compares the product with a baseline in the same run.

Words: *ratio* (ours to the baseline's), *floor* (what the ratio must keep), *round* (baseline and
ours once each, interleaved), *sample* (wall and processor time of one round).
A benchmark is a module with `RATIO`, `options` and `run`; its first docstring line is its line in
the list. `measure` holds what they share.
"""
