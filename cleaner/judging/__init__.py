"""Judging a whole run, in pieces that fit into memory: see `judge.py`."""
