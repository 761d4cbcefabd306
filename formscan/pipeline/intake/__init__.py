"""Taking files in: what each kind of file needs to become pages, within limits."""
