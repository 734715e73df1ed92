"""The counter of the own units (業務ユニット): the same questions in every binding."""
