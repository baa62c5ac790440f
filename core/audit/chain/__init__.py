"""The hash chain of the record: how entries join it, are guarded, and are verified."""
