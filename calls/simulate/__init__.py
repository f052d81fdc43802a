"""Tools that play the other parties of a call: a carrier that behaves like Plivo, and a scripted voice agent.

They speak the outside protocols over real sockets and import nothing of the product, so what they show is what a
real carrier and a real agent would see. ``python -m calls.simulate carrier|agent`` or ``manage.py simulate ...``.
"""
