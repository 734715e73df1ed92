"""Cases of a node: what keeps them going, and what leads to them."""
