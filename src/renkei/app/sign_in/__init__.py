"""Staff of ours and of others: who they are, who vouches for them, and to whom we do."""
