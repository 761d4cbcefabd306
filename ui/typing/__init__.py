"""Vietnamese typing without a system input method: the rules (no Qt) and the keys of the window."""
