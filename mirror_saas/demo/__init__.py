"""``manage.py demo``: twelve recorded calls through the real stream path, then what Mirror made of them."""
