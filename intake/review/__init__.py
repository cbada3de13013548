"""Review: a person decides each form; what is decided is separated into the account."""
