"""Work that takes seconds, measured beside an earlier build: the import of tables, the start of the workbench."""
