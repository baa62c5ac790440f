"""The portfolio: the clients on hand, their history, how they are found and how they are prepared."""
