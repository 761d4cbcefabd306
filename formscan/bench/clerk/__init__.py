"""The simulated clerk: the real review core worked key by key on composed forms whose truth is known."""
