"""Results of a job: as pages, text, workbook, and with the decisions of officers."""
