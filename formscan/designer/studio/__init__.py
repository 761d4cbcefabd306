"""A template under construction: proposals, named operations on them, undo, and the form that comes of it."""
