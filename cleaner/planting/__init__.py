"""Corpora with known noise: paragraphs made of a source, duplicates and traps in them, and the truth."""
