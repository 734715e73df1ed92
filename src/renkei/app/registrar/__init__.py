"""The registrar's own affairs: orders about numbers, the corporate register and its door."""
