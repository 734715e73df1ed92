"""Bodies of messages that are kept by policy, sealed to a custodian (本文の保管)."""
