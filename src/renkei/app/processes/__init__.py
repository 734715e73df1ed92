"""Processes at the edge: models read, drawn and written; cases kept going and led on."""
