"""Cells of text: what single ones mean, and in which spelling a column writes its own."""
