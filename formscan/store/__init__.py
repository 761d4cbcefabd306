"""The memory: the only room that speaks SQL."""
