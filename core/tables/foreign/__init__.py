"""Tables of other programs: spreadsheets, statistics packages, Arrow and JSON, converted once to CSV.

The reader of CSV is the one place that understands values, streams within limits and goes on after an interruption;
what cannot be read row by row (XLSB, XLS and ODS are parsed whole) is read in a process of its own, which may take no
more memory and time than it is given.
"""
