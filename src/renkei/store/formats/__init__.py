"""The formats a file may be delivered in; each gives the same rows to the same rules.

Words: *format*, *piece* (complete rows as columns of text, in the standard's order), *line* (where
a row stands in its file; in Parquet the number of the row). Light: what reads a format is imported
by `records`, when a load begins.
"""

from renkei.store.formats.format import MESSAGE, Format, format_of

__all__ = ["MESSAGE", "Format", "format_of"]
