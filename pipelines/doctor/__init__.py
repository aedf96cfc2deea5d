"""Whether everything a hub stands on is sound: each thing looked at is one line, well or not, with its fix."""
