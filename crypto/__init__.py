"""The age file format, signatures and typed secrets. Small and flat; knows nothing of testimony."""
