"""The statistics behind the synthetic applications: fitted to real tables, drawn from without them."""
