"""The people, without a screen: sessions, decisions, undo."""
