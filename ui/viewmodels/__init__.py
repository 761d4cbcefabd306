"""What a view shows and may do, without widgets."""
