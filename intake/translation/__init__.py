"""Translation: XLIFF out to a translator and back, held until a cleared member confirms it."""
