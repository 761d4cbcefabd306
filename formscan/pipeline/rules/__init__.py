"""What values may look like, and how they must fit together. A rule flags; it never changes a value."""
