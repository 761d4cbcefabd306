"""The window: lets people see and decide."""
