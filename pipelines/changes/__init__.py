"""Others told of changes: what the feed holds, sent to addresses of theirs, in order and at least once."""
