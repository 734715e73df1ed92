"""Processes and decisions: what a town decides, by which rule, and how a case moves on.

Words: *expression* (FEEL), *decision*, *table*, *rule*, *process*, *case*.
Promise: a decision is a pure function of its inputs, its rules and its day; nothing a model's
author writes reaches Python, the clock or the database, and nothing they write can hang or exhaust
a node.
Each part is entered by its own door: `process.feel` (the expression language), `process.decisions`
(models of decisions, tables, books).
"""
