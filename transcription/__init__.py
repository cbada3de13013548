"""Speech to text on this computer, in processes of its own. Knows nothing of vaults."""
