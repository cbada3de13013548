"""Statements: the document a release prints, and its setting as PDF."""
