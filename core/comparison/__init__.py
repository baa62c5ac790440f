"""The comparison of one client with the clients on hand."""
