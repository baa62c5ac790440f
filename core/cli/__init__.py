"""The command line of the domain: its parsers, and how it speaks to a terminal."""
