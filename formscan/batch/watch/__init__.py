"""The watch: folders looked after, taken in when they are quiet, and worked off in the hours it may."""
