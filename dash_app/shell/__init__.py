"""The shell around every page: header, sidebar, the states of services, and the colours of figures."""
