"""The result: verdict, gauge, reasons as a waterfall, options, and what it rests on."""
