"""MLflow: runs recorded, models registered and fetched, and the server that shows them."""
