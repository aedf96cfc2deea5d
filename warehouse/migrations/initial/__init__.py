"""What migration 0001 creates, a file per layer. Plain facts; nothing here reads the tables of today."""
