"""The names above the rows of a file: those that say something of what stands beneath them."""
