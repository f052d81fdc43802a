"""Agents built on the libraries of others, as programs of their own: they know nothing of the product."""
