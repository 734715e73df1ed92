"""What keeps a site whole: its log, its backups and the way back, retention and erasure."""
