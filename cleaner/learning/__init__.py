"""Rules proposed from a corpus: what recurs, where it stands, and whether the same words are content."""
