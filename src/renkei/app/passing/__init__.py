"""Messages and relayed questions on their way through a node (電文の中継), and their ledger."""
