"""Clients of models over HTTP: the only sockets of the judge. Each call has a deadline and a bounded reply."""
