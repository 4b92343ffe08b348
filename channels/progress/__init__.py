"""The progress page: how far an order is, for whoever holds its number and query code (A4, H2)."""
