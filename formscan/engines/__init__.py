"""The readers, behind one protocol and found by entry point."""
