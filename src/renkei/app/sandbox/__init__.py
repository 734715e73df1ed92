"""The sandbox: a node with simulated partners for a vendor's engineer."""
