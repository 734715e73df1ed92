"""Demonstrations: what codes, log and law promise, tried by somebody who wants to break it.

Each has a control in which the same attack succeeds, so that its failure means something.
"""
