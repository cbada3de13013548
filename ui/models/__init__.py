"""Tables over rows that were read in bulk."""
