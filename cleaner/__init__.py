"""A deduplicating corpus cleaner that can give every byte back."""

__version__ = "0.1.0"
