"""Tools the booking agent may call."""

BOOKING_TOOLS = ["search_fares", "book_flight", "charge_card"]
