"""The verbs: one stage a file, in the order of a page's life."""
