"""The morning: what the night did, what it left to people, and what they can do about it."""
