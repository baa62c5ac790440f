"""The clients on hand, as answers say them."""
