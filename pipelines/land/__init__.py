"""Landing: pages from connectors into the raw layer, cursor and counts in the same transaction."""
