"""The standard as a static site in Japanese and English that opens from disk.

Purpose: whoever knows municipal work finds who gives what to whom, when and under which
provision, without the code and without a network.
Words: *page* (what one file of both trees is about), *cell* (all that one unit gives to another),
*book* (a catalogue with the references between its definitions).
Promise: pure; one catalogue gives the same pages byte for byte, and no page loads anything from
elsewhere. What a catalogue says is escaped wherever it is printed.
Trust: each definition is shown with its source and whether it was read there or is proposed.
"""

from renkei.standard.site.tree import pages, write

__all__ = ["pages", "write"]
