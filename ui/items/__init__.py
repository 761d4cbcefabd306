"""Graphics items: what is painted on a page."""
