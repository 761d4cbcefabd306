"""The nouns: frozen dataclasses that travel between rooms; no OpenCV, no SQL, no Qt."""
