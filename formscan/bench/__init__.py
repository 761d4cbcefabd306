"""The measuring bench: data in, figures out; never imported by the rest."""
