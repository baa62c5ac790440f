"""The command line: each command puts together what the domain does and how it reaches others."""
