"""The functions every expression may call: those of DMN 1.5, 10.3.4, and none besides."""

from renkei.process.feel.functions.library import CONFORMANCE, Library

__all__ = ["CONFORMANCE", "Library"]
