"""The proof of an export: what is compared, on which rows, and how it is written down."""
