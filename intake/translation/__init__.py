"""Translation: exchange files for translators, and what comes back."""
