"""From a blank form to a proposed template."""
