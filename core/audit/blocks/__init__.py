"""Blocks of the record: the predictions on many rows of a file as one entry, in columns."""
