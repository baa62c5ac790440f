"""What a workbook of many rows takes beside the same rows as CSV."""
