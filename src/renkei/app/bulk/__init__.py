"""Asking about many persons at once (一括照会): lists, their work, and their answers as files."""
